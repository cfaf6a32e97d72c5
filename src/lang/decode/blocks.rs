//! Nested blocks: which there are, and the collection they make.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::diagnostic::Diagnostic;
use model::schema::{Attribute as AttributeSchema, Block as BlockSchema, NestedBlock, Nesting, Presence};
use model::source::SourceRange;
use model::ty::Type;
use model::value::{Marks, Refinement, Value};

use super::Decoder;
use crate::body::{Block, Body};
use crate::evaluate::Names;

/// One block that is written or made by a `dynamic` block.
pub(super) struct Made {
    /// Its label, where blocks are entries of a map.
    pub key: Option<Arc<str>>,
    pub value: Value,
    pub header: SourceRange,
    /// Its opening brace.
    pub open: SourceRange,
}

/// The blocks of one kind in a body.
pub(super) struct MadeBlocks {
    pub blocks: Vec<Made>,
    /// Whether there may be others, because a `dynamic` block repeats over something unknown.
    pub unknown: bool,
}

impl Decoder<'_> {
    /// The value of all blocks of a kind.
    pub(super) fn nested_blocks(
        &mut self,
        kind: &str,
        schema: &NestedBlock,
        body: &Body,
        names: Option<&Names<'_>>,
    ) -> Value {
        let mut made = MadeBlocks { blocks: Vec::new(), unknown: false };
        for block in body.blocks().filter(|block| *block.made_kind() == *kind) {
            if *block.kind == *"dynamic" {
                self.dynamic(block, schema, names, &mut made);
            } else {
                self.written(block, schema, names, &mut made);
            }
        }
        self.check_number(kind, schema, body, &made);
        if made.unknown {
            return Value::unknown_with(schema.implied_type(), Refinement::not_null());
        }
        self.collect(kind, schema, made.blocks)
    }

    fn written(&mut self, block: &Block, schema: &NestedBlock, names: Option<&Names<'_>>, made: &mut MadeBlocks) {
        let key = match (schema.nesting, block.labels.as_slice()) {
            (Nesting::Map, [label, ..]) => Some(label.text.clone()),
            (Nesting::Map, []) => {
                self.diagnostics.push(
                    Diagnostic::error(
                        format!("Missing key for {}", block.kind),
                        format!("`{}` blocks are written with one label, their key.", block.kind),
                    )
                    .at(block.body.missing)
                    .within(block.header),
                );
                return;
            }
            (Nesting::Single | Nesting::Group | Nesting::List | Nesting::Set, _) => None,
        };
        if let Some(extra) = block.labels.get(usize::from(key.is_some())) {
            self.diagnostics.push(
                Diagnostic::error(
                    format!("Extraneous label for {}", block.kind),
                    match key {
                        Some(_) => format!("`{}` blocks are written with one label, their key.", block.kind),
                        None => format!("`{}` blocks are written without labels.", block.kind),
                    },
                )
                .at(extra.range)
                .within(block.header),
            );
            return;
        }
        let value = self.block(&block.body, &schema.block, names);
        made.blocks.push(Made { key, value, header: block.header, open: block.body.missing });
    }

    fn check_number(&mut self, kind: &str, schema: &NestedBlock, body: &Body, made: &MadeBlocks) {
        let number = made.blocks.len();
        let (min, max) = (schema.min_items as usize, schema.max_items as usize);
        if number < min && !made.unknown {
            self.diagnostics.push(if matches!(schema.nesting, Nesting::Single | Nesting::Group) {
                Diagnostic::error(
                    format!("Missing {kind} block"),
                    format!("A `{kind}` block is required, but there is none."),
                )
                .at(body.missing)
            } else {
                Diagnostic::error(
                    format!("Insufficient {kind} blocks"),
                    format!("At least {} required, but there {}.", blocks(min, kind), are(number)),
                )
                .at(body.missing)
            });
        }
        match schema.nesting {
            Nesting::Single | Nesting::Group => {
                for extra in made.blocks.iter().skip(1) {
                    self.diagnostics.push(
                        Diagnostic::error(
                            format!("Duplicate {kind} block"),
                            format!("Only one `{kind}` block can be written here, and there is one above already."),
                        )
                        .at(extra.header),
                    );
                }
            }
            Nesting::List | Nesting::Set | Nesting::Map => {
                if let Some(extra) = made.blocks.get(max).filter(|_| max > 0) {
                    self.diagnostics.push(
                        Diagnostic::error(
                            format!("Too many {kind} blocks"),
                            format!("At most {} allowed, but there {}.", blocks(max, kind), are(number)),
                        )
                        .at(extra.open)
                        .within(extra.header),
                    );
                }
            }
        }
    }

    /// The collection that blocks make.
    fn collect(&mut self, kind: &str, schema: &NestedBlock, blocks: Vec<Made>) -> Value {
        if blocks.is_empty() {
            return schema.empty_value();
        }
        let object = schema.block.implied_type();
        match schema.nesting {
            Nesting::Single | Nesting::Group => {
                blocks.into_iter().next().map_or_else(|| schema.empty_value(), |block| block.value)
            }
            Nesting::List => {
                let values: Vec<Value> = blocks.into_iter().map(|block| block.value).collect();
                if object.has_dynamic() { Value::tuple(values) } else { Value::list(object, values) }
            }
            Nesting::Set => Value::set(object, blocks.into_iter().map(|block| block.value).collect()),
            Nesting::Map => {
                let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
                for block in blocks {
                    let Some(key) = block.key else { continue };
                    if entries.contains_key(&key) {
                        self.diagnostics.push(
                            Diagnostic::error(
                                format!("Duplicate {kind} block"),
                                format!("There is a `{kind}` block with the key `{key}` already."),
                            )
                            .at(block.header),
                        );
                        continue;
                    }
                    entries.insert(key, block.value);
                }
                if object.has_dynamic() { Value::object(entries) } else { Value::map(object, entries.into()) }
            }
        }
    }
}

fn blocks(number: usize, kind: &str) -> String {
    if number == 1 { format!("one `{kind}` block is") } else { format!("{number} `{kind}` blocks are") }
}

fn are(number: usize) -> String {
    match number {
        0 => "are none".to_string(),
        1 => "is one".to_string(),
        _ => format!("are {number}"),
    }
}

/// The blocks that an attribute may be written as: some attributes that are lists or sets of objects are, in existing
/// configurations, more often written as blocks than with an equals sign.
///
/// A member that a block leaves out is null. In JSON syntax there is no such choice: they are attributes.
pub(super) fn as_blocks(attribute: &AttributeSchema) -> Option<NestedBlock> {
    if attribute.nested.is_some() || !attribute.presence.is_settable() {
        return None;
    }
    let (nesting, element) = match &attribute.ty {
        Type::List(element) => (Nesting::List, element),
        Type::Set(element) => (Nesting::Set, element),
        Type::Dynamic | Type::Bool | Type::Number | Type::String | Type::Map(_) | Type::Tuple(_) | Type::Object(_) => {
            return None;
        }
    };
    let Type::Object(object) = &**element else { return None };
    let member = |(name, ty): (&Arc<str>, &Type)| (name.clone(), AttributeSchema::new(ty.clone(), Presence::Optional));
    let block = BlockSchema { attributes: object.attributes.iter().map(member).collect(), ..BlockSchema::default() };
    Some(NestedBlock { nesting, block, min_items: 0, max_items: 0, computed: false })
}

/// Marks everything in a block, as what it was made from is marked.
pub(super) fn with_marks(value: Value, marks: Marks) -> Value {
    if marks.is_empty() { value } else { value.with_marks(marks) }
}
