//! Text encodings: base64, character sets, URLs, gzip and CSV.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use base64::Engine;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use model::ty::Type;
use model::value::Value;

use crate::functions::arguments::text;
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "base64decode",
        &[Parameter::string("str")],
        Shape::String,
        base64decode,
        "Reads a string from base64.",
    ),
    Function::new(
        "base64encode",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(Value::string(STANDARD.encode(text(arguments, 0)))),
        "Writes a string as base64.",
    ),
    Function::new(
        "base64gzip",
        &[Parameter::string("str")],
        Shape::String,
        base64gzip,
        "Compresses a string with gzip and writes that as base64.",
    ),
    Function::new(
        "csvdecode",
        &[Parameter::string("str")],
        Shape::Any,
        csvdecode,
        "Reads a list of objects from CSV, whose first line names the attributes.",
    ),
    Function::new(
        "textdecodebase64",
        &[Parameter::string("source"), Parameter::string("encoding")],
        Shape::String,
        textdecodebase64,
        "Reads a string from base64 in a character encoding.",
    ),
    Function::new(
        "textencodebase64",
        &[Parameter::string("string"), Parameter::string("encoding")],
        Shape::String,
        textencodebase64,
        "Writes a string in a character encoding as base64.",
    ),
    Function::new(
        "urlencode",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(Value::string(urlencode(text(arguments, 0)))),
        "Escapes a string for use in the query of a URL.",
    ),
];

/// Base64 in which the bits behind the last byte may be anything.
const LENIENT: GeneralPurpose =
    GeneralPurpose::new(&alphabet::STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// Decodes base64, in which line breaks count for nothing.
fn decode(context: &Context<'_>, text: &str) -> Result<Vec<u8>, Error> {
    let joined: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    LENIENT.decode(&joined).map_err(|_| Error::argument(0, format!("{} is not base64", context.show(text))))
}

fn base64decode(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let bytes = decode(context, text(arguments, 0))?;
    let decoded = String::from_utf8(bytes)
        .map_err(|_| Error::call("the decoded bytes are not UTF-8; strings can't hold other bytes"))?;
    Ok(Value::string(decoded))
}

fn base64gzip(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut encoder = flate2::GzBuilder::new().operating_system(255).write(Vec::new(), flate2::Compression::default());
    let compressed = encoder.write_all(text(arguments, 0).as_bytes()).and_then(|()| encoder.finish());
    let compressed = compressed.expect("writing to memory does not fail");
    Ok(Value::string(STANDARD.encode(compressed)))
}

fn csvdecode(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let fail = |message: String| Error::argument(0, message);
    check_quotes(text(arguments, 0)).map_err(|error| fail(error.to_string()))?;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text(arguments, 0).as_bytes());
    let mut records = reader.records();
    let headers = match records.next() {
        Some(headers) => headers.map_err(|error| fail(format!("it is not CSV: {error}")))?,
        None => return Err(fail("the line with the names is missing".to_owned())),
    };
    let names: Vec<Arc<str>> = headers.iter().map(Arc::from).collect();
    for (index, name) in names.iter().enumerate() {
        if names[..index].contains(name) {
            return Err(fail("a name occurs twice in the first line".to_owned()));
        }
    }
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(|error| fail(format!("it is not CSV: {error}")))?;
        if record.len() != names.len() {
            let line = record.position().map_or(0, csv::Position::line);
            return Err(fail(format!(
                "the record on line {line} has {} fields instead of {}",
                record.len(),
                names.len()
            )));
        }
        let attributes: BTreeMap<Arc<str>, Value> = names.iter().cloned().zip(record.iter().map(Value::from)).collect();
        rows.push(Value::object(attributes));
    }
    Ok(Value::list(Type::object(names.into_iter().map(|name| (name, Type::String))), rows))
}

/// Quotes in CSV where they may not be, with the line.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
enum QuoteError {
    #[error("it is not CSV: the quote on line {0} is not closed")]
    Open(usize),
    #[error("it is not CSV: text follows a quoted field on line {0}")]
    TextAfter(usize),
    #[error("it is not CSV: there is a quote inside of a field on line {0}")]
    Inside(usize),
}

/// Quotes may only surround whole fields, and must be closed: the library reads over other ones.
fn check_quotes(text: &str) -> Result<(), QuoteError> {
    let mut line = 1;
    let mut characters = text.chars().peekable();
    let mut field_start = true;
    while let Some(c) = characters.next() {
        match c {
            '"' if field_start => {
                let opened = line;
                loop {
                    match characters.next() {
                        Some('"') if characters.peek() == Some(&'"') => {
                            characters.next();
                        }
                        Some('"') => break,
                        Some('\n') => line += 1,
                        Some(_) => {}
                        None => return Err(QuoteError::Open(opened)),
                    }
                }
                match characters.peek() {
                    None | Some(',' | '\n' | '\r') => field_start = false,
                    Some(_) => return Err(QuoteError::TextAfter(line)),
                }
            }
            '"' => return Err(QuoteError::Inside(line)),
            '\n' => {
                line += 1;
                field_start = true;
            }
            _ => field_start = c == ',',
        }
    }
    Ok(())
}

/// A character encoding by its IANA name.
fn encoding(context: &Context<'_>, name: &str) -> Result<Charset, Error> {
    match name.to_ascii_lowercase().as_str() {
        "utf-16le" => Ok(Charset::Utf16 { little: true, mark: false }),
        "utf-16be" => Ok(Charset::Utf16 { little: false, mark: false }),
        "utf-16" => Ok(Charset::Utf16 { little: false, mark: true }),
        label => {
            encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()).map(Charset::Named).ok_or_else(|| {
                Error::argument(1, format!("{} is not the name of a supported encoding", context.show(name)))
            })
        }
    }
}

/// A character encoding. UTF-16 is apart because encoding to it is nothing browsers do.
enum Charset {
    Utf16 { little: bool, mark: bool },
    Named(&'static encoding_rs::Encoding),
}

fn textencodebase64(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let subject = text(arguments, 0);
    let bytes = match encoding(context, text(arguments, 1))? {
        Charset::Utf16 { little, mark } => {
            let units = mark.then_some(0xfeff).into_iter().chain(subject.encode_utf16());
            units.flat_map(|unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
        }
        Charset::Named(encoding) => {
            let (bytes, _, unmappable) = encoding.encode(subject);
            if unmappable {
                let name = text(arguments, 1);
                return Err(Error::argument(0, format!("the string has characters that {name} can't represent")));
            }
            bytes.into_owned()
        }
    };
    Ok(Value::string(STANDARD.encode(bytes)))
}

fn textdecodebase64(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let bytes = decode(context, text(arguments, 0))?;
    let wrong = || Error::argument(0, format!("the bytes are not text in the encoding {}", text(arguments, 1)));
    let decoded = match encoding(context, text(arguments, 1))? {
        Charset::Utf16 { little, mark } => {
            if bytes.len() % 2 != 0 {
                return Err(wrong());
            }
            let marked_little = mark && bytes.starts_with(&[0xff, 0xfe]);
            let skipped = if mark && (marked_little || bytes.starts_with(&[0xfe, 0xff])) { 2 } else { 0 };
            let units = bytes[skipped..].chunks_exact(2).map(|pair| {
                let pair = [pair[0], pair[1]];
                if little || marked_little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
            });
            char::decode_utf16(units).collect::<Result<String, _>>().map_err(|_| wrong())?
        }
        Charset::Named(encoding) => {
            let (decoded, malformed) = encoding.decode_without_bom_handling(&bytes);
            if malformed {
                return Err(wrong());
            }
            decoded.into_owned()
        }
    };
    Ok(Value::string(decoded))
}

/// Escapes everything but letters, digits and `-_.~`; a space becomes `+`.
fn urlencode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
