//! The content of a block as the rest of the crate sees it, whatever syntax it was written in.

use std::sync::Arc;

use model::source::SourceRange;

use crate::expression::Expression;

/// The attributes and blocks between two braces (or of a whole file), in source order. Cloning is O(1).
#[derive(Clone, PartialEq, Debug)]
pub struct Body {
    pub items: Arc<[Item]>,
    /// What is between the braces.
    pub range: SourceRange,
    /// The empty range where an item could be added: errors about something missing point here.
    pub end: SourceRange,
}

/// One item of a body.
#[derive(Clone, PartialEq, Debug)]
pub enum Item {
    Attribute(Attribute),
    Block(Block),
}

/// `name = expression`.
#[derive(Clone, PartialEq, Debug)]
pub struct Attribute {
    pub name: Arc<str>,
    pub name_range: SourceRange,
    pub expr: Expression,
    /// From the name to the end of the expression.
    pub range: SourceRange,
}

/// `kind "label" { .. }`.
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    pub kind: Arc<str>,
    pub kind_range: SourceRange,
    pub labels: Vec<Label>,
    pub body: Body,
    /// From the kind to the last label: what an error about the block as a whole underlines.
    pub header: SourceRange,
    /// From the kind to the closing brace.
    pub range: SourceRange,
}

/// A label of a block.
#[derive(Clone, PartialEq, Debug)]
pub struct Label {
    pub text: Arc<str>,
    /// With its quotes.
    pub range: SourceRange,
}

impl Body {
    /// The attributes in source order.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.items.iter().filter_map(|item| match item {
            Item::Attribute(attribute) => Some(attribute),
            Item::Block(_) => None,
        })
    }

    /// The blocks in source order.
    pub fn blocks(&self) -> impl Iterator<Item = &Block> {
        self.items.iter().filter_map(|item| match item {
            Item::Attribute(_) => None,
            Item::Block(block) => Some(block),
        })
    }

    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes().find(|attribute| attribute.name.as_ref() == name)
    }

    /// The blocks of this kind in source order.
    pub fn blocks_of<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Block> {
        self.blocks().filter(move |block| block.kind.as_ref() == kind)
    }
}
