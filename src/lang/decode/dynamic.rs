//! `dynamic` blocks: one block for each element of a collection.

use std::sync::Arc;

use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::{NestedBlock, Nesting};
use model::ty::Type;
use model::value::{Kind, Value};

use super::Decoder;
use super::blocks::{Made, MadeBlocks, with_marks};
use crate::arguments::{Content, Grammar, Kind as BlockKind};
use crate::body::{Attribute, Block};
use crate::evaluate::Names;
use crate::reference::{iterator_name, static_reference_required};

const DYNAMIC: Grammar = Grammar::new(&["for_each"], &["iterator"], &[BlockKind::new("content", &[])]);
const DYNAMIC_LABELLED: Grammar =
    Grammar::new(&["for_each", "labels"], &["iterator"], &[BlockKind::new("content", &[])]);

/// Whether a `dynamic` block has the one label it needs; else an error is reported.
pub(super) fn has_one_label(block: &Block, diagnostics: &mut Diagnostics) -> bool {
    let at = match block.labels.as_slice() {
        [_] => return true,
        [] => {
            diagnostics.push(
                Diagnostic::error(
                    "Missing type for dynamic",
                    "`dynamic` blocks are written with one label, the kind of the blocks they make.",
                )
                .at(block.body.missing)
                .within(block.header),
            );
            return false;
        }
        [_, extra, ..] => extra.range,
    };
    diagnostics.push(
        Diagnostic::error(
            "Extraneous label for dynamic",
            "`dynamic` blocks are written with one label, the kind of the blocks they make.",
        )
        .at(at)
        .within(block.header),
    );
    false
}

impl Decoder<'_> {
    /// The blocks that a `dynamic` block makes.
    pub(super) fn dynamic(
        &mut self,
        block: &Block,
        schema: &NestedBlock,
        names: Option<&Names<'_>>,
        made: &mut MadeBlocks,
    ) {
        if block.labels.len() != 1 {
            return;
        }
        let grammar = if schema.nesting == Nesting::Map { DYNAMIC_LABELLED } else { DYNAMIC };
        let content = grammar.read(&block.body, &mut self.diagnostics);
        self.check_iterator(&content);
        let Some(template) = self.content_block(block, &content) else { return };
        let Some(for_each) = content.attribute("for_each") else { return };
        let (collection, marks) = self.evaluate(&for_each.expr, names).unmark();
        let iterator = iterator_name(block);
        let elements: Vec<(Value, Value)> = match collection.reveal() {
            Kind::Unknown(..) => {
                made.unknown = true;
                let unknown = || Value::unknown(Type::Dynamic).with_marks(marks);
                vec![(unknown(), unknown())]
            }
            Kind::List(_, items) | Kind::Tuple(items) => {
                items.iter().enumerate().map(|(index, item)| (Value::number(index), item.clone())).collect()
            }
            Kind::Set(_, items) => items.iter().map(|item| (item.clone(), item.clone())).collect(),
            Kind::Map(_, entries) | Kind::Object(entries) => {
                entries.iter().map(|(key, item)| (Value::string(key.clone()), item.clone())).collect()
            }
            Kind::Null(_) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => {
                self.diagnostics.push(invalid_for_each(for_each, &collection));
                return;
            }
        };
        for (key, value) in elements {
            let current = Value::object([("key", key.with_marks(marks)), ("value", value.with_marks(marks))]);
            let names = Names { name: &iterator, value: &current, outer: names };
            let label = match (schema.nesting, content.attribute("labels")) {
                (Nesting::Map, Some(labels)) => self.label(labels, &names),
                (Nesting::Map, None) => None,
                (Nesting::Single | Nesting::Group | Nesting::List | Nesting::Set, _) => None,
            };
            let value = with_marks(self.block(&template.body, &schema.block, Some(&names)), marks);
            made.blocks.push(Made { key: label, value, header: template.header, open: template.body.missing });
        }
    }

    fn check_iterator(&mut self, content: &Content) {
        if let Some(iterator) = content.attribute("iterator")
            && iterator.expr.node.as_keyword().is_none()
        {
            self.diagnostics.push(match iterator.expr.node.as_traversal() {
                Some(_) => Diagnostic::error("Invalid expression", "The iterator is a single name, without quotes.")
                    .at(iterator.expr.range()),
                None => static_reference_required(iterator.expr.range()),
            });
        }
    }

    fn content_block<'c>(&mut self, block: &Block, content: &'c Content) -> Option<&'c Block> {
        let mut blocks = content.blocks_of("content");
        let Some(first) = blocks.next() else {
            self.diagnostics.push(
                Diagnostic::error(
                    "Missing dynamic content block",
                    "A `dynamic` block holds a `content` block, which says what each block has.",
                )
                .at(block.body.missing),
            );
            return None;
        };
        for extra in blocks {
            self.diagnostics.push(
                Diagnostic::error(
                    "Extraneous dynamic content block",
                    "A `dynamic` block holds only one `content` block.",
                )
                .at(extra.header),
            );
        }
        Some(first)
    }

    /// The key of a block, from the one element of `labels`.
    fn label(&mut self, labels: &Attribute, names: &Names<'_>) -> Option<Arc<str>> {
        let value = self.evaluate(&labels.expr, Some(names));
        let label = value.reveal().items().filter(|items| items.len() == 1).map(|items| items[0].clone());
        match label.as_ref().map(Value::reveal) {
            Some(Kind::String(label)) if value.marks_deep().is_empty() => Some(label.clone()),
            _ => {
                self.diagnostics.push(
                    Diagnostic::error(
                        "Invalid dynamic block label",
                        "`labels` must be a list with one text in it, which is known and not sensitive.",
                    )
                    .at(labels.expr.range()),
                );
                None
            }
        }
    }
}

fn invalid_for_each(for_each: &Attribute, value: &Value) -> Diagnostic {
    let detail = if value.is_null() {
        "`for_each` is null; it must be a list, set, map, tuple or object.".to_string()
    } else {
        format!("`for_each` is a {}; it must be a list, set, map, tuple or object.", value.ty().friendly_name())
    };
    let error = Diagnostic::error("Invalid dynamic for_each value", detail).at(for_each.expr.range());
    if value.is_null() { error.hint("For no blocks, use an empty list: []") } else { error }
}
