//! Expressions over values that are unknown while planning are as known as in Terraform's plan, where it is installed.
//!
//! The cases are the lines of `expressions/unknowns.txt`; `# differs: REASON` before a line as for the other expressions.

use std::path::Path;
use std::process::Command;

use lang::evaluate::evaluate;
use lang::expression::Expression;
use lang::reference::Subject;
use lang::scope::{Scope, Surroundings};
use model::diagnostic::Diagnostic;
use model::source::{FileId, SourceRange};
use model::ty::Type;
use model::value::{Kind, Refinement, Value};
use serde_json::{Map, Value as Json, json};

/// Stands in JSON for what is not known.
const UNKNOWN: &str = "(unknown)";

/// The locals that the expressions use, as Terraform's configuration; [`Locals`] has the same.
const LOCALS: &str = r#"
resource "terraform_data" "u" {}
locals {
  any    = jsondecode(terraform_data.u.id)
  id     = terraform_data.u.id
  text   = tostring(local.any)
  number = tonumber(local.any)
  flag   = tobool(local.any)
  names  = tolist(local.any) == null ? tolist(["x"]) : split(",", terraform_data.u.id)
  set    = toset(split(",", terraform_data.u.id))
  map    = { for k in ["a"] : k => local.number } == null ? tomap({ a = 1 }) : tomap({ a = local.number })
  some   = ["x", local.text]
  object = { a = local.text, b = [1, local.number] }
}
"#;

struct Locals;

impl Scope for Locals {
    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic> {
        let unknown = Value::unknown;
        let never_null = |ty| Value::unknown_with(ty, Refinement::not_null());
        let Subject::Local(name) = subject else {
            return Err(Diagnostic::error("Unknown reference", format!("There is no {subject}.")).at(range));
        };
        Ok(match name.as_ref() {
            "any" => unknown(Type::Dynamic),
            "id" => never_null(Type::String),
            "text" => unknown(Type::String),
            "number" => unknown(Type::Number),
            "flag" => unknown(Type::Bool),
            "names" => never_null(Type::list(Type::String)),
            "set" => never_null(Type::set(Type::String)),
            "map" => Value::map(Type::Number, [("a".into(), unknown(Type::Number))].into()),
            "some" => Value::tuple(vec![Value::string("x"), unknown(Type::String)]),
            "object" => Value::object([
                ("a", unknown(Type::String)),
                ("b", Value::tuple(vec![Value::number(1), unknown(Type::Number)])),
            ]),
            _ => return Err(Diagnostic::error("Unknown reference", format!("There is no {subject}.")).at(range)),
        })
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { base_dir: Path::new("."), home: None, plan_time: None, impure: None }
    }
}

/// A value as JSON in which unknown parts are [`UNKNOWN`].
fn shape(value: &Value) -> Json {
    match value.reveal() {
        Kind::Null(_) => Json::Null,
        Kind::Unknown(..) => json!(UNKNOWN),
        Kind::Bool(value) => json!(value),
        Kind::Number(number) => serde_json::from_str(&number.to_string()).expect("a number is JSON"),
        Kind::String(text) => json!(text.as_ref()),
        Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => items.iter().map(shape).collect(),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            Json::Object(entries.iter().map(|(key, item)| (key.to_string(), shape(item))).collect())
        }
    }
}

fn our_answer(text: &str) -> Option<Json> {
    let parsed = hcl::parse_expression(text);
    if !parsed.errors.is_empty() {
        return None;
    }
    evaluate(&Expression::new(FileId(0), parsed.expr), &Locals).ok().map(|value| shape(&value))
}

/// Terraform's `after` and `after_unknown` as one.
fn combined(after: &Json, unknown: &Json) -> Json {
    match (after, unknown) {
        (_, Json::Bool(true)) => json!(UNKNOWN),
        (Json::Object(after), Json::Object(unknown)) => {
            let keys = after.keys().chain(unknown.keys());
            let part =
                |key: &String| combined(after.get(key).unwrap_or(&Json::Null), unknown.get(key).unwrap_or(&Json::Null));
            Json::Object(keys.map(|key| (key.clone(), part(key))).collect::<Map<_, _>>())
        }
        (Json::Array(after), Json::Array(unknown)) => {
            let part = |(index, item)| combined(item, unknown.get(index).unwrap_or(&Json::Null));
            after.iter().enumerate().map(part).collect()
        }
        (after, _) => after.clone(),
    }
}

fn terraform_answers(cases: &[&str]) -> Vec<Option<Json>> {
    if let Some(answers) = plan(cases) {
        return answers;
    }
    if cases.len() == 1 {
        return vec![None];
    }
    let (left, right) = cases.split_at(cases.len() / 2);
    let mut answers = terraform_answers(left);
    answers.extend(terraform_answers(right));
    answers
}

fn plan(cases: &[&str]) -> Option<Vec<Option<Json>>> {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let outputs = cases.iter().enumerate();
    let outputs = outputs.map(|(index, text)| format!("output \"e{index:04}\" {{\n  value = {{ v = {text}\n }}\n}}\n"));
    std::fs::write(dir.path().join("main.tf"), format!("{LOCALS}{}", outputs.collect::<String>()))
        .expect("the temporary folder is writable");
    let terraform = |arguments: &[&str]| {
        Command::new("terraform")
            .args(arguments)
            .current_dir(dir.path())
            .env("CHECKPOINT_DISABLE", "1")
            .output()
            .expect("terraform runs")
    };
    terraform(&["init", "-no-color"]);
    if !terraform(&["plan", "-out=p", "-no-color"]).status.success() {
        return None;
    }
    let json: Json = serde_json::from_slice(&terraform(&["show", "-json", "p"]).stdout).ok()?;
    let answers = (0..cases.len()).map(|index| {
        let change = &json["output_changes"][format!("e{index:04}")];
        Some(combined(&change["after"], &change["after_unknown"])["v"].clone())
    });
    Some(answers.collect())
}

#[test]
fn expressions_over_unknowns_are_as_known_as_in_terraforms_plan() {
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("unknowns: skipped, terraform is not on the PATH");
        return;
    }
    let mut cases = Vec::new();
    let mut reasons = Vec::new();
    let mut reason = None;
    for line in include_str!("expressions/unknowns.txt").lines() {
        match line.strip_prefix("# differs: ") {
            Some(differs) => reason = Some(differs),
            None if line.is_empty() => {}
            None => {
                cases.push(line);
                reasons.push(reason.take());
            }
        }
    }
    let mut wrong = Vec::new();
    for ((text, theirs), differs) in cases.iter().zip(terraform_answers(&cases)).zip(reasons) {
        let ours = our_answer(text);
        match differs {
            None if ours != theirs => wrong.push(format!("{text}\n  ours:   {ours:?}\n  theirs: {theirs:?}")),
            Some(reason) if ours == theirs => wrong.push(format!("{text}\n  no longer differs: {reason}")),
            None | Some(_) => {}
        }
    }
    eprintln!("unknowns: {} of {} agree with Terraform", cases.len() - wrong.len(), cases.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
