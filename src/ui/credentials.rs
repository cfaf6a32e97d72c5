//! Passwords that stand in the source text itself, in the addresses of modules: they are not shown with an excerpt of it.

use std::borrow::Cow;
use std::ops::Range;

/// What is written after `://` and before an `@`, and parameters of addresses, up to one of these.
const ENDS: [char; 8] = ['/', '?', '#', '&', '"', '\'', ' ', '\n'];

/// Parameters of addresses whose values are secret.
const PARAMETERS: [&str; 3] = ["sshkey=", "aws_access_key_secret=", "aws_access_token="];

/// The text with asterisks in the place of passwords and tokens in addresses, byte for byte, so that offsets stay right.
///
/// A user alone is kept where it is no secret (`ssh://git@host`), and so are templates, whose values are elsewhere.
pub(crate) fn masked(text: &str) -> Cow<'_, str> {
    let mut secrets: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let end = start + text[start..].find(ENDS).unwrap_or(text.len() - start);
        let Some(user_end) = text[start..end].rfind('@').map(|user| start + user) else { continue };
        let is_ssh = text[..at].ends_with("ssh");
        match text[start..user_end].find(':') {
            Some(colon) if is_ssh => secrets.push(start + colon + 1..user_end),
            None if is_ssh => {}
            Some(_) | None => secrets.push(start..user_end),
        }
    }
    for parameter in PARAMETERS {
        for (at, _) in text.match_indices(parameter).filter(|(at, _)| text[..*at].ends_with(['?', '&'])) {
            let start = at + parameter.len();
            let end = start + text[start..].find(ENDS).unwrap_or(text.len() - start);
            secrets.push(start..end);
        }
    }
    secrets.retain(|secret| !text[secret.clone()].contains("${"));
    if secrets.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = text.to_string();
    for secret in secrets {
        masked.replace_range(secret.clone(), &"*".repeat(secret.len()));
    }
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn secrets_in_addresses_are_masked_byte_for_byte() {
        for (text, expected) in [
            ("source = \"git::https://me:pw@h/x\"", "source = \"git::https://*****@h/x\""),
            ("\"https://tok\u{e9}n@h\"", "\"https://******@h\""),
            ("ssh://git@h ssh://git:pw@h", "ssh://git@h ssh://git:**@h"),
            ("git::ssh://git@h/x?sshkey=abc&ref=1", "git::ssh://git@h/x?sshkey=***&ref=1"),
            ("https://${var.user}:${var.password}@h", "https://${var.user}:${var.password}@h"),
            ("mail = \"a@b\" # https://h/x@y", "mail = \"a@b\" # https://h/x@y"),
        ] {
            assert_eq!(masked(text), expected);
            assert_eq!(masked(text).len(), text.len());
        }
    }
}
