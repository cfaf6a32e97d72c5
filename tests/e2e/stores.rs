//! States in an S3 bucket: where Terraform has them, one run at a time, and nothing lost of a run that was killed.

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::project::{Project, program, server, terraform_without_providers};

/// A folder whose state is in a bucket; `body` is what its configuration says besides.
fn stack(server: &sandbox::server::Server, bucket: &str, body: &str) -> Project {
    let project =
        Project::new(server, &format!("resource \"aws_s3_bucket\" \"states\" {{\n  bucket = \"{bucket}\"\n}}\n"));
    project.apply();
    for name in ["terraform.tfstate", "terraform.tfstate.backup"] {
        // The backup is there only after a second write.
        let _absent = std::fs::remove_file(project.path().join(name));
    }
    configure(&project, bucket, body);
    project
}

fn configure(project: &Project, bucket: &str, body: &str) {
    let text = format!(
        "terraform {{\n  backend \"s3\" {{\n    bucket = \"{bucket}\"\n    key = \"stack/terraform.tfstate\"\n    region = \"eu-west-1\"\n    \
         use_path_style = true\n    use_lockfile = true\n    skip_credentials_validation = true\n    \
         skip_requesting_account_id = true\n  }}\n}}\n{body}"
    );
    project.write("main.tf", &text);
}

fn data(name: &str, input: &str) -> String {
    format!("resource \"terraform_data\" \"{name}\" {{\n  input = \"{input}\"\n}}\n")
}

/// A resource whose create takes some seconds.
fn slow(seconds: u32) -> String {
    format!(
        "resource \"terraform_data\" \"slow\" {{\n  provisioner \"local-exec\" {{\n    command = \"sleep {seconds}\"\n  }}\n}}\n"
    )
}

fn start_apply(project: &Project, expiry: &str) -> Child {
    let mut command = project.command(program());
    command.args(["apply", "-auto-approve", "-input=false"]).env("INFRA_LOCK_EXPIRY", expiry);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
}

fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let status = std::process::Command::new("kill").args([name, &pid]).status().expect("kill runs");
    assert!(status.success());
}

/// Waits until a run has the lock and has recorded what it is doing.
fn wait_for_lock(project: &Project) {
    let start = Instant::now();
    while !project.infra(&["force-unlock", "-force", "none"]).stderr.contains("its ID is") {
        assert!(start.elapsed() < Duration::from_secs(30), "the lock was not taken");
        std::thread::sleep(Duration::from_millis(50));
    }
    // The intent is recorded soon after the lock is taken.
    std::thread::sleep(Duration::from_millis(1500));
}

#[test]
fn a_state_in_a_bucket_is_planned_from_and_leaves_no_file() {
    let Some(server) = server() else { return };
    let project = stack(server, "states-plain", &data("a", "1"));
    project.apply();
    project.expect_no_changes();
    assert!(!project.path().join("terraform.tfstate").exists());
    let pulled = project.expect(0, &["state", "pull"]).stdout;
    assert!(pulled.contains("terraform_data"), "{pulled}");

    project.expect(0, &["workspace", "new", "other"]);
    project.apply();
    let listed = project.expect(0, &["workspace", "list"]).stdout;
    assert!(listed.contains("default") && listed.contains("* other"), "{listed}");
    project.destroy();
    project.expect(0, &["workspace", "select", "default"]);
    project.expect_no_changes();
    project.expect(0, &["workspace", "delete", "other"]);
    assert!(!project.expect(0, &["workspace", "list"]).stdout.contains("other"));
}

#[test]
fn either_tool_takes_the_state_that_the_other_put_into_a_bucket() {
    let (Some(server), Some(terraform)) = (server(), terraform_without_providers()) else { return };
    let project = stack(server, "states-either", &data("a", "1"));
    project.apply();
    project.terraform(terraform, 0, &["init", "-input=false"]);
    project.terraform(terraform, 0, &["plan", "-detailed-exitcode", "-input=false"]);
    configure(&project, "states-either", &format!("{}{}", data("a", "1"), data("b", "2")));
    project.terraform(terraform, 0, &["apply", "-auto-approve", "-input=false"]);
    project.expect_no_changes();
    project.destroy();
}

#[test]
fn runs_at_once_change_a_state_one_after_the_other() {
    let Some(server) = server() else { return };
    let project =
        stack(server, "states-many", "variable \"n\" {}\nresource \"terraform_data\" \"a\" {\n  input = var.n\n}\n");
    let runs: Vec<Child> = (0..8)
        .map(|number| {
            let mut command = project.command(program());
            command.args(["apply", "-auto-approve", "-input=false", "-lock-timeout=300s"]);
            command.arg(format!("-var=n={number}"));
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program runs")
        })
        .collect();
    for run in runs {
        let output = run.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let state: serde_json::Value =
        serde_json::from_str(&project.expect(0, &["state", "pull"]).stdout).expect("a state is JSON");
    assert!(state["serial"].as_u64().is_some_and(|serial| serial >= 8), "{}", state["serial"]);
}

#[test]
fn a_killed_run_is_taken_up_from_another_folder() {
    let Some(server) = server() else { return };
    let body = format!("{}{}", data("a", "1"), slow(60));
    let project = stack(server, "states-killed", &body);
    let mut run = start_apply(&project, "2");
    wait_for_lock(&project);
    run.kill().expect("it runs");
    run.wait().expect("it ends");

    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    std::fs::copy(project.path().join("main.tf"), elsewhere.path().join("main.tf")).expect("writable");
    let text =
        std::fs::read_to_string(elsewhere.path().join("main.tf")).expect("readable").replace("sleep 60", "sleep 0");
    std::fs::write(elsewhere.path().join("main.tf"), text).expect("writable");
    let mut command = project.command(program());
    command.current_dir(elsewhere.path()).args(["apply", "-auto-approve", "-input=false"]);
    let output = command.output().expect("the program runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert!(stderr.contains("Took over the lock of"), "{stderr}");
    let listed = project.expect(0, &["state", "list"]).stdout;
    assert!(listed.contains("terraform_data.a") && listed.contains("terraform_data.slow"), "{listed}");
}

#[test]
fn a_stopped_run_whose_lock_was_taken_writes_nothing_more() {
    let Some(server) = server() else { return };
    let project = stack(server, "states-stopped", &slow(4));
    let run = start_apply(&project, "2");
    wait_for_lock(&project);
    signal(&run, "-STOP");
    configure(&project, "states-stopped", &data("other", "1"));
    project.expect(0, &["apply", "-auto-approve", "-input=false", "-lock-timeout=60s"]);
    let before = project.expect(0, &["state", "pull"]).stdout;
    signal(&run, "-CONT");
    let output = run.wait_with_output().expect("it ends");
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(project.expect(0, &["state", "pull"]).stdout, before);
}

#[test]
fn a_lock_is_removed_by_its_id() {
    let Some(server) = server() else { return };
    let project = stack(server, "states-unlocked", &slow(60));
    let mut run = start_apply(&project, "600");
    wait_for_lock(&project);
    run.kill().expect("it runs");
    run.wait().expect("it ends");
    let other = "00000000-0000-0000-0000-000000000000";
    // Messages are wrapped.
    let stderr = project.expect(1, &["force-unlock", "-force", other]).stderr;
    let words: Vec<&str> = stderr.split_whitespace().filter(|word| *word != "│").collect();
    let text = words.join(" ");
    let id =
        text.split("its ID is ").nth(1).and_then(|rest| rest.split(',').next()).expect("the message names the lock");
    project.expect(0, &["force-unlock", "-force", id]);
    configure(&project, "states-unlocked", &data("a", "1"));
    project.apply();
}

#[test]
fn a_bucket_gets_no_second_state_beside_a_local_one() {
    let Some(server) = server() else { return };
    let project = stack(server, "states-second", "");
    project.write("main.tf", &data("a", "1"));
    project.apply();
    configure(&project, "states-second", &data("a", "1"));
    let refused = project.expect(1, &["apply", "-auto-approve", "-input=false"]);
    assert!(refused.stderr.contains("State in another place"), "{}", refused.stderr);
    project.expect(0, &["state", "push", "terraform.tfstate"]);
    project.expect_no_changes();
}
