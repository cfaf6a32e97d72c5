//! Text of tokens to values: numbers, escapes, and what to say of characters that mean nothing.

use smol_str::{SmolStr, SmolStrBuilder};

use crate::span::Span;
use crate::token::{Token, TokenKind};

use super::{Parse, Parser};

/// Whether a number token is a number: digits with at most one dot, then at most one exponent, which 32 bits can hold.
pub(super) fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, "0"),
    };
    mantissa.bytes().filter(|byte| *byte == b'.').count() <= 1 && exponent.parse::<i32>().is_ok()
}

/// Says why a character cannot be there, and what to write instead.
pub(super) fn invalid_character(text: &str) -> (&'static str, String) {
    let detail = match text {
        "'" => "Strings are quoted with double quotes (`\"`), single quotes mean nothing.",
        "`" => "For text of several lines use a heredoc (`<<EOT`), backticks mean nothing.",
        ";" => "Items are separated by newlines, semicolons mean nothing.",
        "&" => {
            return (
                "Unsupported operator",
                "There are no bitwise operators. Did you mean logical and (`&&`)?".to_owned(),
            );
        }
        "|" => {
            return (
                "Unsupported operator",
                "There are no bitwise operators. Did you mean logical or (`||`)?".to_owned(),
            );
        }
        "~" | "^" => return ("Unsupported operator", "There are no bitwise operators.".to_owned()),
        "\u{201c}" | "\u{201d}" | "\u{201e}" | "\u{ab}" | "\u{bb}" => {
            "Typographic quotes mean nothing. Strings are quoted with straight double quotes (`\"`)."
        }
        "\u{a0}" | "\u{3000}" | "\u{2007}" | "\u{202f}" => {
            "This is a space of another kind (it may come from a web page or a document). Replace it by a normal space."
        }
        "\u{feff}" => "A byte-order mark is allowed at the beginning of the file only.",
        "\r" => "A carriage return is allowed before a newline only.",
        _ => {
            let escaped: String = text.escape_debug().collect();
            return ("Invalid character", format!("The character `{escaped}` is not used in the language."));
        }
    };
    ("Invalid character", detail.to_owned())
}

impl Parser<'_> {
    /// The value of text in a quoted string. Invalid escapes are reported and stay as written.
    pub(super) fn quoted_text(&mut self, span: Span) -> SmolStr {
        let text = self.slice(span);
        if !text.bytes().any(|byte| matches!(byte, b'\\' | b'$' | b'%')) {
            return text.into();
        }
        let mut value = SmolStrBuilder::new();
        let mut rest = text;
        while let Some(at) = rest.find(['\\', '$', '%']) {
            value.push_str(&rest[..at]);
            rest = &rest[at..];
            let taken = if rest.starts_with('\\') {
                let start = span.end - rest.len() as u32;
                self.escape(rest, start, &mut value)
            } else {
                symbol_run(rest, &mut value)
            };
            rest = &rest[taken..];
        }
        value.push_str(rest);
        value.finish()
    }

    /// The value of text in a heredoc or bare template, where only `$${` and `%%{` are escapes.
    pub(super) fn template_text(&self, span: Span) -> SmolStr {
        let text = self.slice(span);
        if !text.bytes().any(|byte| matches!(byte, b'$' | b'%')) {
            return text.into();
        }
        let mut value = SmolStrBuilder::new();
        let mut rest = text;
        while let Some(at) = rest.find(['$', '%']) {
            value.push_str(&rest[..at]);
            rest = &rest[at..];
            let taken = symbol_run(rest, &mut value);
            rest = &rest[taken..];
        }
        value.push_str(rest);
        value.finish()
    }

    /// Appends what the escape at the beginning of `rest` means; returns how many bytes it takes.
    fn escape(&mut self, rest: &str, start: u32, value: &mut SmolStrBuilder) -> usize {
        let mut chars = rest[1..].chars();
        let selector = chars.next();
        let digits = match selector {
            Some('n') => return simple('\n', value),
            Some('r') => return simple('\r', value),
            Some('t') => return simple('\t', value),
            Some('"') => return simple('"', value),
            Some('\\') => return simple('\\', value),
            Some('u') => 4,
            Some('U') => 8,
            Some(other) => {
                let length = 1 + other.len_utf8();
                let mut detail = format!("`\\{other}` is not an escape sequence.");
                if matches!(other, '$' | '%') {
                    detail.push_str(&format!(" For a literal `{other}{{`, write `{other}{other}{{`."));
                } else {
                    detail.push_str(" For a literal backslash, write `\\\\`.");
                }
                self.report_escape(start, length, detail);
                value.push_str(&rest[..length]);
                return length;
            }
            None => {
                self.report_escape(
                    start,
                    1,
                    "A backslash must be followed by an escape selector character.".to_owned(),
                );
                value.push('\\');
                return 1;
            }
        };
        let hex_length = chars.as_str().bytes().take(digits).take_while(u8::is_ascii_hexdigit).count();
        let length = 2 + hex_length;
        if hex_length < digits {
            let detail = format!("`{}` must be followed by {digits} hexadecimal digits.", &rest[..2]);
            self.report_escape(start, length, detail);
            value.push_str(&rest[..length]);
            return length;
        }
        let code = u32::from_str_radix(&rest[2..length], 16).ok().and_then(char::from_u32);
        match code {
            Some(char) => value.push(char),
            None => {
                let detail = format!("There is no Unicode character U+{}.", rest[2..length].to_ascii_uppercase());
                self.report_escape(start, length, detail);
                value.push_str(&rest[..length]);
            }
        }
        length
    }

    fn report_escape(&mut self, start: u32, length: usize, detail: String) {
        let range = Span::new(start, start + length as u32);
        self.report(range, None, "Invalid escape sequence", detail);
    }

    /// Fails because of a token that a quoted string cannot contain.
    pub(super) fn unclosed_quote<T>(&mut self, open: Span, found: Token) -> Parse<T> {
        if found.kind == TokenKind::QuotedNewline {
            let range = open.to(Span::at(found.span.start));
            return self.fail(
                range,
                None,
                "Invalid multi-line string",
                "A quoted string must end on the line it begins. The closing quote may be missing; for a newline in the text use \
                 the escape `\\n`, or a heredoc (`<<EOT`).",
            );
        }
        let range = open.to(Span::at(found.span.start));
        self.fail(
            range,
            None,
            "Unterminated template string",
            "There is no closing quote for this string before the end of the file.",
        )
    }
}

fn simple(char: char, value: &mut SmolStrBuilder) -> usize {
    value.push(char);
    2
}

/// Appends a run of `$` or `%`, one less where it escapes a brace; returns how many bytes it takes.
fn symbol_run(rest: &str, value: &mut SmolStrBuilder) -> usize {
    let symbol = rest.as_bytes()[0];
    let run = rest.bytes().take_while(|byte| *byte == symbol).count();
    let escapes = run > 1 && rest.as_bytes().get(run) == Some(&b'{');
    value.push_str(&rest[usize::from(escapes)..run]);
    run
}
