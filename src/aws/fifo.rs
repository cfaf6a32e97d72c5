//! Queues and topics that keep an order, which their names say with an ending.

use model::value::Value;
use provider::Token;
use provider::resource::Refusal;

use crate::names;
use crate::refusals::{invalid, is_missing, text};

/// The ending of the names of what keeps an order.
const ENDING: &str = ".fifo";

/// The name to use: the given one, else one made up from the prefix, with the ending where it belongs.
pub fn new_name(name: &str, prefix: &str, is_fifo: bool, token: &Token) -> String {
    let new = names::given_or_unique(name, prefix, token);
    if name.is_empty() && is_fifo { format!("{new}{ENDING}") } else { new }
}

/// The prefix of a made-up name; empty for other names.
pub fn prefix_of(name: &str) -> String {
    names::prefix_of(name.strip_suffix(ENDING).unwrap_or(name)).unwrap_or_default().to_string()
}

/// Whether a configured object keeps an order, by the attribute that says so; `None` while it is not known.
pub fn is_fifo(config: &Value, attribute: &str) -> Option<bool> {
    match is_missing(config, attribute) {
        true => Some(false),
        false => config.get(attribute)?.reveal().as_bool(),
    }
}

/// Refuses a `name` or `name_prefix` of other characters, of the wrong length, or without the ending that belongs to it.
///
/// `attribute` is the one that says whether an order is kept, `length_max` the longest name in characters.
pub fn refuse_name(config: &Value, attribute: &str, length_max: usize) -> Option<Refusal> {
    let is_fifo = is_fifo(config, attribute)?;
    let given = |attribute: &'static str| {
        let name = text(config, attribute).filter(|name| !name.is_empty())?;
        Some((attribute, name))
    };
    let (attribute, name) = given("name").or_else(|| given("name_prefix"))?;
    let ending_length = if is_fifo { ENDING.len() } else { 0 };
    let (stem, max) = match (attribute, is_fifo) {
        ("name", true) => match name.strip_suffix(ENDING) {
            Some(stem) => (stem, length_max - ending_length),
            None => {
                return Some(invalid(attribute, format!("A name of its kind ends with `{ENDING}`: `{name}{ENDING}`.")));
            }
        },
        ("name", false) => (name.as_str(), length_max),
        (_, true | false) => (name.as_str(), length_max - names::SUFFIX_LENGTH - ending_length),
    };
    let is_valid =
        stem.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && (1..=max).contains(&stem.len());
    (!is_valid).then(|| {
        let ending = if is_fifo { ", and the ending" } else { "" };
        invalid(attribute, format!("It must have 1 to {max} letters, digits, hyphens and underscores{ending}."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str, is_fifo: bool) -> bool {
        let config = Value::object([("name", Value::string(name)), ("fifo_queue", Value::bool(is_fifo))]);
        refuse_name(&config, "fifo_queue", 80).is_some()
    }

    #[test]
    fn names_end_as_their_kind_asks() {
        assert!(!refused("orders", false) && !refused("orders.fifo", true));
        assert!(refused("orders", true) && refused("orders.fifo", false));
        assert!(!refused(&"x".repeat(80), false) && refused(&"x".repeat(81), false));
        assert!(refused(&format!("{}.fifo", "x".repeat(76)), true));
    }

    #[test]
    fn made_up_names_tell_their_prefix() {
        assert_eq!(prefix_of("orders-0123456789abcdef0123456789.fifo"), "orders-");
        assert_eq!(prefix_of("orders.fifo"), "");
    }
}
