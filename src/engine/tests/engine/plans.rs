//! What plans say, from configuration and state to text.

use insta::assert_snapshot;

use crate::world::World;

async fn plan_text(configuration: &str) -> String {
    World::new(configuration).plan_text().await
}

#[tokio::test]
async fn new_things_are_created_after_what_they_mention() {
    let text = plan_text(
        r#"
        resource "memory_thing" "a" {
          name = "a"
        }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.id]
        }
        "#,
    )
    .await;
    assert_snapshot!(text);
}

#[tokio::test]
async fn an_applied_stack_plans_empty() {
    let mut world = World::new(
        r#"
        resource "memory_thing" "a" {
          name = "a"
          rule { port = 80 }
        }
        resource "memory_thing" "b" {
          name  = "b"
          needs = [memory_thing.a.id]
        }
        output "id" { value = memory_thing.b.id }
        "#,
    );
    world.apply().await;
    assert_snapshot!(world.plan_text().await, @"no changes");
    assert_eq!(world.cloud.names(), ["a", "b"]);
    assert_eq!(world.state.outputs["id"].value.to_string(), "\"t-2\"");
}
