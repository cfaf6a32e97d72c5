//! Between values of a schema and the structs of behaviours.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::json::{from_json, to_simple_json};
use model::schema::{Block, Nesting, Presence};
use model::ty::Type;
use model::value::{Kind, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::error::{ErrorKind, ProviderError};
use crate::planner::same_flattened;

/// Reads a value into a struct; null and unknown attributes are left to the struct's defaults.
///
/// # Errors
/// The struct does not fit the schema, which is our mistake; the error says where.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, ProviderError> {
    let known = value.clone().map_parts(&mut |_, part| if part.is_known() { part } else { Value::null(part.ty()) });
    let json = to_simple_json(&known).map_err(|error| mismatch(std::any::type_name::<T>(), &error))?;
    serde_json::from_value(without_nulls(json)).map_err(|error| mismatch(std::any::type_name::<T>(), &error))
}

/// Writes a struct as a value of a block's implied type.
///
/// # Errors
/// The struct does not fit the schema, which is our mistake; the error says where.
pub fn to_value<T: Serialize>(object: &T, block: &Block) -> Result<Value, ProviderError> {
    let json = serde_json::to_value(object).map_err(|error| mismatch(std::any::type_name::<T>(), &error))?;
    from_json(&json, &block.implied_type()).map_err(|error| mismatch(std::any::type_name::<T>(), &error))
}

fn mismatch(type_name: &str, error: &dyn std::fmt::Display) -> ProviderError {
    ProviderError::new(ErrorKind::Other, format!("convert {type_name}"), error.to_string())
}

fn without_nulls(json: Json) -> Json {
    match json {
        Json::Object(entries) => entries
            .into_iter()
            .filter(|(_, item)| !item.is_null())
            .map(|(key, item)| (key, without_nulls(item)))
            .collect(),
        Json::Array(items) => items.into_iter().map(without_nulls).collect(),
        leaf @ (Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_)) => leaf,
    }
}

/// A live value written as the reference (what was planned, or the prior state) has it where both mean the same.
///
/// An empty collection and a missing one are the same to services; so are an empty and a missing string. Whoever wrote the
/// reference decided which it is.
pub fn settle(live: Value, reference: &Value) -> Value {
    if !reference.is_known() {
        return live;
    }
    match (live.reveal(), reference.reveal()) {
        (Kind::Object(attributes), Kind::Object(wanted)) => {
            let attributes = attributes.iter().map(|(name, item)| {
                let item = match wanted.get(name) {
                    Some(wanted) => settle(item.clone(), wanted),
                    None => item.clone(),
                };
                (name.clone(), item)
            });
            Value::object(attributes.collect::<BTreeMap<_, _>>())
        }
        (Kind::List(element, items), Kind::List(_, wanted)) if items.len() == wanted.len() => Value::list(
            element.clone(),
            items.iter().zip(wanted.iter()).map(|(item, wanted)| settle(item.clone(), wanted)).collect::<Vec<_>>(),
        ),
        (Kind::Set(element, items), Kind::Set(_, wanted)) if !items.is_empty() => {
            Value::set(element.clone(), settle_elements(items, wanted))
        }
        (live_kind, wanted_kind) if is_nothing(live_kind) && is_nothing(wanted_kind) => reference.clone(),
        _ => live,
    }
}

/// The elements of a set, each written as the wanted element that means the same.
///
/// Elements of sets have no place to be known by, so nothing is the same as zero and false here, too: else one that leaves a
/// number to the service would look like another one.
fn settle_elements(items: &[Value], wanted: &[Value]) -> Vec<Value> {
    let mut left: Vec<&Value> = wanted.iter().collect();
    let settle = |item: &Value| match left.iter().position(|wanted| same_flattened(item, wanted)) {
        Some(position) => left.remove(position).clone(),
        None => item.clone(),
    };
    items.iter().map(settle).collect()
}

/// The answer of a data source, with what its configuration left out left out: arguments only, not parts of blocks.
///
/// What the service decides stays as answered: an empty text of it is one, not a missing text.
pub fn settle_top(answer: Value, config: &Value, block: &Block) -> Value {
    let (Some(attributes), Some(written)) = (answer.reveal().entries(), config.reveal().entries()) else {
        return answer;
    };
    let is_computed = |name: &str| {
        let presence = block.attributes.get(name).map(|attribute| attribute.presence);
        matches!(presence, Some(Presence::Computed | Presence::OptionalComputed))
    };
    let attributes = attributes.iter().map(|(name, item)| match written.get(name) {
        Some(written) if written.is_null() && is_nothing(item.reveal()) && !is_computed(name) => {
            (name.clone(), written.clone())
        }
        Some(_) | None => (name.clone(), item.clone()),
    });
    Value::object(attributes.collect::<BTreeMap<_, _>>())
}

/// Null, or a collection without elements, or an empty string.
fn is_nothing(kind: &Kind) -> bool {
    match kind {
        Kind::Null(ty) => ty.is_collection() || matches!(ty, Type::String),
        Kind::String(text) => text.is_empty(),
        Kind::List(_, items) | Kind::Set(_, items) => items.is_empty(),
        Kind::Map(_, entries) => entries.is_empty(),
        Kind::Unknown(..) | Kind::Bool(_) | Kind::Number(_) | Kind::Tuple(_) | Kind::Object(_) => false,
    }
}

/// The planned object with what is unknown taken from the prior one: an update needs to know the identity it works on.
pub fn fill_unknown(planned: &Value, prior: &Value) -> Value {
    match (planned.reveal(), prior.reveal()) {
        (Kind::Unknown(..), _) => prior.clone(),
        (Kind::Object(attributes), Kind::Object(before)) => Value::object(
            attributes
                .iter()
                .map(|(name, item)| {
                    (name.clone(), before.get(name).map_or_else(|| item.clone(), |before| fill_unknown(item, before)))
                })
                .collect::<BTreeMap<_, _>>(),
        ),
        (Kind::List(element, items), Kind::List(_, before)) if items.len() == before.len() => Value::list(
            element.clone(),
            items.iter().zip(before.iter()).map(|(item, before)| fill_unknown(item, before)).collect::<Vec<_>>(),
        ),
        _ => planned.clone(),
    }
}

/// A value of a block in which every attribute is set and every block occurs once.
pub fn sample(block: &Block) -> Value {
    let attributes = block.attributes.iter().map(|(name, attribute)| (name.clone(), sample_of(&attribute.ty, name)));
    let blocks = block.blocks.iter().map(|(name, nested)| {
        let one = sample(&nested.block);
        let element = nested.block.implied_type();
        let value = match nested.nesting {
            Nesting::Single | Nesting::Group => one,
            Nesting::List => Value::list(element, vec![one]),
            Nesting::Set => Value::set(element, vec![one]),
            Nesting::Map => Value::map(element, BTreeMap::from([(Arc::from("key"), one)]).into()),
        };
        (name.clone(), value)
    });
    Value::object(attributes.chain(blocks).collect::<BTreeMap<_, _>>())
}

fn sample_of(ty: &Type, name: &str) -> Value {
    match ty {
        Type::Dynamic => Value::null(Type::Dynamic),
        Type::Bool => Value::bool(true),
        Type::Number => Value::number(7),
        Type::String => Value::string(format!("{name}-sample")),
        Type::List(element) => Value::list(element.as_ref().clone(), vec![sample_of(element, name)]),
        Type::Set(element) => Value::set(element.as_ref().clone(), vec![sample_of(element, name)]),
        Type::Map(element) => {
            Value::map(element.as_ref().clone(), BTreeMap::from([(Arc::from("key"), sample_of(element, name))]).into())
        }
        Type::Tuple(elements) => {
            Value::tuple(elements.iter().map(|element| sample_of(element, name)).collect::<Vec<_>>())
        }
        Type::Object(object) => Value::object(
            object.attributes.iter().map(|(name, ty)| (name.clone(), sample_of(ty, name))).collect::<BTreeMap<_, _>>(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::entries::Entries;

    fn object(tags: Value, name: Value) -> Value {
        Value::object([("tags", tags), ("name", name)])
    }

    #[test]
    fn nothing_is_written_as_the_reference_writes_it() {
        let null = Value::null(Type::map(Type::String));
        let empty = Value::map(Type::String, Entries::default());
        let live = object(empty.clone(), Value::null(Type::String));
        let reference = object(null, Value::string(""));
        assert_eq!(settle(live, &reference), reference);
    }

    #[test]
    fn what_differs_stays_as_it_is_live() {
        let live = object(Value::null(Type::map(Type::String)), Value::string("b"));
        let reference = object(Value::null(Type::map(Type::String)), Value::string("a"));
        assert_eq!(settle(live.clone(), &reference), live);
    }

    #[test]
    fn elements_of_sets_are_written_as_the_reference_writes_them() {
        let element = |name: &str, weight: Value| Value::object([("name", Value::string(name)), ("weight", weight)]);
        let null = || Value::null(Type::Number);
        let set = |items: Vec<Value>| Value::set(element("", null()).ty(), items);
        let reference = set(vec![element("a", null()), element("b", Value::number(1))]);
        let live = set(vec![element("b", Value::number(1)), element("a", Value::number(0))]);
        assert_eq!(settle(live, &reference), reference);
        let live = set(vec![element("b", Value::number(2)), element("a", Value::number(0))]);
        let expected = set(vec![element("b", Value::number(2)), element("a", null())]);
        assert_eq!(settle(live, &reference), expected);
    }

    #[test]
    fn an_update_knows_the_identity_it_works_on() {
        let planned = object(Value::unknown(Type::map(Type::String)), Value::string("new"));
        let prior = object(Value::map(Type::String, Entries::default()), Value::string("old"));
        assert_eq!(
            fill_unknown(&planned, &prior),
            object(Value::map(Type::String, Entries::default()), Value::string("new"))
        );
    }
}
