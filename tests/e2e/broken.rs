//! Stacks that are broken in one way each, as AWS would find when it is too late: refused at plan, where the mistake stands.
//!
//! Each file of `tests/broken` says in its first lines what the refusal must say, which is the error code that AWS answers with
//! where the plan as a whole is refused, then what AWS says, and which parts of `tests/broken/with` it needs around it. Those
//! parts together are valid, and no rule may object to them.
//!
//! What a stack runs into may be there already: the section `before` is applied in the same stack, `elsewhere` in another one,
//! with parts of its own.

use std::path::{Path, PathBuf};

use sandbox::server::Server;

use crate::project::{Project, server, terraform};
use crate::types::agreement::TERRAFORM;

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

/// One stack of the corpus.
struct Broken {
    name: String,
    /// What the refusal must say; or the warning, where AWS takes the stack and what runs of it fails.
    told: String,
    code: i32,
    /// What is applied first, in the same stack.
    before: Option<String>,
    /// What another stack of the account has, and whether it is destroyed again.
    elsewhere: Option<(String, bool)>,
    plan: String,
}

impl Broken {
    fn of(path: &Path) -> Broken {
        let text = read(path);
        let parts = |key: &str| {
            let names = said(&text, key).unwrap_or_default().split_whitespace();
            names.map(|part| read(&corpus().join("with").join(format!("{part}.tf")))).collect::<Vec<_>>().join("\n")
        };
        let around = parts("with");
        let section = |name: &str| {
            let (_, rest) = text.split_once(&format!("# == {name} ==\n"))?;
            Some(rest.split("# == ").next().unwrap_or_default().to_string())
        };
        assert!(said(&text, "aws").is_some(), "{}: what AWS says", path.display());
        Broken {
            name: path.file_name().expect("files have names").to_string_lossy().into_owned(),
            told: said(&text, "refused").or(said(&text, "warned")).expect("a refusal or warning").to_string(),
            code: i32::from(said(&text, "refused").is_some()),
            before: section("before").map(|before| format!("{before}\n{around}")),
            elsewhere: section("elsewhere")
                .map(|other| (format!("{other}\n{}", parts("with elsewhere")), said(&text, "destroyed").is_some())),
            plan: format!("{}\n{around}", section("plan").unwrap_or_else(|| text.clone())),
        }
    }

    /// The stack as it is when the plan is asked for.
    fn project(&self, server: &Server) -> Project {
        let project = Project::empty(server);
        if let Some(before) = &self.before {
            project.write("main.tf", before);
            project.apply();
        }
        if let Some((text, is_destroyed)) = &self.elsewhere {
            let other = project.beside(text);
            other.apply();
            if *is_destroyed {
                other.destroy();
            }
        }
        project.write("main.tf", &self.plan);
        project
    }
}

fn cases() -> Vec<Broken> {
    let entries = std::fs::read_dir(corpus()).expect("the corpus is there");
    let paths = entries.map(|entry| entry.expect("readable").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|extension| extension == "tf")).collect();
    paths.sort();
    paths.iter().map(|path| Broken::of(path)).collect()
}

#[test]
fn stacks_that_aws_would_refuse_are_refused_at_plan() {
    let Some(server) = server() else { return };
    let cases = cases();
    assert!(cases.len() >= 100, "{} stacks", cases.len());
    let mut missed = Vec::new();
    for case in &cases {
        let plan = case.project(server).infra(&["plan", "-input=false"]);
        // What is deleted has no block any more.
        let has_place = plan.stderr.contains(".tf line ") || case.before.is_some();
        if plan.code != case.code || !plan.stderr.contains(&case.told) || !has_place {
            missed.push(format!("{}: exit {}, wanted {}\n{}", case.name, plan.code, case.told, plan.stderr));
        }
    }
    assert!(missed.is_empty(), "{} of {} are not refused:\n{}", missed.len(), cases.len(), missed.join("\n"));
    println!("{} of {} broken stacks are refused at plan", cases.len(), cases.len());
}

/// What Terraform finds of the same stacks before it applies them is counted; that it finds less is no failure of ours.
///
/// It takes ten seconds for each, so it is shown a few of them, and all where `INFRA_TEST_WHOLE` is set.
#[test]
fn terraform_plans_most_of_the_broken_stacks() {
    let (Some(server), Some(terraform)) = (server(), terraform()) else { return };
    let step = if std::env::var_os("INFRA_TEST_WHOLE").is_some() { 1 } else { 31 };
    let cases: Vec<_> = cases().into_iter().step_by(step).collect();
    let mut caught = Vec::new();
    for case in &cases {
        let project = case.project(server);
        project.write("terraform.tf", TERRAFORM);
        project.terraform(terraform, 0, &["init", "-input=false", "-no-color"]);
        let arguments = ["plan", "-input=false", "-no-color"];
        let output = project.command(terraform).args(arguments).output().expect("Terraform runs");
        if !output.status.success() {
            caught.push(case.name.as_str());
        }
    }
    println!("Terraform refuses {} of {} at plan: {}", caught.len(), cases.len(), caught.join(" "));
    assert!(caught.len() < cases.len());
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
