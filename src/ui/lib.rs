//! wip
pub mod apply;
pub mod diagnostics;
pub mod difference;
pub mod escape;
#[cfg(test)]
mod fixtures;
pub mod output;
pub mod page;
pub mod plan;
pub mod progress;
pub mod schemas;
pub mod style;
pub mod terminal;
