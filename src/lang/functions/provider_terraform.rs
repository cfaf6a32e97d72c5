//! The functions that Terraform's own provider offers: the language's syntax as data.

use std::fmt::Write;
use std::sync::{Arc, LazyLock};

use hcl::identifier::is_identifier;
use model::diagnostic::Diagnostics;
use model::source::FileId;
use model::ty::Type;
use model::value::{Kind, Refinement, Value};
use regex::Regex;

use crate::constant::constant_value;
use crate::expression::Expression;
use crate::functions::arguments::text;
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "provider::terraform::decode_tfvars",
        &[Parameter::string("src")],
        Shape::Any,
        decode_tfvars,
        "Reads an object from the text of a file of variable values.",
    ),
    Function::new(
        "provider::terraform::encode_expr",
        &[Parameter::any("value").takes_unknown()],
        Shape::String,
        encode_expr,
        "Writes a value as an expression.",
    ),
    Function::new(
        "provider::terraform::encode_tfvars",
        &[Parameter::any("value").takes_unknown()],
        Shape::String,
        encode_tfvars,
        "Writes an object as a file of variable values.",
    ),
];

fn decode_tfvars(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let fail = |detail: &str| {
        let sensitive = context.marks.contains(model::value::Marks::SENSITIVE);
        Error::argument(0, if sensitive { "it is no file of variable values" } else { detail.trim_end_matches('.') })
    };
    let parsed = hcl::parse(text(arguments, 0));
    if let Some(error) = parsed.errors.first() {
        return Err(fail(&format!("{}: {}", error.summary, error.detail)));
    }
    if let Some(block) = parsed.file.blocks().next() {
        return Err(fail(&format!("a file of variable values has no blocks, and this has `{}`", block.kind.name)));
    }
    let mut attributes: Vec<(Arc<str>, Value)> = Vec::new();
    for attribute in parsed.file.attributes() {
        let mut found = Diagnostics::new();
        let expression = Expression::new(FileId(0), attribute.expr.clone());
        let Some(value) = constant_value(&expression, &mut found) else {
            let detail = found.iter().next().map(|error| error.detail.clone()).unwrap_or_default();
            return Err(fail(&format!("{}: {detail}", attribute.name.name)));
        };
        attributes.push((attribute.name.name.as_str().into(), value));
    }
    Ok(Value::object(attributes))
}

fn unknown() -> Value {
    Value::unknown_with(Type::String, Refinement::not_null())
}

fn encode_expr(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    if !arguments[0].is_wholly_known() {
        return Ok(unknown());
    }
    refuse_infinities(&arguments[0])?;
    // The layout is that of an argument's value.
    const ARGUMENT: &str = "x = ";
    let mut source = ARGUMENT.to_owned();
    write_value(&arguments[0], &mut source);
    source.push('\n');
    let formatted = formatted(&source);
    Ok(Value::string(formatted.strip_prefix(ARGUMENT).unwrap_or(&formatted).trim_end_matches('\n')))
}

fn encode_tfvars(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    if !arguments[0].is_wholly_known() {
        return Ok(unknown());
    }
    let Some(entries) = arguments[0].reveal().entries() else {
        return Err(Error::argument(0, "an object or map is required"));
    };
    refuse_infinities(&arguments[0])?;
    let mut source = String::new();
    for (name, value) in entries {
        if !is_identifier(name) {
            return Err(Error::argument(0, format!("{} can't be the name of a variable", context.show(name))));
        }
        let _infallible = write!(source, "{name} = ");
        write_value(value, &mut source);
        source.push('\n');
    }
    Ok(Value::string(formatted(&source)))
}

fn refuse_infinities(value: &Value) -> Result<(), Error> {
    match value.has_infinity() {
        true => Err(Error::argument(0, "an infinity can't be written in the language's syntax")),
        false => Ok(()),
    }
}

fn formatted(source: &str) -> String {
    hcl::format::format(source).expect("what is written here is the language's syntax")
}

/// Writes a wholly known value in the language's syntax, without regard to its layout.
fn write_value(value: &Value, source: &mut String) {
    match value.reveal() {
        Kind::Null(_) | Kind::Unknown(..) => source.push_str("null"),
        Kind::Bool(value) => source.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) => source.push_str(&number.to_string()),
        Kind::String(text) => write_quoted(text, source),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => {
            source.push('[');
            for (index, item) in items.iter().enumerate() {
                source.push_str(if index > 0 { ", " } else { "" });
                write_value(item, source);
            }
            source.push(']');
        }
        Kind::Map(_, entries) | Kind::Object(entries) if entries.is_empty() => source.push_str("{}"),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            source.push_str("{\n");
            for (key, item) in entries.iter() {
                if is_identifier(key) {
                    source.push_str(key)
                } else {
                    write_quoted(key, source)
                }
                source.push_str(" = ");
                write_value(item, source);
                source.push('\n');
            }
            source.push('}');
        }
    }
}

/// Letters, marks, numbers, punctuation and symbols, and the space of ASCII.
static PRINTABLE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$").expect("the pattern is a constant"));

fn write_quoted(text: &str, source: &mut String) {
    source.push('"');
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '\n' => source.push_str("\\n"),
            '\r' => source.push_str("\\r"),
            '\t' => source.push_str("\\t"),
            '"' => source.push_str("\\\""),
            '\\' => source.push_str("\\\\"),
            // Doubled, these begin no template sequence.
            '$' | '%' if characters.peek() == Some(&'{') => source.extend([c, c]),
            c if c.is_ascii_graphic() || PRINTABLE.is_match(c.encode_utf8(&mut [0; 4])) => source.push(c),
            c if u32::from(c) <= 0xffff => source.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => source.push_str(&format!("\\U{:08x}", u32::from(c))),
        }
    }
    source.push('"');
}
