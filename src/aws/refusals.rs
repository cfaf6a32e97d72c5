//! Checks of arguments that several services make.
//!
//! Each gives nothing for arguments that are null or not known yet.

use std::ops::RangeInclusive;

use model::path::{Path, Step};
use model::value::Value;
use provider::resource::Refusal;

/// A refusal of an attribute's value.
pub fn refusal(attribute: Path, summary: impl Into<String>, detail: impl Into<String>) -> Refusal {
    Refusal { attribute, summary: summary.into(), detail: detail.into() }
}

/// The refusal of a top-level attribute's value; `detail` is sentences.
pub fn invalid(attribute: &str, detail: impl Into<String>) -> Refusal {
    refusal(Path::attribute(attribute), format!("invalid value for {attribute}"), detail)
}

/// The text of a known attribute.
pub fn text(object: &Value, attribute: &str) -> Option<String> {
    object.get(attribute)?.reveal().as_str().map(str::to_string)
}

/// The number of a known attribute.
pub fn number(object: &Value, attribute: &str) -> Option<f64> {
    object.get(attribute)?.reveal().as_number().map(model::number::Number::to_f64)
}

/// Whether an attribute or block is neither given nor unknown.
pub fn is_missing(object: &Value, name: &str) -> bool {
    object.get(name).is_none_or(|value| value.is_null() || (value.is_known() && value.reveal().length() == Some(0)))
}

/// A text's length in characters, and the characters it may hold; `characters` says them in words.
pub fn characters(
    config: &Value,
    attribute: &str,
    length: RangeInclusive<usize>,
    is_allowed: impl Fn(char) -> bool,
    characters: &str,
) -> Option<Refusal> {
    let text = text(config, attribute)?;
    let is_valid = length.contains(&text.chars().count()) && text.chars().all(is_allowed);
    (!is_valid).then(|| {
        invalid(attribute, format!("It must have {} to {} characters: {characters}.", length.start(), length.end()))
    })
}

/// A JSON object, such as a policy; an empty text counts as not given.
pub fn document(config: &Value, attribute: &str) -> Option<Refusal> {
    let document = text(config, attribute).filter(|document| !document.is_empty())?;
    document_at(&document, Path::attribute(attribute), attribute)
}

/// The same for a text at a path.
pub fn document_at(document: &str, path: Path, attribute: &str) -> Option<Refusal> {
    let reason = match serde_json::from_str::<serde_json::Value>(document) {
        Ok(serde_json::Value::Object(_)) => return None,
        Ok(_) => "it is not an object".to_string(),
        Err(error) => error.to_string(),
    };
    Some(refusal(
        path,
        format!("\"{attribute}\" contains invalid JSON"),
        format!("It must be a JSON object: {reason}."),
    ))
}

/// Known blocks of a name, with their paths; elements of sets have the path of the set.
pub fn blocks(object: &Value, at: &Path, name: &str) -> Vec<(Path, Value)> {
    let path = child(at, name);
    let Some(value) = object.get(name) else { return Vec::new() };
    let items = value.reveal().items().unwrap_or_default();
    let is_list = matches!(value.reveal(), model::value::Kind::List(..) | model::value::Kind::Tuple(_));
    let place = |index: usize| if is_list { path.child(Step::Index(index)) } else { path.clone() };
    items.iter().enumerate().map(|(index, item)| (place(index), item.clone())).collect()
}

/// The path of an attribute in the block at a path.
pub fn child(at: &Path, attribute: &str) -> Path {
    at.child(Step::Attribute(attribute.into()))
}
