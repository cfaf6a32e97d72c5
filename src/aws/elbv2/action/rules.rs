//! Which actions are refused.

use model::path::Path;
use model::value::Value;
use provider::resource::Refusal;

use crate::elbv2::{plan, validate};
use crate::refusals;

/// The types of actions that answer a request or pass it on: nothing can come after one.
const LAST: [&str; 3] = ["forward", "redirect", "fixed-response"];

/// Actions, each on its own and all in their order: exactly one ends them, and it is the last.
///
/// CreateRule and ModifyRule refuse others, by their reference (`Actions`).
pub fn of_all(config: &Value, name: &str) -> Vec<Refusal> {
    let actions = refusals::blocks(config, &Path::root(), name);
    let mut refusals: Vec<Refusal> = actions.iter().flat_map(|(path, action)| of_one(path, action)).collect();
    refusals.extend(order(&actions));
    refusals
}

/// An action has what its type asks for, and nothing that contradicts it.
pub fn of_one(at: &Path, action: &Value) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    refusals.extend(validate::arn(action, at, "target_group_arn"));
    for (path, forward) in refusals::blocks(action, at, "forward") {
        for (path, group) in refusals::blocks(&forward, &path, "target_group") {
            refusals.extend(validate::arn(&group, &path, "arn"));
        }
    }
    for (path, cognito) in refusals::blocks(action, at, "authenticate_cognito") {
        refusals.extend(validate::arn(&cognito, &path, "user_pool_arn"));
    }
    for (path, response) in refusals::blocks(action, at, "fixed_response") {
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
    refusals::is_missing(action, block).then(|| {
        let detail = format!("An action of type `{kind}` needs a block `{block}`.");
        refusals::refusal(refusals::child(at, block), "Missing required argument", detail)
    })
}

/// Either one target group, or a block with up to five of them; both only if they say the same.
fn forward_rules(at: &Path, action: &Value) -> Option<Refusal> {
    let refuse =
        |summary: &str, detail: &str| Some(refusals::refusal(refusals::child(at, "target_group_arn"), summary, detail));
    match (refusals::is_missing(action, "target_group_arn"), refusals::is_missing(action, "forward")) {
        (true, true) => {
            let detail = "An action of type `forward` needs a `target_group_arn` or a block `forward`.";
            refuse("Missing required argument", detail)
        }
        (false, false) => {
            let group = plan::text(action, "target_group_arn")?;
            let (path, forward) = refusals::blocks(action, at, "forward").into_iter().next()?;
            let groups = refusals::blocks(&forward, &path, "target_group");
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
    let path = refusals::child(at, "status_code");
    (!is_code).then(|| refusals::refusal(path, "invalid value for status_code", detail()))
}

/// Refuses an action behind one that ends them, and a last one that doesn't. Says nothing while a type or order is unknown.
fn order(actions: &[(Path, Value)]) -> Option<Refusal> {
    let mut placed = Vec::with_capacity(actions.len());
    for (place, (path, action)) in (1..).zip(actions) {
        let order = action.get("order").filter(|order| !order.is_null());
        let order = match order {
            Some(order) => order.reveal().as_i64()?,
            None => place,
        };
        placed.push((order, path, plan::text(action, "type")?));
    }
    placed.sort_by_key(|(order, _, _)| *order);
    let (_, last_path, last) = placed.last()?;
    if !LAST.contains(&last.as_str()) {
        let detail = format!("The last action must be of type `{}`, not `{last}`.", LAST.join("`, `"));
        return Some(refusals::refusal(refusals::child(last_path, "type"), "nothing follows the action", detail));
    }
    let (_, path, kind) = placed[..placed.len() - 1].iter().find(|(_, _, kind)| LAST.contains(&kind.as_str()))?;
    let detail = format!("An action of type `{kind}` ends what is done with a request, so it must be the last one.");
    Some(refusals::refusal(refusals::child(path, "type"), "the action behind it is never reached", detail))
}

#[cfg(test)]
mod tests {
    use model::ty::Type;

    use super::*;

    fn refused(kinds: &[&str]) -> Vec<String> {
        let action = |kind: &&str| {
            let group = if *kind == "forward" { Value::string("arn:a:b:c:d:e") } else { Value::null(Type::String) };
            let block = || Value::list(Type::Bool, vec![Value::bool(true)]);
            let names = ["redirect", "fixed_response", "authenticate_cognito", "authenticate_oidc"];
            let blocks = names.map(|name| (name.to_string(), block()));
            Value::object(
                [("type".into(), Value::string(*kind)), ("target_group_arn".into(), group)].into_iter().chain(blocks),
            )
        };
        let actions: Vec<Value> = kinds.iter().map(action).collect();
        let config = Value::object([("action".to_string(), Value::tuple(actions))]);
        of_all(&config, "action").into_iter().map(|refusal| refusal.summary).collect()
    }

    #[test]
    fn what_answers_a_request_comes_last() {
        assert!(refused(&["authenticate-oidc", "forward"]).is_empty());
        assert_eq!(refused(&["authenticate-oidc"]), ["nothing follows the action"]);
        assert_eq!(refused(&["redirect", "forward"]), ["the action behind it is never reached"]);
    }
}
