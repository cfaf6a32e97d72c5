//! Checks that the types of this service share.

use model::path::Path;
use model::value::Value;
use provider::resource::Refusal;

use crate::refusals::{child, refusal};

/// The longest name, in characters.
const NAME_MAX: usize = 32;
/// The longest prefix that a generated part fits behind.
const PREFIX_MAX: usize = 6;

/// `name` and `name_prefix`: letters, digits and hyphens, not at an end; no more than fit.
pub fn names(config: &Value) -> Vec<Refusal> {
    let text = |attribute: &str| config.get(attribute).and_then(|value| value.reveal().as_str().map(str::to_string));
    let mut refusals = Vec::new();
    let mut refuse = |attribute: &str, detail: String| {
        refusals.push(refusal(Path::attribute(attribute), format!("invalid value for {attribute}"), detail));
    };
    for (attribute, max) in [("name", NAME_MAX), ("name_prefix", PREFIX_MAX)] {
        let Some(name) = text(attribute) else { continue };
        if name.chars().count() > max {
            refuse(attribute, format!("It can have at most {max} characters, and `{name}` has more."));
        }
        if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
            refuse(attribute, format!("It may hold letters, digits and hyphens, and `{name}` holds something else."));
        }
        if name.starts_with('-') {
            refuse(attribute, "It can't begin with a hyphen.".into());
        }
        if attribute == "name" && name.ends_with('-') {
            refuse(attribute, "It can't end with a hyphen.".into());
        }
    }
    refusals
}

/// Refuses a known text that is not an ARN; an empty one counts as not given.
pub fn arn(object: &Value, at: &Path, attribute: &str) -> Option<Refusal> {
    let value = object.get(attribute)?;
    let text = value.reveal().as_str().filter(|text| !text.is_empty())?;
    let is_arn = text.starts_with("arn:") && text.splitn(6, ':').count() == 6;
    let detail = || format!("It must be an ARN, such as `arn:aws:service:region:account:resource`, not `{text}`.");
    (!is_arn).then(|| refusal(child(at, attribute), format!("invalid value for {attribute}"), detail()))
}
