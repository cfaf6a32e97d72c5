//! What of an object its block has to say: what was chosen for it, not what an absent argument comes to anyway.

use std::collections::BTreeMap;

use model::address::Mode;
use model::path::Step;
use model::schema::{Block, NestedBlock, Presence, Schema};
use model::value::{Kind, Value};
use provider::propose::propose;
use provider::{PlanRequest, Provider};

/// Attributes that a configuration may set although they follow from others.
const DERIVED: &[&str] = &["id", "tags_all"];

/// The configuration of an object as its block should have it: null, and no blocks, where nothing needs to be said.
///
/// Left out is what a create would come to by itself, what is empty, and what the provider refuses beside the rest, as where it
/// answers with two names for one thing.
pub(super) async fn reduced(provider: &dyn Provider, type_name: &str, schema: &Schema, object: &Value) -> Value {
    let settable = settable(&schema.block, object, true);
    let by_itself = made_of_little(provider, type_name, schema, &settable).await;
    let mut config = chosen(&schema.block, &settable, by_itself.as_ref());
    for _ in 0..schema.block.attributes.len() + schema.block.blocks.len() {
        let found = provider.validate(Mode::Managed, type_name, &config);
        let refused = found.iter().filter(|found| found.is_error()).find_map(|found| {
            let Some(Step::Attribute(name)) = found.attribute.as_ref()?.steps.first() else { return None };
            let is_said = config.get(name).is_some_and(|value| !says_nothing(&value));
            (is_said && !is_required(&schema.block, name)).then(|| name.clone())
        });
        let Some(refused) = refused else { break };
        config = config.with(refused.clone(), unsaid(&schema.block, &refused));
    }
    config
}

/// The parts of an object that a configuration may give.
///
/// Blocks without what such a block must have are left out: services answer with some for what nobody asked for.
fn settable(schema: &Block, object: &Value, is_outermost: bool) -> Value {
    let attributes = schema.attributes.iter().map(|(name, attribute)| {
        let is_derived = is_outermost && attribute.presence != Presence::Required && DERIVED.contains(&name.as_ref());
        let may_be_said = attribute.presence.is_settable() && !attribute.deprecated && !is_derived;
        let value = object.get(name).filter(|value| may_be_said && value.is_wholly_known());
        (name.clone(), value.unwrap_or_else(|| Value::null(attribute.ty.clone())))
    });
    let blocks = schema.blocks.iter().map(|(name, nested)| {
        let value = object.get(name).filter(|_| !nested.block.deprecated);
        (name.clone(), value.map_or_else(|| nested.empty_value(), |value| settable_blocks(nested, &value)))
    });
    Value::object(attributes.chain(blocks))
}

fn settable_blocks(nested: &NestedBlock, value: &Value) -> Value {
    let block = |item: &Value| {
        let block = settable(&nested.block, item, false);
        let is_blank = matches!(block.reveal(), Kind::Object(parts) if parts.values().all(says_nothing));
        (!is_blank && has_required(&nested.block, &block)).then_some(block)
    };
    match value.reveal() {
        Kind::List(element, items) => Value::list(element.clone(), items.iter().filter_map(block).collect::<Vec<_>>()),
        Kind::Set(element, items) => Value::set(element.clone(), items.iter().filter_map(block).collect()),
        Kind::Tuple(items) => Value::tuple(items.iter().filter_map(block).collect::<Vec<_>>()),
        Kind::Map(element, entries) => {
            let blocks = entries.iter().filter_map(|(key, item)| Some((key.clone(), block(item)?)));
            Value::map(element.clone(), blocks.collect::<BTreeMap<_, _>>().into())
        }
        Kind::Object(_) => block(value).unwrap_or_else(|| nested.empty_value()),
        Kind::Null(_) | Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::String(_) => nested.empty_value(),
    }
}

/// What a create would come to if only the arguments were given that must be; `None` where the provider can't say.
async fn made_of_little(provider: &dyn Provider, type_name: &str, schema: &Schema, full: &Value) -> Option<Value> {
    let names = schema.block.attributes.keys().chain(schema.block.blocks.keys());
    let config = Value::object(names.map(|name| {
        let value = full.get(name).filter(|_| is_required(&schema.block, name));
        (name.clone(), value.unwrap_or_else(|| unsaid(&schema.block, name)))
    }));
    let proposed = propose(&schema.block, None, &config);
    let request = PlanRequest { type_name, prior: None, config: &config, proposed: &proposed, private: &[] };
    provider.plan(request).await.ok().map(|answer| answer.planned)
}

/// The configuration without what says nothing: what is made `by_itself`, and what is empty.
fn chosen(schema: &Block, full: &Value, by_itself: Option<&Value>) -> Value {
    let names = schema.attributes.keys().chain(schema.blocks.keys());
    Value::object(names.map(|name| {
        let value = full.get(name).unwrap_or_else(|| unsaid(schema, name));
        let made = by_itself.and_then(|made| made.get(name));
        let is_left_to_itself = match &made {
            Some(made) if made.is_wholly_known() && !made.is_null() => made.same(&value),
            Some(_) => is_empty(&value),
            None => value.is_null(),
        };
        let is_kept = is_required(schema, name) || !is_left_to_itself;
        (name.clone(), if is_kept { value } else { unsaid(schema, name) })
    }))
}

fn is_required(schema: &Block, name: &str) -> bool {
    match (schema.attributes.get(name), schema.blocks.get(name)) {
        (Some(attribute), _) => attribute.presence == Presence::Required,
        (None, Some(nested)) => nested.min_items > 0,
        (None, None) => false,
    }
}

fn has_required(schema: &Block, block: &Value) -> bool {
    let mut required = schema.attributes.iter().filter(|(_, attribute)| attribute.presence == Presence::Required);
    required.all(|(name, _)| block.get(name).is_some_and(|value| !value.is_null()))
}

/// What a configuration has where an argument or block is not written.
fn unsaid(schema: &Block, name: &str) -> Value {
    match (schema.attributes.get(name), schema.blocks.get(name)) {
        (Some(attribute), _) => Value::null(attribute.ty.clone()),
        (None, Some(nested)) => nested.empty_value(),
        (None, None) => unreachable!("names come from the schema"),
    }
}

/// Whether writing a value says nothing, whatever an absent argument comes to.
pub(super) fn says_nothing(value: &Value) -> bool {
    is_empty(value) && !matches!(value.reveal(), Kind::Bool(_) | Kind::Number(_))
}

/// Whether a value is what providers store where nothing was given.
fn is_empty(value: &Value) -> bool {
    match value.reveal() {
        Kind::Null(_) | Kind::Unknown(..) => true,
        Kind::Bool(value) => !value,
        Kind::Number(number) => *number == 0.into(),
        Kind::String(text) => text.is_empty(),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => items.is_empty(),
        Kind::Map(_, entries) | Kind::Object(entries) => entries.is_empty(),
    }
}
