//! Expressions that must have a value without anything around them: no variables, no functions.

use hcl::ast::Expr;
use model::convert::convert;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceRange;
use model::ty::Type;
use model::value::Value;

use crate::evaluate::{Evaluator, evaluate};
use crate::expression::{Expression, range};
use crate::reference::Subject;
use crate::scope::{Scope, Surroundings};

/// The value that an expression has whatever it refers to and whatever functions give; `None` for any other.
///
/// Which operand decides, as in `(true ? "a" : local.b)`, is found as far as a walk without any names finds it.
pub fn of(expr: &Expression) -> Option<Value> {
    let value = Evaluator::without_names().evaluate(expr, None);
    value.is_wholly_known().then_some(value)
}

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
        diagnostics.push(not_constant(range(expr.file, traversal.root.span)));
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
    match evaluate(expr, &Nothing) {
        Ok(value) => Some(value),
        Err(errors) => {
            diagnostics.extend(errors);
            None
        }
    }
}

/// The scope of constants: nothing is there.
struct Nothing;

impl Scope for Nothing {
    fn value(&self, _: &Subject, at: SourceRange) -> Result<Value, Diagnostic> {
        Err(not_constant(at))
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings::nowhere()
    }
}

pub(crate) fn not_constant(at: SourceRange) -> Diagnostic {
    Diagnostic::error("Variables not allowed", "This must be a constant; it can't refer to anything.").at(at)
}
