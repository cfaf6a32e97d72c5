//! How two JSON documents differ.

use std::collections::BTreeSet;

use serde_json::Value as Json;

/// The places where two documents differ, a line each.
pub fn differences(ours: &Json, theirs: &Json) -> String {
    fn collect(ours: &Json, theirs: &Json, path: &str, found: &mut String) {
        match (ours, theirs) {
            (Json::Object(left), Json::Object(right)) => {
                let keys: BTreeSet<&String> = left.keys().chain(right.keys()).collect();
                keys.into_iter().for_each(|key| collect(&ours[key], &theirs[key], &format!("{path}.{key}"), found));
            }
            (Json::Array(left), Json::Array(right)) if left.len() == right.len() => {
                for (index, (ours, theirs)) in left.iter().zip(right).enumerate() {
                    collect(ours, theirs, &format!("{path}[{index}]"), found);
                }
            }
            _ if ours == theirs => {}
            _ => found.push_str(&format!("{path}: infra says {ours}, and Terraform {theirs}\n")),
        }
    }
    let mut found = String::new();
    collect(ours, theirs, "", &mut found);
    found
}
