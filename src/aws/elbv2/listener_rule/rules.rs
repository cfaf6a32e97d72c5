//! Which configurations of a rule are refused.

use ipnet::IpNet;
use model::path::Path;
use model::value::Value;
use provider::resource::Refusal;

use crate::elbv2::{action, plan, validate};
use crate::refusals;

/// What a condition can look at: exactly one of these.
const KINDS: [&str; 6] =
    ["host_header", "http_header", "http_request_method", "path_pattern", "query_string", "source_ip"];
/// Kinds that a rule can have one condition of, by CreateRule's reference (`Conditions`).
const ONCE: [&str; 4] = ["host_header", "http_request_method", "path_pattern", "source_ip"];
/// The longest name of a header or method.
const NAME_MAX: usize = 40;
/// The longest key or value in a query.
const QUERY_MAX: usize = 128;
/// What the priority of a listener's default rule is in states.
pub(super) const DEFAULT_PRIORITY: i32 = 99_999;

pub(super) fn validate(config: &Value) -> Vec<Refusal> {
    let mut refusals: Vec<Refusal> = validate::arn(config, &Path::root(), "listener_arn").into_iter().collect();
    let priority = config.get("priority").and_then(|priority| priority.reveal().as_i64());
    if let Some(priority) = priority.filter(|p| !(1..=50_000).contains(p) && *p != i64::from(DEFAULT_PRIORITY)) {
        let detail = format!("It must be a number from 1 to 50000, not {priority}.");
        refusals.push(refusals::refusal(Path::attribute("priority"), "invalid value for priority", detail));
    }
    refusals.extend(action::rules::of_all(config, "action"));
    let conditions = refusals::blocks(config, &Path::root(), "condition");
    for (path, condition) in &conditions {
        refusals.extend(of_condition(path, condition));
    }
    let is_of = |kind: &str| conditions.iter().filter(|(_, condition)| !refusals::is_missing(condition, kind)).count();
    refusals.extend(ONCE.iter().filter(|kind| is_of(kind) > 1).map(|kind| {
        let detail = format!("A rule can have one condition with `{kind}`; put all values into it.");
        refusals::refusal(Path::attribute("condition"), format!("several conditions with {kind}"), detail)
    }));
    refusals
}

fn of_condition(at: &Path, condition: &Value) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let given = KINDS.iter().filter(|kind| !refusals::is_missing(condition, kind)).count();
    if given != 1 {
        let detail = format!("A condition has exactly one of these: `{}`.", KINDS.join("`, `"));
        refusals.push(refusals::refusal(at.clone(), "not one kind of condition", detail));
    }
    for kind in ["host_header", "http_header", "http_request_method", "path_pattern", "source_ip"] {
        for (path, block) in refusals::blocks(condition, at, kind) {
            if block.get("values").is_some_and(|values| values.reveal().length() == Some(0)) {
                let detail = format!("`{kind}` needs at least one value.");
                refusals.push(refusals::refusal(refusals::child(&path, "values"), "no values", detail));
            }
        }
    }
    for (path, header) in refusals::blocks(condition, at, "http_header") {
        refusals.extend(header_name(&path, &header));
    }
    for (path, methods) in refusals::blocks(condition, at, "http_request_method") {
        let is_method = |text: &str| {
            (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase() || b"-_".contains(&b))
        };
        let what = "a method in capital letters of at most 40 characters, such as `GET`";
        refusals.extend(each_value(&path, &methods, is_method, what));
    }
    for (path, networks) in refusals::blocks(condition, at, "source_ip") {
        let is_network = |text: &str| text.parse::<IpNet>().is_ok();
        refusals.extend(each_value(&path, &networks, is_network, "a network, such as `10.0.0.0/8`"));
    }
    for (path, pair) in refusals::blocks(condition, at, "query_string") {
        for name in ["key", "value"] {
            let is_long = plan::text(&pair, name).is_some_and(|text| text.chars().count() > QUERY_MAX);
            refusals.extend(is_long.then(|| {
                let detail = format!("It can have at most {QUERY_MAX} characters.");
                refusals::refusal(refusals::child(&path, name), format!("invalid value for {name}"), detail)
            }));
        }
    }
    refusals
}

/// A header is named by a token (RFC 9110, 5.6.2) of at most 40 characters.
fn header_name(at: &Path, header: &Value) -> Option<Refusal> {
    let name = plan::text(header, "http_header_name")?;
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let is_name = (1..=NAME_MAX).contains(&name.len()) && name.chars().all(is_token);
    let detail = format!("It must be the name of a header with at most {NAME_MAX} characters, not `{name}`.");
    let path = refusals::child(at, "http_header_name");
    (!is_name).then(|| refusals::refusal(path, "invalid value for http_header_name", detail))
}

fn each_value(at: &Path, block: &Value, is_valid: impl Fn(&str) -> bool, what: &str) -> Vec<Refusal> {
    let Some(values) = block.get("values") else { return Vec::new() };
    let values = values.reveal().items().unwrap_or_default();
    let wrong = values.iter().filter_map(|value| value.reveal().as_str()).filter(|text| !is_valid(text));
    let refuse = |text: &str| {
        let detail = format!("It must be {what}, not `{text}`.");
        refusals::refusal(refusals::child(at, "values"), "invalid value for values", detail)
    };
    wrong.map(refuse).collect()
}
