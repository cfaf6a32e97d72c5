//! The files of a folder: which belong to a module, and their trees.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl::json;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{FileId, SourceMap};

use crate::body::{Body, Syntax};
use crate::expression::range;

/// The trees of a module's files, in the order of their names.
pub(super) struct Files {
    pub primary: Vec<Body>,
    /// What is laid over the primary files.
    pub overrides: Vec<Body>,
    /// Whether all files could be read and have no syntax errors.
    pub complete: bool,
    /// The files in which it is not clear where blocks begin and end.
    pub misread: HashSet<FileId>,
}

/// The summaries of syntax errors after which blocks are taken for something else than they were meant to be.
const STRUCTURAL_ERRORS: [&str; 2] = ["Unclosed configuration block", "Unexpected closing brace"];

/// Reads and parses the files of a folder. `shown` is the folder's name in messages, empty for the root module's.
///
/// # Errors
/// The folder can't be listed. Files that can't be read or parsed are reported in `diagnostics`, and the others go on.
pub(super) fn read_folder(
    dir: &Path,
    shown: &str,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> io::Result<Files> {
    let mut files = Files { primary: Vec::new(), overrides: Vec::new(), complete: true, misread: HashSet::new() };
    for (name, path) in configuration_files(dir)? {
        let shown_name = if shown.is_empty() { name.clone() } else { format!("{shown}/{name}") };
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                diagnostics.push(Diagnostic::error(
                    "Failed to read file",
                    format!("The file {shown_name} can't be read: {error}."),
                ));
                files.complete = false;
                continue;
            }
        };
        let errors_before = diagnostics.0.len();
        let body = if name.ends_with(".json") {
            parse_json_file(&shown_name, &bytes, &super::json::ROOT, sources, diagnostics)
        } else {
            parse_file(&shown_name, &bytes, sources, diagnostics)
        };
        let errors = &diagnostics.0[errors_before..];
        files.complete &= errors.is_empty();
        if errors.iter().any(|error| STRUCTURAL_ERRORS.contains(&&*error.summary)) {
            files.misread.insert(body.range.file);
        }
        if is_override(&name) {
            files.overrides.push(body);
        } else {
            files.primary.push(body);
        }
    }
    Ok(files)
}

/// The configuration files of a folder, by name.
fn configuration_files(dir: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if is_configuration(&name) && !entry.path().is_dir() {
            files.push((name, entry.path()));
        }
    }
    files.sort();
    Ok(files)
}

/// Files that editors leave behind don't count.
fn is_configuration(name: &str) -> bool {
    stem(name).is_some() && !is_left_behind(name)
}

/// Whether an editor left a file behind.
pub(super) fn is_left_behind(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

fn stem(name: &str) -> Option<&str> {
    name.strip_suffix(".tf").or_else(|| name.strip_suffix(".tf.json"))
}

fn is_override(name: &str) -> bool {
    stem(name).is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}

/// Parses one file in native syntax and remembers its text.
pub(crate) fn parse_file(name: &str, bytes: &[u8], sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Body {
    let file = sources.add(name, text_of(bytes));
    let parsed = hcl::parse_bytes(bytes);
    report(file, parsed.errors, diagnostics);
    Body::from_tree(file, parsed.file, Syntax::Native)
}

/// Parses one file in JSON syntax, of which the schema says what holds blocks, and remembers its text.
pub(crate) fn parse_json_file(
    name: &str,
    bytes: &[u8],
    schema: &json::body::Schema,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Body {
    let file = sources.add(name, text_of(bytes));
    let mut parsed = json::parse_bytes(bytes);
    let body = json::body::read(&parsed.value, schema, &mut parsed.errors);
    report(file, parsed.errors, diagnostics);
    Body::from_tree(file, body, Syntax::Json)
}

/// Turns syntax errors into diagnostics of a file.
pub(crate) fn report(file: FileId, errors: Vec<hcl::error::SyntaxError>, diagnostics: &mut Diagnostics) {
    for error in errors {
        diagnostics.push(
            Diagnostic::error(error.summary, error.detail)
                .at(range(file, error.range))
                .within(error.context.map(|context| range(file, context))),
        );
    }
}

/// The text as it can be shown: a byte that is not UTF-8 becomes a question mark, so that all offsets stay right.
pub(crate) fn text_of(bytes: &[u8]) -> Arc<str> {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n('?', chunk.invalid().len()));
    }
    text.into()
}
