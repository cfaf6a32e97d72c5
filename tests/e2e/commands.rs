//! What the commands' flags do, as a user sees it.

use std::process::Stdio;
use std::time::Duration;

use crate::project::{Project, program, server};

/// Two groups, the second named after the first, and a secret.
const GROUPS: &str = r#"
variable "days" {
  default = 7
}
variable "secret" {
  default   = "canary-secret-31"
  sensitive = true
}
resource "aws_cloudwatch_log_group" "first" {
  name              = "first"
  retention_in_days = var.days
  tags              = { Secret = var.secret }
}
resource "aws_cloudwatch_log_group" "second" {
  count             = 2
  name              = "${aws_cloudwatch_log_group.first.name}-${count.index}"
  retention_in_days = var.days
}
output "first" {
  value = aws_cloudwatch_log_group.first.arn
}
output "secret" {
  value     = var.secret
  sensitive = true
}
"#;

fn groups() -> Option<Project> {
    server().map(|server| Project::new(server, GROUPS))
}

#[test]
fn saved_plan_is_applied_once_and_shows_no_secret() {
    use std::os::unix::fs::PermissionsExt;
    let Some(project) = groups() else { return };
    let plan = project.expect(0, &["plan", "-out=saved"]);
    assert!(plan.stdout.contains("3 to add") && plan.stderr.contains("infra apply \"saved\""), "{}", plan.stderr);
    let mode = std::fs::metadata(project.path().join("saved")).expect("there is a plan").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let shown = project.expect(0, &["show", "saved"]).stdout;
    assert!(shown.contains("aws_cloudwatch_log_group.second[1] will be created"), "{shown}");
    let applied = project.expect(0, &["apply", "saved"]);
    assert!(applied.stdout.contains("Resources: 3 added, 0 changed, 0 destroyed"), "{}", applied.stdout);
    let again = project.expect(1, &["apply", "saved"]);
    assert!(again.stderr.contains("Saved plan is stale"), "{}", again.stderr);
    for text in [plan.stdout, plan.stderr, shown, applied.stdout, applied.stderr] {
        assert!(!text.contains("canary-secret-31"), "{text}");
    }
    project.expect_no_changes();
    let output = project.expect(0, &["output", "-raw", "secret"]).stdout;
    assert_eq!(output, "canary-secret-31");
    project.destroy();
}

#[test]
fn plan_of_changed_variables_can_be_limited_and_replace_what_is_named() {
    let Some(project) = groups() else { return };
    project.apply();
    let target = project
        .expect(2, &["plan", "-var=days=14", "-target=aws_cloudwatch_log_group.second[0]", "-detailed-exitcode"]);
    assert!(target.stdout.contains("0 to add, 2 to change, 0 to destroy"), "{}", target.stdout);
    assert!(target.stderr.contains("Resource targeting is in effect"), "{}", target.stderr);
    let replace = project.expect(0, &["plan", "-replace=aws_cloudwatch_log_group.second[1]"]);
    assert!(replace.stdout.contains("1 to add, 0 to change, 1 to destroy"), "{}", replace.stdout);
    assert!(replace.stdout.contains("aws_cloudwatch_log_group.second[1] will be replaced, as requested"));
    let applied = project.expect(0, &["apply", "-auto-approve", "-replace=aws_cloudwatch_log_group.second[1]"]);
    assert!(applied.stderr.contains("second[1]: Destruction complete"), "{}", applied.stderr);
    project.expect_no_changes();
    project.destroy();
    assert_eq!(project.expect(0, &["state", "list"]).stdout, "");
}

#[test]
fn refresh_only_brings_the_state_up_to_date_and_changes_nothing() {
    let Some(project) = groups() else { return };
    project.apply();
    // Somebody else has the same objects in another state, and changes them.
    let state = std::fs::read(project.path().join("terraform.tfstate")).expect("there is a state");
    std::fs::write(project.path().join("other.tfstate"), state).expect("writable");
    project.expect(0, &["apply", "-auto-approve", "-state=other.tfstate", "-var=days=30"]);
    let drift = project.expect(2, &["drift"]);
    assert!(drift.stdout.contains("retention_in_days"), "{}", drift.stdout);
    let plan = project.expect(2, &["plan", "-refresh-only", "-detailed-exitcode"]);
    assert!(plan.stdout.contains("refresh-only plan"), "{}", plan.stdout);
    project.expect(0, &["apply", "-refresh-only", "-auto-approve"]);
    let days =
        |state: &serde_json::Value| state["resources"][0]["instances"][0]["attributes"]["retention_in_days"].clone();
    assert_eq!(days(&project.state()), 30);
    project.expect(0, &["drift"]);
    assert!(project.expect(0, &["plan"]).stdout.contains("3 to change"));
    assert!(project.expect(0, &["plan", "-refresh=false", "-var=days=30"]).stdout.contains("No changes"));
    project.destroy();
}

#[test]
fn machine_readable_output_is_json_line_by_line() {
    let Some(project) = groups() else { return };
    let lines = |text: &str| -> Vec<serde_json::Value> {
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    };
    let types = |text: &str| lines(text).iter().map(|line| line["type"].to_string()).collect::<Vec<_>>().join(" ");
    let plan = types(&project.expect(0, &["plan", "-json"]).stdout);
    assert!(
        plan.starts_with("\"version\" ") && plan.contains("\"planned_change\"") && plan.contains("\"change_summary\"")
    );
    let apply = project.expect(0, &["apply", "-json", "-auto-approve"]).stdout;
    assert!(types(&apply).contains("\"apply_complete\"") && !apply.contains("canary-secret-31"), "{apply}");
    let outputs: serde_json::Value =
        serde_json::from_str(&project.expect(0, &["output", "-json"]).stdout).expect("outputs are JSON");
    assert_eq!(outputs["secret"]["sensitive"], true);
    // Without -auto-approve there is nobody to ask.
    let unasked = project.expect(1, &["destroy", "-json"]);
    assert!(unasked.stdout.contains("auto-approve"), "{}", unasked.stdout);
    project.write("broken.tf", "resource {");
    let broken = lines(&project.expect(1, &["plan", "-json"]).stdout);
    assert!(
        broken
            .iter()
            .any(|line| line["type"] == "diagnostic" && line["diagnostic"]["range"]["filename"] == "broken.tf")
    );
    let report: serde_json::Value =
        serde_json::from_str(&project.expect(1, &["validate", "-json"]).stdout).expect("a report is JSON");
    assert_eq!(report["valid"], false);
}

#[test]
fn destroy_says_what_it_destroys_and_does_nothing_without_a_yes() {
    let Some(project) = groups() else { return };
    project.apply();
    let mut command = project.command(program());
    command.arg("destroy").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    use std::io::Write;
    child.stdin.take().expect("piped").write_all(b"no\n").expect("the program reads or ends");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("3 to destroy"), "{text}");
    project.expect_no_changes();
    project.destroy();
}

#[test]
fn state_of_another_stack_is_not_taken_for_ones_own() {
    let Some(project) = groups() else { return };
    project.expect(0, &["plan", "-out=saved"]);
    // The plan was made before there was a state; now there is one of another lineage.
    project.expect(0, &["apply", "-auto-approve", "-var=days=30"]);
    let before = project.state();
    let run = project.expect(1, &["apply", "saved"]);
    assert!(run.stderr.contains("Saved plan"), "{}", run.stderr);
    assert_eq!(project.state(), before);
    project.destroy();
}

#[test]
fn interrupted_apply_keeps_what_it_made_and_says_so() {
    use sandbox::proxy::Proxy;
    use sandbox::proxy::rules::{Action, Matching, Occurrence, Point, Rule};

    let Some(mut project) = groups() else { return };
    let server = server().expect("there is one");
    let hold = Rule::new(Matching::mutating(), Occurrence::Nth(1), Point::AfterReceiving, Action::Hold);
    let proxy = Proxy::start(server.port(), vec![hold]).expect("a free port");
    project.set_endpoint(&proxy.endpoint());
    let mut command = project.command(program());
    command.args(["apply", "-auto-approve"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program runs");
    assert!(proxy.wait_for_held(Duration::from_secs(60)).is_some(), "the run makes its first call");
    let status =
        std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(status.success());
    proxy.release();
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert_eq!(project.expect(0, &["state", "list"]).stdout, "aws_cloudwatch_log_group.first\n", "{text}");
    project.apply();
    project.expect_no_changes();
    project.destroy();
}

#[test]
fn second_apply_waits_for_the_first_or_is_refused() {
    use sandbox::proxy::Proxy;
    use sandbox::proxy::rules::{Action, Matching, Occurrence, Point, Rule};

    let Some(mut project) = groups() else { return };
    let server = server().expect("there is one");
    let hold = Rule::new(Matching::mutating(), Occurrence::Nth(1), Point::AfterReceiving, Action::Hold);
    let proxy = Proxy::start(server.port(), vec![hold]).expect("a free port");
    project.set_endpoint(&proxy.endpoint());
    let start = |arguments: &[&str]| {
        let mut command = project.command(program());
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().expect("the program runs")
    };
    let first = start(&["apply", "-auto-approve"]);
    assert!(proxy.wait_for_held(Duration::from_secs(60)).is_some(), "the run makes its first call");
    let refused = project.expect(1, &["apply", "-auto-approve"]);
    assert!(refused.stderr.contains("Error acquiring the state lock"), "{}", refused.stderr);
    assert!(refused.stderr.contains("is locked by") && refused.stderr.contains("-lock-timeout"), "{}", refused.stderr);
    let second = start(&["apply", "-auto-approve", "-lock-timeout=60s"]);
    proxy.release();
    let [first, second] = [first, second].map(|child| child.wait_with_output().expect("it ends"));
    assert!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
    assert!(String::from_utf8_lossy(&second.stdout).contains("0 added, 0 changed, 0 destroyed"));
    project.expect_no_changes();
    project.destroy();
}
