//! Plan rules and checks of groups that data can't state.

use model::path::Path;
use model::value::Value;
use provider::propose::is_empty;
use provider::resource::{Refine, Refusal};

use crate::arn;
use crate::elasticache::replication_group::version;
use crate::rds::db_instance::rules::{backup_window, maintenance_window};

/// Amazon ElastiCache API Reference, `CreateReplicationGroup`: `AuthToken`.
const TOKEN_LENGTH: std::ops::RangeInclusive<usize> = 16..=128;
const TOKEN_FORBIDDEN: [char; 3] = ['/', '"', '@'];

/// An engine goes back to none of the versions, nor to the other engine, in place.
pub fn refine(refine: Refine<'_>) {
    let Refine { prior, planned, replace, .. } = refine;
    let Some(prior) = prior else { return };
    let (path, engine) = (Path::attribute("engine_version"), Path::attribute("engine"));
    replace.retain(|replaced| *replaced != path && *replaced != engine);
    let text = |object: &Value, name: &str| text(object, name).unwrap_or_default();
    let (from, to) = (text(prior, "engine"), text(planned, "engine"));
    let is_back = from == "valkey" && to == "redis";
    if is_back {
        replace.push(engine);
    }
    let (before, after) = (text(prior, "engine_version"), text(planned, "engine_version"));
    if (is_back && before != after) || (!before.is_empty() && !after.is_empty() && version::is_older(&after, &before)) {
        replace.push(path);
    }
}

pub fn validate(config: &Value) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let mut refuse = |name: &str, detail: Option<String>| {
        let attribute = Path::attribute(name);
        refusals.extend(detail.map(|detail| Refusal {
            summary: format!("invalid value for {name}"),
            attribute,
            detail,
        }));
    };
    let check = |name: &str, check: fn(&str) -> Option<String>| text(config, name).and_then(|text| check(&text));
    refuse("replication_group_id", check("replication_group_id", id_mistake));
    refuse("description", check("description", |text| text.is_empty().then(|| "The description is empty.".into())));
    refuse("engine_version", check("engine_version", version_mistake));
    refuse("maintenance_window", check("maintenance_window", maintenance_window));
    refuse("snapshot_window", check("snapshot_window", backup_window));
    refuse("auth_token", check("auth_token", token_mistake));
    for name in ["at_rest_encryption_enabled", "auto_minor_version_upgrade"] {
        refuse(name, check(name, flag_mistake));
    }
    let on = |name: &str| config.get(name).is_some_and(|value| value.reveal().as_bool() == Some(true));
    let number = |name: &str| config.get(name).and_then(|value| value.reveal().as_i64());
    let is_alone = number("num_cache_clusters").is_some_and(|count| count < 2);
    if on("automatic_failover_enabled") && is_alone {
        let detail = "A failover needs a replica: at least 2 members in `num_cache_clusters`.".to_string();
        refuse("automatic_failover_enabled", Some(detail));
    }
    let has_no_failover =
        config.get("automatic_failover_enabled").is_none_or(|value| value.is_known() && is_empty(&value));
    if on("multi_az_enabled") && has_no_failover {
        let detail = "It needs `automatic_failover_enabled = true`.".to_string();
        refuse("multi_az_enabled", Some(detail));
    }
    if let Some(topic) = config.get("notification_topic_arn") {
        arn::check(Path::attribute("notification_topic_arn"), &topic, &mut refusals);
    }
    if let Some(snapshots) = config.get("snapshot_arns") {
        let path = Path::attribute("snapshot_arns");
        snapshots.each_child(|step, snapshot| arn::check(path.child(step), snapshot, &mut refusals));
    }
    refusals
}

fn id_mistake(text: &str) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some("It must begin with a letter.".into());
    }
    if !text.chars().all(is_allowed) {
        return Some("Only letters, digits and hyphens are allowed.".into());
    }
    if text.contains("--") || text.ends_with('-') {
        return Some("It can't end with a hyphen or hold two in a row.".into());
    }
    None
}

fn version_mistake(text: &str) -> Option<String> {
    let detail = || format!("`{text}` is no version: write `7.1`, `6.x`, or all three numbers up to version 5.");
    (!text.is_empty() && !version::is_version(text)).then(detail)
}

fn token_mistake(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    // The token itself is never said.
    let is_allowed = |c: char| ('!'..='~').contains(&c) && !TOKEN_FORBIDDEN.contains(&c);
    let is_token = TOKEN_LENGTH.contains(&text.len()) && text.chars().all(is_allowed);
    (!is_token).then(|| "A token has 16 to 128 printable characters, none of them `/`, `\"`, `@` or a space.".into())
}

fn flag_mistake(text: &str) -> Option<String> {
    (!matches!(text, "" | "true" | "false" | "0" | "1")).then(|| format!("`{text}` is neither `true` nor `false`."))
}

fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name)?.reveal().as_str().map(str::to_string)
}
