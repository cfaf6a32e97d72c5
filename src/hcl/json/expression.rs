//! JSON values as expressions.

use crate::ast::{
    Expr, Ident, Literal, LiteralValue, Object, ObjectEntry, ObjectKey, Template, TemplateForm, TemplateLiteral,
    TemplatePart, Tuple, Unary, UnaryOp,
};
use crate::error::SyntaxError;
use crate::relocate::relocate;
use crate::span::Span;
use crate::stack::with_room;
use crate::{ParsedExpr, parse_expression, parse_template};

use super::{Number, Text, Value};

/// What the strings of a value are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strings {
    /// Templates: arguments that are evaluated.
    Templates,
    /// Text as it is: where nothing is evaluated, as the defaults of variables and `.tfvars.json`.
    Literals,
    /// Expressions: arguments that name things, as `depends_on`, `provider`, `type`.
    Expressions,
}

/// Reads a value as an expression. What is wrong inside of strings goes to `errors`, with its place in the file.
pub fn read(value: &Value, strings: Strings, errors: &mut Vec<SyntaxError>) -> Expr {
    match value {
        Value::Null(span) => Expr::Literal(Literal { value: LiteralValue::Null, span: *span }),
        Value::Bool(bool, span) => Expr::Literal(Literal { value: LiteralValue::Bool(*bool), span: *span }),
        Value::Number(value) => number(value),
        Value::String(value) => text(value, strings, errors),
        Value::Array(array) => {
            let elements = array.elements.iter().map(|element| with_room(|| read(element, strings, errors))).collect();
            Expr::Tuple(Tuple { elements, span: array.span })
        }
        Value::Object(object) => {
            let mut entries: Vec<ObjectEntry> = Vec::with_capacity(object.members.len());
            super::body::report_duplicates(&object.members, "Duplicate object attribute", errors);
            for member in &object.members {
                let key = key(text(&member.name, strings, errors), strings);
                let value = with_room(|| read(&member.value, strings, errors));
                let span = member.name.span.to(value.span());
                entries.push(ObjectEntry { key, value, span });
            }
            Expr::Object(Object { entries, span: object.span() })
        }
        Value::Invalid(span) => Expr::Missing(*span),
    }
}

/// Reads a string that was read as a template as the expression its text is.
///
/// For arguments of which only the reader knows that they name things, such as `configuration_aliases` inside of
/// `required_providers`. None if the expression is no string from JSON without parts to evaluate.
pub fn reread(expr: &Expr) -> Option<ParsedExpr> {
    match expr {
        Expr::Template(template) if template.form == TemplateForm::Json => {
            let text = template.as_literal()?;
            let start = template.span.start + 1;
            let place = move |span: Span| {
                let end = template.span.end;
                Span::new((start + span.start).min(end), (start + span.end).min(end))
            };
            Some(moved(parse_expression(text), &place))
        }
        Expr::Literal(_)
        | Expr::Template(_)
        | Expr::TemplateWrap(_)
        | Expr::Variable(_)
        | Expr::Access(_)
        | Expr::Call(_)
        | Expr::Unary(_)
        | Expr::Binary(_)
        | Expr::Conditional(_)
        | Expr::For(_)
        | Expr::Tuple(_)
        | Expr::Object(_)
        | Expr::Paren(_)
        | Expr::Missing(_) => None,
    }
}

fn number(number: &Number) -> Expr {
    let (sign, digits) = match number.text.strip_prefix('-') {
        Some(digits) => (1, digits),
        None => (0, number.text.as_str()),
    };
    let span = Span::new(number.span.start + sign, number.span.end);
    let literal = Expr::Literal(Literal { value: LiteralValue::Number(digits.into()), span });
    if sign == 0 {
        return literal;
    }
    let op_span = Span::new(number.span.start, span.start);
    Expr::Unary(Box::new(Unary { op: UnaryOp::Negate, op_span, operand: literal, span: number.span }))
}

fn text(text: &Text, strings: Strings, errors: &mut Vec<SyntaxError>) -> Expr {
    let parsed = match strings {
        Strings::Literals => return literal(text),
        Strings::Templates if !text.value.contains("${") && !text.value.contains("%{") => return literal(text),
        Strings::Templates => parse_template(&text.value),
        Strings::Expressions => parse_expression(&text.value),
    };
    let mut parsed = moved(parsed, &|span| text.place(span));
    errors.append(&mut parsed.errors);
    match &mut parsed.expr {
        Expr::Template(template) if strings == Strings::Templates => {
            template.form = TemplateForm::Json;
            template.span = text.span;
        }
        Expr::TemplateWrap(wrap) if strings == Strings::Templates => wrap.span = text.span,
        Expr::Literal(_)
        | Expr::Template(_)
        | Expr::TemplateWrap(_)
        | Expr::Variable(_)
        | Expr::Access(_)
        | Expr::Call(_)
        | Expr::Unary(_)
        | Expr::Binary(_)
        | Expr::Conditional(_)
        | Expr::For(_)
        | Expr::Tuple(_)
        | Expr::Object(_)
        | Expr::Paren(_)
        | Expr::Missing(_) => {}
    }
    parsed.expr
}

fn literal(text: &Text) -> Expr {
    let span = Span::new(text.span.start + 1, text.span.end.saturating_sub(1).max(text.span.start + 1));
    let part = TemplatePart::Literal(TemplateLiteral { value: text.value.clone(), span });
    let parts = if text.value.is_empty() { Vec::new() } else { vec![part] };
    Expr::Template(Template { parts, form: TemplateForm::Json, span: text.span })
}

/// A key: where strings are expressions, a single name is the name.
fn key(expr: Expr, strings: Strings) -> ObjectKey {
    match expr {
        Expr::Variable(traversal) if strings == Strings::Expressions && traversal.steps.is_empty() => {
            let Ident { name, span } = traversal.root;
            ObjectKey::Ident(Ident { name, span })
        }
        other => ObjectKey::Expr(other),
    }
}

fn moved(mut parsed: ParsedExpr, place: &dyn Fn(Span) -> Span) -> ParsedExpr {
    relocate(&mut parsed.expr, place);
    for error in &mut parsed.errors {
        error.range = place(error.range);
        error.context = error.context.map(place);
    }
    parsed
}
