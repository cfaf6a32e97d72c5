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
        Some(source) => Ok(compile(source).map_err(|error| Error::argument(0, error.to_string()))?.result_type()),
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
            Ok(Type::list(compile(source).map_err(|error| Error::argument(0, error.to_string()))?.result_type()))
        }
        None => Ok(Type::list(Type::Dynamic)),
    }),
];

/// A compiled pattern with the names of its groups as written.
pub(super) struct Pattern {
    regex: Regex,
    /// By group, without the whole match; unnamed ones have none. A name may occur twice.
    names: Vec<Option<String>>,
}

/// A pattern that is not a regular expression of this language.
#[derive(Debug, thiserror::Error)]
pub(super) enum PatternError {
    #[error("{0}")]
    Syntax(String),
    #[error("a repetition can't be repeated")]
    RepeatedRepetition,
    #[error("a repetition can be of at most {REPETITIONS_MAX}")]
    RepetitionTooLarge,
    #[error("named and unnamed groups can't be mixed in one pattern")]
    MixedGroups,
}

/// The largest number in a repetition such as `{3,5}`.
const REPETITIONS_MAX: u32 = 1000;

/// Compiles a pattern, with the classes `\d`, `\s`, `\w` and `\b` meaning ASCII.
pub(super) fn compile(source: &str) -> Result<Pattern, PatternError> {
    let mut translation = Translation { source, output: String::with_capacity(source.len() + 8), names: Vec::new() };
    translation.run()?;
    let regex = Regex::new(&translation.output).map_err(|error| PatternError::Syntax(syntax_message(&error)))?;
    Ok(Pattern { regex, names: translation.names })
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

/// Rewrites a pattern of the language (RE2's syntax) as one of the library. They differ in what `\d` and its like stand for, in
/// the escapes `\Q..\E` and octal ones, in set operations inside of brackets, in braces that are no repetition, in repetitions
/// of repetitions, and in groups of the same name.
struct Translation<'a> {
    source: &'a str,
    output: String,
    names: Vec<Option<String>>,
}

impl Translation<'_> {
    fn run(&mut self) -> Result<(), PatternError> {
        let mut at = 0;
        let mut after_repetition = false;
        while let Some(c) = self.source[at..].chars().next() {
            let rest = &self.source[at..];
            let repetition = repetition_length(rest)?;
            if repetition > 0 && after_repetition {
                return Err(PatternError::RepeatedRepetition);
            }
            after_repetition = repetition > 0;
            at += match c {
                _ if repetition > 0 => self.copy(at, repetition),
                '\\' => self.escape(at, false),
                '[' => self.class(at),
                '(' => self.group(at),
                '{' | '}' => self.push(&format!("\\{c}"), 1),
                _ => self.copy(at, c.len_utf8()),
            };
        }
        Ok(())
    }

    /// Writes a translation of the next `length` bytes of the source.
    fn push(&mut self, translated: &str, length: usize) -> usize {
        self.output.push_str(translated);
        length
    }

    fn copy(&mut self, at: usize, length: usize) -> usize {
        self.output.push_str(&self.source[at..at + length]);
        length
    }

    /// Translates an escape; gives its length.
    fn escape(&mut self, at: usize, in_class: bool) -> usize {
        let rest = &self.source[at..];
        let Some(escaped) = rest[1..].chars().next() else { return self.push("\\", 1) };
        match escaped {
            'Q' if !in_class => {
                let quoted = rest[2..].split("\\E").next().unwrap_or_default();
                let end = if rest[2..].len() > quoted.len() { 2 } else { 0 };
                self.push(&regex::escape(quoted), 2 + quoted.len() + end)
            }
            'd' | 's' | 'w' | 'D' | 'S' | 'W' => self.push(ascii_class(escaped, in_class), 2),
            'b' if !in_class => self.push(r"(?-u:\b)", 2),
            'B' if !in_class => self.push(r"(?-u:\B)", 2),
            'p' | 'P' | 'x' if rest[2..].starts_with('{') => {
                let length = rest.find('}').map_or(rest.len(), |end| end + 1);
                self.copy(at, length)
            }
            // One to three octal digits; a digit that is not 0 must be followed by another.
            '0'..='7' if escaped == '0' || rest[2..].starts_with(|c: char| c.is_digit(8)) => {
                let digits = rest[1..].bytes().take(3).take_while(|byte| matches!(byte, b'0'..=b'7')).count();
                let code = u32::from_str_radix(&rest[1..=digits], 8).unwrap_or_default();
                self.push(&format!("\\x{{{code:x}}}"), 1 + digits)
            }
            // The library refuses to escape letters that mean nothing, and so does the language.
            _ => self.copy(at, 1 + escaped.len_utf8()),
        }
    }

    /// Translates a class in brackets; gives its length.
    fn class(&mut self, at: usize) -> usize {
        let mut next = at + self.copy(at, 1);
        if self.source[next..].starts_with('^') {
            next += self.copy(next, 1);
        }
        if self.source[next..].starts_with(']') {
            next += self.push("\\]", 1);
        }
        while let Some(c) = self.source[next..].chars().next() {
            let rest = &self.source[next..];
            next += match c {
                ']' => return next + self.copy(next, 1) - at,
                '\\' => self.escape(next, true),
                '[' if rest.starts_with("[:") => self.copy(next, rest.find(":]").map_or(1, |end| end + 2)),
                // The library would read these as nested classes and operations on sets.
                '[' | '&' | '~' => self.push(&format!("\\{c}"), 1),
                _ => self.copy(next, c.len_utf8()),
            };
        }
        next - at
    }

    /// Translates the opening of a group; gives its length.
    fn group(&mut self, at: usize) -> usize {
        let rest = &self.source[at..];
        let opening = ["(?P<", "(?<"].into_iter().find(|opening| rest.starts_with(opening));
        match (opening, rest.find('>')) {
            (Some(opening), Some(end)) => {
                let name = &rest[opening.len()..end];
                let again = self.names.iter().flatten().any(|known| known == name);
                self.names.push(Some(name.to_owned()));
                // The library wants names to be distinct.
                let distinct = if again { format!("{name}.{}", self.names.len()) } else { name.to_owned() };
                self.push(&format!("(?P<{distinct}>"), end + 1)
            }
            (_, _) if rest.starts_with("(?") => self.copy(at, 2),
            (_, _) => {
                self.names.push(None);
                self.copy(at, 1)
            }
        }
    }
}

/// The length of a repetition that a text begins with, with the `?` that makes it lazy; 0 without one.
fn repetition_length(text: &str) -> Result<usize, PatternError> {
    let length = match text.as_bytes().first() {
        Some(b'*' | b'+' | b'?') => 1,
        Some(b'{') => match braces(text) {
            Some((length, max)) if max.is_some_and(|max| max <= REPETITIONS_MAX) => length,
            Some(_) => return Err(PatternError::RepetitionTooLarge),
            None => return Ok(0),
        },
        Some(_) | None => return Ok(0),
    };
    Ok(length + usize::from(text[length..].starts_with('?')))
}

/// The length of `{n}`, `{n,}` or `{n,m}` at the beginning of a text, and the largest number in it if that is not too large to read.
fn braces(text: &str) -> Option<(usize, Option<u32>)> {
    let inner = text[1..].split_once('}')?.0;
    let (low, high) = inner.split_once(',').unwrap_or((inner, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if low.is_empty() || !digits(low) || !digits(high) {
        return None;
    }
    let high = if high.is_empty() { low } else { high };
    let largest = low.parse::<u32>().ok().zip(high.parse::<u32>().ok()).map(|(low, high)| low.max(high));
    Some((inner.len() + 2, largest))
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

impl Pattern {
    /// What a match is: a string without groups, a tuple of unnamed ones, an object of named ones.
    fn result_type(&self) -> Type {
        match self.names.first() {
            None => Type::String,
            Some(None) => Type::tuple(vec![Type::String; self.names.len()]),
            Some(Some(_)) => Type::object(self.names.iter().flatten().map(|name| (name.as_str(), Type::String))),
        }
    }

    fn check_groups(&self) -> Result<(), PatternError> {
        let named = self.names.iter().flatten().count();
        if named == 0 || named == self.names.len() { Ok(()) } else { Err(PatternError::MixedGroups) }
    }

    fn matched(&self, captures: &Captures<'_>) -> Value {
        let group = |index: usize| match captures.get(index) {
            Some(found) => Value::string(found.as_str()),
            None => Value::null(Type::String),
        };
        match self.names.first() {
            None => group(0),
            Some(None) => Value::tuple((1..=self.names.len()).map(group).collect::<Vec<_>>()),
            Some(Some(_)) => {
                let named = self
                    .names
                    .iter()
                    .enumerate()
                    .filter_map(|(index, name)| Some((name.as_deref()?, group(index + 1))));
                Value::object(
                    named.map(|(name, value)| (Arc::from(name), value)).collect::<BTreeMap<Arc<str>, Value>>(),
                )
            }
        }
    }

    /// Replaces all matches; `$1`, `${1}` and `${name}` in the replacement are groups.
    pub fn replace(&self, subject: &str, replacement: &str) -> String {
        self.regex.replace_all(subject, replacement).into_owned()
    }
}

fn prepare(context: &Context<'_>, source: &str) -> Result<Pattern, Error> {
    let prepared = compile(source).and_then(|pattern| pattern.check_groups().map(|()| pattern));
    prepared.map_err(|error| invalid(context, 0, source, &error))
}

fn regex(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let pattern = prepare(context, text(arguments, 0))?;
    match pattern.regex.captures(text(arguments, 1)) {
        Some(captures) => Ok(pattern.matched(&captures)),
        None => Err(Error::call("the pattern matches nothing in the string")),
    }
}

fn regexall(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let pattern = prepare(context, text(arguments, 0))?;
    let captures = pattern.regex.captures_iter(text(arguments, 1));
    let all: Vec<Value> = captures.map(|captures| pattern.matched(&captures)).collect();
    Ok(Value::list(pattern.result_type(), all))
}
