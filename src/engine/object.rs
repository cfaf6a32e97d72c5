//! Objects of a state as values and back: attributes under a schema, with their marks.

use std::sync::Arc;

use model::address::Mode;
use model::json::{from_json, to_json};
use model::path::{Path, Step};
use model::schema::{Attribute, Block, Nesting, Schema};
use model::ty::Type;
use model::value::{Kind, Marks, Value};
use provider::Provider;
use provider::error::ProviderError;
use serde_json::value::RawValue;
use state::Object;

use crate::echo::Echoes;

/// Reads an object's attributes as a value of its type's present schema, sensitive parts marked.
///
/// An object that an older provider wrote is upgraded by the provider.
///
/// # Errors
/// The attributes fit neither the present schema nor one the provider can upgrade from.
pub fn decode(object: &Object, provider: &dyn Provider, mode: Mode, type_name: &str) -> Result<Value, ProviderError> {
    let operation = || format!("decode a stored {type_name}");
    let schema = provider
        .schema(mode, type_name)
        .ok_or_else(|| ProviderError::invalid(operation(), format!("the provider has no type `{type_name}`")))?;
    let json: serde_json::Value = serde_json::from_str(object.attributes.get())
        .map_err(|error| ProviderError::invalid(operation(), error.to_string()))?;
    let present = match object.schema_version == schema.version {
        true => from_json(&json, &schema.block.implied_type()).map_err(|error| error.to_string()),
        false => Err(String::new()),
    };
    let value = match present {
        Ok(value) => value,
        Err(_) if mode == Mode::Managed => provider.upgrade(type_name, object.schema_version, &json)?,
        Err(reason) => return Err(ProviderError::invalid(operation(), reason)),
    };
    Ok(mark(value.mark_at(&object.sensitive, Marks::SENSITIVE), &schema.block))
}

/// Makes a state's object of a value: without dependencies, ready.
///
/// # Errors
/// The value has unknown parts or infinities, or does not have the schema's type: the provider gave something it must not.
pub fn encode(value: &Value, private: Arc<[u8]>, schema: &Schema, type_name: &str) -> Result<Object, ProviderError> {
    let json = to_json(value, &schema.block.implied_type()).map_err(|error| {
        ProviderError::invalid(format!("record a {type_name}"), format!("the provider's answer is not whole: {error}"))
    })?;
    Ok(Object { sensitive: value.marked_paths(Marks::SENSITIVE), private, ..Object::new(schema.version, raw(&json)) })
}

/// Whether a provider's answer can be recorded.
///
/// # Errors
/// It has unknown parts or infinities, or does not have the schema's type.
pub fn check(value: &Value, schema: &Schema, type_name: &str) -> Result<(), ProviderError> {
    let ty = schema.block.implied_type();
    if value.is_wholly_known() && conforms(value, &ty) {
        return Ok(());
    }
    let operation = format!("use the provider's answer for {type_name}");
    Err(ProviderError::invalid(operation, "it has unknown parts or infinities, or is not of the schema's type"))
}

/// Whether a value is of a type and can be stored, or null or unknown of it. Infinities can't be stored.
pub fn conforms(value: &Value, ty: &Type) -> bool {
    match (value.reveal(), ty) {
        (_, Type::Dynamic) => !value.has_infinity(),
        (Kind::Null(own) | Kind::Unknown(own, _), _) => own == ty || *own == Type::Dynamic,
        (Kind::Bool(_), Type::Bool) | (Kind::String(_), Type::String) => true,
        (Kind::Number(number), Type::Number) => !number.is_infinite(),
        (Kind::List(_, items), Type::List(element)) | (Kind::Set(_, items), Type::Set(element)) => {
            items.iter().all(|item| conforms(item, element))
        }
        (Kind::Map(_, entries), Type::Map(element)) => entries.values().all(|item| conforms(item, element)),
        (Kind::Tuple(items), Type::Tuple(types)) => {
            items.len() == types.len() && items.iter().zip(types.iter()).all(|(item, ty)| conforms(item, ty))
        }
        (Kind::Object(entries), Type::Object(object)) => {
            entries.len() == object.attributes.len()
                && object.attributes.iter().all(|(name, ty)| entries.get(name).is_some_and(|item| conforms(item, ty)))
        }
        _ => false,
    }
}

/// JSON as the text a state keeps.
pub fn raw(json: &serde_json::Value) -> Arc<RawValue> {
    serde_json::value::to_raw_value(json).expect("JSON is always text").into()
}

/// Puts null in place of all that is only ever written: no plan and no state has it, whatever a provider answers.
pub fn without_write_only(value: Value, block: &Block) -> Value {
    if !block.has_write_only() || value.is_null() || !value.is_known() {
        return value;
    }
    value.map_parts(&mut |path, part| if is_write_only(block, path) { Value::null(part.ty()) } else { part })
}

fn is_write_only(block: &Block, path: &Path) -> bool {
    let mut block = block;
    for step in &path.steps {
        let Step::Attribute(name) = step else { continue };
        match (block.attributes.get(name), block.blocks.get(name)) {
            (Some(attribute), _) => return attribute.write_only,
            (None, Some(nested)) => block = &nested.block,
            (None, None) => return false,
        }
    }
    false
}

/// Adds the sensitive mark to all parts that the schema says are sensitive.
pub fn mark(value: Value, block: &Block) -> Value {
    if !block.has_sensitive() || value.is_null() || !value.is_known() {
        return value;
    }
    let mut paths = Vec::new();
    sensitive_paths(&value, block, &Path::root(), &mut paths);
    value.mark_at(&paths, Marks::SENSITIVE)
}

fn sensitive_paths(value: &Value, block: &Block, path: &Path, paths: &mut Vec<Path>) {
    let Some(entries) = value.reveal().entries() else { return };
    attribute_paths(value, &block.attributes, path, paths);
    for (name, nested) in &block.blocks {
        let (Some(value), true) = (entries.get(name), nested.block.has_sensitive()) else { continue };
        let path = path.child(Step::Attribute(name.clone()));
        match nested.nesting {
            Nesting::Single | Nesting::Group => sensitive_paths(value, &nested.block, &path, paths),
            Nesting::List | Nesting::Set | Nesting::Map => {
                value.each_child(|step, item| sensitive_paths(item, &nested.block, &path.child(step), paths));
            }
        }
    }
}

fn attribute_paths(
    value: &Value,
    attributes: &std::collections::BTreeMap<Arc<str>, Attribute>,
    path: &Path,
    paths: &mut Vec<Path>,
) {
    let Kind::Object(entries) = value.reveal() else { return };
    for (name, attribute) in attributes {
        let path = path.child(Step::Attribute(name.clone()));
        if attribute.sensitive {
            paths.push(path);
        } else if let (Some(nested), Some(value)) = (&attribute.nested, entries.get(name)) {
            match nested.nesting {
                Nesting::Single | Nesting::Group => attribute_paths(value, &nested.attributes, &path, paths),
                Nesting::List | Nesting::Set | Nesting::Map => {
                    value.each_child(|step, item| attribute_paths(item, &nested.attributes, &path.child(step), paths));
                }
            }
        }
    }
}

/// The attribute `id`, for messages; never of a sensitive value, or of one that repeats a sensitive one.
pub fn identifier(value: &Value) -> Option<Arc<str>> {
    let id = Echoes::of([value]).hide(&value.get("id")?);
    if id.is_sensitive() {
        return None;
    }
    id.reveal().as_str().map(Arc::from)
}
