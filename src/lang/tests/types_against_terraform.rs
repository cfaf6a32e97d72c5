//! Values take the types of constraints as Terraform's variables do, where it is installed.
//!
//! A seeded generator makes pairs of a type constraint and a value, of which some fit, some convert and some do neither.
//! `TYPE_SEED` and `TYPE_COUNT` in the environment choose other pairs than usual, and more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use lang::evaluate::evaluate;
use lang::expression::Expression;
use lang::reference::Subject;
use lang::scope::{Scope, Surroundings};
use lang::type_expression::TypeConstraint;
use model::diagnostic::Diagnostic;
use model::json::{to_json, type_to_json};
use model::source::{FileId, SourceRange};
use model::value::Value;
use serde_json::Value as Json;

struct Nothing;

impl Scope for Nothing {
    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic> {
        Err(Diagnostic::error("Unknown reference", format!("There is no {subject}.")).at(range))
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { base_dir: Path::new("."), home: None, plan_time: None, impure: None }
    }
}

struct Generator(u64);

impl Generator {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len() as u64) as usize]
    }

    fn constraint(&mut self, depth: u64) -> String {
        if depth == 0 || self.below(4) == 0 {
            return self.pick(&["string", "number", "bool", "any"]).to_owned();
        }
        match self.below(6) {
            0 => format!("list({})", self.constraint(depth - 1)),
            1 => format!("set({})", self.constraint(depth - 1)),
            2 => format!("map({})", self.constraint(depth - 1)),
            3 => {
                let elements: Vec<String> = (0..self.below(3)).map(|_| self.constraint(depth - 1)).collect();
                format!("tuple([{}])", elements.join(", "))
            }
            _ => {
                let mut attributes = Vec::new();
                for name in ["a", "b", "c"] {
                    let ty = self.constraint(depth - 1);
                    match self.below(5) {
                        0 => attributes.push(format!("{name} = {ty}")),
                        1 => attributes.push(format!("{name} = optional({ty})")),
                        2 => {
                            let default = self.fitting(&ty, depth - 1);
                            attributes.push(format!("{name} = optional({ty}, {default})"));
                        }
                        _ => {}
                    }
                }
                format!("object({{ {} }})", attributes.join(", "))
            }
        }
    }

    /// A value that has a good chance to fit the constraint.
    fn fitting(&mut self, constraint: &str, depth: u64) -> String {
        if self.below(15) == 0 {
            return self.value(depth);
        }
        let (head, _) = constraint.split_once('(').unwrap_or((constraint, ""));
        match head {
            "string" => self.pick(&["\"x\"", "\"\"", "5", "true", "\"1\""]).to_owned(),
            "number" => self.pick(&["1", "2.5", "\"3\"", "-1", "0"]).to_owned(),
            "bool" => self.pick(&["true", "false", "\"true\"", "\"0\""]).to_owned(),
            "list" | "set" => {
                let element = constraint[head.len() + 1..constraint.len() - 1].to_owned();
                let items: Vec<String> =
                    (0..self.below(4)).map(|_| self.fitting(&element, depth.saturating_sub(1))).collect();
                format!("[{}]", items.join(", "))
            }
            "map" => {
                let element = constraint[head.len() + 1..constraint.len() - 1].to_owned();
                let entries: Vec<String> = (0..self.below(3))
                    .map(|index| format!("k{index} = {}", self.fitting(&element, depth.saturating_sub(1))))
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }
            _ => self.value(depth),
        }
    }

    fn value(&mut self, depth: u64) -> String {
        if depth == 0 || self.below(3) == 0 {
            return self.pick(&["1", "\"x\"", "\"2\"", "true", "null", "[]", "{}", "\"true\""]).to_owned();
        }
        if self.below(2) == 0 {
            let items: Vec<String> = (0..self.below(3)).map(|_| self.value(depth - 1)).collect();
            return format!("[{}]", items.join(", "));
        }
        let names: Vec<&str> = ["a", "b", "c", "d"].into_iter().filter(|_| self.below(2) == 0).collect();
        let entries: Vec<String> =
            names.into_iter().map(|name| format!("{name} = {}", self.value(depth - 1))).collect();
        format!("{{ {} }}", entries.join(", "))
    }
}

fn expression(text: &str) -> Expression {
    let parsed = hcl::parse_expression(text);
    assert_eq!(parsed.errors, [], "{text}");
    Expression::new(FileId(0), parsed.expr)
}

/// The converted value and its type as JSON; `None` where it can't be converted or the constraint is wrong.
fn our_answer(ty: &str, value: &str) -> Option<(Json, Json)> {
    let constraint = TypeConstraint::parse(&expression(ty)).ok()?;
    let value = evaluate(&expression(value), &Nothing).expect("the values are constants");
    let converted = constraint.convert(&value).ok()?;
    let ty = converted.ty();
    Some((to_json(&converted, &ty).expect("constants are known"), type_to_json(&ty)))
}

fn terraform(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new("terraform");
    command.args(arguments).current_dir(dir).env("CHECKPOINT_DISABLE", "1").output().expect("terraform runs")
}

fn terraform_answers(cases: &[(String, String)]) -> Vec<Option<(Json, Json)>> {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let write = |refused: &BTreeSet<usize>| {
        let kept = cases.iter().enumerate().filter(|(index, _)| !refused.contains(index));
        let text: String = kept
            .map(|(index, (ty, value))| {
                format!(
                    "variable \"v{index:04}\" {{\n  type    = {ty}\n  default = {value}\n}}\noutput \"v{index:04}\" {{\n  value = {{ v = var.v{index:04} }}\n}}\n"
                )
            })
            .collect();
        std::fs::write(dir.path().join("main.tf"), text).expect("the temporary folder is writable");
    };
    // The first run finds the variables that are refused: four lines hold the declaration of each.
    write(&BTreeSet::new());
    let validation: Json = serde_json::from_slice(&terraform(dir.path(), &["validate", "-json"]).stdout).expect("JSON");
    let errors = validation["diagnostics"].as_array().into_iter().flatten();
    let lines = errors.filter_map(|error| error["range"]["start"]["line"].as_u64());
    let mut refused: BTreeSet<usize> = lines.map(|line| (line as usize - 1) / 7).collect();
    write(&refused);
    // Some are refused only when they get their values.
    loop {
        let output = terraform(dir.path(), &["apply", "-auto-approve", "-no-color"]);
        let text = String::from_utf8_lossy(&output.stderr);
        let named = text.split("variable \"v").skip(1).filter_map(|rest| rest.get(..4)?.parse::<usize>().ok());
        let before = refused.len();
        refused.extend(named);
        if output.status.success() || refused.len() == before {
            break;
        }
        write(&refused);
    }
    let outputs: BTreeMap<String, Json> =
        serde_json::from_slice(&terraform(dir.path(), &["output", "-json"]).stdout).expect("JSON");
    let answers = (0..cases.len()).map(|index| {
        let output = outputs.get(&format!("v{index:04}"))?;
        Some((output["value"]["v"].clone(), output["type"][1]["v"].clone()))
    });
    answers.collect()
}

#[test]
fn values_take_types_as_terraforms_variables_do() {
    if Command::new("terraform").arg("version").output().is_err() {
        eprintln!("types: skipped, terraform is not on the PATH");
        return;
    }
    let setting = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (seed, count) = (setting("TYPE_SEED", 1), setting("TYPE_COUNT", 250));
    let mut generator = Generator(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let cases: Vec<(String, String)> = (0..count)
        .map(|_| {
            let ty = generator.constraint(3);
            let value = generator.fitting(&ty, 3);
            (ty, value)
        })
        .collect();
    let mut wrong = Vec::new();
    let mut accepted = 0;
    for ((ty, value), theirs) in cases.iter().zip(terraform_answers(&cases)) {
        let ours = our_answer(ty, value);
        accepted += usize::from(theirs.is_some());
        if ours != theirs {
            wrong.push(format!("{value} as {ty}\n  ours:   {ours:?}\n  theirs: {theirs:?}"));
        }
    }
    eprintln!(
        "types with seed {seed}: {} of {count} agree with Terraform, which accepts {accepted}",
        cases.len() - wrong.len()
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
