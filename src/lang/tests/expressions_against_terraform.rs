//! Expressions have the values, types and failures that Terraform gives them, where it is installed.
//!
//! The cases are the lines of `expressions/*.txt` and what a seeded generator makes. `# differs: REASON` before a line says
//! that the answers differ on purpose; then they must differ, so that the reason does not outlive its cause.
//!
//! `EXPRESSION_SEED` and `EXPRESSION_COUNT` in the environment choose other generated expressions than usual, and more.

#[path = "expressions/generate.rs"]
mod generate;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use hcl::parse_expression;
use lang::evaluate::evaluate;
use lang::expression::Expression;
use lang::reference::Subject;
use lang::scope::{Impure, Scope, Surroundings};
use model::diagnostic::Diagnostic;
use model::json::{to_json, type_to_json};
use model::source::{FileId, SourceRange};
use model::value::Value;
use serde_json::Value as Json;

/// How many expressions one run of Terraform evaluates.
const BATCH: usize = 250;

struct Case {
    text: String,
    differs: Option<String>,
}

/// What an expression gives: a value with its type as JSON, one with infinities (which JSON has not) as YAML, or a failure.
#[derive(PartialEq, Debug)]
enum Answer {
    Value(Json, Json),
    Infinite(String),
    Failure,
}

/// A scope without objects; files are those of `expressions/files`.
struct Nothing<'a> {
    base_dir: &'a Path,
}

impl Scope for Nothing<'_> {
    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic> {
        Err(Diagnostic::error("Unknown reference", format!("There is no {subject}.")).at(range))
    }

    fn surroundings(&self) -> Surroundings<'_> {
        let impure = Impure { now: "2024-05-06T07:08:09Z", random: |bytes| bytes.fill(7) };
        Surroundings {
            base_dir: self.base_dir,
            home: None,
            plan_time: Some("2024-05-06T07:08:09Z"),
            impure: Some(impure),
        }
    }
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut differs = None;
    for line in text.lines() {
        if let Some(reason) = line.strip_prefix("# differs: ") {
            differs = Some(reason.to_owned());
        } else if !line.is_empty() && !line.starts_with('#') {
            cases.push(Case { text: line.to_owned(), differs: differs.take() });
        }
    }
    cases
}

fn our_answer(text: &str, files: &Path) -> (Answer, String) {
    let parsed = parse_expression(text);
    if let Some(error) = parsed.errors.first() {
        return (Answer::Failure, format!("{}: {}", error.summary, error.detail));
    }
    match evaluate(&Expression::new(FileId(0), parsed.expr), &Nothing { base_dir: files }) {
        Ok(value) if value.has_infinity() => match our_answer(&format!("yamlencode({text}\n)"), files) {
            (Answer::Value(Json::String(yaml), _), why) => (Answer::Infinite(yaml), why),
            failure => failure,
        },
        Ok(value) => {
            let ty = value.ty();
            match to_json(&value.unmark_deep().0, &ty) {
                Ok(json) => (Answer::Value(json, type_to_json(&ty)), String::new()),
                Err(error) => (Answer::Failure, error.to_string()),
            }
        }
        Err(diagnostics) => {
            let texts = diagnostics.iter().map(|diagnostic| format!("{}: {}", diagnostic.summary, diagnostic.detail));
            (Answer::Failure, texts.collect::<Vec<_>>().join("; "))
        }
    }
}

/// Terraform's answers by the index of the case; nothing where Terraform is not installed.
///
/// `{ v = EXPRESSION }` keeps the type through `try`; where JSON can't have the value, there is the YAML instead. Expressions that make the whole configuration invalid are found by
/// halving, so that they count as failures of their own.
fn terraform_answers(cases: &[Case], files: &Path) -> Option<Vec<Answer>> {
    Command::new("terraform").arg("version").output().ok()?;
    Some(cases.chunks(BATCH).flat_map(|batch| terraform_batch(batch, files)).collect())
}

fn terraform_batch(batch: &[Case], files: &Path) -> Vec<Answer> {
    if let Some(answers) = apply_outputs(batch, files) {
        return answers;
    }
    if batch.len() == 1 {
        return vec![Answer::Failure];
    }
    let (left, right) = batch.split_at(batch.len() / 2);
    let mut answers = terraform_batch(left, files);
    answers.extend(terraform_batch(right, files));
    answers
}

fn apply_outputs(batch: &[Case], files: &Path) -> Option<Vec<Answer>> {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for entry in std::fs::read_dir(files).expect("the folder of files is there") {
        let path = entry.expect("the folder is readable").path();
        std::fs::copy(&path, dir.path().join(path.file_name().expect("a name")))
            .expect("the temporary folder is writable");
    }
    let outputs = batch.iter().enumerate().map(|(index, case)| {
        let text = &case.text;
        let tries = format!(
            "{{ v = {text}\n json = jsonencode({text}\n) }}, {{ yaml = yamlencode({text}\n) }}, {{ failed = true }}"
        );
        format!("output \"e{index:04}\" {{\n  sensitive = true\n  value = try({tries})\n}}\n")
    });
    std::fs::write(dir.path().join("main.tf"), outputs.collect::<String>()).expect("the temporary folder is writable");
    let terraform = |arguments: &[&str]| {
        let mut command = Command::new("terraform");
        command.args(arguments).current_dir(dir.path()).env("CHECKPOINT_DISABLE", "1").output().expect("terraform runs")
    };
    if !terraform(&["apply", "-auto-approve", "-no-color"]).status.success() {
        return None;
    }
    let json: BTreeMap<String, Json> = serde_json::from_slice(&terraform(&["output", "-json"]).stdout).ok()?;
    let answers = (0..batch.len()).map(|index| {
        let output = json.get(&format!("e{index:04}"))?;
        let attributes = output["type"].as_array()?.get(1)?;
        Some(match (attributes.get("v"), output["value"]["yaml"].as_str()) {
            (Some(ty), _) => Answer::Value(output["value"]["v"].clone(), ty.clone()),
            (None, Some(yaml)) => Answer::Infinite(yaml.to_owned()),
            (None, None) => Answer::Failure,
        })
    });
    answers.collect()
}

/// Compares all cases and gives those that differ, as text.
fn compare(name: &str, cases: &[Case]) -> Vec<String> {
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expressions/files");
    let Some(theirs) = terraform_answers(cases, &files) else {
        report(&format!("{name}: skipped, terraform is not on the PATH"));
        return Vec::new();
    };
    let mut wrong = Vec::new();
    for (case, theirs) in cases.iter().zip(&theirs) {
        let (ours, why) = our_answer(&case.text, &files);
        let agree = ours == *theirs;
        match &case.differs {
            None if !agree => wrong.push(format!("{}\n  ours:   {ours:?} {why}\n  theirs: {theirs:?}", case.text)),
            Some(reason) if agree => wrong.push(format!("{}\n  no longer differs: {reason}", case.text)),
            None | Some(_) => {}
        }
    }
    let agree = cases.len() - wrong.len();
    report(&format!("{name}: {agree} of {} agree with Terraform", cases.len()));
    wrong
}

#[expect(clippy::print_stderr, reason = "the counts are what a reader of the test's output looks for")]
fn report(line: &str) {
    eprintln!("{line}");
}

#[test]
fn written_expressions_have_terraforms_values() {
    let mut wrong = Vec::new();
    for (name, text) in [
        ("operators", include_str!("expressions/operators.txt")),
        ("structures", include_str!("expressions/structures.txt")),
        ("numbers and strings", include_str!("expressions/strings.txt")),
        ("collections", include_str!("expressions/collections.txt")),
        ("infinities and zeros", include_str!("expressions/infinities.txt")),
        ("encodings", include_str!("expressions/encodings.txt")),
    ] {
        wrong.extend(compare(name, &cases(text)));
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn generated_expressions_have_terraforms_values() {
    let setting = |name: &str, usual: u64| std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (seed, count) = (setting("EXPRESSION_SEED", 1), setting("EXPRESSION_COUNT", 500));
    let mut generator = generate::Generator::new(seed);
    let cases: Vec<Case> = (0..count).map(|_| Case { text: generator.expression(), differs: None }).collect();
    let wrong = compare(&format!("generated with seed {seed}"), &cases);
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
