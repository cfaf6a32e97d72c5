//! States as JSON, in the form of Terraform's `show -json`.

use model::address::ModuleInstance;
use model::json::type_to_json;
use serde_json::{Map, Value as Json, json};
use state::{State, Status};

use super::TERRAFORM_VERSION;
use super::checks::checks;
use super::object::{Shown, identity, module_tree, objects};
use crate::schemas::Schemas;
use crate::values::{Secrets, sensitive_parts, simple};

/// A state in format 1.0. An empty state has no `values`.
pub fn state_json(state: &State, schemas: &dyn Schemas, secrets: Secrets) -> Json {
    let mut json = prior_state_json(state, schemas, secrets);
    let results = state.check_results.as_deref().and_then(state::checks::parse).unwrap_or_default();
    if let (false, Json::Object(object)) = (results.is_empty() || state.is_empty(), &mut json) {
        object.insert("checks".into(), checks(&results));
    }
    json
}

/// As [`state_json`], without results of conditions: a plan has those it came to itself.
pub(super) fn prior_state_json(state: &State, schemas: &dyn Schemas, secrets: Secrets) -> Json {
    if state.is_empty() {
        return json!({"format_version": "1.0"});
    }
    let mut object = Map::new();
    object.insert("format_version".into(), "1.0".into());
    object.insert("terraform_version".into(), TERRAFORM_VERSION.into());
    object.insert("values".into(), values(state, schemas, secrets));
    Json::Object(object)
}

/// `outputs` and `root_module`.
fn values(state: &State, schemas: &dyn Schemas, secrets: Secrets) -> Json {
    let mut values = Map::new();
    if !state.outputs.is_empty() {
        let outputs = state.outputs.iter().map(|(name, output)| {
            let value = &output.value;
            let object = json!({
                "sensitive": value.is_sensitive(),
                "value": simple(value, secrets),
                "type": type_to_json(&value.ty()),
            });
            (name.to_string(), object)
        });
        values.insert("outputs".into(), Json::Object(outputs.collect()));
    }
    let resources: Vec<(ModuleInstance, Json)> = objects(state, schemas)
        .iter()
        .map(|object| (object.key.addr.module.clone(), resource(object, secrets)))
        .collect();
    values.insert("root_module".into(), module_tree(resources));
    Json::Object(values)
}

fn resource(shown: &Shown<'_>, secrets: Secrets) -> Json {
    let mut object = identity(&shown.key.addr);
    object.insert("provider_name".into(), shown.provider.provider.to_string().into());
    object.insert("schema_version".into(), shown.object.schema_version.into());
    // What can't be read holds nobody knows which secrets.
    let values = shown.value.as_ref().map_or(Json::Null, |value| simple(value, secrets));
    object.insert("values".into(), values);
    let sensitive = shown.value.as_ref().map_or(Json::Bool(true), sensitive_parts);
    object.insert("sensitive_values".into(), sensitive);
    if !shown.object.dependencies.is_empty() {
        let dependencies = shown.object.dependencies.iter().map(|addr| Json::from(addr.to_string()));
        object.insert("depends_on".into(), dependencies.collect());
    }
    if shown.object.status == Status::Tainted {
        object.insert("tainted".into(), true.into());
    }
    if let model::address::Generation::Deposed(key) = &shown.key.generation {
        object.insert("deposed_key".into(), (**key).into());
    }
    Json::Object(object)
}
