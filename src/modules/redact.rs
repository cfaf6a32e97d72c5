//! Texts without the credentials in them.

use std::borrow::Cow;

/// What stands in the place of a secret.
const HIDDEN: &str = "***";

/// Parameters of addresses whose values are secret.
const SECRET_PARAMETERS: [&str; 4] = ["sshkey", "aws_access_key_secret", "aws_access_key_id", "aws_access_token"];

/// The text with the user information of URLs and the values of secret parameters hidden.
///
/// A user alone is kept where it is no secret (`ssh://git@host`); before a web server it is often a token.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    let mut ranges = Vec::new();
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let end = start + text[start..].find(['/', '?', '#', ' ', '\'', '"', '\n']).unwrap_or(text.len() - start);
        let Some(user_end) = text[start..end].rfind('@').map(|user| start + user) else { continue };
        let user = &text[start..user_end];
        let is_ssh = text[..at].ends_with("ssh");
        match user.find(':') {
            Some(colon) if is_ssh => ranges.push((start + colon + 1, user_end)),
            None if is_ssh => {}
            Some(_) | None => ranges.push((start, user_end)),
        }
    }
    for parameter in SECRET_PARAMETERS {
        for (at, _) in text.match_indices(parameter) {
            let value = at + parameter.len() + 1;
            let starts_parameter = text[..at].ends_with(['?', '&']);
            if starts_parameter && text[value - 1..].starts_with('=') {
                let length = text[value..].find(['&', '#', ' ', '\'', '"', '\n']).unwrap_or(text.len() - value);
                ranges.push((value, value + length));
            }
        }
    }
    ranges.retain(|(start, end)| start < end);
    if ranges.is_empty() {
        return Cow::Borrowed(text);
    }
    ranges.sort_unstable();
    let mut shown = String::with_capacity(text.len());
    let mut from = 0;
    for (start, end) in ranges {
        if start < from {
            continue;
        }
        shown.push_str(&text[from..start]);
        shown.push_str(HIDDEN);
        from = end;
    }
    shown.push_str(&text[from..]);
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::redact;

    #[test]
    fn credentials_are_hidden_and_nothing_else() {
        for (text, shown) in [
            ("https://user:secret@host/x.zip", "https://***@host/x.zip"),
            ("git::https://token@host/x.git?ref=v1", "git::https://***@host/x.git?ref=v1"),
            ("ssh://git@host/x.git", "ssh://git@host/x.git"),
            ("ssh://git:secret@host/x.git", "ssh://git:***@host/x.git"),
            ("https://host/x@y", "https://host/x@y"),
            ("git::ssh://git@h/x?sshkey=abc&ref=1", "git::ssh://git@h/x?sshkey=***&ref=1"),
            (
                "s3::https://h/b/k?region=r&aws_access_key_secret=abc",
                "s3::https://h/b/k?region=r&aws_access_key_secret=***",
            ),
            ("fatal: 'https://a:b@h/x' and https://c@h", "fatal: 'https://***@h/x' and https://***@h"),
            ("https://u:p@ss@host/x", "https://***@host/x"),
            ("nothing here", "nothing here"),
        ] {
            assert_eq!(redact(text), shown);
        }
    }
}
