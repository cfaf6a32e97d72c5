//! Configurations and objects made up for the observations of a type.

use std::collections::BTreeMap;

use model::json::{JsonError, from_json, to_simple_json};
use model::path::Path;
use model::schema::{Attribute, Block, NestedBlock, Nesting, Presence};
use model::ty::Type;
use model::value::{Kind, Value};
use serde_json::{Map, Value as Json, json};

use crate::facts::{Allowed, TypeFacts};

pub(super) struct Sampler<'a> {
    pub(super) facts: &'a TypeFacts,
}

impl Sampler<'_> {
    /// A patch of the minimal configuration that sets the attribute at `names`; the blocks on the way are the minimal
    /// configuration's own, or get what they require.
    pub(super) fn patch_with(&self, minimal: &Map<String, Json>, names: &str, value: &Json) -> Map<String, Json> {
        let mut names: Vec<&str> = names.split('.').collect();
        let attribute = names.pop().unwrap_or_default();
        let top = names.first().copied().unwrap_or_default();
        let mut patch = Map::from_iter([(top.to_string(), minimal.get(top).cloned().unwrap_or(Json::Null))]);
        let (mut object, mut block) = (&mut patch, &self.facts.schema.block);
        let mut prefix = String::new();
        for name in names {
            let Some(nested) = block.blocks.get(name) else {
                break;
            };
            prefix = format!("{prefix}{name}.");
            let slot = object.entry(name).or_insert(Json::Null);
            let is_list = matches!(nested.nesting, Nesting::List | Nesting::Set);
            if slot.is_null() || slot.as_array().is_some_and(Vec::is_empty) {
                let body = Json::Object(self.required(&nested.block, &prefix));
                *slot = if is_list { json!([body]) } else { body };
            }
            let body = if is_list { slot.get_mut(0) } else { Some(slot) };
            object = body.and_then(Json::as_object_mut).expect("a block was just put there");
            block = &nested.block;
        }
        object.insert(attribute.to_string(), value.clone());
        patch
    }

    /// The least that a block may hold.
    fn required(&self, block: &Block, prefix: &str) -> Map<String, Json> {
        let mut body = Map::new();
        for (name, attribute) in &block.attributes {
            if attribute.presence == Presence::Required {
                body.insert(name.to_string(), self.sample(&format!("{prefix}{name}"), attribute));
            }
        }
        for (name, nested) in block.blocks.iter().filter(|(_, nested)| nested.min_items > 0) {
            body.insert(name.to_string(), json!([self.required(&nested.block, &format!("{prefix}{name}."))]));
        }
        body
    }

    /// A value that the attribute's limits accept.
    fn sample(&self, names: &str, attribute: &Attribute) -> Json {
        let accepts = self.facts.attribute(names).map(|rules| &rules.accepts);
        let accepted = accepts.and_then(|accepts| accepts.values.first()).and_then(|allowed| match allowed {
            Allowed::OneOf(values) => values.first().and_then(|value| to_simple_json(value).ok()),
            Allowed::Range(least, _) | Allowed::AtLeast(least) | Allowed::MultipleOf(least) => {
                to_simple_json(&Value::number(least.clone())).ok()
            }
            Allowed::AtMost(most) => to_simple_json(&Value::number(most.clone())).ok(),
        });
        match (accepted, &attribute.ty) {
            (Some(value), Type::List(_) | Type::Set(_)) => json!([value]),
            (Some(value), _) => value,
            (None, ty) => plausible(ty, names.ends_with("arn")),
        }
    }
}

/// Gives every unknown part a value, as an apply would.
pub(crate) fn fill(facts: &TypeFacts, planned: &Value) -> Value {
    planned.clone().map_parts(&mut |path, part| match part.reveal() {
        Kind::Unknown(ty, _) => filling(&block_at(facts, path), ty, path),
        Kind::Null(_)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::List(..)
        | Kind::Set(..)
        | Kind::Map(..)
        | Kind::Tuple(_)
        | Kind::Object(_) => part,
    })
}

/// The kind of block that the path names, if it names no attribute.
fn block_at(facts: &TypeFacts, path: &Path) -> Option<NestedBlock> {
    let mut block = &facts.schema.block;
    let names = path.names();
    let mut names = names.split('.').peekable();
    while let Some(name) = names.next() {
        let nested = block.blocks.get(name)?;
        if names.peek().is_none() {
            return Some(nested.clone());
        }
        block = &nested.block;
    }
    None
}

fn plausible(ty: &Type, is_arn: bool) -> Json {
    match ty {
        Type::Dynamic => Json::Null,
        Type::Bool => json!(true),
        Type::Number => json!(10),
        Type::String if is_arn => json!("arn:aws:iam::123456789012:role/probe-a"),
        Type::String => json!("probe-a"),
        Type::List(element) | Type::Set(element) => json!([plausible(element, is_arn)]),
        Type::Map(element) => json!({"probe": plausible(element, is_arn)}),
        Type::Tuple(elements) => elements.iter().map(|element| plausible(element, is_arn)).collect(),
        Type::Object(object) => {
            let attributes = object.attributes.iter();
            Json::Object(
                attributes.map(|(name, ty)| (name.to_string(), plausible(ty, name.ends_with("arn")))).collect(),
            )
        }
    }
}

fn filling(block: &Option<NestedBlock>, ty: &Type, path: &Path) -> Value {
    if let Some(nested) = block {
        return nested.empty_value();
    }
    match ty {
        Type::Dynamic | Type::String => Value::string(if path.names().ends_with("arn") {
            "arn:aws:iam::123456789012:role/probe-b"
        } else {
            "probe-b"
        }),
        Type::Bool => Value::bool(false),
        Type::Number => Value::number(20),
        Type::List(element) => Value::list(element.as_ref().clone(), vec![filling(&None, element, path)]),
        Type::Set(element) => Value::set(element.as_ref().clone(), vec![filling(&None, element, path)]),
        Type::Map(element) => Value::map(
            element.as_ref().clone(),
            BTreeMap::from([("probe".into(), filling(&None, element, path))]).into(),
        ),
        Type::Tuple(elements) => Value::tuple(elements.iter().map(|ty| filling(&None, ty, path)).collect::<Vec<_>>()),
        Type::Object(object) => {
            Value::object(object.attributes.iter().map(|(name, ty)| (name.clone(), filling(&None, ty, path))))
        }
    }
}

/// A value of a block: attributes that are not given are null, blocks empty.
pub(crate) fn complete(block: &Block, json: &Map<String, Json>) -> Result<Value, JsonError> {
    let mut parts = BTreeMap::new();
    for (name, attribute) in &block.attributes {
        parts.insert(name.clone(), from_json(json.get(name.as_ref()).unwrap_or(&Json::Null), &attribute.ty)?);
    }
    for (name, nested) in &block.blocks {
        parts.insert(name.clone(), complete_blocks(nested, json.get(name.as_ref()).unwrap_or(&Json::Null))?);
    }
    if let Some(name) = json.keys().find(|name| !parts.contains_key(name.as_str())) {
        return Err(JsonError { path: Path::root(), reason: format!("unsupported attribute `{name}`") });
    }
    Ok(Value::object(parts))
}

fn complete_blocks(nested: &NestedBlock, json: &Json) -> Result<Value, JsonError> {
    let element = || nested.block.implied_type();
    Ok(match (nested.nesting, json) {
        (_, Json::Null) => nested.empty_value(),
        (Nesting::List, Json::Array(items)) => Value::list(element(), complete_all(nested, items)?),
        (Nesting::Set, Json::Array(items)) => Value::set(element(), complete_all(nested, items)?),
        (Nesting::Single | Nesting::Group, Json::Object(body)) => complete(&nested.block, body)?,
        (Nesting::Map, Json::Object(bodies)) => {
            let mut entries = BTreeMap::new();
            for (key, body) in bodies {
                entries.insert(key.as_str().into(), complete(&nested.block, &object(body)?)?);
            }
            Value::map(element(), entries.into())
        }
        (Nesting::List | Nesting::Set | Nesting::Single | Nesting::Group | Nesting::Map, _) => {
            return Err(JsonError { path: Path::root(), reason: format!("`{json}` is no block") });
        }
    })
}

fn complete_all(nested: &NestedBlock, items: &[Json]) -> Result<Vec<Value>, JsonError> {
    items.iter().map(|item| complete(&nested.block, &object(item)?)).collect()
}

fn object(json: &Json) -> Result<Map<String, Json>, JsonError> {
    json.as_object().cloned().ok_or_else(|| JsonError { path: Path::root(), reason: format!("`{json}` is no block") })
}

/// The object with another value at `names`, which lead through first elements.
pub(super) fn put(block: &Block, object: Value, names: &str, json: &Json) -> Result<Value, JsonError> {
    let (name, rest) = names.split_once('.').map_or((names, None), |(name, rest)| (name, Some(rest)));
    let missing = || JsonError { path: Path::attribute(name), reason: "there is no such attribute".into() };
    let value = match (rest, block.attributes.get(name), block.blocks.get(name)) {
        (None, Some(attribute), _) => from_json(json, &attribute.ty)?,
        (None, None, Some(nested)) => complete_blocks(nested, json)?,
        (Some(rest), _, Some(nested)) => {
            let blocks = object.get(name).ok_or_else(missing)?;
            let mut items = blocks.reveal().items().unwrap_or_default().to_vec();
            let first = items.first_mut().ok_or_else(missing)?;
            *first = put(&nested.block, first.clone(), rest, json)?;
            match blocks.reveal() {
                Kind::Set(element, _) => Value::set(element.clone(), items),
                _ => Value::list(nested.block.implied_type(), items),
            }
        }
        (None, None, None) | (Some(_), _, None) => return Err(missing()),
    };
    Ok(object.with(name, value))
}
