//! Terraform and infra go on from each other's state of one stack, for types that the FastAPI stack has none of.

use crate::project::{Project, server, terraform};

/// What Terraform needs to know of the emulator.
pub const TERRAFORM: &str = r#"
terraform {
  required_providers {
    aws = { source = "hashicorp/aws", version = "5.100.0" }
  }
}
provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
"#;

/// Applies a stack with infra and plans it with Terraform, and the other way round: both plans must be empty.
#[track_caller]
pub fn both_agree(stack: &str) {
    let (Some(server), Some(terraform)) = (server(), terraform()) else { return };
    let text = format!("{TERRAFORM}\n{stack}");

    let project = Project::new(server, &text);
    project.apply();
    project.expect_no_changes();
    project.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
    project.terraform(terraform, 0, &["plan", "-detailed-exitcode", "-input=false", "-no-color"]);
    project.destroy();

    let project = Project::new(server, &text);
    project.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
    goes_on(&project, terraform);
}

/// Applies a stack with infra: Terraform finds nothing to do, and destroys it.
#[track_caller]
pub fn is_taken_over(project: &Project, terraform: &str) {
    project.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
    project.apply();
    project.terraform(terraform, 0, &["plan", "-detailed-exitcode", "-input=false", "-no-color"]);
    project.terraform(terraform, 0, &["destroy", "-auto-approve", "-input=false", "-no-color"]);
}

/// Applies a stack with Terraform: infra finds nothing to do, no drift, and destroys it.
#[track_caller]
pub fn goes_on(project: &Project, terraform: &str) {
    project.terraform(terraform, 0, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    project.expect_no_changes();
    project.expect(0, &["drift"]);
    project.destroy();
}
