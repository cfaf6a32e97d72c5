//! Sensitive values that are not known yet: plans mark the same parts of expressions over them as Terraform does.

use serde_json::Value as Json;

use crate::difference::{differences, plans};
use crate::project::{Project, terraform_without_providers};

const LOCALS: &str = r#"
resource "terraform_data" "r" {}

locals {
  us = terraform_data.r.id
  ub = terraform_data.r.id == "a"
  un = length(terraform_data.r.id)
  ul = split(",", terraform_data.r.id)
  um = tomap({ for k in split(",", terraform_data.r.id) : k => k })
}
"#;

#[test]
fn marks_of_unknown_values_are_those_of_terraform() {
    let Some(terraform) = terraform_without_providers() else { return };
    let expressions: Vec<&str> = include_str!("marks.txt").lines().collect();
    let blocks: String = expressions
        .iter()
        .enumerate()
        .map(|(index, expression)| {
            format!("resource \"terraform_data\" \"e{index:03}\" {{\n  input = {expression}\n}}\n")
        })
        .collect();
    let project = Project::without_cloud(&format!("{LOCALS}{blocks}"));
    let (ours, theirs) = plans(&project, terraform);
    let changes = |plan: &Json| -> Vec<Json> {
        plan["resource_changes"].as_array().expect("a list").iter().map(|change| change["change"].clone()).collect()
    };
    let (ours, theirs) = (changes(&ours), changes(&theirs));
    assert_eq!((ours.len(), theirs.len()), (expressions.len() + 1, expressions.len() + 1));
    for ((ours, theirs), expression) in ours.iter().zip(&theirs).zip(&expressions) {
        let found = differences(ours, theirs);
        assert!(found.is_empty(), "{expression}\n{found}");
    }
}
