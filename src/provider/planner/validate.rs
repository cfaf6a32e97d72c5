//! Checks of a configuration against the limits that a type's facts state.

use model::diagnostic::{Diagnostic, Diagnostics};
use model::path::{Path, Step};
use model::schema::{Attribute, Block, NestedBlock, Nesting, Presence};
use model::value::{Kind, Value};

use crate::facts::{Allowed, AttributeRules, BlockRules, NestedRules, TypeFacts};
use crate::propose::is_empty;

/// Checks a configuration that conforms to the schema: required arguments, numbers of blocks, accepted values, conflicts.
///
/// What is unknown passes. Each message has the path of its attribute; sensitive values are not shown.
pub fn validate(facts: &TypeFacts, config: &Value) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    block(&facts.schema.block, &facts.rules, config, &Path::root(), &mut diagnostics);
    for (a, b) in &facts.conflicts {
        if is_given(config, a) && is_given(config, b) {
            diagnostics.push(
                Diagnostic::error("Conflicting configuration arguments", format!("{a:?}: conflicts with {b}."))
                    .attribute(Path::attribute(a.clone())),
            );
        }
    }
    diagnostics
}

/// Whether the configuration gives a value, and it is sure that it will not turn out to be null.
fn is_given(config: &Value, name: &str) -> bool {
    config.get(name).is_some_and(|value| match value.reveal() {
        Kind::Null(_) | Kind::Unknown(..) => false,
        Kind::List(..) | Kind::Set(..) | Kind::Map(..) | Kind::Tuple(_) => !is_empty(&value),
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::Object(_) => true,
    })
}

fn block(block: &Block, rules: &BlockRules, config: &Value, path: &Path, diagnostics: &mut Diagnostics) {
    if !config.is_known() || config.is_null() {
        return;
    }
    for (name, attribute) in &block.attributes {
        let path = path.child(Step::Attribute(name.clone()));
        let value = config.get(name).unwrap_or_else(|| Value::null(attribute.ty.clone()));
        if value.is_null() {
            if attribute.presence == Presence::Required {
                let detail = format!("The argument {name:?} is required, but no definition was found.");
                diagnostics.push(Diagnostic::error("Missing required argument", detail).attribute(path));
            }
            continue;
        }
        if let Some(rules) = rules.attributes.get(name) {
            accepted(attribute, rules, &value, &path, diagnostics);
        }
    }
    for (name, nested) in &block.blocks {
        let path = path.child(Step::Attribute(name.clone()));
        let value = config.get(name).unwrap_or_else(|| nested.empty_value());
        blocks(nested, rules.blocks.get(name), &value, name, &path, diagnostics);
    }
}

fn blocks(
    nested: &NestedBlock,
    rules: Option<&NestedRules>,
    value: &Value,
    name: &str,
    path: &Path,
    diagnostics: &mut Diagnostics,
) {
    if !value.is_known() {
        return;
    }
    let none = NestedRules::default();
    let rules = &rules.unwrap_or(&none).rules;
    let count = match nested.nesting {
        Nesting::Single | Nesting::Group => usize::from(!value.is_null()),
        Nesting::List | Nesting::Set | Nesting::Map => value.reveal().length().unwrap_or(0),
    };
    let (least, most) = (nested.min_items as usize, nested.max_items as usize);
    if count < least {
        let detail = format!("At least {least} {name:?} blocks are required.");
        diagnostics.push(Diagnostic::error(format!("Insufficient {name} blocks"), detail).attribute(path.clone()));
    }
    if most > 0 && count > most {
        let detail = format!("No more than {most} {name:?} blocks are allowed.");
        diagnostics.push(Diagnostic::error(format!("Too many {name} blocks"), detail).attribute(path.clone()));
    }
    match nested.nesting {
        Nesting::Single | Nesting::Group => block(&nested.block, rules, value, path, diagnostics),
        Nesting::List | Nesting::Set | Nesting::Map => {
            value.each_child(|step, child| block(&nested.block, rules, child, &path.child(step), diagnostics));
        }
    }
}

fn accepted(attribute: &Attribute, rules: &AttributeRules, value: &Value, path: &Path, diagnostics: &mut Diagnostics) {
    let accepts = &rules.accepts;
    match value.reveal() {
        Kind::List(..) | Kind::Set(..) | Kind::Map(..) => {
            value.each_child(|step, child| accepted(attribute, rules, child, &path.child(step), diagnostics));
        }
        Kind::Null(_) | Kind::Unknown(..) | Kind::Tuple(_) | Kind::Object(_) => {}
        Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
            let got = if attribute.sensitive { "(sensitive value)".to_string() } else { plain(value) };
            let name = path.names();
            let planned = rules.rewritten(value.clone());
            if !accepts.values.is_empty() && !accepts.values.iter().any(|allowed| allowed.holds(&planned)) {
                let allowed: Vec<String> = accepts.values.iter().map(Allowed::to_text).collect();
                let summary = format!("expected {name} to be {}, got {got}", allowed.join(" or "));
                let mut refusal = Diagnostic::error(summary, String::new()).attribute(path.clone());
                refusal.hint = accepts.values.iter().find_map(|allowed| allowed.in_other_case(value));
                diagnostics.push(refusal);
            }
            if let (Some((least, most)), Kind::String(text)) = (accepts.length, value.reveal())
                && !(least..=most).contains(&text.len())
            {
                let summary =
                    format!("expected length of {name} to be in the range ({least} - {most}), got {}", text.len());
                let detail = format!("The value is {got}.");
                diagnostics.push(Diagnostic::error(summary, detail).attribute(path.clone()));
            }
        }
    }
}

/// A primitive value without quotes.
fn plain(value: &Value) -> String {
    match value.reveal() {
        Kind::String(text) => text.to_string(),
        Kind::Null(_)
        | Kind::Unknown(..)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(..)
        | Kind::Set(..)
        | Kind::Map(..)
        | Kind::Tuple(_)
        | Kind::Object(_) => value.to_string(),
    }
}

impl Allowed {
    fn holds(&self, value: &Value) -> bool {
        match (self, value.reveal()) {
            (Allowed::OneOf(values), _) => values.contains(value),
            (Allowed::Range(least, most), Kind::Number(number)) => least <= number && number <= most,
            (Allowed::AtLeast(least), Kind::Number(number)) => least <= number,
            (Allowed::AtMost(most), Kind::Number(number)) => number <= most,
            (Allowed::MultipleOf(divisor), Kind::Number(number)) => {
                number.rem(divisor).is_ok_and(|rest| rest.is_zero())
            }
            // Limits of numbers say nothing about a text.
            (Allowed::Range(..) | Allowed::AtLeast(_) | Allowed::AtMost(_) | Allowed::MultipleOf(_), _) => true,
        }
    }

    /// What is accepted and differs from the value only in upper and lower case.
    fn in_other_case(&self, value: &Value) -> Option<String> {
        match (self, value.reveal().as_str()) {
            (Allowed::OneOf(values), Some(text)) => {
                let allowed = values.iter().filter_map(|value| value.reveal().as_str());
                let meant = allowed.into_iter().find(|allowed| allowed.eq_ignore_ascii_case(text))?;
                Some(format!("Did you mean {meant:?}?"))
            }
            (
                Allowed::OneOf(_)
                | Allowed::Range(..)
                | Allowed::AtLeast(_)
                | Allowed::AtMost(_)
                | Allowed::MultipleOf(_),
                _,
            ) => None,
        }
    }

    fn to_text(&self) -> String {
        match self {
            Allowed::OneOf(values) => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                format!("one of [{}]", values.join(", "))
            }
            Allowed::Range(least, most) if least == most => least.to_string(),
            Allowed::Range(least, most) => format!("in the range ({least} - {most})"),
            Allowed::AtLeast(least) => format!("at least ({least})"),
            Allowed::AtMost(most) => format!("at most ({most})"),
            Allowed::MultipleOf(divisor) => format!("divisible by {divisor}"),
        }
    }
}
