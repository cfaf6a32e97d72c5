//! YAML.

mod decode;
mod encode;

use model::ty::Type;
use model::value::{Refinement, Value};

use crate::functions::arguments::text;
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("yamldecode", &[Parameter::string("src")], Shape::Any, yamldecode, "Reads a value from YAML."),
    Function::new(
        "yamlencode",
        &[Parameter::any("value").nullable().takes_unknown()],
        Shape::String,
        yamlencode,
        "Writes a value as YAML.",
    ),
];

fn yamldecode(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    decode::decode(text(arguments, 0)).map_err(|error| {
        let sensitive = context.marks.contains(model::value::Marks::SENSITIVE);
        Error::argument(0, if sensitive { "it is not YAML that can be read".to_owned() } else { error.to_string() })
    })
}

fn yamlencode(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    if !arguments[0].is_wholly_known() {
        return Ok(Value::unknown_with(Type::String, Refinement::not_null()));
    }
    Ok(Value::string(encode::encode(&arguments[0])))
}
