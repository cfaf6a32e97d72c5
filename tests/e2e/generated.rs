//! Random stacks: both engines plan the same from nothing, and from a state that Terraform made to another generation of the
//! stack; and what one applied, the other has nothing to do about.

mod stack;

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use crate::difference::{differences, shown_plans};
use crate::project::{Project, terraform_without_providers};

/// Modules in a stack, and stacks in a run: `INFRA_STACKS` sets another number of them.
const MODULES: u64 = 40;
const STACKS: u64 = 4;

fn write(project: &Project, files: &stack::Files) {
    for (name, text) in files {
        let path = project.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
}

/// A plan without what tells the engines apart, in one order where Terraform has none.
fn comparable(mut plan: Json) -> Json {
    let parts = plan.as_object_mut().expect("a plan is an object");
    for part in ["terraform_version", "timestamp"] {
        parts.remove(part);
    }
    if let Some(prior) = parts.get_mut("prior_state") {
        prior.as_object_mut().expect("an object").remove("terraform_version");
    }
    for part in ["relevant_attributes", "checks"] {
        if let Some(Json::Array(items)) = parts.get_mut(part) {
            items.sort_by_key(Json::to_string);
        }
    }
    plan
}

/// Copies the folder of a test that fails to where `INFRA_KEEP` says.
struct Kept<'a>(&'a Project);

impl Drop for Kept<'_> {
    fn drop(&mut self) {
        if let (true, Ok(folder)) = (std::thread::panicking(), std::env::var("INFRA_KEEP")) {
            let copied = std::process::Command::new("cp").arg("-r").arg(self.0.path()).arg(&folder).status();
            println!("kept in {folder}: {copied:?}");
        }
    }
}

/// Plans with both, and compares; gives the number of changes. `None`: Terraform finds no order for what it would do.
fn plan_with_both(project: &Project, terraform: &str, about: &str) -> Option<usize> {
    let made = project.infra(&["plan", "-input=false", "-out=ours.plan"]);
    let options = ["plan", "-input=false", "-no-color", "-out=theirs.plan"];
    let output = project.command(terraform).args(options).output().expect("Terraform runs");
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("Error: Cycle") {
        println!("{about}: left out, for Terraform has a cycle of creations and deletions in its plan");
        return None;
    }
    assert!(output.status.success(), "{about}: Terraform does not accept it: {said}");
    assert_eq!(made.code, 0, "{about}: {}{}", made.stdout, made.stderr);
    let (ours, theirs) = shown_plans(project, terraform);
    let (ours, theirs) = (comparable(ours), comparable(theirs));
    let found = differences(&ours, &theirs);
    assert!(found.is_empty(), "{about}:\n{found}");
    Some(theirs["resource_changes"].as_array().map_or(0, Vec::len))
}

#[test]
fn random_stacks_are_planned_and_applied_as_terraform_does() {
    let Some(terraform) = terraform_without_providers() else { return };
    let stacks = std::env::var("INFRA_STACKS").ok().and_then(|stacks| stacks.parse().ok()).unwrap_or(STACKS);
    let (mut modules, mut changes) = (0, BTreeMap::from([("new", 0), ("next", 0)]));
    for seed in 1..=stacks {
        let project = Project::without_cloud("");
        let _kept = Kept(&project);
        let about = |generation: u64| format!("stack {seed}, generation {generation}");
        write(&project, &stack::files(seed, 0, MODULES));
        project.terraform(terraform, 0, &["init", "-no-color"]);
        let new = plan_with_both(&project, terraform, &about(0)).expect("nothing is deleted for a new stack");
        *changes.entry("new").or_default() += new;

        project.terraform(terraform, 0, &["apply", "-no-color", "theirs.plan"]);
        project.expect(0, &["plan", "-detailed-exitcode", "-input=false"]);
        write(&project, &stack::files(seed, 1, MODULES));
        let Some(next) = plan_with_both(&project, terraform, &about(1)) else { continue };
        *changes.entry("next").or_default() += next;

        project.apply();
        project.terraform(terraform, 0, &["plan", "-detailed-exitcode", "-input=false", "-no-color"]);
        project.terraform(terraform, 0, &["destroy", "-auto-approve", "-no-color"]);
        assert_eq!(project.state()["resources"], json!([]));
        modules += MODULES;
    }
    println!("{modules} of {modules} modules agree, in two generations each: {changes:?} objects");
}
