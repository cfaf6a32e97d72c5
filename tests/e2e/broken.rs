//! Stacks that are broken in one way each, as AWS would find when it is too late: refused at plan, where the mistake stands.
//!
//! Each file of `tests/broken` says in its first lines what the refusal must say, which is the error code that AWS answers with
//! where the plan as a whole is refused, then what AWS says, and which parts of `tests/broken/with` it needs around it. Those parts together are valid, and no rule may object to them.

use std::path::{Path, PathBuf};

use crate::project::{Project, server};

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("readable")
}

/// What a line that begins with `# KEY: ` says.
fn said<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix("# ")?.strip_prefix(key)?.strip_prefix(": "))
}

#[test]
fn stacks_that_aws_would_refuse_are_refused_at_plan() {
    let Some(server) = server() else { return };
    let mut cases: Vec<PathBuf> = std::fs::read_dir(corpus())
        .expect("the corpus is there")
        .map(|entry| entry.expect("readable").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tf"))
        .collect();
    cases.sort();
    assert!(cases.len() >= 50, "{} stacks", cases.len());
    let project = Project::empty(server);
    let mut missed = Vec::new();
    for case in &cases {
        let text = read(case);
        let (told, _) = (said(&text, "refused").expect("a refusal"), said(&text, "aws").expect("what AWS says"));
        project.write("main.tf", &text);
        let around: Vec<String> = said(&text, "with")
            .unwrap_or_default()
            .split_whitespace()
            .map(|part| read(&corpus().join("with").join(format!("{part}.tf"))))
            .collect();
        project.write("with.tf", &around.join("\n"));
        let plan = project.infra(&["plan", "-input=false"]);
        let has_place = plan.stderr.contains(".tf line ");
        if plan.code != 1 || !plan.stderr.contains(told) || !has_place {
            let name = case.file_name().expect("files have names").to_string_lossy().into_owned();
            missed.push(format!("{name}: exit {}, wanted {told}\n{}", plan.code, plan.stderr));
        }
    }
    assert!(missed.is_empty(), "{} of {} are not refused:\n{}", missed.len(), cases.len(), missed.join("\n"));
    println!("{} of {} broken stacks are refused at plan", cases.len(), cases.len());
}

#[test]
fn what_the_broken_stacks_have_around_them_is_valid() {
    let Some(server) = server() else { return };
    let project = Project::empty(server);
    let mut parts: Vec<PathBuf> = std::fs::read_dir(corpus().join("with"))
        .expect("the parts are there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    parts.sort();
    project.write("main.tf", &parts.iter().map(|part| read(part)).collect::<Vec<_>>().join("\n"));
    project.expect(0, &["plan", "-input=false"]);
    project.apply();
    project.expect_no_changes();
    project.destroy();
}
