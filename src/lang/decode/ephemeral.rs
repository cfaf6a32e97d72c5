//! Ephemeral values must not end up where they would be stored.

use model::diagnostic::{Diagnostic, Diagnostics};
use model::path::{Path, Step};
use model::schema::Block as BlockSchema;
use model::value::{Marks, Value};

use super::locate::locate;
use crate::body::Body;

/// Refuses ephemeral values in arguments that are stored: in those of managed resources and data sources, except write-only
/// ones.
pub fn refuse_ephemeral(value: &Value, schema: &BlockSchema, body: &Body) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let mut refused: Option<Path> = None;
    for path in value.marked_paths(Marks::EPHEMERAL) {
        let is_said = refused.as_ref().is_some_and(|refused| path.starts_with(refused));
        if is_said || is_write_only(schema, &path) {
            continue;
        }
        diagnostics.push(
            Diagnostic::error(
                "Invalid use of ephemeral value",
                format!("An ephemeral value can't be used for `{path}`, because that is kept in the state, and only write-only arguments are not."),
            )
            .at(locate(body, &path)),
        );
        refused = Some(path);
    }
    diagnostics
}

fn is_write_only(schema: &BlockSchema, path: &Path) -> bool {
    let mut block = schema;
    for step in &path.steps {
        let Step::Attribute(name) = step else { continue };
        if let Some(attribute) = block.attributes.get(name) {
            return attribute.write_only;
        }
        match block.blocks.get(name) {
            Some(nested) => block = &nested.block,
            None => return false,
        }
    }
    false
}
