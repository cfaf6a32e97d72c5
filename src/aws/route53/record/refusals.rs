//! What Route 53 refuses of records.

use model::path::{Path, Step};
use model::value::Value;
use provider::propose::is_empty;
use provider::resource::Refusal;

/// Policies, each of which needs a set identifier (Amazon Route 53 API Reference, `ResourceRecordSet`).
const POLICIES: [&str; 7] = [
    "cidr_routing_policy",
    "failover_routing_policy",
    "geolocation_routing_policy",
    "geoproximity_routing_policy",
    "latency_routing_policy",
    "multivalue_answer_routing_policy",
    "weighted_routing_policy",
];

/// Same source.
const WEIGHTS: std::ops::RangeInclusive<i64> = 0..=255;
const SECONDS: std::ops::RangeInclusive<i64> = 0..=2_147_483_647;
const SET_IDENTIFIER_LENGTH_MAX: usize = 128;

pub fn validate(config: &Value) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut refuse = |attribute: Path, detail: String| {
        refusals.push(Refusal { summary: format!("invalid value for {}", attribute.names()), attribute, detail });
    };
    let at = |name: &str| Path::attribute(name);
    if text(config, "zone_id").is_some_and(|zone| zone.trim().is_empty()) {
        refuse(at("zone_id"), "A record belongs to a hosted zone: its id is empty.".into());
    }
    let (alias, records) = (is_written(config, "alias"), is_written(config, "records"));
    if !alias && !records {
        refuse(at("records"), "Either `records` or a block `alias` is required.".into());
    }
    if !alias && records {
        if config.get("records").is_some_and(|records| records.reveal().length() == Some(0)) {
            refuse(at("records"), "There is no value in it.".into());
        }
        match config.get("ttl") {
            Some(ttl) if ttl.is_null() => refuse(at("ttl"), "Records that are no aliases have a time to live.".into()),
            Some(ttl) => {
                if let Some(seconds) = ttl.reveal().as_i64().filter(|seconds| !SECONDS.contains(seconds)) {
                    refuse(at("ttl"), format!("It is {seconds}, and must be a number of seconds."));
                }
            }
            None => {}
        }
    }
    let policies: Vec<&str> = POLICIES.into_iter().filter(|policy| is_set(config, policy)).collect();
    let identifier = config.get("set_identifier").filter(|identifier| !identifier.is_null());
    match (policies.as_slice(), &identifier) {
        ([policy, ..], None) => {
            refuse(
                at(policy),
                format!("`{policy}` needs `set_identifier`, which tells the records of the name apart."),
            );
        }
        ([], Some(identifier)) if identifier.is_known() && !is_empty(identifier) => {
            refuse(at("set_identifier"), "It tells records of a policy apart, and there is no policy.".into());
        }
        ([], Some(_)) | ([], None) | ([_, ..], Some(_)) => {}
    }
    if let Some(length) = text(config, "set_identifier").map(|text| text.chars().count())
        && length > SET_IDENTIFIER_LENGTH_MAX
    {
        refuse(
            at("set_identifier"),
            format!("It has {length} characters; at most {SET_IDENTIFIER_LENGTH_MAX} are allowed."),
        );
    }
    if let Some(blocks) = config.get("weighted_routing_policy") {
        blocks.each_child(|step, block| {
            let weight = block.get("weight").and_then(|weight| weight.reveal().as_i64());
            if let Some(weight) = weight.filter(|weight| !WEIGHTS.contains(weight)) {
                let path = at("weighted_routing_policy").child(step).child(Step::Attribute("weight".into()));
                refuse(path, format!("It is {weight}, and goes from 0 to 255."));
            }
        });
    }
    refusals
}

/// Whether the configuration has the argument or block at all, whatever it says.
fn is_written(config: &Value, name: &str) -> bool {
    config.get(name).is_some_and(|value| match value.reveal().items() {
        Some(items) => name == "records" || !items.is_empty(),
        None => !value.is_null(),
    })
}

/// Whether a policy is asked for; one that is unknown yet may not be.
fn is_set(config: &Value, name: &str) -> bool {
    config.get(name).is_some_and(|value| value.is_known() && !is_empty(&value))
}

fn text(config: &Value, name: &str) -> Option<String> {
    config.get(name)?.reveal().as_str().map(str::to_string)
}
