//! Sets.

use model::convert::{convert, unify};
use model::ty::Type;
use model::value::{Kind, Marks, Refinement, Value, set_order};

use crate::functions::arguments::items;
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "setintersection",
        &[Parameter::new("first_set", Shape::SetOfAny)],
        Shape::SetOfAny,
        setintersection,
        "Gives the elements that all sets have.",
    )
    .variadic(Parameter::new("other_sets", Shape::SetOfAny))
    .infer(common_set),
    Function::new(
        "setproduct",
        &[],
        Shape::Any,
        setproduct,
        "Gives all combinations of one element of each set or list.",
    )
    .variadic(Parameter::any("sets").takes_unknown().takes_marks())
    .infer(product_type),
    Function::new(
        "setsubtract",
        &[Parameter::new("a", Shape::SetOfAny), Parameter::new("b", Shape::SetOfAny)],
        Shape::SetOfAny,
        setsubtract,
        "Gives the elements of a set that another does not have.",
    )
    .infer(common_set),
    Function::new(
        "setunion",
        &[Parameter::new("first_set", Shape::SetOfAny)],
        Shape::SetOfAny,
        setunion,
        "Gives the elements that at least one of the sets has.",
    )
    .variadic(Parameter::new("other_sets", Shape::SetOfAny))
    .infer(common_set),
];

/// The set type that all arguments can be.
fn common_set(arguments: &[Value]) -> Result<Type, Error> {
    let types: Vec<Type> = arguments
        .iter()
        .filter_map(|argument| {
            let element = argument.ty().element().cloned()?;
            // An empty set of no type is a set of any type.
            (element != Type::Dynamic || argument.reveal().length() != Some(0)).then_some(element)
        })
        .collect();
    if types.is_empty() {
        return Ok(Type::set(Type::Dynamic));
    }
    unify(&types).map(Type::set).ok_or_else(|| Error::call("the elements of all sets must be of one type"))
}

/// The elements of sets, set by set.
type Elements = Vec<Vec<Value>>;

/// The arguments as sets of one type; `None` if an element is not known.
fn sets(arguments: &[Value]) -> Result<(Type, Option<Elements>), Error> {
    let ty = common_set(arguments)?;
    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
    let mut sets = Vec::with_capacity(arguments.len());
    let mut known = true;
    for (index, argument) in arguments.iter().enumerate() {
        let set = convert(argument, &ty).map_err(|error| Error::argument(index, error.to_string()))?;
        known &= set.is_wholly_known();
        sets.push(set.reveal().items().map(<[Value]>::to_vec).unwrap_or_default());
    }
    Ok((element, known.then_some(sets)))
}

fn unknown_set(element: Type) -> Value {
    Value::unknown_with(Type::set(element), Refinement::not_null())
}

fn setintersection(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (element, sets) = sets(arguments)?;
    Ok(match sets {
        None => unknown_set(element),
        Some(sets) => {
            let (first, others) = sets.split_first().expect("the first set is a parameter of its own");
            let others: Vec<Value> = others.iter().map(|set| Value::set(element.clone(), set.clone())).collect();
            let common = first.iter().filter(|item| others.iter().all(|set| has(set, item))).cloned();
            Value::set(element.clone(), common.collect())
        }
    })
}

fn setsubtract(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (element, sets) = sets(arguments)?;
    Ok(match sets.as_deref() {
        Some([first, second]) => {
            let second = Value::set(element.clone(), second.clone());
            Value::set(element, first.iter().filter(|item| !has(&second, item)).cloned().collect())
        }
        Some(_) | None => unknown_set(element),
    })
}

/// Whether a set has an element. Both are wholly known and of one type.
fn has(set: &Value, wanted: &Value) -> bool {
    set.reveal().items().is_some_and(|items| items.binary_search_by(|item| set_order(item, wanted)).is_ok())
}

fn setunion(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let ty = common_set(arguments)?;
    let element = ty.element().cloned().unwrap_or(Type::Dynamic);
    let mut all = Vec::new();
    for (index, argument) in arguments.iter().enumerate() {
        let set = convert(argument, &ty).map_err(|error| Error::argument(index, error.to_string()))?;
        all.extend_from_slice(set.reveal().items().unwrap_or_default());
    }
    Ok(Value::set(element, all))
}

/// The element types of the factors, and whether the product is a list.
fn factors(arguments: &[Value]) -> Result<(Vec<Type>, bool), Error> {
    if arguments.len() < 2 {
        return Err(Error::call("at least two sets or lists are required"));
    }
    let mut types = Vec::with_capacity(arguments.len());
    let mut ordered = true;
    for (index, argument) in arguments.iter().enumerate() {
        types.push(match argument.ty() {
            Type::Set(element) => {
                ordered = false;
                element.as_ref().clone()
            }
            Type::List(element) => element.as_ref().clone(),
            Type::Tuple(_) => {
                let list = convert(argument, &Type::list(Type::Dynamic));
                let list = list.map_err(|_| Error::argument(index, "all elements must be of one type"))?;
                list.ty().element().cloned().unwrap_or(Type::Dynamic)
            }
            _ => return Err(Error::argument(index, "a set or list is required")),
        });
    }
    Ok((types, ordered))
}

fn product_type(arguments: &[Value]) -> Result<Type, Error> {
    if arguments.iter().any(|argument| argument.ty() == Type::Dynamic) {
        return Ok(Type::Dynamic);
    }
    let (types, ordered) = factors(arguments)?;
    let tuple = Type::tuple(types);
    Ok(if ordered { Type::list(tuple) } else { Type::set(tuple) })
}

/// Whether it is not known how many elements a collection has: those of a set may turn out to be equal.
fn has_open_length(collection: &Value) -> bool {
    let may_shrink = matches!(collection.reveal(), Kind::Set(_, items) if items.len() > 1);
    !collection.is_known() || (may_shrink && !collection.is_wholly_known())
}

fn setproduct(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let marks = arguments.iter().fold(Marks::NONE, |marks, argument| marks | argument.marks());
    if arguments.iter().any(has_open_length) {
        return Ok(Value::unknown_with(product_type(arguments)?, Refinement::not_null()).with_marks(marks));
    }
    let (types, ordered) = factors(arguments)?;
    let mut lists = Vec::with_capacity(arguments.len());
    for (index, element) in types.iter().enumerate() {
        let items: Result<Vec<Value>, _> = items(arguments, index).iter().map(|item| convert(item, element)).collect();
        lists.push(items.map_err(|error| Error::argument(index, error.to_string()))?);
    }
    let mut combinations: Vec<Vec<Value>> = vec![Vec::new()];
    for list in &lists {
        let mut longer = Vec::with_capacity(combinations.len() * list.len());
        for combination in &combinations {
            for item in list {
                let mut next = combination.clone();
                next.push(item.clone());
                longer.push(next);
            }
        }
        combinations = longer;
    }
    let tuples: Vec<Value> = combinations.into_iter().map(Value::tuple).collect();
    let tuple = Type::tuple(types);
    Ok(if ordered { Value::list(tuple, tuples) } else { Value::set(tuple, tuples) }.with_marks(marks))
}
