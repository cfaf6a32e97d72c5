//! What a block of a provider, resource or data source may contain: names, types and nesting.
//!
//! This is what the plugin protocol calls a schema. How a type plans (defaults, replacement, unknowns) is the provider's
//! own knowledge and is not here.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::entries::Entries;
use crate::ty::Type;
use crate::value::Value;

/// A versioned block: version changes when stored objects need an upgrade.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Schema {
    pub version: u64,
    pub block: Block,
}

/// The attributes and nested blocks of a block.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Block {
    pub attributes: BTreeMap<Arc<str>, Attribute>,
    pub blocks: BTreeMap<Arc<str>, NestedBlock>,
    pub deprecated: bool,
}

/// One attribute of a block.
#[derive(Clone, PartialEq, Debug)]
pub struct Attribute {
    pub ty: Type,
    pub presence: Presence,
    pub sensitive: bool,
    pub write_only: bool,
    pub deprecated: bool,
    /// For attributes with a structure of their own (`nested_type` in provider schemas): `ty` is its implied type.
    pub nested: Option<Box<NestedAttribute>>,
}

/// Who gives an attribute its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Presence {
    /// The configuration must.
    Required,
    /// The configuration may.
    Optional,
    /// The configuration may, else the provider does.
    OptionalComputed,
    /// Only the provider does.
    Computed,
}

/// The structure of an attribute that is written `name = { .. }` but described like a block.
#[derive(Clone, PartialEq, Debug)]
pub struct NestedAttribute {
    pub nesting: Nesting,
    pub attributes: BTreeMap<Arc<str>, Attribute>,
}

/// A kind of block inside a block.
#[derive(Clone, PartialEq, Debug)]
pub struct NestedBlock {
    pub nesting: Nesting,
    pub block: Block,
    pub min_items: u32,
    /// 0 means no limit.
    pub max_items: u32,
    /// The provider supplies such blocks where the configuration has none.
    pub computed: bool,
}

/// How repeated blocks (or the elements of a nested attribute) make one value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Nesting {
    /// At most one; null when absent.
    Single,
    /// At most one; an object of nulls when absent.
    Group,
    List,
    Set,
    /// Keyed by the block's label.
    Map,
}

impl Presence {
    pub fn is_computed(self) -> bool {
        matches!(self, Presence::OptionalComputed | Presence::Computed)
    }

    /// Whether the configuration may give a value.
    pub fn is_settable(self) -> bool {
        !matches!(self, Presence::Computed)
    }
}

impl Attribute {
    pub fn new(ty: Type, presence: Presence) -> Attribute {
        Attribute { ty, presence, sensitive: false, write_only: false, deprecated: false, nested: None }
    }

    pub fn sensitive(mut self) -> Attribute {
        self.sensitive = true;
        self
    }
}

impl Block {
    /// The object type of values of this block.
    pub fn implied_type(&self) -> Type {
        let attributes = self.attributes.iter().map(|(name, attribute)| (name.clone(), attribute.ty.clone()));
        let blocks = self.blocks.iter().map(|(name, nested)| (name.clone(), nested.implied_type()));
        Type::object(attributes.chain(blocks))
    }

    /// The value of a block in which nothing is written: null attributes, empty block collections.
    pub fn empty_value(&self) -> Value {
        let attributes =
            self.attributes.iter().map(|(name, attribute)| (name.clone(), Value::null(attribute.ty.clone())));
        let blocks = self.blocks.iter().map(|(name, nested)| (name.clone(), nested.empty_value()));
        Value::object(attributes.chain(blocks))
    }

    /// Whether any attribute, at any depth, is only ever written.
    pub fn has_write_only(&self) -> bool {
        self.attributes.values().any(|attribute| attribute.write_only)
            || self.blocks.values().any(|nested| nested.block.has_write_only())
    }

    /// Whether any attribute, at any depth, is sensitive.
    pub fn has_sensitive(&self) -> bool {
        self.attributes.values().any(|attribute| attribute.sensitive)
            || self.blocks.values().any(|nested| nested.block.has_sensitive())
    }
}

impl NestedBlock {
    pub fn implied_type(&self) -> Type {
        let object = self.block.implied_type();
        // A block that holds an attribute of type `any` can't be an element of a list or map: each may have its own type.
        match self.nesting {
            Nesting::Single | Nesting::Group => object,
            Nesting::List if object.has_dynamic() => Type::Dynamic,
            Nesting::Map if object.has_dynamic() => Type::Dynamic,
            Nesting::List => Type::list(object),
            Nesting::Set => Type::set(object),
            Nesting::Map => Type::map(object),
        }
    }

    /// The value when no such block is written.
    pub fn empty_value(&self) -> Value {
        let object = self.block.implied_type();
        match self.nesting {
            Nesting::Single => Value::null(object),
            Nesting::Group => self.block.empty_value(),
            Nesting::List if object.has_dynamic() => Value::tuple(Vec::new()),
            Nesting::Map if object.has_dynamic() => Value::empty_object(),
            Nesting::List => Value::list(object, Vec::new()),
            Nesting::Set => Value::set(object, Vec::new()),
            Nesting::Map => Value::map(object, Entries::default()),
        }
    }
}
