//! Test files come out here as they do with Terraform, where it is installed: the same lines of results, the same exit code,
//! and the same messages at the same places.
//!
//! Each file of `fixtures/` is a folder as text: a line `--- PATH` begins a file. A line `# differs: REASON` in it says that
//! the answers differ on purpose; then they must, so that the reason does not outlive its cause.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Output};

use crate::world::{Answer, World, messages};

#[tokio::test(flavor = "multi_thread")]
async fn test_files_come_out_as_with_terraform() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut fixtures: Vec<_> = std::fs::read_dir(folder)
        .expect("the fixtures are there")
        .map(|entry| entry.expect("the folder can be listed").path())
        .collect();
    fixtures.sort();
    let mut wrong = Vec::new();
    for path in fixtures {
        let name = path.file_stem().expect("fixtures have names").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).expect("a fixture can be read");
        let world = World::of(&text);
        let ours = world.run().await;
        let Some(theirs) = terraform(world.dir.path()) else {
            println!("skipped: there is no terraform on the PATH");
            return;
        };
        let differs = text.lines().find_map(|line| line.strip_prefix("# differs: "));
        match (differs, ours.answer == theirs) {
            (None, true) | (Some(_), false) => {}
            (None, false) => wrong.push(format!(
                "=== {name}\n{}\n--- our messages\n{}",
                difference(&ours.answer.to_string(), &theirs.to_string()),
                ours.text
            )),
            (Some(reason), true) => wrong.push(format!("=== {name}: no difference any more: {reason}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lines that only one side has: ours with `-`, Terraform's with `+`.
fn difference(ours: &str, theirs: &str) -> String {
    let only = |sign: char, these: &str, those: &str| -> String {
        these
            .lines()
            .filter(|line| !those.lines().any(|other| other == *line))
            .map(|line| format!("{sign} {line}\n"))
            .collect()
    };
    format!("{}{}", only('-', ours, theirs), only('+', theirs, ours))
}

/// What Terraform makes of a folder; `None` where it is not installed.
fn terraform(dir: &Path) -> Option<Answer> {
    let has_modules = std::fs::read_dir(dir).is_ok_and(|entries| {
        entries.filter_map(Result::ok).any(|entry| entry.path().is_dir() && entry.file_name() != "tests")
    });
    if has_modules {
        let done = run(dir, &["init", "-no-color"])?;
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
    let text = run(dir, &["test", "-no-color"])?;
    let stdout = String::from_utf8(text.stdout).expect("output is text");
    let results = stdout.lines().filter(|line| is_result(line)).map(|line| format!("{line}\n")).collect();
    let json = run(dir, &["test", "-json"])?;
    let json = String::from_utf8(json.stdout).expect("output is text");
    Some(Answer { results, code: text.status.code(), messages: messages_of_stream(&json) })
}

fn run(dir: &Path, arguments: &[&str]) -> Option<Output> {
    let mut command = Command::new("terraform");
    command.args(arguments).current_dir(dir).env("CHECKPOINT_DISABLE", "1").env("TF_IN_AUTOMATION", "1");
    command.output().ok()
}

fn is_result(line: &str) -> bool {
    let ends = ["... in progress", "... tearing down", "... pass", "... fail", "... skip"];
    ends.iter().any(|end| line.ends_with(end)) || line.starts_with("Success!") || line.starts_with("Failure!")
}

fn messages_of_stream(stream: &str) -> BTreeMap<String, usize> {
    let lines = stream.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let found = lines.filter_map(|line| {
        let diagnostic = line.get("diagnostic")?.clone();
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
        let place = diagnostic.get("range").map(|range| (text(&range["filename"]), range["start"]["line"].as_u64()));
        let place = place.map_or_else(String::new, |(file, line)| format!(" {file}:{}", line.unwrap_or_default()));
        Some(format!("{}{place} {}", text(&diagnostic["severity"]), text(&diagnostic["summary"])))
    });
    messages(found)
}
