//! The blocks that carry values in and out of a module: `variable`, `locals`, `output`.

use hcl::ast::{Expr, Literal, LiteralValue};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceRange;
use model::value::Value;

use super::statics::{bool_argument, depends_on, name, text_argument};
use crate::arguments::{Grammar, Kind};
use crate::body::{Attribute, Block};
use crate::config::{Condition, Local, Output, Variable};
use crate::constant::constant_value;
use crate::expression::Expression;
use crate::reference::{Subject, references};
use crate::type_expression::TypeConstraint;

const VARIABLE: Grammar = Grammar::new(
    &[],
    &["type", "default", "description", "sensitive", "nullable", "ephemeral"],
    &[Kind::new("validation", &[])],
);

const OUTPUT: Grammar = Grammar::new(
    &["value"],
    &["description", "sensitive", "ephemeral", "depends_on"],
    &[Kind::new("precondition", &[]), Kind::new("postcondition", &[])],
);

const CONDITION: Grammar = Grammar::new(&["condition", "error_message"], &[], &[]);

/// Names that mean something else among the arguments of a `module` block.
const RESERVED_VARIABLES: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

pub(super) fn variable(block: &Block, diagnostics: &mut Diagnostics) -> Variable {
    let label = &block.labels[0];
    let name = name(label, "variable", diagnostics);
    if RESERVED_VARIABLES.contains(&&*name) {
        diagnostics.push(
            Diagnostic::error(
                "Invalid variable name",
                format!(
                    "A variable can't be called `{name}`, because that has a meaning of its own in `module` blocks."
                ),
            )
            .at(label.range),
        );
    }
    let content = VARIABLE.read(&block.body, diagnostics);
    let validations: Vec<Condition> =
        content.blocks_of("validation").map(|block| condition(block, diagnostics)).collect();
    for block in content.blocks_of("validation") {
        if let Some(condition) = block.body.attribute("condition")
            && !mentions_variable(&condition.expr, &name)
        {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid variable validation condition",
                    format!("The condition must refer to `var.{name}`, or it would not check the value that is given."),
                )
                .at(condition.expr.range()),
            );
        }
    }
    let constraint = content.attribute("type").map(|attribute| attribute.expr.clone());
    let ty = match constraint.as_ref().map(TypeConstraint::parse) {
        Some(Ok(ty)) => ty,
        Some(Err(errors)) => {
            diagnostics.extend(errors);
            TypeConstraint::any()
        }
        None => TypeConstraint::any(),
    };
    let nullable = bool_argument(&content, "nullable", diagnostics).unwrap_or(true);
    let default = content.attribute("default").map(|attribute| attribute.expr.clone());
    let default_value = default.as_ref().and_then(|default| default_value(default, &ty, nullable, diagnostics));
    Variable {
        name,
        constraint,
        ty,
        default,
        default_value,
        description: text_argument(&content, "description", diagnostics),
        validations,
        nullable,
        sensitive: bool_argument(&content, "sensitive", diagnostics).unwrap_or(false),
        ephemeral: bool_argument(&content, "ephemeral", diagnostics).unwrap_or(false),
        declared: block.header,
    }
}

pub(super) fn local(attribute: &Attribute, diagnostics: &mut Diagnostics) -> Local {
    if !hcl::identifier::is_identifier(&attribute.name) {
        diagnostics.push(
            Diagnostic::error("Invalid local value name", format!("`{}` is no valid name.", attribute.name))
                .at(attribute.name_range),
        );
    }
    Local { name: attribute.name.clone(), value: attribute.expr.clone(), declared: attribute.range }
}

pub(super) fn output(block: &Block, diagnostics: &mut Diagnostics) -> Output {
    let name = name(&block.labels[0], "output", diagnostics);
    let content = OUTPUT.read(&block.body, diagnostics);
    for block in content.blocks_of("postcondition") {
        diagnostics.push(
            Diagnostic::error(
                "Postconditions are not allowed",
                "An output is not something that changes while it is made, so only preconditions make sense for it.",
            )
            .at(block.kind_range)
            .hint("Write the condition as a precondition."),
        );
    }
    Output {
        name,
        value: argument_or_null(content.attribute("value"), block.header),
        description: text_argument(&content, "description", diagnostics),
        sensitive: bool_argument(&content, "sensitive", diagnostics).unwrap_or(false),
        ephemeral: bool_argument(&content, "ephemeral", diagnostics).unwrap_or(false),
        depends_on: depends_on(&content, diagnostics),
        preconditions: content.blocks_of("precondition").map(|block| condition(block, diagnostics)).collect(),
        declared: block.header,
    }
}

/// A block with `condition` and `error_message`.
pub(super) fn condition(block: &Block, diagnostics: &mut Diagnostics) -> Condition {
    let content = CONDITION.read(&block.body, diagnostics);
    let condition = argument_or_null(content.attribute("condition"), block.header);
    if content.attribute("condition").is_some() && is_constant(&condition) {
        diagnostics.push(
            Diagnostic::error(
                format!("Invalid {} expression", block.kind),
                "The condition refers to nothing, so it is always or never met and checks nothing.",
            )
            .at(condition.range()),
        );
    }
    Condition {
        condition,
        error_message: argument_or_null(content.attribute("error_message"), block.header),
        declared: block.header,
    }
}

/// The default value of a variable; unknown where there is one that is wrong, so that it is not also missing.
fn default_value(
    expr: &Expression,
    ty: &TypeConstraint,
    nullable: bool,
    diagnostics: &mut Diagnostics,
) -> Option<Value> {
    let unknown = || Some(Value::unknown(ty.ty.without_optional()));
    let Some(value) = constant_value(expr, diagnostics) else { return unknown() };
    if value.is_null() && !nullable {
        diagnostics.push(
            Diagnostic::error(
                "Invalid default value for variable",
                "The default is null, and the variable is not nullable.",
            )
            .at(expr.range()),
        );
        return unknown();
    }
    match ty.convert(&value) {
        Ok(value) => Some(value),
        Err(error) => {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid default value for variable",
                    format!("The default does not fit the type of the variable: {error}."),
                )
                .at(expr.range()),
            );
            unknown()
        }
    }
}

fn mentions_variable(expr: &Expression, name: &str) -> bool {
    references(expr).iter().any(|reference| matches!(&reference.subject, Subject::Variable(found) if **found == *name))
}

fn is_constant(expr: &Expression) -> bool {
    let mut constant = true;
    expr.node.for_each_reference(&mut |_| constant = false);
    constant
}

/// The value of a required argument. Where it is missing, which is an error already, null stands for it.
pub(super) fn argument_or_null(attribute: Option<&Attribute>, block: SourceRange) -> Expression {
    match attribute {
        Some(attribute) => attribute.expr.clone(),
        None => {
            let span = hcl::span::Span::new(block.start, block.end);
            Expression::new(block.file, Expr::Literal(Literal { value: LiteralValue::Null, span }))
        }
    }
}
