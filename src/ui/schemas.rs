//! Where the schemas come from that tell attributes from blocks and secrets from the rest.

use std::sync::Arc;

use model::address::{Mode, ProviderAddr};
use model::schema::Schema;

/// Knows the schemas of the types that a plan or state holds.
///
/// Any function of that shape will do: `|provider, mode, type_name| pool.schemas(provider).ok()?.schema(mode, type_name)`.
pub trait Schemas {
    /// The schema of a type; `None` when nobody knows it, and then all its parts are shown as attributes.
    fn schema(&self, provider: &ProviderAddr, mode: Mode, type_name: &str) -> Option<Arc<Schema>>;
}

impl<F> Schemas for F
where
    F: Fn(&ProviderAddr, Mode, &str) -> Option<Arc<Schema>>,
{
    fn schema(&self, provider: &ProviderAddr, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        self(provider, mode, type_name)
    }
}
