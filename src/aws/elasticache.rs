//! Amazon ElastiCache: groups of subnets, and caches that replicate each other.

pub mod replication_group;
pub mod subnet_group;

mod tags;

/// The text, unless it is empty.
fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}
