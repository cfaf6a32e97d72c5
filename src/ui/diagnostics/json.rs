//! Diagnostics as JSON, in the form of Terraform's `validate -json`.

use model::diagnostic::{Diagnostic, Diagnostics, Severity};
use model::source::{Position, SourceMap};
use serde_json::{Map, Value as Json, json};

use super::place::Place;
use super::statement;
use crate::credentials::masked;

/// One diagnostic: `severity`, `summary`, `detail`, and as far as they are known `address`, `range`, `snippet` and `hint`.
///
/// Offsets and columns count as Terraform's do: bytes from 0, lines and columns from 1. `hint` is our addition.
pub fn json(diagnostic: &Diagnostic, sources: &SourceMap) -> Json {
    let severity = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut object = Map::new();
    object.insert("severity".into(), severity.into());
    object.insert("summary".into(), diagnostic.summary.as_str().into());
    object.insert("detail".into(), diagnostic.detail.as_str().into());
    if let Some(address) = &diagnostic.address {
        object.insert("address".into(), address.to_string().into());
    }
    if let Some(subject) = diagnostic.subject {
        let place = Place::of(subject, sources);
        let position =
            |position: Position| json!({"line": position.line, "column": position.column, "byte": position.byte});
        let range = json!({
            "filename": &*sources.file(subject.file).name,
            "start": position(place.start()),
            "end": position(place.end()),
        });
        object.insert("range".into(), range);
        object.insert("snippet".into(), snippet(diagnostic, &place));
    }
    if let Some(hint) = &diagnostic.hint {
        object.insert("hint".into(), hint.as_str().into());
    }
    Json::Object(object)
}

/// What `validate -json` prints: format 1.0, whether all is valid, counts, and the diagnostics.
pub fn report(diagnostics: &Diagnostics, sources: &SourceMap) -> Json {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    json!({
        "format_version": "1.0",
        "valid": errors == 0,
        "error_count": errors,
        "warning_count": diagnostics.iter().count() - errors,
        "diagnostics": diagnostics.iter().map(|diagnostic| json(diagnostic, sources)).collect::<Vec<_>>(),
    })
}

fn snippet(diagnostic: &Diagnostic, place: &Place<'_>) -> Json {
    let (code, first_byte) = place.lines();
    let start = place.start().byte - first_byte;
    let end = place.span().end.saturating_sub(first_byte).clamp(start, code.len().max(start));
    let values: Vec<Json> = diagnostic
        .values
        .iter()
        .map(|(name, value)| json!({"traversal": &**name, "statement": statement(value)}))
        .collect();
    json!({
        "context": place.context(),
        "code": &*masked(code),
        "start_line": place.start().line,
        "highlight_start_offset": start,
        "highlight_end_offset": end,
        "values": values,
    })
}
