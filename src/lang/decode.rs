//! From a body and a schema to a value: the arguments evaluated, converted and put where the schema says.

mod blocks;
mod dynamic;
mod ephemeral;
mod locate;

use std::sync::Arc;

use model::convert::{ConvertError, convert};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::{Attribute as AttributeSchema, Block as BlockSchema, NestedAttribute, Nesting, Presence};
use model::ty::{ObjectType, Type};
use model::value::Value;

use crate::arguments::{missing_argument, unsupported_argument, unsupported_block};
use crate::body::{Attribute, Block, Body, Item, Syntax};
use crate::evaluate::{Evaluator, Names};
use crate::expression::Expression;
use crate::scope::Scope;
use crate::suggestion::similar;

pub use ephemeral::refuse_ephemeral;
pub use locate::locate;

/// Evaluates a body against a schema.
///
/// The value has exactly the schema's implied type, also where there are errors: then null or unknown stands for what could
/// not be had. Arguments that are not written are null, blocks that are not written are empty collections. Marks are where
/// the expressions put them; those of the schema are not added.
pub fn decode(body: &Body, schema: &BlockSchema, scope: &dyn Scope) -> (Value, Diagnostics) {
    let mut decoder = Decoder::new(scope);
    let body = body.resolve(schema, &mut decoder.diagnostics);
    let value = decoder.block(&body, schema, None);
    decoder.diagnostics.0.sort_by_key(|found| found.subject.map(|at| (at.file, at.start)));
    (value, decoder.diagnostics)
}

struct Decoder<'a> {
    scope: &'a dyn Scope,
    diagnostics: Diagnostics,
}

impl<'a> Decoder<'a> {
    fn new(scope: &'a dyn Scope) -> Decoder<'a> {
        Decoder { scope, diagnostics: Diagnostics::new() }
    }

    /// The value of an expression. Where it fails it is unknown, and the reasons are among the diagnostics.
    fn evaluate(&mut self, expr: &Expression, names: Option<&Names<'_>>) -> Value {
        let mut evaluator = Evaluator::new(self.scope);
        let value = evaluator.evaluate(expr, names);
        self.diagnostics.extend(evaluator.finish());
        value
    }

    /// The object that a body is.
    fn block(&mut self, body: &Body, schema: &BlockSchema, names: Option<&Names<'_>>) -> Value {
        self.unsupported(body, schema);
        let mut parts: Vec<(Arc<str>, Value)> = Vec::with_capacity(schema.attributes.len() + schema.blocks.len());
        for (name, attribute) in &schema.attributes {
            let value = match body.attribute(name) {
                Some(written) => self.attribute(written, attribute, names),
                None => self.absent_attribute(name, attribute, body, names),
            };
            parts.push((name.clone(), value));
        }
        for (name, nested) in &schema.blocks {
            parts.push((name.clone(), self.nested_blocks(name, nested, body, names)));
        }
        Value::object(parts)
    }

    fn attribute(&mut self, written: &Attribute, schema: &AttributeSchema, names: Option<&Names<'_>>) -> Value {
        let value = self.evaluate(&written.expr, names);
        if schema.deprecated && !value.is_null() {
            self.diagnostics.push(
                Diagnostic::warning(
                    "Argument is deprecated",
                    format!(
                        "The argument `{}` is deprecated and may be gone in a later version of the provider.",
                        written.name
                    ),
                )
                .at(written.expr.range()),
            );
        }
        if schema.presence == Presence::Computed && !value.is_null() {
            self.diagnostics.push(
                Diagnostic::error(
                    "Value for unconfigurable attribute",
                    format!("The provider alone decides the value of `{}`; it can be read, but not set.", written.name),
                )
                .at(written.expr.range()),
            );
        }
        if schema.presence == Presence::Required && value.is_null() {
            self.diagnostics.push(
                Diagnostic::error(
                    "Missing required argument",
                    format!("The argument `{}` is required, but it is set to null.", written.name),
                )
                .at(written.expr.range()),
            );
        }
        let ty = constraint_of(schema);
        match convert(&value, &ty) {
            Ok(value) if value.has_infinity() => {
                self.diagnostics.push(infinite(&format!("the argument `{}`", written.name)).at(written.expr.range()));
                Value::unknown(schema.ty.clone())
            }
            Ok(value) => value,
            Err(error) => {
                self.diagnostics.push(incorrect_type(&written.name, &error).at(written.expr.range()));
                Value::unknown(schema.ty.clone())
            }
        }
    }

    fn absent_attribute(
        &mut self,
        name: &Arc<str>,
        schema: &AttributeSchema,
        body: &Body,
        names: Option<&Names<'_>>,
    ) -> Value {
        if let Some(nested) = blocks::as_blocks(schema)
            && body.syntax == Syntax::Native
            && body.blocks().any(|block| *block.made_kind() == **name)
        {
            let blocks = self.nested_blocks(name, &nested, body, names);
            return convert(&blocks, &schema.ty).unwrap_or_else(|_| Value::unknown(schema.ty.clone()));
        }
        if schema.presence == Presence::Required {
            self.diagnostics.push(missing_argument(name, body.missing));
            return Value::unknown(schema.ty.clone());
        }
        Value::null(schema.ty.clone())
    }

    /// Reports the items of a body that the schema does not have.
    fn unsupported(&mut self, body: &Body, schema: &BlockSchema) {
        for item in body.items.iter() {
            match item {
                Item::Attribute(attribute) if !schema.attributes.contains_key(&attribute.name) => {
                    let is_block = schema.blocks.contains_key(&attribute.name);
                    let names = schema.attributes.keys().map(|name| &**name);
                    self.diagnostics.push(unsupported_argument(
                        attribute,
                        body.syntax,
                        is_block,
                        similar(&attribute.name, names),
                    ));
                }
                Item::Attribute(_) => {}
                Item::Block(block) => self.unsupported_nested(block, body, schema),
            }
        }
    }

    fn unsupported_nested(&mut self, block: &Block, body: &Body, schema: &BlockSchema) {
        if *block.kind == *"dynamic" && !dynamic::has_one_label(block, &mut self.diagnostics) {
            return;
        }
        let kind = block.made_kind();
        if schema.blocks.contains_key(kind) {
            return;
        }
        let attribute = schema.attributes.get(kind);
        let as_blocks = attribute.is_some_and(|attribute| blocks::as_blocks(attribute).is_some());
        if as_blocks && body.syntax == Syntax::Native && body.attribute(kind).is_none() {
            return;
        }
        let names = schema.blocks.keys().map(|name| &**name);
        self.diagnostics.push(unsupported_block(block, attribute.is_some(), similar(kind, names)));
    }
}

fn incorrect_type(name: &str, error: &ConvertError) -> Diagnostic {
    Diagnostic::error("Incorrect attribute value type", format!("Inappropriate value for attribute `{name}`: {error}."))
}

/// The error for an infinity in `place`, a thing whose value is stored.
pub fn infinite(place: &str) -> Diagnostic {
    let detail = format!("The value of {place} is, or holds, an infinity, and nothing stored can hold one.");
    let hint = "An infinity comes of a division by zero, or of a power too large for double precision.";
    Diagnostic::error("Infinity can't be stored", detail).hint(hint)
}

/// The type that values of an attribute are converted to: its own, with members that need not be set marked so.
fn constraint_of(schema: &AttributeSchema) -> Type {
    match &schema.nested {
        Some(nested) => nested_constraint(nested),
        None => schema.ty.clone(),
    }
}

fn nested_constraint(nested: &NestedAttribute) -> Type {
    let attributes = nested.attributes.iter().map(|(name, member)| (name.clone(), constraint_of(member))).collect();
    let optional = nested
        .attributes
        .iter()
        .filter(|(_, member)| member.presence != Presence::Required)
        .map(|(name, _)| name.clone())
        .collect();
    let object = Type::Object(Arc::new(ObjectType { attributes, optional }));
    match nested.nesting {
        Nesting::Single | Nesting::Group => object,
        Nesting::List => Type::list(object),
        Nesting::Set => Type::set(object),
        Nesting::Map => Type::map(object),
    }
}
