//! Amazon Resource Names: their parts, and what is wrong with one.

use model::path::Path;
use model::value::Value;
use provider::resource::Refusal;

/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`
pub fn is_arn(text: &str) -> bool {
    text.starts_with("arn:") && text.split(':').count() >= 6
}

/// What follows the first slash: `main` of `arn:aws:ecs:..:cluster/main`; all of a text without a slash.
pub fn name(arn: &str) -> &str {
    arn.split_once('/').map_or(arn, |(_, name)| name)
}

/// Checks that every text of an attribute is an ARN; empty and unknown ones pass.
pub fn check(path: Path, value: &Value, refusals: &mut Vec<Refusal>) {
    let Some(text) = value.reveal().as_str().filter(|text| !text.is_empty()) else { return };
    if let Some(reason) = mistake(text) {
        refusals.push(Refusal {
            summary: format!("\"{}\" ({text}) is an invalid ARN: {reason}", path.names()),
            detail: "An ARN has the form `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.".into(),
            attribute: path,
        });
    }
}

fn mistake(text: &str) -> Option<&'static str> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [prefix, partition, _service, region, account, resource] = parts.as_slice() else {
        return Some(if text.starts_with("arn:") {
            "it has not enough sections"
        } else {
            "it does not begin with `arn:`"
        });
    };
    if *prefix != "arn" {
        return Some("it does not begin with `arn:`");
    }
    if !partition.starts_with("aws") {
        return Some("there is no such partition");
    }
    if !region.is_empty() && !is_region(region) {
        return Some("there is no such region");
    }
    if !is_account(account) {
        return Some("an account is twelve digits");
    }
    resource.is_empty().then_some("it names no resource")
}

/// `eu-west-1`, `us-gov-east-1`
fn is_region(region: &str) -> bool {
    let mut words = region.split('-');
    words.clone().count() >= 3
        && words.next_back().is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
        && words.all(|word| word.bytes().all(|letter| letter.is_ascii_lowercase()))
}

/// Twelve digits, or one of the names under which AWS itself owns things; empty for what has no account.
fn is_account(account: &str) -> bool {
    account.is_empty()
        || matches!(account, "aws" | "aws-managed" | "third-party" | "aws-marketplace")
        || (account.len() == 12 && account.starts_with("cw"))
        || (account.len() == 12 && account.bytes().all(|digit| digit.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_follows_the_slashes() {
        assert_eq!(name("arn:aws:ecs:us-east-1:123456789012:cluster/main"), "main");
        assert_eq!(name("main"), "main");
    }

    #[test]
    fn arns_are_checked_part_by_part() {
        for right in [
            "arn:aws:iam::123456789012:role/x",
            "arn:aws:iam::aws:policy/x",
            "arn:aws-us-gov:ecs:us-gov-east-1:123456789012:cluster/a",
        ] {
            assert_eq!(mistake(right), None, "{right}");
        }
        for wrong in
            ["role", "arn:aws:iam", "arn:aws:iam::1:role/x", "arn:x:iam::123456789012:role/x", "arn:aws:iam:::"]
        {
            assert!(mistake(wrong).is_some(), "{wrong}");
        }
    }
}
