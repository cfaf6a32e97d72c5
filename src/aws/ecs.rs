//! Amazon ECS.

pub mod cluster;
pub mod service;
pub mod task_definition;

mod container;
mod names;
mod retry;
mod tags;

/// The text, unless it is empty.
fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}
