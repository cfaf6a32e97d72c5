//! Where the values of variables come from: files, the command line and the environment.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hcl::json;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceMap;

use super::{Given, Origin};
use crate::config::Variable;
use crate::constant::constant_value;
use crate::expression::{Expression, range};
use crate::load::files::{parse_file, parse_json_file, report};
use model::ty::Type;
use model::value::Value;

/// A file of variable values in JSON syntax: nothing in it is evaluated.
const VALUES: json::body::Schema = json::body::Schema::of_attributes(json::expression::Strings::Literals);

/// The files that are read without being named, lowest precedence first.
///
/// # Errors
/// The folder can't be listed.
pub(super) fn automatic_files(dir: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = ["terraform.tfvars", "terraform.tfvars.json"]
        .iter()
        .map(|name| dir.join(name))
        .filter(|path| path.is_file())
        .collect();
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string()
            && (name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json"))
        {
            found.push(name);
        }
    }
    found.sort();
    files.extend(found.iter().map(|name| dir.join(name)));
    Ok(files)
}

/// The values that a file of variable values gives, in its order.
pub(super) fn file_values(
    path: &Path,
    shown: &str,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Vec<(Arc<str>, Given)> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            diagnostics.push(Diagnostic::error(
                "Failed to read variables file",
                format!("The file {shown} can't be read: {error}."),
            ));
            return Vec::new();
        }
    };
    let errors_before = diagnostics.0.len();
    let body = if shown.ends_with(".json") {
        parse_json_file(shown, &bytes, &VALUES, sources, diagnostics)
    } else {
        parse_file(shown, &bytes, sources, diagnostics)
    };
    if diagnostics.0.len() > errors_before {
        return Vec::new();
    }
    for block in body.blocks() {
        diagnostics.push(
            Diagnostic::error(
                format!("Unexpected \"{}\" block", block.kind),
                "A file of variable values holds nothing but arguments: the names of variables with their values.",
            )
            .at(block.kind_range)
            .hint(if *block.kind == *"variable" {
                "To declare a variable, write its block into a file whose name ends in `.tf`.".to_string()
            } else {
                format!("For an object, write an equals sign: {} = {{ .. }}", block.kind)
            }),
        );
    }
    let value = |attribute: &crate::body::Attribute| {
        let value = constant_value(&attribute.expr, diagnostics).unwrap_or_else(|| Value::unknown(Type::Dynamic));
        (attribute.name.clone(), Given { value, origin: Origin::Written(attribute.expr.range()) })
    };
    body.attributes().map(value).collect()
}

/// The value that a text stands for; unknown where it is no value, so that it is not also missing.
///
/// For a variable whose type is a string, number or bool, or not said, it is the text itself; for others it is an expression.
pub(super) fn text_value(
    text: &str,
    variable: &Variable,
    origin: Origin,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Given {
    if is_taken_as_text(variable) {
        return Given { value: Value::string(text), origin };
    }
    let wrong = Given { value: Value::unknown(Type::Dynamic), origin };
    let parsed = hcl::parse_expression(text);
    // The text of a sensitive value must not get into the excerpt of a message.
    let shown = if variable.sensitive { hidden(text) } else { text.to_string() };
    let file = sources.add(format!("<value for var.{}>", variable.name), shown);
    if !parsed.errors.is_empty() {
        report(file, parsed.errors, diagnostics);
        return wrong;
    }
    let expr = Expression::new(file, parsed.expr);
    let mut references = 0;
    expr.node.for_each_reference(&mut |traversal| {
        references += 1;
        diagnostics.push(
            Diagnostic::error(
                "Variables not allowed",
                format!("The value of `{}` is read as an expression, which can't refer to anything.", variable.name),
            )
            .at(range(file, traversal.root.span))
            .hint("To give a text, put it in double quotes, and these in quotes for the shell: '\"text\"'"),
        );
    });
    if references > 0 {
        return wrong;
    }
    constant_value(&expr, diagnostics).map_or(wrong, |value| Given { value, origin })
}

fn is_taken_as_text(variable: &Variable) -> bool {
    match &variable.constraint {
        None => true,
        Some(constraint) => {
            let keyword = constraint.node.as_keyword().or_else(|| constraint.node.as_string_literal());
            matches!(keyword, Some("string" | "number" | "bool"))
        }
    }
}

/// A text of the same length and lines that says nothing.
fn hidden(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { '*' }).collect()
}
