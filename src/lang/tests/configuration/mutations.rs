//! A valid stack is broken at random, and must be refused exactly when Terraform refuses it, where that is installed.
//!
//! `MUTATION_SEED` and `MUTATION_COUNT` in the environment choose other mutations than usual, and more.

use std::path::Path;
use std::process::Command;

use lang::config::{Condition, Config, Provisioner, Repetition};
use lang::evaluate::evaluate;
use lang::expression::Expression;
use lang::schemas::Schemas;
use model::diagnostic::{Diagnostic, Diagnostics};

use crate::support::{AllUnknown, Builtin, render, write_files};

/// A stack with every kind of block, in which nothing is wrong.
const VALID: &str = include_str!("valid.txt");

/// Mistakes that are no matter of the text: they show in values, in the graph, or to a backend or provider.
const SEEN_LATER: [&str; 16] = [
    "Cycle",
    "Ephemeral value not allowed",
    "Incorrect attribute value type",
    "Incorrect value type",
    "Invalid backend configuration",
    "Invalid count argument",
    "Invalid error message",
    "Invalid for_each",
    "Invalid import id argument",
    "Iteration over non-iterable value",
    "Missing required provider",
    "Missing required provisioner plugin",
    "Module output value precondition failed",
    "Module not installed",
    "Output refers to sensitive values",
    // Terraform takes the name `terraform` for another provider where it is not required.
    "Provider type mismatch",
];

/// What Terraform finds only while planning or applying.
const SEEN_BY_TERRAFORM_LATER: [&str; 2] = ["Missing required argument", "Reference to undeclared resource"];

struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        // Knuth's multiplier and increment; the high bits are the good ones.
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) as usize) % limit
    }

    fn choose<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }
}

const VALUES: [&str; 18] = [
    "null",
    "1",
    "\"x\"",
    "[]",
    "{}",
    "true",
    "var.region",
    "local.a",
    "self.id",
    "each.key",
    "count.index",
    "terraform_data.main",
    "module.network",
    "terraform_data.trigger[\"a\"]",
    "foo",
    "path.module",
    "[1]",
    "[\"a\"]",
];

const ITEMS: [&str; 15] = [
    "foo = 1",
    "count = 1",
    "for_each = {}",
    "lifecycle {}",
    "bar {}",
    "depends_on = []",
    "provider = terraform",
    "alias = \"q\"",
    "version = \"1.0\"",
    "source = \"./network\"",
    "description = \"x\"",
    "sensitive = true",
    "ephemeral = true",
    "condition = true",
    "locals {}",
];

/// Changes one thing in the text.
fn mutate(random: &mut Random, text: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    let at = random.below(lines.len());
    match random.below(8) {
        0 => {
            lines.remove(at);
        }
        1 => lines.insert(at, lines[at].clone()),
        2 => lines.swap(at, random.below(text.lines().count())),
        3 => {
            let with_value: Vec<usize> = (0..lines.len()).filter(|line| lines[*line].contains(" = ")).collect();
            let line = *random.choose(&with_value);
            let name_end = lines[line].find(" = ").expect("it was chosen for that");
            lines[line].truncate(name_end + 3);
            let value: &&str = random.choose(&VALUES);
            lines[line].push_str(value);
        }
        4 => {
            let opening: Vec<usize> = (0..lines.len()).filter(|line| lines[*line].ends_with('{')).collect();
            let line = *random.choose(&opening);
            lines.insert(line + 1, random.choose(&ITEMS).to_string());
        }
        5 => misspell(random, &mut lines),
        6 => change_labels(random, &mut lines),
        _ => {
            let (first, last) = block(random, &lines);
            if random.below(2) == 0 {
                lines.drain(first..=last);
            } else {
                let copy: Vec<String> = lines[first..=last].to_vec();
                lines.splice(last + 1..last + 1, copy);
            }
        }
    }
    lines.join("\n") + "\n"
}

fn misspell(random: &mut Random, lines: &mut [String]) {
    let line = random.below(lines.len());
    let letters: Vec<usize> =
        lines[line].char_indices().filter(|(_, c)| c.is_ascii_lowercase()).map(|(at, _)| at).collect();
    if letters.is_empty() {
        return;
    }
    let at = *random.choose(&letters);
    if random.below(2) == 0 {
        lines[line].remove(at);
    } else {
        lines[line].insert(at, *random.choose(&['a', 'x', '_', '1']));
    }
}

fn change_labels(random: &mut Random, lines: &mut [String]) {
    let heads: Vec<usize> =
        (0..lines.len()).filter(|line| lines[*line].contains('"') && lines[*line].ends_with('{')).collect();
    let line = *random.choose(&heads);
    let quote = lines[line].find('"').expect("it was chosen for that");
    match random.below(3) {
        0 => lines[line].insert(quote + 1, '1'),
        1 => lines[line] = lines[line].replace(" {", " \"extra\" {"),
        _ => {
            let end = quote + 2 + lines[line][quote + 1..].find('"').expect("quotes are closed");
            lines[line].replace_range(quote..end, "");
        }
    }
}

/// The lines of a block at the top of the file.
fn block(random: &mut Random, lines: &[String]) -> (usize, usize) {
    let top = |line: &usize| lines[*line].ends_with('{') && !lines[*line].starts_with(' ');
    let heads: Vec<usize> = (0..lines.len()).filter(top).collect();
    let first = *random.choose(&heads);
    let last = (first..lines.len()).find(|line| lines[*line] == "}").unwrap_or(lines.len() - 1);
    (first, last)
}

fn our_mistakes(dir: &Path) -> (Config, Diagnostics) {
    let (config, mut found) = lang::load::load(dir, &lang::load::Options::default());
    found.extend(lang::check::check_references(&config, &Builtin));
    let mut values = Values { found: &mut found };
    for module in config.modules.values() {
        for block in module.providers.values() {
            if let Some(schema) = Builtin.provider(&module.provider_addr(&block.key.local_name)) {
                values.found.extend(lang::decode::decode(&block.body, &schema, &AllUnknown).1);
            }
        }
        module.locals.values().for_each(|local| values.expression(&local.value));
        for output in module.outputs.values() {
            values.expression(&output.value);
            values.conditions(&output.preconditions);
        }
        for resource in module.resources.values() {
            let provider = module.provider_addr(&module.provider_key(resource).local_name);
            match Builtin.resource(&provider, resource.addr.mode, &resource.addr.type_name) {
                Some(schema) => values.found.extend(lang::decode::decode(&resource.body, &schema.block, &AllUnknown).1),
                None => values.found.push(Diagnostic::error("Invalid resource type", "").at(resource.type_range)),
            }
            match &resource.repetition {
                Repetition::Single => {}
                Repetition::Count(expr) | Repetition::ForEach(expr) => values.expression(expr),
            }
            for provisioner in &resource.provisioners {
                let schema = Provisioner::schema();
                values.found.extend(lang::decode::decode(&provisioner.body, &schema, &AllUnknown).1);
            }
            values.conditions(&resource.lifecycle.preconditions);
            values.conditions(&resource.lifecycle.postconditions);
        }
    }
    (config, found)
}

struct Values<'a> {
    found: &'a mut Diagnostics,
}

impl Values<'_> {
    fn expression(&mut self, expr: &Expression) {
        if let Err(errors) = evaluate(expr, &AllUnknown) {
            self.found.extend(errors);
        }
    }

    fn conditions(&mut self, conditions: &[Condition]) {
        for condition in conditions {
            self.expression(&condition.condition);
            self.expression(&condition.error_message);
        }
    }
}

/// The summaries of the errors that Terraform finds.
fn terraform_mistakes(dir: &Path) -> Vec<String> {
    // What `terraform init` would write for a module in a folder.
    let installed =
        r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"network","Source":"./network","Dir":"network"}]}"#;
    std::fs::create_dir_all(dir.join(".terraform/modules")).expect("the temporary folder is writable");
    std::fs::write(dir.join(".terraform/modules/modules.json"), installed).expect("the temporary folder is writable");
    let validate = Command::new("terraform")
        .args(["validate", "-json"])
        .current_dir(dir)
        .env("CHECKPOINT_DISABLE", "1")
        .output()
        .expect("terraform is installed");
    let json: serde_json::Value = serde_json::from_slice(&validate.stdout).expect("it answers in JSON");
    let found = json["diagnostics"].as_array().expect("it lists what it found").iter();
    found
        .filter(|found| found["severity"] == "error")
        .map(|found| found["summary"].as_str().unwrap_or_default().to_string())
        .collect()
}

/// What differs for one mutation; empty where both agree.
fn compare(seed: u64) -> String {
    let mut random = Random(seed);
    random.below(1);
    let mut text = mutate(&mut random, VALID.split("--- ").next().expect("there is a first part"));
    if random.below(3) == 0 {
        text = mutate(&mut random, &text);
    }
    let child = VALID.split_once("--- ").map(|(_, child)| format!("--- {child}")).unwrap_or_default();
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    write_files(dir.path(), &(text.clone() + &child));
    let theirs = terraform_mistakes(dir.path());
    let (config, found) = our_mistakes(dir.path());
    let later = |summary: &String| SEEN_LATER.iter().any(|known| summary.starts_with(known));
    let ours_only = || {
        found.iter().filter(|found| found.is_error()).all(|found| SEEN_BY_TERRAFORM_LATER.contains(&&*found.summary))
    };
    let agree = match (found.has_errors(), theirs.is_empty()) {
        (true, false) | (false, true) => true,
        (false, false) => theirs.iter().all(later),
        (true, true) => ours_only(),
    };
    if agree {
        return String::new();
    }
    let changed: String =
        text.lines().filter(|line| !VALID.contains(*line)).map(|line| format!("  {line}\n")).collect();
    format!("=== seed {seed}\n{changed}Terraform: {theirs:?}\nours:\n{}\n", render(&found, &config.sources))
}

#[test]
fn random_mistakes_are_refused_when_terraform_refuses_them() {
    if Command::new("terraform").arg("version").output().is_err() {
        return;
    }
    let from_environment =
        |name: &str, usual: u64| std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(usual);
    let (first, count) = (from_environment("MUTATION_SEED", 1), from_environment("MUTATION_COUNT", 60));
    let half = |rest: u64| (first..first + count).filter(move |seed| seed % 2 == rest).map(compare).collect::<String>();
    let (even, odd) = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        (half(0), other.join().expect("no mutation panics"))
    });
    let report = even + &odd;
    assert!(report.is_empty(), "of {count} mutations these are judged otherwise:\n{report}");
}

#[test]
fn the_stack_that_is_mutated_is_valid() {
    let dir = tempfile::tempdir().expect("temporary folders can be made");
    write_files(dir.path(), VALID);
    let (config, found) = our_mistakes(dir.path());
    assert_eq!(render(&found, &config.sources), "");
}
