//! The types of the provider in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use model::address::Mode;
use model::schema::{Attribute, Block, NestedBlock, Nesting, Presence, Schema};
use model::ty::Type;
use provider::facts::aliases::Aliases;

static THING: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let attribute = |name: &str, ty: Type, presence: Presence| (Arc::from(name), Attribute::new(ty, presence));
    let rule = Block {
        attributes: BTreeMap::from([
            attribute("port", Type::Number, Presence::Required),
            attribute("note", Type::String, Presence::Optional),
        ]),
        ..Block::default()
    };
    let block = Block {
        attributes: BTreeMap::from([
            attribute("name", Type::String, Presence::Required),
            attribute("size", Type::Number, Presence::Optional),
            attribute("zone", Type::String, Presence::Optional),
            attribute("color", Type::String, Presence::OptionalComputed),
            attribute("labels", Type::set(Type::String), Presence::Optional),
            attribute("tags", Type::map(Type::String), Presence::Optional),
            attribute("needs", Type::list(Type::String), Presence::Optional),
            attribute("id", Type::String, Presence::Computed),
            attribute("arn", Type::String, Presence::Computed),
            (Arc::from("secret"), Attribute::new(Type::String, Presence::Optional).sensitive()),
            (
                Arc::from("secret_wo"),
                Attribute { write_only: true, ..Attribute::new(Type::String, Presence::Optional) },
            ),
            attribute("secret_wo_version", Type::Number, Presence::Optional),
        ]),
        blocks: BTreeMap::from([(
            Arc::from("rule"),
            NestedBlock { nesting: Nesting::List, block: rule, min_items: 0, max_items: 0, computed: false },
        )]),
        deprecated: false,
    };
    Arc::new(Schema { version: 1, block })
});

static LOOKUP: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let attribute = |name: &str, ty: Type, presence: Presence| (Arc::from(name), Attribute::new(ty, presence));
    let block = Block {
        attributes: BTreeMap::from([
            attribute("name", Type::String, Presence::Required),
            attribute("size", Type::Number, Presence::Computed),
            attribute("id", Type::String, Presence::Computed),
            (Arc::from("secret"), Attribute::new(Type::String, Presence::Computed).sensitive()),
        ]),
        ..Block::default()
    };
    Arc::new(Schema { version: 0, block })
});

/// Gives a new token each time it is opened.
static TOKEN: LazyLock<Arc<Schema>> = LazyLock::new(|| {
    let attribute = |name: &str, ty: Type, presence: Presence| (Arc::from(name), Attribute::new(ty, presence));
    let block = Block {
        attributes: BTreeMap::from([
            attribute("name", Type::String, Presence::Required),
            attribute("token", Type::String, Presence::Computed),
        ]),
        ..Block::default()
    };
    Arc::new(Schema { version: 0, block })
});

pub fn thing() -> Arc<Schema> {
    THING.clone()
}

pub fn of(mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
    match (mode, type_name) {
        (Mode::Managed, "memory_thing") => Some(thing()),
        (Mode::Data, "memory_lookup") => Some(LOOKUP.clone()),
        (Mode::Ephemeral, "memory_token") => Some(TOKEN.clone()),
        _ => None,
    }
}

/// A `memory_thing` may also say its size in a block: `sizing { size = 1 }`.
pub fn aliases() -> Aliases {
    let parts = BTreeMap::from([("size".into(), "size".into())]);
    Aliases(BTreeMap::from([("sizing".into(), parts)]))
}

pub fn config_block(mode: Mode, type_name: &str) -> Option<Arc<Block>> {
    let mut block = of(mode, type_name)?.block.clone();
    if mode == Mode::Managed {
        let size = block.attributes["size"].clone();
        let sizing = Block { attributes: BTreeMap::from([("size".into(), size)]), ..Block::default() };
        let nested = NestedBlock { nesting: Nesting::List, block: sizing, min_items: 0, max_items: 1, computed: false };
        block.blocks.insert("sizing".into(), nested);
    }
    Some(Arc::new(block))
}

pub fn config() -> Arc<Block> {
    let region = (Arc::from("region"), Attribute::new(Type::String, Presence::Optional));
    Arc::new(Block { attributes: BTreeMap::from([region]), ..Block::default() })
}
