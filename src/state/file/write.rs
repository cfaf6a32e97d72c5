//! Writing a state file.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::address::{InstanceAddr, Key, Mode};
use model::json::{to_json, type_to_json};
use serde::Serialize;
use serde_json::Value as Json;
use serde_json::value::{RawValue, to_raw_value};

use super::disk::{Fields, ObjectV4, OutputV4, ResourceV4, StateV4};
use super::layout::Indented;
use super::{FORMAT, sensitive};
use crate::{Instance, Object, Output, State, Status, Unrecognized};

pub(super) fn state(state: &State) -> Vec<u8> {
    let file = StateV4 {
        version: Some(FORMAT),
        terraform_version: Some(Cow::Borrowed(&state.terraform_version)),
        serial: Some(state.serial),
        lineage: Some(Cow::Borrowed(&state.lineage)),
        outputs: Some(
            state.outputs.iter().map(|(name, output)| (Cow::Borrowed(name.as_ref()), write_output(output))).collect(),
        ),
        resources: Some(resources(state)),
        check_results: Some(state.check_results.as_deref().unwrap_or(RawValue::NULL)),
        unrecognized: fields(&state.unrecognized),
    };
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, Indented::default());
    file.serialize(&mut serializer).expect("a state has only texts as keys, and memory takes every write");
    bytes.push(b'\n');
    bytes
}

fn write_output(output: &Output) -> OutputV4<'static> {
    let ty = output.value.ty();
    let value = to_json(&output.value, &ty).expect("an output that is recorded is wholly known, without infinities");
    OutputV4 {
        value: Some(Cow::Owned(to_raw_value(&value).expect("JSON is always text"))),
        ty: Some(type_to_json(&ty)),
        sensitive: output.value.is_sensitive().then_some(true),
        unrecognized: Fields::default(),
    }
}

fn resources(state: &State) -> Vec<ResourceV4<'_>> {
    // Instances of one resource are neighbours in the order of addresses. Where one has another provider than those
    // before it, it gets an entry of its own: the file has one provider an entry.
    let mut groups: Vec<Vec<(&InstanceAddr, &Instance)>> = Vec::new();
    for (addr, instance) in &state.instances {
        if instance.is_empty() || mode_name(addr.resource.mode).is_none() {
            continue;
        }
        match groups.last_mut() {
            Some(group) if same_entry(group[0], (addr, instance)) => group.push((addr, instance)),
            Some(_) | None => groups.push(vec![(addr, instance)]),
        }
    }
    let mut resources: Vec<ResourceV4<'_>> = groups.into_iter().filter_map(write_resource).collect();
    resources.sort_by(|a, b| order(a).cmp(&order(b)));
    resources
}

fn same_entry(a: (&InstanceAddr, &Instance), b: (&InstanceAddr, &Instance)) -> bool {
    a.0.module == b.0.module && a.0.resource == b.0.resource && a.1.provider == b.1.provider
}

fn order<'a>(resource: &'a ResourceV4<'_>) -> [&'a str; 4] {
    [&resource.module, &resource.mode, &resource.type_name, &resource.name]
        .map(|text| text.as_deref().unwrap_or_default())
}

/// How the file names a mode; ephemeral resources are never in it.
fn mode_name(mode: Mode) -> Option<&'static str> {
    match mode {
        Mode::Managed => Some("managed"),
        Mode::Data => Some("data"),
        Mode::Ephemeral => None,
    }
}

fn write_resource<'a>(mut group: Vec<(&'a InstanceAddr, &'a Instance)>) -> Option<ResourceV4<'a>> {
    let (addr, instance) = *group.first()?;
    group.sort_by(|(a, _), (b, _)| key_order(a.key.as_ref()).cmp(&key_order(b.key.as_ref())));
    let mut instances = Vec::with_capacity(group.len());
    for (addr, instance) in group {
        let objects = instance.current.iter().map(|object| (None, object));
        for (deposed, object) in
            objects.chain(instance.deposed.iter().map(|(key, object)| (Some(key.as_ref()), object)))
        {
            instances.push(self::object(addr.key.as_ref(), deposed, object));
        }
    }
    Some(ResourceV4 {
        module: (!addr.module.is_root()).then(|| Cow::Owned(addr.module.to_string())),
        mode: mode_name(addr.resource.mode).map(Cow::Borrowed),
        type_name: Some(Cow::Borrowed(&addr.resource.type_name)),
        name: Some(Cow::Borrowed(&addr.resource.name)),
        provider: Some(Cow::Owned(instance.provider.to_string())),
        instances: Some(instances),
        unrecognized: fields(&instance.unrecognized),
    })
}

/// No key first, then texts, then numbers.
fn key_order(key: Option<&Key>) -> (u8, &str, u64) {
    match key {
        None => (0, "", 0),
        Some(Key::Name(name)) => (1, name, 0),
        Some(Key::Index(index)) => (2, "", *index),
    }
}

/// Writes one object under the key of its instance and, where it is deposed, its own.
pub(crate) fn object<'a>(key: Option<&Key>, deposed: Option<&'a str>, object: &'a Object) -> ObjectV4<'a> {
    ObjectV4 {
        index_key: key.map(|key| match key {
            Key::Index(index) => Json::from(*index),
            Key::Name(name) => Json::from(name.as_ref()),
        }),
        status: match object.status {
            Status::Ready => None,
            Status::Tainted => Some(Cow::Borrowed("tainted")),
        },
        deposed: deposed.map(Cow::Borrowed),
        schema_version: Some(object.schema_version),
        attributes: Some(&object.attributes),
        attributes_flat: None,
        sensitive_attributes: Some(sensitive::write(&object.sensitive)),
        identity_schema_version: object.identity.as_ref().map(|identity| identity.schema_version),
        identity: object.identity.as_ref().and_then(|identity| identity.attributes.as_deref()),
        private: (!object.private.is_empty()).then(|| Cow::Owned(STANDARD.encode(&object.private))),
        dependencies: (!object.dependencies.is_empty())
            .then(|| object.dependencies.iter().map(|addr| Cow::Owned(addr.to_string())).collect()),
        create_before_destroy: object.create_before_destroy.then_some(true),
        unrecognized: fields(&object.unrecognized),
    }
}

fn fields(unrecognized: &Unrecognized) -> Fields<'_> {
    Fields(unrecognized.0.iter().map(|(name, raw)| (Cow::Borrowed(name.as_ref()), raw.as_ref())).collect())
}
