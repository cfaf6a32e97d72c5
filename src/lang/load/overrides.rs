//! Laying override files over the blocks of a module.
//!
//! It happens before blocks are read, so that what a block means is decided once, from what it says in the end. An argument
//! of an override replaces the one of the same name, nested blocks replace those of the same kind, and `lifecycle`, `locals`
//! and `required_providers` are merged argument by argument.

use std::collections::HashMap;
use std::sync::Arc;

use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceRange;

use crate::body::{Attribute, Block, Body, Item};
use crate::expression::range;

/// What names a block: its kind, its labels, and the alias of a provider configuration.
type Identity = (Arc<str>, Vec<Arc<str>>, Option<Arc<str>>);

/// Lays the blocks of override files over those of the primary files, in order.
pub(super) fn apply(blocks: &mut Vec<Block>, overrides: Vec<Block>, diagnostics: &mut Diagnostics) {
    let mut places: HashMap<Identity, usize> = HashMap::new();
    for (place, block) in blocks.iter().enumerate() {
        places.entry(identity(block)).or_insert(place);
    }
    for over in overrides {
        match &*over.kind {
            "terraform" => settings(blocks, over),
            "locals" => locals(blocks, &over, diagnostics),
            "moved" | "import" | "removed" | "check" => diagnostics.push(
                Diagnostic::error(
                    match &*over.kind {
                        "check" => "Can't override check blocks".to_string(),
                        kind => format!("Cannot override '{kind}' blocks"),
                    },
                    format!(
                        "A `{}` block has no name by which another could replace it; it belongs into a normal file.",
                        over.kind
                    ),
                )
                .at(over.header),
            ),
            _ => match places.get(&identity(&over)) {
                Some(place) => {
                    let base = &mut blocks[*place];
                    base.body = block(base, over, diagnostics);
                }
                None => diagnostics.push(missing_base(&over)),
            },
        }
    }
}

fn identity(block: &Block) -> Identity {
    let labels = block.labels.iter().map(|label| label.text.clone()).collect();
    let alias = match block.body.attribute("alias") {
        Some(alias) if *block.kind == *"provider" => alias.expr.node.as_string_literal().map(Arc::from),
        Some(_) | None => None,
    };
    (block.kind.clone(), labels, alias)
}

fn missing_base(over: &Block) -> Diagnostic {
    let labels: Vec<String> = over.labels.iter().map(|label| format!("\"{}\"", label.text)).collect();
    let what = match &*over.kind {
        "variable" => "base variable declaration to override",
        "output" => "base output definition to override",
        "resource" => "resource to override",
        "data" => "data resource to override",
        "ephemeral" => "ephemeral resource to override",
        "module" => "module call to override",
        "provider" => "base provider configuration for override",
        _ => "block to override",
    };
    Diagnostic::error(
        format!("Missing {what}"),
        format!(
            "There is no {} {} in the other files of the module, and an override file can only change what they declare.",
            over.kind,
            labels.join(" ")
        ),
    )
    .at(over.header)
}

/// The body of a block with another laid over it.
fn block(base: &Block, over: Block, diagnostics: &mut Diagnostics) -> Body {
    let mut allowed = Vec::new();
    let mut lifecycle = None;
    for item in over.body.items.iter() {
        match item {
            Item::Attribute(attribute) if *attribute.name == *"depends_on" && *base.kind != *"module" => {
                diagnostics.push(
                    Diagnostic::error(
                        "Unsupported override",
                        "The argument `depends_on` can't be replaced by an override file.",
                    )
                    .at(first_element(attribute)),
                );
            }
            Item::Block(nested) if *nested.kind == *"lifecycle" => lifecycle = Some(nested),
            Item::Block(nested) if is_condition(nested) => diagnostics.push(condition_override(nested)),
            Item::Attribute(_) | Item::Block(_) => allowed.push(item.clone()),
        }
    }
    if let Some(over) = lifecycle {
        let over_body = without_conditions(&over.body, diagnostics);
        let merged = match base.body.blocks_of("lifecycle").next() {
            Some(base) => Block { body: base.body.overridden_by(&over_body), ..base.clone() },
            None => Block { body: over_body, ..over.clone() },
        };
        allowed.push(Item::Block(merged));
    }
    // With `count` in one file and `for_each` in the other, `count` wins, whichever is the override.
    let repeats = |name: &str| base.body.attribute(name).is_some() || over.body.attribute(name).is_some();
    let mut merged = base.body.overridden_by(&Body { items: allowed.into(), ..over.body });
    if repeats("count") && over_introduces_for_each(base, &merged) {
        let items = merged.items.iter().filter(|item| !is_attribute(item, "for_each"));
        merged.items = items.cloned().collect();
    }
    merged
}

/// The range of the first element of a list, or of the whole value.
fn first_element(attribute: &Attribute) -> SourceRange {
    match attribute.expr.node.as_list() {
        Some([first, ..]) => range(attribute.expr.file, first.span()),
        Some([]) | None => attribute.expr.range(),
    }
}

/// Whether `count` and `for_each` meet only because of the override; both in one block are an error of that block.
fn over_introduces_for_each(base: &Block, merged: &Body) -> bool {
    merged.attribute("for_each").is_some()
        && (base.body.attribute("count").is_none() || base.body.attribute("for_each").is_none())
}

fn is_attribute(item: &Item, name: &str) -> bool {
    matches!(item, Item::Attribute(attribute) if *attribute.name == *name)
}

fn is_condition(block: &Block) -> bool {
    matches!(&*block.kind, "precondition" | "postcondition" | "validation")
}

fn condition_override(block: &Block) -> Diagnostic {
    Diagnostic::error(
        format!("Can't override {} blocks", block.kind),
        format!("A `{}` block has no name by which another could replace it.", block.kind),
    )
    .at(block.header)
}

fn without_conditions(body: &Body, diagnostics: &mut Diagnostics) -> Body {
    let mut items = Vec::new();
    for item in body.items.iter() {
        match item {
            Item::Block(nested) if is_condition(nested) => diagnostics.push(condition_override(nested)),
            Item::Attribute(_) | Item::Block(_) => items.push(item.clone()),
        }
    }
    Body { items: items.into(), ..body.clone() }
}

fn locals(blocks: &mut [Block], over: &Block, diagnostics: &mut Diagnostics) {
    for attribute in over.body.attributes() {
        if !blocks.iter_mut().filter(|block| *block.kind == *"locals").any(|block| replace(&mut block.body, attribute))
        {
            diagnostics.push(
                Diagnostic::error(
                    "Missing base local value definition to override",
                    format!(
                        "There is no local value `{}` in the other files of the module, and an override file can only change \
                         what they declare.",
                        attribute.name
                    ),
                )
                .at(attribute.range),
            );
        }
    }
}

/// Replaces the attribute of the same name, if there is one.
fn replace(body: &mut Body, attribute: &Attribute) -> bool {
    if body.attribute(&attribute.name).is_none() {
        return false;
    }
    let replaced = |item: &Item| {
        if is_attribute(item, &attribute.name) { Item::Attribute(attribute.clone()) } else { item.clone() }
    };
    body.items = body.items.iter().map(replaced).collect();
    true
}

/// Takes from the `terraform` blocks what the override says anew, and adds the override as one more block.
fn settings(blocks: &mut Vec<Block>, mut over: Block) {
    for base in blocks.iter_mut().filter(|block| *block.kind == *"terraform") {
        let mut items = Vec::new();
        for item in base.body.items.iter() {
            match item {
                Item::Attribute(attribute) if over.body.attribute(&attribute.name).is_some() => {}
                Item::Block(nested) if *nested.kind == *"required_providers" => {
                    let mut merged = nested.clone();
                    for more in over.body.blocks_of("required_providers") {
                        merged.body = merged.body.overridden_by(&more.body);
                    }
                    over.body.items = without_kind(&over.body, "required_providers");
                    items.push(Item::Block(merged));
                }
                Item::Block(nested) if over.body.blocks_of(&nested.kind).next().is_some() => {}
                // A backend and a cloud block exclude each other.
                Item::Block(nested) if *nested.kind == *"backend" && over.body.blocks_of("cloud").next().is_some() => {}
                Item::Block(nested) if *nested.kind == *"cloud" && over.body.blocks_of("backend").next().is_some() => {}
                Item::Attribute(_) | Item::Block(_) => items.push(item.clone()),
            }
        }
        base.body.items = items.into();
    }
    blocks.push(over);
}

fn without_kind(body: &Body, kind: &str) -> Arc<[Item]> {
    let other = |item: &&Item| !matches!(item, Item::Block(block) if *block.kind == *kind);
    body.items.iter().filter(other).cloned().collect()
}
