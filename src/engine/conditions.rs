//! Conditions: validations of variables, pre- and postconditions, assertions of checks.

use lang::config::Condition;
use model::checkable::CheckableAddr;
use model::convert::convert;
use model::diagnostic::{Diagnostic, Diagnostics, Severity};
use model::source::SourceRange;
use model::ty::Type;
use model::value::{Kind, Marks, Value};

use crate::plan::{Check, CheckKind};
use crate::scope::BlockScope;
use state::checks::CheckStatus;

/// What conditions belong to.
#[derive(Clone, Copy, Debug)]
pub struct Checked<'a> {
    pub object: &'a CheckableAddr,
    pub kind: CheckKind,
    /// The summary of the message about a failure.
    pub summary: &'a str,
    pub severity: Severity,
    /// Where the message points; `None` for the condition itself.
    pub subject: Option<SourceRange>,
}

/// Evaluates conditions. The messages hold the failed ones and those that can't be evaluated.
pub fn check(conditions: &[Condition], scope: &BlockScope<'_, '_>, checked: Checked<'_>) -> (Vec<Check>, Diagnostics) {
    let mut checks = Vec::new();
    let mut diagnostics = Diagnostics::new();
    for condition in conditions {
        match status(condition, scope) {
            Ok((status, message)) => {
                if let Some(message) = &message {
                    diagnostics.push(failure(condition, checked, message));
                }
                checks.push(Check {
                    object: checked.object.clone(),
                    kind: checked.kind,
                    status,
                    message,
                    range: condition.declared,
                });
            }
            Err(found) => {
                checks.push(Check {
                    object: checked.object.clone(),
                    kind: checked.kind,
                    status: CheckStatus::Error,
                    message: None,
                    range: condition.declared,
                });
                diagnostics.extend(found.into_iter().map(|mut diagnostic| {
                    diagnostic.severity = checked.severity;
                    diagnostic
                }));
            }
        }
    }
    (checks, diagnostics)
}

fn status(condition: &Condition, scope: &BlockScope<'_, '_>) -> Result<(CheckStatus, Option<String>), Diagnostics> {
    let value = lang::evaluate::evaluate(&condition.condition, scope)?;
    let invalid = |detail: &str| {
        Diagnostics::from(Diagnostic::error("Invalid condition result", detail).at(condition.condition.range()))
    };
    if value.is_null() {
        return Err(invalid("A condition must be true or false, not null."));
    }
    let value = convert(&value, &Type::Bool)
        .map_err(|error| invalid(&format!("A condition must be true or false: {error}.")))?;
    match value.reveal() {
        Kind::Unknown(..) => Ok((CheckStatus::Unknown, None)),
        Kind::Bool(true) => Ok((CheckStatus::Pass, None)),
        _ => Ok((CheckStatus::Fail, Some(message(condition, scope)))),
    }
}

/// The error message of a failed condition; what is wrong with it never hides that the condition failed.
fn message(condition: &Condition, scope: &BlockScope<'_, '_>) -> String {
    let value = lang::evaluate::evaluate(&condition.error_message, scope).ok();
    match value.map(|value| convert(&value, &Type::String).unwrap_or(value)) {
        Some(value) if value.marks_deep().contains(Marks::SENSITIVE) => {
            "The error message refers to sensitive values, so it is not shown.".to_string()
        }
        Some(value) if value.marks_deep().contains(Marks::EPHEMERAL) => {
            "The error message refers to ephemeral values, so it is not shown.".to_string()
        }
        Some(value) => text(&value),
        None => "The condition is not met, and its error message can't be evaluated.".to_string(),
    }
}

fn text(value: &Value) -> String {
    match value.reveal() {
        Kind::String(text) => text.to_string(),
        _ => "The condition is not met, and its error message is not known yet.".to_string(),
    }
}

fn failure(condition: &Condition, checked: Checked<'_>, message: &str) -> Diagnostic {
    let diagnostic = match checked.severity {
        Severity::Error => Diagnostic::error(checked.summary, message),
        Severity::Warning => Diagnostic::warning(checked.summary, message),
    };
    let mut diagnostic =
        diagnostic.at(checked.subject.unwrap_or_else(|| condition.condition.range())).within(condition.declared);
    diagnostic.condition_of = Some(Box::new(checked.object.clone()));
    diagnostic
}
