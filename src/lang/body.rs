//! The content of a block as the rest of the crate sees it, whatever syntax it was written in.

mod json;

use std::collections::HashSet;
use std::sync::Arc;

use hcl::ast;
use model::source::{FileId, SourceRange};

use crate::expression::{Expression, range};

/// The attributes and blocks between two braces (or of a whole file), in source order. Cloning is O(1).
///
/// In native syntax the text says which item is an attribute and which a block. In JSON syntax only a schema does: what a
/// provider's schema calls a block is an attribute until [`Body::resolve`].
#[derive(Clone, PartialEq, Debug)]
pub struct Body {
    pub items: Arc<[Item]>,
    pub syntax: Syntax,
    /// What is between the braces.
    pub range: SourceRange,
    /// The opening brace (in JSON the closing one; of a file, its end): errors about something missing point here.
    pub missing: SourceRange,
}

/// Which of the two syntaxes something is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Syntax {
    Native,
    Json,
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
    /// Takes over the tree of a file.
    ///
    /// Of two attributes with one name (a syntax error) the first stays.
    pub fn from_tree(file: FileId, body: ast::Body, syntax: Syntax) -> Body {
        let end = range(file, body.end);
        Body::from_tree_within(file, body, syntax, end)
    }

    fn from_tree_within(file: FileId, body: ast::Body, syntax: Syntax, missing: SourceRange) -> Body {
        let mut items: Vec<Item> = Vec::with_capacity(body.items.len());
        let mut names = HashSet::new();
        for item in body.items {
            match item {
                ast::Item::Attribute(attribute) => {
                    if names.insert(attribute.name.name.clone()) {
                        items.push(Item::Attribute(Attribute::from_tree(file, attribute)));
                    }
                }
                ast::Item::Block(block) => items.push(Item::Block(Block::from_tree(file, block, syntax))),
            }
        }
        Body { items: items.into(), syntax, range: range(file, body.span), missing }
    }

    /// A body without items, at a place.
    pub fn empty(at: SourceRange) -> Body {
        Body { items: Arc::new([]), syntax: Syntax::Native, range: at, missing: at }
    }

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

    /// The body with what an override file says laid over it: its attributes replace those of the same name, and its blocks
    /// of a kind replace all blocks of that kind. A `dynamic` block counts as the kind it makes.
    pub fn overridden_by(&self, over: &Body) -> Body {
        let replaced = |item: &Item| match item {
            Item::Attribute(attribute) => over.attribute(&attribute.name).is_some(),
            Item::Block(block) => over.blocks().any(|other| other.made_kind() == block.made_kind()),
        };
        let kept = self.items.iter().filter(|item| !replaced(item));
        let items = kept.chain(over.items.iter()).cloned().collect();
        Body { items, ..self.clone() }
    }
}

impl Attribute {
    fn from_tree(file: FileId, attribute: ast::Attribute) -> Attribute {
        Attribute {
            name: attribute.name.name.as_str().into(),
            name_range: range(file, attribute.name.span),
            expr: Expression::new(file, attribute.expr),
            range: range(file, attribute.span),
        }
    }
}

impl Block {
    fn from_tree(file: FileId, block: ast::Block, syntax: Syntax) -> Block {
        let brace = match syntax {
            Syntax::Native => block.open,
            Syntax::Json => block.close,
        };
        let label = |label: ast::Label| Label { text: label.text.as_str().into(), range: range(file, label.span) };
        Block {
            kind: block.kind.name.as_str().into(),
            kind_range: range(file, block.kind.span),
            labels: block.labels.into_iter().map(label).collect(),
            body: Body::from_tree_within(file, block.body, syntax, range(file, brace)),
            header: range(file, block.header),
            range: range(file, block.span),
        }
    }

    /// The kind of the blocks that this block stands for: its own, or the label of a `dynamic` block.
    pub fn made_kind(&self) -> &str {
        match self.labels.first() {
            Some(label) if self.kind.as_ref() == "dynamic" => &label.text,
            Some(_) | None => &self.kind,
        }
    }
}
