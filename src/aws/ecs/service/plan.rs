//! What plans of a service need to know that its facts can't say.

use model::path::{Path, Step};
use model::ty::Type;
use model::value::Value;
use provider::propose::is_empty;
use provider::resource::{Refine, Refusal};

use crate::arn;

const DAEMON: &str = "DAEMON";

/// The percentages of a service that is no daemon: planned by default, and no wish of a daemon's.
const PERCENTAGES: [(&str, i64); 2] =
    [("deployment_maximum_percent", 200), ("deployment_minimum_healthy_percent", 100)];

pub fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
    let text = |value: &Value| value.reveal().as_str().unwrap_or_default().to_string();
    match attribute {
        "ordered_placement_strategy.field" => placement_field(&text(prior)) == placement_field(&text(config)),
        // What the service says where nothing was asked for.
        "propagate_tags" => text(prior) == "NONE" && is_empty(config),
        _ => false,
    }
}

/// `host` is another name of `instanceId`, and case makes no difference.
fn placement_field(field: &str) -> String {
    let field = field.to_lowercase();
    if field == "host" { "instanceid".into() } else { field }
}

pub fn refine(refine: Refine<'_>) {
    let Refine { prior, planned, replace, .. } = refine;
    let deploys_anew = planned.get("force_new_deployment").is_some_and(|force| force.reveal().as_bool() == Some(true));
    if planned.get("scheduling_strategy").is_some_and(|strategy| strategy.reveal().as_str() == Some(DAEMON)) {
        refine_daemon(prior, planned);
    }
    let Some(prior) = prior else { return };
    // The service can go from some capacity providers to others with a new deployment, but not to or from none.
    let is_given = |value: Option<Value>| value.is_some_and(|value| value.is_known() && !is_empty(&value));
    let strategy = "capacity_provider_strategy";
    if deploys_anew && is_given(prior.get(strategy)) && is_given(planned.get(strategy)) {
        replace.retain(|path| path.names() != strategy);
    }
    // Triggers start a new deployment; where none is to be started they do nothing.
    if !deploys_anew && let Some(triggers) = prior.get("triggers") {
        *planned = planned.clone().with("triggers", triggers);
    }
}

/// A daemon has a task on each instance: the number of tasks is the service's, and the percentages are unless they are given.
fn refine_daemon(prior: Option<&Value>, planned: &mut Value) {
    for (name, default) in PERCENTAGES {
        let is_default = planned.get(name).is_some_and(|value| value.reveal().as_i64() == Some(default));
        if is_default {
            let before = prior.and_then(|prior| prior.get(name)).unwrap_or_else(|| Value::null(Type::Number));
            *planned = planned.clone().with(name, before);
        }
    }
    if let Some(count) = prior.and_then(|prior| prior.get("desired_count")) {
        *planned = planned.clone().with("desired_count", count);
    }
}

/// Blocks and, in each, the attributes that are ARNs.
const ARNS: &[(&[&str], &[&str])] = &[
    (&["load_balancer"], &["target_group_arn"]),
    (&["service_registries"], &["registry_arn"]),
    (&["service_connect_configuration", "service", "tls"], &["role_arn"]),
    (&["service_connect_configuration", "service", "tls", "issuer_cert_authority"], &["aws_pca_authority_arn"]),
    (&["volume_configuration", "managed_ebs_volume"], &["role_arn"]),
    (&["vpc_lattice_configurations"], &["role_arn", "target_group_arn"]),
];

pub fn validate(config: &Value) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (blocks, attributes) in ARNS {
        each(config, &Path::root(), blocks, &mut |path, block| {
            for attribute in *attributes {
                if let Some(value) = block.get(attribute) {
                    arn::check(path.child(Step::Attribute((*attribute).into())), &value, &mut refusals);
                }
            }
        });
    }
    refusals
}

/// Visits the blocks that the names lead to.
fn each(value: &Value, path: &Path, names: &[&str], visit: &mut dyn FnMut(&Path, &Value)) {
    let Some((name, rest)) = names.split_first() else { return visit(path, value) };
    let path = path.child(Step::Attribute((*name).into()));
    if let Some(blocks) = value.get(name) {
        blocks.each_child(|step, block| each(block, &path.child(step), rest, visit));
    }
}
