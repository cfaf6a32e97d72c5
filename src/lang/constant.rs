//! Expressions that must have a value without anything around them: no variables, no functions.

use hcl::ast::Expr;
use model::convert::convert;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::ty::Type;
use model::value::Value;

use crate::expression::{Expression, range};

/// Evaluates an expression that may not refer to anything, and converts it; `None` when that is not possible.
pub(crate) fn constant(expr: &Expression, ty: &Type, diagnostics: &mut Diagnostics) -> Option<Value> {
    let value = constant_value(expr, diagnostics)?;
    match convert(&value, ty) {
        Ok(value) => Some(value),
        Err(error) => {
            diagnostics.push(
                Diagnostic::error("Unsuitable value type", format!("The value is not suitable here: {error}."))
                    .at(expr.range()),
            );
            None
        }
    }
}

/// Evaluates an expression that may not refer to anything; `None` when that is not possible.
pub(crate) fn constant_value(expr: &Expression, diagnostics: &mut Diagnostics) -> Option<Value> {
    let before = diagnostics.0.len();
    expr.node.for_each_reference(&mut |traversal| {
        diagnostics.push(
            Diagnostic::error("Variables not allowed", "This must be a constant; it can't refer to anything.")
                .at(range(expr.file, traversal.root.span)),
        );
    });
    expr.node.walk(&mut |part| {
        if let Expr::Call(call) = part {
            diagnostics.push(
                Diagnostic::error("Function calls not allowed", "This must be a constant; it can't call functions.")
                    .at(range(expr.file, call.span)),
            );
        }
    });
    if diagnostics.0.len() > before {
        return None;
    }
    literal(&expr.node)
}

fn literal(expr: &Expr) -> Option<Value> {
    use hcl::ast::{LiteralValue, ObjectKey};
    Some(match expr {
        Expr::Literal(literal) => match &literal.value {
            LiteralValue::Null => Value::null(Type::Dynamic),
            LiteralValue::Bool(value) => Value::bool(*value),
            LiteralValue::Number(text) => Value::number(model::number::Number::parse(text)?),
        },
        Expr::Template(template) => Value::string(template.as_literal()?),
        Expr::Tuple(tuple) => Value::tuple(tuple.elements.iter().map(literal).collect::<Option<Vec<_>>>()?),
        Expr::Object(object) => {
            let entry = |entry: &hcl::ast::ObjectEntry| {
                let key = match &entry.key {
                    ObjectKey::Ident(ident) => ident.name.to_string(),
                    ObjectKey::Expr(key) => key.as_string_literal()?.to_string(),
                };
                Some((key, literal(&entry.value)?))
            };
            Value::object(object.entries.iter().map(entry).collect::<Option<Vec<_>>>()?)
        }
        Expr::Paren(paren) => literal(&paren.inner)?,
        _ => return None,
    })
}
