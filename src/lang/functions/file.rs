//! Files and their names.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ty::Type;
use model::value::Value;

use crate::functions::arguments::text;
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abspath", &[Parameter::string("path")], Shape::String, abspath, "Makes a path absolute."),
    Function::new(
        "basename",
        &[Parameter::string("path")],
        Shape::String,
        |_, arguments| Ok(Value::string(basename(text(arguments, 0)))),
        "Gives the last part of a path.",
    ),
    Function::new(
        "dirname",
        &[Parameter::string("path")],
        Shape::String,
        |_, arguments| Ok(Value::string(dirname(text(arguments, 0)))),
        "Gives a path without its last part.",
    ),
    Function::new("file", &[Parameter::string("path")], Shape::String, file, "Reads a file as a string."),
    Function::new(
        "filebase64",
        &[Parameter::string("path")],
        Shape::String,
        |context, arguments| Ok(Value::string(STANDARD.encode(read_bytes(context, arguments)?))),
        "Reads a file of any bytes as base64.",
    ),
    Function::new(
        "fileexists",
        &[Parameter::string("path")],
        Shape::Bool,
        fileexists,
        "Tells whether a file is there.",
    ),
    Function::new(
        "fileset",
        &[Parameter::string("path"), Parameter::string("pattern")],
        Shape::SetOfString,
        fileset,
        "Finds the files below a folder whose names match a pattern.",
    ),
    Function::new(
        "pathexpand",
        &[Parameter::string("path")],
        Shape::String,
        |context, arguments| Ok(Value::string(expand_home(context, text(arguments, 0)).into_owned())),
        "Replaces a `~` at the beginning of a path by the user's home folder.",
    ),
];

/// Replaces a leading `~`, where the home folder is known.
fn expand_home<'a>(context: &Context<'_>, path: &'a str) -> Cow<'a, str> {
    match (path.strip_prefix('~'), context.surroundings.home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => {
            Cow::Owned(clean(&format!("{}{rest}", home.display())))
        }
        (_, _) => Cow::Borrowed(path),
    }
}

/// Where a file named in the configuration is.
fn locate(context: &Context<'_>, path: &str) -> PathBuf {
    context.surroundings.base_dir.join(expand_home(context, path).as_ref())
}

/// Reads the file that the first argument names.
pub(super) fn read_bytes(context: &Context<'_>, arguments: &[Value]) -> Result<Vec<u8>, Error> {
    let path = text(arguments, 0);
    std::fs::read(locate(context, path)).map_err(|error| {
        let shown = context.show(path);
        Error::argument(
            0,
            match error.kind() {
                std::io::ErrorKind::NotFound => format!(
                    "there is no file {shown}; files must be there before the plan, those that it creates can't be read"
                ),
                std::io::ErrorKind::IsADirectory => format!("{shown} is a folder, not a file"),
                _ => format!("the file {shown} can't be read: {error}"),
            },
        )
    })
}

/// Reads the file that the first argument names as text.
pub(super) fn read_text(context: &Context<'_>, arguments: &[Value]) -> Result<String, Error> {
    String::from_utf8(read_bytes(context, arguments)?).map_err(|_| {
        let shown = context.show(text(arguments, 0));
        Error::argument(
            0,
            format!("the file {shown} is not UTF-8; filebase64() and the digests of files read any bytes"),
        )
    })
}

fn file(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    read_text(context, arguments).map(Value::string)
}

fn fileexists(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let path = text(arguments, 0);
    let shown = || context.show(path);
    match std::fs::metadata(locate(context, path)) {
        Ok(metadata) if metadata.is_file() => Ok(Value::bool(true)),
        Ok(metadata) if metadata.is_dir() => Err(Error::argument(0, format!("{} is a folder, not a file", shown()))),
        Ok(_) => Err(Error::argument(0, format!("{} is not a regular file", shown()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Value::bool(false)),
        Err(error) => Err(Error::argument(0, format!("{} can't be looked at: {error}", shown()))),
    }
}

fn abspath(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let joined = context.surroundings.base_dir.join(text(arguments, 0));
    let absolute = std::path::absolute(&joined)
        .map_err(|error| Error::call(format!("the path can't be made absolute: {error}")))?;
    Ok(Value::string(clean(&slashes(&absolute))))
}

fn slashes(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}

/// The shortest form of a path, worked out from its text: without `.`, doubled slashes and what `..` takes back.
pub(super) fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            part => parts.push(part),
        }
    }
    match (rooted, parts.is_empty()) {
        (true, _) => format!("/{}", parts.join("/")),
        (false, true) => ".".to_owned(),
        (false, false) => parts.join("/"),
    }
}

fn basename(path: &str) -> &str {
    if path.is_empty() {
        return ".";
    }
    let trimmed = path.trim_end_matches('/');
    if trimmed.is_empty() { "/" } else { trimmed.rsplit('/').next().unwrap_or(trimmed) }
}

fn dirname(path: &str) -> String {
    clean(path.rfind('/').map_or("", |slash| &path[..=slash]))
}

fn fileset(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (folder, pattern) = (text(arguments, 0), text(arguments, 1));
    let root = locate(context, folder);
    let glob = Glob::parse(&clean(pattern))
        .map_err(|why| Error::argument(1, format!("{} is not a pattern: {why}", context.show(pattern))))?;
    let mut found = Vec::new();
    glob.find(&root, &mut found)
        .map_err(|error| Error::call(format!("the folder {} can't be read: {error}", context.show(folder))))?;
    Ok(Value::set(Type::String, found.into_iter().map(Value::from).collect()))
}

/// A pattern for file names: `*`, `?`, `[class]` and `{a,b}` within a part, `**` for any number of folders.
struct Glob {
    alternatives: Vec<Vec<String>>,
}

impl Glob {
    fn parse(pattern: &str) -> Result<Glob, &'static str> {
        let mut alternatives = Vec::new();
        for text in expand_braces(pattern)? {
            let parts: Vec<String> = text.split('/').map(str::to_owned).collect();
            for part in &parts {
                matches_part(part, "")?;
            }
            alternatives.push(parts);
        }
        Ok(Glob { alternatives })
    }

    /// Appends the paths of matching files, relative to `root`.
    fn find(&self, root: &Path, found: &mut Vec<String>) -> std::io::Result<()> {
        if !root.exists() {
            return Ok(());
        }
        for parts in &self.alternatives {
            find_below(root, "", parts, found)?;
        }
        Ok(())
    }
}

fn find_below(folder: &Path, prefix: &str, parts: &[String], found: &mut Vec<String>) -> std::io::Result<()> {
    let Some((part, rest)) = parts.split_first() else { return Ok(()) };
    if part == ".." || part == "." {
        return find_below(&folder.join(part), &format!("{prefix}{part}/"), rest, found);
    }
    let deep = part == "**";
    if deep && !rest.is_empty() {
        find_below(folder, prefix, rest, found)?;
    }
    let mut entries: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        // Links count as what they lead to; a link to nothing is not found.
        let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
        let path = format!("{prefix}{name}");
        if metadata.is_dir() {
            let below = format!("{path}/");
            if deep {
                find_below(&entry.path(), &below, parts, found)?;
            } else if matches_part(part, &name).unwrap_or(false) {
                find_below(&entry.path(), &below, rest, found)?;
            }
        } else if rest.is_empty() && (deep || matches_part(part, &name).unwrap_or(false)) {
            found.push(path);
        }
    }
    Ok(())
}

/// All texts that the alternatives in braces stand for.
fn expand_braces(pattern: &str) -> Result<Vec<String>, &'static str> {
    let Some(open) = pattern.find('{') else { return Ok(vec![pattern.to_owned()]) };
    let mut depth = 0;
    let mut starts = vec![open + 1];
    let mut close = None;
    for (at, c) in pattern.char_indices().skip_while(|(at, _)| *at < open) {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => {
                close = Some(at);
                break;
            }
            '}' => depth -= 1,
            ',' if depth == 1 => starts.push(at + 1),
            _ => {}
        }
    }
    let close = close.ok_or("a brace is not closed")?;
    let mut expanded = Vec::new();
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).map_or(close, |next| next - 1);
        let text = format!("{}{}{}", &pattern[..open], &pattern[*start..end], &pattern[close + 1..]);
        expanded.extend(expand_braces(&text)?);
    }
    Ok(expanded)
}

/// Whether a name matches one part of a pattern.
fn matches_part(pattern: &str, name: &str) -> Result<bool, &'static str> {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let mut at = 0;
    let mut position = 0;
    // Where to go on after the last star: the pattern behind it, and the first character it has not taken yet.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if at == pattern.len() {
            if position == name.len() {
                return Ok(true);
            }
        } else if pattern[at] == '*' {
            retry = Some((at + 1, position));
            at += 1;
            continue;
        } else {
            let (length, matched) = match_one(&pattern[at..], name.get(position).copied())?;
            if matched {
                at += length;
                position += 1;
                continue;
            }
        }
        match retry {
            Some((after, from)) if from < name.len() => {
                retry = Some((after, from + 1));
                at = after;
                position = from + 1;
            }
            Some(_) | None => {
                // The rest of the pattern is looked at for mistakes only.
                let mut rest = at;
                while rest < pattern.len() {
                    rest += if pattern[rest] == '*' { 1 } else { match_one(&pattern[rest..], None)?.0 };
                }
                return Ok(false);
            }
        }
    }
}

/// Matches one character; gives how long that element of the pattern is.
fn match_one(pattern: &[char], c: Option<char>) -> Result<(usize, bool), &'static str> {
    match pattern[0] {
        '?' => Ok((1, c.is_some())),
        '\\' => match pattern.get(1) {
            Some(escaped) => Ok((2, c == Some(*escaped))),
            None => Err("an escape is at the end"),
        },
        '[' => {
            let mut at = 1;
            let negated = matches!(pattern.get(at), Some('^' | '!'));
            at += usize::from(negated);
            let mut matched = false;
            let mut first = true;
            loop {
                let literal = |at: &mut usize| -> Result<char, &'static str> {
                    let escaped = pattern.get(*at) == Some(&'\\');
                    *at += usize::from(escaped);
                    let c = pattern.get(*at).copied().ok_or("a bracket is not closed")?;
                    *at += 1;
                    Ok(c)
                };
                if pattern.get(at) == Some(&']') && !first {
                    return Ok((at + 1, c.is_some() && matched != negated));
                }
                first = false;
                let low = literal(&mut at)?;
                let high = if pattern.get(at) == Some(&'-') && pattern.get(at + 1) != Some(&']') {
                    at += 1;
                    literal(&mut at)?
                } else {
                    low
                };
                matched |= c.is_some_and(|c| (low..=high).contains(&c));
            }
        }
        literal => Ok((1, c == Some(literal))),
    }
}
