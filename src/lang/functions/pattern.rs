//! Regular expressions.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::ty::Type;
use model::value::Value;
use regex::{Captures, Regex};

use crate::functions::arguments::text;
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "regex",
        &[Parameter::string("pattern"), Parameter::string("string")],
        Shape::Any,
        regex,
        "Finds the first match of a pattern, and gives it or its groups.",
    )
    .infer(|arguments| match arguments[0].reveal().as_str() {
        Some(source) => Ok(result_type(&compile(source).map_err(|error| Error::argument(0, error.to_string()))?)),
        None => Ok(Type::Dynamic),
    }),
    Function::new(
        "regexall",
        &[Parameter::string("pattern"), Parameter::string("string")],
        Shape::ListOfAny,
        regexall,
        "Finds all matches of a pattern, and gives a list of them or of their groups.",
    )
    .infer(|arguments| match arguments[0].reveal().as_str() {
        Some(source) => {
            Ok(Type::list(result_type(&compile(source).map_err(|error| Error::argument(0, error.to_string()))?)))
        }
        None => Ok(Type::list(Type::Dynamic)),
    }),
];

/// A pattern that is not a regular expression of this language.
#[derive(Debug, thiserror::Error)]
pub(super) enum PatternError {
    #[error("{0}")]
    Syntax(String),
    #[error("named and unnamed groups can't be mixed in one pattern")]
    MixedGroups,
}

/// Compiles a pattern, with the classes `\d`, `\s`, `\w` and `\b` meaning ASCII.
pub(super) fn compile(source: &str) -> Result<Regex, PatternError> {
    Regex::new(&translate(source)).map_err(|error| PatternError::Syntax(syntax_message(&error)))
}

/// The last line of the library's message, which names the mistake; the lines before draw the pattern.
fn syntax_message(error: &regex::Error) -> String {
    let text = error.to_string();
    let line = text.lines().last().unwrap_or_default();
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}

/// The error of a call for a pattern that is none.
pub(super) fn invalid(context: &Context<'_>, argument: usize, source: &str, error: &PatternError) -> Error {
    Error::argument(argument, format!("{} is not a regular expression: {error}", context.show(source)))
}

/// A pattern of the language (RE2's syntax) as one of the library: they differ in what `\d` and its like stand for, in the
/// escapes `\Q..\E`, `\C` and octal ones, in set operations inside of brackets, and in braces that are no repetition.
fn translate(source: &str) -> String {
    let mut translated = String::with_capacity(source.len() + 8);
    let mut characters = source.char_indices().peekable();
    let mut in_class = false;
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                let Some((_, escaped)) = characters.next() else {
                    translated.push('\\');
                    break;
                };
                match escaped {
                    'Q' => {
                        let rest = &source[at + 2..];
                        let quoted = rest.split("\\E").next().unwrap_or(rest);
                        translated.push_str(&regex::escape(quoted));
                        let end = at + 2 + quoted.len() + if quoted.len() < rest.len() { 2 } else { 0 };
                        while characters.next_if(|(next, _)| *next < end).is_some() {}
                    }
                    'd' | 's' | 'w' | 'D' | 'S' | 'W' => translated.push_str(ascii_class(escaped, in_class)),
                    'b' if !in_class => translated.push_str(r"(?-u:\b)"),
                    'B' if !in_class => translated.push_str(r"(?-u:\B)"),
                    // One to three octal digits; a digit that is not 0 must be followed by another.
                    '0'..='7' if escaped == '0' || characters.peek().is_some_and(|(_, next)| next.is_digit(8)) => {
                        let mut code = escaped.to_digit(8).unwrap_or(0);
                        for _ in 0..2 {
                            match characters.next_if(|(_, next)| next.is_digit(8)) {
                                Some((_, digit)) => code = code * 8 + digit.to_digit(8).unwrap_or(0),
                                None => break,
                            }
                        }
                        translated.push_str(&format!("\\x{{{code:x}}}"));
                    }
                    _ => {
                        translated.push('\\');
                        translated.push(escaped);
                    }
                }
            }
            '[' if in_class && !source[at..].starts_with("[:") => translated.push_str("\\["),
            '[' if in_class => {
                // A class such as [:alpha:], to its end.
                let end = source[at..].find(":]").map_or(at + 1, |length| at + length + 2);
                translated.push_str(&source[at..end]);
                while characters.next_if(|(next, _)| *next < end).is_some() {}
            }
            '[' => {
                in_class = true;
                translated.push('[');
                if let Some((_, negation)) = characters.next_if(|(_, next)| *next == '^') {
                    translated.push(negation);
                }
                if characters.next_if(|(_, next)| *next == ']').is_some() {
                    translated.push_str("\\]");
                }
            }
            ']' if in_class => {
                in_class = false;
                translated.push(']');
            }
            // The library would read two of these in a row as an operation on sets.
            '&' | '~' if in_class => {
                translated.push('\\');
                translated.push(c);
            }
            '{' if !in_class && !is_repetition(&source[at..]) => translated.push_str("\\{"),
            '}' if !in_class && !closes_repetition(&source[..at]) => translated.push_str("\\}"),
            _ => translated.push(c),
        }
    }
    translated
}

fn ascii_class(class: char, in_class: bool) -> &'static str {
    match (class, in_class) {
        ('d', true) => "0-9",
        ('d', false) => "[0-9]",
        ('s', true) => r"\t\n\x0C\r ",
        ('s', false) => r"[\t\n\x0C\r ]",
        ('w', true) => "0-9A-Za-z_",
        ('w', false) => "[0-9A-Za-z_]",
        ('D', _) => "[^0-9]",
        ('S', _) => r"[^\t\n\x0C\r ]",
        (_, _) => "[^0-9A-Za-z_]",
    }
}

/// Whether a text that begins with `{` begins with `{n}`, `{n,}` or `{n,m}`.
fn is_repetition(text: &str) -> bool {
    let Some(inner) = text[1..].split('}').next().filter(|inner| inner.len() + 1 < text.len()) else {
        return false;
    };
    let (low, high) = inner.split_once(',').unwrap_or((inner, ""));
    !low.is_empty() && low.bytes().all(|byte| byte.is_ascii_digit()) && high.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a `}` after this text belongs to a repetition, a code point or a class.
fn closes_repetition(before: &str) -> bool {
    let Some(open) = before.rfind('{') else { return false };
    if before[open..].contains('}') {
        return false;
    }
    let head = &before[..open];
    is_repetition(&format!("{}}}", &before[open..]))
        || head.ends_with("\\x")
        || head.ends_with("\\p")
        || head.ends_with("\\P")
}

/// What a match is: a string without groups, a tuple of unnamed ones, an object of named ones.
fn result_type(pattern: &Regex) -> Type {
    let names: Vec<Option<&str>> = pattern.capture_names().skip(1).collect();
    if names.is_empty() {
        Type::String
    } else if names.iter().all(Option::is_some) {
        Type::object(names.iter().flatten().map(|name| (*name, Type::String)))
    } else {
        Type::tuple(vec![Type::String; names.len()])
    }
}

fn check_groups(pattern: &Regex) -> Result<(), PatternError> {
    let named = pattern.capture_names().skip(1).filter(Option::is_some).count();
    if named == 0 || named == pattern.captures_len() - 1 { Ok(()) } else { Err(PatternError::MixedGroups) }
}

fn matched(pattern: &Regex, captures: &Captures<'_>) -> Value {
    let group = |index: usize| match captures.get(index) {
        Some(found) => Value::string(found.as_str()),
        None => Value::null(Type::String),
    };
    match result_type(pattern) {
        Type::Object(_) => {
            let names = pattern.capture_names().enumerate().filter_map(|(index, name)| Some((index, name?)));
            Value::object(
                names.map(|(index, name)| (Arc::from(name), group(index))).collect::<BTreeMap<Arc<str>, Value>>(),
            )
        }
        Type::Tuple(groups) => Value::tuple((1..=groups.len()).map(group).collect::<Vec<_>>()),
        _ => group(0),
    }
}

fn prepare(context: &Context<'_>, source: &str) -> Result<Regex, Error> {
    let prepared = compile(source).and_then(|pattern| check_groups(&pattern).map(|()| pattern));
    prepared.map_err(|error| invalid(context, 0, source, &error))
}

fn regex(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let pattern = prepare(context, text(arguments, 0))?;
    match pattern.captures(text(arguments, 1)) {
        Some(captures) => Ok(matched(&pattern, &captures)),
        None => Err(Error::call("the pattern matches nothing in the string")),
    }
}

fn regexall(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let pattern = prepare(context, text(arguments, 0))?;
    let all: Vec<Value> =
        pattern.captures_iter(text(arguments, 1)).map(|captures| matched(&pattern, &captures)).collect();
    Ok(Value::list(result_type(&pattern), all))
}

/// Replaces all matches; `$1`, `${1}` and `${name}` in the replacement are groups.
pub(super) fn replace_pattern(pattern: &Regex, subject: &str, replacement: &str) -> String {
    pattern.replace_all(subject, replacement).into_owned()
}
