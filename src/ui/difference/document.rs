//! Differences of JSON inside strings: policies, container definitions.

use model::json::from_simple_json;
use model::path::Path;
use model::value::Value;

use super::{Comparison, Detail, Difference, Note, Shape, Sign};

/// Reads a string as a JSON object or array; anything else is an ordinary string.
pub(super) fn parse(text: &str) -> Option<Value> {
    if !text.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    let value = from_simple_json(&json).ok()?;
    // `{}` and `[]` are as short as strings, and their quotes tell them from real structures.
    value.reveal().length().is_some_and(|length| length > 0).then_some(value)
}

impl Comparison<'_> {
    pub(super) fn documents(&self, before: &str, old: &Value, after: &str, new: &Value) -> Difference {
        if old.same(new) {
            let mut difference = Difference::new(Sign::Change, Shape::SameDocument);
            difference.note = Some(match compact(before) == compact(after) {
                true => Note::WhitespaceOnly,
                false => Note::NotationOnly,
            });
            return difference;
        }
        let content = self.inside().both(&Path::root(), old, new, None);
        Difference::new(Sign::Change, Shape::Document(Box::new(content)))
    }

    pub(super) fn whole_document(&self, sign: Sign, document: &Value) -> Difference {
        self.inside().whole(sign, document, None)
    }

    /// How the content of a document is compared: it has no schema, so that nothing in it is as good as null.
    fn inside(&self) -> Comparison<'static> {
        let detail: Detail = self.detail;
        Comparison { replace_paths: &[], detail, lenient: false, nulls: true }
    }
}

/// JSON text without the space between its tokens.
fn compact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    for character in text.chars() {
        if !in_string && character.is_ascii_whitespace() {
            continue;
        }
        out.push(character);
        match character {
            '"' if !escaped => in_string = !in_string,
            '\\' if in_string && !escaped => {
                escaped = true;
                continue;
            }
            _ => {}
        }
        escaped = false;
    }
    out
}
