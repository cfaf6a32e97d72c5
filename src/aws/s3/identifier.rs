//! Identifiers of a bucket's parts: the bucket's name, followed by the account it must belong to where one is given.

use model::path::Path;
use model::value::Value;
use provider::resource::Refusal;

/// The argument that names the account.
const OWNER: &str = "expected_bucket_owner";

/// `logs` or `logs,123456789012`
pub fn of(bucket: &str, owner: &str) -> String {
    if owner.is_empty() { bucket.to_string() } else { format!("{bucket},{owner}") }
}

/// The bucket and the account; the account is empty where the identifier has none.
pub fn parse(id: &str) -> (String, String) {
    let (bucket, owner) = id.split_once(',').unwrap_or((id, ""));
    (bucket.to_string(), owner.to_string())
}

/// What is wrong with the account: it is twelve digits.
pub fn refuse_owner(config: &Value) -> Option<Refusal> {
    let value = config.get(OWNER)?;
    let owner = value.reveal().as_str().filter(|owner| !owner.is_empty())?;
    let is_account = owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
    let detail = format!("`{owner}` is no account: those are twelve digits.");
    (!is_account).then(|| Refusal {
        attribute: Path::attribute(OWNER),
        summary: format!("invalid value for {OWNER}"),
        detail,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_come_back() {
        for (bucket, owner) in [("logs", ""), ("logs", "123456789012")] {
            assert_eq!(parse(&of(bucket, owner)), (bucket.to_string(), owner.to_string()));
        }
    }
}
