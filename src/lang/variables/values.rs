//! From what is given to a variable to its value: defaults, conversion, marks.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceMap;
use model::value::{Marks, Value};

use super::{Given, Origin};
use crate::config::{Module, Variable};

/// The values of all variables of the root module.
///
/// A variable whose value is missing or wrong is unknown, so that the rest can be checked.
pub fn root_values(
    module: &Module,
    given: &BTreeMap<Arc<str>, Given>,
    sources: &SourceMap,
) -> (BTreeMap<Arc<str>, Value>, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let value = |variable: &Variable| {
        variable_value(variable, given.get(&variable.name), sources).unwrap_or_else(|error| {
            diagnostics.push(error);
            missing_value(variable)
        })
    };
    let values = module.variables.iter().zip(module.variables.values().map(value));
    (values.map(|((name, _), value)| (name.clone(), value)).collect(), diagnostics)
}

/// The value of a variable of any module: what is given, or else the default, converted to the type, and marked sensitive or
/// ephemeral if the variable says so. The validations are not checked here.
///
/// # Errors
/// Nothing is given and there is no default; null is given and must not be; or the value does not fit the type.
pub fn variable_value(variable: &Variable, given: Option<&Given>, sources: &SourceMap) -> Result<Value, Diagnostic> {
    let value = match (given, &variable.default_value) {
        (Some(given), default) if given.value.is_null() && !variable.nullable => match default {
            Some(default) => default.clone(),
            None => {
                let mut error = unsuitable(variable, given, "it must not be null", sources);
                error.summary = "Required variable not set".to_string();
                return Err(error);
            }
        },
        (Some(given), _) => variable
            .ty
            .convert(&given.value)
            .map_err(|error| unsuitable(variable, given, &error.to_string(), sources))?,
        (None, Some(default)) => default.clone(),
        (None, None) => return Err(missing(variable)),
    };
    Ok(marked(variable, value))
}

/// What stands for a value that is not there: unknown, with the marks of the variable.
pub fn missing_value(variable: &Variable) -> Value {
    marked(variable, Value::unknown(variable.ty.ty.without_optional()))
}

fn marked(variable: &Variable, value: Value) -> Value {
    let value = if variable.sensitive { value.sensitive() } else { value };
    if variable.ephemeral { value.with_marks(Marks::EPHEMERAL) } else { value }
}

fn missing(variable: &Variable) -> Diagnostic {
    Diagnostic::error(
        "No value for required variable",
        format!("The variable `{}` has no default value, and it is given none.", variable.name),
    )
    .at(variable.declared)
    .hint(format!(
        "Give it one: with -var '{name}=VALUE', in a file that -var-file names, or in the environment as TF_VAR_{name}.",
        name = variable.name
    ))
}

fn unsuitable(variable: &Variable, given: &Given, reason: &str, sources: &SourceMap) -> Diagnostic {
    let name = &variable.name;
    let (source, at) = match given.origin {
        // The line of the value would be shown, so that of the declaration is, for what is sensitive.
        Origin::Written(range) if variable.sensitive => {
            (format!("The value at {}", sources.describe(range)), variable.declared)
        }
        Origin::Written(range) => ("The value".to_string(), range),
        Origin::Environment => (format!("The value in the environment as TF_VAR_{name}"), variable.declared),
        Origin::CommandLine => ("The value on the command line".to_string(), variable.declared),
        Origin::Prompt => ("The value that was typed in".to_string(), variable.declared),
    };
    Diagnostic::error(
        "Invalid value for input variable",
        format!("{source} does not suit the variable `{name}`: {reason}."),
    )
    .at(at)
}
