//! What applies do to the cloud and to the state.

use engine::apply::{Level, StopSource};
use engine::event::{Event, Skipped};
use engine::plan::PlanMode;
use insta::assert_snapshot;
use model::value::Value;
use state::Status;

use crate::world::{World, messages};

#[tokio::test]
async fn independent_branches_go_on_when_one_fails() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "bad" { name = "bad" }
        resource "memory_thing" "after_bad" {
          name  = "after-bad"
          needs = [memory_thing.bad.id]
        }
        resource "memory_thing" "worse" { name = "worse" }
        resource "memory_thing" "good" { name = "good" }
        resource "memory_thing" "after_good" {
          name  = "after-good"
          needs = [memory_thing.good.id]
        }
        output "bad" { value = memory_thing.after_bad.id }
        output "good" { value = memory_thing.after_good.name }
        "#,
    );
    world.cloud.inner().fail_create.extend(["bad".to_string(), "worse".to_string()]);
    let outcome = world.try_apply().await;
    assert_snapshot!(messages(&outcome.diagnostics, Some(&world.config())), @r"
        Error: main.tf line 2: Failed to create memory_thing.bad
          Failed to call memory:Create: `bad` is set to fail.
        Error: main.tf line 7: Failed to create memory_thing.worse
          Failed to call memory:Create: `worse` is set to fail.
    ");
    assert_eq!(world.cloud.names(), ["after-good", "good"]);
    assert_eq!(world.state.outputs.keys().map(AsRef::as_ref).collect::<Vec<_>>(), ["good"]);
    let skipped: Vec<String> = world
        .events
        .take()
        .into_iter()
        .filter_map(|event| match event {
            Event::StepSkipped { key, because: Skipped::Failed(failed), .. } => {
                Some(format!("{key} because of {failed}"))
            }
            _ => None,
        })
        .collect();
    assert_eq!(skipped, ["memory_thing.after_bad because of memory_thing.bad"]);
    world.cloud.inner().fail_create.clear();
    world.apply().await;
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn a_create_that_leaves_something_taints_it() {
    let mut world = World::new(r#"resource "memory_thing" "a" { name = "a" }"#);
    world.cloud.inner().fail_after_create.insert("a".into());
    let outcome = world.try_apply().await;
    assert_snapshot!(messages(&outcome.diagnostics, None), @r"
        Error: Failed to create memory_thing.a
          Failed to call memory:Wait: `a` is set to fail.
    ");
    let object = world.state.object(&"memory_thing.a".parse().expect("an address")).expect("it exists").clone();
    assert_eq!(object.status, Status::Tainted);
    world.cloud.inner().fail_after_create.clear();
    world.apply().await;
    assert_eq!(world.cloud.names(), ["a"]);
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn a_replacement_that_makes_nothing_keeps_the_old_object() {
    let configuration = r#"
        resource "memory_thing" "a" {
          name = "a"
          zone = "east"
          lifecycle { create_before_destroy = true }
        }"#;
    let mut world = World::applied(configuration).await;
    world.rewrite(&configuration.replace("east", "west"));
    world.cloud.inner().fail_create.insert("a".into());
    world.try_apply().await;
    let instance = &world.state.instances[&"memory_thing.a".parse().expect("an address")];
    assert!(instance.deposed.is_empty());
    assert!(instance.current.as_ref().expect("it is still there").attributes.get().contains("east"));
    world.cloud.inner().fail_create.clear();
    world.apply().await;
    assert_eq!(world.cloud.names(), ["a"]);
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn an_old_object_that_can_not_be_deleted_stays_deposed_and_is_deleted_later() {
    let configuration = r#"
        resource "memory_thing" "a" {
          name = "a"
          zone = "east"
          lifecycle { create_before_destroy = true }
        }"#;
    let mut world = World::applied(configuration).await;
    world.rewrite(&configuration.replace("east", "west"));
    world.cloud.inner().fail_delete.insert("a".into());
    let outcome = world.try_apply().await;
    assert_eq!(outcome.done.added, 1);
    assert_eq!(world.cloud.names(), ["a", "a"]);
    world.cloud.inner().fail_delete.clear();
    let text = world.plan_text().await;
    assert!(text.starts_with("delete memory_thing.a (deposed)"), "{text}");
    world.apply().await;
    assert_eq!(world.cloud.names(), ["a"]);
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn infinities_that_show_only_while_applying_are_refused_before_they_are_used() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          name = "b"
          size = 1 / (length(memory_thing.a.id) - length("t-1"))
        }
        output "list" { value = [1 / (length(memory_thing.a.id) - length("t-1"))] }
        "#,
    );
    let outcome = world.try_apply().await;
    assert_snapshot!(messages(&outcome.diagnostics, Some(&world.config())), @r#"
        Error: main.tf line 7: Infinity can't be stored
          The value of output "list" is, or holds, an infinity, and nothing stored can hold one.
          hint: An infinity comes of a division by zero, or of a power too large for double precision.
        Error: main.tf line 5: Infinity can't be stored
          The value of the argument `size` is, or holds, an infinity, and nothing stored can hold one.
          hint: An infinity comes of a division by zero, or of a power too large for double precision.
        Error: main.tf line 3: Step not started
          memory_thing.b was not started, because its configuration could not be evaluated; the other messages say why.
    "#);
    assert_eq!(world.cloud.names(), ["a"]);
    assert!(world.state.outputs.is_empty());
}

#[tokio::test]
async fn data_sources_that_waited_are_read_while_applying() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" {
          name   = "a"
          size   = 7
          secret = "s"
        }
        data "memory_lookup" "a" { name = memory_thing.a.name }
        resource "memory_thing" "b" {
          name = "b"
          size = data.memory_lookup.a.size
        }
        output "secret" {
          value     = data.memory_lookup.a.secret
          sensitive = true
        }
        "#,
    );
    world.apply().await;
    assert_eq!(world.cloud.take_log(), ["create a", "lookup a", "create b"]);
    assert_snapshot!(world.plan_text().await, @"no changes");
    assert!(world.state.outputs["secret"].value.is_sensitive());
}

#[tokio::test]
async fn destroying_deletes_in_reverse_and_leaves_an_empty_state() {
    let mut world = World::applied(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          count = 2
          name  = "b${count.index}"
          needs = [memory_thing.a.id]
        }
        data "memory_lookup" "a" {
          name       = "a"
          depends_on = [memory_thing.b]
        }
        output "a" { value = data.memory_lookup.a.id }
        "#,
    )
    .await;
    world.parallelism = 1;
    world.options.mode = PlanMode::Destroy;
    world.apply().await;
    let deletes: Vec<String> = world.cloud.take_log().into_iter().filter(|call| call.starts_with("delete")).collect();
    assert_eq!(deletes, ["delete b0", "delete b1", "delete a"]);
    assert!(world.state.is_empty());
}

#[tokio::test]
async fn no_more_steps_run_at_a_time_than_asked_for() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" {
          count = 20
          name  = "a${count.index}"
        }
        "#,
    );
    world.parallelism = 3;
    world.apply().await;
    assert_eq!(world.cloud.inner().running_max, 3);
    assert_eq!(world.cloud.names().len(), 20);
}

#[tokio::test]
async fn stopping_lets_running_steps_end_and_starts_no_more() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.id]
        }
        "#,
    );
    let plan = world.plan().await;
    let (source, stop) = StopSource::new();
    let run = world.run_with(&plan, None, &stop);
    tokio::pin!(run);
    // The first poll starts `a`.
    assert!(futures::poll!(&mut run).is_pending());
    source.raise(Level::Finish);
    let outcome = run.await;
    assert!(outcome.stopped);
    assert_eq!(world.cloud.names(), ["a"]);
    assert_eq!(outcome.state.instances.len(), 1);
    assert!(outcome.uncertain.is_empty());
}

#[tokio::test]
async fn abandoning_names_creates_that_may_have_made_something() {
    let world = World::new(r#"resource "memory_thing" "a" { name = "a" }"#);
    world.cloud.inner().kill_after = Some(1);
    let plan = world.plan().await;
    let (source, stop) = StopSource::new();
    let run = world.run_with(&plan, None, &stop);
    let kill = async {
        world.cloud.killed.notified().await;
        source.raise(Level::Finish);
        tokio::task::yield_now().await;
        source.raise(Level::Abandon);
    };
    let (outcome, ()) = tokio::join!(run, kill);
    assert!(outcome.stopped);
    assert_eq!(outcome.uncertain.iter().map(ToString::to_string).collect::<Vec<_>>(), ["memory_thing.a"]);
    assert_eq!(world.cloud.names(), ["a"]);
}

#[tokio::test]
async fn a_failed_postcondition_stops_what_depends_on_it_and_keeps_the_object() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          lifecycle {
            postcondition {
              condition     = self.color == "red"
              error_message = "It is ${self.color}."
            }
          }
        }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.id]
        }
        "#,
    );
    let outcome = world.try_apply().await;
    assert_snapshot!(messages(&outcome.diagnostics, Some(&world.config())), @r"
        Error: main.tf line 6: Resource postcondition failed
          It is grey.
    ");
    assert_eq!(world.cloud.names(), ["a"]);
    assert_eq!(world.state.instances.len(), 1);
}

#[tokio::test]
async fn conditions_that_a_plan_can_not_decide_are_decided_before_the_effect() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          name = "b"
          lifecycle {
            precondition {
              condition     = memory_thing.a.color == "red"
              error_message = "It is ${memory_thing.a.color}."
            }
          }
        }
        module "m" {
          source = "./m"
          color  = memory_thing.a.color
        }
        "#,
    );
    world.write(
        "m/main.tf",
        r#"
        variable "color" {
          type = string
          validation {
            condition     = var.color == "red"
            error_message = "Not ${var.color}."
          }
        }
        resource "memory_thing" "c" {
          name  = "c"
          color = var.color
        }
        "#,
    );
    let outcome = world.try_apply().await;
    assert_snapshot!(messages(&outcome.diagnostics, Some(&world.config())), @r"
        Error: main.tf line 14: Invalid value for variable
          Not grey.
        Error: m/main.tf line 11: Value not available
          The value of var.color could not be evaluated; another message says why.
        Error: m/main.tf line 9: Step not started
          module.m.memory_thing.c was not started, because its configuration could not be evaluated; the other messages say why.
        Error: main.tf line 7: Resource precondition failed
          It is grey.
    ");
    assert_eq!(world.cloud.names(), ["a"]);
}

#[tokio::test]
async fn an_unchanged_object_is_checked_against_what_becomes_known() {
    let before = r#"
        resource "memory_thing" "a" {
          name = "a"
          lifecycle {
            postcondition {
              condition     = self.color == "grey" && local.other != "t-2"
              error_message = "Not so."
            }
          }
        }
        locals { other = "x" }"#;
    let mut world = World::applied(before).await;
    world.rewrite(
        &(before.replace("other = \"x\"", "other = memory_thing.b.id")
            + "\nresource \"memory_thing\" \"b\" { name = \"b\" }"),
    );
    let outcome = world.try_apply().await;
    assert_snapshot!(messages(&outcome.diagnostics, Some(&world.config())), @r"
        Error: main.tf line 6: Resource postcondition failed
          Not so.
    ");
}

#[tokio::test]
async fn an_object_of_which_only_the_marks_change_is_recorded_without_a_call() {
    let before = r#"
        resource "memory_thing" "a" {
          name = "a"
          size = 3
        }"#;
    let mut world = World::applied(before).await;
    world.rewrite(&before.replace("= 3", "= sensitive(3)"));
    assert_snapshot!(world.plan_text().await, @"update memory_thing.a");
    world.cloud.take_log();
    world.apply().await;
    assert_eq!(world.cloud.take_log(), ["read 1 memory_thing"]);
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn data_sources_that_do_not_need_each_other_are_read_at_the_same_time() {
    let before = r#"resource "memory_thing" "a" { name = "a" }"#;
    let world = World::applied(before).await;
    world.rewrite(&format!(
        r#"{before}
        data "memory_lookup" "one" {{ name = "a" }}
        data "memory_lookup" "two" {{ name = "a" }}
        data "memory_lookup" "many" {{
          count = 3
          name  = "a"
        }}
        data "memory_lookup" "after" {{
          name = data.memory_lookup.one.id == "t-1" ? "a" : "b"
        }}"#
    ));
    world.cloud.inner().running_max = 0;
    world.plan().await;
    assert_eq!(world.cloud.inner().running_max, 5);
}

#[tokio::test]
async fn a_stop_that_comes_too_late_leaves_nothing_out() {
    let world = World::new(r#"resource "memory_thing" "a" { name = "a" }"#);
    let plan = world.plan().await;
    let (source, stop) = StopSource::new();
    let run = world.run_with(&plan, None, &stop);
    tokio::pin!(run);
    assert!(futures::poll!(&mut run).is_pending());
    source.raise(Level::Finish);
    let outcome = run.await;
    assert!(!outcome.stopped);
}

#[tokio::test]
async fn a_refresh_reads_all_objects_of_a_type_in_one_call() {
    let world = World::applied(
        r#"
        resource "memory_thing" "a" {
          count = 50
          name  = "a${count.index}"
        }
        "#,
    )
    .await;
    world.plan().await;
    assert_eq!(world.cloud.take_log(), ["read 50 memory_thing"]);
}

#[tokio::test]
async fn an_object_that_can_not_be_read_stops_the_plan_and_names_itself() {
    let world = World::applied(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" { name = "b" }
        "#,
    )
    .await;
    world.cloud.inner().fail_read.insert("b".into());
    assert_snapshot!(world.refused().await, @r"
        Error: Failed to read memory_thing.b
          Failed to call memory:Read: `b` is set to fail.
    ");
}

#[tokio::test]
async fn drift_is_told_from_three_sides_and_pending_changes_are_none() {
    let world = World::applied(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          size = 1
          tags = { team = "x", owner = "me" }
        }
        resource "memory_thing" "pending" { name = "old" }
        "#,
    )
    .await;
    world.rewrite(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          size = 2
          tags = { team = "x", owner = "me" }
        }
        resource "memory_thing" "pending" { name = "new" }
        "#,
    );
    world.cloud.tamper("a", "size", Value::number(3i64));
    world.cloud.tamper("a", "tags", Value::map(model::ty::Type::String, [("team".into(), Value::string("y"))].into()));
    let config = world.config();
    let pool = world.pool();
    let (drift, diagnostics) = engine::drift::drift(world.stack(&config, &pool), &world.state).await;
    assert!(diagnostics.is_empty());
    let show = |value: &Option<Value>| value.as_ref().map_or("-".to_string(), Value::to_string);
    let lines: Vec<String> = drift
        .iter()
        .flat_map(|drift| drift.attributes.iter().map(move |attribute| (drift, attribute)))
        .map(|(drift, attribute)| {
            let (configuration, applied, live) = (&attribute.configuration, &attribute.applied, &attribute.live);
            format!("{} {}: {} / {} / {}", drift.key, attribute.path, show(configuration), show(applied), show(live))
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @r#"
        memory_thing.a size: 2 / 1 / 3
        memory_thing.a tags["owner"]: "me" / "me" / -
        memory_thing.a tags["team"]: "x" / "x" / "y"
    "#);
    assert_eq!(world.cloud.take_log(), ["read 2 memory_thing"]);
}

#[tokio::test]
async fn importing_records_the_object_as_it_is() {
    let mut world = World::applied(r#"resource "memory_thing" "a" { name = "a" }"#).await;
    world.state = Default::default();
    world.rewrite(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          size = 4
        }"#,
    );
    let mut state = std::mem::take(&mut world.state);
    let config = world.config();
    {
        let pool = world.pool();
        let stack = world.stack(&config, &pool);
        let addr = "memory_thing.a".parse().expect("an address");
        let diagnostics = engine::import::import(stack, &mut state, &addr, "t-1").await;
        assert!(diagnostics.is_empty());
        let again = engine::import::import(stack, &mut state, &addr, "t-1").await;
        assert_snapshot!(messages(&again, None), @r"
        Error: Resource already managed
          There is an object at memory_thing.a already. To import another one there, the present one must leave the state first.
    ");
        let other = "memory_thing.b".parse().expect("an address");
        let missing = engine::import::import(stack, &mut state, &other, "t-1").await;
        assert_snapshot!(messages(&missing, None), @r#"
        Error: Resource not in configuration
          Before importing an object to memory_thing.b, its block must be in the configuration.
          hint: Add `resource "memory_thing" "b" {}`.
    "#);
    }
    world.state = state;
    assert_snapshot!(world.plan_text().await, @r"
        update memory_thing.a
            size = 4
    ");
}

#[tokio::test]
async fn a_plan_is_refused_on_another_state() {
    let world = World::new("");
    let plan = world.plan().await;
    let newer = state::State { serial: 3, ..Default::default() };
    let error = engine::apply::check_basis(&plan, &newer).expect_err("the state has another serial");
    assert_eq!(error.summary, "Saved plan is stale");
    assert!(engine::apply::check_basis(&plan, &world.state).is_ok());
}

#[test]
fn plans_and_applies_may_run_on_any_thread() {
    fn sendable<T: Send>(_: &T) {}
    let world = World::new("");
    let config = world.config();
    let pool = world.pool();
    let stack = world.stack(&config, &pool);
    sendable(&engine::planner::plan(stack, &world.state, &world.options));
    sendable(&engine::drift::drift(stack, &world.state));
    sendable(&world.run_with(&tokio_plan(&world), None, &StopSource::new().1));
}

fn tokio_plan(world: &World) -> engine::plan::Plan {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime can be made");
    runtime.block_on(world.plan())
}
