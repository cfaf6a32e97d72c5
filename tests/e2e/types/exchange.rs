//! Small stacks that Terraform and infra take over from each other.

use crate::project::{Project, server, terraform};

const PROVIDER: &str = r#"
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

/// Checks that each plans empty on what the other applied.
#[track_caller]
pub fn exchanged(text: &str) {
    let (Some(server), Some(terraform)) = (server(), terraform()) else { return };
    let text = format!("{PROVIDER}{text}");

    let ours = Project::new(server, &text);
    ours.apply();
    ours.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
    ours.terraform(terraform, 0, &["plan", "-detailed-exitcode", "-input=false", "-no-color"]);
    ours.destroy();

    let theirs = Project::new(server, &text);
    theirs.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
    theirs.terraform(terraform, 0, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    theirs.expect_no_changes();
    theirs.expect(0, &["drift"]);
    theirs.destroy();
}
