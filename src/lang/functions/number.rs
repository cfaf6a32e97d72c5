//! Arithmetic.

use model::number::Number;
use model::ty::Type;
use model::value::{Kind, Value};

use crate::functions::arguments::{number, whole};
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abs", &[Parameter::number("num")], Shape::Number, abs, "Removes the sign of a number."),
    Function::new("ceil", &[Parameter::number("num")], Shape::Number, ceil, "Rounds a number up to a whole one."),
    Function::new("floor", &[Parameter::number("num")], Shape::Number, floor, "Rounds a number down to a whole one."),
    Function::new(
        "log",
        &[Parameter::number("num"), Parameter::number("base")],
        Shape::Number,
        log,
        "Gives the logarithm of a number to a base.",
    ),
    Function::new("max", &[], Shape::Number, max, "Gives the largest of some numbers.")
        .variadic(Parameter::number("numbers")),
    Function::new("min", &[], Shape::Number, min, "Gives the smallest of some numbers.")
        .variadic(Parameter::number("numbers")),
    Function::new(
        "parseint",
        &[Parameter::any("number"), Parameter::number("base")],
        Shape::Any,
        parseint,
        "Reads a string as a whole number written in a base from 2 to 62.",
    )
    .infer(|_| Ok(Type::Number)),
    Function::new(
        "pow",
        &[Parameter::number("num"), Parameter::number("power")],
        Shape::Number,
        pow,
        "Raises a number to a power.",
    ),
    Function::new(
        "signum",
        &[Parameter::number("num")],
        Shape::Number,
        signum,
        "Gives -1, 0 or 1 for a negative number, zero and a positive number.",
    ),
];

fn abs(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    Ok(Value::number(number(arguments, 0).abs()))
}

fn ceil(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    Ok(Value::number(number(arguments, 0).ceil()))
}

fn floor(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    Ok(Value::number(number(arguments, 0).floor()))
}

fn log(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    number(arguments, 0).log(number(arguments, 1)).map(Value::number).map_err(Error::from)
}

fn max(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    extreme(arguments, |candidate, best| candidate > best)
}

fn min(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    extreme(arguments, |candidate, best| candidate < best)
}

fn extreme(arguments: &[Value], better: fn(&Number, &Number) -> bool) -> Result<Value, Error> {
    if arguments.is_empty() {
        return Err(Error::call("at least one number is required"));
    }
    let mut best = 0;
    for index in 1..arguments.len() {
        if better(number(arguments, index), number(arguments, best)) {
            best = index;
        }
    }
    Ok(arguments[best].clone())
}

fn parseint(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let Kind::String(text) = arguments[0].reveal() else {
        return Err(Error::argument(0, format!("a string is required, not {}", arguments[0].ty().friendly_name())));
    };
    let base = whole(arguments, 1)?;
    let base = u32::try_from(base).ok().filter(|base| (2..=62).contains(base));
    let Some(base) = base else {
        return Err(Error::argument(1, "the base must be a whole number from 2 to 62"));
    };
    let parsed = Number::parse_int(text, base);
    parsed
        .map(Value::number)
        .ok_or_else(|| Error::argument(0, format!("{} is not a whole number in base {base}", context.show(text))))
}

fn pow(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    number(arguments, 0).pow(number(arguments, 1)).map(Value::number).map_err(Error::from)
}

fn signum(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    number(arguments, 0).signum().map(Value::number).ok_or_else(|| Error::argument(0, "a whole number is required"))
}
