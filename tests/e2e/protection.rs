//! What is lost for good is told in the plan, and lost only when somebody agreed to it.

use crate::project::{Project, server};

const DATABASE: &str = r#"
variable "protect" { default = false }
resource "aws_db_instance" "main" {
  identifier          = "kept"
  engine              = "postgres"
  instance_class      = "db.t3.micro"
  allocated_storage   = 20
  username            = "app"
  password            = "canary-password"
  skip_final_snapshot = true
  lifecycle { prevent_destroy = var.protect }
}
"#;

#[test]
fn a_database_is_not_replaced_or_deleted_unless_somebody_agreed() {
    let Some(server) = server() else { return };
    let project = Project::new(server, DATABASE);
    project.apply();
    let state = project.state();

    project.write("main.tf", &DATABASE.replace("\"app\"", "\"other\""));
    let plan = project.expect(2, &["plan", "-detailed-exitcode", "-out=saved"]);
    let blocked = "(blocked, as it loses for good: its databases, as no final snapshot is taken. To agree: \
                   -allow-loss='aws_db_instance.main')";
    assert!(plan.stdout.contains(blocked), "{}", plan.stdout);
    assert!(plan.stdout.contains("Blocked: a change loses data for good"), "{}", plan.stdout);
    for arguments in [&["apply", "-auto-approve"][..], &["apply", "saved"]] {
        let refused = project.expect(1, arguments);
        let told = "The plan replaces aws_db_instance.main, and loses for good: its databases";
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
        assert_eq!(project.state(), state);
    }
    project.write("main.tf", "");
    let refused = project.expect(1, &["apply", "-auto-approve"]);
    assert!(refused.stderr.contains("The plan deletes aws_db_instance.main"), "{}", refused.stderr);
    assert_eq!(project.state(), state);

    // With a snapshot nothing is lost, and who names the object, or destroys all, has agreed.
    project.write("main.tf", &DATABASE.replace("\"app\"", "\"other\""));
    project.expect(0, &["plan", "-allow-loss=aws_db_instance.main", "-out=saved"]);
    project.expect(0, &["apply", "saved"]);
    project.expect(0, &["plan", "-replace=aws_db_instance.main", "-out=saved"]);
    project.expect(0, &["apply", "saved"]);

    project.write("main.tf", &DATABASE.replace("\"app\"", "\"other\"").replace("false", "true"));
    let refused = project.expect(1, &["plan", "-destroy"]);
    assert!(refused.stderr.contains("Instance cannot be destroyed"), "{}", refused.stderr);
    project.expect(0, &["destroy", "-auto-approve", "-var=protect=false"]);
}
