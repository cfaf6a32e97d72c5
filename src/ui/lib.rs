//! wip
pub mod apply;
pub mod calls;
pub mod diagnostics;
pub mod difference;
pub mod drift;
pub mod escape;
#[cfg(test)]
mod fixtures;
pub mod message;
pub mod output;
pub mod page;
pub mod plan;
pub mod progress;
pub mod prompt;
pub mod sandbox;
pub mod schemas;
pub mod show;
pub mod stream;
pub mod style;
pub mod terminal;
pub mod values;
