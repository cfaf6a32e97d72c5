//! Commands that run with the creation and destruction of objects.

use engine::apply::{Level, StopSource};
use engine::event::{Event, Provision};
use engine::plan::PlanMode;
use insta::assert_snapshot;
use state::Status;

use crate::world::{World, messages};

fn status(world: &World, addr: &str) -> Option<Status> {
    world.state.object(&addr.parse().expect("an address")).map(|object| object.status)
}

/// What was told of commands.
fn told(world: &World) -> String {
    let lines = world.events.take().into_iter().filter_map(|event| match event {
        Event::Provisioner { key, what: Provision::Output(line) } => Some(format!("{key} (local-exec): {line}")),
        Event::Provisioner { key, what } => Some(format!("{key}: {what:?}")),
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn commands_run_after_creation_in_their_order_and_before_what_needs_the_object() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          provisioner "local-exec" {
            command     = "say one ${self.name}\nenv WHO"
            environment = { WHO = self.id, NOBODY = null }
          }
          provisioner "local-exec" {
            command     = "say two"
            interpreter = ["python3", "-c"]
            quiet       = true
          }
          provisioner "local-exec" {
            when    = destroy
            command = "say bye ${self.name}"
          }
        }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.id]
        }
        "#,
    );
    world.apply().await;
    assert_eq!(world.cloud.take_log(), ["create a", "run say one a", "run env WHO", "run say two", "create b"]);
    assert_eq!(status(&world, "memory_thing.a"), Some(Status::Ready));
    assert_snapshot!(told(&world), @r#"
    memory_thing.a: Started
    memory_thing.a (local-exec): Executing: ["/bin/sh" "-c" "say one a\nenv WHO"]
    memory_thing.a (local-exec): one a
    memory_thing.a (local-exec): t-1
    memory_thing.a: Done
    memory_thing.a: Started
    memory_thing.a (local-exec): local-exec: Executing: Suppressed by quiet=true
    memory_thing.a (local-exec): two
    memory_thing.a: Done
    "#);
    assert_snapshot!(world.plan_text().await, @"no changes");
    world.options.mode = PlanMode::Destroy;
    world.apply().await;
    assert_eq!(world.cloud.take_log()[1..], ["read 2 memory_thing", "delete b", "run say bye a", "delete a"]);
}

#[tokio::test]
async fn a_failed_command_taints_and_stops_what_needs_the_object() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          provisioner "local-exec" { command = "say half\nfail 4" }
          provisioner "local-exec" { command = "say never" }
          provisioner "local-exec" {
            when    = destroy
            command = "say never either"
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
    Error: main.tf line 4: local-exec provisioner error
      Error running command 'say half
    fail 4': exit status 4. Output: half
    ");
    assert_eq!(status(&world, "memory_thing.a"), Some(Status::Tainted));
    assert_eq!(outcome.done.added, 0);
    assert_eq!(world.cloud.take_log(), ["create a", "run say half", "run fail 4"]);
    let mended = std::fs::read_to_string(world.dir.path().join("main.tf")).expect("readable");
    world.rewrite(&mended.replace("\\nfail 4", "").replace("never", "now"));
    world.apply().await;
    // What is tainted goes without its farewell.
    assert_eq!(
        world.cloud.take_log(),
        ["read 1 memory_thing", "delete a", "create a", "run say half", "run say now", "create b"]
    );
    assert_eq!(status(&world, "memory_thing.a"), Some(Status::Ready));
}

#[tokio::test]
async fn a_failure_that_may_be_passed_over_is_a_warning() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          provisioner "local-exec" {
            command    = "fail 1"
            on_failure = continue
          }
          provisioner "local-exec" { command = "say on" }
        }
        "#,
    );
    let outcome = world.try_apply().await;
    assert_snapshot!(messages(&outcome.diagnostics, None), @r"
    Warning: local-exec provisioner error
      Error running command 'fail 1': exit status 1. Output: 
      hint: The run goes on, as `on_failure = continue` asks for.
    ");
    assert_eq!(world.cloud.take_log(), ["create a", "run fail 1", "run say on"]);
    assert_eq!(status(&world, "memory_thing.a"), Some(Status::Ready));
}

#[tokio::test]
async fn nothing_is_shown_of_a_command_with_secrets() {
    let mut world = World::new(
        r#"
        variable "secret" {
          default   = "canary"
          sensitive = true
        }
        resource "memory_thing" "a" {
          name       = "a"
          depends_on = [memory_thing.b]
          provisioner "local-exec" {
            command     = "env SECRET\nfail 1"
            environment = { SECRET = var.secret }
          }
        }
        resource "memory_thing" "b" {
          name = "b"
          provisioner "local-exec" {
            command = "say canary"
            connection {
              host     = "h"
              password = var.secret
            }
          }
        }
        "#,
    );
    let outcome = world.try_apply().await;
    assert_snapshot!(messages(&outcome.diagnostics, None), @r"
    Error: local-exec provisioner error
      Error running a command that is not shown, as sensitive values are in it: exit status 1.
    ");
    assert_snapshot!(told(&world), @r"
    memory_thing.b: Started
    memory_thing.b (local-exec): (output suppressed due to sensitive value in config)
    memory_thing.b: Done
    memory_thing.a: Started
    memory_thing.a (local-exec): (output suppressed due to sensitive value in config)
    memory_thing.a: Failed
    ");
}

#[tokio::test]
async fn a_failed_farewell_keeps_the_object() {
    let mut world = World::applied(
        r#"
        resource "memory_thing" "a" {
          count = 2
          name  = "a${count.index}"
          provisioner "local-exec" {
            when    = destroy
            command = "say ${count.index}\nfail ${count.index}"
          }
        }
        "#,
    )
    .await;
    world.options.mode = PlanMode::Destroy;
    world.parallelism = 1;
    let outcome = world.try_apply().await;
    assert_eq!(outcome.diagnostics.iter().count(), 2, "{}", messages(&outcome.diagnostics, None));
    assert_eq!(world.cloud.names(), ["a0", "a1"]);
    assert_eq!(status(&world, "memory_thing.a[1]"), Some(Status::Ready));
}

#[tokio::test]
async fn a_replacement_says_farewell_only_where_the_old_object_goes_first() {
    let configuration = r#"
        resource "memory_thing" "first" {
          name = "first"
          zone = "ZONE"
          provisioner "local-exec" { command = "say hello" }
          provisioner "local-exec" {
            when    = destroy
            command = "say bye"
          }
        }
        resource "memory_thing" "last" {
          name = "last"
          zone = "ZONE"
          lifecycle { create_before_destroy = true }
          provisioner "local-exec" { command = "say hello" }
          provisioner "local-exec" {
            when    = destroy
            command = "say bye"
          }
        }
    "#;
    let mut world = World::applied(&configuration.replace("ZONE", "a")).await;
    world.parallelism = 1;
    world.rewrite(&configuration.replace("ZONE", "b"));
    world.apply().await;
    let mut log = world.cloud.take_log();
    log.retain(|entry| !entry.starts_with("read"));
    let at = |entry: &str| log.iter().position(|other| other == entry).expect("it happened");
    assert_eq!(log.iter().filter(|entry| *entry == "run say bye").count(), 1, "{log:?}");
    assert!(at("run say bye") < at("delete first") && at("delete first") < at("create first"), "{log:?}");
    assert!(at("create last") < at("delete last"), "{log:?}");
}

#[tokio::test]
async fn a_removed_block_has_the_last_word() {
    let mut world = World::applied(r#"resource "memory_thing" "a" { name = "a" }"#).await;
    world.rewrite(
        r#"
        removed {
          from = memory_thing.a
          provisioner "local-exec" {
            when    = destroy
            command = "say bye ${self.name}"
          }
        }
        "#,
    );
    world.apply().await;
    assert_eq!(world.cloud.take_log(), ["read 1 memory_thing", "run say bye a", "delete a"]);
}

#[tokio::test]
async fn a_stop_ends_the_command_and_leaves_the_object_tainted() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          provisioner "local-exec" {
            command    = "hang"
            on_failure = continue
          }
          provisioner "local-exec" { command = "say never" }
        }
        "#,
    );
    let plan = world.plan().await;
    let (source, stop) = StopSource::new();
    let outcome = {
        let raise = async {
            while !world.cloud.inner().log.iter().any(|entry| entry == "run hang") {
                tokio::task::yield_now().await;
            }
            source.raise(Level::Finish);
        };
        tokio::join!(world.run_with(&plan, None, &stop), raise).0
    };
    world.state = outcome.state.clone();
    assert_snapshot!(messages(&outcome.diagnostics, None), @r"
    Error: local-exec provisioner error
      Error running command 'hang': it was stopped. Output:
    ");
    assert_eq!(status(&world, "memory_thing.a"), Some(Status::Tainted));
    assert!(outcome.uncertain.is_empty());
}

#[tokio::test]
async fn an_abandoned_command_leaves_the_object_tainted() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          provisioner "local-exec" { command = "say one" }
        }
        "#,
    );
    // Dies where the command would start: after the three moments of the create.
    world.cloud.inner().kill_after = Some(3);
    let plan = world.plan().await;
    let (source, stop) = StopSource::new();
    let abandon = async {
        world.cloud.killed.notified().await;
        source.raise(Level::Abandon);
    };
    let (outcome, ()) = tokio::join!(world.run_with(&plan, None, &stop), abandon);
    let object = outcome.state.object(&"memory_thing.a".parse().expect("an address")).expect("it is known");
    assert_eq!(object.status, Status::Tainted);
    assert!(outcome.uncertain.is_empty() && outcome.stopped);
}

#[tokio::test]
async fn mistakes_in_commands_are_found_while_planning() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          provisioner "local-exec" { command = "" }
          provisioner "local-exec" {
            command = "say"
            quiet   = "perhaps"
          }
          provisioner "local-exec" {
            command = "say"
            connection { user = "u" }
          }
        }
        "#,
    );
    assert_snapshot!(world.refused().await, @r"
    Error: main.tf line 4: Invalid local-exec provisioner command
      The command of a local-exec provisioner must be a text that is not empty.
    Error: main.tf line 7: Incorrect attribute value type
      Inappropriate value for attribute `quiet`: a bool is required.
    Error: main.tf line 9: Missing required argument
      A connection needs a `host` to connect to.
    ");
}
