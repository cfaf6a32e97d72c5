//! Templates from files and strings.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::convert::convert;
use model::ty::Type;
use model::value::{Kind, Value};

use crate::evaluate::render;
use crate::functions::arguments::text;
use crate::functions::file::read_text;
use crate::functions::{Context, Error, Function, Parameter, Shape};

/// Templates may render templates this deep; deeper is taken for a template that renders itself.
const DEPTH_MAX: usize = 64;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "templatefile",
        &[Parameter::string("path"), Parameter::any("vars").takes_marks()],
        Shape::Any,
        templatefile,
        "Renders a template from a file with the given variables.",
    ),
    Function::new(
        "templatestring",
        &[Parameter::string("template"), Parameter::any("vars").takes_marks()],
        Shape::String,
        templatestring,
        "Renders a template from a string with the given variables.",
    ),
];

fn templatefile(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let template = read_text(context, arguments)?;
    rendered(context, &template, text(arguments, 0), &arguments[1])
}

fn templatestring(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let rendered = rendered(context, text(arguments, 0), "<templatestring argument>", &arguments[1])?;
    convert(&rendered, &Type::String).map_err(|_| Error::call("the template gives no string"))
}

fn rendered(context: &Context<'_>, template: &str, name: &str, variables: &Value) -> Result<Value, Error> {
    let Some(entries) = variables.reveal().entries() else {
        return Err(Error::argument(1, "an object or map with the variables is required"));
    };
    if let Some(bad) = entries.keys().find(|key| !is_name(key)) {
        return Err(Error::argument(
            1,
            format!("the variable name {bad:?} must begin with a letter, followed by letters, digits and underscores"),
        ));
    }
    if context.templates >= DEPTH_MAX {
        return Err(Error::call(format!("templates render each other more than {DEPTH_MAX} deep")));
    }
    let marks = variables.marks();
    let variables: BTreeMap<Arc<str>, Value> = match variables.reveal() {
        Kind::Map(_, entries) | Kind::Object(entries) => {
            entries.iter().map(|(key, value)| (key.clone(), value.clone().with_marks(marks))).collect()
        }
        _ => BTreeMap::new(),
    };
    render(template, name, &variables, context.surroundings, context.templates + 1).map_err(|error| {
        // What a template says about its own text may hold parts of it.
        let sensitive = context.marks.contains(model::value::Marks::SENSITIVE);
        Error::call(if sensitive {
            "the template, which is sensitive, can't be rendered".to_owned()
        } else {
            error.message
        })
    })
}

fn is_name(key: &str) -> bool {
    let mut characters = key.chars();
    characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}
