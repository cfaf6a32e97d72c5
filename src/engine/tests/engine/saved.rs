//! Saved plans: what comes back is what was saved, and is applied only to what it was made for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use engine::plan_file::{Variables, parse, render};
use model::value::Value;

use crate::world::{World, plan_text};

const BEFORE: &str = r#"
    resource "memory_thing" "a" {
      name = "a"
      zone = "east"
    }
    resource "memory_thing" "gone" { name = "gone" }
"#;

const AFTER: &str = r#"
    variable "secret" {
      default   = "s"
      sensitive = true
    }
    resource "memory_thing" "a" {
      name   = "a"
      zone   = "west"
      secret = "x"
      lifecycle { create_before_destroy = true }
    }
    resource "memory_thing" "b" {
      count = 2
      name  = "b${count.index}"
      needs = [memory_thing.a.id]
    }
    output "a" { value = memory_thing.a.id }
"#;

/// Variables of which none needed a conversion, and none is ephemeral.
fn of(values: &BTreeMap<Arc<str>, Value>) -> Variables<'_> {
    static NONE: BTreeSet<Arc<str>> = BTreeSet::new();
    Variables { values, given: values, ephemeral: &NONE }
}

#[tokio::test]
async fn a_saved_plan_comes_back_and_applies_as_it_would_have() {
    let mut world = World::applied(BEFORE).await;
    world.rewrite(AFTER);
    let config = world.config();
    let plan = world.plan().await;
    let bytes = render(&plan, of(&config.variables), &config.sources);
    let file = parse(&bytes, &config.sources).expect("it was just written");
    assert_eq!(file.plan.changes, plan.changes);
    assert_eq!(file.plan.outputs, plan.outputs);
    assert_eq!(file.plan.basis, plan.basis);
    assert_eq!(plan_text(&file.plan), plan_text(&plan));
    file.check_sources(&config.sources).expect("nothing was changed");
    let outcome = world.run(&file.plan).await;
    assert!(!outcome.diagnostics.has_errors());
    assert_eq!(world.cloud.names(), ["a", "b0", "b1"]);
    assert_eq!(world.plan_text().await, "no changes");
}

#[tokio::test]
async fn a_saved_plan_is_refused_when_the_configuration_was_changed() {
    let world = World::new(BEFORE);
    let config = world.config();
    let bytes = render(&world.plan().await, of(&config.variables), &config.sources);
    world.rewrite(AFTER);
    let changed = world.config();
    let file = parse(&bytes, &changed.sources).expect("it is a plan");
    let error = file.check_sources(&changed.sources).expect_err("the configuration was changed");
    assert_eq!(error.summary, "Saved plan does not match the configuration");
    assert!(error.detail.starts_with("main.tf is not as it was"), "{}", error.detail);
}

#[test]
fn other_files_are_no_saved_plans() {
    let sources = model::source::SourceMap::default();
    for (bytes, expected) in [
        ("", "it is not a saved plan"),
        ("{\"version\": 4}", "it is not a saved plan"),
        ("{\"infra_plan_format\": 2}", "it is a saved plan of format 2"),
        ("{\"infra_plan_format\": 1}", "it is damaged"),
    ] {
        let error = parse(bytes.as_bytes(), &sources).expect_err("it is no plan").to_string();
        assert!(error.starts_with(expected), "{error}");
    }
}
