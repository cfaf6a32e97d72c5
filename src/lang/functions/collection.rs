//! Questions about collections of any kind.

use std::sync::Arc;

use model::convert::convert;
use model::number::Number;
use model::ty::Type;
use model::value::{Facts, Kind, Marks, Refinement, Value};
use unicode_segmentation::UnicodeSegmentation;

use crate::evaluate::equal;
use crate::functions::arguments::items;
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "alltrue",
        &[Parameter::new("list", Shape::ListOfBool)],
        Shape::Bool,
        alltrue,
        "Tells whether all elements are true; of no elements all are.",
    ),
    Function::new(
        "anytrue",
        &[Parameter::new("list", Shape::ListOfBool)],
        Shape::Bool,
        anytrue,
        "Tells whether at least one element is true.",
    ),
    Function::new(
        "contains",
        &[Parameter::any("list"), Parameter::any("value")],
        Shape::Any,
        contains,
        "Tells whether a list, set or tuple has an element equal to a value.",
    )
    .infer(|_| Ok(Type::Bool)),
    Function::new(
        "index",
        &[Parameter::any("list"), Parameter::any("value")],
        Shape::Any,
        index,
        "Finds the position of the first element equal to a value.",
    )
    .infer(|_| Ok(Type::Number)),
    Function::new(
        "length",
        &[Parameter::any("value").takes_unknown().takes_marks()],
        Shape::Number,
        length,
        "Counts the elements of a collection, or the characters of a string.",
    ),
    Function::new(
        "lookup",
        &[
            Parameter::any("inputMap").takes_unknown().takes_marks(),
            Parameter::string("key").takes_unknown().takes_marks(),
        ],
        Shape::Any,
        lookup,
        "Gives the element of a map or object with a key, or else a default.",
    )
    .variadic(Parameter::any("default").nullable().takes_unknown().takes_marks())
    .infer(lookup_type)
    .may_be_null(),
    Function::new(
        "one",
        &[Parameter::any("list")],
        Shape::Any,
        one,
        "Gives the only element of a list, set or tuple, or null if it has none.",
    )
    .infer(one_type)
    .may_be_null(),
    Function::new("sum", &[Parameter::any("list")], Shape::Any, sum, "Adds up the numbers of a list, set or tuple.")
        .infer(|_| Ok(Type::Number)),
];

fn alltrue(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut known = true;
    for item in items(arguments, 0) {
        match item.reveal() {
            Kind::Bool(true) => {}
            Kind::Unknown(..) => known = false,
            _ => return Ok(Value::bool(false)),
        }
    }
    Ok(if known { Value::bool(true) } else { Value::unknown_with(Type::Bool, Refinement::not_null()) })
}

fn anytrue(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let mut known = true;
    for item in items(arguments, 0) {
        match item.reveal() {
            Kind::Bool(true) => return Ok(Value::bool(true)),
            Kind::Unknown(..) => known = false,
            _ => {}
        }
    }
    Ok(if known { Value::bool(false) } else { Value::unknown_with(Type::Bool, Refinement::not_null()) })
}

fn contains(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let Some(items) = arguments[0].reveal().items() else {
        return Err(Error::argument(0, "a list, set or tuple is required"));
    };
    let mut known = true;
    for item in items {
        match equal(item, &arguments[1]) {
            Some(true) => return Ok(Value::bool(true)),
            Some(false) => {}
            None => known = false,
        }
    }
    Ok(if known { Value::bool(false) } else { Value::unknown_with(Type::Bool, Refinement::not_null()) })
}

fn index(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (Kind::List(_, items) | Kind::Tuple(items)) = arguments[0].reveal() else {
        return Err(Error::argument(0, "a list or tuple is required"));
    };
    if items.is_empty() {
        return Err(Error::call("an empty list has no elements to find"));
    }
    for (position, item) in items.iter().enumerate() {
        match equal(item, &arguments[1]) {
            Some(true) => return Ok(Value::number(Number::from(position))),
            Some(false) => {}
            None => return Ok(Value::unknown_with(Type::Number, Refinement::not_null())),
        }
    }
    Err(Error::call("no element equals the value"))
}

fn length(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (value, marks) = arguments[0].clone().unmark();
    let open = |facts: Facts| Value::unknown_with(Type::Number, Refinement::from(facts));
    let length = match value.reveal() {
        Kind::String(text) => text.graphemes(true).count(),
        Kind::List(_, items) | Kind::Tuple(items) => items.len(),
        Kind::Set(_, items) if items.iter().all(Value::is_wholly_known) => items.len(),
        Kind::Set(_, items) => {
            // Unknown elements may turn out to be equal to others.
            let (min, max) = (Number::from(1), Number::from(items.len()));
            return Ok(open(between(Some(min), Some(max))).with_marks(marks));
        }
        Kind::Map(_, entries) | Kind::Object(entries) => entries.len(),
        Kind::Unknown(Type::Tuple(elements), _) => elements.len(),
        Kind::Unknown(Type::Object(object), _) => object.attributes.len(),
        Kind::Unknown(Type::List(_) | Type::Set(_) | Type::Map(_), refinement) => {
            let facts = refinement.facts();
            let min = facts.and_then(|facts| facts.length_min);
            let max = facts.and_then(|facts| facts.length_max);
            return Ok(open(between(min.map(Number::from), max.map(Number::from))).with_marks(marks));
        }
        Kind::Unknown(Type::String | Type::Dynamic, _) => return Ok(open(between(None, None)).with_marks(marks)),
        Kind::Unknown(..) | Kind::Null(_) | Kind::Bool(_) | Kind::Number(_) => {
            return Err(Error::call(format!(
                "a {} has no length; strings, collections and structures have",
                value.ty().friendly_name()
            )));
        }
    };
    Ok(Value::number(Number::from(length)).with_marks(marks))
}

fn between(min: Option<Number>, max: Option<Number>) -> Facts {
    let inclusive = |number| (number, model::value::Bound::Inclusive);
    Facts { not_null: true, number_min: min.map(inclusive), number_max: max.map(inclusive), ..Facts::default() }
}

fn lookup_type(arguments: &[Value]) -> Result<Type, Error> {
    match arguments[0].ty() {
        Type::Map(element) => {
            if let Some(default) = arguments.get(2) {
                convert(default, &element).map_err(|_| default_mismatch())?;
            }
            Ok(element.as_ref().clone())
        }
        Type::Object(object) => {
            let Kind::String(key) = arguments[1].reveal() else { return Ok(Type::Dynamic) };
            match (object.attributes.get(key.as_ref()), arguments.get(2)) {
                (Some(attribute), _) => Ok(attribute.clone()),
                (None, Some(default)) => Ok(default.ty()),
                (None, None) => Err(missing_key(key, arguments[1].marks())),
            }
        }
        Type::Dynamic => Ok(Type::Dynamic),
        Type::Bool | Type::Number | Type::String | Type::List(_) | Type::Set(_) | Type::Tuple(_) => {
            Err(Error::argument(0, "a map or object is required"))
        }
    }
}

fn default_mismatch() -> Error {
    Error::argument(2, "the default must be of the type of the map's elements")
}

fn missing_key(key: &str, marks: Marks) -> Error {
    let key = if marks.contains(Marks::SENSITIVE) { "(sensitive value)".to_owned() } else { format!("{key:?}") };
    Error::argument(0, format!("there is no element with the key {key}, and no default is given"))
}

fn lookup(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    if arguments.len() > 3 {
        return Err(Error::call(format!("it takes two or three arguments, and {} are given", arguments.len())));
    }
    let ty = lookup_type(arguments)?;
    let marks = arguments[0].marks() | arguments[1].marks();
    let key = match (arguments[0].is_known(), arguments[1].reveal()) {
        (true, Kind::String(key)) => key,
        _ => return Ok(Value::unknown(ty).with_marks(marks)),
    };
    let found = arguments[0].reveal().entries().and_then(|entries| entries.get(key));
    match (found, arguments.get(2)) {
        (Some(value), _) => Ok(value.clone().with_marks(marks)),
        (None, Some(default)) => Ok(convert(default, &ty).map_err(|_| default_mismatch())?.with_marks(marks)),
        (None, None) => Err(missing_key(key, arguments[1].marks())),
    }
}

fn one_type(arguments: &[Value]) -> Result<Type, Error> {
    match arguments[0].ty() {
        Type::List(element) | Type::Set(element) => Ok(element.as_ref().clone()),
        Type::Tuple(elements) => match elements.as_ref() {
            [] => Ok(Type::Dynamic),
            [element] => Ok(element.clone()),
            [_, _, ..] => Err(more_than_one()),
        },
        Type::Dynamic => Ok(Type::Dynamic),
        Type::Bool | Type::Number | Type::String | Type::Map(_) | Type::Object(_) => Err(more_than_one()),
    }
}

fn more_than_one() -> Error {
    Error::argument(0, "a list, set or tuple with at most one element is required")
}

fn one(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    match arguments[0].reveal().items() {
        Some([]) => Ok(Value::null(one_type(arguments)?)),
        Some([item]) => Ok(item.clone()),
        Some(many @ [_, _, ..]) => {
            // Elements of a set that are not known yet may turn out to be equal.
            let is_open_set =
                matches!(arguments[0].reveal(), Kind::Set(..)) && !many.iter().all(Value::is_wholly_known);
            if is_open_set { Ok(Value::unknown(one_type(arguments)?)) } else { Err(more_than_one()) }
        }
        None => Err(more_than_one()),
    }
}

fn sum(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let Some(items) = arguments[0].reveal().items() else {
        return Err(Error::argument(
            0,
            format!("a list, set or tuple is required, not {}", arguments[0].ty().friendly_name()),
        ));
    };
    if items.is_empty() {
        return Err(Error::argument(0, "an empty list has no sum"));
    }
    let mut total = Number::from(0);
    for (position, item) in items.iter().enumerate() {
        let item = convert(item, &Type::Number);
        let item = item.map_err(|_| Error::argument(0, format!("the element {position} must be a number")))?;
        match item.reveal() {
            Kind::Number(number) if position == 0 => total = number.clone(),
            Kind::Number(number) => total = total.add(number)?,
            Kind::Unknown(..) => return Ok(Value::unknown_with(Type::Number, Refinement::not_null())),
            _ => return Err(Error::argument(0, format!("the element {position} must be a number, not null"))),
        }
    }
    Ok(Value::number(total))
}

/// The elements of a value that is a list, set or tuple.
pub(super) fn sequence(value: &Value) -> Option<&Arc<[Value]>> {
    match value.reveal() {
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => Some(items),
        Kind::Null(_)
        | Kind::Unknown(..)
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::String(_)
        | Kind::Map(..)
        | Kind::Object(_) => None,
    }
}
