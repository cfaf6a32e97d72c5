//! Arguments that must be known from the text alone: constants, keywords, and plain references.

use std::borrow::Cow;
use std::sync::Arc;

use hcl::ParsedExpr;
use hcl::ast::{Expr, Step, Traversal};
use hcl::span::Span;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::FileId;
use model::ty::Type;
use model::value::Kind;

use crate::arguments::Content;
use crate::body::{Attribute, Label};
use crate::constant::constant;
use crate::expression::range;
use crate::reference::{Reference, parse, static_reference_required};

/// The boolean that an optional argument gives; `None` when it is absent, null or wrong.
pub(super) fn bool_argument(content: &Content, name: &str, diagnostics: &mut Diagnostics) -> Option<bool> {
    let attribute = content.attribute(name)?;
    let value = constant(&attribute.expr, &Type::Bool, diagnostics)?;
    match value.reveal() {
        Kind::Bool(value) => Some(*value),
        Kind::Null(_) => {
            diagnostics.push(null_argument(attribute));
            None
        }
        _ => None,
    }
}

/// The text that an argument gives; `None` when it is absent, null or wrong.
pub(super) fn text_argument(content: &Content, name: &str, diagnostics: &mut Diagnostics) -> Option<Arc<str>> {
    let attribute = content.attribute(name)?;
    let value = constant(&attribute.expr, &Type::String, diagnostics)?;
    match value.reveal() {
        Kind::String(text) => Some(text.clone()),
        Kind::Null(_) => {
            diagnostics.push(null_argument(attribute));
            None
        }
        _ => None,
    }
}

fn null_argument(attribute: &Attribute) -> Diagnostic {
    Diagnostic::error(
        "Unsuitable value type",
        format!("The argument `{}` must have a value other than null.", attribute.name),
    )
    .at(attribute.expr.range())
}

/// The word that an argument is: `when = destroy`. Quotes around it are tolerated with a warning.
pub(super) fn keyword(attribute: &Attribute, diagnostics: &mut Diagnostics) -> Option<Arc<str>> {
    if let Some(word) = attribute.expr.node.as_keyword() {
        return Some(word.into());
    }
    let text = attribute.expr.node.as_string_literal()?;
    diagnostics.push(
        Diagnostic::warning("Quoted keywords are deprecated", "A keyword is written here without quotes.")
            .at(attribute.expr.range()),
    );
    Some(text.into())
}

/// The traversal that an expression is. Quotes around it, as very old configurations have them, are tolerated with a warning.
///
/// # Errors
/// It is another expression.
pub(super) fn static_traversal<'a>(
    file: FileId,
    expr: &'a Expr,
    diagnostics: &mut Diagnostics,
) -> Result<Cow<'a, Traversal>, Diagnostic> {
    if let Some(traversal) = expr.as_traversal() {
        return Ok(Cow::Borrowed(traversal));
    }
    let at = range(file, expr.span());
    if hcl::json::expression::reread(expr).is_some() {
        return plain_traversal(file, expr);
    }
    let text = expr.as_string_literal().ok_or_else(|| static_reference_required(at))?;
    let parsed = hcl::parse_expression(text);
    let Expr::Variable(mut traversal) = parsed.expr else {
        return Err(static_reference_required(at));
    };
    if !parsed.errors.is_empty() {
        return Err(static_reference_required(at));
    }
    diagnostics.push(
        Diagnostic::warning(
            "Quoted references are deprecated",
            "A reference is written here without quotes; with quotes it may stop working in a later version.",
        )
        .at(at),
    );
    move_to(&mut traversal, expr.span());
    Ok(Cow::Owned(traversal))
}

/// The traversal that an expression is. In JSON syntax it is a string.
///
/// # Errors
/// It is another expression.
pub(super) fn plain_traversal(file: FileId, expr: &Expr) -> Result<Cow<'_, Traversal>, Diagnostic> {
    if let Some(traversal) = expr.as_traversal() {
        return Ok(Cow::Borrowed(traversal));
    }
    match hcl::json::expression::reread(expr) {
        Some(ParsedExpr { expr: Expr::Variable(traversal), errors }) if errors.is_empty() => Ok(Cow::Owned(traversal)),
        Some(_) | None => Err(static_reference_required(range(file, expr.span()))),
    }
}

/// Lets every part of a traversal that was parsed from a string stand where the string stands.
fn move_to(traversal: &mut Traversal, span: Span) {
    traversal.span = span;
    traversal.root.span = span;
    for step in &mut traversal.steps {
        match step {
            Step::Attr(step) => {
                step.span = span;
                step.name.span = span;
            }
            Step::Index(step) => step.span = span,
        }
    }
}

/// The elements of a list that must be written out.
pub(super) fn static_list<'a>(attribute: &'a Attribute, diagnostics: &mut Diagnostics) -> &'a [Expr] {
    match attribute.expr.node.as_list() {
        Some(elements) => elements,
        None => {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid expression",
                    format!("The argument `{}` must be a list that is written out, in brackets.", attribute.name),
                )
                .at(attribute.expr.range()),
            );
            &[]
        }
    }
}

/// The references that `depends_on` lists.
pub(super) fn depends_on(content: &Content, diagnostics: &mut Diagnostics) -> Vec<Reference> {
    let Some(attribute) = content.attribute("depends_on") else { return Vec::new() };
    let mut found = Vec::new();
    for element in static_list(attribute, diagnostics) {
        let traversal = match static_traversal(attribute.expr.file, element, diagnostics) {
            Ok(traversal) => traversal,
            Err(error) => {
                diagnostics.push(error);
                continue;
            }
        };
        match parse(attribute.expr.file, &traversal) {
            Ok(reference) => found.push(reference),
            Err(error) => diagnostics.push(error),
        }
    }
    found
}

/// The name that a label gives to something; an error where it is no identifier.
pub(super) fn name(label: &Label, what: &str, diagnostics: &mut Diagnostics) -> Arc<str> {
    checked_name(label, &format!("Invalid {what} name"), diagnostics)
}

/// As [`name`], with the summary of the error.
pub(super) fn checked_name(label: &Label, summary: &str, diagnostics: &mut Diagnostics) -> Arc<str> {
    if !hcl::identifier::is_identifier(&label.text) {
        diagnostics.push(
            Diagnostic::error(
                summary,
                format!(
                    "`{}` is no valid name. A name begins with a letter or an underscore, and goes on with letters, digits, \
                     underscores and dashes.",
                    label.text
                ),
            )
            .at(label.range),
        );
    }
    label.text.clone()
}
