//! Diagnostics as text with their source, and as JSON.

mod json;
mod place;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use model::diagnostic::{Diagnostic, Diagnostics, Severity};
use model::source::SourceMap;
use model::value::{Kind, Value};

pub use json::{json, report};

use self::place::Place;
use crate::credentials::masked;
use crate::escape::{inert, quoted};
use crate::style::{self, counted, paint};

/// The width that detail text is wrapped to where the terminal does not say how wide it is.
pub const WIDTH: usize = 100;

/// All diagnostics as text, warnings before errors, so that what stopped the command is what is read last.
pub fn text(diagnostics: &Diagnostics, sources: &SourceMap) -> String {
    let (errors, warnings): (Vec<_>, Vec<_>) = diagnostics.iter().partition(|diagnostic| diagnostic.is_error());
    let mut out = String::new();
    for (index, diagnostic) in warnings.iter().chain(&errors).enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&one(diagnostic, sources));
    }
    out
}

/// `2 errors, 1 warning`; empty when there are none.
pub fn count(diagnostics: &Diagnostics) -> String {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let warnings = diagnostics.iter().count() - errors;
    let parts = [(errors, "error"), (warnings, "warning")];
    let parts: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| counted(*n, what)).collect();
    parts.join(", ")
}

/// One diagnostic: headline, place, source, values, detail, hint.
pub fn one(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let (name, headline_style) = match diagnostic.severity {
        Severity::Error => ("Error", style::BAD),
        Severity::Warning => ("Warning", style::WARN),
    };
    let summary = paint(style::BOLD, inert(&diagnostic.summary));
    let mut out = format!("{} {summary}\n", paint(headline_style, format_args!("{name}:")));
    let place = diagnostic.subject.map(|subject| Place::of(subject, sources));
    match &place {
        Some(place) => out.push_str(&format!("  {}\n", place.text())),
        None => {
            if let Some(address) = address(diagnostic) {
                out.push_str(&format!("  with {address}\n"));
            }
        }
    }
    if let Some(place) = &place {
        if let Some(address) = address(diagnostic).filter(|address| !place.names(address)) {
            out.push_str(&format!("  with {address}\n"));
        }
        out.push_str(&excerpt(diagnostic, place, sources));
    }
    let values = values(diagnostic);
    for (name, value) in &values {
        out.push_str(&format!("  {} {name} {value}\n", paint(style::DIM, "where")));
    }
    if !diagnostic.detail.is_empty() {
        out.push('\n');
        out.push_str(&wrapped(&inert(&diagnostic.detail)));
    }
    if let Some(hint) = &diagnostic.hint {
        out.push('\n');
        out.push_str(&format!("{} {}", paint(style::READ, "Hint:"), wrapped(&inert(hint))));
    }
    out
}

/// The lines of the subject with their numbers, the subject underlined.
fn excerpt(diagnostic: &Diagnostic, place: &Place<'_>, sources: &SourceMap) -> String {
    let Some(subject) = diagnostic.subject else { return String::new() };
    let file = sources.file(subject.file);
    if file.text.is_empty() {
        return String::new();
    }
    let kind = AnnotationKind::Primary;
    let text = masked(&file.text);
    let mut snippet = Snippet::source(&*text).line_start(1).fold(true).annotation(kind.span(place.span()));
    if let Some(header) = place.header_span() {
        snippet = snippet.annotation(AnnotationKind::Visible.span(header));
    }
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let renderer = Renderer::styled().decor_style(DecorStyle::Ascii).term_width(WIDTH);
    renderer.render(&[Group::with_level(level).element(snippet)]) + "\n"
}

fn address(diagnostic: &Diagnostic) -> Option<String> {
    let address = diagnostic.address.as_ref()?;
    let attribute = diagnostic.attribute.as_ref().filter(|path| !path.is_root());
    let attribute = attribute.map(|path| format!(", attribute `{path}`")).unwrap_or_default();
    Some(inert(&format!("{address}{attribute}")).into_owned())
}

/// The values of the references in the failing expression, as far as they may be told, each once.
fn values(diagnostic: &Diagnostic) -> Vec<(String, String)> {
    let mut told: Vec<(String, String)> = Vec::new();
    for (name, value) in &diagnostic.values {
        if !told.iter().any(|(other, _)| **other == **name) {
            told.push((inert(name).into_owned(), statement(value)));
        }
    }
    told
}

/// What is said of a value in a diagnostic: `is "a"`, `is a list of 3 elements`, `is known after apply`.
pub(crate) fn statement(value: &Value) -> String {
    if value.is_sensitive() {
        return "has a sensitive value".into();
    }
    if !value.marks().is_empty() && value.marks().contains(model::value::Marks::EPHEMERAL) {
        return "has an ephemeral value".into();
    }
    match value.reveal() {
        Kind::Null(_) => "is null".into(),
        Kind::Unknown(ty, _) => format!("is a {}, known after apply", ty.friendly_name()),
        Kind::Bool(value) => format!("is {value}"),
        Kind::Number(number) => format!("is {number}"),
        Kind::String(text) => format!("is {}", quoted(&shortened(text))),
        Kind::List(element, items) => {
            format!("is a list of {} with {}", element.friendly_name(), counted(items.len(), "element"))
        }
        Kind::Set(element, items) => {
            format!("is a set of {} with {}", element.friendly_name(), counted(items.len(), "element"))
        }
        Kind::Map(element, entries) => {
            format!("is a map of {} with {}", element.friendly_name(), counted(entries.len(), "element"))
        }
        Kind::Tuple(items) => format!("is a tuple with {}", counted(items.len(), "element")),
        Kind::Object(entries) => format!("is an object with {}", counted(entries.len(), "attribute")),
    }
}

/// The start of a long text: a diagnostic is no place for documents.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 120;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Text broken at spaces to lines of at most [`WIDTH`] columns. Lines that start with a space stay as they are.
fn wrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for line in text.lines() {
        if line.starts_with(char::is_whitespace) {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let mut column = 0;
        for word in line.split(' ') {
            let width = unicode_width::UnicodeWidthStr::width(word);
            if column > 0 && column + 1 + width > WIDTH {
                out.push('\n');
                column = 0;
            } else if column > 0 {
                out.push(' ');
                column += 1;
            }
            out.push_str(word);
            column += width;
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests;
