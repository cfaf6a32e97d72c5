//! Strings.

use model::ty::Type;
use model::value::{Kind, Refinement, Value};
use unicode_segmentation::UnicodeSegmentation;

use crate::functions::arguments::{strings, text, whole};
use crate::functions::pattern;
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "chomp",
        &[Parameter::string("str")],
        Shape::String,
        chomp,
        "Removes the newlines at the end of a string.",
    ),
    Function::new(
        "endswith",
        &[Parameter::string("str"), Parameter::string("suffix")],
        Shape::Bool,
        |_, arguments| Ok(Value::bool(text(arguments, 0).ends_with(text(arguments, 1)))),
        "Tells whether a string ends with another.",
    ),
    Function::new(
        "indent",
        &[Parameter::number("spaces"), Parameter::string("str")],
        Shape::String,
        indent,
        "Puts spaces before every line but the first.",
    ),
    Function::new(
        "join",
        &[Parameter::string("separator")],
        Shape::String,
        join,
        "Joins the strings of lists with a separator between them.",
    )
    .variadic(Parameter::new("lists", Shape::ListOfString)),
    Function::new(
        "lower",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(Value::string(text(arguments, 0).chars().map(to_lower).collect::<String>())),
        "Makes all letters small.",
    ),
    Function::new(
        "replace",
        &[Parameter::string("str"), Parameter::string("substr"), Parameter::string("replace")],
        Shape::String,
        replace,
        "Replaces a string, or what a pattern between slashes matches, wherever it occurs.",
    ),
    Function::new(
        "split",
        &[Parameter::string("separator"), Parameter::string("str")],
        Shape::ListOfString,
        split,
        "Splits a string wherever a separator occurs.",
    ),
    Function::new(
        "startswith",
        &[Parameter::string("str").takes_unknown(), Parameter::string("prefix")],
        Shape::Bool,
        startswith,
        "Tells whether a string begins with another.",
    ),
    Function::new(
        "strcontains",
        &[Parameter::string("str"), Parameter::string("substr")],
        Shape::Bool,
        |_, arguments| Ok(Value::bool(text(arguments, 0).contains(text(arguments, 1)))),
        "Tells whether a string contains another.",
    ),
    Function::new(
        "strrev",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(Value::string(text(arguments, 0).graphemes(true).rev().collect::<String>())),
        "Reverses the characters of a string.",
    ),
    Function::new(
        "substr",
        &[Parameter::string("str"), Parameter::number("offset"), Parameter::number("length")],
        Shape::String,
        substr,
        "Gives a part of a string by offset and length, both in characters.",
    ),
    Function::new(
        "title",
        &[Parameter::string("str")],
        Shape::String,
        title,
        "Makes the first letter of each word a capital.",
    ),
    Function::new(
        "trim",
        &[Parameter::string("str"), Parameter::string("cutset")],
        Shape::String,
        |_, arguments| Ok(Value::string(text(arguments, 0).trim_matches(|c| text(arguments, 1).contains(c)))),
        "Removes the given characters from both ends of a string.",
    ),
    Function::new(
        "trimprefix",
        &[Parameter::string("str"), Parameter::string("prefix")],
        Shape::String,
        |_, arguments| {
            Ok(Value::string(text(arguments, 0).strip_prefix(text(arguments, 1)).unwrap_or(text(arguments, 0))))
        },
        "Removes a prefix if the string has it.",
    ),
    Function::new(
        "trimspace",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(Value::string(text(arguments, 0).trim())),
        "Removes white space from both ends of a string.",
    ),
    Function::new(
        "trimsuffix",
        &[Parameter::string("str"), Parameter::string("suffix")],
        Shape::String,
        |_, arguments| {
            Ok(Value::string(text(arguments, 0).strip_suffix(text(arguments, 1)).unwrap_or(text(arguments, 0))))
        },
        "Removes a suffix if the string has it.",
    ),
    Function::new(
        "upper",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(Value::string(text(arguments, 0).chars().map(to_upper).collect::<String>())),
        "Makes all letters capital.",
    ),
];

fn chomp(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    Ok(Value::string(text(arguments, 0).trim_end_matches(['\r', '\n'])))
}

fn indent(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let spaces = usize::try_from(whole(arguments, 0)?).map_err(|_| Error::argument(0, "it must not be negative"))?;
    Ok(Value::string(text(arguments, 1).replace('\n', &format!("\n{:spaces$}", ""))))
}

fn join(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    if arguments.len() < 2 {
        return Err(Error::call("a separator and at least one list are required"));
    }
    let mut all = Vec::new();
    for index in 1..arguments.len() {
        match strings(arguments, index)? {
            Some(strings) => all.extend(strings),
            None => return Ok(Value::unknown_with(Type::String, Refinement::not_null())),
        }
    }
    Ok(Value::string(all.join(text(arguments, 0))))
}

fn replace(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (subject, wanted, replacement) = (text(arguments, 0), text(arguments, 1), text(arguments, 2));
    match wanted.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        Some(source) => {
            let pattern = pattern::compile(source).map_err(|error| pattern::invalid(context, 1, source, &error))?;
            Ok(Value::string(pattern.replace(subject, replacement)))
        }
        None => Ok(Value::string(subject.replace(wanted, replacement))),
    }
}

fn split(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (separator, subject) = (text(arguments, 0), text(arguments, 1));
    let parts: Vec<Value> = if separator.is_empty() {
        subject.chars().map(|c| Value::string(c.to_string())).collect()
    } else {
        subject.split(separator).map(Value::from).collect()
    };
    Ok(Value::list(Type::String, parts))
}

fn startswith(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let wanted = text(arguments, 1);
    let refinement = match arguments[0].reveal() {
        Kind::String(text) => return Ok(Value::bool(text.starts_with(wanted))),
        Kind::Unknown(_, refinement) => refinement,
        _ => return Ok(Value::unknown_with(Type::Bool, Refinement::not_null())),
    };
    // What is known of the beginning may decide.
    Ok(match refinement.facts().and_then(|facts| facts.string_prefix.as_deref()) {
        Some(known) if known.starts_with(wanted) => Value::bool(true),
        Some(known) if !wanted.starts_with(known) => Value::bool(false),
        Some(_) | None => Value::unknown_with(Type::Bool, Refinement::not_null()),
    })
}

fn substr(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let characters: Vec<&str> = text(arguments, 0).graphemes(true).collect();
    let (offset, length) = (whole(arguments, 1)?, whole(arguments, 2)?);
    let count = i64::try_from(characters.len()).unwrap_or(i64::MAX);
    if offset >= 0 && length == 0 {
        return Ok(Value::string(""));
    }
    // A negative offset counts from the end; one that goes beyond the beginning is the beginning.
    let start = if offset < 0 { (offset + count).max(0) } else { offset.min(count) };
    let rest = &characters[usize::try_from(start).unwrap_or(0)..];
    // From a negative offset, a length of 0 means the rest, as a negative one does.
    let taken =
        usize::try_from(length).ok().filter(|length| *length > 0).map_or(rest.len(), |length| length.min(rest.len()));
    Ok(Value::string(rest[..taken].concat()))
}

fn title(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut titled = String::with_capacity(text(arguments, 0).len());
    let mut previous = ' ';
    for c in text(arguments, 0).chars() {
        titled.push(if separates_words(previous) { to_title(c) } else { c });
        previous = c;
    }
    Ok(Value::string(titled))
}

/// Letters, digits and underscores do not; outside of ASCII only white space does.
fn separates_words(c: char) -> bool {
    if c.is_ascii() { !(c.is_ascii_alphanumeric() || c == '_') } else { !c.is_alphanumeric() && c.is_whitespace() }
}

/// The single character that a letter's capital is; letters whose capital is several characters stay as they are.
fn to_upper(c: char) -> char {
    let shifted = |by: u32| char::from_u32(c as u32 + by).unwrap_or(c);
    match c {
        // Greek vowels with an iota below have a capital of their own besides the one of two letters.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => shifted(8),
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => shifted(9),
        _ => single(c.to_uppercase()).unwrap_or(c),
    }
}

fn to_lower(c: char) -> char {
    match c {
        '\u{130}' => 'i',
        _ => single(c.to_lowercase()).unwrap_or(c),
    }
}

fn to_title(c: char) -> char {
    match c {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => c,
        _ => to_upper(c),
    }
}

fn single(mut characters: impl Iterator<Item = char>) -> Option<char> {
    let first = characters.next()?;
    characters.next().is_none().then_some(first)
}
