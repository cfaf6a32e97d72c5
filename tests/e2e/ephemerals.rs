//! What lasts for one run only, in stacks without a cloud.

use crate::project::{Project, terraform};

const PASSWORD: &str = r#"
variable "given" {
  type      = string
  ephemeral = true
}
variable "left" {
  default   = "left"
  ephemeral = true
}
variable "kept" {
  default = "kept"
}
ephemeral "random_password" "a" {
  length  = 24
  special = false
}
resource "terraform_data" "a" {
  input = var.kept
  provisioner "local-exec" {
    command     = "printf '%s' \"$PASSWORD $GIVEN $LEFT\" > seen"
    environment = {
      PASSWORD = ephemeral.random_password.a.result
      GIVEN    = var.given
      LEFT     = var.left
    }
  }
}
"#;

fn read(project: &Project, name: &str) -> String {
    String::from_utf8_lossy(&std::fs::read(project.path().join(name)).expect("it is there")).into_owned()
}

#[test]
fn an_ephemeral_password_reaches_a_command_and_is_kept_nowhere() {
    let project = Project::local(PASSWORD);
    let plan = project.expect(0, &["plan", "-input=false", "-out=saved", "-var=given=canary-1"]);
    for line in ["Opening...", "Opening complete after", "Closing...", "Closing complete after"] {
        assert!(plan.stderr.contains(&format!("ephemeral.random_password.a: {line}")), "{line}\n{}", plan.stderr);
    }
    let apply = project.expect(0, &["apply", "-input=false", "-var=given=canary-2", "saved"]);
    let suppressed = "terraform_data.a (local-exec): (output suppressed due to sensitive, ephemeral value in config)";
    assert!(apply.stderr.contains(suppressed), "{}", apply.stderr);
    let seen = read(&project, "seen");
    let parts: Vec<&str> = seen.split(' ').collect();
    assert!(parts[0].len() == 24 && parts[1..] == ["canary-2", "left"], "{seen}");
    let everything = [
        plan.stdout,
        plan.stderr,
        apply.stdout,
        apply.stderr,
        read(&project, "saved"),
        read(&project, "terraform.tfstate"),
    ];
    for text in everything {
        assert!(!text.contains(parts[0]) && !text.contains("canary"), "{text}");
    }
    project.expect(0, &["plan", "-detailed-exitcode", "-input=false", "-var=given=canary-3"]);
}

#[test]
fn a_saved_plan_wants_the_ephemeral_variables_that_it_was_made_with() {
    // Terraform has no password here, and the rules are the same without.
    let mut stack = PASSWORD.to_owned();
    let start = stack.find("ephemeral \"random_password\"").expect("it is there");
    let end = stack.find("resource").expect("it is there");
    stack.replace_range(start..end, "");
    let stack = stack.replace("ephemeral.random_password.a.result", "\"p\"");
    let attempts: [(i32, &[&str], &str); 5] = [
        (1, &[], "No value for required variable"),
        (1, &["-var=given=b", "-var=left=c"], "Ephemeral variable was not set during planning"),
        (1, &["-var=given=b", "-var=kept=other"], "Can't change variable when applying a saved plan"),
        (0, &["-var=given=b", "-var=kept=mine"], ""),
        (1, &["-var=given=b"], "Saved plan is stale"),
    ];
    let plan = ["plan", "-input=false", "-out=saved", "-var=given=a", "-var=kept=mine"];
    let project = Project::local(&stack);
    project.expect(0, &plan);
    for (code, options, summary) in attempts {
        let run = project.expect(code, &[["apply", "-input=false"].as_slice(), options, &["saved"]].concat());
        assert!(run.stderr.contains(summary), "{options:?}\n{}", run.stderr);
    }
    assert_eq!(read(&project, "seen"), "p b left");

    let Some(terraform) = terraform() else { return };
    let other = Project::local(&stack);
    other.terraform(terraform, 0, &["init", "-input=false"]);
    other.terraform(terraform, 0, &plan);
    for (code, options, summary) in attempts {
        let arguments = [["apply", "-input=false", "-no-color"].as_slice(), options, &["saved"]].concat();
        let run = other.terraform(terraform, code, &arguments);
        assert!(run.stderr.contains(summary), "{options:?}\n{}", run.stderr);
    }
    assert_eq!(read(&other, "seen"), "p b left");
}

/// The summaries of the errors of `validate -json`, each with its line, sorted.
fn errors(text: &str) -> Vec<(String, u64)> {
    let json: serde_json::Value = serde_json::from_str(text).expect("JSON");
    let mut errors: Vec<(String, u64)> = json["diagnostics"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|found| {
            let summary = found["summary"].as_str().expect("a text").to_owned();
            (summary, found["range"]["start"]["line"].as_u64().unwrap_or_default())
        })
        .collect();
    errors.sort();
    errors
}

#[test]
fn ephemeral_values_are_refused_where_terraform_refuses_them() {
    let text = r#"
variable "e" {
  default   = "x"
  ephemeral = true
}
locals {
  e = "${var.e}!"
}
module "m" {
  source = "./m"
  plain  = local.e
  fine   = local.e
}
output "o" {
  value = local.e
}
output "fine" {
  value = ephemeralasnull(local.e)
}
resource "terraform_data" "a" {
  input = { nested = [local.e] }
}
resource "terraform_data" "fine" {
  lifecycle {
    precondition {
      condition     = local.e != ""
      error_message = "It is empty."
    }
  }
  provisioner "local-exec" {
    command = local.e
  }
}
output "module" {
  value = module.m.fine
}
"#;
    let module = r#"
variable "plain" {}
variable "fine" {
  ephemeral = true
}
output "undeclared" {
  value = var.fine
}
output "fine" {
  value     = var.fine
  ephemeral = true
}
output "needless" {
  value     = "stays"
  ephemeral = true
}
"#;
    let fill = |project: &Project| {
        std::fs::create_dir(project.path().join("m")).expect("writable");
        project.write("m/main.tf", module);
    };
    let project = Project::local(text);
    fill(&project);
    let ours = errors(&project.expect(1, &["validate", "-json"]).stdout);
    let count = |summary: &str| ours.iter().filter(|(other, _)| other == summary).count();
    assert_eq!(count("Ephemeral value not allowed"), 4, "{ours:?}");
    assert_eq!(count("Value not allowed in ephemeral output"), 1, "{ours:?}");
    assert_eq!(count("Invalid use of ephemeral value"), 1, "{ours:?}");
    let Some(terraform) = terraform() else { return };
    let other = Project::local(text);
    fill(&other);
    other.terraform(terraform, 0, &["init", "-input=false"]);
    let mut theirs = errors(&other.terraform(terraform, 1, &["validate", "-json"]).stdout);
    // The output of an ephemeral output of a module: Terraform says it in the plan.
    theirs.push(("Ephemeral value not allowed".to_string(), 35));
    theirs.sort();
    assert_eq!(ours, theirs);
}
