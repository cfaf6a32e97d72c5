//! Marks: sensitive and ephemeral values.

use model::ty::Type;
use model::value::{Kind, Marks, Value};

use crate::functions::{Context, Error, Function, Parameter, Shape};

const VALUE: &[Parameter] = &[Parameter::any("value").nullable().takes_unknown().takes_marks()];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "ephemeralasnull",
        VALUE,
        Shape::Any,
        ephemeralasnull,
        "Replaces the ephemeral parts of a value by nulls.",
    ),
    Function::new("issensitive", VALUE, Shape::Bool, issensitive, "Tells whether a value is sensitive."),
    Function::new("nonsensitive", VALUE, Shape::Any, nonsensitive, "Lets a value be shown that was sensitive."),
    Function::new(
        "sensitive",
        VALUE,
        Shape::Any,
        |_, arguments| Ok(arguments[0].clone().sensitive()),
        "Keeps a value from being shown.",
    ),
];

fn ephemeralasnull(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    if !arguments[0].marks_deep().contains(Marks::EPHEMERAL) {
        return Ok(arguments[0].clone());
    }
    Ok(arguments[0].clone().map_parts(&mut |_, part| {
        let marks = part.marks();
        if !marks.contains(Marks::EPHEMERAL) {
            return part;
        }
        Value::null(part.ty()).with_marks(marks.without(Marks::EPHEMERAL))
    }))
}

fn issensitive(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let value = &arguments[0];
    match value.reveal() {
        _ if value.is_sensitive() => Ok(Value::bool(true)),
        // It may turn out to be sensitive once it is known.
        Kind::Unknown(..) => Ok(Value::unknown(Type::Bool)),
        _ => Ok(Value::bool(false)),
    }
}

fn nonsensitive(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let (value, marks) = arguments[0].clone().unmark();
    Ok(value.with_marks(marks.without(Marks::SENSITIVE)))
}
