//! Reads YAML as Terraform's `yamldecode` does: one document, plain scalars by the rules below, keys as strings.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::number::Number;
use model::ty::Type;
use model::value::{Kind, Value};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use crate::functions::time::normalize_yaml_timestamp;

/// Deeper nesting is an error.
const DEPTH_MAX: usize = 500;
/// More values than this do not come out of one document: aliases of aliases can otherwise make any number.
const VALUES_MAX: usize = 1_000_000;

/// A text that is not YAML, or not such as can be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}{message}", place.map(|(line, column)| format!("line {line}, column {column}: ")).unwrap_or_default())]
pub(super) struct DecodeError {
    /// Line and column, from 1.
    place: Option<(usize, usize)>,
    message: String,
}

impl DecodeError {
    fn new(message: impl Into<String>) -> DecodeError {
        DecodeError { place: None, message: message.into() }
    }

    fn at(self, span: Span) -> DecodeError {
        DecodeError { place: Some((span.start.line(), span.start.col() + 1)), ..self }
    }
}

/// Reads the only document of a text.
///
/// # Errors
/// The text is no single document, or has parts that mean nothing here.
pub(super) fn decode(text: &str) -> Result<Value, DecodeError> {
    let mut decoder = Decoder { events: Parser::new_from_str(text), anchors: HashMap::new(), values: 0 };
    decoder.expect_start()?;
    let (event, span) = decoder.next()?;
    let value = decoder.value(event, span, 0)?;
    match decoder.next()? {
        (Event::DocumentEnd, _) => {}
        (_, span) => return Err(at(span, "there is more after the value")),
    }
    match decoder.next()? {
        (Event::StreamEnd, _) => Ok(value),
        (_, span) => Err(at(span, "there is a second document, and only one can be read")),
    }
}

struct Decoder<'a> {
    events: Parser<'a, StrInput<'a>>,
    /// `None` while the value of the anchor is being read.
    anchors: HashMap<usize, Option<Value>>,
    values: usize,
}

fn at(span: Span, message: impl Into<String>) -> DecodeError {
    DecodeError::new(message).at(span)
}

fn syntax(error: &ScanError) -> DecodeError {
    let marker = error.marker();
    DecodeError { place: Some((marker.line(), marker.col() + 1)), message: error.info().to_owned() }
}

impl<'a> Decoder<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), DecodeError> {
        match self.events.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(syntax(&error)),
            None => Err(DecodeError::new("the text ends too early")),
        }
    }

    fn expect_start(&mut self) -> Result<(), DecodeError> {
        loop {
            match self.next()? {
                (Event::StreamStart | Event::Nothing, _) => {}
                (Event::DocumentStart(_), _) => return Ok(()),
                (_, _) => return Err(DecodeError::new("there is no document")),
            }
        }
    }

    fn value(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Value, DecodeError> {
        if depth > DEPTH_MAX {
            return Err(at(span, format!("values may nest {DEPTH_MAX} levels deep at most")));
        }
        self.values += 1;
        if self.values > VALUES_MAX {
            return Err(at(span, "the document is too large"));
        }
        let (anchor, value) = match event {
            Event::Alias(anchor) => {
                return match self.anchors.get(&anchor) {
                    Some(Some(value)) => {
                        let value = value.clone();
                        self.values += size(&value);
                        Ok(value)
                    }
                    Some(None) => Err(at(span, "an alias can't be inside of what it stands for")),
                    None => Err(at(span, "the alias stands for no anchor")),
                };
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref()).map_err(|error| error.at(span))?;
                (anchor, value)
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_ref(), "seq").map_err(|error| error.at(span))?;
                self.anchors.insert(anchor, None);
                (anchor, self.sequence(depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_ref(), "map").map_err(|error| error.at(span))?;
                self.anchors.insert(anchor, None);
                (anchor, self.mapping(depth)?)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => return Err(at(span, "a value is missing")),
        };
        // Anchors are numbered from 1.
        if anchor > 0 {
            self.anchors.insert(anchor, Some(value.clone()));
        }
        Ok(value)
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::tuple(items)),
                (event, span) => items.push(self.value(event, span, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, DecodeError> {
        let mut attributes: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Ok(Value::object(attributes));
            }
            let is_merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = self.value(event, span, depth + 1)?;
            let (event, value_span) = self.next()?;
            let value = self.value(event, value_span, depth + 1)?;
            if is_merge {
                match value.reveal() {
                    Kind::Object(merged) => {
                        attributes.extend(merged.iter().map(|(name, value)| (name.clone(), value.clone())))
                    }
                    _ => return Err(at(value_span, "only a mapping can be merged into a mapping")),
                }
                continue;
            }
            let name = match model::convert::convert(&key, &Type::String) {
                Ok(name) if !name.is_null() => name,
                Ok(_) => return Err(at(span, "a key must not be null")),
                Err(_) => return Err(at(span, "only strings can be keys")),
            };
            if let Kind::String(name) = name.reveal() {
                attributes.insert(name.clone(), value);
            }
        }
    }
}

/// How many values there are in a value.
fn size(value: &Value) -> usize {
    let mut count = 1;
    value.each_child(|_, child| count += size(child));
    count
}

/// The name of a tag of YAML itself, or an error.
fn core_tag(tag: Option<&Tag>) -> Result<Option<&str>, DecodeError> {
    const PREFIX: &str = "tag:yaml.org,2002:";
    let Some(tag) = tag else { return Ok(None) };
    if tag.handle == PREFIX || tag.handle == "!!" {
        return Ok(Some(&tag.suffix));
    }
    match tag.suffix.strip_prefix(PREFIX) {
        Some(name) if tag.handle.is_empty() => Ok(Some(name)),
        Some(_) | None => Err(DecodeError::new(format!("the tag `{}{}` is not supported", tag.handle, tag.suffix))),
    }
}

fn check_tag(tag: Option<&Cow<'_, Tag>>, wanted: &str) -> Result<(), DecodeError> {
    match core_tag(tag.map(AsRef::as_ref))? {
        None => Ok(()),
        Some(name) if name == wanted => Ok(()),
        Some(name) => Err(DecodeError::new(format!("the tag `!!{name}` does not fit this value"))),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, DecodeError> {
    let tag = core_tag(tag)?;
    let plain = style == ScalarStyle::Plain;
    let misfit = |name: &str| Err(DecodeError::new(format!("the value does not fit its tag `!!{name}`")));
    match tag {
        None if plain => Ok(resolve(text)?),
        None | Some("str") => Ok(Value::string(text)),
        Some("binary") => match STANDARD.decode(text.split_whitespace().collect::<String>()) {
            Ok(_) => Ok(Value::string(text)),
            Err(_) => misfit("binary"),
        },
        Some("null" | "bool" | "int" | "float" | "timestamp") if !plain => Ok(Value::string(text)),
        Some("null") => Ok(Value::null(Type::Dynamic)),
        Some("bool") => bool_of(text).map_or_else(|| misfit("bool"), |value| Ok(Value::bool(value))),
        Some(name @ ("int" | "float")) => {
            number_of(text)?.map_or_else(|| misfit(name), |number| Ok(Value::number(number)))
        }
        Some("timestamp") => {
            normalize_yaml_timestamp(text).map_or_else(|| misfit("timestamp"), |text| Ok(Value::string(text)))
        }
        Some(name) => Err(DecodeError::new(format!("the tag `!!{name}` is not supported"))),
    }
}

/// The value of a plain scalar: null, a bool, a number, a time (as a string in RFC 3339), or else the text.
fn resolve(text: &str) -> Result<Value, DecodeError> {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Value::null(Type::Dynamic));
    }
    if let Some(value) = bool_of(text) {
        return Ok(Value::bool(value));
    }
    if let Some(number) = number_of(text)? {
        return Ok(Value::number(number));
    }
    Ok(Value::string(normalize_yaml_timestamp(text).unwrap_or_else(|| text.to_owned())))
}

fn bool_of(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "true" | "True" | "TRUE" => Some(true),
        "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

fn number_of(text: &str) -> Result<Option<Number>, DecodeError> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") {
        let infinity = if text.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY };
        return Ok(Number::from_f64(infinity));
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(DecodeError::new("floating point NaN is not supported"));
    }
    let radix = |digits: &str, radix: u32| {
        let valid = !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
        valid.then(|| {
            u64::from_str_radix(digits, radix)
                .map(Number::from)
                .map_err(|_| DecodeError::new("the number is too large"))
        })
    };
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16).transpose();
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8).transpose();
    }
    if !is_decimal(unsigned) {
        return Ok(None);
    }
    Number::parse(text).map(Some).ok_or_else(|| DecodeError::new("the number is too large or too small"))
}

/// Digits with a point among them or at either end, and an exponent.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    mantissa_fits && exponent_fits
}
