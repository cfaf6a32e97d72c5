//! Steps into the instances of a resource, checked against its schema.

use hcl::ast::{AccessStep, IndexKey, Step};
use hcl::span::Span;
use model::diagnostic::Diagnostic;
use model::schema;
use model::source::{FileId, SourceRange};
use model::ty::Type;

use crate::config::{IgnoredPath, Repetition};
use crate::expression::range;
use crate::suggestion::{did_you_mean, similar};

/// The steps after a subject: first those known from the text, then others.
#[derive(Clone, Copy)]
pub(super) struct Steps<'a> {
    pub file: FileId,
    pub known: &'a [Step],
    pub after: &'a [AccessStep],
}

/// One step, whatever the syntax knows of it.
#[derive(Clone, Copy)]
enum StepInto<'a> {
    Attribute(&'a str, Span),
    Key(&'a str, Span),
    /// A number, or a key that needs evaluation.
    Element(Span),
    /// A splat over the elements, with the steps into each.
    Each(&'a [AccessStep]),
}

/// Checks the steps after a resource, or `self`: the instance key as the repetition wants it, then attributes.
///
/// Gives the first mistake. `subject` is how the resource is written.
pub(super) fn check_instance_steps(
    subject: &str,
    repetition: &Repetition,
    schema: Option<&schema::Block>,
    steps: Steps<'_>,
    subject_range: SourceRange,
) -> Option<Diagnostic> {
    let all: Vec<StepInto<'_>> =
        steps.known.iter().map(known_step).chain(steps.after.iter().map(access_step)).collect();
    let instance_steps = match (repetition, all.split_first()) {
        (_, None) => return None,
        (Repetition::Single, Some((StepInto::Key(..) | StepInto::Element(_), _))) => {
            return Some(unexpected_key(subject, subject_range));
        }
        (Repetition::Single, Some((StepInto::Attribute(..), _))) => &all[..],
        // A splat over one object is a list of it alone.
        (Repetition::Single, Some((StepInto::Each(inner), _))) => return each(schema?, steps.file, inner),
        (Repetition::Count(_), Some((StepInto::Attribute(..), _))) => {
            return Some(missing_key(subject, "count", "count.index", subject_range));
        }
        // With `for_each` the value is an object by key, but a constant attribute is a forgotten key.
        (Repetition::ForEach(_), Some((StepInto::Attribute(..), _))) => {
            return Some(missing_key(subject, "for_each", "each.key", subject_range));
        }
        (Repetition::Count(_), Some((StepInto::Key(key, span), _))) if key.parse::<u64>().is_err() => {
            return Some(wrong_key(subject, "count", "numbers", range(steps.file, *span)));
        }
        (Repetition::Count(_) | Repetition::ForEach(_), Some((StepInto::Each(inner), _))) => {
            return each(schema?, steps.file, inner);
        }
        (Repetition::Count(_) | Repetition::ForEach(_), Some((StepInto::Key(..) | StepInto::Element(_), rest))) => rest,
    };
    block_steps(schema?, steps.file, instance_steps)
}

/// Checks a place that `ignore_changes` names.
pub(super) fn check_ignored(ignored: &IgnoredPath, schema: &schema::Block) -> Option<Diagnostic> {
    let name = ignored.path.names();
    let first = name.split('.').next().unwrap_or_default();
    let span = Span::new(ignored.name_range.start, ignored.name_range.end);
    let steps: Vec<StepInto<'_>> =
        std::iter::once(StepInto::Attribute(first, span)).chain(ignored.steps.iter().map(known_step)).collect();
    block_steps(schema, ignored.range.file, &steps)
}

fn each(schema: &schema::Block, file: FileId, inner: &[AccessStep]) -> Option<Diagnostic> {
    let inner: Vec<StepInto<'_>> = inner.iter().map(access_step).collect();
    block_steps(schema, file, &inner)
}

fn known_step(step: &Step) -> StepInto<'_> {
    match step {
        Step::Attr(step) => StepInto::Attribute(&step.name.name, step.span),
        Step::Index(step) => match &step.key {
            IndexKey::String(key) => StepInto::Key(key, step.span),
            IndexKey::Number(_) => StepInto::Element(step.span),
        },
    }
}

fn access_step(step: &AccessStep) -> StepInto<'_> {
    match step {
        AccessStep::Static(step) => known_step(step),
        AccessStep::Index(index) => StepInto::Element(index.span),
        AccessStep::Splat(splat) => StepInto::Each(&splat.steps),
    }
}

/// Steps into an object of a block.
fn block_steps(block: &schema::Block, file: FileId, steps: &[StepInto<'_>]) -> Option<Diagnostic> {
    let (first, rest) = steps.split_first()?;
    let (StepInto::Attribute(name, span) | StepInto::Key(name, span)) = first else { return None };
    if let Some(attribute) = block.attributes.get(*name) {
        return type_steps(&attribute.ty, file, rest);
    }
    let Some(nested) = block.blocks.get(*name) else {
        let known = block.attributes.keys().chain(block.blocks.keys()).map(|name| &**name);
        return Some(unsupported_attribute(name, known, range(file, *span)));
    };
    match (nested.nesting, rest.split_first()) {
        (_, None) => None,
        (schema::Nesting::Single | schema::Nesting::Group, Some(_)) => block_steps(&nested.block, file, rest),
        (schema::Nesting::List | schema::Nesting::Map, Some((StepInto::Element(_) | StepInto::Key(..), rest))) => {
            block_steps(&nested.block, file, rest)
        }
        (schema::Nesting::List | schema::Nesting::Map | schema::Nesting::Set, Some((StepInto::Each(inner), _))) => {
            each(&nested.block, file, inner)
        }
        (schema::Nesting::List | schema::Nesting::Set, Some((StepInto::Attribute(..), _))) => {
            type_steps(&nested.implied_type(), file, rest)
        }
        (schema::Nesting::Map, Some((StepInto::Attribute(..), rest))) => block_steps(&nested.block, file, rest),
        (schema::Nesting::Set, Some((StepInto::Element(_) | StepInto::Key(..), _))) => {
            type_steps(&nested.implied_type(), file, rest)
        }
    }
}

/// Steps into a value of a type.
fn type_steps(ty: &Type, file: FileId, steps: &[StepInto<'_>]) -> Option<Diagnostic> {
    let (first, rest) = steps.split_first()?;
    match (ty, first) {
        (Type::Dynamic, _) => None,
        (Type::Object(object), StepInto::Attribute(name, span) | StepInto::Key(name, span)) => {
            match object.attributes.get(*name) {
                Some(attribute) => type_steps(attribute, file, rest),
                None => {
                    let known = object.attributes.keys().map(|name| &**name);
                    Some(unsupported_attribute(name, known, range(file, *span)))
                }
            }
        }
        (Type::Map(element), StepInto::Attribute(..) | StepInto::Key(..) | StepInto::Element(_)) => {
            type_steps(element, file, rest)
        }
        (Type::List(element), StepInto::Element(_) | StepInto::Key(..)) => type_steps(element, file, rest),
        (Type::List(element) | Type::Set(element) | Type::Map(element), StepInto::Each(inner)) => {
            let inner: Vec<StepInto<'_>> = inner.iter().map(access_step).collect();
            type_steps(element, file, &inner)
        }
        (Type::List(_) | Type::Set(_) | Type::Tuple(_), StepInto::Attribute(name, span)) => {
            Some(attribute_of_collection(ty, name, range(file, *span)))
        }
        (Type::Bool | Type::Number | Type::String, StepInto::Attribute(name, span)) => Some(
            Diagnostic::error(
                "Unsupported attribute",
                format!("There is no attribute `{name}` here, because the value is a {}.", ty.friendly_name()),
            )
            .at(range(file, *span)),
        ),
        (Type::Bool | Type::Number | Type::String, StepInto::Key(_, span) | StepInto::Element(span)) => Some(
            Diagnostic::error(
                "Invalid index",
                format!("The value is a {}, which has no elements.", ty.friendly_name()),
            )
            .at(range(file, *span)),
        ),
        (Type::Set(_), StepInto::Key(_, span) | StepInto::Element(span)) => Some(
            Diagnostic::error("Invalid index", "The elements of a set have no order and no keys.")
                .at(range(file, *span))
                .hint("To take the only element write one(..); to take them in some order write tolist(..)."),
        ),
        (Type::Tuple(_), StepInto::Key(..) | StepInto::Element(_) | StepInto::Each(_))
        | (Type::Object(_), StepInto::Element(_) | StepInto::Each(_))
        | (Type::Bool | Type::Number | Type::String, StepInto::Each(_)) => None,
    }
}

fn attribute_of_collection(ty: &Type, name: &str, at: SourceRange) -> Diagnostic {
    let error = Diagnostic::error(
        "Unsupported attribute",
        format!("A {} has no attributes; its elements may.", ty.friendly_name()),
    )
    .at(at);
    match ty.element() {
        Some(Type::Object(object)) if object.attributes.contains_key(name) => {
            error.hint(format!("To take `{name}` of one element write [0].{name}; of all of them, [*].{name}."))
        }
        Some(_) | None => error,
    }
}

fn unsupported_attribute<'n>(name: &str, known: impl Iterator<Item = &'n str>, at: SourceRange) -> Diagnostic {
    let error =
        Diagnostic::error("Unsupported attribute", format!("There is no argument, block or attribute `{name}` here."))
            .at(at);
    did_you_mean(error, similar(name, known))
}

fn unexpected_key(subject: &str, at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Unexpected resource instance key",
        format!("`{subject}` has neither `count` nor `for_each`, so it is one instance without a key."),
    )
    .at(at)
    .hint("Leave out the brackets.")
}

fn missing_key(subject: &str, argument: &str, key: &str, at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Missing resource instance key",
        format!("`{subject}` has `{argument}`, so it stands for all its instances, and attributes are those of one."),
    )
    .at(at)
    .hint(if argument == "count" {
        format!("Name an instance: {subject}[{key}]; or take the attribute of all: {subject}[*]")
    } else {
        format!("Name an instance: {subject}[{key}]; or take the attribute of all: values({subject})[*]")
    })
}

fn wrong_key(subject: &str, argument: &str, keys: &str, at: SourceRange) -> Diagnostic {
    Diagnostic::error(
        "Invalid index",
        format!("The instances of `{subject}` have `{argument}`, so their keys are {keys}."),
    )
    .at(at)
}
