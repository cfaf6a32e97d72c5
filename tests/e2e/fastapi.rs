//! The FastAPI stack, whole: planned, applied, checked for drift and destroyed.

use crate::project::{Project, server};

/// The stack with a state of its own.
pub fn project(server: &sandbox::server::Server) -> Project {
    let mut project = Project::copy_of(server, "stacks/fastapi");
    std::fs::remove_file(project.path().join("backend.tf")).expect("the stack has a backend file");
    project.options = vec!["-var-file=environments/dev.tfvars".into()];
    project
}

#[test]
fn fastapi_stack_lives_its_whole_life() {
    let Some(server) = server() else { return };
    let project = project(server);
    let plan = project.expect(2, &["plan", "-detailed-exitcode"]);
    assert!(plan.stdout.contains("Plan: 34 to add, 0 to change, 0 to destroy."), "{}", plan.stdout);
    let applied = project.apply();
    assert!(
        applied.stdout.contains("Apply complete! Resources: 34 added, 0 changed, 0 destroyed."),
        "{}",
        applied.stdout
    );
    project.expect_no_changes();
    project.expect(0, &["drift"]);
    let output = project.expect(0, &["output", "-json"]);
    for text in [&plan.stdout, &plan.stderr, &applied.stdout, &applied.stderr] {
        assert!(!text.contains("canary-password-77"), "the password is shown:\n{text}");
    }
    assert!(output.stdout.contains("load_balancer"), "{}", output.stdout);
    project.destroy();
    assert_eq!(project.state()["resources"], serde_json::json!([]));
}

#[test]
fn production_is_valid_and_plans() {
    let Some(server) = server() else { return };
    let mut project = project(server);
    project.expect(0, &["validate"]);
    project.options = vec!["-var-file=environments/production.tfvars".into()];
    let plan = project.expect(2, &["plan", "-detailed-exitcode"]);
    assert!(plan.stdout.contains("Plan: 36 to add"), "{}", plan.stdout);
}
