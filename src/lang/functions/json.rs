//! JSON.

use model::json::from_simple_json;
use model::number::json::Infinite;
use model::ty::Type;
use model::value::{Facts, Kind, Refinement, Value};

use crate::functions::arguments::text;
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("jsondecode", &[Parameter::string("str")], Shape::Any, jsondecode, "Reads a value from JSON."),
    Function::new(
        "jsonencode",
        &[Parameter::any("val").nullable().takes_unknown()],
        Shape::String,
        jsonencode,
        "Writes a value as JSON.",
    ),
];

fn jsondecode(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let given = text(arguments, 0);
    let parsed = serde_json::from_str(given).or_else(|error| match without_lone_surrogates(given) {
        Some(repaired) => serde_json::from_str(&repaired),
        None => Err(error),
    });
    let json: serde_json::Value = parsed.map_err(|error| {
        if context.marks.contains(model::value::Marks::SENSITIVE) {
            Error::argument(0, "it is not JSON")
        } else {
            Error::argument(0, format!("it is not JSON: {error}"))
        }
    })?;
    from_simple_json(&json).map_err(|error| Error::argument(0, error.to_string()))
}

/// The text with escapes of halves of surrogate pairs replaced by the replacement character; `None` if there are none.
fn without_lone_surrogates(text: &str) -> Option<String> {
    let code = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut repaired = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find('\\') {
        at += found;
        match code(at) {
            Some(0xd800..=0xdbff) if matches!(code(at + 6), Some(0xdc00..=0xdfff)) => at += 12,
            Some(0xd800..=0xdfff) => {
                repaired.push_str(&text[copied..at]);
                repaired.push_str("\\ufffd");
                at += 6;
                copied = at;
            }
            // The character after a backslash belongs to it.
            Some(_) | None => at += 1 + text[at + 1..].chars().next().map_or(0, char::len_utf8),
        }
    }
    (copied > 0).then(|| repaired + &text[copied..])
}

fn jsonencode(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let value = &arguments[0];
    if !value.is_wholly_known() {
        // The first character follows from the type, where the value can't be null.
        let prefix = match value.ty() {
            Type::List(_) | Type::Set(_) | Type::Tuple(_) => Some("["),
            Type::Map(_) | Type::Object(_) => Some("{"),
            Type::String => Some("\""),
            Type::Dynamic | Type::Bool | Type::Number => None,
        };
        let never_null = match value.reveal() {
            Kind::Unknown(_, refinement) => refinement.is_not_null(),
            _ => true,
        };
        let string_prefix = prefix.filter(|_| never_null).map(Into::into);
        let facts = Facts { not_null: true, string_prefix, ..Facts::default() };
        return Ok(Value::unknown_with(Type::String, Refinement::from(facts)));
    }
    encode(value).map(Value::string).map_err(Error::from)
}

/// Writes a wholly known value as JSON without spaces. Marks are not looked at: the caller carries them.
///
/// # Errors
/// There is an infinity in it.
pub(super) fn encode(value: &Value) -> Result<String, Infinite> {
    let mut output = String::new();
    write(value, &mut output)?;
    Ok(output)
}

fn write(value: &Value, output: &mut String) -> Result<(), Infinite> {
    match value.reveal() {
        Kind::Null(_) => output.push_str("null"),
        Kind::Unknown(..) => unreachable!("only wholly known values are written"),
        Kind::Bool(value) => output.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => output.push_str(&number.to_json_string().ok_or(Infinite)?),
        Kind::String(text) => write_quoted(text, output),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            output.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    output.push(',');
                }
                write(item, output)?;
            }
            output.push(']');
        }
        Kind::Map(_, entries) | Kind::Object(entries) => {
            output.push('{');
            for (index, (key, item)) in entries.iter().enumerate() {
                if index > 0 {
                    output.push(',');
                }
                write_quoted(key, output);
                output.push(':');
                write(item, output)?;
            }
            output.push('}');
        }
    }
    Ok(())
}

/// A string as JSON, with the characters escaped that mean something in HTML.
pub(super) fn quote(text: &str) -> String {
    let mut output = String::with_capacity(text.len() + 2);
    write_quoted(text, &mut output);
    output
}

fn write_quoted(text: &str, output: &mut String) {
    output.push('"');
    let mut plain_from = 0;
    for (at, c) in text.char_indices() {
        let escape: Option<&str> = match c {
            '"' => Some("\\\""),
            '\\' => Some("\\\\"),
            '\n' => Some("\\n"),
            '\r' => Some("\\r"),
            '\t' => Some("\\t"),
            '\u{8}' => Some("\\b"),
            '\u{c}' => Some("\\f"),
            _ => None,
        };
        let is_numeric = c < ' ' || matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
        if escape.is_none() && !is_numeric {
            continue;
        }
        output.push_str(&text[plain_from..at]);
        match escape {
            Some(escape) => output.push_str(escape),
            None => output.push_str(&format!("\\u{:04x}", c as u32)),
        }
        plain_from = at + c.len_utf8();
    }
    output.push_str(&text[plain_from..]);
    output.push('"');
}
