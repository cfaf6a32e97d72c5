//! Results of conditions as plans and states have them in JSON.

use model::address::{Key, Mode};
use model::checkable::{Checkable, CheckableAddr};
use serde_json::{Map, Value as Json, json};
use state::checks::{CheckResult, CheckedObject};

/// A block that has conditions an entry, by the text of its address.
pub(super) fn checks(results: &[CheckResult]) -> Json {
    let mut results: Vec<(String, &CheckResult)> = results.iter().map(|one| (one.block.to_string(), one)).collect();
    results.sort_by(|a, b| a.0.cmp(&b.0));
    results.into_iter().map(|(_, result)| check(result)).collect()
}

fn check(result: &CheckResult) -> Json {
    let mut object = Map::new();
    object.insert("address".into(), block_address(&result.block));
    object.insert("status".into(), result.status.name().into());
    if !result.objects.is_empty() {
        object.insert("instances".into(), result.objects.iter().map(instance).collect());
    }
    Json::Object(object)
}

fn instance(object: &CheckedObject) -> Json {
    let mut address = Map::new();
    if !object.addr.module.is_root() {
        address.insert("module".into(), object.addr.module.to_string().into());
    }
    match &object.addr.object {
        Checkable::Resource(_, Some(Key::Index(index))) => drop(address.insert("instance_key".into(), (*index).into())),
        Checkable::Resource(_, Some(Key::Name(name))) => drop(address.insert("instance_key".into(), (**name).into())),
        Checkable::Resource(_, None) | Checkable::Variable(_) | Checkable::Output(_) | Checkable::Check(_) => {}
    }
    address.insert("to_display".into(), object.addr.to_string().into());
    let mut instance = Map::new();
    instance.insert("address".into(), Json::Object(address));
    instance.insert("status".into(), object.status.name().into());
    if !object.messages.is_empty() {
        let problems = object.messages.iter().map(|message| json!({"message": message}));
        instance.insert("problems".into(), problems.collect());
    }
    Json::Object(instance)
}

/// What kind of block it is, its names, and its address.
fn block_address(block: &CheckableAddr) -> Json {
    let mut object = Map::new();
    let (kind, name) = match &block.object {
        Checkable::Variable(name) => ("var", name),
        Checkable::Output(name) => ("output_value", name),
        Checkable::Check(name) => ("check", name),
        Checkable::Resource(resource, _) => {
            let mode = match resource.mode {
                Mode::Managed => "managed",
                Mode::Data => "data",
                Mode::Ephemeral => "ephemeral",
            };
            object.insert("mode".into(), mode.into());
            object.insert("type".into(), (*resource.type_name).into());
            ("resource", &resource.name)
        }
    };
    object.insert("kind".into(), kind.into());
    object.insert("name".into(), (**name).into());
    if !block.module.is_root() {
        object.insert("module".into(), block.module.to_string().into());
    }
    object.insert("to_display".into(), block.to_string().into());
    Json::Object(object)
}
