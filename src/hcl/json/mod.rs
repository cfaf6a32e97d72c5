//! The JSON syntax: `.tf.json` configurations and `.tfvars.json` values.
//!
//! JSON does not say what is a block, an argument or a reference, so reading takes two steps: [`parse`] gives values with their
//! places, and [`body::read`] makes of them the tree the native syntax has, by a [`body::Schema`]. Nested blocks that only a
//! provider's schema knows come as arguments first, and [`body::blocks`] turns them into blocks.

pub mod body;
pub mod expression;
mod parser;

use smol_str::SmolStr;

use crate::error::SyntaxError;
use crate::span::Span;

/// A JSON value with its place.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Null(Span),
    Bool(bool, Span),
    Number(Number),
    String(Text),
    Array(Array),
    Object(Object),
    /// Stands where a value could not be parsed; there is an error for it.
    Invalid(Span),
}

/// A number as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// An optional minus, digits, an optional fraction, an optional exponent.
    pub text: SmolStr,
    pub span: Span,
}

/// A string with its escapes processed.
#[derive(Debug, Clone, PartialEq)]
pub struct Text {
    pub value: SmolStr,
    /// With the quotes.
    pub span: Span,
    /// After each escape, the offset in `value` and the offset in the file that belong together.
    pub(crate) shifts: Vec<(u32, u32)>,
}

/// `[a, b]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Array {
    pub elements: Vec<Value>,
    /// With the brackets.
    pub span: Span,
}

/// `{"a": b}`, in source order and with duplicates.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    pub members: Vec<Member>,
    pub open: Span,
    /// Empty where the brace is missing.
    pub close: Span,
}

/// `"name": value`.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    pub name: Text,
    pub colon: Span,
    pub value: Value,
}

/// A parsed JSON text.
#[derive(Debug, Clone)]
pub struct Parsed {
    pub value: Value,
    /// In the order of their places.
    pub errors: Vec<SyntaxError>,
}

/// Parses a text that is one JSON value. It is strict: no comments, no trailing commas, no byte-order mark.
pub fn parse(text: &str) -> Parsed {
    if let Some(error) = crate::too_large(text.len()) {
        return Parsed { value: Value::Invalid(Span::at(0)), errors: vec![error] };
    }
    let (value, errors) = parser::parse(text);
    Parsed { value, errors: crate::in_order(errors) }
}

/// Parses a file as it is on disk. Bytes that are not UTF-8 are an error with their place.
pub fn parse_bytes(bytes: &[u8]) -> Parsed {
    let (text, invalid) = crate::decode(bytes);
    let mut parsed = parse(&text);
    if !invalid.is_empty() {
        parsed
            .errors
            .retain(|error| !invalid.iter().any(|span| span.start <= error.range.start && error.range.end <= span.end));
        parsed.errors.extend(invalid.into_iter().map(crate::invalid_encoding));
        parsed.errors = crate::in_order(parsed.errors);
    }
    parsed
}

impl Value {
    /// The range of the value.
    pub fn span(&self) -> Span {
        match self {
            Value::Null(span) | Value::Bool(_, span) | Value::Invalid(span) => *span,
            Value::Number(number) => number.span,
            Value::String(text) => text.span,
            Value::Array(array) => array.span,
            Value::Object(object) => object.span(),
        }
    }

    /// What kind of value it is, with its article.
    fn describe(&self) -> &'static str {
        match self {
            Value::Null(_) => "null",
            Value::Bool(..) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
            Value::Invalid(_) => "an invalid value",
        }
    }
}

impl Object {
    /// From the opening to the closing brace.
    pub fn span(&self) -> Span {
        self.open.to(self.close)
    }
}

impl Text {
    /// Where in the file a range of `value` is.
    pub fn place(&self, span: Span) -> Span {
        Span::new(self.offset(span.start), self.offset(span.end))
    }

    fn offset(&self, offset: u32) -> u32 {
        let after = self.shifts.partition_point(|(value_offset, _)| *value_offset <= offset);
        let (value_offset, file_offset) = match after.checked_sub(1) {
            Some(last) => self.shifts[last],
            None => (0, self.span.start + 1),
        };
        (file_offset + (offset - value_offset)).min(self.span.end)
    }
}
