//! Identifiers of a bucket's parts: the bucket's name, followed by the account it must belong to where one is given.

/// `logs` or `logs,123456789012`
pub fn of(bucket: &str, owner: &str) -> String {
    if owner.is_empty() { bucket.to_string() } else { format!("{bucket},{owner}") }
}

/// The bucket and the account; the account is empty where the identifier has none.
pub fn parse(id: &str) -> (String, String) {
    let (bucket, owner) = id.split_once(',').unwrap_or((id, ""));
    (bucket.to_string(), owner.to_string())
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
