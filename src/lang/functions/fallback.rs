//! `try` and `can`, as the table knows them.
//!
//! Their arguments are expressions, which evaluation tries one by one. Only where the arguments come from an expanded list are
//! they values, and then there is nothing left to fail.

use model::ty::Type;
use model::value::Value;

use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "can",
        &[Parameter::any("expression").takes_unknown()],
        Shape::Bool,
        |_, arguments| Ok(if arguments[0].is_wholly_known() { Value::bool(true) } else { Value::unknown(Type::Bool) }),
        "Tells whether an expression can be evaluated without an error.",
    ),
    Function::new(
        "try",
        &[],
        Shape::Any,
        first,
        "Gives the first of some expressions that can be evaluated without an error.",
    )
    .variadic(Parameter::any("expressions").takes_unknown().takes_marks()),
];

fn first(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    match arguments.first() {
        Some(value) if value.is_wholly_known() => Ok(value.clone()),
        Some(value) => Ok(Value::unknown(Type::Dynamic).with_marks(value.marks_deep())),
        None => Err(Error::call("at least one expression is required")),
    }
}
