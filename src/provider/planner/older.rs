//! How types of the older library see values: what they take for nothing, and for equal.

use model::entries::Entries;
use model::ty::Type;
use model::value::{Kind, Value};

use crate::propose::is_empty;

/// What the older library plans for a value that is taken away: null, or an empty collection.
pub(super) fn nothing(ty: &Type) -> Value {
    match ty {
        Type::List(element) => Value::list(element.as_ref().clone(), Vec::new()),
        Type::Set(element) => Value::set(element.as_ref().clone(), Vec::new()),
        Type::Map(element) => Value::map(element.as_ref().clone(), Entries::default()),
        Type::Dynamic | Type::Bool | Type::Number | Type::String | Type::Tuple(_) | Type::Object(_) => {
            Value::null(ty.clone())
        }
    }
}

/// Whether the older library takes the value for not set: null, empty text, an empty collection.
///
/// A collection of objects stands for blocks; that it is given says that there are to be none.
pub(super) fn is_blank(value: &Value) -> bool {
    match value.reveal() {
        Kind::Bool(_) | Kind::Number(_) => false,
        Kind::List(Type::Object(_), _) | Kind::Set(Type::Object(_), _) => false,
        Kind::Null(_)
        | Kind::Unknown(..)
        | Kind::String(_)
        | Kind::List(..)
        | Kind::Set(..)
        | Kind::Map(..)
        | Kind::Tuple(_)
        | Kind::Object(_) => is_empty(value),
    }
}

/// The value as the older library sees it: collections of plain elements are unknown as a whole when an element is, maps
/// have no null elements, and objects in collections have no null texts, flags and collections.
pub(super) fn flattened(value: &Value, ty: &Type) -> Value {
    match value.reveal() {
        Kind::List(element, items) | Kind::Set(element, items) => {
            if !matches!(element, Type::Object(_)) {
                return if value.is_wholly_known() { value.clone() } else { Value::unknown(ty.clone()) };
            }
            let items: Vec<Value> = items.iter().map(flattened_object).collect();
            match value.reveal() {
                Kind::Set(..) => Value::set(element.clone(), items),
                _ => Value::list(element.clone(), items),
            }
        }
        Kind::Map(element, entries) => {
            if !value.is_wholly_known() {
                return Value::unknown(ty.clone());
            }
            if entries.values().any(Value::is_null) {
                let set = entries.iter().filter(|(_, value)| !value.is_null());
                return Value::map(element.clone(), set.map(|(key, value)| (key.clone(), value.clone())).collect());
            }
            value.clone()
        }
        Kind::Null(_)
        | Kind::Unknown(..)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::Tuple(_)
        | Kind::Object(_) => value.clone(),
    }
}

fn flattened_object(object: &Value) -> Value {
    let Kind::Object(attributes) = object.reveal() else {
        return object.clone();
    };
    Value::object(attributes.iter().map(|(name, value)| {
        let filled = match value.reveal() {
            Kind::Null(Type::String) => Value::string(""),
            Kind::Null(Type::Bool) => Value::bool(false),
            Kind::Null(ty @ (Type::List(_) | Type::Set(_) | Type::Map(_))) => nothing(ty),
            Kind::Null(_)
            | Kind::Unknown(..)
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(..)
            | Kind::Set(..)
            | Kind::Map(..)
            | Kind::Tuple(_)
            | Kind::Object(_) => flattened(value, &value.ty()),
        };
        (name.clone(), filled)
    }))
}

/// Equality to the older library.
pub(crate) fn same_flattened(a: &Value, b: &Value) -> bool {
    if is_empty(a) && is_empty(b) {
        return true;
    }
    match (a.reveal(), b.reveal()) {
        (Kind::List(Type::Object(_), a), Kind::List(Type::Object(_), b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_flattened(a, b))
        }
        (Kind::Set(Type::Object(_), a), Kind::Set(Type::Object(_), b)) => {
            let mut left: Vec<&Value> = a.iter().collect();
            a.len() == b.len()
                && b.iter().all(|b| match left.iter().position(|a| same_flattened(a, b)) {
                    Some(position) => {
                        left.remove(position);
                        true
                    }
                    None => false,
                })
        }
        (Kind::Object(a), Kind::Object(b)) => {
            a.iter().all(|(name, a)| b.get(name).is_some_and(|b| same_flattened(a, b)))
        }
        _ => a == b,
    }
}
