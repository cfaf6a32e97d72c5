//! Values and types to and from JSON, in the form that state files, plans and schemas use.
//!
//! A value of type `any` is written with its type beside it: `{"value": .., "type": ..}`. Marks are not written.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::entries::Entries;
use crate::number::Number;
use crate::number::json::Infinite;
use crate::path::{Path, Step};
use crate::ty::{ObjectType, Type};
use crate::value::{Kind, Value};

/// JSON that does not fit the type it is read as, or a value that has no JSON form.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("{}{reason}", if path.is_root() { String::new() } else { format!("{path}: ") })]
pub struct JsonError {
    pub path: Path,
    pub reason: String,
}

impl JsonError {
    fn new(path: &Path, reason: impl Into<String>) -> JsonError {
        JsonError { path: path.clone(), reason: reason.into() }
    }
}

/// Writes a value as JSON of the given type (a schema's implied type).
///
/// # Errors
/// Unknown values and the infinities have no JSON form.
pub fn to_json(value: &Value, ty: &Type) -> Result<Json, JsonError> {
    encode(value, ty, &Path::root())
}

/// Writes a value as JSON by its own type alone: what `jsonencode` and `output -json` give.
///
/// # Errors
/// Unknown values and the infinities have no JSON form.
pub fn to_simple_json(value: &Value) -> Result<Json, JsonError> {
    encode(value, &value.ty(), &Path::root())
}

fn encode(value: &Value, ty: &Type, path: &Path) -> Result<Json, JsonError> {
    if matches!(ty, Type::Dynamic) {
        return match value.reveal() {
            Kind::Null(_) => Ok(Json::Null),
            _ => {
                let actual = value.ty();
                let inner = encode(value, &actual, path)?;
                Ok(Json::Object(Map::from_iter([("value".into(), inner), ("type".into(), type_to_json(&actual))])))
            }
        };
    }
    let child = |step: Step, item: &Value, ty: &Type| encode(item, ty, &path.child(step));
    Ok(match value.reveal() {
        Kind::Null(_) => Json::Null,
        Kind::Unknown(..) => return Err(JsonError::new(path, "the value is not known")),
        Kind::Bool(value) => Json::Bool(*value),
        Kind::Number(value) => {
            Json::Number(value.try_into().map_err(|error: Infinite| JsonError::new(path, error.to_string()))?)
        }
        Kind::String(value) => Json::String(value.to_string()),
        Kind::List(own, items) | Kind::Set(own, items) => {
            let element = ty.element().unwrap_or(own);
            let items: Result<Vec<Json>, JsonError> =
                items.iter().enumerate().map(|(index, item)| child(Step::Index(index), item, element)).collect();
            let mut items = items?;
            // The two zeros can both be in a set, and are one in JSON.
            if matches!(value.reveal(), Kind::Set(..)) {
                items.dedup();
            }
            Json::Array(items)
        }
        Kind::Tuple(items) => {
            let types: Option<&[Type]> = if let Type::Tuple(types) = ty { Some(types) } else { None };
            let mut array = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                let own;
                let element = match types.and_then(|types| types.get(index)).or(ty.element()) {
                    Some(element) => element,
                    None => {
                        own = item.ty();
                        &own
                    }
                };
                array.push(child(Step::Index(index), item, element)?);
            }
            Json::Array(array)
        }
        Kind::Map(own, entries) => {
            let element = ty.element().unwrap_or(own);
            let mut object = Map::new();
            for (key, item) in entries.iter() {
                object.insert(key.to_string(), child(Step::Key(key.clone()), item, element)?);
            }
            Json::Object(object)
        }
        Kind::Object(attributes) => {
            let types = if let Type::Object(object) = ty { Some(&object.attributes) } else { None };
            let mut object = Map::new();
            for (name, item) in attributes.iter() {
                let own;
                let attribute = match types.and_then(|types| types.get(name)).or(ty.element()) {
                    Some(attribute) => attribute,
                    None => {
                        own = item.ty();
                        &own
                    }
                };
                object.insert(name.to_string(), child(Step::Attribute(name.clone()), item, attribute)?);
            }
            Json::Object(object)
        }
    })
}

/// Reads JSON as a value of a type. Attributes that are missing become null, as in states written by an older schema.
///
/// # Errors
/// JSON of another shape than the type, or with attributes that the type does not have.
pub fn from_json(json: &Json, ty: &Type) -> Result<Value, JsonError> {
    decode(json, ty, &Path::root())
}

fn decode(json: &Json, ty: &Type, path: &Path) -> Result<Value, JsonError> {
    let mismatch = || JsonError::new(path, format!("{} is required, not {}", ty.friendly_name(), json_kind(json)));
    if json.is_null() {
        return Ok(Value::null(ty.clone()));
    }
    Ok(match ty {
        Type::Dynamic => {
            let object = json
                .as_object()
                .ok_or_else(|| JsonError::new(path, "an object with `value` and `type` is required"))?;
            let (Some(value), Some(ty)) = (object.get("value"), object.get("type")) else {
                return Err(JsonError::new(path, "an object with `value` and `type` is required"));
            };
            let ty = type_from_json(ty).map_err(|error| JsonError::new(path, error.reason))?;
            decode(value, &ty, path)?
        }
        Type::Bool => match json {
            Json::Bool(value) => Value::bool(*value),
            Json::String(text) if text == "true" || text == "1" => Value::bool(true),
            Json::String(text) if text == "false" || text == "0" => Value::bool(false),
            _ => return Err(mismatch()),
        },
        Type::Number => match json {
            Json::Number(number) => Value::number(number_of(number).ok_or_else(mismatch)?),
            Json::String(text) => {
                // What was read must be fit for being written again, and no writer has an infinity.
                let number = Number::parse(text).filter(|number| !number.is_infinite());
                Value::number(number.ok_or_else(mismatch)?)
            }
            _ => return Err(mismatch()),
        },
        Type::String => match json {
            Json::String(text) => Value::string(text.as_str()),
            Json::Bool(value) => Value::string(value.to_string()),
            Json::Number(number) => Value::string(number_of(number).ok_or_else(mismatch)?.to_string()),
            _ => return Err(mismatch()),
        },
        Type::List(element) | Type::Set(element) => {
            let array = json.as_array().ok_or_else(mismatch)?;
            let items: Result<Vec<Value>, JsonError> = array
                .iter()
                .enumerate()
                .map(|(index, item)| decode(item, element, &path.child(Step::Index(index))))
                .collect();
            if matches!(ty, Type::List(_)) {
                Value::list(element.as_ref().clone(), items?)
            } else {
                Value::set(element.as_ref().clone(), items?)
            }
        }
        Type::Map(element) => {
            let object = json.as_object().ok_or_else(mismatch)?;
            let entry = |(key, item): (&String, &Json)| {
                let key: Arc<str> = key.as_str().into();
                Ok((key.clone(), decode(item, element, &path.child(Step::Key(key)))?))
            };
            let entries: Result<Entries, JsonError> = object.iter().map(entry).collect();
            Value::map(element.as_ref().clone(), entries?)
        }
        Type::Tuple(types) => {
            let array = json.as_array().filter(|array| array.len() == types.len()).ok_or_else(mismatch)?;
            let items: Result<Vec<Value>, JsonError> = array
                .iter()
                .zip(types.iter())
                .enumerate()
                .map(|(index, (item, ty))| decode(item, ty, &path.child(Step::Index(index))))
                .collect();
            Value::tuple(items?)
        }
        Type::Object(object_type) => {
            let object = json.as_object().ok_or_else(mismatch)?;
            if let Some(name) = object.keys().find(|name| !object_type.attributes.contains_key(name.as_str())) {
                return Err(JsonError::new(path, format!("unsupported attribute `{name}`")));
            }
            let mut attributes = Vec::with_capacity(object_type.attributes.len());
            for (name, ty) in &object_type.attributes {
                let value = match object.get(name.as_ref()) {
                    Some(item) => decode(item, ty, &path.child(Step::Attribute(name.clone())))?,
                    None => Value::null(ty.clone()),
                };
                attributes.push((name.clone(), value));
            }
            Value::object(attributes)
        }
    })
}

/// Reads JSON as the value that `jsondecode` gives: arrays are tuples, objects are objects.
///
/// # Errors
/// A number that is out of range.
pub fn from_simple_json(json: &Json) -> Result<Value, JsonError> {
    Ok(match json {
        Json::Null => Value::null(Type::Dynamic),
        Json::Bool(value) => Value::bool(*value),
        Json::Number(number) => Value::number(
            number_of(number).ok_or_else(|| JsonError::new(&Path::root(), format!("invalid number `{number}`")))?,
        ),
        Json::String(text) => Value::string(text.as_str()),
        Json::Array(items) => Value::tuple(items.iter().map(from_simple_json).collect::<Result<Vec<_>, _>>()?),
        Json::Object(entries) => {
            let mut attributes = BTreeMap::new();
            for (name, item) in entries {
                attributes.insert(Arc::from(name.as_str()), from_simple_json(item)?);
            }
            Value::object(attributes)
        }
    })
}

fn number_of(number: &serde_json::Number) -> Option<Number> {
    Number::parse(&number.to_string())
}

fn json_kind(json: &Json) -> &'static str {
    match json {
        Json::Null => "null",
        Json::Bool(_) => "a bool",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    }
}

/// Writes a type as provider schemas do: `"string"`, `["list", "string"]`, `["object", {"a": "string"}]`.
pub fn type_to_json(ty: &Type) -> Json {
    let pair = |name: &str, inner: Json| Json::Array(vec![Json::String(name.into()), inner]);
    match ty {
        Type::Dynamic => Json::String("dynamic".into()),
        Type::Bool => Json::String("bool".into()),
        Type::Number => Json::String("number".into()),
        Type::String => Json::String("string".into()),
        Type::List(element) => pair("list", type_to_json(element)),
        Type::Set(element) => pair("set", type_to_json(element)),
        Type::Map(element) => pair("map", type_to_json(element)),
        Type::Tuple(elements) => pair("tuple", Json::Array(elements.iter().map(type_to_json).collect())),
        Type::Object(object) => {
            let attributes = object.attributes.iter().map(|(name, ty)| (name.to_string(), type_to_json(ty))).collect();
            let mut parts = vec![Json::String("object".into()), Json::Object(attributes)];
            if !object.optional.is_empty() {
                parts.push(Json::Array(object.optional.iter().map(|name| Json::String(name.to_string())).collect()));
            }
            Json::Array(parts)
        }
    }
}

/// Reads what [`type_to_json`] writes.
///
/// # Errors
/// JSON that is no type.
pub fn type_from_json(json: &Json) -> Result<Type, JsonError> {
    let error = || JsonError::new(&Path::root(), format!("`{json}` is not a type"));
    match json {
        Json::String(name) => match name.as_str() {
            "dynamic" => Ok(Type::Dynamic),
            "bool" => Ok(Type::Bool),
            "number" => Ok(Type::Number),
            "string" => Ok(Type::String),
            _ => Err(error()),
        },
        Json::Array(parts) => {
            let (Some(name), Some(inner)) = (parts.first().and_then(Json::as_str), parts.get(1)) else {
                return Err(error());
            };
            match (name, inner) {
                ("list", element) => Ok(Type::list(type_from_json(element)?)),
                ("set", element) => Ok(Type::set(type_from_json(element)?)),
                ("map", element) => Ok(Type::map(type_from_json(element)?)),
                ("tuple", Json::Array(elements)) => {
                    Ok(Type::tuple(elements.iter().map(type_from_json).collect::<Result<Vec<_>, _>>()?))
                }
                ("object", Json::Object(entries)) => {
                    let mut attributes = BTreeMap::new();
                    for (name, ty) in entries {
                        attributes.insert(Arc::from(name.as_str()), type_from_json(ty)?);
                    }
                    let optional: BTreeSet<Arc<str>> = match parts.get(2).and_then(Json::as_array) {
                        Some(names) => names.iter().filter_map(Json::as_str).map(Arc::from).collect(),
                        None => BTreeSet::new(),
                    };
                    Ok(Type::Object(Arc::new(ObjectType { attributes, optional })))
                }
                _ => Err(error()),
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => Err(error()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_as_they_were() {
        let ty = Type::object([
            ("name", Type::String),
            ("ports", Type::set(Type::Number)),
            ("tags", Type::map(Type::String)),
            ("any", Type::Dynamic),
            ("gone", Type::list(Type::Bool)),
        ]);
        let value = Value::object([
            ("name", Value::string("a")),
            ("ports", Value::set(Type::Number, vec![Value::number(443), Value::number(80)])),
            ("tags", Value::map(Type::String, Entries::from_iter([("k".into(), Value::string("v"))]))),
            ("any", Value::tuple(vec![Value::bool(true)])),
            ("gone", Value::null(Type::list(Type::Bool))),
        ]);
        let json = to_json(&value, &ty).expect("wholly known");
        assert_eq!(from_json(&json, &ty).expect("fits"), value);
    }

    #[test]
    fn types_come_back_as_they_were() {
        let ty = Type::set(Type::object([
            ("a", Type::tuple(vec![Type::Bool, Type::Dynamic])),
            ("b", Type::map(Type::Number)),
        ]));
        assert_eq!(type_from_json(&type_to_json(&ty)).expect("a type"), ty);
    }

    #[test]
    fn infinities_are_neither_written_nor_read() {
        let infinity = Number::parse("Inf").expect("an infinity");
        let object = Value::object([("n", Value::number(infinity))]);
        for ty in [object.ty(), Type::object([("n", Type::Dynamic)])] {
            let error = to_json(&object, &ty).expect_err("JSON has no infinity");
            assert_eq!(error.to_string(), "n: cannot serialize infinity as JSON");
        }
        for text in ["Inf", "-Inf", "inf"] {
            assert!(from_json(&Json::String(text.into()), &Type::Number).is_err(), "{text}");
        }
    }

    #[test]
    fn a_set_of_both_zeros_has_one_in_json() {
        let zeros =
            Value::set(Type::Number, ["0", "-0"].map(|zero| Value::number(Number::parse(zero).expect("zero"))).into());
        assert_eq!(zeros.reveal().length(), Some(2));
        assert_eq!(to_simple_json(&zeros), Ok(serde_json::json!([0])));
    }

    #[test]
    fn misfits_name_the_place() {
        let ty = Type::object([("ports", Type::list(Type::Number))]);
        let error = from_json(&serde_json::json!({"ports": [80, "x"]}), &ty).expect_err("`x` is no number");
        assert_eq!(error.to_string(), "ports[1]: number is required, not a string");
    }
}
