//! Plans of both engines as JSON, and how two documents differ.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::project::Project;

/// Plans with both on the same state: ours, then Terraform's.
#[track_caller]
pub fn plans(project: &Project, terraform: &str) -> (Json, Json) {
    project.expect(0, &["plan", "-input=false", "-out=ours.plan"]);
    project.terraform(terraform, 0, &["plan", "-input=false", "-no-color", "-out=theirs.plan"]);
    shown_plans(project, terraform)
}

/// The plans that are saved as `ours.plan` and `theirs.plan`.
#[track_caller]
pub fn shown_plans(project: &Project, terraform: &str) -> (Json, Json) {
    let parse = |text: &str| serde_json::from_str(text).expect("a plan is JSON");
    let ours = project.expect(0, &["show", "-json", "ours.plan"]);
    let theirs = project.terraform(terraform, 0, &["show", "-json", "-no-color", "theirs.plan"]);
    (parse(&ours.stdout), parse(&theirs.stdout))
}

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
