//! Explicit conversions.

use model::convert::convert;
use model::ty::Type;
use model::value::{Kind, Value};

use crate::functions::{Error, Function, Parameter, Shape};

const VALUE: &[Parameter] = &[Parameter::any("v").nullable().takes_unknown().takes_marks()];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "tobool",
        VALUE,
        Shape::Bool,
        |_, arguments| to(arguments, Type::Bool),
        "Converts a value to a bool.",
    ),
    Function::new(
        "tolist",
        VALUE,
        Shape::ListOfAny,
        |_, arguments| to(arguments, Type::list(Type::Dynamic)),
        "Converts a set or tuple to a list.",
    ),
    Function::new(
        "tomap",
        VALUE,
        Shape::MapOfAny,
        |_, arguments| to(arguments, Type::map(Type::Dynamic)),
        "Converts an object to a map.",
    ),
    Function::new(
        "tonumber",
        VALUE,
        Shape::Number,
        |_, arguments| to(arguments, Type::Number),
        "Converts a value to a number.",
    ),
    Function::new(
        "toset",
        VALUE,
        Shape::SetOfAny,
        |_, arguments| to(arguments, Type::set(Type::Dynamic)),
        "Converts a list or tuple to a set, without duplicates and order.",
    ),
    Function::new(
        "tostring",
        VALUE,
        Shape::String,
        |_, arguments| to(arguments, Type::String),
        "Converts a value to a string.",
    ),
];

fn to(arguments: &[Value], ty: Type) -> Result<Value, Error> {
    let value = &arguments[0];
    let converted = convert(value, &ty).map(|converted| {
        // Of an unknown value that is converted so, nothing more than the type is known.
        if value.is_known() { converted } else { Value::unknown(converted.ty()).with_marks(value.marks()) }
    });
    converted.map_err(|error| {
        let from = value.ty().friendly_name();
        let message = match (value.reveal(), &ty) {
            (Kind::String(_), Type::Bool) => {
                "only the strings \"true\" and \"false\" can be converted to a bool".to_owned()
            }
            (Kind::String(_), Type::Number) => "the string is not the decimal form of a number".to_owned(),
            (_, _) => format!("a {from} can't be converted to a {}: {error}", short(&ty)),
        };
        Error::argument(0, message)
    })
}

fn short(ty: &Type) -> String {
    match ty {
        Type::List(_) => "list".to_owned(),
        Type::Set(_) => "set".to_owned(),
        Type::Map(_) => "map".to_owned(),
        Type::Dynamic | Type::Bool | Type::Number | Type::String | Type::Tuple(_) | Type::Object(_) => {
            ty.friendly_name()
        }
    }
}
