//! What AWS refuses of a bucket, and what means the same although it is written differently.

use std::net::Ipv4Addr;

use model::path::Path;
use model::value::Value;
use provider::resource::Refusal;

use crate::{policy, s3};

/// Buckets' names have 3 to 63 characters: Amazon S3 User Guide, "General purpose bucket naming rules".
const NAME_LENGTH: std::ops::RangeInclusive<usize> = 3..=63;

/// Beginnings and ends that AWS keeps for names it makes itself (same source).
const RESERVED_PREFIXES: [&str; 4] = ["xn--", "sthree-", "amzn-s3-demo-", "aws-s3-"];
const RESERVED_SUFFIXES: [&str; 4] = ["-s3alias", "--ol-s3", ".mrap", "--x-s3"];

pub fn is_equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
    match attribute {
        "policy" => policy::is_equivalent_value(prior, config),
        "website.routing_rules" => match (prior.reveal().as_str(), config.reveal().as_str()) {
            (Some(prior), Some(config)) => policy::is_same_json(prior, config),
            (Some(_), None) | (None, Some(_)) | (None, None) => false,
        },
        _ => false,
    }
}

pub fn validate(config: &Value) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if let Some(name) = config.get("bucket").as_ref().and_then(|name| name.reveal().as_str())
        && let Some(detail) = mistake(name)
    {
        refusals.push(refusal("bucket", detail));
    }
    refusals.extend(s3::bucket_policy::refuse(config, "policy"));
    refusals
}

fn refusal(attribute: &str, detail: String) -> Refusal {
    Refusal { attribute: Path::attribute(attribute), summary: format!("invalid value for {attribute}"), detail }
}

/// What is wrong with the name of a bucket.
fn mistake(name: &str) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let is_edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    if name.is_empty() {
        // As if it were not given: a name is made up.
        return None;
    }
    if !NAME_LENGTH.contains(&name.len()) {
        return Some(format!("It has {} characters; a bucket's name has 3 to 63.", name.len()));
    }
    if !name.chars().all(is_allowed) {
        return Some("Only lower-case letters, digits, `-` and `.` are allowed.".into());
    }
    if !name.starts_with(is_edge) || !name.ends_with(is_edge) {
        return Some("It must begin and end with a letter or a digit.".into());
    }
    if name.contains("..") {
        return Some("Two dots may not follow each other.".into());
    }
    if name.parse::<Ipv4Addr>().is_ok() {
        return Some("It may not look like an IP address.".into());
    }
    if let Some(prefix) = RESERVED_PREFIXES.iter().find(|prefix| name.starts_with(**prefix)) {
        return Some(format!("AWS keeps names that begin with `{prefix}` for itself."));
    }
    let suffix = RESERVED_SUFFIXES.iter().find(|suffix| name.ends_with(**suffix))?;
    Some(format!("AWS keeps names that end with `{suffix}` for itself."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_held_against_the_rules_of_buckets() {
        for right in ["logs", "my.logs-2", "a1b", ""] {
            assert_eq!(mistake(right), None, "{right}");
        }
        for wrong in ["ab", "Logs", "a_b", "-abc", "abc-", "a..b", "192.168.0.1", "xn--abc", "abc-s3alias"] {
            assert!(mistake(wrong).is_some(), "{wrong}");
        }
    }
}
