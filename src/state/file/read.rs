//! Reading a state file.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::address::{
    AddressError, ConfigAddr, InstanceAddr, Key, Mode, ModuleInstance, ProviderConfigAddr, ResourceAddr,
};
use model::json::{from_json, type_from_json};
use model::value::Value;
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::error::Category;
use serde_json::value::RawValue;

use super::disk::{Fields, ObjectV4, OutputV4, ResourceV4, StateV4};
use super::layout::compact;
use super::{FORMAT, StateFileError, sensitive};
use crate::{Identity, Instance, Object, Output, State, Status, Unrecognized};

type Result<T> = std::result::Result<T, StateFileError>;

/// Addresses that were read before: most are listed again and again, so each is parsed once and shared.
#[derive(Default)]
pub(crate) struct Known {
    dependencies: HashMap<String, ConfigAddr>,
    providers: HashMap<String, ProviderConfigAddr>,
}

pub(super) fn state(bytes: &[u8]) -> Result<State> {
    let file: StateV4<'_> = serde_json::from_slice(bytes).map_err(|error| why(bytes, &error))?;
    if file.version != Some(FORMAT) {
        return Err(wrong_version(file.version, file.terraform_version.map(|version| version.into_owned())));
    }
    let mut known = Known::default();
    let mut instances = BTreeMap::new();
    for (index, resource) in file.resources.unwrap_or_default().into_iter().enumerate() {
        read_resource(resource, &format!("resources[{index}]"), &mut known, &mut instances)?;
    }
    Ok(State {
        lineage: file.lineage.unwrap_or_default().into_owned(),
        serial: file.serial.unwrap_or_default(),
        terraform_version: file.terraform_version.unwrap_or_default().into_owned(),
        outputs: file
            .outputs
            .unwrap_or_default()
            .into_iter()
            .map(|(name, output)| Ok((Arc::from(name.as_ref()), read_output(&name, output)?)))
            .collect::<Result<_>>()?,
        // At once, which takes half the room that one after another would.
        instances: instances.into_iter().collect(),
        check_results: file.check_results.map(keep),
        unrecognized: unrecognized(file.unrecognized),
    })
}

/// Finds out why the file does not read as version 4: other versions have other shapes, so the version is looked at
/// first.
fn why(bytes: &[u8], error: &serde_json::Error) -> StateFileError {
    match error.classify() {
        Category::Data => {}
        Category::Syntax | Category::Eof | Category::Io => {
            return StateFileError::Syntax { line: error.line(), column: error.column(), reason: without_place(error) };
        }
    }
    #[derive(Deserialize)]
    struct Writer {
        version: Option<u64>,
        terraform_version: Option<String>,
    }
    match serde_json::from_slice::<Writer>(bytes) {
        Ok(writer) if writer.version != Some(FORMAT) => wrong_version(writer.version, writer.terraform_version),
        Ok(_) | Err(_) => wrong_shape(bytes, error),
    }
}

fn wrong_version(version: Option<u64>, writer: Option<String>) -> StateFileError {
    match version {
        None => StateFileError::NoVersion,
        Some(version) if version < FORMAT => StateFileError::TooOld { version, writer },
        Some(version) => StateFileError::TooNew { version, writer },
    }
}

/// Reads once more, this time keeping track of the path.
fn wrong_shape(bytes: &[u8], error: &serde_json::Error) -> StateFileError {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let path = match serde_path_to_error::deserialize::<_, StateV4<'_>>(&mut deserializer) {
        Ok(_) => String::new(),
        Err(error) => error.path().to_string(),
    };
    // What was found instead is left out: it could be a secret.
    let message = without_place(error);
    let reason = match message.rsplit_once(", expected ") {
        Some((_, expected)) => {
            format!("expected {} at line {}, column {}", plain(expected), error.line(), error.column())
        }
        None => message,
    };
    StateFileError::shape(path, reason)
}

/// Says a Rust type in words.
fn plain(expected: &str) -> &str {
    match expected {
        "u64" => "a whole number",
        "a sequence" => "an array",
        "a map" => "an object",
        "a boolean" => "`true` or `false`",
        other => other,
    }
}

/// The message without the line and column that serde_json adds.
fn without_place(error: &serde_json::Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}

fn read_output(name: &str, output: OutputV4<'_>) -> Result<Output> {
    let path = |field: &str| format!("outputs.{name}.{field}");
    let ty = output.ty.ok_or_else(|| StateFileError::shape(path("type"), "it is missing"))?;
    let ty = type_from_json(&ty).map_err(|error| StateFileError::shape(path("type"), error.reason))?;
    let value = match output.value {
        None => Value::null(ty),
        Some(raw) => {
            let json: Json = parse_kept(&raw, || path("value"))?;
            from_json(&json, &ty).map_err(|error| StateFileError::shape(path("value"), error.to_string()))?
        }
    };
    Ok(Output { value: if output.sensitive == Some(true) { value.sensitive() } else { value } })
}

fn read_resource(
    resource: ResourceV4<'_>,
    path: &str,
    known: &mut Known,
    instances: &mut BTreeMap<InstanceAddr, Instance>,
) -> Result<()> {
    let missing = |field: &str| StateFileError::shape(format!("{path}.{field}"), "it is missing");
    let mode = match resource.mode.as_deref().ok_or_else(|| missing("mode"))? {
        "managed" => Mode::Managed,
        "data" => Mode::Data,
        _ => return Err(StateFileError::shape(format!("{path}.mode"), "expected `managed` or `data`")),
    };
    let module = match resource.module.as_deref() {
        None | Some("") => ModuleInstance::root(),
        Some(text) => {
            module_instance(text).map_err(|reason| StateFileError::shape(format!("{path}.module"), reason))?
        }
    };
    let addr = ResourceAddr {
        mode,
        type_name: resource.type_name.ok_or_else(|| missing("type"))?.into(),
        name: resource.name.ok_or_else(|| missing("name"))?.into(),
    };
    let provider = resource.provider.ok_or_else(|| missing("provider"))?;
    let provider = recall(&mut known.providers, &provider, str::parse, || format!("{path}.provider"))?;
    let resource_unrecognized = unrecognized(resource.unrecognized);

    for (index, object) in resource.instances.unwrap_or_default().into_iter().enumerate() {
        let path = format!("{path}.instances[{index}]");
        let key = match &object.index_key {
            None => None,
            Some(json) => Some(key(json).ok_or_else(|| {
                StateFileError::shape(format!("{path}.index_key"), "expected a text or a whole number from 0")
            })?),
        };
        let deposed = object.deposed.as_deref().filter(|key| !key.is_empty()).map(Arc::from);
        let object = self::object(object, &path, known)?;
        let addr = InstanceAddr { module: module.clone(), resource: addr.clone(), key };
        let instance = match instances.entry(addr) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry
                .insert(Instance { unrecognized: resource_unrecognized.clone(), ..Instance::new(provider.clone()) }),
        };
        let before = match deposed {
            None => instance.current.replace(object),
            Some(key) => instance.deposed.insert(key, object),
        };
        if before.is_some() {
            return Err(StateFileError::shape(path, "the same object was listed before"));
        }
    }
    Ok(())
}

/// Reads one object; `path` is its place in the file, for messages.
pub(crate) fn object(object: ObjectV4<'_>, path: &str, known: &mut Known) -> Result<Object> {
    let wrong = |field: &str, reason: &str| StateFileError::shape(format!("{path}.{field}"), reason);
    let status = match object.status.as_deref() {
        None | Some("") => Status::Ready,
        Some("tainted") => Status::Tainted,
        Some(_) => return Err(wrong("status", "expected `tainted` or nothing")),
    };
    let attributes = match (object.attributes, object.attributes_flat) {
        (Some(raw), _) => keep(raw),
        (None, None) => RawValue::from_string("{}".to_owned()).expect("it is JSON").into(),
        (None, Some(_)) => {
            return Err(wrong(
                "attributes_flat",
                "the form of Terraform 0.11; `terraform apply -refresh-only` with Terraform 1.x rewrites it",
            ));
        }
    };
    let private = match object.private.as_deref() {
        None => Arc::default(),
        Some(text) => STANDARD.decode(text).map_err(|_| wrong("private", "expected Base64"))?.into(),
    };
    let dependencies = object.dependencies.unwrap_or_default();
    let dependencies: Result<Vec<ConfigAddr>> = dependencies
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let parse = |text: &str| Ok(text.parse::<InstanceAddr>()?.config());
            recall(&mut known.dependencies, text, parse, || format!("{path}.dependencies[{index}]"))
        })
        .collect();
    let identity = match (object.identity_schema_version, object.identity) {
        (None, None) => None,
        (version, raw) => Some(Identity { schema_version: version.unwrap_or_default(), attributes: raw.map(keep) }),
    };
    Ok(Object {
        status,
        schema_version: object.schema_version.unwrap_or_default(),
        attributes,
        sensitive: sensitive::read(object.sensitive_attributes.unwrap_or_default(), path)?,
        private,
        dependencies: dependencies?,
        create_before_destroy: object.create_before_destroy.unwrap_or_default(),
        identity,
        unrecognized: unrecognized(object.unrecognized),
    })
}

/// Reads `module.a["k"].module.b` by way of a resource inside of it.
fn module_instance(text: &str) -> std::result::Result<ModuleInstance, String> {
    match format!("{text}.x.x").parse::<InstanceAddr>() {
        Ok(addr) => Ok(addr.module),
        Err(error) => Err(error.reason.to_owned()),
    }
}

fn key(json: &Json) -> Option<Key> {
    match json {
        Json::String(name) => Some(Key::Name(name.as_str().into())),
        Json::Number(number) => number.as_u64().map(Key::Index),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Parses an address unless it was read before.
fn recall<T: Clone>(
    known: &mut HashMap<String, T>,
    text: &str,
    parse: impl FnOnce(&str) -> std::result::Result<T, AddressError>,
    path: impl FnOnce() -> String,
) -> Result<T> {
    if let Some(addr) = known.get(text) {
        return Ok(addr.clone());
    }
    let addr = parse(text).map_err(|error| StateFileError::shape(path(), error.to_string()))?;
    known.insert(text.to_owned(), addr.clone());
    Ok(addr)
}

fn parse_kept<'a, T: Deserialize<'a>>(raw: &'a RawValue, path: impl FnOnce() -> String) -> Result<T> {
    serde_json::from_str(raw.get()).map_err(|error| StateFileError::shape(path(), without_place(&error)))
}

fn unrecognized(fields: Fields<'_>) -> Unrecognized {
    Unrecognized(fields.0.into_iter().map(|(name, raw)| (Arc::from(name.as_ref()), keep(raw))).collect())
}

/// Keeps a part of the file without its layout: in a deep tree more than half of the file is indentation.
fn keep(raw: &RawValue) -> Arc<RawValue> {
    RawValue::from_string(compact(raw.get())).expect("JSON without its white space is JSON").into()
}
