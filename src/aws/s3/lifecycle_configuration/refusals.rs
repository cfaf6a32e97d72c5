//! What S3 refuses of rules.

use std::collections::BTreeSet;

use model::path::{Path, Step};
use model::value::Value;
use provider::propose::is_empty;
use provider::resource::Refusal;

use crate::s3::parse_time;

/// Objects stay at least so many days before they move to these classes: Amazon S3 User Guide, "Transitioning objects
/// using Amazon S3 Lifecycle".
const INFREQUENT: [&str; 2] = ["STANDARD_IA", "ONEZONE_IA"];
const INFREQUENT_DAYS_MIN: i64 = 30;

/// Classes that a rule can move objects to (Amazon S3 API Reference, `Transition`).
const CLASSES: [&str; 6] =
    ["DEEP_ARCHIVE", "GLACIER", "GLACIER_IR", "INTELLIGENT_TIERING", "ONEZONE_IA", "STANDARD_IA"];

/// The conditions of a filter: only one of them (same source, `LifecycleRuleFilter`).
const CONDITIONS: [&str; 5] = ["and", "object_size_greater_than", "object_size_less_than", "prefix", "tag"];

/// Sizes that the service knows: Amazon S3 API Reference, `PutBucketLifecycleConfiguration`.
const SIZES: [&str; 2] = ["all_storage_classes_128K", "varies_by_storage_class"];

pub fn validate(config: &Value) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let size = "transition_default_minimum_object_size";
    if let Some(text) = text(config, size).filter(|text| !SIZES.contains(&text.as_str())) {
        let detail =
            format!("It is `{text}`, and must be one of {}.", SIZES.map(|size| format!("`{size}`")).join(", "));
        refusals.push(refusal(Path::attribute(size), detail));
    }
    let mut names = BTreeSet::new();
    let Some(rules) = config.get("rule") else { return refusals };
    rules.each_child(|step, rule| {
        let path = Path::attribute("rule").child(step);
        if let Some(name) = text(rule, "id").filter(|name| !names.insert(name.clone())) {
            refusals.push(refusal(child(&path, "id"), format!("Two rules are named `{name}`.")));
        }
        check_filter(rule, &path, &mut refusals);
        check_moves(rule, &path, &mut refusals);
        check_expiration(rule, &path, &mut refusals);
    });
    refusals
}

fn check_filter(rule: &Value, path: &Path, refusals: &mut Vec<Refusal>) {
    let Some(filters) = rule.get("filter") else { return };
    let path = child(path, "filter");
    filters.each_child(|step, filter| {
        let given: Vec<&str> = CONDITIONS.into_iter().filter(|name| is_given(filter, name)).collect();
        if let [first, second, ..] = given.as_slice() {
            let detail = format!("`{first}` and `{second}` are given: several conditions go into a block `and`.");
            refusals.push(refusal(path.child(step), detail));
        }
    });
}

fn check_moves(rule: &Value, path: &Path, refusals: &mut Vec<Refusal>) {
    for (block, days) in [("transition", "days"), ("noncurrent_version_transition", "noncurrent_days")] {
        let Some(moves) = rule.get(block) else { continue };
        let path = child(path, block);
        moves.each_child(|step, moved| {
            let path = path.child(step);
            let class = text(moved, "storage_class");
            if let Some(class) = class.as_ref().filter(|class| !CLASSES.contains(&class.as_str())) {
                let classes = CLASSES.map(|class| format!("`{class}`")).join(", ");
                let detail = format!("Objects can't move to `{class}`, only to one of {classes}.");
                refusals.push(refusal(child(&path, "storage_class"), detail));
            }
            let is_infrequent = class.is_some_and(|class| INFREQUENT.contains(&class.as_str()));
            // Zero days are those of a date.
            let number = number(moved, days).filter(|number| *number > 0 || !is_given(moved, "date"));
            if let Some(number) = number.filter(|number| is_infrequent && *number < INFREQUENT_DAYS_MIN) {
                let detail = format!(
                    "Objects move to this class after {INFREQUENT_DAYS_MIN} days at the earliest, not after {number}."
                );
                refusals.push(refusal(child(&path, days), detail));
            }
            if is_given(moved, "date") && is_given(moved, "days") {
                refusals.push(refusal(path.clone(), "`date` and `days` are given: only one of them can count.".into()));
            }
            check_date(moved, &path, refusals);
        });
    }
}

fn check_expiration(rule: &Value, path: &Path, refusals: &mut Vec<Refusal>) {
    let Some(expirations) = rule.get("expiration") else { return };
    let path = child(path, "expiration");
    let last_move = rule.get("transition").and_then(|moves| {
        let mut last = None;
        moves.each_child(|_, moved| last = last.max(number(moved, "days")));
        last
    });
    expirations.each_child(|step, expiration| {
        let path = path.child(step);
        let given: Vec<&str> = ["date", "days", "expired_object_delete_marker"]
            .into_iter()
            .filter(|name| is_given(expiration, name))
            .collect();
        if let [first, second, ..] = given.as_slice() {
            let detail = format!("`{first}` and `{second}` are given: only one of them can count.");
            refusals.push(refusal(path.clone(), detail));
        }
        if let (Some(days), Some(last_move)) = (number(expiration, "days").filter(|days| *days > 0), last_move)
            && days <= last_move
        {
            let detail = format!("Objects would go away after {days} days and move after {last_move}.");
            refusals.push(refusal(child(&path, "days"), detail));
        }
        check_date(expiration, &path, refusals);
    });
}

/// Rules take effect at midnight UTC (Amazon S3 API Reference, `LifecycleExpiration`).
fn check_date(block: &Value, path: &Path, refusals: &mut Vec<Refusal>) {
    let Some(date) = text(block, "date").filter(|date| !date.is_empty()) else { return };
    let detail = match parse_time(&date) {
        None => format!("`{date}` is no time in RFC 3339, such as `2030-01-01T00:00:00Z`."),
        Some(at) if at.secs() % 86_400 != 0 => format!("`{date}` is not midnight UTC."),
        Some(_) => return,
    };
    refusals.push(refusal(child(path, "date"), detail));
}

/// Whether an argument says something: false, empty and nothing are the same here, but zero days are a wish.
fn is_given(block: &Value, name: &str) -> bool {
    block
        .get(name)
        .is_some_and(|value| value.is_known() && !is_empty(&value) && value.reveal().as_bool() != Some(false))
}

fn text(block: &Value, name: &str) -> Option<String> {
    block.get(name)?.reveal().as_str().map(str::to_string)
}

fn number(block: &Value, name: &str) -> Option<i64> {
    block.get(name)?.reveal().as_i64()
}

fn child(path: &Path, name: &str) -> Path {
    path.child(Step::Attribute(name.into()))
}

fn refusal(attribute: Path, detail: String) -> Refusal {
    Refusal { summary: format!("invalid value for {}", attribute.names()), attribute, detail }
}
