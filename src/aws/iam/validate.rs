//! Checks that the IAM types share.

use model::path::{Path, Step};
use model::value::Value;
use provider::resource::Refusal;

/// A name in the block at `path`: letters, digits and `+=,.@-_`.
pub fn name(config: &Value, path: &Path, attribute: &str) -> Option<Refusal> {
    let name = config.get(attribute)?;
    let name = name.reveal().as_str()?;
    let is_valid = name.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c));
    (!is_valid).then(|| Refusal {
        attribute: path.child(Step::Attribute(attribute.into())),
        summary: format!("invalid value for {attribute}"),
        detail: "A name may hold letters, digits and the characters `+=,.@-_`.".into(),
    })
}

/// A policy document in the block at `path`: a JSON object.
pub fn document(config: &Value, path: &Path, attribute: &str) -> Option<Refusal> {
    let document = config.get(attribute)?;
    let document = document.reveal().as_str()?;
    let reason = match serde_json::from_str::<serde_json::Value>(document) {
        Ok(serde_json::Value::Object(_)) => return None,
        Ok(_) => "it is not an object".to_string(),
        Err(error) => error.to_string(),
    };
    Some(Refusal {
        attribute: path.child(Step::Attribute(attribute.into())),
        summary: format!("\"{attribute}\" contains an invalid JSON policy"),
        detail: format!("A policy document must be a JSON object: {reason}."),
    })
}
