//! What plans say, from configuration and state to text.

use engine::plan::{Action, PlanMode};
use insta::assert_snapshot;
use model::value::Value;
use state::Status;

use crate::world::World;

async fn plan_text(configuration: &str) -> String {
    World::new(configuration).plan_text().await
}

/// The plan of `after` where `before` has been applied.
async fn change_text(before: &str, after: &str) -> String {
    let world = World::applied(before).await;
    world.rewrite(after).plan_text().await
}

#[tokio::test]
async fn new_things_are_created_after_what_they_mention() {
    let text = plan_text(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.id]
        }
        "#,
    );
    assert_snapshot!(text.await, @r#"
        create memory_thing.a
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "a"
        create memory_thing.b
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "b"
            needs = [(known after apply)]
        create memory_thing.a before create memory_thing.b
    "#);
}

#[tokio::test]
async fn order_goes_through_locals_and_modules() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" { name = "a" }
        module "m" {
          source = "./m"
          input  = local.a
        }
        locals { a = memory_thing.a.id }
        resource "memory_thing" "c" {
          name  = "c"
          needs = [module.m.id]
        }
        "#,
    );
    world.write(
        "m/main.tf",
        r#"
        variable "input" { type = string }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [var.input]
        }
        output "id" { value = memory_thing.b.id }
        "#,
    );
    assert_snapshot!(world.plan_text().await, @r#"
        create memory_thing.a
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "a"
        create memory_thing.c
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "c"
            needs = [(known after apply)]
        create module.m.memory_thing.b
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "b"
            needs = [(known after apply)]
        create memory_thing.a before create memory_thing.c
        create memory_thing.a before create module.m.memory_thing.b
        create module.m.memory_thing.b before create memory_thing.c
    "#);
}

#[tokio::test]
async fn an_applied_stack_plans_empty() {
    let world = World::applied(
        r#"
        resource "memory_thing" "a" {
          name   = "a"
          secret = "hunter2"
          labels = ["x", "y"]
          rule { port = 80 }
        }
        resource "memory_thing" "b" {
          count = 2
          name  = "b${count.index}"
          needs = [memory_thing.a.id]
        }
        output "ids" { value = memory_thing.b[*].id }
        "#,
    )
    .await;
    assert_snapshot!(world.plan_text().await, @"no changes");
    assert_eq!(world.cloud.names(), ["a", "b0", "b1"]);
    assert_eq!(world.state.outputs["ids"].value.to_string(), r#"["t-2", "t-3"]"#);
}

#[tokio::test]
async fn a_changed_argument_is_an_update_and_what_follows_from_it_is_unknown() {
    let before = r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.arn]
        }"#;
    let after = r#"
        resource "memory_thing" "a" { name = "z" }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.arn]
        }"#;
    assert_snapshot!(change_text(before, after).await, @r#"
        update memory_thing.a
            arn = "arn:a" -> (known after apply)
            name = "a" -> "z"
        update memory_thing.b
            needs = ["arn:a"] -> [(known after apply)]
        update memory_thing.a before update memory_thing.b
    "#);
}

#[tokio::test]
async fn an_argument_that_can_not_change_in_place_replaces_and_its_dependents_follow() {
    let before = r#"
        resource "memory_thing" "a" {
          name = "a"
          zone = "east"
        }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.id]
        }"#;
    assert_snapshot!(change_text(before, &before.replace("east", "west")).await, @r#"
        replace memory_thing.a because CannotUpdate
            arn = "arn:a" -> (known after apply)
            color = "grey" -> (known after apply)
            id = "t-1" -> (known after apply)
            zone = "east" -> "west"
        update memory_thing.b
            needs = ["t-1"] -> [(known after apply)]
        create memory_thing.a before update memory_thing.b
        delete memory_thing.a before create memory_thing.a
        delete memory_thing.a before update memory_thing.b
    "#);
}

#[tokio::test]
async fn create_before_destroy_spreads_to_what_is_needed() {
    let before = r#"
        resource "memory_thing" "a" {
          name = "a"
          zone = "east"
        }
        resource "memory_thing" "b" {
          name  = "b"
          zone  = memory_thing.a.id
          lifecycle { create_before_destroy = true }
        }"#;
    assert_snapshot!(change_text(before, &before.replace("east", "west")).await, @r#"
        replace (create first) memory_thing.a because CannotUpdate
            arn = "arn:a" -> (known after apply)
            color = "grey" -> (known after apply)
            id = "t-1" -> (known after apply)
            zone = "east" -> "west"
        replace (create first) memory_thing.b because CannotUpdate
            arn = "arn:b" -> (known after apply)
            color = "grey" -> (known after apply)
            id = "t-2" -> (known after apply)
            zone = "t-1" -> (known after apply)
        create memory_thing.a before create memory_thing.b
        create memory_thing.a before delete memory_thing.a (deposed)
        create memory_thing.b before delete memory_thing.a (deposed)
        create memory_thing.b before delete memory_thing.b (deposed)
        delete memory_thing.b (deposed) before delete memory_thing.a (deposed)
    "#);
}

#[tokio::test]
async fn what_the_configuration_drops_is_deleted_after_what_depended_on_it() {
    let before = r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.id]
        }
        resource "memory_thing" "c" {
          name  = "c"
          needs = [memory_thing.b.id]
        }
        output "a" { value = memory_thing.a.id }"#;
    assert_snapshot!(change_text(before, "").await, @r#"
        delete memory_thing.a because NoConfig
        delete memory_thing.b because NoConfig
        delete memory_thing.c because NoConfig
        output a: "t-1" -> -
        delete memory_thing.b before delete memory_thing.a
        delete memory_thing.c before delete memory_thing.a
        delete memory_thing.c before delete memory_thing.b
    "#);
}

#[tokio::test]
async fn a_delete_comes_before_the_update_of_what_was_depending_on_it() {
    let before = r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.id]
        }"#;
    let after = r#"resource "memory_thing" "b" { name = "b" }"#;
    assert_snapshot!(change_text(before, after).await, @r#"
        delete memory_thing.a because NoConfig
        update memory_thing.b
            needs = ["t-1"] -> null
        delete memory_thing.a before update memory_thing.b
    "#);
}

#[tokio::test]
async fn instances_that_are_no_more_are_deleted_with_their_reason() {
    let before = r#"
        resource "memory_thing" "counted" {
          count = 3
          name  = "c${count.index}"
        }
        resource "memory_thing" "each" {
          for_each = toset(["x", "y"])
          name     = each.key
        }
        resource "memory_thing" "single" { name = "s" }"#;
    let after = r#"
        resource "memory_thing" "counted" {
          count = 1
          name  = "c${count.index}"
        }
        resource "memory_thing" "each" {
          for_each = { y = 1 }
          name     = each.key
        }
        resource "memory_thing" "single" {
          for_each = { s = 1 }
          name     = each.key
        }"#;
    assert_snapshot!(change_text(before, after).await, @r#"
        delete memory_thing.counted[1] because CountIndex
        delete memory_thing.counted[2] because CountIndex
        delete memory_thing.each["x"] because EachKey
        delete memory_thing.single because WrongRepetition
        create memory_thing.single["s"]
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "s"
    "#);
}

#[tokio::test]
async fn gaining_count_moves_the_object_to_number_0() {
    let before = r#"resource "memory_thing" "a" { name = "a" }"#;
    let after = r#"
        resource "memory_thing" "a" {
          count = 2
          name  = count.index == 0 ? "a" : "b"
        }"#;
    assert_snapshot!(change_text(before, after).await, @r#"
        keep memory_thing.a[0] moved from memory_thing.a
        create memory_thing.a[1]
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "b"
    "#);
}

#[tokio::test]
async fn a_tainted_object_is_replaced_whatever_its_block_ignores() {
    let configuration = r#"
        resource "memory_thing" "a" {
          name = "a"
          lifecycle { ignore_changes = [name] }
        }"#;
    let mut world = World::applied(configuration).await;
    for instance in world.state.instances.values_mut() {
        instance.current.as_mut().expect("it was created").status = Status::Tainted;
    }
    assert_snapshot!(world.plan_text().await, @r#"
        replace memory_thing.a because Tainted
            arn = "arn:a" -> (known after apply)
            color = "grey" -> (known after apply)
            id = "t-1" -> (known after apply)
        delete memory_thing.a before create memory_thing.a
    "#);
}

#[tokio::test]
async fn nothing_is_ignored_of_an_object_that_is_replaced() {
    let block = |name: &str, zone: &str| {
        format!(
            "resource \"memory_thing\" \"a\" {{\n name = \"{name}\"\n zone = \"{zone}\"\n \
             lifecycle {{ ignore_changes = [name] }}\n}}"
        )
    };
    let mut world = World::applied(&block("a", "east")).await;
    world.rewrite(&block("b", "west"));
    let plan = world.plan().await;
    let after = plan.changes[0].after.clone().expect("a new object");
    assert_eq!(after.get("name"), Some(Value::from("b")));
    world.apply().await;
    assert!(world.plan().await.changes.iter().all(|change| change.action == Action::NoOp));
}

#[tokio::test]
async fn an_object_is_replaced_on_request() {
    let mut world = World::applied(r#"resource "memory_thing" "a" { name = "a" }"#).await;
    world.options.replace = vec!["memory_thing.a".parse().expect("an address")];
    assert_snapshot!(world.plan_text().await, @r#"
        replace memory_thing.a because Requested
            arn = "arn:a" -> (known after apply)
            color = "grey" -> (known after apply)
            id = "t-1" -> (known after apply)
        delete memory_thing.a before create memory_thing.a
    "#);
}

#[tokio::test]
async fn ignored_changes_are_left_alone() {
    let before = r#"
        resource "memory_thing" "a" {
          name = "a"
          size = 1
          tags = { team = "x", owner = "me" }
          lifecycle { ignore_changes = [size, tags["owner"]] }
        }"#;
    let after = before.replace("size = 1", "size = 2").replace("\"me\"", "\"you\"").replace("\"x\"", "\"y\"");
    assert_snapshot!(change_text(before, &after).await, @r#"
        update memory_thing.a
            tags = {"owner" = "me", "team" = "x"} -> {"owner" = "me", "team" = "y"}
    "#);
}

#[tokio::test]
async fn a_block_that_ignores_all_never_changes() {
    let before = r#"
        resource "memory_thing" "a" {
          name = "a"
          size = 1
          lifecycle { ignore_changes = all }
        }"#;
    assert_snapshot!(change_text(before, &before.replace("size = 1", "size = 2")).await, @"no changes");
}

#[tokio::test]
async fn prevent_destroy_refuses_deletes_and_replacements() {
    let configuration = r#"
        resource "memory_thing" "a" {
          count = 1
          name  = "a"
          zone  = "east"
          lifecycle { prevent_destroy = true }
        }"#;
    let world = World::applied(configuration).await;
    let replaced = world.rewrite(&configuration.replace("east", "west")).refused().await;
    let deleted = world.rewrite(&configuration.replace("count = 1", "count = 0")).refused().await;
    assert_snapshot!(format!("{replaced}\n{deleted}"), @r"
        Error: main.tf line 2: Instance cannot be destroyed
          Resource memory_thing.a[0] has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To go on, either disable lifecycle.prevent_destroy or reduce the scope of the plan with the -target option.
        Error: main.tf line 2: Instance cannot be destroyed
          Resource memory_thing.a[0] has lifecycle.prevent_destroy set, but the plan calls for this resource to be destroyed. To go on, either disable lifecycle.prevent_destroy or reduce the scope of the plan with the -target option.
    ");
}

#[tokio::test]
async fn prevent_destroy_may_be_an_expression() {
    let text = |value: &str| {
        format!(
            r#"
            variable "protect" {{ default = {value} }}
            locals {{ protect = var.protect }}
            resource "memory_thing" "a" {{
              name = "a"
              lifecycle {{ prevent_destroy = local.protect }}
            }}"#
        )
    };
    let mut world = World::applied(&text("true")).await;
    world.options.mode = PlanMode::Destroy;
    assert!(world.refused().await.contains("Resource memory_thing.a has lifecycle.prevent_destroy set"));
    world.rewrite(&text("null"));
    assert!(world.refused().await.contains("It must be true or false, not null"));
    world.rewrite(&text("\"often\""));
    assert!(world.refused().await.contains("It must be true or false: "));
    world.rewrite(&text("false"));
    world.apply().await;
    assert!(world.state.is_empty());
}

#[tokio::test]
async fn replace_triggered_by_follows_updates_of_an_attribute() {
    let before = r#"
        resource "memory_thing" "a" {
          count = 2
          name  = "a${count.index}"
          size  = 1
        }
        resource "memory_thing" "whole" {
          name = "whole"
          lifecycle { replace_triggered_by = [memory_thing.a[0]] }
        }
        resource "memory_thing" "other" {
          name = "other"
          lifecycle { replace_triggered_by = [memory_thing.a[0].zone] }
        }
        resource "memory_thing" "each" {
          count = 2
          name = "each${count.index}"
          lifecycle { replace_triggered_by = [memory_thing.a[count.index].size] }
        }"#;
    assert_snapshot!(change_text(before, &before.replacen("size  = 1", "size  = count.index", 1)).await, @r#"
        update memory_thing.a[0]
            size = 1 -> 0
        replace memory_thing.each[0] because Triggered
            arn = "arn:each0" -> (known after apply)
            color = "grey" -> (known after apply)
            id = "t-5" -> (known after apply)
        replace memory_thing.whole because Triggered
            arn = "arn:whole" -> (known after apply)
            color = "grey" -> (known after apply)
            id = "t-3" -> (known after apply)
        delete memory_thing.each[0] before create memory_thing.each[0]
        delete memory_thing.each[0] before update memory_thing.a[0]
        delete memory_thing.whole before create memory_thing.whole
        delete memory_thing.whole before update memory_thing.a[0]
        update memory_thing.a[0] before create memory_thing.each[0]
        update memory_thing.a[0] before create memory_thing.whole
    "#);
}

#[tokio::test]
async fn data_sources_are_read_while_planning_when_nothing_they_need_changes() {
    let mut world = World::applied(r#"resource "memory_thing" "a" { name = "a" }"#).await;
    let configuration = r#"
        resource "memory_thing" "a" { name = "a" }
        data "memory_lookup" "a" { name = "a" }
        output "size" { value = data.memory_lookup.a.id }"#;
    world.rewrite(configuration);
    assert_snapshot!(world.plan_text().await, @r#"output size: - -> "t-1""#);
    world.apply().await;
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn data_sources_wait_for_unknown_arguments_and_for_what_they_depend_on() {
    let text = plan_text(
        r#"
        resource "memory_thing" "a" { name = "a" }
        data "memory_lookup" "unknown" { name = memory_thing.a.id }
        data "memory_lookup" "mentions" { name = memory_thing.a.name }
        data "memory_lookup" "depends" {
          name       = "a"
          depends_on = [memory_thing.a]
        }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [data.memory_lookup.depends.id]
        }
        "#,
    );
    assert_snapshot!(text.await, @r#"
        read data.memory_lookup.depends because DependencyPending
            id = (known after apply)
            name = "a"
            secret = (sensitive value)
            size = (known after apply)
        read data.memory_lookup.mentions because DependencyPending
            id = (known after apply)
            name = "a"
            secret = (sensitive value)
            size = (known after apply)
        read data.memory_lookup.unknown because DependencyPending
            id = (known after apply)
            name = (known after apply)
            secret = (sensitive value)
            size = (known after apply)
        create memory_thing.a
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "a"
        create memory_thing.b
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "b"
            needs = [(known after apply)]
        create memory_thing.a before create memory_thing.b
        create memory_thing.a before read data.memory_lookup.depends
        create memory_thing.a before read data.memory_lookup.mentions
        create memory_thing.a before read data.memory_lookup.unknown
        read data.memory_lookup.depends before create memory_thing.b
    "#);
}

#[tokio::test]
async fn a_data_source_does_not_wait_for_what_a_resource_it_mentions_depends_on() {
    let before = r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          name       = "b"
          depends_on = [memory_thing.a]
        }
        data "memory_lookup" "mentions" { name = memory_thing.b.name }
        data "memory_lookup" "local" {
          name       = "b"
          depends_on = [local.b]
        }
        locals { b = memory_thing.b.name }"#;
    let after = before.replace("name = \"a\"", "name = \"z\"");
    assert_snapshot!(change_text(before, &after).await, @r#"
        read data.memory_lookup.local because DependencyPending
            id = (known after apply)
            name = "b"
            secret = (sensitive value)
            size = (known after apply)
        update memory_thing.a
            arn = "arn:a" -> (known after apply)
            name = "a" -> "z"
        update memory_thing.a before read data.memory_lookup.local
    "#);
}

#[tokio::test]
async fn sensitive_values_stay_sensitive_through_everything() {
    let text = plan_text(
        r#"
        variable "password" {
          default   = "hunter2"
          sensitive = true
        }
        resource "memory_thing" "a" {
          name = "a"
          tags = { password = "x${sensitive("y")}" }
          secret = "z"
        }
        output "secret" {
          value     = memory_thing.a.secret
          sensitive = true
        }
        "#,
    );
    assert_snapshot!(text.await, @r#"
        create memory_thing.a
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "a"
            secret = (sensitive value)
            tags = {"password" = (sensitive value)}
        output secret: - -> (sensitive value)
        create memory_thing.a before output secret
    "#);
}

#[tokio::test]
async fn an_output_must_say_that_it_is_sensitive() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" {
          name   = "a"
          secret = "z"
        }
        output "secret" { value = memory_thing.a.secret }
        "#,
    );
    assert_snapshot!(world.refused().await, @r#"
        Error: main.tf line 6: Output refers to sensitive values
          The value of output "secret" is, or holds, a sensitive value. To show that this is meant, the output must say so itself.
          hint: Add `sensitive = true` to the output, or `nonsensitive(..)` around what is not.
    "#);
}

#[tokio::test]
async fn infinities_are_refused_where_they_would_be_stored() {
    let world = World::new(
        r#"
        locals { infinity = 1 / 0 }
        resource "memory_thing" "a" {
          name = local.infinity > 3 ? "a${local.infinity}" : "b"
          size = -local.infinity
        }
        output "list" { value = [1, { a = local.infinity }] }
        output "text" { value = "${local.infinity} is fine" }
        output "none" { value = 1 / local.infinity }
        "#,
    );
    assert_snapshot!(world.refused().await, @r#"
        Error: main.tf line 7: Infinity can't be stored
          The value of output "list" is, or holds, an infinity, and nothing stored can hold one.
          hint: An infinity comes of a division by zero, or of a power too large for double precision.
        Error: main.tf line 5: Infinity can't be stored
          The value of the argument `size` is, or holds, an infinity, and nothing stored can hold one.
          hint: An infinity comes of a division by zero, or of a power too large for double precision.
    "#);
}

#[tokio::test]
async fn conditions_are_checked_where_they_are_known() {
    let world = World::new(
        r#"
        locals { one = 1 }
        resource "memory_thing" "a" {
          name = "a"
          size = 3
          lifecycle {
            precondition {
              condition     = local.one > 2
              error_message = "One is too small."
            }
          }
        }
        resource "memory_thing" "b" {
          name = "b"
          size = 3
          lifecycle {
            postcondition {
              condition     = self.size > 5
              error_message = "A size of ${self.size} is too small."
            }
          }
        }
        resource "memory_thing" "c" {
          name  = "c"
          needs = [memory_thing.b.name]
        }
        "#,
    );
    assert_snapshot!(world.refused().await, @r"
        Error: main.tf line 8: Resource precondition failed
          One is too small.
        Error: main.tf line 18: Resource postcondition failed
          A size of 3 is too small.
    ");
}

#[tokio::test]
async fn failed_assertions_warn() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          size = 3
        }
        check "size" {
          assert {
            condition     = memory_thing.a.size > 5
            error_message = "Too small."
          }
        }
        "#,
    );
    let (plan, diagnostics) = world.try_plan().await;
    assert!(plan.is_some());
    assert_snapshot!(crate::world::messages(&diagnostics, Some(&world.config())), @r"
        Warning: main.tf line 8: Check block assertion failed
          Too small.
    ");
}

#[tokio::test]
async fn cycles_are_named_with_their_places() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          zone = local.b
        }
        resource "memory_thing" "b" {
          name = "b"
          zone = memory_thing.a.id
        }
        locals { b = memory_thing.b.id }
        "#,
    );
    assert_snapshot!(world.refused().await, @r"
        Error: main.tf line 4: Cycle: memory_thing.b, memory_thing.a, local.b
          These blocks need each other, so none of them can come first: local.b needs memory_thing.b (main.tf line 10); memory_thing.b needs memory_thing.a (main.tf line 8); memory_thing.a needs local.b (main.tf line 4).
    ");
}

#[tokio::test]
async fn what_a_provider_refuses_is_said_at_its_place() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          size = -1
        }
        resource "memory_thang" "b" {
          name = "b"
        }
        "#,
    );
    assert_snapshot!(world.refused().await, @r#"
        Error: main.tf line 4: Invalid size
          The size must not be negative.
        Error: main.tf line 6: Invalid resource type
          The provider `hashicorp/memory` does not support resource type "memory_thang".
          hint: Did you mean "memory_thing"?
    "#);
}

#[tokio::test]
async fn unknown_numbers_of_instances_are_refused() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          count = length(memory_thing.a.id)
          name  = "b"
        }
        resource "memory_thing" "c" {
          for_each = toset([memory_thing.a.id])
          name     = "c"
        }
        "#,
    );
    assert_snapshot!(world.refused().await, @r#"
        Error: main.tf line 4: Invalid count argument
          The "count" value depends on resource attributes that cannot be determined until apply, so it can't be said how many instances there will be.
          hint: Use -target to first apply only what the count depends on.
        Error: main.tf line 8: Invalid for_each argument
          The keys of the "for_each" value depend on resource attributes that cannot be determined until apply, so it can't be said which instances there will be.
          hint: Use a map whose keys are written in the configuration and only whose values come from resources; or use -target to first apply only what the keys depend on.
    "#);
}

#[tokio::test]
async fn moved_blocks_rename_without_touching_objects() {
    let mut world = World::applied(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" { name = "b" }
        "#,
    )
    .await;
    world.write("m/main.tf", r#"resource "memory_thing" "b" { name = "b" }"#);
    world.rewrite(
        r#"
        resource "memory_thing" "new" { name = "a" }
        module "m" { source = "./m" }
        moved {
          from = memory_thing.a
          to   = memory_thing.middle
        }
        moved {
          from = memory_thing.middle
          to   = memory_thing.new
        }
        moved {
          from = memory_thing.b
          to   = module.m.memory_thing.b
        }
        "#,
    );
    assert_snapshot!(world.plan_text().await, @r"
        keep memory_thing.new moved from memory_thing.a
        keep module.m.memory_thing.b moved from memory_thing.b
    ");
    world.apply().await;
    assert_snapshot!(world.plan_text().await, @"no changes");
    let addresses: Vec<String> = world.state.instances.keys().map(ToString::to_string).collect();
    assert_eq!(addresses, ["memory_thing.new", "module.m.memory_thing.b"]);
}

#[tokio::test]
async fn removed_blocks_forget_or_destroy() {
    let mut world = World::applied(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" { name = "b" }
        "#,
    )
    .await;
    world.rewrite(
        r#"
        removed {
          from = memory_thing.a
          lifecycle { destroy = false }
        }
        removed {
          from = memory_thing.b
        }
        "#,
    );
    assert_snapshot!(world.plan_text().await, @r"
        forget memory_thing.a
        delete memory_thing.b because NoConfig
    ");
    world.apply().await;
    assert_eq!(world.cloud.names(), ["a"]);
    assert!(world.state.instances.is_empty());
}

#[tokio::test]
async fn import_blocks_take_objects_over() {
    let mut world = World::applied(r#"resource "memory_thing" "a" { name = "a" }"#).await;
    world.state = Default::default();
    world.rewrite(
        r#"
        resource "memory_thing" "a" {
          for_each = { x = "t-1" }
          name     = "a"
          size     = 2
        }
        import {
          for_each = { x = "t-1" }
          to       = memory_thing.a[each.key]
          id       = each.value
        }
        "#,
    );
    assert_snapshot!(world.plan_text().await, @r#"
        update memory_thing.a["x"] imported t-1
            size = 2
    "#);
    world.apply().await;
    assert_eq!(world.cloud.names(), ["a"]);
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn an_import_of_nothing_is_an_error() {
    let world = World::new(
        r#"
        resource "memory_thing" "a" { name = "a" }
        import {
          to = memory_thing.a
          id = "t-9"
        }
        "#,
    );
    assert_snapshot!(world.refused().await, @r"
        Error: main.tf line 3: Failed to import memory_thing.a
          Failed to import memory_thing.a: there is no object with the identifier `t-9`.
          hint: Only objects that exist can be imported; check the identifier, the region and the account.
    ");
}

#[tokio::test]
async fn targets_limit_the_plan_to_what_they_need() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          count = 2
          name  = "b${count.index}"
          needs = [memory_thing.a.id]
        }
        resource "memory_thing" "c" { name = "c" }
        "#,
    );
    world.options.targets = vec!["memory_thing.b[1]".parse().expect("a target")];
    assert_snapshot!(world.plan_text().await, @r#"
        create memory_thing.a
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "a"
        create memory_thing.b[1]
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "b1"
            needs = [(known after apply)]
        create memory_thing.a before create memory_thing.b[1]
    "#);
}

#[tokio::test]
async fn destroying_a_target_takes_its_dependents_along() {
    let mut world = World::applied(
        r#"
        resource "memory_thing" "a" { name = "a" }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.id]
        }
        resource "memory_thing" "c" { name = "c" }
        "#,
    )
    .await;
    world.options.mode = engine::plan::PlanMode::Destroy;
    world.options.targets = vec!["memory_thing.a".parse().expect("a target")];
    assert_snapshot!(world.plan_text().await, @r"
        delete memory_thing.a
        delete memory_thing.b
        delete memory_thing.b before delete memory_thing.a
    ");
}

#[tokio::test]
async fn drift_is_found_and_corrected() {
    let mut world = World::applied(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          size = 1
        }
        resource "memory_thing" "gone" { name = "gone" }
        "#,
    )
    .await;
    world.cloud.tamper("a", "size", Value::number(5i64));
    world.cloud.tamper("a", "color", Value::string("red"));
    world.cloud.vanish("gone");
    assert_snapshot!(world.plan_text().await, @r#"
        update memory_thing.a
            size = 5 -> 1
        create memory_thing.gone
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "gone"
        drift memory_thing.a: size
        drift memory_thing.gone: gone
    "#);
    world.options.refresh = false;
    assert_snapshot!(world.plan_text().await, @"no changes");
    world.options.refresh = true;
    world.apply().await;
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn a_refresh_only_plan_records_and_changes_nothing() {
    let mut world = World::applied(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          size = 1
        }
        resource "memory_thing" "gone" { name = "gone" }
        output "size" { value = memory_thing.a.size }
        "#,
    )
    .await;
    world.cloud.tamper("a", "size", Value::number(5i64));
    world.cloud.vanish("gone");
    world.options.mode = engine::plan::PlanMode::RefreshOnly;
    assert_snapshot!(world.plan_text().await, @r"
        output size: 1 -> 5
        drift memory_thing.a: size
        drift memory_thing.gone: gone
    ");
    world.apply().await;
    assert_eq!(world.cloud.take_log().iter().filter(|call| !call.starts_with("read")).count(), 0);
    assert_eq!(world.state.outputs["size"].value.to_string(), "5");
    assert_eq!(world.state.instances.len(), 1);
}

#[tokio::test]
async fn a_provider_that_is_configured_by_a_resource_sees_it_once_it_is_known() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "cluster" { name = "cluster" }
        provider "memory" {
          alias  = "inner"
          region = memory_thing.cluster.id
        }
        resource "memory_thing" "inside" {
          provider = memory.inner
          name     = "inside"
        }
        "#,
    );
    assert_snapshot!(world.plan_text().await, @r#"
        create memory_thing.cluster
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "cluster"
        create memory_thing.inside
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "inside"
        create memory_thing.cluster before create memory_thing.inside
    "#);
    world.apply().await;
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn an_object_without_its_provider_configuration_is_refused() {
    let world = World::applied(
        r#"
        provider "memory" { alias = "west" }
        resource "memory_thing" "a" {
          provider = memory.west
          name     = "a"
        }
        "#,
    )
    .await;
    assert_snapshot!(world.rewrite("").refused().await, @r#"
        Error: Provider configuration not present
          To work with memory_thing.a its original provider configuration at provider["registry.terraform.io/hashicorp/memory"].west is required, but it has been removed. This occurs when a provider configuration is removed while objects created by that provider still exist in the state.
          hint: Put the provider configuration back to destroy memory_thing.a, then remove it.
    "#);
}

#[tokio::test]
async fn objects_of_an_older_schema_are_upgraded() {
    let mut world = World::applied(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          size = 1
        }
        "#,
    )
    .await;
    for instance in world.state.instances.values_mut() {
        let object = instance.current.as_mut().expect("it was created");
        let older = object.attributes.get().replace("\"size\"", "\"length\"");
        object.attributes = serde_json::value::RawValue::from_string(older).expect("still JSON").into();
        object.schema_version = 0;
    }
    assert_snapshot!(world.plan_text().await, @"no changes");
}

#[tokio::test]
async fn modules_with_for_each_keep_their_instances_apart() {
    let mut world = World::new(
        r#"
        module "m" {
          for_each = { x = 1, y = 2 }
          source   = "./m"
          name     = each.key
          size     = each.value
        }
        output "ids" { value = { for key, m in module.m : key => m.id } }
        "#,
    );
    world.write(
        "m/main.tf",
        r#"
        variable "name" { type = string }
        variable "size" { type = number }
        resource "memory_thing" "first" {
          name = "${var.name}-first"
          size = var.size
        }
        resource "memory_thing" "second" {
          name  = "${var.name}-second"
          needs = [memory_thing.first.id]
        }
        output "id" { value = memory_thing.second.id }
        "#,
    );
    assert_snapshot!(world.plan_text().await, @r#"
        create module.m["x"].memory_thing.first
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "x-first"
            size = 1
        create module.m["x"].memory_thing.second
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "x-second"
            needs = [(known after apply)]
        create module.m["y"].memory_thing.first
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "y-first"
            size = 2
        create module.m["y"].memory_thing.second
            arn = (known after apply)
            color = (known after apply)
            id = (known after apply)
            name = "y-second"
            needs = [(known after apply)]
        output ids: - -> {"x" = (known after apply), "y" = (known after apply)}
        create module.m["x"].memory_thing.first before create module.m["x"].memory_thing.second
        create module.m["x"].memory_thing.first before gate 5
        create module.m["x"].memory_thing.second before gate 5
        create module.m["y"].memory_thing.first before create module.m["y"].memory_thing.second
        create module.m["y"].memory_thing.first before gate 5
        create module.m["y"].memory_thing.second before gate 5
        gate 5 before output ids
    "#);
    world.apply().await;
    assert_snapshot!(world.plan_text().await, @"no changes");
    world.rewrite(
        r#"
        module "m" {
          for_each = { y = 2 }
          source   = "./m"
          name     = each.key
          size     = each.value
        }"#,
    );
    assert_snapshot!(world.plan_text().await, @r#"
        delete module.m["x"].memory_thing.first because NoModule
        delete module.m["x"].memory_thing.second because NoModule
        output ids: {"x" = "t-3", "y" = "t-4"} -> -
        delete module.m["x"].memory_thing.second before delete module.m["x"].memory_thing.first
    "#);
}

#[tokio::test]
async fn child_variables_are_converted_and_validated() {
    let world = World::new(
        r#"
        module "m" {
          source = "./m"
          size   = "12"
          tags   = { a = 1 }
        }"#,
    );
    world.write(
        "m/main.tf",
        r#"
        variable "size" {
          type = number
          validation {
            condition     = var.size < 10
            error_message = "At most 9, not ${var.size}."
          }
        }
        variable "tags" { type = map(string) }
        resource "memory_thing" "a" {
          name = "a"
          size = var.size
          tags = var.tags
        }
        "#,
    );
    assert_snapshot!(world.refused().await, @r"
        Error: main.tf line 4: Invalid value for variable
          At most 9, not 12.
    ");
}

#[tokio::test]
async fn a_block_that_stands_for_an_attribute_plans_as_the_attribute_does() {
    let configuration = |size: &str| format!("resource \"memory_thing\" \"a\" {{\n  name = \"a\"\n  {size}\n}}");
    let block = configuration("sizing { size = 3 }");
    assert_eq!(plan_text(&block).await, plan_text(&configuration("size = 3")).await);
    assert_eq!(change_text(&block, &configuration("size = 3")).await, "no changes");
}

#[tokio::test]
async fn an_attribute_that_is_given_both_ways_is_refused() {
    let world =
        World::new("resource \"memory_thing\" \"a\" {\n  name = \"a\"\n  size = 3\n  sizing {\n    size = 3\n  }\n}");
    assert_snapshot!(world.refused().await, @r#"
        Error: main.tf line 5: Conflicting configuration arguments
          The argument "size" of the block "sizing" and the argument "size" mean the same, and both are given.
          hint: Leave out "size", or the block.
    "#);
}
