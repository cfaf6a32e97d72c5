//! The console over a configuration and its state, fed through a pipe.

use std::io::Write;
use std::process::Stdio;

use crate::project::{Project, program, server};

const VALUES: &str = r#"
variable "name" {}
variable "size" {
  default = 3
}
locals {
  pair = { a = [1, "x"], b = sensitive("canary") }
}
resource "aws_cloudwatch_log_group" "main" {
  name = "console"
}
"#;

/// The exit code, the answer, and what was said beside it.
fn ask(project: &Project, arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = project.command(program());
    command.arg("console").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    // It may end before it has read everything.
    let _unread = child.stdin.take().expect("piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("it was not killed"), text(&output.stdout), text(&output.stderr))
}

#[test]
fn last_answer_of_a_pipe_is_shown() {
    let Some(server) = server() else { return };
    let project = Project::new(server, VALUES);
    let answer = |input: &str| ask(&project, &[], input).1;
    assert_eq!(answer("1\nlocal.pair\n"), "{\n  \"a\" = [\n    1,\n    \"x\",\n  ]\n  \"b\" = (sensitive value)\n}\n");
    assert_eq!(answer("[for n in range(var.size) :\n  n]"), "[\n  0,\n  1,\n  2,\n]\n");
    assert_eq!(answer("<<EOT\nhi\nEOT\n"), "<<EOT\nhi\n\nEOT\n");
    assert_eq!(answer("type(local.pair.a)"), "tuple([\n    number,\n    string,\n])\n");
    assert_eq!(answer("var.name"), "(known after apply)\n");
    assert_eq!(ask(&project, &["-var=name=n"], "var.name").1, "\"n\"\n");
    assert_eq!(answer("aws_cloudwatch_log_group.main.name"), "(known after apply)\n");
    project.expect(0, &["apply", "-auto-approve", "-var=name=n"]);
    assert_eq!(answer("aws_cloudwatch_log_group.main.name"), "\"console\"\n");
}

#[test]
fn mistakes_have_a_place_in_the_input() {
    let Some(server) = server() else { return };
    let project = Project::new(server, VALUES);
    project.write("broken.tf", "locals {\n  broken = tonumber(\"x\")\n}\n");
    for (input, part) in [
        ("1 +", "Missing expression"),
        ("local.nope", "Reference to undeclared local value"),
        ("1 + length(5)", "<console-input> line 1"),
        ("local.broken", "tonumber(\"x\")"),
        ("type()", "Not enough function arguments"),
        ("each.key", "each"),
    ] {
        let (code, answer, message) = ask(&project, &[], input);
        assert!(code == 1 && answer.is_empty() && message.contains(part), "{input}: {code} {answer}{message}");
    }
}
