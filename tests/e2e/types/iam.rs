//! Managed policies, instance profiles, users, groups, identity providers and roles of services, and data sources that look at them.

use serde_json::json;

use super::agreement::both_agree;
use super::{Case, ROLE, attributes_of_data, id, live, text};
use crate::project::{Project, server};

fn policy(name: &str, action: &str, more: &str) -> String {
    format!(
        r#"
resource "aws_iam_policy" "it" {{
  name   = "{name}"
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Action = ["{action}"], Resource = "*" }}]
  }})
  {more}
}}
"#
    )
}

#[test]
fn iam_policy_lives() {
    live(&Case {
        address: "aws_iam_policy.it",
        around: "",
        create: policy("it", "s3:GetObject", "").leak(),
        update: policy("it", "s3:PutObject", "tags = { a = \"1\" }").leak(),
        replace: policy("other", "s3:PutObject", "description = \"d\"").leak(),
        drift: ("policy", || json!("{}")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn a_policy_that_changes_often_keeps_its_five_newest_versions_and_can_be_destroyed() {
    let Some(server) = server() else { return };
    let project = Project::new(server, "");
    for action in ["a", "b", "c", "d", "e", "f", "g"] {
        project.write("main.tf", &policy("it", &format!("s3:{action}"), ""));
        project.apply();
    }
    project.expect_no_changes();
    project.destroy();
}

#[test]
fn iam_instance_profile_lives() {
    let around = format!("{ROLE}\n{}", ROLE.replace("around", "other"));
    let block = |name: &str, role: &str| {
        format!(
            "resource \"aws_iam_instance_profile\" \"it\" {{\n name = \"{name}\"\n role = aws_iam_role.{role}.name\n}}"
        )
    };
    live(&Case {
        address: "aws_iam_instance_profile.it",
        around: around.leak(),
        create: block("it", "around").leak(),
        update: block("it", "other").leak(),
        replace: block("other", "other").leak(),
        drift: ("role", || json!("gone")),
        import: |attributes| text(attributes, "name"),
        import_is_whole: true,
    });
}

#[test]
fn what_iam_holds_is_looked_up() {
    let Some(server) = server() else { return };
    let looked_up = r#"
provider "aws" {
  default_tags {
    tags = { team = "web" }
  }
}
data "aws_default_tags" "it" {}
data "aws_iam_role" "it" { name = aws_iam_role.around.name }
data "aws_iam_policy" "by_name" { name = aws_iam_policy.it.name }
data "aws_iam_policy" "by_arn" { arn = aws_iam_policy.it.arn }
"#;
    let project = Project::new(server, &format!("{ROLE}{}{looked_up}", policy("it", "s3:GetObject", "")));
    project.apply();
    project.expect_no_changes();
    let state = project.state();
    let role = attributes_of_data(&state, "aws_iam_role.it");
    assert_eq!(role["description"], "");
    assert_eq!(role["tags"], json!({"team": "web"}));
    assert_eq!(role["role_last_used"], json!([{"last_used_date": "", "region": ""}]));
    let by_name = attributes_of_data(&state, "aws_iam_policy.by_name");
    assert_eq!(by_name["arn"], attributes_of_data(&state, "aws_iam_policy.by_arn")["arn"]);
    assert_eq!(attributes_of_data(&state, "aws_default_tags.it")["tags"], json!({"team": "web"}));
    project.destroy();
}

#[test]
fn iam_user_lives() {
    let block = |name: &str, more: &str| format!("resource \"aws_iam_user\" \"it\" {{\n name = \"{name}\"\n{more}\n}}");
    live(&Case {
        address: "aws_iam_user.it",
        around: "",
        create: block("it", "").leak(),
        update: block("it", "path = \"/people/\"\n tags = { a = \"1\" }").leak(),
        replace: "",
        drift: ("tags", || json!({"a": "2"})),
        import: id,
        import_is_whole: false,
    });
}

#[test]
fn iam_group_lives() {
    let block = |name: &str| format!("resource \"aws_iam_group\" \"it\" {{\n name = \"{name}\"\n}}");
    live(&Case {
        address: "aws_iam_group.it",
        around: "",
        create: block("it").leak(),
        update: block("other").leak(),
        replace: "",
        drift: ("path", || json!("/other/")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn iam_openid_connect_provider_lives() {
    let block = |host: &str, more: &str| {
        format!("resource \"aws_iam_openid_connect_provider\" \"it\" {{\n url = \"https://{host}\"\n{more}\n}}")
    };
    let thumbprint = "thumbprint_list = [\"cf23df2207d99a74fbe169e3eba035e633b65d94\"]";
    live(&Case {
        address: "aws_iam_openid_connect_provider.it",
        around: "",
        create: block("token.example.com", &format!("client_id_list = [\"a\"]\n{thumbprint}")).leak(),
        update: block("token.example.com", &format!("client_id_list = [\"a\"]\n tags = {{ a = \"1\" }}\n{thumbprint}"))
            .leak(),
        replace: block("token.example.org", &format!("client_id_list = [\"b\"]\n{thumbprint}")).leak(),
        drift: ("client_id_list", || json!(["c"])),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn terraform_agrees_on_users_groups_and_identity_providers() {
    both_agree(
        r#"
resource "aws_iam_user" "it" {
  name = "it"
  tags = { a = "1" }
}
resource "aws_iam_group" "it" { name = "it" }
resource "aws_iam_service_linked_role" "it" { aws_service_name = "ecs.application-autoscaling.amazonaws.com" }
resource "aws_iam_role" "it" {
  name = "it"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs.amazonaws.com" } }]
  })
}
resource "aws_iam_role_policies_exclusive" "it" {
  role_name    = aws_iam_role.it.name
  policy_names = []
}
resource "aws_iam_openid_connect_provider" "it" {
  url             = "https://token.example.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["cf23df2207d99a74fbe169e3eba035e633b65d94"]
}
"#,
    );
}

#[test]
fn iam_service_linked_role_lives() {
    let block = |service: &str, more: &str| {
        format!(
            "resource \"aws_iam_service_linked_role\" \"it\" {{\n aws_service_name = \"{service}.amazonaws.com\"\n{more}\n}}"
        )
    };
    live(&Case {
        address: "aws_iam_service_linked_role.it",
        around: "",
        create: block("ecs", "").leak(),
        update: block("ecs", "description = \"a\"\n tags = { a = \"1\" }").leak(),
        replace: block("elasticbeanstalk", "description = \"a\"").leak(),
        drift: ("description", || json!("b")),
        import: id,
        import_is_whole: true,
    });
}

#[test]
fn iam_role_policies_exclusive_lives() {
    let policies = r#"
resource "aws_iam_role_policy" "around" {
  count  = 2
  name   = "p${count.index}"
  role   = aws_iam_role.around.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "*", Resource = "*" }] })
}
"#;
    let block = |names: &str| {
        format!(
            "resource \"aws_iam_role_policies_exclusive\" \"it\" {{\n role_name = aws_iam_role.around.name\n policy_names = {names}\n}}"
        )
    };
    live(&Case {
        address: "aws_iam_role_policies_exclusive.it",
        around: format!("{ROLE}{policies}").leak(),
        create: block("aws_iam_role_policy.around[*].name").leak(),
        update: "",
        replace: "",
        drift: ("policy_names", || json!(["p0"])),
        import: |attributes| text(attributes, "role_name"),
        import_is_whole: true,
    });
}
