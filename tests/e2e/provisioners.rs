//! Commands that run with the creation and destruction of objects, in stacks without a cloud.

use std::process::Stdio;
use std::time::Duration;

use crate::project::{Project, program, terraform};

const STACK: &str = r#"
variable "secret" {
  default   = "canary"
  sensitive = true
}
resource "terraform_data" "a" {
  input = "x"
  provisioner "local-exec" {
    command     = "echo hi; echo err >&2; echo $FOO; pwd; printf partial"
    environment = { FOO = "foo ${self.input}", NOTHING = null }
    working_dir = "/"
  }
  provisioner "local-exec" {
    command     = "set -- a \"b\"; echo $2"
    interpreter = ["/bin/sh", "-e", "-c"]
  }
  provisioner "local-exec" {
    command = "echo quiet"
    quiet   = true
  }
  provisioner "local-exec" {
    command     = "echo $S"
    environment = { S = var.secret }
  }
  provisioner "local-exec" {
    command    = "exit 3"
    on_failure = continue
  }
  provisioner "local-exec" {
    when    = destroy
    command = "echo bye ${self.input}"
  }
}
resource "terraform_data" "b" {
  depends_on = [terraform_data.a]
  provisioner "local-exec" {
    command = "echo out; exit 4"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "echo not said of a tainted object"
  }
}
"#;

/// The lines about commands; those that are repeated only once.
fn lines(text: &str) -> Vec<String> {
    let tells = |line: &&str| line.contains(" (local-exec): ") || line.contains(": Provisioning with 'local-exec'");
    let mut lines: Vec<String> = text.lines().filter(tells).map(str::to_owned).collect();
    lines.dedup();
    lines
}

/// The objects of a state with their status.
fn statuses(project: &Project) -> Vec<(String, Option<String>)> {
    let state = project.state();
    let resources = state["resources"].as_array().expect("a list");
    let name = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    resources
        .iter()
        .map(|resource| (name(&resource["name"]).expect("a name"), name(&resource["instances"][0]["status"])))
        .collect()
}

const APPLY: [&str; 3] = ["apply", "-auto-approve", "-input=false"];
const DESTROY: [&str; 3] = ["destroy", "-auto-approve", "-input=false"];

#[test]
fn commands_run_and_are_told_of_as_terraform_does() {
    let project = Project::local(STACK);
    let run = project.expect(1, &APPLY);
    let ours = lines(&run.stderr);
    assert_eq!(
        ours,
        [
            "terraform_data.a: Provisioning with 'local-exec'...",
            "terraform_data.a (local-exec): Executing: [\"/bin/sh\" \"-c\" \"echo hi; echo err >&2; echo $FOO; pwd; printf partial\"]",
            "terraform_data.a (local-exec): hi",
            "terraform_data.a (local-exec): err",
            "terraform_data.a (local-exec): foo x",
            "terraform_data.a (local-exec): /",
            "terraform_data.a (local-exec): partial",
            "terraform_data.a: Provisioning with 'local-exec'...",
            "terraform_data.a (local-exec): Executing: [\"/bin/sh\" \"-e\" \"-c\" \"set -- a \\\"b\\\"; echo $2\"]",
            "terraform_data.a (local-exec): b",
            "terraform_data.a: Provisioning with 'local-exec'...",
            "terraform_data.a (local-exec): local-exec: Executing: Suppressed by quiet=true",
            "terraform_data.a (local-exec): quiet",
            "terraform_data.a: Provisioning with 'local-exec'...",
            "terraform_data.a (local-exec): (output suppressed due to sensitive value in config)",
            "terraform_data.a: Provisioning with 'local-exec'...",
            "terraform_data.a (local-exec): Executing: [\"/bin/sh\" \"-c\" \"exit 3\"]",
            "terraform_data.b: Provisioning with 'local-exec'...",
            "terraform_data.b (local-exec): Executing: [\"/bin/sh\" \"-c\" \"echo out; exit 4\"]",
            "terraform_data.b (local-exec): out",
        ],
        "{}",
        run.stderr
    );
    let error = "Error running command 'echo out; exit 4': exit status 4. Output: out";
    assert!(run.stderr.contains("local-exec provisioner error") && run.stderr.contains(error), "{}", run.stderr);
    let expected = [("a".to_string(), None), ("b".to_string(), Some("tainted".to_string()))];
    assert_eq!(statuses(&project), expected);
    let farewell = lines(&project.expect(0, &DESTROY).stderr);
    assert_eq!(
        farewell,
        [
            "terraform_data.a: Provisioning with 'local-exec'...",
            "terraform_data.a (local-exec): Executing: [\"/bin/sh\" \"-c\" \"echo bye x\"]",
            "terraform_data.a (local-exec): bye x",
        ]
    );

    let Some(terraform) = terraform() else { return };
    let other = Project::local(STACK);
    other.terraform(terraform, 0, &["init", "-input=false"]);
    let run = other.terraform(terraform, 1, &[APPLY.as_slice(), &["-no-color"]].concat());
    assert_eq!(lines(&run.stdout), ours);
    assert!(run.stderr.contains(error), "{}", run.stderr);
    assert_eq!(statuses(&other), expected);
    let run = other.terraform(terraform, 0, &[DESTROY.as_slice(), &["-no-color"]].concat());
    assert_eq!(lines(&run.stdout), farewell);
}

#[test]
fn events_of_commands_are_those_of_terraform() {
    let events = |text: &str| -> Vec<serde_json::Value> {
        let all = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
        let mut events: Vec<serde_json::Value> = all
            .filter(|event| event["type"].as_str().is_some_and(|kind| kind.starts_with("provision_")))
            .map(|mut event| {
                event.as_object_mut().expect("an event is an object").remove("@timestamp");
                event
            })
            .collect();
        events.dedup();
        events
    };
    let arguments = ["apply", "-auto-approve", "-input=false", "-json"];
    let project = Project::local(STACK);
    let ours = events(&project.expect(1, &arguments).stdout);
    let kinds: Vec<&str> = ours.iter().filter_map(|event| event["type"].as_str()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "provision_start").count(), 6, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| **kind == "provision_complete").count(), 4, "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| **kind == "provision_errored").count(), 2, "{kinds:?}");
    let Some(terraform) = terraform() else { return };
    let other = Project::local(STACK);
    other.terraform(terraform, 0, &["init", "-input=false"]);
    assert_eq!(ours, events(&other.terraform(terraform, 1, &arguments).stdout));
}

#[test]
fn other_kinds_are_refused_with_a_reason_and_a_line() {
    let project = Project::local(
        r#"
resource "terraform_data" "a" {
  connection {
    host = "h"
  }
  provisioner "remote-exec" {
    inline = ["true"]
  }
  provisioner "file" {
    content     = "x"
    destination = "/x"
  }
  provisioner "chef" {}
}
"#,
    );
    let run = project.expect(1, &["validate"]);
    assert_eq!(run.stderr.matches("Unsupported provisioner").count(), 3, "{}", run.stderr);
    for part in ["main.tf line 6", "main.tf line 9", "main.tf line 13", "no plan can see it"] {
        assert!(run.stderr.contains(part), "{part}\n{}", run.stderr);
    }
}

/// A stack whose command says that it runs, and goes on until it is ended.
const LONG: &str = r#"
resource "terraform_data" "a" {
  provisioner "local-exec" {
    command = "sleep 600 & echo $! > child; mv child ready; wait"
  }
}
"#;

/// Starts an apply of [`LONG`]; gives it with the process that its command started.
fn start(project: &Project) -> (std::process::Child, String) {
    let apply = project
        .command(program())
        .args(APPLY)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let ready = project.path().join("ready");
    loop {
        match std::fs::read_to_string(&ready) {
            Ok(text) => return (apply, text.trim().to_owned()),
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

/// Runs what takes up the rest.
fn expect_replaced(project: &Project) {
    assert_eq!(statuses(project), [("a".to_string(), Some("tainted".to_string()))]);
    project.write("main.tf", &LONG.replace("sleep 600 & echo $! > child; mv child ready; wait", "true"));
    let plan = project.expect(2, &["plan", "-detailed-exitcode", "-input=false"]);
    assert!(plan.stdout.contains("1 to add, 0 to change, 1 to destroy"), "{}", plan.stdout);
    project.expect(0, &APPLY);
    assert_eq!(statuses(project), [("a".to_string(), None)]);
    project.expect_no_changes();
}

#[test]
fn a_stop_ends_the_command_with_all_it_started() {
    let project = Project::local(LONG);
    let (mut apply, child) = start(&project);
    let stopped = std::process::Command::new("kill").args(["-INT", &apply.id().to_string()]).status();
    assert!(stopped.expect("kill runs").success());
    let status = apply.wait().expect("the run ends");
    assert_eq!(status.code(), Some(1));
    while std::path::Path::new("/proc").join(&child).exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    expect_replaced(&project);
}

#[test]
fn a_kill_in_the_middle_of_a_command_leaves_the_object_to_be_replaced() {
    let project = Project::local(LONG);
    let (mut apply, child) = start(&project);
    apply.kill().expect("the run is there");
    apply.wait().expect("the run ends");
    // Nothing of the program runs after a kill; what it had started is left to the user.
    std::process::Command::new("kill").arg(&child).status().expect("kill runs");
    let plan = project.expect(2, &["plan", "-detailed-exitcode", "-input=false"]);
    assert!(plan.stdout.contains("1 to add, 0 to change, 1 to destroy"), "{}", plan.stdout);
    project.write("main.tf", &LONG.replace("sleep 600 & echo $! > child; mv child ready; wait", "true"));
    project.expect(0, &APPLY);
    assert_eq!(statuses(&project), [("a".to_string(), None)]);
    project.expect_no_changes();
}
