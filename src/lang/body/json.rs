//! Bodies in JSON syntax, once a provider's schema tells which properties are blocks.

use std::borrow::Cow;

use hcl::ast::Ident;
use hcl::json;
use hcl::span::Span;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::{self, Nesting};

use super::{Attribute, Block, Body, Item, Syntax};
use crate::expression::range;

impl Body {
    /// The body with everything as a block that the schema calls one, at every depth. O(1) for native syntax.
    pub fn resolve(&self, schema: &schema::Block, diagnostics: &mut Diagnostics) -> Cow<'_, Body> {
        match self.syntax {
            Syntax::Native => Cow::Borrowed(self),
            Syntax::Json => Cow::Owned(resolve(self, schema, diagnostics)),
        }
    }
}

fn resolve(body: &Body, schema: &schema::Block, diagnostics: &mut Diagnostics) -> Body {
    let mut items = Vec::with_capacity(body.items.len());
    for item in body.items.iter() {
        match item {
            Item::Block(_) => items.push(item.clone()),
            Item::Attribute(attribute)
                if *attribute.name == *"dynamic" && !schema.attributes.contains_key("dynamic") =>
            {
                for block in blocks(attribute, 1, diagnostics) {
                    let body = resolve_dynamic(&block, schema, diagnostics);
                    items.push(Item::Block(Block { body, ..block }));
                }
            }
            Item::Attribute(attribute) => match schema.blocks.get(&attribute.name) {
                Some(nested) => {
                    for block in blocks(attribute, usize::from(nested.nesting == Nesting::Map), diagnostics) {
                        let body = resolve(&block.body, &nested.block, diagnostics);
                        items.push(Item::Block(Block { body, ..block }));
                    }
                }
                None => items.push(item.clone()),
            },
        }
    }
    Body { items: items.into(), ..body.clone() }
}

/// The `content` of a `dynamic` block, by the schema of the kind it makes.
fn resolve_dynamic(block: &Block, schema: &schema::Block, diagnostics: &mut Diagnostics) -> Body {
    let made = schema.blocks.get(block.made_kind()).map(|nested| &nested.block);
    let mut items = Vec::with_capacity(block.body.items.len());
    for item in block.body.items.iter() {
        match item {
            Item::Attribute(attribute) if *attribute.name == *"content" => {
                for content in blocks(attribute, 0, diagnostics) {
                    let body = match made {
                        Some(made) => resolve(&content.body, made, diagnostics),
                        None => content.body.clone(),
                    };
                    items.push(Item::Block(Block { body, ..content }));
                }
            }
            Item::Attribute(_) | Item::Block(_) => items.push(item.clone()),
        }
    }
    Body { items: items.into(), ..block.body.clone() }
}

fn blocks(attribute: &Attribute, labels: usize, diagnostics: &mut Diagnostics) -> Vec<Block> {
    let file = attribute.expr.file;
    let span = Span::new(attribute.name_range.start, attribute.name_range.end);
    let kind = Ident { name: (&*attribute.name).into(), span };
    let mut errors = Vec::new();
    let blocks = json::body::blocks(&kind, &attribute.expr.node, labels, &mut errors);
    diagnostics.extend(
        errors.into_iter().map(|error| Diagnostic::error(error.summary, error.detail).at(range(file, error.range))),
    );
    blocks.into_iter().map(|block| Block::from_tree(file, block, Syntax::Json)).collect()
}
