//! Conversion of values between types, and the common type of several.
//!
//! The rules are those of Terraform's type system: primitives convert through their text, sequences to sequences, objects
//! and maps to each other, element by element; `any` takes whatever type the value has, and inside a collection the
//! common type of its elements ([`unify`]). Unknown values stay unknown and nulls stay null, both of the wanted type.
//! Marks stay where they were.

mod mismatch;
mod unify;

use std::sync::Arc;

use crate::entries::Entries;
use crate::number::Number;
use crate::path::{Path, Step};
use crate::ty::{ObjectType, Type};
use crate::value::{Facts, Kind, Marks, Refinement, Value};

pub use unify::unify;

/// A value that does not fit a type: the place inside the value, and what is required there.
///
/// The message is a fragment without a period, as it appears after `Inappropriate value for attribute "x":`. It never
/// holds a value.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("{}{message}", place(path))]
pub struct ConvertError {
    pub path: Path,
    pub message: String,
}

/// Converts a value to a type constraint. O(1) if it has the type already.
///
/// The result has the type of the constraint without `optional`, with `any` replaced by what the value has there.
/// Attributes that the constraint does not name are dropped, optional ones that are absent become null.
///
/// # Errors
/// The value, or a part of it, can't be what the constraint asks for.
pub fn convert(value: &Value, ty: &Type) -> Result<Value, ConvertError> {
    let mut steps = Vec::new();
    apply(value, ty, &mut steps).map_err(|failure| match failure {
        // What the types exclude is said first, wherever in the value it is.
        Failure::Value(error) if is_convertible(&value.ty(), ty) => error,
        Failure::Value(_) | Failure::Type => {
            ConvertError { path: Path::root(), message: mismatch::describe(&value.ty(), ty) }
        }
    })
}

/// Which conversions count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// All that can succeed for some values.
    Any,
    /// Those that succeed for all values and lose nothing.
    Safe,
}

/// Whether values of type `from` may convert to `to`; whether one does can depend on the value (`"1"` is a number, `"a"` is not).
pub fn is_convertible(from: &Type, to: &Type) -> bool {
    converts(from, to, Mode::Any)
}

fn converts(from: &Type, to: &Type, mode: Mode) -> bool {
    if from == to {
        return true;
    }
    let any = mode == Mode::Any;
    match (from, to) {
        (_, Type::Dynamic) => true,
        (Type::Dynamic, _) => any,
        (Type::String, Type::Bool | Type::Number) => any,
        (Type::Bool | Type::Number, Type::String) => true,
        (Type::List(from), Type::Set(to)) => any && converts(from, to, mode),
        (Type::List(from) | Type::Set(from), Type::List(to))
        | (Type::Set(from), Type::Set(to))
        | (Type::Map(from), Type::Map(to)) => converts(from, to, mode),
        (Type::Tuple(from), Type::List(to) | Type::Set(to)) => all_convert(from.iter(), to, mode),
        (Type::Object(from), Type::Map(to)) => all_convert(from.attributes.values(), to, mode),
        (Type::Tuple(from), Type::Tuple(to)) => {
            from.len() == to.len() && from.iter().zip(to.iter()).all(|(from, to)| converts(from, to, mode))
        }
        (Type::Object(from), Type::Object(to)) => {
            to.attributes.iter().all(|(name, to_attribute)| match from.attributes.get(name) {
                Some(from) => converts(from, to_attribute, mode),
                None => to.optional.contains(name),
            })
        }
        (Type::Map(from), Type::Object(to)) => any && to.attributes.values().all(|to| converts(from, to, mode)),
        (
            Type::Bool
            | Type::Number
            | Type::String
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Tuple(_)
            | Type::Object(_),
            Type::Bool
            | Type::Number
            | Type::String
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Tuple(_)
            | Type::Object(_),
        ) => false,
    }
}

/// Whether parts of a structural type can all become elements of one collection.
fn all_convert<'a>(mut from: impl Iterator<Item = &'a Type> + Clone, to: &Type, mode: Mode) -> bool {
    if *to == Type::Dynamic {
        return from.clone().next().is_none() || unify::unify_iter(from, mode).is_some();
    }
    from.all(|from| converts(from, to, mode))
}

/// Why a conversion failed.
enum Failure {
    /// The types alone exclude it.
    Type,
    /// A part has the wrong value for its type.
    Value(ConvertError),
}

fn apply(value: &Value, to: &Type, steps: &mut Vec<Step>) -> Result<Value, Failure> {
    if fits(value, to) {
        return Ok(value.clone());
    }
    let marks = value.marks();
    Ok(convert_kind(value, to, steps)?.with_marks(marks))
}

/// Whether the value is of the type already. Never walks the elements of a collection.
fn fits(value: &Value, to: &Type) -> bool {
    match (value.reveal(), to) {
        (_, Type::Dynamic) => true,
        (Kind::Null(ty) | Kind::Unknown(ty, _), to) => is_same(ty, to),
        (Kind::Bool(_), Type::Bool) | (Kind::Number(_), Type::Number) | (Kind::String(_), Type::String) => true,
        (Kind::List(element, _), Type::List(to))
        | (Kind::Set(element, _), Type::Set(to))
        | (Kind::Map(element, _), Type::Map(to)) => is_same(element, to),
        (Kind::Tuple(items), Type::Tuple(to)) => {
            items.len() == to.len() && items.iter().zip(to.iter()).all(|(item, to)| fits(item, to))
        }
        (Kind::Object(attributes), Type::Object(to)) => {
            attributes.len() == to.attributes.len()
                && attributes
                    .iter()
                    .zip(&to.attributes)
                    .all(|((name, item), (to_name, to))| name == to_name && fits(item, to))
        }
        (
            Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(..)
            | Kind::Set(..)
            | Kind::Map(..)
            | Kind::Tuple(_)
            | Kind::Object(_),
            _,
        ) => false,
    }
}

/// Whether a value is of exactly this type. Never walks the elements of a collection.
fn is_of(value: &Value, ty: &Type) -> bool {
    match (value.reveal(), ty) {
        (Kind::Null(own) | Kind::Unknown(own, _), ty) => own == ty,
        (Kind::Bool(_), Type::Bool) | (Kind::Number(_), Type::Number) | (Kind::String(_), Type::String) => true,
        (Kind::List(element, _), Type::List(ty))
        | (Kind::Set(element, _), Type::Set(ty))
        | (Kind::Map(element, _), Type::Map(ty)) => *element == **ty,
        (Kind::Tuple(items), Type::Tuple(types)) => {
            items.len() == types.len() && items.iter().zip(types.iter()).all(|(item, ty)| is_of(item, ty))
        }
        (Kind::Object(attributes), Type::Object(object)) => {
            attributes.len() == object.attributes.len()
                && attributes
                    .iter()
                    .zip(&object.attributes)
                    .all(|((name, item), (known, ty))| name == known && is_of(item, ty))
        }
        (
            Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(..)
            | Kind::Set(..)
            | Kind::Map(..)
            | Kind::Tuple(_)
            | Kind::Object(_),
            _,
        ) => false,
    }
}

/// Whether a type is the one that a constraint without `any` stands for.
fn is_same(ty: &Type, constraint: &Type) -> bool {
    match (ty, constraint) {
        (Type::List(a), Type::List(b)) | (Type::Set(a), Type::Set(b)) | (Type::Map(a), Type::Map(b)) => is_same(a, b),
        (Type::Tuple(a), Type::Tuple(b)) => a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| is_same(a, b)),
        (Type::Object(a), Type::Object(b)) => {
            Arc::ptr_eq(a, b) && a.optional.is_empty()
                || a.attributes.len() == b.attributes.len()
                    && a.attributes
                        .iter()
                        .zip(&b.attributes)
                        .all(|((a_name, a), (b_name, b))| a_name == b_name && is_same(a, b))
        }
        (a, b) => a == b,
    }
}

fn convert_kind(value: &Value, to: &Type, steps: &mut Vec<Step>) -> Result<Value, Failure> {
    match (value.reveal(), to) {
        (_, Type::Dynamic) => Ok(value.clone()),
        (Kind::Null(ty), to) if is_convertible(ty, to) => Ok(Value::null(replace_dynamic(ty, to))),
        (Kind::Unknown(ty, refinement), to) if is_convertible(ty, to) => {
            let target = replace_dynamic(ty, to);
            let refinement = convert_refinement(ty, refinement, &target);
            Ok(Value::unknown_with(target, refinement))
        }
        (Kind::Bool(value), Type::String) => Ok(Value::string(if *value { "true" } else { "false" })),
        (Kind::Number(number), Type::String) => Ok(Value::string(number.to_string())),
        (Kind::String(text), Type::Number) => match Number::parse(text) {
            Some(number) => Ok(Value::number(number)),
            None => Err(fail(steps, "a number is required")),
        },
        (Kind::String(text), Type::Bool) => string_to_bool(text, steps),
        (Kind::List(element, items), Type::List(to)) => {
            list_of(element, to, convert_items(element, items, to, Step::Index, steps)?, steps)
        }
        (Kind::Set(element, items), Type::List(to)) => {
            let converted = convert_items(element, items, to, Step::Index, steps)?;
            list_of(element, to, converted, steps)
        }
        (Kind::List(element, items) | Kind::Set(element, items), Type::Set(to)) => {
            set_of(element, to, convert_items(element, items, to, Step::Index, steps)?, steps)
        }
        (Kind::Tuple(items), Type::List(to)) => {
            let (element, items) = convert_tuple_items(items, to, steps)?;
            list_of(&element, &element, items, steps)
        }
        (Kind::Tuple(items), Type::Set(to)) => {
            let (element, items) = convert_tuple_items(items, to, steps)?;
            set_of(&element, &element, items, steps)
        }
        (Kind::Tuple(items), Type::Tuple(to)) => {
            if items.len() != to.len() {
                return Err(Failure::Type);
            }
            let items = items.iter().zip(to.iter()).enumerate();
            let items: Result<Vec<Value>, Failure> =
                items.map(|(index, (item, to))| below(Step::Index(index), item, to, steps)).collect();
            Ok(Value::tuple(items?))
        }
        (Kind::Map(element, entries), Type::Map(to)) => {
            if entries.is_empty() && !is_convertible(element, to) {
                return Err(Failure::Type);
            }
            let converted = convert_entries(entries, to, Step::Key, steps)?;
            map_of(element, to, converted, steps)
        }
        (Kind::Object(attributes), Type::Map(to)) => {
            let element = match to.as_ref() {
                Type::Dynamic if attributes.is_empty() => Type::Dynamic,
                Type::Dynamic => unify_values(attributes.values(), Mode::Any).ok_or(Failure::Type)?,
                to => to.clone(),
            };
            let converted = convert_entries(attributes, &element, Step::Key, steps)?;
            map_of(&element, &element, converted, steps)
        }
        (Kind::Object(attributes), Type::Object(to)) => object_of(attributes, to, steps),
        (Kind::Map(element, entries), Type::Object(to)) => map_to_object(element, entries, to, steps),
        (
            Kind::Null(_)
            | Kind::Unknown(..)
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::String(_)
            | Kind::List(..)
            | Kind::Set(..)
            | Kind::Map(..)
            | Kind::Tuple(_)
            | Kind::Object(_),
            _,
        ) => Err(Failure::Type),
    }
}

fn fail(steps: &[Step], message: impl Into<String>) -> Failure {
    Failure::Value(ConvertError { path: Path { steps: steps.to_vec() }, message: message.into() })
}

fn string_to_bool(text: &str, steps: &[Step]) -> Result<Value, Failure> {
    match text {
        "true" | "1" => Ok(Value::bool(true)),
        "false" | "0" => Ok(Value::bool(false)),
        _ => Err(fail(
            steps,
            match text.to_lowercase().as_str() {
                "true" => "a bool is required; to convert from string, use lowercase \"true\"",
                "false" => "a bool is required; to convert from string, use lowercase \"false\"",
                _ => "a bool is required",
            },
        )),
    }
}

/// Converts a part of the value.
fn below(step: Step, part: &Value, to: &Type, steps: &mut Vec<Step>) -> Result<Value, Failure> {
    if fits(part, to) {
        return Ok(part.clone());
    }
    steps.push(step);
    let converted = apply(part, to, steps);
    steps.pop();
    converted
}

fn convert_items(
    element: &Type,
    items: &[Value],
    to: &Type,
    step: fn(usize) -> Step,
    steps: &mut Vec<Step>,
) -> Result<Vec<Value>, Failure> {
    if items.is_empty() && !is_convertible(element, to) {
        return Err(Failure::Type);
    }
    items.iter().enumerate().map(|(index, item)| below(step(index), item, to, steps)).collect()
}

/// The items of a tuple as elements of a collection, and the type they got.
fn convert_tuple_items(items: &[Value], to: &Type, steps: &mut Vec<Step>) -> Result<(Type, Vec<Value>), Failure> {
    let element = match to {
        Type::Dynamic if items.is_empty() => Type::Dynamic,
        Type::Dynamic => unify_values(items.iter(), Mode::Any).ok_or(Failure::Type)?,
        to => to.clone(),
    };
    let converted: Result<Vec<Value>, Failure> =
        items.iter().enumerate().map(|(index, item)| below(Step::Index(index), item, &element, steps)).collect();
    Ok((element, converted?))
}

fn convert_entries(
    entries: &Entries,
    to: &Type,
    step: fn(Arc<str>) -> Step,
    steps: &mut Vec<Step>,
) -> Result<Entries, Failure> {
    entries.iter().map(|(key, item)| Ok((key.clone(), below(step(key.clone()), item, to, steps)?))).collect()
}

/// The type of elements that were converted to a constraint, with the elements brought to it where the constraint left it open.
///
/// `from` is the element type of the source, which decides for empty collections of `any`.
fn element_type<'a>(
    from: &Type,
    to: &Type,
    items: impl Iterator<Item = &'a Value> + Clone,
    steps: &[Step],
    kind: &str,
) -> Result<Type, Failure> {
    if !to.has_dynamic() {
        return Ok(to.without_optional());
    }
    if items.clone().next().is_none() {
        return Ok(if *to == Type::Dynamic { from.without_optional() } else { to.without_optional() });
    }
    if *to == Type::Dynamic && *from != Type::Dynamic {
        return Ok(from.clone());
    }
    let unified = match unify_values(items.clone(), Mode::Safe) {
        Some(Type::Dynamic) => only_type(items),
        unified => unified,
    };
    unified.ok_or_else(|| mixed(steps, kind))
}

/// The type that all values have whose type is known; `None` if there are several.
fn only_type<'a>(values: impl Iterator<Item = &'a Value>) -> Option<Type> {
    let mut only = Type::Dynamic;
    for value in values {
        if only == Type::Dynamic {
            only = value.ty();
        } else if !is_of(value, &only) && value.ty() != Type::Dynamic {
            return None;
        }
    }
    Some(only)
}

fn list_of(from: &Type, to: &Type, items: Vec<Value>, steps: &mut Vec<Step>) -> Result<Value, Failure> {
    let (element, items) = settle(from, to, items, steps, "list")?;
    Ok(Value::list(element, items))
}

fn set_of(from: &Type, to: &Type, items: Vec<Value>, steps: &mut Vec<Step>) -> Result<Value, Failure> {
    let (element, items) = settle(from, to, items, steps, "set")?;
    if element == Type::Dynamic && !items.iter().all(Value::is_known) {
        let marks = items.iter().fold(Marks::NONE, |marks, item| marks | item.marks_deep());
        return Ok(Value::unknown(Type::set(Type::Dynamic)).with_marks(marks));
    }
    Ok(Value::set(element, items))
}

fn map_of(from: &Type, to: &Type, entries: Entries, steps: &mut Vec<Step>) -> Result<Value, Failure> {
    if !to.has_dynamic() {
        return Ok(Value::map(to.without_optional(), entries));
    }
    let (keys, items): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
    let (element, items) = settle(from, to, items, steps, "map")?;
    Ok(Value::map(element, keys.into_iter().zip(items).collect()))
}

/// The elements of a collection, brought to one type where the constraint left it open, and that type.
fn settle(
    from: &Type,
    to: &Type,
    items: Vec<Value>,
    steps: &mut Vec<Step>,
    kind: &str,
) -> Result<(Type, Vec<Value>), Failure> {
    let element = element_type(from, to, items.iter(), steps, kind)?;
    if !to.has_dynamic() || items.is_empty() {
        return Ok((element, items));
    }
    let settled: Result<Vec<Value>, Failure> =
        items.iter().enumerate().map(|(index, item)| below(Step::Index(index), item, &element, steps)).collect();
    let settled = settled?;
    match only_type(settled.iter()) {
        Some(element) => Ok((element, settled)),
        None => Err(mixed(steps, kind)),
    }
}

fn mixed(steps: &[Step], kind: &str) -> Failure {
    fail(steps, format!("element types must all match for conversion to {kind}"))
}

fn object_of(attributes: &Entries, to: &ObjectType, steps: &mut Vec<Step>) -> Result<Value, Failure> {
    let mut converted = Vec::with_capacity(to.attributes.len());
    for (name, to_attribute) in &to.attributes {
        let item = match attributes.get(name) {
            Some(item) => below(Step::Attribute(name.clone()), item, to_attribute, steps)?,
            None if to.optional.contains(name) => Value::null(to_attribute.without_optional()),
            None => return Err(Failure::Type),
        };
        converted.push((name.clone(), item));
    }
    Ok(Value::object(converted))
}

fn map_to_object(element: &Type, entries: &Entries, to: &ObjectType, steps: &mut Vec<Step>) -> Result<Value, Failure> {
    let mut converted = Vec::with_capacity(to.attributes.len());
    for (name, to_attribute) in &to.attributes {
        if !is_convertible(element, to_attribute) {
            return Err(Failure::Type);
        }
        let item = match entries.get(name) {
            Some(item) => below(Step::Key(name.clone()), item, to_attribute, steps)?,
            None if to.optional.contains(name) => Value::null(to_attribute.without_optional()),
            None => return Err(fail(steps, format!("map has no element for required attribute {name:?}"))),
        };
        converted.push((name.clone(), item));
    }
    Ok(Value::object(converted))
}

fn unify_values<'a>(values: impl Iterator<Item = &'a Value>, mode: Mode) -> Option<Type> {
    let mut types: Vec<Type> = Vec::new();
    for value in values {
        // Most collections are of one type: comparing with the last type first keeps this linear.
        if !types.last().is_some_and(|last| is_of(value, last)) {
            types.push(value.ty());
        }
    }
    unify::unify_iter(types.iter(), mode)
}

/// A constraint with `any` replaced by what a type has in its place.
fn replace_dynamic(from: &Type, to: &Type) -> Type {
    match (from, to) {
        (Type::Dynamic, to) => to.without_optional(),
        (from, Type::Dynamic) => from.clone(),
        (_, to) if !to.has_dynamic() => to.without_optional(),
        (Type::List(from) | Type::Set(from), Type::List(to)) => Type::list(replace_dynamic(from, to)),
        (Type::List(from) | Type::Set(from), Type::Set(to)) => Type::set(replace_dynamic(from, to)),
        (Type::Tuple(from), Type::List(to)) => Type::list(replace_unified(from.iter(), to)),
        (Type::Tuple(from), Type::Set(to)) => Type::set(replace_unified(from.iter(), to)),
        (Type::Map(from), Type::Map(to)) => Type::map(replace_dynamic(from, to)),
        (Type::Object(from), Type::Map(to)) => Type::map(replace_unified(from.attributes.values(), to)),
        (Type::Tuple(from), Type::Tuple(to)) => {
            Type::tuple(from.iter().zip(to.iter()).map(|(from, to)| replace_dynamic(from, to)).collect::<Vec<_>>())
        }
        (Type::Object(from), Type::Object(to)) => Type::object(to.attributes.iter().map(|(name, to)| {
            let ty = from.attributes.get(name).map_or_else(|| to.without_optional(), |from| replace_dynamic(from, to));
            (name.clone(), ty)
        })),
        (Type::Map(from), Type::Object(to)) => {
            Type::object(to.attributes.iter().map(|(name, to)| (name.clone(), replace_dynamic(from, to))))
        }
        (_, to) => to.without_optional(),
    }
}

fn replace_unified<'a>(from: impl Iterator<Item = &'a Type>, to: &Type) -> Type {
    unify::unify_iter(from, Mode::Any).map_or_else(|| to.without_optional(), |from| replace_dynamic(&from, to))
}

/// What remains known of an unknown value after a conversion.
fn convert_refinement(from: &Type, refinement: &Refinement, to: &Type) -> Refinement {
    let known = refinement.facts().cloned().unwrap_or_default();
    let not_null = known.not_null;
    let (length_min, length_max) = match (from, to) {
        (Type::Object(object), Type::Map(_)) => (Some(object.attributes.len()), Some(object.attributes.len())),
        (Type::Tuple(items), Type::List(_)) => (Some(items.len()), Some(items.len())),
        (Type::Tuple(items), Type::Set(_)) => (Some(items.len().min(1)), Some(items.len())),
        (Type::List(_), Type::Set(_)) => (known.length_min.map(|length| length.min(1)), known.length_max),
        (from, to) if from.is_collection() && to.is_collection() => (known.length_min, known.length_max),
        (
            Type::Dynamic
            | Type::Bool
            | Type::Number
            | Type::String
            | Type::List(_)
            | Type::Set(_)
            | Type::Map(_)
            | Type::Tuple(_)
            | Type::Object(_),
            _,
        ) => (None, None),
    };
    // A length says something of a value that exists; of one that may be null it says nothing.
    if not_null {
        Refinement::from(Facts { not_null, length_min, length_max, ..Facts::default() })
    } else {
        Refinement::none()
    }
}

/// `[0].name: `, as Terraform writes the place of a mistake inside a value; nothing for the value itself.
fn place(path: &Path) -> String {
    let mut text = String::new();
    for step in &path.steps {
        match step {
            Step::Attribute(name) => {
                text.push('.');
                text.push_str(name);
            }
            Step::Index(index) => text.push_str(&format!("[{index}]")),
            Step::Key(key) => text.push_str(&format!("[{key:?}]")),
            Step::Element(_) => text.push_str("[...]"),
        }
    }
    if !text.is_empty() {
        text.push_str(": ");
    }
    text
}

#[cfg(test)]
mod tests;
