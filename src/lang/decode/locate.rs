//! Where in a body the value at a path was written.

use hcl::ast::{Expr, LiteralValue, ObjectKey};
use model::path::{Path, Step};
use model::source::SourceRange;
use model::value::{Kind, Value};

use crate::body::{Block, Body};
use crate::expression::{Expression, range};

/// The range of what gives the value at a path its value: the expression of an argument, as far inside as it is written out,
/// else the header of the block around it.
///
/// Gives `None` where nothing is written for the path: the argument is absent, or an element of a set can't be told from
/// others. Then the whole block is the nearest place.
pub fn locate(body: &Body, path: &Path) -> Option<SourceRange> {
    let (Step::Attribute(name) | Step::Key(name), rest) = path.steps.split_first()? else { return None };
    if let Some(attribute) = body.attribute(name) {
        return Some(inside(&attribute.expr, rest));
    }
    let blocks: Vec<&Block> = body.blocks().filter(|block| *block.made_kind() == **name).collect();
    let Some((step, inner)) = rest.split_first() else {
        return blocks.first().map(|block| block.header);
    };
    let (block, inner) = match step {
        // A block that is there at most once has no index in the path.
        Step::Attribute(_) => (*blocks.first()?, rest),
        Step::Index(_) | Step::Key(_) | Step::Element(_) if is_dynamic(&blocks) => match blocks.as_slice() {
            [block] => (*block, inner),
            _ => return None,
        },
        Step::Index(index) => (*blocks.get(*index)?, inner),
        Step::Key(key) => {
            let block = blocks.iter().find(|block| block.labels.first().is_some_and(|label| label.text == *key))?;
            (*block, inner)
        }
        Step::Element(element) => (block_of_element(&blocks, element)?, inner),
    };
    within_block(block, inner)
}

fn is_dynamic(blocks: &[&Block]) -> bool {
    blocks.iter().any(|block| *block.kind == *"dynamic")
}

fn within_block(block: &Block, inner: &[Step]) -> Option<SourceRange> {
    let path = Path { steps: inner.to_vec() };
    let found = if *block.kind == *"dynamic" {
        block.body.blocks_of("content").next().and_then(|content| locate(&content.body, &path))
    } else {
        locate(&block.body, &path)
    };
    Some(found.unwrap_or(block.header))
}

/// The block that made an element of a set: the only one whose constants don't contradict the element.
fn block_of_element<'a>(blocks: &[&'a Block], element: &Value) -> Option<&'a Block> {
    let mut fitting = blocks.iter().filter(|block| fits(&block.body, element));
    let first = fitting.next()?;
    fitting.next().is_none().then_some(*first)
}

fn fits(body: &Body, element: &Value) -> bool {
    body.attributes().all(|attribute| match element.get(&attribute.name) {
        Some(value) => is_constant(&attribute.expr.node, &value).unwrap_or(true),
        None => false,
    })
}

/// Whether a constant expression has this value; `None` when it is no simple constant.
fn is_constant(expr: &Expr, value: &Value) -> Option<bool> {
    let text = match expr {
        Expr::Literal(literal) => match &literal.value {
            LiteralValue::Bool(expected) => expected.to_string(),
            LiteralValue::Number(expected) => expected.to_string(),
            LiteralValue::Null => return Some(value.is_null()),
        },
        other => other.as_string_literal()?.to_string(),
    };
    match value.reveal() {
        Kind::String(actual) => Some(**actual == *text),
        Kind::Bool(actual) => Some(actual.to_string() == text),
        Kind::Number(actual) => Some(actual.to_string() == text),
        _ => None,
    }
}

/// The part of an expression that a path leads to, as far as lists and objects are written out.
fn inside(expr: &Expression, steps: &[Step]) -> SourceRange {
    let mut node: &Expr = &expr.node;
    for step in steps {
        let part = match (node.without_parens(), step) {
            (Expr::Tuple(tuple), Step::Index(index)) => tuple.elements.get(*index),
            (Expr::Tuple(tuple), Step::Element(element)) => {
                let mut same = tuple.elements.iter().filter(|part| is_constant(part, element) != Some(false));
                same.next().filter(|_| same.next().is_none())
            }
            (Expr::Object(object), Step::Attribute(name) | Step::Key(name)) => {
                // The last of equal keys counts.
                object.entries.iter().rev().find(|entry| key_is(&entry.key, name)).map(|entry| &entry.value)
            }
            _ => None,
        };
        match part {
            Some(part) => node = part,
            None => break,
        }
    }
    range(expr.file, node.span())
}

fn key_is(key: &ObjectKey, name: &str) -> bool {
    key.as_literal() == Some(name)
}
