//! Which configurations of a listener are refused.

use model::path::Path;
use model::value::Value;
use provider::resource::Refusal;

use crate::elbv2::{plan, validate};

pub(super) fn validate(config: &Value) -> Vec<Refusal> {
    let root = Path::root();
    let mut refusals: Vec<Refusal> =
        ["load_balancer_arn", "certificate_arn"].iter().filter_map(|name| validate::arn(config, &root, name)).collect();
    let port = config.get("port").and_then(|port| port.reveal().as_i64());
    if let Some(port) = port.filter(|port| !(1..=65535).contains(port)) {
        let detail = format!("It must be a port from 1 to 65535, not {port}.");
        refusals.push(validate::refusal(Path::attribute("port"), "invalid value for port", detail));
    }
    for (path, authentication) in validate::blocks(config, &root, "mutual_authentication") {
        refusals.extend(validate::arn(&authentication, &path, "trust_store_arn"));
    }
    for (path, action) in validate::blocks(config, &root, "default_action") {
        refusals.extend(action_rules(&path, &action));
    }
    refusals
}

/// An action has what its type asks for, and nothing that contradicts it.
fn action_rules(at: &Path, action: &Value) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    refusals.extend(validate::arn(action, at, "target_group_arn"));
    for (path, forward) in validate::blocks(action, at, "forward") {
        for (path, group) in validate::blocks(&forward, &path, "target_group") {
            refusals.extend(validate::arn(&group, &path, "arn"));
        }
    }
    for (path, cognito) in validate::blocks(action, at, "authenticate_cognito") {
        refusals.extend(validate::arn(&cognito, &path, "user_pool_arn"));
    }
    for (path, response) in validate::blocks(action, at, "fixed_response") {
        refusals.extend(status_code(&path, &response));
    }
    let Some(kind) = plan::text(action, "type") else { return refusals };
    match kind.as_str() {
        "forward" => refusals.extend(forward_rules(at, action)),
        "redirect" => refusals.extend(required(at, action, &kind, "redirect")),
        "fixed-response" => refusals.extend(required(at, action, &kind, "fixed_response")),
        "authenticate-cognito" => refusals.extend(required(at, action, &kind, "authenticate_cognito")),
        "authenticate-oidc" => refusals.extend(required(at, action, &kind, "authenticate_oidc")),
        _ => {}
    }
    refusals
}

fn required(at: &Path, action: &Value, kind: &str, block: &str) -> Option<Refusal> {
    validate::is_missing(action, block).then(|| {
        let detail = format!("An action of type `{kind}` needs a block `{block}`.");
        validate::refusal(validate::child(at, block), "Missing required argument", detail)
    })
}

/// Either one target group, or a block with up to five of them; both only if they say the same.
fn forward_rules(at: &Path, action: &Value) -> Option<Refusal> {
    let refuse =
        |summary: &str, detail: &str| Some(validate::refusal(validate::child(at, "target_group_arn"), summary, detail));
    match (validate::is_missing(action, "target_group_arn"), validate::is_missing(action, "forward")) {
        (true, true) => {
            let detail = "An action of type `forward` needs a `target_group_arn` or a block `forward`.";
            refuse("Missing required argument", detail)
        }
        (false, false) => {
            let group = plan::text(action, "target_group_arn")?;
            let (path, forward) = validate::blocks(action, at, "forward").into_iter().next()?;
            let groups = validate::blocks(&forward, &path, "target_group");
            let is_other = groups.iter().any(|(_, other)| plan::text(other, "arn").is_some_and(|arn| arn != group));
            let detail = "`target_group_arn` and the target group of the block `forward` must be the same one.";
            if is_other || groups.len() > 1 { refuse("Invalid combination of arguments", detail) } else { None }
        }
        (true, false) | (false, true) => None,
    }
}

fn status_code(at: &Path, response: &Value) -> Option<Refusal> {
    let code = plan::text(response, "status_code").filter(|code| !code.is_empty())?;
    let is_code =
        code.len() == 3 && code.starts_with(['2', '4', '5']) && code.bytes().all(|byte| byte.is_ascii_digit());
    let detail = || format!("It must be a status code of the kind 2xx, 4xx or 5xx, not `{code}`.");
    let path = validate::child(at, "status_code");
    (!is_code).then(|| validate::refusal(path, "invalid value for status_code", detail()))
}
