//! The functions of the language: one table, which evaluation, documentation and completion read.
//!
//! Each family of functions is a file that holds its part of the table. A function is called with arguments that are converted
//! to the types of its parameters, known and not null, and without marks, unless its parameters say otherwise ([`Parameter`]):
//! unknowns, nulls and marks are dealt with here, once.

mod arguments;
mod collection;
mod conversion;
mod encoding;
mod fallback;
mod file;
mod format;
mod hash;
mod json;
mod list;
mod network;
mod number;
mod object;
mod pattern;
mod provider_aws;
mod provider_terraform;
mod sensitivity;
mod set;
pub mod signatures;
mod string;
mod template;
mod time;
mod yaml;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use model::number::ArithmeticError;
use model::number::json::Infinite;
use model::ty::Type;
use model::value::{Marks, Refinement, Value};

use crate::scope::Surroundings;

/// A function: its signature and what it does.
#[derive(Clone, Copy)]
pub struct Function {
    pub name: &'static str,
    /// What it does, in one sentence.
    pub description: &'static str,
    pub parameters: &'static [Parameter],
    /// Takes any number of further arguments.
    pub variadic: Option<Parameter>,
    /// The type of the result, or [`Shape::Any`] where it depends on the arguments.
    pub result: Shape,
    /// The type of the result for arguments that are not all known; without it the type is `result`.
    infer: Option<Infer>,
    /// Whether the result may be null.
    may_be_null: bool,
    body: fn(&Context<'_>, &[Value]) -> Result<Value, Error>,
}

type Infer = fn(&[Value]) -> Result<Type, Error>;

/// A parameter of a function, and which special values the function deals with itself.
#[derive(Clone, Copy)]
pub struct Parameter {
    pub name: &'static str,
    pub shape: Shape,
    /// Null is a value; otherwise it is an error.
    pub nullable: bool,
    /// Unknown arguments come through; otherwise the result of the call is unknown.
    takes_unknown: bool,
    /// Marks stay on the argument; otherwise they go to the result.
    takes_marks: bool,
}

/// A type of a parameter or result, as a constant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    Any,
    Bool,
    Number,
    String,
    ListOfAny,
    ListOfBool,
    ListOfNumber,
    ListOfString,
    ListOfListOfAny,
    SetOfAny,
    SetOfString,
    MapOfAny,
    MapOfListOfString,
}

/// Why a call failed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Error {
    /// The argument that is at fault, counted from 0; `None` for the call as a whole.
    pub argument: Option<usize>,
    /// A fragment without a period.
    pub message: String,
}

/// What a function may know besides its arguments.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub surroundings: Surroundings<'a>,
    /// The marks taken off the arguments.
    marks: Marks,
    /// How many template functions are around.
    templates: usize,
}

/// The function of this name, without `core::`. Functions of providers have names such as `provider::aws::arn_parse`.
pub fn find(name: &str) -> Option<&'static Function> {
    let table = if name.starts_with("provider::") { &PROVIDER_TABLE } else { &TABLE };
    table.get(name).copied()
}

/// The names of the functions of the language and of known providers, sorted in this order.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLE.keys().chain(PROVIDER_TABLE.keys()).copied()
}

/// The functions of the language, sorted by name.
pub fn all() -> impl Iterator<Item = &'static Function> {
    TABLE.values().copied()
}

type Table = BTreeMap<&'static str, &'static Function>;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    table(&[
        collection::FUNCTIONS,
        conversion::FUNCTIONS,
        encoding::FUNCTIONS,
        fallback::FUNCTIONS,
        file::FUNCTIONS,
        format::FUNCTIONS,
        hash::FUNCTIONS,
        json::FUNCTIONS,
        list::FUNCTIONS,
        network::FUNCTIONS,
        number::FUNCTIONS,
        object::FUNCTIONS,
        pattern::FUNCTIONS,
        sensitivity::FUNCTIONS,
        set::FUNCTIONS,
        string::FUNCTIONS,
        template::FUNCTIONS,
        time::FUNCTIONS,
        yaml::FUNCTIONS,
    ])
});

static PROVIDER_TABLE: LazyLock<Table> =
    LazyLock::new(|| table(&[provider_aws::FUNCTIONS, provider_terraform::FUNCTIONS]));

fn table(families: &[&'static [Function]]) -> Table {
    families.iter().copied().flatten().map(|function| (function.name, function)).collect()
}

/// Calls a function with as many arguments as it takes, converted to the types of its parameters.
///
/// # Errors
/// An argument is null where it must not be, or the function does not accept the values.
pub fn call(function: &Function, arguments: Vec<Value>, context: Context<'_>) -> Result<Value, Error> {
    let mut marks = Marks::NONE;
    let mut known = true;
    let mut arguments = arguments;
    for (index, argument) in arguments.iter_mut().enumerate() {
        let Some(parameter) = function.parameter(index) else { continue };
        if argument.is_null() && !parameter.nullable {
            return Err(Error::argument(index, "it must not be null"));
        }
        if !parameter.takes_marks {
            let (plain, own) = std::mem::replace(argument, Value::bool(false)).unmark_deep();
            *argument = plain;
            marks |= own;
        }
        known &= parameter.takes_unknown || argument.is_known();
    }
    let context = Context { marks, ..context };
    if !known {
        return Ok(unknown_result(function, &arguments, &context)?.with_marks(marks));
    }
    Ok((function.body)(&context, &arguments)?.with_marks(marks))
}

/// What a call gives while an argument is unknown.
fn unknown_result(function: &Function, arguments: &[Value], context: &Context<'_>) -> Result<Value, Error> {
    let open = arguments.iter().any(|argument| !argument.is_known() && argument.ty() == Type::Dynamic);
    let ty = match function.infer {
        _ if open && function.result == Shape::Any => Type::Dynamic,
        Some(infer) => infer(arguments).map_err(|error| error.with_marks(context.marks))?,
        None => function.result.ty(),
    };
    Ok(if ty == Type::Dynamic || function.may_be_null {
        Value::unknown(ty)
    } else {
        Value::unknown_with(ty, Refinement::not_null())
    })
}

impl Function {
    const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        result: Shape,
        body: fn(&Context<'_>, &[Value]) -> Result<Value, Error>,
        description: &'static str,
    ) -> Function {
        Function { name, description, parameters, variadic: None, result, infer: None, may_be_null: false, body }
    }

    /// Takes any number of further arguments.
    const fn variadic(mut self, parameter: Parameter) -> Function {
        self.variadic = Some(parameter);
        self
    }

    /// Knows the type of its result from the types of its arguments.
    const fn infer(mut self, infer: Infer) -> Function {
        self.infer = Some(infer);
        self
    }

    /// Gives null for some arguments.
    const fn may_be_null(mut self) -> Function {
        self.may_be_null = true;
        self
    }

    /// The parameter that takes the argument at `index`.
    pub fn parameter(&self, index: usize) -> Option<&Parameter> {
        self.parameters.get(index).or(self.variadic.as_ref())
    }
}

impl Parameter {
    const fn new(name: &'static str, shape: Shape) -> Parameter {
        Parameter { name, shape, nullable: false, takes_unknown: false, takes_marks: false }
    }

    const fn any(name: &'static str) -> Parameter {
        Parameter::new(name, Shape::Any)
    }

    const fn string(name: &'static str) -> Parameter {
        Parameter::new(name, Shape::String)
    }

    const fn number(name: &'static str) -> Parameter {
        Parameter::new(name, Shape::Number)
    }

    const fn nullable(mut self) -> Parameter {
        self.nullable = true;
        self
    }

    const fn takes_unknown(mut self) -> Parameter {
        self.takes_unknown = true;
        self
    }

    const fn takes_marks(mut self) -> Parameter {
        self.takes_marks = true;
        self
    }
}

impl Shape {
    pub fn ty(self) -> Type {
        match self {
            Shape::Any => Type::Dynamic,
            Shape::Bool => Type::Bool,
            Shape::Number => Type::Number,
            Shape::String => Type::String,
            Shape::ListOfAny => Type::list(Type::Dynamic),
            Shape::ListOfBool => Type::list(Type::Bool),
            Shape::ListOfNumber => Type::list(Type::Number),
            Shape::ListOfString => Type::list(Type::String),
            Shape::ListOfListOfAny => Type::list(Type::list(Type::Dynamic)),
            Shape::SetOfAny => Type::set(Type::Dynamic),
            Shape::SetOfString => Type::set(Type::String),
            Shape::MapOfAny => Type::map(Type::Dynamic),
            Shape::MapOfListOfString => Type::map(Type::list(Type::String)),
        }
    }
}

impl Error {
    fn argument(index: usize, message: impl Into<String>) -> Error {
        Error { argument: Some(index), message: message.into() }
    }

    fn call(message: impl Into<String>) -> Error {
        Error { argument: None, message: message.into() }
    }

    /// The error without its text if a sensitive argument may be in it.
    fn with_marks(self, marks: Marks) -> Error {
        if marks.contains(Marks::SENSITIVE) {
            Error { argument: self.argument, message: "the arguments, of which some are sensitive, do not fit".into() }
        } else {
            self
        }
    }
}

impl From<ArithmeticError> for Error {
    fn from(error: ArithmeticError) -> Error {
        Error::call(error.to_string())
    }
}

impl From<Infinite> for Error {
    fn from(error: Infinite) -> Error {
        Error::call(error.to_string())
    }
}

impl<'a> Context<'a> {
    pub fn new(surroundings: Surroundings<'a>, templates: usize) -> Context<'a> {
        Context { surroundings, marks: Marks::NONE, templates }
    }

    /// A text from the arguments as it may be shown in a message.
    fn show(&self, text: impl std::fmt::Debug) -> String {
        if self.marks.contains(Marks::SENSITIVE) { "(sensitive value)".into() } else { format!("{text:?}") }
    }
}

#[cfg(test)]
mod tests;
