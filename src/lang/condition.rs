//! Conditions that a configuration states: whether they hold, and what is said when they don't.

use model::convert::convert;
use model::diagnostic::{Diagnostic, Diagnostics, Severity};
use model::ty::Type;
use model::value::{Kind, Marks, Value};

use crate::config::Condition;
use crate::evaluate::Evaluator;
use crate::scope::Scope;

/// What a condition is for: decides the words of its failure.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// `validation` of a variable.
    Validation,
    /// `precondition` of a resource, data source or ephemeral resource.
    Precondition,
    /// `postcondition` of a resource, data source or ephemeral resource.
    Postcondition,
    /// `precondition` of an output.
    OutputPrecondition,
    /// `assert` of a check: its failure is a warning.
    Assertion,
}

/// What came of a condition.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    Met,
    /// It depends on what only an apply will tell.
    Unknown,
    /// The message, at the condition, with the values of its references.
    Failed(Box<Diagnostic>),
}

impl Rule {
    fn failure(self) -> &'static str {
        match self {
            Rule::Validation => "Invalid value for variable",
            Rule::Precondition => "Resource precondition failed",
            Rule::Postcondition => "Resource postcondition failed",
            Rule::OutputPrecondition => "Module output value precondition failed",
            Rule::Assertion => "Check block assertion failed",
        }
    }

    fn severity(self) -> Severity {
        match self {
            Rule::Validation | Rule::Precondition | Rule::Postcondition | Rule::OutputPrecondition => Severity::Error,
            Rule::Assertion => Severity::Warning,
        }
    }
}

/// Evaluates a condition, and its message when it does not hold.
///
/// # Errors
/// One of the two can't be evaluated, or the condition is neither true nor false.
pub fn check_condition(condition: &Condition, rule: Rule, scope: &dyn Scope) -> Result<Outcome, Diagnostics> {
    let mut evaluator = Evaluator::new(scope);
    let value = evaluator.evaluate(&condition.condition, None);
    let message = evaluator.evaluate(&condition.error_message, None);
    let values = evaluator.values(&condition.condition, None);
    let mut diagnostics = evaluator.finish();
    let holds = truth(&value, condition);
    match &holds {
        Ok(_) => {}
        Err(_) if diagnostics.has_errors() => {}
        Err(error) => diagnostics.push(*error.clone()),
    }
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    match holds {
        Ok(Some(true)) => Ok(Outcome::Met),
        Ok(None) | Err(_) => Ok(Outcome::Unknown),
        Ok(Some(false)) => {
            let detail = message_text(&message, condition)?;
            let mut failure = Diagnostic::error(rule.failure(), detail)
                .at(condition.condition.range())
                .within(condition.declared.to(condition.condition.range()));
            failure.severity = rule.severity();
            failure.values = values;
            Ok(Outcome::Failed(Box::new(failure)))
        }
    }
}

/// Whether a value is true; `None` while it is unknown.
fn truth(value: &Value, condition: &Condition) -> Result<Option<bool>, Box<Diagnostic>> {
    let invalid = |detail: String| {
        Box::new(Diagnostic::error("Invalid condition result", detail).at(condition.condition.range()))
    };
    let value = convert(value, &Type::Bool)
        .map_err(|error| invalid(format!("The condition must be true or false: {error}.")))?;
    match value.reveal() {
        Kind::Bool(holds) => Ok(Some(*holds)),
        Kind::Unknown(..) => Ok(None),
        _ => Err(invalid("The condition must be true or false, and it is null.".to_string())),
    }
}

/// The text of a message. What is sensitive or ephemeral is not shown.
fn message_text(message: &Value, condition: &Condition) -> Result<String, Diagnostics> {
    let marks = message.marks_deep();
    if marks.contains(Marks::SENSITIVE) {
        return Ok("The message says something sensitive, so it can't be shown.".to_string());
    }
    if marks.contains(Marks::EPHEMERAL) {
        return Ok("The message says something ephemeral, so it can't be shown.".to_string());
    }
    let invalid = |detail: &str| {
        Diagnostics::from(Diagnostic::error("Invalid error message", detail).at(condition.error_message.range()))
    };
    let text = convert(message, &Type::String).map_err(|_| invalid("The message of a condition must be a text."))?;
    match text.reveal() {
        Kind::String(text) => Ok(text.trim().to_string()),
        Kind::Unknown(..) => Ok("The condition is not met, and its message is not known before the apply.".to_string()),
        _ => Err(invalid("The message of a condition must be a text, and it is null.")),
    }
}
