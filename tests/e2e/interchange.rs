//! Terraform and infra take over each other's stacks: both ways the plan is empty.

use crate::fastapi;
use crate::project::{Project, server, terraform};

/// The FastAPI stack in the form that Terraform accepts: without the block that `hashicorp/aws` does not have.
fn terraform_project(server: &sandbox::server::Server) -> Project {
    let mut project = fastapi::project(server);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/stacks/fastapi/terraform-copy");
    let target = project.path().join("terraform");
    let output = project.command(script).arg(&target).output().expect("the script runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    for entry in std::fs::read_dir(&target).expect("the copy is there") {
        let path = entry.expect("readable").path();
        if path.is_file() {
            std::fs::copy(&path, project.path().join(path.file_name().expect("a file has a name"))).expect("writable");
        }
    }
    std::fs::remove_dir_all(&target).expect("writable");
    // A backend of its own would put the state elsewhere.
    let _absent = std::fs::remove_file(project.path().join("backend.tf"));
    project.options = vec!["-var-file=environments/dev.tfvars".into()];
    project
}

#[test]
fn terraform_plans_empty_on_what_infra_applied() {
    let (Some(server), Some(terraform)) = (server(), terraform()) else { return };
    let mut project = terraform_project(server);
    project.apply();
    let options = std::mem::take(&mut project.options);
    project.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
    project.options = options;
    project.terraform(terraform, 0, &["plan", "-detailed-exitcode", "-input=false", "-no-color"]);
}

#[test]
fn infra_plans_empty_on_what_terraform_applied() {
    let (Some(server), Some(terraform)) = (server(), terraform()) else { return };
    let mut project = terraform_project(server);
    let options = std::mem::take(&mut project.options);
    project.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
    project.options = options;
    project.terraform(terraform, 0, &["apply", "-auto-approve", "-input=false", "-no-color"]);
    project.expect_no_changes();
    project.expect(0, &["drift"]);
    project.destroy();
}
