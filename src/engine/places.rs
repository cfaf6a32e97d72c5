//! From an attribute's path to its place in the source.

use lang::body::Body;
use lang::decode::locate;
use model::diagnostic::Diagnostic;
use model::source::SourceRange;

/// Points a message about an attribute at the source: at the attribute itself or the nearest block around it.
///
/// Messages that have a place keep it.
pub fn place(diagnostic: Diagnostic, body: &Body, declared: SourceRange) -> Diagnostic {
    if diagnostic.subject.is_some() {
        return diagnostic;
    }
    let found = diagnostic.attribute.as_ref().and_then(|path| locate(body, path));
    diagnostic.at(found.unwrap_or(declared)).within(declared)
}
