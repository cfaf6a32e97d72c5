//! Names that ECS checks: of clusters and of families of task definitions.

use model::path::Path;
use model::value::Value;
use provider::resource::Refusal;

/// A name of letters, digits, `-` and `_`.
pub fn check(config: &Value, attribute: &str) -> Option<Refusal> {
    let name = config.get(attribute)?;
    let name = name.reveal().as_str()?;
    let is_valid = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (!is_valid).then(|| Refusal {
        attribute: Path::attribute(attribute),
        summary: format!("invalid value for {attribute}"),
        detail: format!("The {attribute} may hold letters, digits and the characters `-_`."),
    })
}
