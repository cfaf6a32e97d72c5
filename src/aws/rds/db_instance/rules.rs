//! Plan rules and checks of instances that data can't state.

use jiff::Timestamp;
use model::path::Path;
use model::ty::Type;
use model::value::Value;
use provider::resource::{Refine, Refusal};

use crate::rds::db_instance::live::is_same_source;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// What is wrong with a value, as a sentence.
pub type Check = fn(&str) -> Option<String>;

const CHECKS: [(&str, Check); 12] = [
    ("backup_window", backup_window),
    ("custom_iam_instance_profile", custom_profile),
    ("domain_auth_secret_arn", arn),
    ("final_snapshot_identifier", snapshot_identifier),
    ("identifier", identifier),
    ("identifier_prefix", identifier_prefix),
    ("kms_key_id", arn),
    ("maintenance_window", maintenance_window),
    ("monitoring_role_arn", arn),
    ("performance_insights_kms_key_id", arn),
    ("domain_dns_ips", address),
    ("restore_to_point_in_time", restore_time),
];

pub fn validate(config: &Value) -> Vec<Refusal> {
    CHECKS.into_iter().flat_map(|(attribute, check)| refusals(config, attribute, check)).collect()
}

/// Texts of the attribute itself, of its elements, or of the time in its block.
pub fn refusals(config: &Value, attribute: &str, check: Check) -> Vec<Refusal> {
    let Some(value) = config.get(attribute) else { return Vec::new() };
    let texts: Vec<Value> = match value.reveal().items() {
        Some(items) if attribute == "restore_to_point_in_time" => {
            items.iter().filter_map(|block| block.get("restore_time")).collect()
        }
        Some(items) => items.to_vec(),
        None => vec![value],
    };
    let details = texts.iter().filter_map(|text| text.reveal().as_str().and_then(check));
    let refusal = |detail| Refusal {
        attribute: Path::attribute(attribute),
        summary: format!("invalid value for {attribute}"),
        detail,
    };
    details.map(refusal).collect()
}

pub fn identifier(text: &str) -> Option<String> {
    if text.is_empty() {
        return Some("The identifier is empty.".into());
    }
    lower_case(text).or_else(|| hyphens(text)).or_else(|| last_hyphen(text))
}

pub fn identifier_prefix(text: &str) -> Option<String> {
    if text.is_empty() { None } else { lower_case(text).or_else(|| hyphens(text)) }
}

pub fn snapshot_identifier(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some("It must begin with a letter.".into());
    }
    if !text.chars().all(is_allowed) {
        return Some("Only letters, digits and hyphens are allowed.".into());
    }
    hyphens(text).or_else(|| last_hyphen(text))
}

fn lower_case(text: &str) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if !text.chars().all(is_allowed) {
        return Some("Only lower-case letters, digits and hyphens are allowed.".into());
    }
    (!text.starts_with(|c: char| c.is_ascii_lowercase())).then(|| "It must begin with a letter.".into())
}

fn hyphens(text: &str) -> Option<String> {
    text.contains("--").then(|| "It can't hold two hyphens in a row.".into())
}

fn last_hyphen(text: &str) -> Option<String> {
    text.ends_with('-').then(|| "It can't end with a hyphen.".into())
}

pub fn backup_window(text: &str) -> Option<String> {
    let is_window = text.is_empty() || text.split_once('-').is_some_and(|(from, to)| is_time(from) && is_time(to));
    (!is_window).then(|| "A window is written `hh:mm-hh:mm`, in UTC: `03:00-04:00`.".into())
}

pub fn maintenance_window(text: &str) -> Option<String> {
    let is_moment = |moment: &str| {
        moment
            .split_once(':')
            .is_some_and(|(day, time)| DAYS.contains(&day.to_ascii_lowercase().as_str()) && is_time(time))
    };
    let is_window = text.is_empty() || text.split_once('-').is_some_and(|(from, to)| is_moment(from) && is_moment(to));
    (!is_window).then(|| "A window is written `ddd:hh:mm-ddd:hh:mm`, in UTC: `sun:04:00-sun:05:00`.".into())
}

/// `hh:mm` of a day of 24 hours.
fn is_time(text: &str) -> bool {
    let part = |part: &str, limit: u8| {
        part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit()) && part.parse::<u8>().is_ok_and(|n| n < limit)
    };
    text.split_once(':').is_some_and(|(hour, minute)| part(hour, 24) && part(minute, 60))
}

/// `arn:partition:service:region:account:resource`; nothing is said of an empty text.
pub fn arn(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let is_arn = match parts.as_slice() {
        ["arn", partition, service, _, _, resource] => {
            partition.starts_with("aws") && !service.is_empty() && !resource.is_empty()
        }
        _ => false,
    };
    (!text.is_empty() && !is_arn).then(|| format!("`{text}` is no ARN: those begin with `arn:`."))
}

pub fn custom_profile(text: &str) -> Option<String> {
    (!text.starts_with("AWSRDSCustom")).then(|| "Its name must begin with `AWSRDSCustom`.".into())
}

fn address(text: &str) -> Option<String> {
    text.parse::<std::net::IpAddr>().is_err().then(|| format!("`{text}` is no IP address."))
}

pub fn restore_time(text: &str) -> Option<String> {
    let is_time = text.is_empty() || text.parse::<Timestamp>().is_ok();
    (!is_time).then(|| format!("`{text}` is no time such as `2024-05-01T12:00:00Z`."))
}

/// See [`Resource::equivalent`](provider::resource::Resource::equivalent).
pub fn is_equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
    match (attribute, prior.reveal().as_str(), config.reveal().as_str()) {
        ("replicate_source_db", Some(prior), Some(config)) => is_same_source(prior, config),
        _ => false,
    }
}

pub fn refine(refine: Refine<'_>) {
    let Some(prior) = refine.prior else { return };
    keep_grown_storage(prior, refine.planned);
    forget_made_up_identifier(prior, refine.config, refine.planned);
}

/// Where storage may grow by itself, less than there is means that it has grown.
fn keep_grown_storage(prior: &Value, planned: &mut Value) {
    let number = |object: &Value, name: &str| object.get(name).and_then(|value| value.reveal().as_i64());
    let may_grow = number(planned, "max_allocated_storage").is_some_and(|limit| limit > 0);
    let (Some(there_is), Some(wanted)) = (number(prior, "allocated_storage"), number(planned, "allocated_storage"))
    else {
        return;
    };
    if may_grow && wanted < there_is {
        *planned = planned.clone().with("allocated_storage", Value::number(there_is));
    }
}

/// A new prefix makes a new identifier, which only the apply tells.
fn forget_made_up_identifier(prior: &Value, config: &Value, planned: &mut Value) {
    let is_made_up = config.get("identifier").is_none_or(|identifier| identifier.is_null());
    let prefix = config.get("identifier_prefix").filter(|prefix| !prefix.is_null());
    if is_made_up && prefix.is_some() && prior.get("identifier_prefix") != planned.get("identifier_prefix") {
        *planned = planned.clone().with("identifier", Value::unknown(Type::String));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_have_two_times_of_the_day() {
        for window in ["04:00-04:15", "23:45-00:15", ""] {
            assert_eq!(backup_window(window), None, "{window}");
        }
        for window in ["4:00-04:30", "24:00-24:30", "04:00", "04:60-05:00", "mon:04:00-mon:04:30"] {
            assert!(backup_window(window).is_some(), "{window}");
        }
        assert_eq!(maintenance_window("Sun:05:00-sun:06:00"), None);
        for window in ["05:00-06:00", "sunday:05:00-sunday:06:00", "sun:5:00-sun:6:00"] {
            assert!(maintenance_window(window).is_some(), "{window}");
        }
    }

    #[test]
    fn arns_have_six_parts() {
        assert_eq!(arn("arn:aws-cn:kms:cn-north-1:123456789012:key/1"), None);
        for text in ["x", "alias/x", "arn:aws:kms", "arn:aws:kms:::"] {
            assert!(arn(text).is_some(), "{text}");
        }
    }
}
