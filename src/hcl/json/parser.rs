//! The JSON parser: strict, with places, and going on after mistakes whose meaning is clear.

use smol_str::SmolStr;

use crate::NESTING_MAX;
use crate::error::SyntaxError;
use crate::span::Span;
use crate::stack::with_room;

use super::{Array, Member, Number, Object, Text, Value};

/// Parses a whole text.
pub(super) fn parse(text: &str) -> (Value, Vec<SyntaxError>) {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, depth: 0, errors: Vec::new() };
    let value = match parser.value() {
        Ok(value) => {
            parser.space();
            if parser.at < parser.bytes.len() {
                let rest = parser.char_span();
                parser.report(
                    rest,
                    "Extraneous data after value",
                    "The file holds one JSON value, nothing may follow it.",
                );
            }
            value
        }
        Err(Failed) => Value::Invalid(Span::new(0, text.len() as u32)),
    };
    (value, parser.errors)
}

/// The text cannot be understood from here on; the error is reported.
struct Failed;

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    depth: usize,
    errors: Vec<SyntaxError>,
}

impl Parser<'_> {
    fn report(&mut self, range: Span, summary: &'static str, detail: impl Into<String>) {
        self.errors.push(SyntaxError { summary, detail: detail.into(), range, context: None });
    }

    fn fail<T>(&mut self, range: Span, summary: &'static str, detail: impl Into<String>) -> Result<T, Failed> {
        self.report(range, summary, detail);
        Err(Failed)
    }

    fn space(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.bytes.get(self.at).copied()
    }

    fn since(&self, start: usize) -> Span {
        Span::new(start as u32, self.at as u32)
    }

    /// The range of the next character.
    fn char_span(&self) -> Span {
        let length = self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        Span::new(self.at as u32, (self.at + length) as u32)
    }

    /// Takes one byte and gives its range.
    fn bump(&mut self) -> Span {
        self.at += 1;
        self.since(self.at - 1)
    }

    fn value(&mut self) -> Result<Value, Failed> {
        let next = self.peek();
        match next {
            None => {
                self.fail(Span::at(self.at as u32), "Missing value", "The file ends where a JSON value is expected.")
            }
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'+' | b'.' | b'0'..=b'9') => Ok(self.number()),
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => Ok(self.keyword()),
            Some(b'\'') => {
                let span = self.char_span();
                self.fail(span, "Invalid start of value", "JSON strings are quoted with double quotes (`\"`).")
            }
            Some(b'/') | Some(b'#') => {
                let span = self.char_span();
                let detail =
                    "JSON has no comments. Use a property with the name \"//\" in an object that stands for a body.";
                self.fail(span, "Invalid start of value", detail)
            }
            Some(_) => {
                let span = self.char_span();
                let detail = match &self.text[span.range()] {
                    "\u{feff}" => "A byte-order mark is not allowed in JSON; save the file without it.".to_owned(),
                    _ => "A JSON value begins with a brace, a bracket, a quote, a digit, or is `true`, `false` or `null`."
                        .to_owned(),
                };
                self.fail(span, "Invalid start of value", detail)
            }
        }
    }

    fn nested(&mut self, parse: fn(&mut Self) -> Result<Value, Failed>) -> Result<Value, Failed> {
        self.depth += 1;
        if self.depth > NESTING_MAX {
            let detail = format!("Values may nest up to {NESTING_MAX} levels deep.");
            return self.fail(self.char_span(), "Nesting too deep", detail);
        }
        let value = with_room(|| parse(self))?;
        self.depth -= 1;
        Ok(value)
    }

    fn object(&mut self) -> Result<Value, Failed> {
        let open = self.bump();
        let mut members = Vec::new();
        if self.peek() == Some(b'}') {
            return Ok(Value::Object(Object { members, open, close: self.bump() }));
        }
        loop {
            members.push(self.member(open)?);
            match self.peek() {
                Some(b'}') => return Ok(Value::Object(Object { members, open, close: self.bump() })),
                Some(b',') => {
                    let comma = self.bump();
                    if self.peek() == Some(b'}') {
                        let detail = "JSON does not permit a comma after the last property of an object.";
                        self.report(comma, "Trailing comma in object", detail);
                        return Ok(Value::Object(Object { members, open, close: self.bump() }));
                    }
                }
                Some(b'"') => {
                    let place = Span::at(self.at as u32);
                    self.report(
                        place,
                        "Missing attribute separator comma",
                        "A comma must be between two properties of an object.",
                    );
                }
                None => return self.unclosed(open, "Unclosed object", "brace (`}`)"),
                Some(b']') => {
                    let span = self.char_span();
                    let detail = "A closing bracket cannot close an object. Expected a comma or a closing brace (`}`).";
                    return self.fail(span, "Mismatched braces", detail);
                }
                Some(_) => {
                    let span = self.char_span();
                    let detail =
                        "A comma must be between two properties of an object, and a closing brace after the last.";
                    return self.fail(span, "Missing attribute separator comma", detail);
                }
            }
        }
    }

    fn member(&mut self, object: Span) -> Result<Member, Failed> {
        match self.peek() {
            Some(b'"') => {}
            None => return self.unclosed(object, "Unclosed object", "brace (`}`)"),
            Some(_) => {
                let span = self.char_span();
                let detail = "The name of a property must be a string in double quotes.";
                return self.fail(span, "Invalid object property name", detail);
            }
        }
        let name = self.string()?;
        let colon = match self.peek() {
            Some(b':') => self.bump(),
            Some(b'=') => {
                let equals = self.bump();
                self.report(
                    equals,
                    "Missing property value colon",
                    "JSON uses a colon, not an equals sign, between name and value.",
                );
                equals
            }
            Some(_) | None => {
                let span = self.char_span();
                let detail = format!("A colon must be between the property name \"{}\" and its value.", name.value);
                return self.fail(span, "Missing property value colon", detail);
            }
        };
        let value = self.value()?;
        Ok(Member { name, colon, value })
    }

    fn array(&mut self) -> Result<Value, Failed> {
        let open = self.bump();
        let mut elements = Vec::new();
        if self.peek() == Some(b']') {
            let span = open.to(self.bump());
            return Ok(Value::Array(Array { elements, span }));
        }
        loop {
            if self.peek().is_none() {
                return self.unclosed(open, "Unclosed array", "bracket (`]`)");
            }
            elements.push(self.value()?);
            match self.peek() {
                Some(b']') => {
                    let span = open.to(self.bump());
                    return Ok(Value::Array(Array { elements, span }));
                }
                Some(b',') => {
                    let comma = self.bump();
                    if self.peek() == Some(b']') {
                        let detail = "JSON does not permit a comma after the last element of an array.";
                        self.report(comma, "Trailing comma in array", detail);
                        let span = open.to(self.bump());
                        return Ok(Value::Array(Array { elements, span }));
                    }
                }
                None => return self.unclosed(open, "Unclosed array", "bracket (`]`)"),
                Some(b'}') => {
                    let span = self.char_span();
                    let detail = "A closing brace cannot close an array. Expected a comma or a closing bracket (`]`).";
                    return self.fail(span, "Mismatched braces", detail);
                }
                Some(_) => {
                    let span = self.char_span();
                    let detail =
                        "A comma must be between two elements of an array, and a closing bracket after the last.";
                    return self.fail(span, "Missing attribute separator comma", detail);
                }
            }
        }
    }

    fn unclosed<T>(&mut self, open: Span, summary: &'static str, closer: &str) -> Result<T, Failed> {
        self.fail(open, summary, format!("There is no closing {closer} for this before the end of the file."))
    }

    fn number(&mut self) -> Value {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let span = self.since(start);
        let text = &self.text[span.range()];
        if is_number(text) {
            return Value::Number(Number { text: text.into(), span });
        }
        let detail = if text.trim_start_matches('-').starts_with('0') && text.len() > 1 {
            format!("`{text}` is not a JSON number: it may not begin with a superfluous zero.")
        } else {
            format!("`{text}` is not a JSON number.")
        };
        self.report(span, "Invalid JSON number", detail);
        Value::Invalid(span)
    }

    fn keyword(&mut self) -> Value {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'_') {
            self.at += 1;
        }
        let span = self.since(start);
        let word = &self.text[span.range()];
        match word {
            "true" => Value::Bool(true, span),
            "false" => Value::Bool(false, span),
            "null" => Value::Null(span),
            _ => {
                let meant = match word.to_ascii_lowercase().as_str() {
                    "true" | "tru" | "yes" | "on" | "t" => Some("true"),
                    "false" | "fals" | "no" | "off" | "f" => Some("false"),
                    "null" | "nul" | "nil" | "none" | "undefined" => Some("null"),
                    _ => None,
                };
                let hint = match meant {
                    Some(meant) => format!("Did you mean `{meant}`?"),
                    None => "A string must be in double quotes.".to_owned(),
                };
                self.report(span, "Invalid JSON keyword", format!("`{word}` is not a JSON keyword. {hint}"));
                Value::Invalid(span)
            }
        }
    }

    fn string(&mut self) -> Result<Text, Failed> {
        let start = self.at;
        self.at += 1;
        let plain = self.plain_end();
        if self.bytes.get(plain) == Some(&b'"') {
            let value = SmolStr::from(&self.text[self.at..plain]);
            self.at = plain + 1;
            return Ok(Text { value, span: self.since(start), shifts: Vec::new() });
        }
        let mut value = String::new();
        let mut shifts = Vec::new();
        loop {
            let end = self.plain_end();
            value.push_str(&self.text[self.at..end]);
            self.at = end;
            match self.bytes.get(end) {
                Some(b'"') => {
                    self.at = end + 1;
                    return Ok(Text { value: value.into(), span: self.since(start), shifts });
                }
                Some(b'\\') => {
                    self.escape(&mut value);
                    shifts.push((value.len() as u32, self.at as u32));
                }
                Some(b'\n' | b'\r') | None => {
                    let detail = "There is no closing quote for this string on its line.";
                    return self.fail(self.since(start), "Unclosed string", detail);
                }
                Some(_) => {
                    let span = self.char_span();
                    let code = self.bytes[end];
                    let detail =
                        format!("The control character U+{code:04X} must be written as the escape `\\u{code:04x}`.");
                    self.report(span, "Invalid JSON string", detail);
                    self.at += 1;
                }
            }
        }
    }

    /// Where characters that stand for themselves end.
    fn plain_end(&self) -> usize {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
        self.at + length.unwrap_or(rest.len())
    }

    /// Takes an escape; an invalid one is reported and left out.
    fn escape(&mut self, value: &mut String) {
        let start = self.at;
        let selector = self.text[start + 1..].chars().next();
        self.at += 1 + selector.filter(|char| *char != '\n' && *char != '\r').map_or(0, char::len_utf8);
        let char = match selector {
            Some(char @ ('"' | '\\' | '/')) => char,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => match self.code_unit() {
                Some(unit) => self.surrogates(unit),
                None => {
                    let detail = "`\\u` must be followed by four hexadecimal digits.";
                    self.report(self.since(start), "Invalid JSON string", detail);
                    return;
                }
            },
            Some(_) | None => {
                let text = &self.text[start..self.at];
                let detail = format!("`{text}` is not an escape sequence. For a literal backslash, write `\\\\`.");
                self.report(self.since(start), "Invalid JSON string", detail);
                return;
            }
        };
        value.push(char);
    }

    /// Takes four hexadecimal digits.
    fn code_unit(&mut self) -> Option<u32> {
        let digits = self.text.get(self.at..self.at + 4)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    /// The character of a code unit, with the second of a pair if there is one. Half a pair is U+FFFD.
    fn surrogates(&mut self, first: u32) -> char {
        if (0xd800..0xdc00).contains(&first) && self.text[self.at..].starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            match self.code_unit() {
                Some(second @ 0xdc00..0xe000) => {
                    let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    return char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                }
                Some(_) | None => self.at = before,
            }
        }
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

/// Whether the text is a number as JSON defines it.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| {
            digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)) && exponent.parse::<i32>().is_ok()
        })
}
