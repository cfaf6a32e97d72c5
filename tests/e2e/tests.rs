//! `infra test`: in a folder of its own, beside a real state, and as Terraform says it.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::project::program;

const STACK: &str = r#"
variable "name" {}
resource "terraform_data" "greeting" {
  input = "hello ${var.name}"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = var.name }
}
output "text" { value = terraform_data.greeting.output }
output "arn" { value = aws_vpc.main.arn }
"#;

const TESTS: &str = r#"
mock_provider "aws" {
  mock_resource "aws_vpc" {
    defaults = { arn = "arn:aws:ec2:::mocked" }
  }
}
variables {
  name = "world"
}
run "plans" {
  command = plan
  assert {
    condition     = terraform_data.greeting.input == "hello world"
    error_message = "the input is ${terraform_data.greeting.input}"
  }
}
run "applies" {
  assert {
    condition     = output.arn == "arn:aws:ec2:::mocked" && length(aws_vpc.main.id) == 8
    error_message = "not mocked: ${output.arn}"
  }
}
run "fails" {
  variables {
    name = run.applies.text
  }
  assert {
    condition     = output.text == "hello"
    error_message = "it says ${output.text}"
  }
}
"#;

/// Exit code, stdout and stderr.
fn test(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = Command::new(program());
    command.arg("test").args(arguments).current_dir(folder).stdin(Stdio::null()).env("NO_COLOR", "1");
    // Mocks ask nobody, so nobody's credentials are needed.
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_ENDPOINT_URL"] {
        command.env_remove(name);
    }
    let output = command.output().expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is text");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    std::fs::write(folder.path().join("main.tf"), STACK).expect("writable");
    std::fs::create_dir(folder.path().join("tests")).expect("writable");
    std::fs::write(folder.path().join("tests/main.tftest.hcl"), TESTS).expect("writable");
    folder
}

#[test]
fn results_go_to_stdout_and_messages_to_stderr() {
    let folder = folder();
    let (code, stdout, stderr) = test(folder.path(), &[]);
    assert_eq!(
        stdout,
        "tests/main.tftest.hcl... in progress\n  run \"plans\"... pass\n  run \"applies\"... pass\n  run \"fails\"... fail\n\
         tests/main.tftest.hcl... tearing down\ntests/main.tftest.hcl... fail\n\nFailure! 2 passed, 1 failed.\n",
        "{stderr}"
    );
    assert!(
        stderr.contains("Error: Test assertion failed") && stderr.contains("it says hello hello world"),
        "{stderr}"
    );
    assert_eq!(code, Some(1));
}

#[test]
fn nothing_is_left_in_the_folder_and_its_state_is_not_touched() {
    let folder = folder();
    // Not even a broken state is in the way.
    std::fs::write(folder.path().join("terraform.tfstate"), "not a state").expect("writable");
    let before = entries(folder.path());
    test(folder.path(), &[]);
    assert_eq!(entries(folder.path()), before);
    let state = std::fs::read_to_string(folder.path().join("terraform.tfstate")).expect("readable");
    assert_eq!(state, "not a state");
}

fn entries(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("readable")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn options_choose_files_values_and_forms() {
    let folder = folder();
    std::fs::write(folder.path().join("other.tftest.hcl"), "run \"other\" {\n  command = plan\n}\n").expect("writable");
    let filter = "-filter=./other.tftest.hcl";
    let (code, _, stderr) = test(folder.path(), &[filter]);
    assert!(code == Some(1) && stderr.contains("No value for required variable"), "{stderr}");
    std::fs::write(
        folder.path().join("other.tftest.hcl"),
        "mock_provider \"aws\" {}\nrun \"other\" {\n  command = plan\n}\n",
    )
    .expect("writable");
    let (code, stdout, stderr) = test(folder.path(), &[filter, "-var", "name=x", "-verbose", "-junit-xml=results.xml"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(
        stdout.contains("terraform_data.greeting") && stdout.ends_with("Success! 1 passed, 0 failed.\n"),
        "{stdout}"
    );
    let xml = std::fs::read_to_string(folder.path().join("results.xml")).expect("the results are written");
    assert!(xml.contains("<testcase name=\"other\" classname=\"other.tftest.hcl\""), "{xml}");
    let (code, stdout, _) = test(folder.path(), &["-json"]);
    let last: serde_json::Value =
        serde_json::from_str(stdout.lines().last().expect("there are events")).expect("an event is JSON");
    assert_eq!((code, &last["test_summary"]["passed"]), (Some(1), &serde_json::json!(2)));
}

#[test]
fn mistakes_in_test_files_are_found_by_validate() {
    let folder = folder();
    std::fs::write(folder.path().join("bad.tftest.hcl"), "run \"x\" {\n  comand = plan\n}\n").expect("writable");
    let output = Command::new(program()).arg("validate").current_dir(folder.path()).output().expect("the program runs");
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && stderr.contains("bad.tftest.hcl line 2"), "{stderr}");
}
