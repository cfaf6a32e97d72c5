//! Parameter groups, and data sources that look at what RDS holds.

use serde_json::json;

use super::agreement::both_agree;
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

const CLUSTER: &str = r#"
resource "aws_rds_cluster" "around" {
  cluster_identifier  = "around"
  engine              = "aurora-postgresql"
  engine_version      = "15.4"
  master_username     = "someone"
  master_password     = "canary-password-77"
  skip_final_snapshot = true
}
"#;

#[test]
fn rds_cluster_lives() {
    let block = |name: &str, more: &str| {
        format!(
            "resource \"aws_rds_cluster\" \"it\" {{\n cluster_identifier = \"{name}\"\n engine = \"aurora-postgresql\"\n engine_version = \"15.4\"\n master_username = \"someone\"\n master_password = \"canary-password-77\"\n skip_final_snapshot = true\n apply_immediately = true\n{more}\n}}"
        )
    };
    let capacity =
        |most: u32| format!("serverlessv2_scaling_configuration {{\n min_capacity = 0.5\n max_capacity = {most}\n }}");
    live(&Case {
        address: "aws_rds_cluster.it",
        around: "",
        create: block("it", &capacity(2)).leak(),
        update: block("it", &format!("{}\n backup_retention_period = 7\n tags = {{ a = \"1\" }}", capacity(4))).leak(),
        replace: block("other", &capacity(4)).leak(),
        drift: ("deletion_protection", || json!(true)),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn rds_cluster_instance_lives() {
    let block = |name: &str, more: &str| {
        format!(
            "resource \"aws_rds_cluster_instance\" \"it\" {{\n identifier = \"{name}\"\n cluster_identifier = aws_rds_cluster.around.id\n engine = aws_rds_cluster.around.engine\n instance_class = \"db.serverless\"\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_rds_cluster_instance.it",
        around: CLUSTER,
        create: block("it", "").leak(),
        update: block("it", "promotion_tier = 3\n tags = { a = \"1\" }").leak(),
        replace: block("other", "").leak(),
        drift: ("promotion_tier", || json!(7)),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn a_password_of_a_cluster_is_never_stored_where_it_is_write_only() {
    let Some(server) = server() else { return };
    let cluster = |version: u32| {
        format!(
            "resource \"aws_rds_cluster\" \"it\" {{\n cluster_identifier = \"write-only\"\n engine = \"aurora-mysql\"\n master_username = \"someone\"\n master_password_wo = \"canary-password-77\"\n master_password_wo_version = {version}\n skip_final_snapshot = true\n}}"
        )
    };
    let project = Project::new(server, &cluster(1));
    project.apply();
    project.expect_no_changes();
    project.write("main.tf", &cluster(2));
    let run = project.apply();
    project.expect_no_changes();
    for text in [project.state().to_string(), run.stdout, run.stderr] {
        assert!(!text.contains("canary-password-77"));
    }
    project.destroy();
}

#[test]
fn a_cluster_is_restored_from_a_snapshot_that_its_end_made() {
    let Some(server) = server() else { return };
    let cluster = |name: &str, more: &str| {
        format!(
            "resource \"aws_rds_cluster\" \"it\" {{\n cluster_identifier = \"{name}\"\n engine = \"aurora-mysql\"\n{more}\n}}"
        )
    };
    let login = "master_username = \"someone\"\n master_password = \"canary-password-77\"";
    let first = Project::new(server, &cluster("first", &format!("{login}\n final_snapshot_identifier = \"last\"")));
    first.apply();
    first.destroy();
    let restored =
        "snapshot_identifier = \"last\"\n master_password = \"canary-password-78\"\n skip_final_snapshot = true";
    first.write("main.tf", &cluster("second", restored));
    first.apply();
    first.expect_no_changes();
    first.destroy();
}

const PROXY: &str = r#"
resource "aws_vpc" "around" {
  cidr_block = "10.1.0.0/16"
}
resource "aws_subnet" "around" {
  count             = 2
  vpc_id            = aws_vpc.around.id
  cidr_block        = cidrsubnet("10.1.0.0/16", 8, count.index)
  availability_zone = ["us-east-1a", "us-east-1b"][count.index]
}
resource "aws_iam_role" "around" {
  name = "around"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "rds.amazonaws.com" } }]
  })
}
"#;

fn proxy(name: &str, more: &str) -> String {
    format!(
        r#"
resource "aws_db_proxy" "it" {{
  name           = "{name}"
  engine_family  = "POSTGRESQL"
  role_arn       = aws_iam_role.around.arn
  vpc_subnet_ids = aws_subnet.around[*].id
  auth {{
    auth_scheme = "SECRETS"
    iam_auth    = "DISABLED"
    secret_arn  = "arn:aws:secretsmanager:us-east-1:123456789012:secret:login-AbCdEf"
  }}
  {more}
}}"#
    )
}

#[test]
fn db_proxy_lives() {
    live(&Case {
        address: "aws_db_proxy.it",
        around: PROXY,
        create: proxy("it", "").leak(),
        update: proxy("it", "require_tls = true\n idle_client_timeout = 600\n tags = { a = \"1\" }").leak(),
        replace: "",
        drift: ("require_tls", || json!(true)),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn clusters_and_proxies_are_exchanged_with_terraform() {
    both_agree(&format!(
        r#"{CLUSTER}
resource "aws_rds_cluster_instance" "it" {{
  identifier         = "it"
  cluster_identifier = aws_rds_cluster.around.id
  engine             = aws_rds_cluster.around.engine
  engine_version     = aws_rds_cluster.around.engine_version
  instance_class     = "db.serverless"
}}
resource "aws_rds_cluster" "managed" {{
  cluster_identifier_prefix   = "managed-"
  engine                      = "aurora-mysql"
  master_username             = "someone"
  manage_master_user_password = true
  skip_final_snapshot         = true
  serverlessv2_scaling_configuration {{
    min_capacity = 0.5
    max_capacity = 2
  }}
}}
{PROXY}{}"#,
        proxy("it", "tags = { a = \"1\" }")
    ));
}

#[test]
fn db_proxy_default_target_group_lives() {
    let block = |percent: u32| {
        format!(
            "resource \"aws_db_proxy_default_target_group\" \"it\" {{\n db_proxy_name = aws_db_proxy.it.name\n connection_pool_config {{ max_connections_percent = {percent} }}\n}}"
        )
    };
    live(&Case {
        address: "aws_db_proxy_default_target_group.it",
        around: format!("{PROXY}{}", proxy("it", "")).leak(),
        create: block(90).leak(),
        update: block(80).leak(),
        replace: "",
        drift: ("connection_pool_config", || json!([])),
        import: id,
        import_is_whole: true,
    });
}

const INSTANCE: &str = r#"
resource "aws_db_instance" "around" {
  identifier          = "around"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "long-enough-password"
  skip_final_snapshot = true
}
"#;

#[test]
fn db_proxy_target_lives() {
    live(&Case {
        address: "aws_db_proxy_target.it",
        around: format!("{INSTANCE}{PROXY}{}", proxy("it", "")).leak(),
        create: "resource \"aws_db_proxy_target\" \"it\" {\n db_proxy_name = aws_db_proxy.it.name\n target_group_name = \"default\"\n db_instance_identifier = aws_db_instance.around.identifier\n}",
        update: "",
        replace: "",
        drift: ("db_instance_identifier", || json!("gone")),
        import: id,
        import_is_whole: true,
    });
}
