//! Parameter groups, and data sources that look at what RDS holds.

use serde_json::json;

use super::{Case, attributes_of_data, id, live};
use crate::project::{Project, server};

fn parameter_group(type_name: &str, family: &str, name: &str, parameters: &[(&str, &str)]) -> String {
    let parameters: String = parameters
        .iter()
        .map(|(name, value)| format!(" parameter {{\n name = \"{name}\"\n value = \"{value}\"\n }}\n"))
        .collect();
    format!("resource \"{type_name}\" \"it\" {{\n name = \"{name}\"\n family = \"{family}\"\n{parameters}}}")
}

#[test]
fn db_parameter_group_lives() {
    let block = |name: &str, parameters: &[(&str, &str)]| {
        parameter_group("aws_db_parameter_group", "postgres15", name, parameters)
    };
    live(&Case {
        address: "aws_db_parameter_group.it",
        around: "",
        create: block("it", &[("log_connections", "1"), ("log_lock_waits", "1")]).leak(),
        update: block("it", &[("log_connections", "0"), ("log_disconnections", "1")]).leak(),
        replace: block("other", &[("log_connections", "0")]).leak(),
        drift: ("description", || json!("by hand")),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn rds_cluster_parameter_group_lives() {
    let block = |name: &str, parameters: &[(&str, &str)]| {
        parameter_group("aws_rds_cluster_parameter_group", "aurora-postgresql15", name, parameters)
    };
    live(&Case {
        address: "aws_rds_cluster_parameter_group.it",
        around: "",
        create: block("it", &[("log_statement", "all")]).leak(),
        update: block("it", &[("log_statement", "none")]).leak(),
        replace: block("other", &[("log_statement", "none")]).leak(),
        drift: ("description", || json!("by hand")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn db_option_group_lives() {
    let block = |name: &str, more: &str| {
        format!(
            "resource \"aws_db_option_group\" \"it\" {{\n name = \"{name}\"\n engine_name = \"mysql\"\n major_engine_version = \"8.0\"\n{more}\n}}"
        )
    };
    let option = |event: &str| {
        format!(
            "option {{\n option_name = \"MARIADB_AUDIT_PLUGIN\"\n option_settings {{\n name = \"SERVER_AUDIT_EVENTS\"\n value = \"{event}\"\n }}\n}}"
        )
    };
    live(&Case {
        address: "aws_db_option_group.it",
        around: "",
        create: block("it", &option("CONNECT")).leak(),
        update: block("it", "tags = { a = \"1\" }").leak(),
        replace: block("other", "").leak(),
        drift: ("option_group_description", || json!("by hand")),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn db_snapshot_lives() {
    let around = r#"
resource "aws_db_instance" "around" {
  identifier          = "around"
  engine              = "postgres"
  engine_version      = "15.4"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "someone"
  password            = "canary-password-77"
  skip_final_snapshot = true
}
"#;
    let block = |name: &str, more: &str| {
        format!(
            "resource \"aws_db_snapshot\" \"it\" {{\n db_instance_identifier = aws_db_instance.around.identifier\n db_snapshot_identifier = \"{name}\"\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_db_snapshot.it",
        around,
        create: block("it", "shared_accounts = [\"123456789012\"]").leak(),
        update: block("it", "shared_accounts = [\"210987654321\"]\n tags = { a = \"1\" }").leak(),
        replace: block("other", "").leak(),
        drift: ("shared_accounts", || json!(["999999999999"])),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn what_rds_holds_is_looked_up() {
    let Some(server) = server() else { return };
    let project = Project::new(
        server,
        r#"
resource "aws_db_instance" "it" {
  identifier          = "it"
  engine              = "postgres"
  engine_version      = "15.4"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "someone"
  password            = "canary-password-77"
  skip_final_snapshot = true
  tags                = { a = "1" }
}
data "aws_db_instance" "by_name" { db_instance_identifier = aws_db_instance.it.identifier }
data "aws_db_instance" "by_tags" { tags = aws_db_instance.it.tags_all }
"#,
    );
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let by_name = attributes_of_data(&state, "aws_db_instance.by_name");
    assert_eq!((&by_name["port"], &by_name["kms_key_id"]), (&json!(5432), &json!("")));
    assert_eq!(by_name, attributes_of_data(&state, "aws_db_instance.by_tags"));
    project.destroy();
}
