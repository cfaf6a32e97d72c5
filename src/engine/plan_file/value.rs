//! Values in a saved plan: unknown parts and marks included, refinements left out but for "not null".

use std::collections::BTreeMap;
use std::sync::Arc;

use model::entries::Entries;
use model::json::{type_from_json, type_to_json};
use model::number::Number;
use model::path::{Path, Step};
use model::value::{Facts, Kind, Marks, Refinement, Value};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A value on disk.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredValue {
    Null(Json),
    Unknown { ty: Json, not_null: bool },
    Bool(bool),
    Number(String),
    String(String),
    List { of: Json, items: Vec<StoredValue> },
    Set { of: Json, items: Vec<StoredValue> },
    Map { of: Json, entries: BTreeMap<String, StoredValue> },
    Tuple(Vec<StoredValue>),
    Object(BTreeMap<String, StoredValue>),
    Sensitive(Box<StoredValue>),
    Deprecated(Box<StoredValue>),
}

/// A step of a path on disk.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum StoredStep {
    Attribute(String),
    Index(usize),
    Key(String),
    Element(StoredValue),
}

pub(super) fn store(value: &Value) -> StoredValue {
    let items = |items: &[Value]| items.iter().map(store).collect();
    let entries = |entries: &Entries| entries.iter().map(|(name, value)| (name.to_string(), store(value))).collect();
    let stored = match value.reveal() {
        Kind::Null(ty) => StoredValue::Null(type_to_json(ty)),
        Kind::Unknown(ty, refinement) => {
            StoredValue::Unknown { ty: type_to_json(ty), not_null: refinement.is_not_null() }
        }
        Kind::Bool(value) => StoredValue::Bool(*value),
        Kind::Number(value) => StoredValue::Number(value.to_string()),
        Kind::String(value) => StoredValue::String(value.to_string()),
        Kind::List(of, all) => StoredValue::List { of: type_to_json(of), items: items(all) },
        Kind::Set(of, all) => StoredValue::Set { of: type_to_json(of), items: items(all) },
        Kind::Map(of, all) => StoredValue::Map { of: type_to_json(of), entries: entries(all) },
        Kind::Tuple(all) => StoredValue::Tuple(items(all)),
        Kind::Object(all) => StoredValue::Object(entries(all)),
    };
    // Ephemeral values never get into a plan.
    let stored = match value.marks().contains(Marks::DEPRECATED) {
        true => StoredValue::Deprecated(Box::new(stored)),
        false => stored,
    };
    if value.is_sensitive() { StoredValue::Sensitive(Box::new(stored)) } else { stored }
}

pub(super) fn restore(stored: StoredValue) -> Result<Value, String> {
    let ty = |json: &Json| type_from_json(json).map_err(|error| error.to_string());
    let items = |items: Vec<StoredValue>| items.into_iter().map(restore).collect::<Result<Vec<Value>, String>>();
    let entries = |entries: BTreeMap<String, StoredValue>| {
        let restored = entries.into_iter().map(|(name, value)| Ok((Arc::<str>::from(name), restore(value)?)));
        restored.collect::<Result<Entries, String>>()
    };
    Ok(match stored {
        StoredValue::Null(of) => Value::null(ty(&of)?),
        StoredValue::Unknown { ty: of, not_null } => {
            Value::unknown_with(ty(&of)?, Refinement::from(Facts { not_null, ..Facts::default() }))
        }
        StoredValue::Bool(value) => Value::bool(value),
        StoredValue::Number(text) => {
            Value::number(Number::parse(&text).ok_or_else(|| format!("`{text}` is not a number"))?)
        }
        StoredValue::String(text) => Value::string(text),
        StoredValue::List { of, items: all } => Value::list(ty(&of)?, items(all)?),
        StoredValue::Set { of, items: all } => Value::set(ty(&of)?, items(all)?),
        StoredValue::Map { of, entries: all } => Value::map(ty(&of)?, entries(all)?),
        StoredValue::Tuple(all) => Value::tuple(items(all)?),
        StoredValue::Object(all) => Value::from_kind(Kind::Object(entries(all)?)),
        StoredValue::Sensitive(inner) => restore(*inner)?.sensitive(),
        StoredValue::Deprecated(inner) => restore(*inner)?.with_marks(Marks::DEPRECATED),
    })
}

pub(super) fn store_path(path: &Path) -> Vec<StoredStep> {
    let steps = path.steps.iter().map(|step| match step {
        Step::Attribute(name) => StoredStep::Attribute(name.to_string()),
        Step::Index(index) => StoredStep::Index(*index),
        Step::Key(key) => StoredStep::Key(key.to_string()),
        Step::Element(element) => StoredStep::Element(store(element)),
    });
    steps.collect()
}

pub(super) fn restore_path(steps: Vec<StoredStep>) -> Result<Path, String> {
    let steps = steps.into_iter().map(|step| {
        Ok(match step {
            StoredStep::Attribute(name) => Step::Attribute(name.into()),
            StoredStep::Index(index) => Step::Index(index),
            StoredStep::Key(key) => Step::Key(key.into()),
            StoredStep::Element(element) => Step::Element(restore(element)?),
        })
    });
    Ok(Path { steps: steps.collect::<Result<_, String>>()? })
}

#[cfg(test)]
mod tests {
    use model::ty::Type;

    use super::*;

    #[test]
    fn values_come_back_with_what_is_unknown_and_what_is_sensitive() {
        let value = Value::object([
            ("unknown", Value::unknown(Type::list(Type::Number))),
            ("named", Value::unknown_with(Type::String, Refinement::not_null())),
            ("secret", Value::string("x").sensitive()),
            ("set", Value::set(Type::String, vec!["a".into(), Value::unknown(Type::String)]).sensitive()),
            ("null", Value::null(Type::Bool)),
            ("number", Value::number(Number::parse("1e100").expect("a number"))),
            ("infinity", Value::number(Number::parse("-Inf").expect("a number"))),
            ("map", Value::map(Type::Bool, [("k".into(), Value::bool(true))].into())),
            ("tuple", Value::tuple(vec![Value::bool(false), Value::empty_object()])),
        ]);
        let json = serde_json::to_string(&store(&value)).expect("it is JSON");
        let back = restore(serde_json::from_str(&json).expect("it was written")).expect("it is a value");
        assert_eq!(back.clone().unmark_deep(), value.clone().unmark_deep());
        assert_eq!(back.marked_paths(Marks::SENSITIVE), value.marked_paths(Marks::SENSITIVE));
        assert_eq!(back.ty(), value.ty());
    }
}
