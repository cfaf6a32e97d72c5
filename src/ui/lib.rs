//! wip
pub mod diagnostics;
pub mod difference;
pub mod escape;
#[cfg(test)]
mod fixtures;
pub mod page;
pub mod plan;
pub mod schemas;
pub mod style;
