//! `format` and `formatlist`: text with verbs.

use model::convert::convert;
use model::ty::Type;
use model::value::{Facts, Kind, Refinement, Value};
use unicode_segmentation::UnicodeSegmentation;

use crate::functions::arguments::text;
use crate::functions::collection::sequence;
use crate::functions::json::{encode, quote};
use crate::functions::{Context, Error, Function, Parameter, Shape};

/// Digits after the point of `%e` and `%f` without a precision.
const DECIMALS: usize = 6;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "format",
        &[Parameter::string("format")],
        Shape::Any,
        format,
        "Makes a string of a format with verbs and the values for them.",
    )
    .variadic(Parameter::any("args").nullable().takes_unknown())
    .infer(|_| Ok(Type::String)),
    Function::new(
        "formatlist",
        &[Parameter::string("format")],
        Shape::Any,
        formatlist,
        "Makes a list of strings, one for each element of the lists among the values.",
    )
    .variadic(Parameter::any("args").nullable().takes_unknown())
    .infer(|_| Ok(Type::list(Type::String))),
];

/// A piece of a format.
enum Piece<'a> {
    Text(&'a str),
    Verb(Verb<'a>),
}

/// `%` with what follows.
struct Verb<'a> {
    /// As written.
    raw: &'a str,
    offset: usize,
    /// Which argument, counted from 0.
    argument: usize,
    mode: char,
    zero: bool,
    sharp: bool,
    minus: bool,
    plus: bool,
    space: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

fn parse(format: &str) -> Result<Vec<Piece<'_>>, Error> {
    let mut pieces = Vec::new();
    let mut next_argument = 0;
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        let offset = format.len() - rest.len() + at;
        rest = &rest[at..];
        if rest.starts_with("%%") {
            pieces.push(Piece::Text("%"));
            rest = &rest[2..];
            continue;
        }
        let verb = parse_verb(rest, offset, next_argument)?;
        next_argument = verb.argument + 1;
        rest = &rest[verb.raw.len()..];
        pieces.push(Piece::Verb(verb));
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    Ok(pieces)
}

/// Parses `%[flags][width][.precision][[argument]]mode` at the beginning of a text.
fn parse_verb(text: &str, offset: usize, next_argument: usize) -> Result<Verb<'_>, Error> {
    let bytes = text.as_bytes();
    let mut at = 1;
    let mut verb = Verb {
        raw: text,
        offset,
        argument: next_argument,
        mode: ' ',
        zero: false,
        sharp: false,
        minus: false,
        plus: false,
        space: false,
        width: None,
        precision: None,
    };
    while let Some(flag) = bytes.get(at) {
        match flag {
            b'0' => verb.zero = true,
            b'#' => verb.sharp = true,
            b'-' => verb.minus = true,
            b'+' => verb.plus = true,
            b' ' => verb.space = true,
            _ => break,
        }
        at += 1;
    }
    verb.width = digits(bytes, &mut at);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        verb.precision = Some(digits(bytes, &mut at).unwrap_or(0));
    }
    if bytes.get(at) == Some(&b'[') {
        at += 1;
        let argument = if bytes.get(at) == Some(&b'0') { None } else { digits(bytes, &mut at) };
        match (argument, bytes.get(at)) {
            (Some(argument), Some(b']')) => verb.argument = argument - 1,
            (_, _) => return Err(unrecognized(text, at, offset)),
        }
        at += 1;
    }
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some(mode) if mode.is_ascii_alphabetic() => {
            verb.mode = mode;
            verb.raw = &text[..=at];
            Ok(verb)
        }
        Some(_) => Err(unrecognized(text, at, offset)),
        None => Err(Error::call(format!("the format ends in the middle of a verb, at offset {offset}"))),
    }
}

fn unrecognized(text: &str, at: usize, offset: usize) -> Error {
    match text.get(at..).and_then(|rest| rest.chars().next()) {
        Some(c) => Error::call(format!("unrecognized format character {c:?} at offset {}", offset + at)),
        None => Error::call(format!("the format ends in the middle of a verb, at offset {offset}")),
    }
}

fn digits(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let start = *at;
    while bytes.get(*at).is_some_and(u8::is_ascii_digit) {
        *at += 1;
    }
    std::str::from_utf8(&bytes[start..*at]).ok()?.parse().ok()
}

fn format(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    render(text(arguments, 0), &arguments[1..])
}

/// Puts the values into the format. Unknown values make the result unknown, with what comes before as its prefix.
fn render(format: &str, values: &[Value]) -> Result<Value, Error> {
    let pieces = parse(format)?;
    let mut output = String::new();
    let mut known = true;
    let mut used = 0;
    for piece in &pieces {
        let verb = match piece {
            Piece::Text(text) => {
                if known {
                    output.push_str(text);
                }
                continue;
            }
            Piece::Verb(verb) => verb,
        };
        let Some(value) = values.get(verb.argument) else {
            let (raw, wanted, given) = (verb.raw, verb.argument + 1, values.len());
            return Err(Error::call(format!(
                "`{raw}` at offset {} needs value {wanted}, and {given} are given",
                verb.offset
            )));
        };
        used = used.max(verb.argument + 1);
        if !value.is_wholly_known() {
            known = false;
        }
        if known {
            verb.write(value, &mut output)?;
        }
    }
    if used < values.len() {
        let message = if used == 0 {
            "the format has no verbs for values".to_owned()
        } else {
            format!("the format uses only {used} values")
        };
        return Err(Error::argument(used + 1, message));
    }
    if known {
        return Ok(Value::string(output));
    }
    let facts = Facts { not_null: true, ..Facts::default() };
    Ok(Value::unknown_with(Type::String, Refinement::from(facts)))
}

impl Verb<'_> {
    fn write(&self, value: &Value, output: &mut String) -> Result<(), Error> {
        if value.is_null() && self.mode != 'v' {
            return Err(self.unsuitable("null can't be formatted so"));
        }
        let text = match self.mode {
            'v' => self.natural(value)?,
            // Bools are never widened.
            't' => self.converted(value, &Type::Bool)?.to_string(),
            's' | 'q' => {
                let string = self.converted(value, &Type::String)?;
                let text = string.reveal().as_str().unwrap_or_default();
                let cut: String = match self.precision {
                    Some(precision) if precision > 0 => text.graphemes(true).take(precision).collect(),
                    Some(_) | None => text.to_owned(),
                };
                self.pad(&if self.mode == 'q' { quote(&cut) } else { cut })
            }
            'b' | 'd' | 'o' | 'x' | 'X' => self.integer(&self.converted(value, &Type::Number)?)?,
            'e' | 'E' | 'f' | 'g' | 'G' => self.float(&self.converted(value, &Type::Number)?)?,
            mode => {
                let raw = self.raw;
                return Err(Error::call(format!(
                    "unsupported format verb {mode:?} in `{raw}` at offset {}",
                    self.offset
                )));
            }
        };
        output.push_str(&text);
        Ok(())
    }

    fn unsuitable(&self, why: impl std::fmt::Display) -> Error {
        Error::call(format!("unsuitable value for `{}` at offset {}: {why}", self.raw, self.offset))
    }

    fn converted(&self, value: &Value, ty: &Type) -> Result<Value, Error> {
        convert(value, ty).map_err(|error| self.unsuitable(error))
    }

    /// Strings and numbers as they are, everything else (and with `#` these too) as JSON.
    fn natural(&self, value: &Value) -> Result<String, Error> {
        let text = match value.reveal() {
            Kind::String(text) if !self.sharp => text.to_string(),
            Kind::Number(number) if !self.sharp => number.to_general_string(None),
            _ => encode(value).map_err(|error| self.unsuitable(error))?,
        };
        Ok(self.pad(&text))
    }

    /// Widens a text, counted in characters.
    fn pad(&self, text: &str) -> String {
        let missing = self.width.unwrap_or(0).saturating_sub(text.graphemes(true).count());
        let padding = if self.zero { "0" } else { " " }.repeat(missing);
        if self.minus { format!("{text}{padding}") } else { format!("{padding}{text}") }
    }

    fn integer(&self, value: &Value) -> Result<String, Error> {
        let Some(number) = value.reveal().as_number() else { return Err(self.unsuitable("a number is required")) };
        let (radix, prefix) = match self.mode {
            'b' => (2, "0b"),
            'o' => (8, "0"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let digits = number.to_radix_string(radix).ok_or_else(|| self.unsuitable("a whole number is required"))?;
        let digits = if self.mode == 'X' { digits.to_uppercase() } else { digits };
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, digits.as_str()),
        };
        let mut digits = digits.to_owned();
        if let Some(precision) = self.precision {
            if precision == 0 && digits == "0" {
                digits.clear();
            }
            digits = format!("{digits:0>precision$}");
        }
        let prefix = if self.sharp { prefix } else { "" };
        let zeros = self.zero && !self.minus && self.precision.is_none();
        Ok(self.signed(negative, prefix, &digits, zeros))
    }

    fn float(&self, value: &Value) -> Result<String, Error> {
        let Some(number) = value.reveal().as_number() else { return Err(self.unsuitable("a number is required")) };
        let text = match self.mode {
            'e' | 'E' => number.to_exponent_string(self.precision.unwrap_or(DECIMALS)),
            'f' => number.to_fixed_string(self.precision.unwrap_or(DECIMALS)),
            _ => number.to_general_string(self.precision),
        };
        if number.is_infinite() {
            let sign = if number.is_negative() { "-" } else { "+" };
            let sign = if self.space && !number.is_negative() { " " } else { sign };
            return Ok(self.widened(&format!("{sign}Inf")));
        }
        let text = if self.mode.is_ascii_uppercase() { text.to_uppercase() } else { text };
        let (negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text.as_str()),
        };
        Ok(self.signed(negative, "", text, self.zero && !self.minus))
    }

    /// Puts a sign before digits and widens the whole; `zeros` go between the sign and the digits.
    fn signed(&self, negative: bool, prefix: &str, digits: &str, zeros: bool) -> String {
        let sign = match (negative, self.plus, self.space) {
            (true, _, _) => "-",
            (false, true, _) => "+",
            (false, false, true) => " ",
            (false, false, false) => "",
        };
        let missing = self.width.unwrap_or(0).saturating_sub(sign.len() + prefix.len() + digits.len());
        if zeros {
            format!("{sign}{prefix}{}{digits}", "0".repeat(missing))
        } else {
            self.widened(&format!("{sign}{prefix}{digits}"))
        }
    }

    /// Widens a number with spaces.
    fn widened(&self, text: &str) -> String {
        let width = self.width.unwrap_or(0);
        if self.minus { format!("{text:<width$}") } else { format!("{text:>width$}") }
    }
}

fn formatlist(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let format = text(arguments, 0);
    let values = &arguments[1..];
    // The first list decides how many strings there are.
    let mut length: Option<(usize, usize)> = None;
    for (index, value) in values.iter().enumerate() {
        if let Kind::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_), _) = value.reveal() {
            return Ok(Value::unknown_with(Type::list(Type::String), Refinement::not_null()));
        }
        let Some(items) = sequence(value) else { continue };
        match length {
            None => length = Some((items.len(), index + 1)),
            Some((length, first)) if items.len() != length => {
                let (own, position) = (items.len(), index + 1);
                return Err(Error::argument(
                    index + 1,
                    format!("the value {position} has {own} elements, but the value {first} has {length}"),
                ));
            }
            Some(_) => {}
        }
    }
    let mut strings = Vec::new();
    for row in 0..length.map_or(1, |(length, _)| length) {
        let row_values: Vec<Value> = values
            .iter()
            .map(|value| sequence(value).map_or_else(|| value.clone(), |items| items[row].clone()))
            .collect();
        strings.push(render(format, &row_values).map_err(|error| Error {
            message: format!("{} (in the string {row} of the list)", error.message),
            ..error
        })?);
    }
    Ok(Value::list(Type::String, strings))
}
