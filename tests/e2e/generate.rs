//! Blocks written for objects that exist: they plan to no change, with Terraform as well.

use crate::project::{Project, server, terraform};

const STACK: &str = r#"
resource "aws_vpc" "net" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "generated", "a b" = "$${x} %%{y}" }
}
resource "aws_security_group" "web" {
  name   = "generated"
  vpc_id = aws_vpc.net.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
resource "aws_iam_role" "task" {
  name = "generated"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecs-tasks.amazonaws.com" } }]
  })
}
resource "aws_lb_target_group" "web" {
  name     = "generated"
  port     = 80
  protocol = "HTTP"
  vpc_id   = aws_vpc.net.id
}
resource "aws_cloudwatch_log_group" "web" {
  name              = "/generated"
  retention_in_days = 7
}
"#;

const PROVIDER: &str = r#"
provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
"#;

/// Import blocks for what a stack made.
fn imports(project: &Project) -> String {
    let state = project.state();
    let resources = state["resources"].as_array().expect("a list");
    let block = |resource: &serde_json::Value| {
        let text = |value: &serde_json::Value| value.as_str().expect("a string").to_string();
        let (kind, name) = (text(&resource["type"]), text(&resource["name"]));
        let id = text(&resource["instances"][0]["attributes"]["id"]);
        format!("import {{\n  to = {kind}.{name}\n  id = \"{id}\"\n}}\n")
    };
    resources.iter().map(block).collect()
}

#[test]
fn blocks_written_for_imports_plan_to_no_change() {
    let Some(server) = server() else { return };
    let project = Project::new(server, STACK);
    project.apply();
    let state = std::fs::read_to_string(project.path().join("terraform.tfstate")).expect("there is a state");
    project.write("main.tf", &format!("{PROVIDER}{}", imports(&project)));
    std::fs::remove_file(project.path().join("terraform.tfstate")).expect("there is a state");

    let refused = project.expect(1, &["plan"]);
    assert!(refused.stderr.contains("infra plan -generate-config-out=FILE"), "{}", refused.stderr);
    let plan = project.expect(0, &["plan", "-generate-config-out=generated.tf"]);
    assert!(plan.stdout.contains("5 to import, 0 to add, 0 to change, 0 to destroy"), "{}", plan.stdout);
    assert!(plan.stderr.contains("Wrote 5 blocks for imported objects into generated.tf"), "{}", plan.stderr);
    project.expect(0, &["fmt", "-check"]);
    if let Some(terraform) = terraform() {
        project.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
        let plan = project.terraform(terraform, 0, &["plan", "-input=false", "-no-color"]);
        assert!(plan.stdout.contains("5 to import, 0 to add, 0 to change, 0 to destroy"), "{}", plan.stdout);
    }
    project.apply();
    project.expect_no_changes();
    let count = |text: &str| text.matches("\"type\": \"aws_").count();
    let taken = std::fs::read_to_string(project.path().join("terraform.tfstate")).expect("there is a state");
    assert_eq!(count(&taken), count(&state));
    project.destroy();
}

#[test]
fn generated_configuration_replaces_nothing_and_is_a_part_of_the_root_module() {
    let project = Project::without_cloud("import {\n  to = terraform_data.a\n  id = \"x\"\n}\n");
    let exists = project.expect(1, &["plan", "-generate-config-out=main.tf"]);
    assert!(exists.stderr.contains("main.tf exists"), "{}", exists.stderr);
    for name in ["generated.txt", "folder/generated.tf", ".generated.tf", "../generated.tf"] {
        let elsewhere = project.expect(1, &["plan", &format!("-generate-config-out={name}")]);
        assert!(elsewhere.stderr.contains("would be no part of the configuration"), "{}", elsewhere.stderr);
    }
    project.expect(0, &["plan", "-generate-config-out=generated.tf"]);
    let text = std::fs::read_to_string(project.path().join("generated.tf")).expect("it is written");
    assert!(text.contains("resource \"terraform_data\" \"a\" {"), "{text}");
}
