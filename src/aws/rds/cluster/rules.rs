//! Checks of clusters that data can't state.

use model::path::{Path, Step};
use model::value::Value;
use provider::resource::Refusal;

use crate::rds::db_instance::rules::{
    Check, arn, backup_window, identifier, identifier_prefix, maintenance_window, refusals, restore_time,
    snapshot_identifier,
};

const CHECKS: [(&str, Check); 8] = [
    ("cluster_identifier", cluster_identifier),
    ("cluster_identifier_prefix", identifier_prefix),
    ("final_snapshot_identifier", snapshot_identifier),
    ("kms_key_id", arn),
    ("monitoring_role_arn", arn),
    ("performance_insights_kms_key_id", arn),
    ("preferred_backup_window", backup_window),
    ("preferred_maintenance_window", maintenance_window),
];

/// The most characters of an identifier (Amazon RDS API Reference, `CreateDBCluster`).
pub const IDENTIFIER_LENGTH_MAX: usize = 63;

/// The most zones of a cluster (same source).
const ZONES_MAX: usize = 3;

/// Seconds between two measurements, zero for none (same source).
pub const MONITORING_INTERVALS: [i64; 7] = [0, 1, 5, 10, 15, 30, 60];

pub fn validate(config: &Value) -> Vec<Refusal> {
    let mut found: Vec<Refusal> =
        CHECKS.into_iter().flat_map(|(attribute, check)| refusals(config, attribute, check)).collect();
    for time in blocks(config, "restore_to_point_in_time").iter().filter_map(|block| block.get("restore_to_time")) {
        let detail = time.reveal().as_str().and_then(restore_time);
        found.extend(detail.map(|detail| refusal(Path::attribute("restore_to_point_in_time"), detail)));
    }
    let zones = config.get("availability_zones").and_then(|zones| zones.reveal().length()).unwrap_or_default();
    if zones > ZONES_MAX {
        let detail = format!("A cluster is in {ZONES_MAX} availability zones, not in {zones}.");
        found.push(refusal(Path::attribute("availability_zones"), detail));
    }
    found.extend(number(config, "monitoring_interval").and_then(|seconds| interval("monitoring_interval", seconds)));
    found.extend(capacities(config));
    found
}

fn cluster_identifier(text: &str) -> Option<String> {
    identifier(text).or_else(|| too_long(text))
}

pub fn too_long(text: &str) -> Option<String> {
    (text.len() > IDENTIFIER_LENGTH_MAX)
        .then(|| format!("It has {} characters; at most {IDENTIFIER_LENGTH_MAX} are allowed.", text.len()))
}

pub fn interval(attribute: &str, seconds: i64) -> Option<Refusal> {
    let is_allowed = MONITORING_INTERVALS.contains(&seconds);
    let allowed = MONITORING_INTERVALS.map(|allowed| allowed.to_string()).join(", ");
    let detail = format!("It is {seconds} seconds, and must be one of {allowed}.");
    (!is_allowed).then(|| refusal(Path::attribute(attribute), detail))
}

/// Capacities go in steps of a half, and the least is not above the most (`ServerlessV2ScalingConfiguration`).
fn capacities(config: &Value) -> Vec<Refusal> {
    let block = "serverlessv2_scaling_configuration";
    let mut found = Vec::new();
    for (index, scaling) in blocks(config, block).iter().enumerate() {
        let path = Path::attribute(block).child(Step::Index(index));
        let capacity = |name: &str| {
            let number = scaling.get(name)?;
            number.reveal().as_number().and_then(|number| number.to_string().parse::<f64>().ok())
        };
        for name in ["min_capacity", "max_capacity"] {
            if capacity(name).is_some_and(|capacity| (capacity * 2.0).fract() != 0.0) {
                let path = path.child(Step::Attribute(name.into()));
                found.push(refusal(path, "Capacities go in steps of 0.5.".into()));
            }
        }
        if let (Some(least), Some(most)) = (capacity("min_capacity"), capacity("max_capacity"))
            && least > most
        {
            found.push(refusal(path.clone(), format!("The least capacity, {least}, is above the most, {most}.")));
        }
    }
    found
}

fn blocks(config: &Value, name: &str) -> Vec<Value> {
    config.get(name).and_then(|blocks| blocks.reveal().items().map(<[Value]>::to_vec)).unwrap_or_default()
}

pub fn number(config: &Value, name: &str) -> Option<i64> {
    config.get(name)?.reveal().as_i64()
}

pub fn refusal(attribute: Path, detail: String) -> Refusal {
    Refusal { summary: format!("invalid value for {}", attribute.names()), attribute, detail }
}
