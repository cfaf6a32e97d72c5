//! `ignore_changes`: a configuration in which the places to be left alone are as the object has them.

use std::sync::Arc;

use lang::config::IgnoreChanges;
use model::path::Step;
use model::schema::{Block, Presence};
use model::value::{Kind, Value};

/// Puts what the object has into the configuration, wherever the block says to leave it alone.
pub fn ignore(config: Value, prior: &Value, ignored: &IgnoreChanges, schema: &Block) -> Value {
    match ignored {
        IgnoreChanges::All => settable(prior, schema),
        IgnoreChanges::Paths(paths) => {
            paths.iter().fold(config, |config, ignored| keep(config, prior, &ignored.path.steps))
        }
    }
}

/// The object as a configuration that would make it: without what only the provider gives.
fn settable(prior: &Value, schema: &Block) -> Value {
    prior.clone().map_parts(&mut |path, part| match path.steps.as_slice() {
        [Step::Attribute(name)] => match schema.attributes.get(name) {
            Some(attribute) if attribute.presence == Presence::Computed => Value::null(attribute.ty.clone()),
            Some(_) | None => part,
        },
        _ => part,
    })
}

fn keep(config: Value, prior: &Value, steps: &[Step]) -> Value {
    let Some((step, rest)) = steps.split_first() else {
        return prior.clone();
    };
    let marks = config.marks();
    let kept = match (config.reveal(), prior.reveal(), step) {
        (Kind::Object(wanted), Kind::Object(present), Step::Attribute(name) | Step::Key(name)) => {
            match (wanted.get(name), present.get(name)) {
                (Some(wanted), Some(present)) => config.clone().with(name.clone(), keep(wanted.clone(), present, rest)),
                (Some(_), None) | (None, Some(_)) | (None, None) => return config,
            }
        }
        (Kind::Map(element, wanted), Kind::Map(_, present), Step::Attribute(name) | Step::Key(name)) => {
            let entries = match (wanted.get(name), present.get(name)) {
                (Some(entry), Some(present)) => wanted.clone().with(name, keep(entry.clone(), present, rest)),
                (None, Some(present)) if rest.is_empty() => wanted.clone().with(name, present.clone()),
                (Some(_), None) if rest.is_empty() => wanted.without(name),
                (Some(_), None) | (None, Some(_)) | (None, None) => return config,
            };
            Value::map(element.clone(), entries)
        }
        // A map that one side does not have at all counts as empty.
        (Kind::Null(ty), Kind::Map(element, present), Step::Attribute(name) | Step::Key(name)) if rest.is_empty() => {
            match present.get(name) {
                Some(entry) => Value::map(element.clone(), [(name.clone(), entry.clone())].into()),
                None => Value::null(ty.clone()),
            }
        }
        (Kind::Map(element, wanted), Kind::Null(ty), Step::Attribute(name) | Step::Key(name)) if rest.is_empty() => {
            let entries = wanted.without(name);
            if entries.is_empty() { Value::null(ty.clone()) } else { Value::map(element.clone(), entries) }
        }
        (Kind::List(element, wanted), Kind::List(_, present), Step::Index(index)) => {
            match (wanted.get(*index), present.get(*index)) {
                (Some(item), Some(prior)) => {
                    let mut items = wanted.to_vec();
                    items[*index] = keep(item.clone(), prior, rest);
                    Value::list(element.clone(), Arc::<[Value]>::from(items))
                }
                (Some(_), None) | (None, Some(_)) | (None, None) => return config,
            }
        }
        _ => return config,
    };
    kept.set_marks(marks)
}
