//! Runs that are killed at any moment lose nothing and duplicate nothing.

use std::path::Path;
use std::time::Duration;

use engine::plan::PlanMode;

use crate::journaled::{self, Ended, agree};
use crate::world::{World, messages};

/// A run in which nothing fails. Says whether it was killed.
async fn run(world: &mut World, path: &Path) -> bool {
    match journaled::run(world, path).await {
        Ended::Killed => true,
        Ended::Finished(diagnostics) => {
            assert!(!diagnostics.has_errors(), "{}", messages(&diagnostics, None));
            false
        }
    }
}

const BEFORE: &str = r#"
    resource "memory_thing" "a" {
      name = "a"
      zone = "east"
    }
    resource "memory_thing" "first" {
      name  = "first"
      zone  = memory_thing.a.id
      lifecycle { create_before_destroy = true }
    }
    resource "memory_thing" "gone" {
      name  = "gone"
      needs = [memory_thing.first.id]
    }
    resource "memory_thing" "old" {
      count = 2
      name  = "old${count.index}"
    }
    output "first" { value = memory_thing.first.id }
"#;

/// Replaces create-first, deletes, updates, moves and creates.
const AFTER: &str = r#"
    resource "memory_thing" "a" {
      name = "a"
      zone = "west"
    }
    resource "memory_thing" "first" {
      name  = "first"
      zone  = memory_thing.a.id
      lifecycle { create_before_destroy = true }
    }
    resource "memory_thing" "new" {
      for_each = toset(["x", "y"])
      name     = each.key
      needs    = [memory_thing.first.id]
    }
    resource "memory_thing" "moved" {
      count = 2
      name  = "old${count.index}"
      size  = count.index + 1
    }
    moved {
      from = memory_thing.old
      to   = memory_thing.moved
    }
    output "first" { value = memory_thing.first.id }
"#;

/// Kills the apply of `after` at every point one after the other.
async fn kill_everywhere(before: &str, after: &str, mode: PlanMode, expected: &[&str]) {
    for point in 0.. {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("terraform.tfstate");
        let mut world = World::new(before);
        assert!(!run(&mut world, &path).await);
        world.rewrite(after);
        world.options.mode = mode;
        world.cloud.inner().kill_after = Some(point);
        let killed = run(&mut world, &path).await;
        world.cloud.inner().kill_after = None;
        if killed {
            // The same thing again, as the user would.
            assert!(!run(&mut world, &path).await);
        }
        agree(&world);
        assert_eq!(world.cloud.names(), expected, "killed at point {point}");
        let plan = world.plan().await;
        assert!(plan.is_empty(), "killed at point {point}:\n{}", crate::world::plan_text(&plan));
        if !killed {
            assert!(point >= 10, "there are points to be killed at");
            return;
        }
    }
}

#[tokio::test]
async fn an_apply_killed_anywhere_converges() {
    kill_everywhere(BEFORE, AFTER, PlanMode::Normal, &["a", "first", "old0", "old1", "x", "y"]).await;
}

#[tokio::test]
async fn a_first_apply_killed_anywhere_converges() {
    kill_everywhere("", AFTER, PlanMode::Normal, &["a", "first", "old0", "old1", "x", "y"]).await;
}

#[tokio::test]
async fn a_destroy_killed_anywhere_converges() {
    kill_everywhere(BEFORE, BEFORE, PlanMode::Destroy, &[]).await;
}

#[tokio::test]
async fn a_run_killed_again_and_again_converges() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let path = folder.path().join("terraform.tfstate");
    let mut world = World::new(BEFORE);
    assert!(!run(&mut world, &path).await);
    world.rewrite(AFTER);
    let mut kills = 0;
    loop {
        // Each run gets a little further than a single effect.
        world.cloud.inner().kill_after = Some(2);
        let finished = tokio::time::timeout(Duration::from_secs(60), run(&mut world, &path)).await.expect("it goes on");
        if !finished {
            break;
        }
        kills += 1;
        assert!(kills < 100, "it makes progress");
    }
    assert!(kills > 3);
    agree(&world);
    assert_eq!(world.cloud.names(), ["a", "first", "old0", "old1", "x", "y"]);
}

#[tokio::test]
async fn a_run_abandoned_anywhere_converges() {
    for turns in 0..60 {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let path = folder.path().join("terraform.tfstate");
        let mut world = World::new(AFTER);
        journaled::run_abandoned(&mut world, &path, turns).await;
        assert!(!run(&mut world, &path).await);
        agree(&world);
        assert_eq!(world.cloud.names(), ["a", "first", "old0", "old1", "x", "y"], "abandoned after {turns} turns");
    }
}

/// Every object says hello once it is made.
const PROVISIONED: &str = r#"
    resource "memory_thing" "a" {
      name = "a"
      zone = "ZONE"
      provisioner "local-exec" { command = "say hello ${self.name}" }
      provisioner "local-exec" { command = "say again ${self.name}" }
      provisioner "local-exec" {
        when    = destroy
        command = "say bye ${self.name}"
      }
    }
    resource "memory_thing" "first" {
      name  = "first"
      zone  = "ZONE"
      needs = [memory_thing.a.id]
      lifecycle { create_before_destroy = true }
      provisioner "local-exec" { command = "say hello ${self.name}" }
      provisioner "local-exec" { command = "say again ${self.name}" }
    }
"#;

#[tokio::test]
async fn no_object_is_left_without_its_commands_by_a_kill() {
    for before in ["", "east"] {
        for point in 0.. {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let path = folder.path().join("terraform.tfstate");
            let mut world = World::new("");
            if !before.is_empty() {
                world.rewrite(&PROVISIONED.replace("ZONE", before));
                assert!(!run(&mut world, &path).await);
            }
            world.rewrite(&PROVISIONED.replace("ZONE", "west"));
            world.cloud.inner().kill_after = Some(point);
            let killed = run(&mut world, &path).await;
            world.cloud.inner().kill_after = None;
            if killed {
                assert!(!run(&mut world, &path).await);
            }
            agree(&world);
            assert!(world.plan().await.is_empty(), "killed at point {point}");
            assert_eq!(world.cloud.names(), ["a", "first"], "killed at point {point}");
            let log = world.cloud.take_log();
            let last = |entry: String| log.iter().rposition(|other| *other == entry).expect("it happened");
            for name in ["a", "first"] {
                let made = last(format!("create {name}"));
                let (hello, again) = (last(format!("run say hello {name}")), last(format!("run say again {name}")));
                assert!(made < hello && hello < again, "killed at point {point}: {log:?}");
            }
            if !killed {
                assert!(point >= 10, "there are points to be killed at");
                break;
            }
        }
    }
}
