//! Test files from their text to blocks.

use lang::load::test_file::load_tests;
use lang::test_file::{Command, During, OverrideKind, TestFile, TestProvider};
use model::address::Mode;
use model::source::SourceMap;

use crate::support::{render, write_files};

/// The test files of a folder, which must have no mistakes.
fn read(text: &str) -> Vec<TestFile> {
    let dir = tempfile::tempdir().expect("a temporary folder can be made");
    write_files(dir.path(), text);
    let mut sources = SourceMap::default();
    let (files, diagnostics) = load_tests(dir.path(), "tests", false, &mut sources);
    assert!(diagnostics.is_empty(), "{}", render(&diagnostics, &sources));
    files
}

/// What is said of the test files of a folder.
fn said(text: &str) -> String {
    let dir = tempfile::tempdir().expect("a temporary folder can be made");
    write_files(dir.path(), text);
    let mut sources = SourceMap::default();
    let (_, diagnostics) = load_tests(dir.path(), "tests", true, &mut sources);
    render(&diagnostics, &sources)
}

#[test]
fn files_beside_the_configuration_and_in_the_folder_for_tests_are_read_by_name() {
    let files = read(
        r#"
--- tests/b.tftest.hcl
run "b" {}
--- tests/sub/c.tftest.hcl
run "c" {}
--- z.tftest.json
{"run": {"z": {}}}
--- .a.tftest.hcl
run "editor" {}
--- a.hcl
run "other" {}
"#,
    );
    let names: Vec<(&str, bool)> = files.iter().map(|file| (&*file.name, file.in_test_directory)).collect();
    assert_eq!(names, [("tests/b.tftest.hcl", true), ("z.tftest.json", false)]);
}

#[test]
fn a_run_says_what_to_do_and_what_to_expect() {
    let files = read(
        r#"
--- main.tftest.hcl
run "first" {}
run "second" {
  command   = plan
  state_key = "other"
  plan_options {
    mode    = normal
    refresh = false
    target  = [module.a, terraform_data.b["k"]]
    replace = [terraform_data.c]
  }
  module {
    source = "./setup"
  }
  variables {
    name = run.first.name
  }
  providers = {
    aws = aws.west
  }
  expect_failures = [var.name, check.health, terraform_data.b[0], data.x.y, output.o]
  assert {
    condition     = output.o == 1
    error_message = "no"
  }
}
"#,
    );
    let [first, second] = files[0].runs.as_slice() else { panic!("two runs") };
    assert_eq!((first.command, first.options.refresh), (Command::Apply, true));
    assert_eq!((second.command, second.state_key.as_deref()), (Command::Plan, Some("other")));
    let targets: Vec<String> = second.options.targets.iter().map(ToString::to_string).collect();
    assert_eq!(targets, ["module.a", "terraform_data.b[\"k\"]"]);
    let replaced: Vec<String> = second.options.replace.iter().map(ToString::to_string).collect();
    assert_eq!(replaced, ["terraform_data.c"]);
    assert!(!second.options.refresh && !second.options.refresh_only);
    assert_eq!(second.module.as_ref().map(|module| &*module.source), Some("./setup"));
    assert_eq!(second.variables.iter().map(|one| &*one.name).collect::<Vec<_>>(), ["name"]);
    let passed: Vec<String> =
        second.providers.iter().map(|one| format!("{} = {}", one.inner.key, one.outer.key)).collect();
    assert_eq!(passed, ["aws = aws.west"]);
    let expected: Vec<String> = second.expect_failures.iter().map(|one| one.subject.to_string()).collect();
    assert_eq!(expected, ["var.name", "check.health", "terraform_data.b", "data.x.y", "output.o"]);
    assert_eq!(second.asserts.len(), 1);
}

#[test]
fn mocks_take_what_they_are_not_told_from_files_and_inherit_when_it_is_known() {
    let files = read(
        r#"
--- main.tftest.hcl
mock_provider "aws" {
  alias           = "fake"
  source          = "./mocks"
  override_during = plan
  mock_resource "aws_vpc" {
    defaults = { id = "own" }
  }
  mock_data "aws_region" {
    override_during = apply
  }
  override_data {
    target = data.aws_ami.a
    values = { id = "ami-1" }
  }
}
override_module {
  target  = module.a["k"]
  outputs = { o = 1 }
}
--- mocks/a.tfmock.hcl
mock_resource "aws_vpc" {
  defaults = { id = "file" }
}
mock_resource "aws_subnet" {
  defaults = { id = "file" }
}
"#,
    );
    let providers: Vec<&TestProvider> = files[0].providers.values().collect();
    let [TestProvider::Mock(mock)] = providers.as_slice() else { panic!("one mock") };
    assert_eq!(mock.key.to_string(), "aws.fake");
    let told: Vec<String> = mock
        .types
        .iter()
        .map(|((mode, name), mocked)| {
            let mode = match mode {
                Mode::Managed => "resource",
                Mode::Data => "data",
                Mode::Ephemeral => "ephemeral",
            };
            let during = match mocked.during {
                During::Plan => "plan",
                During::Apply => "apply",
            };
            format!("{mode} {name} {} {during}", mocked.defaults)
        })
        .collect();
    assert_eq!(
        told,
        [
            "data aws_region {} apply",
            "resource aws_subnet {\"id\" = \"file\"} plan",
            "resource aws_vpc {\"id\" = \"own\"} plan"
        ]
    );
    assert_eq!(mock.overrides[0].target.to_string(), "data.aws_ami.a");
    let over = &files[0].overrides[0];
    assert_eq!((over.kind, over.target.to_string().as_str()), (OverrideKind::Module, "module.a[\"k\"]"));
}

#[test]
fn json_says_the_same_as_the_native_syntax() {
    let native = read(
        r#"
--- a.tftest.hcl
variables { name = "x" }
override_resource {
  target          = terraform_data.a
  override_during = plan
  values          = { id = "i" }
}
run "a" {
  command         = plan
  expect_failures = [var.name]
  plan_options {
    mode   = refresh-only
    target = [terraform_data.a]
  }
  assert {
    condition     = var.name == "x"
    error_message = "no"
  }
}
"#,
    );
    let json = read(
        r#"
--- a.tftest.json
{
  "variables": {"name": "x"},
  "override_resource": {"target": "terraform_data.a", "override_during": "plan", "values": {"id": "i"}},
  "run": {"a": {
    "command": "plan",
    "expect_failures": ["var.name"],
    "plan_options": {"mode": "refresh-only", "target": ["terraform_data.a"]},
    "assert": {"condition": "${var.name == \"x\"}", "error_message": "no"}
  }}
}
"#,
    );
    let [native, json] = [&native[0], &json[0]];
    let over = |file: &TestFile| {
        file.overrides.iter().map(|over| (over.target.clone(), over.during, over.values.clone())).collect::<Vec<_>>()
    };
    assert_eq!(over(native), over(json));
    assert_eq!(native.variables.len(), json.variables.len());
    let [native, json] = [&native.runs[0], &json.runs[0]];
    assert_eq!((native.command, &native.options), (json.command, &json.options));
    assert_eq!(native.expect_failures[0].subject, json.expect_failures[0].subject);
    assert_eq!(native.asserts.len(), json.asserts.len());
}

#[test]
fn mistakes_are_all_said_with_their_places() {
    let text = said(
        r#"
--- main.tftest.hcl
run "a" {
  command = destroy
  plan_options {
    mode    = refresh-only
    refresh = false
  }
}
mock_provider "aws" {
  source = "./nowhere"
}
override_data {
  target = terraform_data.a
}
"#,
    );
    assert_eq!(
        text,
        "warning: Test directory does not exist\n  The folder tests is not there, so only the test files beside the configuration \
         count.\n\
         error main.tftest.hcl:2,13-2,20: Invalid \"command\" keyword\n  The argument is one of these words, without quotes: apply, \
         plan.\n\
         error main.tftest.hcl:5,5-5,20: Incompatible plan options\n  A plan that only refreshes must be allowed to refresh.\n\
         error main.tftest.hcl:9,12-9,23: Failed to read mock data\n  The folder ./nowhere of the mock provider's files is not \
         there.\n\
         error main.tftest.hcl:12,12-12,28: Invalid override target\n  `override_data` is for data sources alone, and \
         terraform_data.a is none of them.\n"
    );
}
