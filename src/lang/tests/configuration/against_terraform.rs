//! What Terraform says of a broken configuration, at which place, is said here as well, where Terraform is installed.
//!
//! Each file of `broken/` holds cases that begin with `=== a sentence`. There may be further mistakes that Terraform finds only
//! after the first ones are corrected, but nothing may be wrong where Terraform finds nothing wrong. A line
//! `# differs: REASON` in a case says that the answers differ on purpose; then they must, so that the reason does not outlive
//! its cause.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::support::{AllUnknown, Builtin, render, write_files};
use lang::schemas::Schemas;

/// A broken configuration.
struct Case {
    name: String,
    text: String,
    differs: Option<String>,
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case { name: name.to_string(), text: String::new(), differs: None });
            continue;
        }
        let case = cases.last_mut().expect("a case begins with a line `=== name`");
        if let Some(reason) = line.strip_prefix("# differs: ") {
            case.differs = Some(reason.to_string());
        }
        case.text.push_str(line);
        case.text.push('\n');
    }
    cases
}

/// Severity, summary and place of each diagnostic: `error main.tf:1,2-3 Summary`.
type Answers = BTreeSet<String>;

fn our_answers(dir: &Path) -> (Answers, String) {
    let (config, mut diagnostics) =
        lang::load::load(dir, &lang::load::Options { allow_empty: true, ..Default::default() });
    diagnostics.extend(lang::check::check_references(&config, &Builtin));
    let unknown = AllUnknown;
    for module in config.modules.values() {
        for resource in module.resources.values() {
            let provider = module.provider_addr(&module.provider_key(resource).local_name);
            if let Some(schema) = Builtin.resource(&provider, resource.addr.mode, &resource.addr.type_name) {
                diagnostics.extend(lang::decode::decode(&resource.body, &schema.block, &unknown).1);
            }
        }
    }
    let text = render(&diagnostics, &config.sources);
    let answers = text.lines().filter(|line| line.starts_with("error") || line.starts_with("warning"));
    (answers.map(str::to_string).collect(), text)
}

fn terraform_answers(dir: &Path, text: &str) -> Option<Answers> {
    let terraform = |arguments: &[&str]| {
        Command::new("terraform").args(arguments).current_dir(dir).env("CHECKPOINT_DISABLE", "1").output().ok()
    };
    if text.contains("module \"") {
        terraform(&["init", "-backend=false", "-no-color"])?;
    }
    let output = terraform(&["validate", "-json"])?;
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).ok()?;
    let mut answers = Answers::new();
    for found in json["diagnostics"].as_array()? {
        let range = &found["range"];
        let place = match range["filename"].as_str() {
            // A place that Terraform itself does not know.
            Some("") => continue,
            Some(name) => format!(
                " {name}:{},{}-{},{}",
                range["start"]["line"], range["start"]["column"], range["end"]["line"], range["end"]["column"]
            ),
            None => String::new(),
        };
        let (severity, summary) = (found["severity"].as_str()?, found["summary"].as_str()?);
        answers.insert(format!("{severity}{place}: {summary}"));
    }
    Some(answers)
}

/// Compares the cases of one file; gives their number and what differs.
fn compare(text: &str) -> (usize, String) {
    let cases = cases(text);
    let mut report = String::new();
    for case in &cases {
        let dir = tempfile::tempdir().expect("temporary folders can be made");
        write_files(dir.path(), &case.text);
        let theirs = terraform_answers(dir.path(), &case.text).expect("`terraform validate` answers");
        let (ours, text) = our_answers(dir.path());
        let has_errors = |answers: &Answers| answers.iter().any(|line| line.starts_with("error"));
        let agrees = theirs.is_subset(&ours) && has_errors(&theirs) == has_errors(&ours);
        if agrees == case.differs.is_some() {
            report.push_str(&format!("=== {}\n", case.name));
            ours.difference(&theirs).for_each(|line| report.push_str(&format!("  ours:   {line}\n")));
            theirs.difference(&ours).for_each(|line| report.push_str(&format!("  theirs: {line}\n")));
            report.push_str(&format!("{text}\n"));
        }
    }
    (cases.len(), report)
}

#[test]
fn broken_configurations_are_refused_as_terraform_refuses_them() {
    if Command::new("terraform").arg("version").output().is_err() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/configuration/broken");
    let files = std::fs::read_dir(folder).expect("it is in the project").filter_map(Result::ok);
    let texts: Vec<String> = files.map(|file| std::fs::read_to_string(file.path()).expect("it is text")).collect();
    let (compared, report) = std::thread::scope(|scope| {
        let threads: Vec<_> = texts.iter().map(|text| scope.spawn(|| compare(text))).collect();
        threads.into_iter().fold((0, String::new()), |(compared, report), thread| {
            let (cases, differences) = thread.join().expect("no case panics");
            (compared + cases, report + &differences)
        })
    });
    assert!(compared > 0, "no cases were found");
    assert!(report.is_empty(), "of {compared} cases these differ:\n{report}");
}
