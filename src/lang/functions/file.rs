//! Files and their names.

mod glob;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ty::Type;
use model::value::Value;

use crate::functions::arguments::text;
use crate::functions::{Context, Error, Function, Parameter, Shape};

use glob::Glob;

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
