//! Maps and objects.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::ty::Type;
use model::value::{Kind, Marks, Refinement, Value};

use crate::functions::arguments::{items, strings};
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "keys",
        &[Parameter::any("inputMap").takes_unknown().takes_marks()],
        Shape::Any,
        keys,
        "Lists the keys of a map or object, sorted.",
    ),
    Function::new(
        "merge",
        &[],
        Shape::Any,
        merge,
        "Joins maps and objects to one, in which later elements replace earlier ones of the same key.",
    )
    .variadic(Parameter::any("maps").nullable().takes_marks())
    .infer(merge_type),
    Function::new(
        "transpose",
        &[Parameter::new("values", Shape::MapOfListOfString)],
        Shape::MapOfListOfString,
        transpose,
        "Exchanges the keys and the values of a map of lists.",
    ),
    Function::new(
        "values",
        &[Parameter::any("mapping").takes_marks()],
        Shape::Any,
        values,
        "Lists the values of a map or object in the order of their keys.",
    )
    .infer(|arguments| match arguments[0].ty() {
        Type::Map(element) => Ok(Type::List(element)),
        Type::Object(object) => Ok(Type::tuple(object.attributes.values().cloned().collect::<Vec<_>>())),
        _ => Err(map_required()),
    }),
    Function::new(
        "zipmap",
        &[Parameter::new("keys", Shape::ListOfString).takes_marks(), Parameter::any("values").takes_marks()],
        Shape::Any,
        zipmap,
        "Makes a map or object of a list of keys and a list of values.",
    )
    .infer(|arguments| match arguments[1].ty() {
        Type::List(element) => Ok(Type::Map(element)),
        // The attributes are known only with the keys.
        _ => Ok(Type::Dynamic),
    }),
];

fn map_required() -> Error {
    Error::argument(0, "a map or object is required")
}

fn keys(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let names = |names: Vec<Value>| Value::tuple(names);
    let marks = arguments[0].marks();
    let keys = match arguments[0].reveal() {
        Kind::Map(_, entries) => {
            Value::list(Type::String, entries.keys().cloned().map(Value::string).collect::<Vec<_>>())
        }
        Kind::Object(attributes) => names(attributes.keys().cloned().map(Value::string).collect()),
        Kind::Unknown(Type::Object(object), _) => names(object.attributes.keys().cloned().map(Value::string).collect()),
        Kind::Unknown(Type::Map(_), _) => Value::unknown_with(Type::list(Type::String), Refinement::not_null()),
        Kind::Unknown(Type::Dynamic, _) => Value::unknown(Type::Dynamic),
        _ => return Err(map_required()),
    };
    Ok(keys.with_marks(marks))
}

fn merge_type(arguments: &[Value]) -> Result<Type, Error> {
    let Some(first) = arguments.first().map(Value::ty) else { return Ok(Type::object::<Arc<str>>([])) };
    let mut attributes: BTreeMap<Arc<str>, Type> = BTreeMap::new();
    let mut matching = true;
    let mut open = false;
    for (index, argument) in arguments.iter().enumerate() {
        let ty = argument.ty();
        match (&ty, argument.reveal()) {
            (Type::Dynamic, _) => return Ok(Type::Dynamic),
            (Type::Object(_) | Type::Map(_), Kind::Null(_)) => {}
            (Type::Object(object), _) => attributes.extend(object.attributes.clone()),
            (Type::Map(element), Kind::Map(_, entries)) => {
                attributes.extend(entries.keys().map(|key| (key.clone(), element.as_ref().clone())));
            }
            (Type::Map(_), _) => open = true,
            (other, _) => {
                return Err(Error::argument(
                    index,
                    format!("a map or object is required, not {}", other.friendly_name()),
                ));
            }
        }
        matching &= ty == first;
    }
    Ok(match (matching, open) {
        (true, _) => first,
        (false, true) => Type::Dynamic,
        (false, false) => Type::object(attributes),
    })
}

fn merge(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut marks = Marks::NONE;
    let mut merged: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    let mut element: Option<Option<&Type>> = None;
    for (index, argument) in arguments.iter().enumerate() {
        marks |= argument.marks();
        // A map is the result of maps of one type; anything else among them makes it an object.
        let own = match argument.reveal() {
            Kind::Map(element, _) => Some(element),
            Kind::Null(Type::Map(element)) => Some(element.as_ref()),
            Kind::Object(_) | Kind::Null(Type::Object(_) | Type::Dynamic) => None,
            _ => {
                let got = argument.ty().friendly_name();
                return Err(Error::argument(index, format!("a map or object is required, not {got}")));
            }
        };
        element = match element {
            None => Some(own),
            Some(element) if element == own => Some(element),
            Some(_) => Some(None),
        };
        if let Some(entries) = argument.reveal().entries() {
            merged.extend(entries.iter().map(|(key, value)| (key.clone(), value.clone())));
        }
    }
    let value = match element.flatten() {
        Some(element) => Value::map(element.clone(), merged.into()),
        None if !arguments.is_empty() && arguments.iter().all(Value::is_null) => {
            let first = arguments[0].ty();
            let same = arguments.iter().all(|argument| argument.ty() == first);
            if let (Type::Object(object), true) = (&first, same) {
                // Nulls of one object type make an object of that type, all of whose attributes are null.
                Value::object(object.attributes.iter().map(|(name, ty)| (name.clone(), Value::null(ty.clone()))))
            } else {
                Value::object(merged)
            }
        }
        None => Value::object(merged),
    };
    Ok(value.with_marks(marks))
}

fn transpose(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut transposed: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    let unknown = || Ok(Value::unknown_with(Type::map(Type::list(Type::String)), Refinement::not_null()));
    for (key, list) in arguments[0].reveal().entries().into_iter().flatten() {
        let Some(items) = list.reveal().items() else {
            if list.is_null() {
                return Err(Error::argument(0, format!("the list of the key {key:?} is null")));
            }
            return unknown();
        };
        for item in items {
            match item.reveal() {
                Kind::String(text) => transposed.entry(text.clone()).or_default().push(Value::string(key.clone())),
                Kind::Null(_) => {
                    return Err(Error::argument(0, format!("the list of the key {key:?} has a null in it")));
                }
                _ => return unknown(),
            }
        }
    }
    let lists = transposed.into_iter().map(|(key, mut keys)| {
        keys.sort_by(|a, b| a.reveal().as_str().cmp(&b.reveal().as_str()));
        (key, Value::list(Type::String, keys))
    });
    Ok(Value::map(Type::list(Type::String), lists.collect()))
}

fn values(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let marks = arguments[0].marks();
    let values = match arguments[0].reveal() {
        Kind::Map(element, entries) => Value::list(element.clone(), entries.values().cloned().collect::<Vec<_>>()),
        Kind::Object(attributes) => Value::tuple(attributes.values().cloned().collect::<Vec<_>>()),
        _ => return Err(map_required()),
    };
    Ok(values.with_marks(marks))
}

fn zipmap(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut marks = arguments[0].marks() | arguments[1].marks();
    let (element, values) = match arguments[1].reveal() {
        Kind::List(element, items) => (Some(element), items),
        Kind::Tuple(items) => (None, items),
        _ => return Err(Error::argument(1, "a list or tuple is required")),
    };
    let count = items(arguments, 0).len();
    if count != values.len() {
        return Err(Error::call(format!("there are {count} keys but {} values", values.len())));
    }
    if !arguments[0].is_wholly_known() {
        let ty = element.map_or(Type::Dynamic, |element| Type::map(element.clone()));
        return Ok(Value::unknown(ty).with_marks(marks));
    }
    marks |= arguments[0].marks_deep();
    let keys = strings(arguments, 0)?.expect("the keys are known");
    let entries: BTreeMap<Arc<str>, Value> = keys.into_iter().map(Arc::from).zip(values.iter().cloned()).collect();
    Ok(match element {
        Some(element) => Value::map(element.clone(), entries.into()),
        None => Value::object(entries),
    }
    .with_marks(marks))
}
