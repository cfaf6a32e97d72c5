//! Diagnostics as text and as JSON.

use model::source::SourceRange;
use model::ty::Type;
use model::value::Marks;

use super::*;
use crate::style::plain;

const MAIN: &str = r#"variable "cidr" {
  type = string
}

resource "aws_vpc" "main" {
  tags = {
    Name = "main"
  }

  enable_dns_support   = true
  enable_dns_hostnames = true
  cidr_blok = "${var.cidr}-${local.größe}"
}
"#;

fn sources() -> SourceMap {
    let mut sources = SourceMap::default();
    sources.add("main.tf", MAIN);
    sources
}

fn range(text: &str) -> SourceRange {
    let start = MAIN.find(text).expect("the fixture has it") as u32;
    let file = sources().files().next().expect("one file").0;
    SourceRange { file, start, end: start + text.len() as u32 }
}

fn shown(diagnostic: &Diagnostic) -> String {
    plain(&one(diagnostic, &sources()))
}

#[test]
fn place_source_detail_and_hint_are_shown() {
    let diagnostic = Diagnostic::error("Unsupported argument", "An argument named \"cidr_blok\" is not expected here.")
        .at(range("cidr_blok"))
        .of("aws_vpc.main".parse().expect("an address"))
        .hint("Did you mean `cidr_block`?");
    insta::assert_snapshot!(shown(&diagnostic), @r#"
    Error: Unsupported argument
      on main.tf line 12, in resource "aws_vpc" "main":
       |
     5 | resource "aws_vpc" "main" {
    ...
    12 |   cidr_blok = "${var.cidr}-${local.größe}"
       |   ^^^^^^^^^

    An argument named "cidr_blok" is not expected here.

    Hint: Did you mean `cidr_block`?
    "#);
}

#[test]
fn values_of_references_are_told_and_secrets_are_not() {
    let mut diagnostic =
        Diagnostic::error("Invalid value", "It does not fit.").at(range("\"${var.cidr}-${local.größe}\""));
    diagnostic.values = vec![
        ("var.cidr".into(), Value::from("10.0.0.0/16\u{1b}[31m")),
        ("local.größe".into(), Value::from("canary").sensitive()),
        ("var.cidr".into(), Value::from("10.0.0.0/16")),
        ("local.list".into(), Value::list(Type::String, vec![Value::from("canary")])),
        ("aws_vpc.main.id".into(), Value::unknown(Type::String)),
        ("ephemeral.x.y".into(), Value::from("canary").with_marks(Marks::EPHEMERAL)),
    ];
    insta::assert_snapshot!(shown(&diagnostic), @r#"
    Error: Invalid value
      on main.tf line 12, in resource "aws_vpc" "main":
       |
     5 | resource "aws_vpc" "main" {
    ...
    12 |   cidr_blok = "${var.cidr}-${local.größe}"
       |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      where var.cidr is "10.0.0.0/16\u001b[31m"
      where local.größe has a sensitive value
      where local.list is a list of string with 1 element
      where aws_vpc.main.id is a string, known after apply
      where ephemeral.x.y has an ephemeral value

    It does not fit.
    "#);
}

#[test]
fn block_itself_as_the_subject_has_no_context() {
    let diagnostic = Diagnostic::warning("Deprecated", "").at(range("resource \"aws_vpc\" \"main\""));
    insta::assert_snapshot!(shown(&diagnostic), @r#"
    Warning: Deprecated
      on main.tf line 5:
      |
    5 | resource "aws_vpc" "main" {
      | ^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
    let whole = Diagnostic::error("Whole block", "")
        .at(range(&MAIN[MAIN.find("  tags").expect("there")..MAIN.find("  enable").expect("there") - 2]));
    insta::assert_snapshot!(shown(&whole), @r#"
    Error: Whole block
      on main.tf line 6, in resource "aws_vpc" "main":
      |
    5 |   resource "aws_vpc" "main" {
    6 | /   tags = {
    7 | |     Name = "main"
    8 | |   }
      | |___^
    "#);
}

#[test]
fn failure_without_a_place_names_the_address() {
    let diagnostic = Diagnostic::error(
        "Creating the object failed",
        "failed to call ec2:CreateVpc: VpcLimitExceeded: too many (request id 1b2c)",
    )
    .of("module.net.aws_vpc.main[0]".parse().expect("an address"))
    .attribute(model::path::Path::attribute("cidr_block"));
    insta::assert_snapshot!(shown(&diagnostic), @r"
    Error: Creating the object failed
      with module.net.aws_vpc.main[0], attribute `cidr_block`

    failed to call ec2:CreateVpc: VpcLimitExceeded: too many (request id 1b2c)
    ");
}

#[test]
fn errors_stand_after_warnings() {
    let diagnostics = Diagnostics(vec![Diagnostic::error("First", ""), Diagnostic::warning("Second", "")]);
    insta::assert_snapshot!(plain(&text(&diagnostics, &sources())), @r"
    Warning: Second

    Error: First
    ");
    assert_eq!(count(&diagnostics), "1 error, 1 warning");
}

#[test]
fn json_is_what_terraform_validate_gives() {
    let mut diagnostic =
        Diagnostic::error("Unsupported argument", "Not expected here.").at(range("cidr_blok")).hint("Look.");
    diagnostic.values = vec![("var.cidr".into(), Value::unknown(Type::String))];
    let diagnostics = Diagnostics(vec![diagnostic, Diagnostic::warning("Careful", "")]);
    let text = serde_json::to_string_pretty(&report(&diagnostics, &sources())).expect("JSON");
    insta::assert_snapshot!(text, @r#"
    {
      "diagnostics": [
        {
          "detail": "Not expected here.",
          "hint": "Look.",
          "range": {
            "end": {
              "byte": 170,
              "column": 12,
              "line": 12
            },
            "filename": "main.tf",
            "start": {
              "byte": 161,
              "column": 3,
              "line": 12
            }
          },
          "severity": "error",
          "snippet": {
            "code": "  cidr_blok = \"${var.cidr}-${local.größe}\"",
            "context": "resource \"aws_vpc\" \"main\"",
            "highlight_end_offset": 11,
            "highlight_start_offset": 2,
            "start_line": 12,
            "values": [
              {
                "statement": "is a string, known after apply",
                "traversal": "var.cidr"
              }
            ]
          },
          "summary": "Unsupported argument"
        },
        {
          "detail": "",
          "severity": "warning",
          "summary": "Careful"
        }
      ],
      "error_count": 1,
      "format_version": "1.0",
      "valid": false,
      "warning_count": 1
    }
    "#);
}

#[test]
fn empty_range_at_the_end_of_the_file_points_somewhere() {
    let file = sources().files().next().expect("one file").0;
    let end = MAIN.len() as u32;
    let diagnostic = Diagnostic::error("Missing block", "").at(SourceRange { file, start: end, end });
    insta::assert_snapshot!(shown(&diagnostic), @r"
    Error: Missing block
      on main.tf line 14:
       |
    13 | }
       |  ^
    ");
}
