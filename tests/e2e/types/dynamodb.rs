//! Tables of DynamoDB.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, attributes, id, live};
use crate::project::{Project, server};

fn table(name: &str, more: &str) -> String {
    format!(
        r#"
resource "aws_dynamodb_table" "it" {{
  name         = "{name}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {{
    name = "id"
    type = "S"
  }}
  {more}
}}"#
    )
}

#[test]
fn dynamodb_table_lives() {
    live(&Case {
        address: "aws_dynamodb_table.it",
        around: "",
        create: table("it-lives", "tags = { a = \"1\" }").leak(),
        update: table(
            "it-lives",
            "point_in_time_recovery { enabled = true }\n ttl {\n attribute_name = \"expires\"\n enabled = true\n }\n stream_enabled = true\n stream_view_type = \"NEW_IMAGE\"",
        )
        .leak(),
        replace: table("it-moves", "").leak(),
        drift: ("deletion_protection_enabled", || json!(true)),
        import: id,
        import_is_whole: true,
    });
}

/// Indexes come, change and go, and so do capacities.
#[test]
fn a_table_changes_its_indexes_and_its_mode() {
    let Some(server) = server() else { return };
    let table = |mode: &str, key: &str, indexes: &str| {
        format!(
            r#"
resource "aws_dynamodb_table" "it" {{
  name      = "indexed"
  hash_key  = "id"
  range_key = "at"
  {mode}
  attribute {{
    name = "id"
    type = "S"
  }}
  attribute {{
    name = "at"
    type = "N"
  }}
  attribute {{
    name = "{key}"
    type = "S"
  }}
  local_secondary_index {{
    name            = "local"
    range_key       = "{key}"
    projection_type = "KEYS_ONLY"
  }}
  {indexes}
}}"#
        )
    };
    let index = |name: &str, capacity: &str, projection: &str| {
        format!(
            "global_secondary_index {{\n name = \"{name}\"\n hash_key = \"who\"\n range_key = \"at\"\n projection_type = \"{projection}\"\n{capacity}\n}}\n"
        )
    };
    let units = |units: u32| format!("read_capacity = {units}\n write_capacity = {units}");
    let on_demand = "billing_mode = \"PAY_PER_REQUEST\"";
    let project = Project::new(server, &table(&units(5), "who", &index("first", &units(2), "ALL")));
    project.apply();
    project.expect_no_changes();
    for (mode, indexes) in [
        (units(6), index("first", &units(3), "ALL")),
        (units(6), format!("{}{}", index("first", &units(3), "KEYS_ONLY"), index("second", &units(1), "ALL"))),
        (on_demand.to_string(), index("second", "", "ALL")),
        (units(4), index("second", &units(4), "ALL")),
    ] {
        project.write("main.tf", &table(&mode, "who", &indexes));
        let plan = project.expect(2, &["plan", "-detailed-exitcode"]);
        assert!(plan.stdout.contains("will be updated in-place"), "{}", plan.stdout);
        project.apply();
        project.expect_no_changes();
    }
    let live = attributes(&project.state(), "aws_dynamodb_table.it");
    assert_eq!((&live["billing_mode"], &live["read_capacity"]), (&json!("PROVISIONED"), &json!(4)));
    project.destroy();
}

#[test]
fn what_dynamodb_refuses_is_refused_before() {
    let Some(server) = server() else { return };
    let project = Project::new(
        server,
        &table(
            "refused",
            "attribute {\n name = \"unused\"\n type = \"S\"\n}\n read_capacity = 5\n stream_enabled = true",
        ),
    );
    let run = project.expect(1, &["validate"]);
    let said = format!("{}{}", run.stdout, run.stderr);
    for part in ["`unused` is no key", "has no capacities", "needs a `stream_view_type`"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

#[test]
fn tables_are_exchanged_with_terraform() {
    both_agree(&format!(
        r#"{}
resource "aws_dynamodb_table" "full" {{
  name             = "exchanged-full"
  read_capacity    = 5
  write_capacity   = 5
  hash_key         = "id"
  range_key        = "at"
  stream_enabled   = true
  stream_view_type = "NEW_IMAGE"
  attribute {{
    name = "id"
    type = "S"
  }}
  attribute {{
    name = "at"
    type = "N"
  }}
  attribute {{
    name = "who"
    type = "S"
  }}
  global_secondary_index {{
    name               = "by-who"
    hash_key           = "who"
    range_key          = "at"
    read_capacity      = 2
    write_capacity     = 2
    projection_type    = "INCLUDE"
    non_key_attributes = ["x", "y"]
  }}
  local_secondary_index {{
    name            = "by-who-here"
    range_key       = "who"
    projection_type = "ALL"
  }}
  ttl {{
    attribute_name = "expires"
    enabled        = true
  }}
  point_in_time_recovery {{ enabled = true }}
}}"#,
        table("exchanged", "tags = { a = \"1\" }")
    ));
}
