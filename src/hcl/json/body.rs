//! JSON values as bodies: which property is an argument and which one holds blocks.

use std::collections::HashMap;

use smol_str::SmolStr;

use crate::ast::{Attribute, Block, Body, Expr, Ident, Item, Label, LiteralValue};
use crate::error::SyntaxError;
use crate::span::Span;

use super::expression::{self, Strings};
use super::{Member, Object, Text, Value};

/// What a body may hold, as far as it must be known to read it.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// Arguments whose strings are not read as `other` says.
    pub attributes: &'static [(&'static str, Strings)],
    pub blocks: &'static [BlockSchema],
    /// How the strings of all other arguments are read.
    pub other: Strings,
}

/// A kind of block.
#[derive(Debug, Clone, Copy)]
pub struct BlockSchema {
    pub kind: &'static str,
    /// What each label is, for errors: `["type", "name"]`.
    pub labels: &'static [&'static str],
    pub body: &'static Schema,
}

impl Schema {
    /// A body of arguments alone.
    pub const fn of_attributes(other: Strings) -> Self {
        Schema { attributes: &[], blocks: &[], other }
    }

    fn strings(&self, name: &str) -> Strings {
        let listed = self.attributes.iter().find(|(attribute, _)| *attribute == name);
        listed.map_or(self.other, |(_, strings)| *strings)
    }
}

/// The name of properties that are comments, in objects that are bodies.
const COMMENT: &str = "//";

/// Reads a whole file.
///
/// The root is an object, or an array of objects that count as one. Properties that the schema does not list are arguments.
pub fn read(root: &Value, schema: &Schema, errors: &mut Vec<SyntaxError>) -> Body {
    match root {
        Value::Object(_) | Value::Array(_) => {}
        Value::Invalid(span) => return empty(*span),
        Value::Null(span) | Value::Bool(_, span) => return wrong_root(root, *span, errors),
        Value::Number(number) => return wrong_root(root, number.span, errors),
        Value::String(text) => return wrong_root(root, text.span, errors),
    }
    body(root, schema, errors)
}

/// Turns the value of an argument into the blocks it stands for, where a schema that was not known when reading says that its name is
/// a kind of block with so many labels.
///
/// An object is a block, an array one for each element, null none; with labels an object holds them as keys, one level a label.
pub fn blocks(kind: &Ident, value: &Expr, labels: usize, errors: &mut Vec<SyntaxError>) -> Vec<Block> {
    let mut reshaped = Reshaped { kind, labels: Vec::new(), blocks: Vec::new(), errors };
    reshaped.expr(value, labels);
    reshaped.blocks
}

fn empty(span: Span) -> Body {
    Body { items: Vec::new(), span, end: Span::at(span.end) }
}

fn wrong_root(root: &Value, span: Span, errors: &mut Vec<SyntaxError>) -> Body {
    let found = root.describe();
    let detail = format!("The file must hold a JSON object or an array of objects, not {found}.");
    errors.push(SyntaxError { summary: "Root value must be object", detail, range: span, context: None });
    empty(span)
}

/// Reads a value as a body: an object, or an array of objects that count as one.
fn body(value: &Value, schema: &Schema, errors: &mut Vec<SyntaxError>) -> Body {
    let mut members = Vec::new();
    collect_members(value, "the arguments and blocks of a body", &mut members, errors);
    let is_block = |name: &str| schema.blocks.iter().find(|block| block.kind == name);
    let arguments =
        members.iter().filter(|member| member.name.value != COMMENT && is_block(&member.name.value).is_none());
    report_duplicates(arguments.copied(), "Duplicate argument", errors);
    let mut items = Vec::with_capacity(members.len());
    for member in members {
        if member.name.value == COMMENT {
            continue;
        }
        let name = ident(&member.name);
        match is_block(&member.name.value) {
            Some(block) => {
                let mut reader = Reader { kind: &name, schema: block, labels: Vec::new(), items: &mut items, errors };
                reader.value(&member.value, block.labels);
            }
            None => {
                let expr = expression::read(&member.value, schema.strings(&name.name), errors);
                let span = name.span.to(expr.span());
                items.push(Item::Attribute(Attribute { name, equals: member.colon, expr, span }));
            }
        }
    }
    let (span, end) = inside(value);
    Body { items, span, end }
}

fn ident(text: &Text) -> Ident {
    Ident { name: text.value.clone(), span: text.span }
}

/// What is between the braces, and the place before the closing one.
fn inside(value: &Value) -> (Span, Span) {
    match value {
        Value::Object(object) => (Span::new(object.open.end, object.close.start), Span::at(object.close.start)),
        Value::Array(array) => (array.span, Span::at(array.span.end.saturating_sub(1))),
        Value::Null(span) | Value::Bool(_, span) | Value::Invalid(span) => (*span, Span::at(span.end)),
        Value::Number(number) => (number.span, Span::at(number.span.end)),
        Value::String(text) => (text.span, Span::at(text.span.end)),
    }
}

/// Collects the members of an object, or of all objects in an array.
fn collect_members<'a>(value: &'a Value, holds: &str, members: &mut Vec<&'a Member>, errors: &mut Vec<SyntaxError>) {
    match value {
        Value::Object(object) => members.extend(&object.members),
        Value::Array(array) => {
            for element in &array.elements {
                match element {
                    Value::Object(object) => members.extend(&object.members),
                    Value::Invalid(_) => {}
                    Value::Null(_) | Value::Bool(..) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                        let detail =
                            format!("A JSON object is needed here, with {holds}; found {}.", element.describe());
                        errors.push(incorrect_type(element.span(), detail));
                    }
                }
            }
        }
        Value::Invalid(_) => {}
        Value::Null(_) | Value::Bool(..) | Value::Number(_) | Value::String(_) => {
            let found = value.describe();
            let detail = format!("A JSON object or an array of objects is needed here, with {holds}; found {found}.");
            errors.push(incorrect_type(value.span(), detail));
        }
    }
}

fn incorrect_type(range: Span, detail: String) -> SyntaxError {
    SyntaxError { summary: "Incorrect JSON value type", detail, range, context: None }
}

/// Reports each member whose name an earlier one has.
pub(super) fn report_duplicates<'a>(
    members: impl IntoIterator<Item = &'a Member>,
    summary: &'static str,
    errors: &mut Vec<SyntaxError>,
) {
    let mut seen: HashMap<&SmolStr, ()> = HashMap::new();
    for member in members {
        let name = &member.name.value;
        if seen.insert(name, ()).is_some() {
            let detail = format!("\"{name}\" was already set in this object. Each property may be set only once.");
            errors.push(SyntaxError { summary, detail, range: member.name.span, context: None });
        }
    }
}

/// Reads the blocks of one property.
struct Reader<'a> {
    kind: &'a Ident,
    schema: &'a BlockSchema,
    /// The labels around.
    labels: Vec<Label>,
    items: &'a mut Vec<Item>,
    errors: &'a mut Vec<SyntaxError>,
}

impl Reader<'_> {
    fn value(&mut self, value: &Value, labels_left: &[&str]) {
        if let [label, rest @ ..] = labels_left {
            let mut members = Vec::new();
            let holds = format!("the {label} of a block of kind \"{}\" as property name", self.schema.kind);
            let errors_before = self.errors.len();
            collect_members(value, &holds, &mut members, self.errors);
            if members.is_empty() && self.errors.len() == errors_before && !matches!(value, Value::Invalid(_)) {
                let detail = format!("At least one property is needed here, with {holds}.");
                self.errors.push(SyntaxError {
                    summary: "Missing block label",
                    detail,
                    range: value.span(),
                    context: None,
                });
            }
            for member in members {
                self.labels.push(Label { text: member.name.value.clone(), quoted: true, span: member.name.span });
                self.value(&member.value, rest);
                self.labels.pop();
            }
            return;
        }
        match value {
            Value::Null(_) | Value::Invalid(_) => {}
            Value::Object(object) => self.block(value, Some(object)),
            Value::Array(array) => array.elements.iter().for_each(|element| match element {
                Value::Object(object) => self.block(element, Some(object)),
                Value::Null(_)
                | Value::Bool(..)
                | Value::Number(_)
                | Value::String(_)
                | Value::Array(_)
                | Value::Invalid(_) => self.block(element, None),
            }),
            Value::Bool(..) | Value::Number(_) | Value::String(_) => {
                let detail = format!(
                    "A JSON object or an array of objects is needed here, with the content of blocks of kind \"{}\"; found {}.",
                    self.schema.kind,
                    value.describe()
                );
                self.errors.push(incorrect_type(value.span(), detail));
            }
        }
    }

    fn block(&mut self, value: &Value, object: Option<&Object>) {
        let body = body(value, self.schema.body, self.errors);
        let span = value.span();
        let (open, close) = match object {
            Some(object) => (object.open, object.close),
            None => (Span::at(span.start), Span::at(span.end)),
        };
        let block = new_block(self.kind, &self.labels, body, open, close);
        self.items.push(Item::Block(block));
    }
}

fn new_block(kind: &Ident, labels: &[Label], body: Body, open: Span, close: Span) -> Block {
    let header = labels.last().map_or(kind.span, |last| kind.span.to(last.span));
    Block { kind: kind.clone(), labels: labels.to_vec(), body, header, open, close, span: header.to(open).to(close) }
}

/// Makes blocks of an expression.
struct Reshaped<'a> {
    kind: &'a Ident,
    labels: Vec<Label>,
    blocks: Vec<Block>,
    errors: &'a mut Vec<SyntaxError>,
}

impl Reshaped<'_> {
    fn expr(&mut self, expr: &Expr, labels_left: usize) {
        if let Expr::Tuple(tuple) = expr {
            tuple.elements.iter().for_each(|element| self.element(element, labels_left));
        } else {
            self.element(expr, labels_left);
        }
    }

    fn element(&mut self, expr: &Expr, labels_left: usize) {
        let object = match expr {
            Expr::Object(object) => object,
            Expr::Literal(literal) if literal.value == LiteralValue::Null => return,
            Expr::Missing(_) => return,
            Expr::Literal(_)
            | Expr::Template(_)
            | Expr::TemplateWrap(_)
            | Expr::Variable(_)
            | Expr::Access(_)
            | Expr::Call(_)
            | Expr::Unary(_)
            | Expr::Binary(_)
            | Expr::Conditional(_)
            | Expr::For(_)
            | Expr::Tuple(_)
            | Expr::Paren(_) => {
                let kind = &self.kind.name;
                let detail = format!(
                    "A JSON object or an array of objects is needed here, with the content of blocks of kind \"{kind}\"."
                );
                self.errors.push(incorrect_type(expr.span(), detail));
                return;
            }
        };
        let mut items = Vec::with_capacity(object.entries.len());
        for entry in &object.entries {
            let Some(name) = entry.key.as_literal() else {
                let detail = "The name of an argument or block is fixed text, it cannot hold template sequences.";
                self.errors.push(incorrect_type(entry.key.span(), detail.to_owned()));
                continue;
            };
            if labels_left > 0 {
                self.labels.push(Label { text: name.into(), quoted: true, span: entry.key.span() });
                self.expr(&entry.value, labels_left - 1);
                self.labels.pop();
            } else if name != COMMENT {
                items.push(Item::Attribute(Attribute {
                    name: Ident { name: name.into(), span: entry.key.span() },
                    equals: Span::at(entry.key.span().end),
                    expr: entry.value.clone(),
                    span: entry.span,
                }));
            }
        }
        if labels_left == 0 {
            let (open, close) =
                (Span::new(object.span.start, object.span.start + 1), object.span.end.saturating_sub(1));
            let close = Span::new(close, object.span.end);
            let body = Body { items, span: Span::new(open.end, close.start), end: Span::at(close.start) };
            let block = new_block(self.kind, &self.labels, body, open, close);
            self.blocks.push(block);
        }
    }
}
