//! What lasts for one run only: ephemeral resources, variables and outputs, and write-only arguments.

use std::collections::BTreeSet;

use engine::event::Event;
use engine::plan::PlanMode;
use engine::plan_file::Variables;
use insta::assert_snapshot;
use state::checks::CheckStatus;

use crate::world::{World, messages};

/// What a run must never leave anywhere.
fn assert_traceless(world: &World, plan: &engine::plan::Plan) {
    let config = world.config();
    let variables = Variables { values: &config.variables, given: &config.variables, ephemeral: &BTreeSet::new() };
    let file = engine::plan_file::render(plan, variables, &config.sources);
    let state = state::file::render(&world.state);
    for text in [String::from_utf8_lossy(&file), String::from_utf8_lossy(&state), format!("{plan:?}").into()] {
        for secret in ["token-1", "token-2", "canary"] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[tokio::test]
async fn a_secret_goes_from_an_ephemeral_resource_to_a_write_only_argument_and_nowhere_else() {
    let mut world = World::new(
        r#"
        ephemeral "memory_token" "t" { name = "t" }
        module "through" {
          source = "./through"
          token  = ephemeral.memory_token.t.token
        }
        resource "memory_thing" "a" {
          name              = "a"
          secret_wo         = module.through.token
          secret_wo_version = 1
        }
        "#,
    );
    world.write(
        "through/main.tf",
        r#"
        variable "token" { ephemeral = true }
        locals { token = "${var.token}!" }
        output "token" {
          value     = local.token
          ephemeral = true
        }
        "#,
    );
    let plan = world.plan().await;
    assert_eq!(world.cloud.take_log(), ["open t", "close t"]);
    let outcome = world.run(&plan).await;
    assert!(!outcome.diagnostics.has_errors(), "{}", messages(&outcome.diagnostics, None));
    // An apply has a value of its own.
    assert_eq!(world.cloud.take_log(), ["open t", "write token-2! to a", "create a", "close t"]);
    assert_traceless(&world, &plan);
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn an_ephemeral_value_anywhere_else_is_refused() {
    let world = World::new(
        r#"
        variable "plain" {
          default   = "canary"
          ephemeral = true
        }
        ephemeral "memory_token" "t" { name = "t" }
        resource "memory_thing" "a" {
          name = "a"
          tags = { token = ephemeral.memory_token.t.token }
          rule {
            port = 1
            note = var.plain
          }
        }
        data "memory_lookup" "l" { name = var.plain }
        output "o" { value = ephemeral.memory_token.t }
        module "m" {
          source = "./m"
          v      = var.plain
        }
        "#,
    );
    world.write(
        "m/main.tf",
        r#"
        variable "v" {}
        output "still" {
          value     = "stays"
          ephemeral = true
        }
        "#,
    );
    assert_snapshot!(world.refused().await, @r#"
    Error: main.tf line 16: Ephemeral value not allowed
      The output "o" is not declared as ephemeral, and its value is, or holds one that is.
    Error: m/main.tf line 4: Value not allowed in ephemeral output
      The output "still" is declared as ephemeral, and its value is not.
    Error: main.tf line 19: Ephemeral value not allowed
      The variable "v" does not accept ephemeral values, as it is not declared as ephemeral.
      hint: Add `ephemeral = true` to the variable, if nothing that it is used for must last.
    Error: main.tf line 12: Invalid use of ephemeral value
      An ephemeral value can't be used for `rule[0].note`, because that is kept in the state, and only write-only arguments are not.
    Error: main.tf line 9: Invalid use of ephemeral value
      An ephemeral value can't be used for `tags["token"]`, because that is kept in the state, and only write-only arguments are not.
    Error: main.tf line 15: Invalid use of ephemeral value
      An ephemeral value can't be used for `name`, because that is kept in the state, and only write-only arguments are not.
    "#);
}

#[tokio::test]
async fn what_depends_on_the_unknown_is_opened_by_the_apply() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" { name = "a" }
        ephemeral "memory_token" "t" {
          name = memory_thing.a.id
          lifecycle {
            precondition {
              condition     = memory_thing.a.id != "x"
              error_message = "never"
            }
            postcondition {
              condition     = startswith(self.token, "token-")
              error_message = "never"
            }
          }
        }
        resource "memory_thing" "b" {
          name      = "b"
          secret_wo = ephemeral.memory_token.t.token
        }
        "#,
    );
    let plan = world.plan().await;
    assert_eq!(world.cloud.take_log(), Vec::<String>::new());
    assert!(world.events.take().iter().any(|event| matches!(event, Event::EphemeralDeferred { .. })));
    assert!(plan.checks.iter().all(|check| check.status == CheckStatus::Unknown) && plan.checks.len() == 2);
    world.run(&plan).await;
    assert_eq!(world.cloud.take_log(), ["create a", "open t-1", "write token-1 to b", "create b", "close t-1"]);
    assert_traceless(&world, &plan);
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn a_provider_may_be_configured_with_what_is_ephemeral() {
    let configuration = r#"
        provider "memory" {
          alias = "plain"
        }
        provider "memory" {
          region = ephemeral.memory_token.t.token
        }
        ephemeral "memory_token" "t" {
          name     = "t"
          provider = memory.plain
        }
        resource "memory_thing" "a" { name = "a" }
    "#;
    let mut world = World::new(configuration);
    world.apply().await;
    assert_eq!(
        world.cloud.take_log(),
        ["open t", "configure token-1", "close t", "open t", "configure token-2", "create a", "close t"]
    );
    // Refresh and plan share what is open.
    world.apply().await;
    assert_eq!(world.cloud.take_log()[..4], ["open t", "configure token-3", "read 1 memory_thing", "close t"]);
    world.options.mode = PlanMode::Destroy;
    world.apply().await;
    let log = world.cloud.take_log();
    assert_eq!(
        log.last_chunk(),
        Some(&["configure token-5".into(), "delete a".into(), "close t".to_string()]),
        "{log:?}"
    );
    assert!(world.cloud.names().is_empty());
}

#[tokio::test]
async fn what_is_short_lived_is_renewed_while_it_is_open() {
    let mut world = World::new(
        r#"
        ephemeral "memory_token" "short" { name = "short" }
        resource "memory_thing" "a" {
          name      = "a"
          secret_wo = ephemeral.memory_token.short.token
        }
        "#,
    );
    let plan = world.plan().await;
    world.cloud.take_log();
    world.run(&plan).await;
    let log = world.cloud.take_log();
    assert_eq!(log[..2], ["open short", "write token-2 to a"], "{log:?}");
    assert!(
        log.contains(&"renew short".to_string()) && log.last().is_some_and(|last| last == "close short"),
        "{log:?}"
    );
}

#[tokio::test]
async fn what_can_not_be_opened_stops_what_needs_it_and_closes_the_rest() {
    let mut world = World::new(
        r#"
        ephemeral "memory_token" "good" { name = "good" }
        ephemeral "memory_token" "bad" {
          count = 2
          name  = "bad${count.index}"
        }
        resource "memory_thing" "a" {
          name      = "a"
          secret_wo = ephemeral.memory_token.bad[1].token
        }
        resource "memory_thing" "b" { name = "b" }
        "#,
    );
    world.cloud.inner().fail_open.insert("bad1".into());
    assert_snapshot!(world.refused().await, @r"
    Error: main.tf line 3: Failed to open ephemeral.memory_token.bad[1]
      Failed to call memory:Open: `bad1` is set to fail.
    ");
    let mut log = world.cloud.take_log();
    log.sort();
    assert_eq!(log, ["close bad0", "close good", "open bad0", "open bad1", "open good"]);
    world.cloud.inner().fail_open.clear();
    let plan = world.plan().await;
    world.cloud.inner().fail_open.insert("bad0".into());
    let outcome = world.run(&plan).await;
    assert_snapshot!(messages(&outcome.diagnostics, None), @r"
    Error: Failed to open ephemeral.memory_token.bad[0]
      Failed to call memory:Open: `bad0` is set to fail.
    Error: Step not started
      memory_thing.a was not started, because an ephemeral resource could not be evaluated; the other messages say why.
    ");
    assert_eq!(world.cloud.names(), ["b"]);
}

#[tokio::test]
async fn conditions_of_ephemeral_resources_must_hold() {
    let world = World::new(
        r#"
        ephemeral "memory_token" "t" {
          name = "t"
          lifecycle {
            postcondition {
              condition     = self.token == "other"
              error_message = "The token is another one."
            }
          }
        }
        resource "memory_thing" "a" {
          name      = "a"
          secret_wo = ephemeral.memory_token.t.token
        }
        "#,
    );
    assert_snapshot!(world.refused().await, @r"
    Error: main.tf line 6: Resource postcondition failed
      The token is another one.
    ");
}

#[tokio::test]
async fn a_root_output_may_say_something_about_what_is_ephemeral() {
    let mut world = World::new(
        r#"
        ephemeral "memory_token" "t" { name = "t" }
        output "o" {
          value = ephemeralasnull(ephemeral.memory_token.t.token) == null
          precondition {
            condition     = startswith(ephemeral.memory_token.t.token, "token-")
            error_message = "never"
          }
        }
        check "c" {
          assert {
            condition     = ephemeral.memory_token.t.token == "x"
            error_message = "It is not ${ephemeral.memory_token.t.token}."
          }
        }
        "#,
    );
    let plan = world.plan().await;
    let outcome = world.run(&plan).await;
    assert_snapshot!(messages(&outcome.diagnostics, None), @r"
    Warning: Check block assertion failed
      The error message refers to ephemeral values, so it is not shown.
    ");
    assert_eq!(world.state.outputs["o"].value, model::value::Value::bool(true));
    assert_traceless(&world, &plan);
}
