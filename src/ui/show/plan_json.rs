//! Plans as JSON, in the form of Terraform's `show -json`.

use std::collections::BTreeMap;
use std::sync::Arc;

use engine::drift::Drift;
use engine::plan::{Action, Change, OutputChange, Plan, Reason};
use model::address::{Generation, ModuleInstance, ObjectKey};
use model::json::type_to_json;
use model::path::{Path, Step};
use model::value::{Marks, Value};
use serde_json::{Map, Value as Json, json};

use super::TERRAFORM_VERSION;
use super::checks::checks;
use super::object::{identity, module_tree};
use super::state_json::prior_state_json;
use crate::schemas::Schemas;
use crate::values::{Secrets, known, sensitive_parts, simple, unknown_parts};

/// What the JSON form of a plan says beside the plan itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlanExtras<'a> {
    /// The values of the root module's variables.
    pub variables: Option<&'a BTreeMap<Arc<str>, Value>>,
    /// The configuration in its JSON form, where there is one.
    pub configuration: Option<&'a Json>,
    /// What the changes come from, where there is a configuration.
    pub relevant: &'a [Json],
    /// Whether planning ended in errors, so that the plan can't be applied.
    pub errored: bool,
    pub secrets: Secrets,
}

/// A plan in format 1.2.
pub fn plan_json(plan: &Plan, schemas: &dyn Schemas, extras: PlanExtras<'_>) -> Json {
    let secrets = extras.secrets;
    let mut object = Map::new();
    object.insert("format_version".into(), "1.2".into());
    object.insert("terraform_version".into(), TERRAFORM_VERSION.into());
    if let Some(variables) = extras.variables.filter(|variables| !variables.is_empty()) {
        let value = |value: &Value| match known(value, secrets) {
            Some(value) => json!({"value": value}),
            None => json!({}),
        };
        let variables = variables.iter().map(|(name, one)| (name.to_string(), value(one)));
        object.insert("variables".into(), Json::Object(variables.collect()));
    }
    object.insert("planned_values".into(), planned_values(plan, schemas, secrets));
    if !plan.drift.is_empty() {
        let drift = plan.drift.iter().map(|drift| drift_change(drift, secrets));
        object.insert("resource_drift".into(), drift.collect());
    }
    let mut changes: Vec<&Change> = plan.changes.iter().filter(|change| is_listed(change)).collect();
    changes.sort_by_cached_key(|change| place(&change.key));
    if !changes.is_empty() {
        let changes = changes.into_iter().map(|change| resource_change(change, secrets));
        object.insert("resource_changes".into(), changes.collect());
    }
    if !plan.outputs.is_empty() {
        let outputs = plan.outputs.iter().map(|output| (output.name.to_string(), output_change(output, secrets)));
        object.insert("output_changes".into(), Json::Object(outputs.collect()));
    }
    if !plan.refreshed.is_empty() {
        object.insert("prior_state".into(), prior_state_json(&plan.refreshed, schemas, secrets));
    }
    if let Some(configuration) = extras.configuration {
        object.insert("configuration".into(), configuration.clone());
    }
    if !extras.relevant.is_empty() {
        object.insert("relevant_attributes".into(), extras.relevant.into());
    }
    if !plan.check_results.is_empty() {
        object.insert("checks".into(), checks(&plan.check_results));
    }
    object.insert("timestamp".into(), plan.basis.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into());
    object.insert("applyable".into(), (!extras.errored && (!plan.is_empty() || !plan.drift.is_empty())).into());
    object.insert("complete".into(), (!plan.is_limited() && !extras.errored).into());
    object.insert("errored".into(), extras.errored.into());
    Json::Object(object)
}

/// The actions of a change, in the order they happen.
pub(crate) fn actions(action: Action) -> &'static [&'static str] {
    match action {
        Action::NoOp => &["no-op"],
        Action::Create => &["create"],
        Action::Update => &["update"],
        Action::Replace { create_first: false } => &["delete", "create"],
        Action::Replace { create_first: true } => &["create", "delete"],
        Action::Delete => &["delete"],
        Action::Read => &["read"],
        Action::Forget => &["forget"],
    }
}

/// The name of a reason; `None` where the format has none.
pub(crate) fn reason(change: &Change) -> Option<&'static str> {
    Some(match change.reason? {
        Reason::Tainted => "replace_because_tainted",
        Reason::Requested => "replace_by_request",
        Reason::CannotUpdate => "replace_because_cannot_update",
        Reason::Triggered => "replace_by_triggers",
        Reason::NoConfig => "delete_because_no_resource_config",
        Reason::NoModule => "delete_because_no_module",
        Reason::WrongRepetition => "delete_because_wrong_repetition",
        Reason::CountIndex => "delete_because_count_index",
        Reason::EachKey => "delete_because_each_key",
        Reason::ConfigUnknown => "read_because_config_unknown",
        Reason::DependencyPending => "read_because_dependency_pending",
        Reason::Deposed => return None,
    })
}

/// Data sources that were read while planning are in the prior state, and no change.
fn is_listed(change: &Change) -> bool {
    change.action != Action::NoOp || change.mode() == model::address::Mode::Managed
}

/// Where a change stands in the list: objects of outer modules first, data sources before resources.
fn place(key: &ObjectKey) -> (usize, ModuleInstance, bool, ObjectKey) {
    let module = &key.addr.module;
    (module.0.len(), module.clone(), key.addr.resource.mode != model::address::Mode::Data, key.clone())
}

fn resource_change(change: &Change, secrets: Secrets) -> Json {
    let addr = &change.key.addr;
    let mut object = identity(addr);
    if !addr.module.is_root() {
        object.insert("module_address".into(), addr.module.to_string().into());
    }
    if let Some(previous) = &change.previous {
        object.insert("previous_address".into(), previous.to_string().into());
    }
    object.insert("provider_name".into(), change.provider.provider.to_string().into());
    if let Generation::Deposed(key) = &change.key.generation {
        object.insert("deposed".into(), (**key).into());
    }
    let mut sides = sides(change.action, change.before.as_ref(), change.after.as_ref(), secrets);
    if !change.replace_paths.is_empty() {
        let paths = change.replace_paths.iter().map(path_json);
        sides.insert("replace_paths".into(), paths.collect());
    }
    if let Some(id) = &change.import {
        sides.insert("importing".into(), json!({"id": &**id}));
    }
    object.insert("change".into(), Json::Object(sides));
    // What is forgotten has no other reason than that it is not configured any more.
    let forgotten = (change.action == Action::Forget).then_some("delete_because_no_resource_config");
    if let Some(reason) = reason(change).or(forgotten) {
        object.insert("action_reason".into(), reason.into());
    }
    Json::Object(object)
}

fn drift_change(drift: &Drift, secrets: Secrets) -> Json {
    let addr = &drift.key.addr;
    let mut object = identity(addr);
    if !addr.module.is_root() {
        object.insert("module_address".into(), addr.module.to_string().into());
    }
    object.insert("provider_name".into(), drift.provider.provider.to_string().into());
    if let Generation::Deposed(key) = &drift.key.generation {
        object.insert("deposed".into(), (**key).into());
    }
    let action = if drift.live.is_some() { Action::Update } else { Action::Delete };
    let sides = sides(action, Some(&drift.applied), drift.live.as_ref(), secrets);
    object.insert("change".into(), Json::Object(sides));
    Json::Object(object)
}

/// `actions`, `before`, `after`, and what of them is unknown or sensitive.
fn sides(action: Action, before: Option<&Value>, after: Option<&Value>, secrets: Secrets) -> Map<String, Json> {
    let mut object = Map::new();
    object.insert("actions".into(), actions(action).into());
    object.insert("before".into(), before.map_or(Json::Null, |before| simple(before, secrets)));
    match after.map(|after| known(after, secrets)) {
        None => {
            object.insert("after".into(), Json::Null);
        }
        Some(Some(after)) => {
            object.insert("after".into(), after);
        }
        // Nothing of it is known, so there is nothing to write.
        Some(None) => {}
    }
    let unknown = after.filter(|after| !after.is_wholly_known());
    let unknown = unknown.map_or(Json::Object(Map::new()), unknown_parts);
    object.insert("after_unknown".into(), unknown);
    object.insert("before_sensitive".into(), before.map_or(Json::Bool(false), sensitive_parts));
    object.insert("after_sensitive".into(), after.map_or(Json::Bool(false), sensitive_parts));
    object
}

fn output_change(output: &OutputChange, secrets: Secrets) -> Json {
    let mark = |value: &Option<Value>| {
        let value = value.clone()?;
        Some(if output.sensitive { value.with_marks(Marks::SENSITIVE) } else { value })
    };
    let (before, after) = (mark(&output.before), mark(&output.after));
    let action = match (&before, &after) {
        (None, Some(after)) if after.is_null() => Action::NoOp,
        (None, Some(_)) => Action::Create,
        (Some(_), None) => Action::Delete,
        (None, None) => Action::NoOp,
        (Some(_), Some(_)) => {
            if output.is_change() {
                Action::Update
            } else {
                Action::NoOp
            }
        }
    };
    let mut object = Map::new();
    object.insert("actions".into(), actions(action).into());
    object.insert("before".into(), before.as_ref().map_or(Json::Null, |before| simple(before, secrets)));
    let known_after = after.as_ref().map_or(Some(Json::Null), |after| known(after, secrets));
    if let Some(after) = known_after {
        object.insert("after".into(), after);
    }
    let unknown = after.as_ref().filter(|after| !after.is_wholly_known()).map_or(Json::Bool(false), unknown_parts);
    object.insert("after_unknown".into(), unknown);
    // Sensitivity is a matter of whole outputs.
    object.insert("before_sensitive".into(), output.sensitive.into());
    object.insert("after_sensitive".into(), output.sensitive.into());
    Json::Object(object)
}

fn planned_values(plan: &Plan, schemas: &dyn Schemas, secrets: Secrets) -> Json {
    let mut object = Map::new();
    let present = plan.outputs.iter().filter_map(|output| Some((output, output.after.as_ref()?)));
    let outputs: Map<String, Json> = present
        .map(|(output, after)| {
            let mut planned = Map::new();
            planned.insert("sensitive".into(), output.sensitive.into());
            let after = if output.sensitive { after.clone().with_marks(Marks::SENSITIVE) } else { after.clone() };
            if after.is_wholly_known() {
                planned.insert("type".into(), type_to_json(&after.ty()));
                planned.insert("value".into(), simple(&after, secrets));
            }
            (output.name.to_string(), Json::Object(planned))
        })
        .collect();
    if !outputs.is_empty() {
        object.insert("outputs".into(), Json::Object(outputs));
    }
    let planned = plan.changes.iter().filter(|change| is_listed(change) && change.deposed().is_none());
    let resources: Vec<(ModuleInstance, Json)> = planned
        .filter(|change| change.action != Action::Delete)
        .map(|change| {
            let addr = &change.key.addr;
            let mut resource = identity(addr);
            resource.insert("provider_name".into(), change.provider.provider.to_string().into());
            let schema = schemas.schema(&change.provider.provider, addr.resource.mode, &addr.resource.type_name);
            resource.insert("schema_version".into(), schema.map_or(0, |schema| schema.version).into());
            // Of what is forgotten nothing is said but that it stays.
            if change.after.is_none() {
                resource.insert("sensitive_values".into(), false.into());
            }
            if let Some(after) = &change.after {
                let values = known(after, secrets);
                let values = values.filter(|values| values.as_object().is_none_or(|values| !values.is_empty()));
                resource.extend(values.map(|values| ("values".into(), values)));
                resource.insert("sensitive_values".into(), sensitive_parts(after));
            }
            (addr.module.clone(), Json::Object(resource))
        })
        .collect();
    object.insert("root_module".into(), module_tree(resources));
    Json::Object(object)
}

/// A path as Terraform writes it: names and keys as strings, indexes as numbers, elements of sets as their values.
fn path_json(path: &Path) -> Json {
    let step = |step: &Step| match step {
        Step::Attribute(name) | Step::Key(name) => Json::from(&**name),
        Step::Index(index) => Json::from(*index),
        Step::Element(element) => simple(element, Secrets::Hidden),
    };
    path.steps.iter().map(step).collect()
}
