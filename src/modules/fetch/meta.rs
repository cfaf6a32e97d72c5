//! `<meta name="terraform-get" content="..">` in the head of a web page.

/// What the first such tag says.
pub(super) fn terraform_get(page: &str) -> Option<String> {
    let mut rest = page;
    loop {
        let at = rest.find('<')?;
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = &comment[comment.find("-->")? + 3..];
            continue;
        }
        let name_length = rest.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let name = rest[..name_length].to_ascii_lowercase();
        if name == "body" {
            return None;
        }
        if name == "meta" {
            let (attributes, after) = attributes(&rest[name_length..]);
            let value = |name: &str| attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
            if value("name") == Some("terraform-get") {
                return value("content").filter(|content| !content.is_empty()).map(str::to_string);
            }
            rest = after;
        }
    }
}

/// The attributes of a tag, and what comes after it.
fn attributes(text: &str) -> (Vec<(String, String)>, &str) {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '/');
        if rest.is_empty() {
            return (found, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (found, after);
        }
        let end = rest.find(|letter: char| letter.is_whitespace() || "=>/".contains(letter)).unwrap_or(rest.len());
        let key = rest[..end].to_ascii_lowercase();
        // A stray equals sign is a name without letters; something must be taken each time.
        rest = if end == 0 { &rest[1..] } else { rest[end..].trim_start() };
        let Some(after) = rest.strip_prefix('=').filter(|_| end > 0) else { continue };
        let after = after.trim_start();
        let quote = after.chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => match after[1..].split_once(quote) {
                Some(split) => split,
                None => (&after[1..], ""),
            },
            None => after
                .split_at(after.find(|letter: char| letter.is_whitespace() || letter == '>').unwrap_or(after.len())),
        };
        found.push((key, unescape(value)));
        rest = after;
    }
}

/// The few character references that addresses need.
fn unescape(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&#38;", "&").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::terraform_get;

    #[test]
    fn the_tag_is_found_in_the_head_alone() {
        for (page, expected) in [
            ("<html><head><meta name=\"terraform-get\" content=\"https://h/x.zip\"></head>", Some("https://h/x.zip")),
            ("<META content='git::https://h/x?a=1&amp;b=2' NAME=terraform-get />", Some("git::https://h/x?a=1&b=2")),
            (
                "<!-- <meta name=\"terraform-get\" content=\"no\"> --><meta charset=utf-8><meta name=terraform-get content=yes>",
                Some("yes"),
            ),
            ("<body><meta name=\"terraform-get\" content=\"https://h/x.zip\">", None),
            ("<meta name=\"terraform-get\">", None),
            ("<meta = = name=\"terraform-get", None),
            ("{\"not\": \"html\"}", None),
            ("", None),
        ] {
            assert_eq!(terraform_get(page).as_deref(), expected, "{page}");
        }
    }
}
