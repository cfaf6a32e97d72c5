//! Amazon ECS.

pub mod cluster;
pub mod task_definition;

mod arn;
mod container;
mod tags;

/// The text, unless it is empty.
fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}
