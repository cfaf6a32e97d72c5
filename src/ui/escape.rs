//! Text that is safe to show: control characters of values never reach a terminal.

use std::borrow::Cow;
use std::fmt::Write;

/// Text as a quoted string of the language, control characters escaped: `"line\none"`.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if is_unsafe(other) => push_code(&mut out, other),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Text as it is, with control characters other than line breaks and tabs written as `\u001b`.
pub fn inert(text: &str) -> Cow<'_, str> {
    let dangerous = |character: char| is_unsafe(character) && character != '\n' && character != '\t';
    if !text.chars().any(dangerous) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        if dangerous(character) { push_code(&mut out, character) } else { out.push(character) }
    }
    Cow::Owned(out)
}

/// Text on one line: like [`inert`], with line breaks and tabs escaped as well.
pub fn inert_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            other if is_unsafe(other) => push_code(&mut out, other),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// Whether a key can stand without quotes in front of ` = `.
pub fn is_bare_key(key: &str) -> bool {
    let mut characters = key.chars();
    let first = characters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    first && characters.all(|character| character.is_alphanumeric() || character == '_' || character == '-')
}

/// Control characters, and those that change the direction or the lines of the text around them.
fn is_unsafe(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

fn push_code(out: &mut String, character: char) {
    write!(out, "\\u{:04x}", u32::from(character)).expect("writing to a string never fails");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_sequences_are_written_out() {
        assert_eq!(quoted("\u{1b}]0;owned\u{7}\u{9b}31m"), r#""\u001b]0;owned\u0007\u009b31m""#);
        assert_eq!(inert("a\u{1b}[2Jb\nc\td"), "a\\u001b[2Jb\nc\td");
        assert_eq!(inert_line("a\nb\u{202e}c"), "a\\nb\\u202ec");
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        assert_eq!(quoted("Größe 10 µm ${x}"), "\"Größe 10 µm ${x}\"");
        assert!(matches!(inert("plain"), Cow::Borrowed(_)));
    }

    #[test]
    fn keys_that_are_no_identifiers_need_quotes() {
        assert!(is_bare_key("awslogs-group"));
        assert!(!is_bare_key("aws:SourceAccount"));
        assert!(!is_bare_key(""));
        assert!(!is_bare_key("1a"));
    }
}
