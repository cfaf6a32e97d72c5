//! Lists and tuples.

use std::sync::Arc;

use model::convert::{convert, unify};
use model::number::Number;
use model::ty::Type;
use model::value::{Facts, Kind, Marks, Refinement, Value};

use crate::evaluate::equal;
use crate::functions::arguments::{items, number, strings, whole};
use crate::functions::collection::sequence;
use crate::functions::{Context, Error, Function, Parameter, Shape};

/// More elements than this `range` does not make.
const RANGE_LENGTH_MAX: usize = 1024;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "chunklist",
        &[Parameter::new("list", Shape::ListOfAny).takes_marks(), Parameter::number("size").takes_marks()],
        Shape::ListOfListOfAny,
        chunklist,
        "Splits a list into lists of at most the given size.",
    )
    .infer(|arguments| Ok(Type::list(arguments[0].ty()))),
    Function::new(
        "coalesce",
        &[],
        Shape::Any,
        coalesce,
        "Gives the first argument that is neither null nor an empty string.",
    )
    .variadic(Parameter::any("vals").nullable().takes_unknown()),
    Function::new(
        "coalescelist",
        &[],
        Shape::Any,
        coalescelist,
        "Gives the first list or tuple that is neither null nor empty.",
    )
    .variadic(Parameter::any("vals").nullable().takes_unknown()),
    Function::new(
        "compact",
        &[Parameter::new("list", Shape::ListOfString)],
        Shape::ListOfString,
        compact,
        "Drops the elements that are null or empty strings.",
    ),
    Function::new("concat", &[], Shape::Any, concat, "Joins lists and tuples to one.")
        .variadic(Parameter::any("seqs").takes_marks())
        .infer(concat_type),
    Function::new(
        "distinct",
        &[Parameter::new("list", Shape::ListOfAny)],
        Shape::ListOfAny,
        distinct,
        "Drops the elements that equal an earlier one.",
    )
    .infer(|arguments| Ok(arguments[0].ty())),
    Function::new(
        "element",
        &[Parameter::any("list").takes_marks(), Parameter::number("index")],
        Shape::Any,
        element,
        "Gives the element at a position, which wraps around at the end.",
    )
    .infer(element_type)
    .may_be_null(),
    Function::new(
        "flatten",
        &[Parameter::any("list").takes_marks()],
        Shape::Any,
        flatten,
        "Replaces lists inside a list by their elements, at every depth.",
    ),
    Function::new(
        "matchkeys",
        &[
            Parameter::new("values", Shape::ListOfAny),
            Parameter::new("keys", Shape::ListOfAny),
            Parameter::new("searchset", Shape::ListOfAny),
        ],
        Shape::ListOfAny,
        matchkeys,
        "Gives the values at the positions where the key is among those searched for.",
    )
    .infer(|arguments| Ok(arguments[0].ty())),
    Function::new(
        "range",
        &[],
        Shape::ListOfNumber,
        range,
        "Lists the numbers from a start to before a limit, by a step.",
    )
    .variadic(Parameter::number("params")),
    Function::new(
        "reverse",
        &[Parameter::any("list").takes_marks()],
        Shape::Any,
        reverse,
        "Reverses the order of the elements.",
    )
    .infer(reverse_type),
    Function::new(
        "slice",
        &[Parameter::any("list").takes_marks(), Parameter::number("start_index"), Parameter::number("end_index")],
        Shape::Any,
        slice,
        "Gives the elements from a position to before another.",
    )
    .infer(|arguments| match arguments[0].ty() {
        list @ Type::List(_) => Ok(list),
        _ => Ok(Type::Dynamic),
    }),
    Function::new(
        "sort",
        &[Parameter::new("list", Shape::ListOfString)],
        Shape::ListOfString,
        sort,
        "Sorts strings by their Unicode characters.",
    ),
];

/// The element type of a list argument.
fn list_element(value: &Value) -> Type {
    value.ty().element().cloned().unwrap_or(Type::Dynamic)
}

fn chunklist(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let size =
        usize::try_from(whole(arguments, 1)?).map_err(|_| Error::argument(1, "the size must not be negative"))?;
    let items = items(arguments, 0);
    let element = list_element(&arguments[0]);
    let list = |items: &[Value]| Value::list(element.clone(), items.to_vec());
    let chunks: Vec<Value> = match (items, size) {
        ([], _) => Vec::new(),
        (items, 0) => vec![list(items)],
        (items, size) => items.chunks(size).map(list).collect(),
    };
    Ok(Value::list(Type::list(element.clone()), chunks).with_marks(arguments[0].marks() | arguments[1].marks()))
}

fn coalesce(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let types: Vec<Type> = arguments.iter().map(Value::ty).collect();
    if types.is_empty() {
        return Err(Error::call("at least one argument is required"));
    }
    let ty = unify(&types).ok_or_else(|| Error::call("all arguments must be of one type"))?;
    for (index, argument) in arguments.iter().enumerate() {
        let argument = convert(argument, &ty).map_err(|error| Error::argument(index, error.to_string()))?;
        match argument.reveal() {
            Kind::Unknown(..) if ty == Type::Dynamic => return Ok(Value::unknown(ty)),
            Kind::Unknown(..) => return Ok(Value::unknown_with(ty, Refinement::not_null())),
            Kind::Null(_) => {}
            Kind::String(text) if text.is_empty() => {}
            _ => return Ok(argument),
        }
    }
    Err(Error::call("all arguments are null or empty strings"))
}

fn coalescelist(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    if arguments.is_empty() {
        return Err(Error::call("at least one argument is required"));
    }
    let misfit = |argument: &Value| argument.is_known() && !matches!(argument.ty(), Type::List(_) | Type::Tuple(_));
    if let Some(index) = arguments.iter().position(misfit) {
        return Err(Error::argument(index, "a list or tuple is required"));
    }
    for argument in arguments {
        match argument.reveal() {
            Kind::Unknown(..) => return Ok(Value::unknown(Type::Dynamic)),
            kind if kind.length().is_some_and(|length| length > 0) => return Ok(argument.clone()),
            _ => {}
        }
    }
    Err(Error::call("all arguments are null or empty"))
}

fn compact(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let items = items(arguments, 0);
    if !items.iter().all(Value::is_known) {
        return Ok(Value::unknown_with(Type::list(Type::String), Refinement::not_null()));
    }
    let kept: Vec<Value> =
        items.iter().filter(|item| item.reveal().as_str().is_some_and(|text| !text.is_empty())).cloned().collect();
    Ok(Value::list(Type::String, kept))
}

/// A list if all arguments are lists of types that have one in common; otherwise the elements need to be known.
fn concat_type(arguments: &[Value]) -> Result<Type, Error> {
    let elements: Option<Vec<Type>> = arguments
        .iter()
        .map(|argument| match argument.ty() {
            Type::List(element) => Some(element.as_ref().clone()),
            _ => None,
        })
        .collect();
    Ok(elements.and_then(|elements| unify(&elements)).map_or(Type::Dynamic, Type::list))
}

fn concat(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    if arguments.is_empty() {
        return Err(Error::call("at least one argument is required"));
    }
    let mut lists = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        match argument.reveal() {
            Kind::List(element, _) => lists.push(element.clone()),
            Kind::Tuple(_) => {}
            _ => {
                let got = argument.ty().friendly_name();
                return Err(Error::argument(index, format!("a list or tuple is required, not {got}")));
            }
        }
    }
    let marks = arguments.iter().fold(Marks::NONE, |marks, argument| marks | argument.marks());
    let all = arguments.iter().filter_map(|argument| argument.reveal().items()).flatten().cloned();
    if lists.len() == arguments.len()
        && let Some(element) = unify(&lists)
    {
        let items: Result<Vec<Value>, _> = all.map(|item| convert(&item, &element)).collect();
        return Ok(Value::list(element, items.map_err(|error| Error::call(error.to_string()))?).with_marks(marks));
    }
    Ok(Value::tuple(all.collect::<Vec<_>>()).with_marks(marks))
}

fn distinct(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let items = items(arguments, 0);
    if !items.iter().all(Value::is_wholly_known) {
        return Ok(Value::unknown_with(arguments[0].ty(), Refinement::not_null()));
    }
    let mut seen: std::collections::HashMap<String, Vec<&Value>> = std::collections::HashMap::new();
    let mut kept = Vec::new();
    for item in items {
        // The text form only groups candidates: equality decides. Equal numbers can print differently, but not as doubles.
        let doubled = item.clone().map_parts(&mut |_, part| match part.reveal() {
            Kind::Number(number) => Number::from_f64(number.to_f64() + 0.0).map_or(part, Value::number),
            _ => part,
        });
        let group = seen.entry(doubled.to_string()).or_default();
        if !group.iter().any(|known| equal(known, item) == Some(true)) {
            group.push(item);
            kept.push(item.clone());
        }
    }
    Ok(Value::list(list_element(&arguments[0]), kept))
}

fn element_type(arguments: &[Value]) -> Result<Type, Error> {
    match arguments[0].ty() {
        Type::List(element) => Ok(element.as_ref().clone()),
        Type::Tuple(elements) => match arguments[1].reveal().as_i64() {
            Some(index) => Ok(wrapped(index, elements.len()).map_or(Type::Dynamic, |index| elements[index].clone())),
            None => Ok(Type::Dynamic),
        },
        Type::Dynamic => Ok(Type::Dynamic),
        other => Err(Error::argument(0, format!("a list or tuple is required, not {}", other.friendly_name()))),
    }
}

/// The position that an index means in a list that goes on from its end at its beginning; `None` in an empty list.
fn wrapped(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    usize::try_from(index.checked_rem_euclid(length)?).ok()
}

fn element(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let ty = element_type(arguments)?;
    let index = whole(arguments, 1)?;
    match arguments[0].reveal().items() {
        Some(items) => match wrapped(index, items.len()) {
            Some(index) => Ok(items[index].clone().with_marks(arguments[0].marks())),
            None => Err(Error::argument(0, "an empty list has no elements")),
        },
        None => Ok(Value::unknown(ty).with_marks(arguments[0].marks())),
    }
}

fn flatten(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    if sequence(&arguments[0]).is_none() {
        return Err(Error::argument(0, "a list, set or tuple is required"));
    }
    let mut flat = Vec::new();
    let mut marks = Marks::NONE;
    let known = flatten_into(&arguments[0], &mut flat, &mut marks);
    Ok(if known { Value::tuple(flat) } else { Value::unknown(Type::Dynamic) }.with_marks(marks))
}

/// Appends the elements; `false` if it is unknown how many there are. The marks of lists, which are taken apart, are collected.
fn flatten_into(value: &Value, flat: &mut Vec<Value>, marks: &mut Marks) -> bool {
    let mut known = true;
    *marks |= value.marks();
    for item in sequence(value).map(|items| items.iter()).into_iter().flatten() {
        match item.reveal() {
            Kind::List(..) | Kind::Set(..) | Kind::Tuple(_) => known &= flatten_into(item, flat, marks),
            Kind::Unknown(Type::Dynamic | Type::List(_) | Type::Set(_) | Type::Tuple(_), _) => {
                *marks |= item.marks();
                known = false;
            }
            _ => flat.push(item.clone()),
        }
    }
    known
}

fn matchkeys(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (values, keys) = (items(arguments, 0), items(arguments, 1));
    if values.len() != keys.len() {
        return Err(Error::call(format!("there are {} values but {} keys", values.len(), keys.len())));
    }
    let element = list_element(&arguments[0]);
    let types = [list_element(&arguments[1]), list_element(&arguments[2])];
    let empty = keys.is_empty() || items(arguments, 2).is_empty();
    let key_ty = match unify(&types) {
        Some(ty) => ty,
        None if empty => Type::Dynamic,
        None => return Err(Error::call("the keys and those searched for must be of one type")),
    };
    if !values.iter().all(Value::is_wholly_known) {
        return Ok(Value::unknown_with(Type::list(element), Refinement::not_null()));
    }
    let searched: Result<Vec<Value>, _> = items(arguments, 2).iter().map(|item| convert(item, &key_ty)).collect();
    let searched = searched.map_err(|error| Error::argument(2, error.to_string()))?;
    let mut found = Vec::new();
    for (value, key) in values.iter().zip(keys) {
        let key = convert(key, &key_ty).map_err(|error| Error::argument(1, error.to_string()))?;
        let mut open = false;
        let mut matched = false;
        for candidate in &searched {
            match equal(&key, candidate) {
                Some(true) => matched = true,
                Some(false) => {}
                None => open = true,
            }
        }
        if matched {
            found.push(value.clone());
        } else if open {
            return Ok(Value::unknown_with(Type::list(element), Refinement::not_null()));
        }
    }
    Ok(Value::list(element, found))
}

fn range(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let zero = Number::from(0);
    let (start, end) = match arguments.len() {
        1 => (&zero, number(arguments, 0)),
        2 | 3 => (number(arguments, 0), number(arguments, 1)),
        count => return Err(Error::call(format!("it takes one to three arguments, and {count} are given"))),
    };
    let down = end < start;
    let step = match arguments.get(2) {
        Some(_) => number(arguments, 2).clone(),
        None => Number::from(if down { -1 } else { 1 }),
    };
    if step.is_zero() {
        return Err(Error::argument(2, "the step must not be zero"));
    }
    if down != step.is_negative() && start != end {
        let needed = if down { "negative to go down" } else { "positive to go up" };
        return Err(Error::argument(2, format!("the step must be {needed} from the start to the limit")));
    }
    let mut numbers = Vec::new();
    let mut next = start.clone();
    while if down { next > *end } else { next < *end } {
        if numbers.len() >= RANGE_LENGTH_MAX {
            return Err(Error::call(format!("the range has more than {RANGE_LENGTH_MAX} elements")));
        }
        numbers.push(Value::number(next.clone()));
        next = next.add(&step)?;
    }
    Ok(Value::list(Type::Number, numbers))
}

fn reverse_type(arguments: &[Value]) -> Result<Type, Error> {
    match arguments[0].ty() {
        Type::List(element) | Type::Set(element) => Ok(Type::List(element)),
        Type::Tuple(elements) => Ok(Type::tuple(elements.iter().rev().cloned().collect::<Vec<_>>())),
        Type::Dynamic => Ok(Type::Dynamic),
        other => Err(Error::argument(0, format!("a list, set or tuple is required, not {}", other.friendly_name()))),
    }
}

fn reverse(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let ty = reverse_type(arguments)?;
    let reversed: Vec<Value> = items(arguments, 0).iter().rev().cloned().collect();
    Ok(match ty.element() {
        Some(element) => Value::list(element.clone(), reversed),
        None => Value::tuple(reversed),
    }
    .with_marks(arguments[0].marks()))
}

fn slice(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (element, items): (Option<&Type>, &Arc<[Value]>) = match arguments[0].reveal() {
        Kind::List(element, items) => (Some(element), items),
        Kind::Tuple(items) => (None, items),
        Kind::Set(..) => {
            return Err(Error::argument(
                0,
                "the elements of a set have no order; make it a list first, as with tolist()",
            ));
        }
        _ => return Err(Error::argument(0, "a list or tuple is required")),
    };
    let bound = |index: usize| -> Result<usize, Error> {
        let position = whole(arguments, index)?;
        usize::try_from(position).map_err(|_| Error::argument(index, "the index must not be negative"))
    };
    let (start, end) = (bound(1)?, bound(2)?);
    if start > items.len() {
        return Err(Error::argument(1, "the start index must not be beyond the end of the list"));
    }
    if end > items.len() {
        return Err(Error::argument(2, "the end index must not be beyond the end of the list"));
    }
    if start > end {
        return Err(Error::argument(1, "the start index must not be after the end index"));
    }
    let part = items[start..end].to_vec();
    Ok(match element {
        Some(element) => Value::list(element.clone(), part),
        None => Value::tuple(part),
    }
    .with_marks(arguments[0].marks()))
}

fn sort(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    match strings(arguments, 0)? {
        None => {
            let length = Some(items(arguments, 0).len());
            let facts = Facts { not_null: true, length_min: length, length_max: length, ..Facts::default() };
            Ok(Value::unknown_with(Type::list(Type::String), Refinement::from(facts)))
        }
        Some(mut strings) => {
            strings.sort_unstable();
            Ok(Value::list(Type::String, strings.into_iter().map(Value::from).collect::<Vec<_>>()))
        }
    }
}
