//! What the language asks of providers: their schemas, as data.

use std::sync::Arc;

use model::address::{Mode, ProviderAddr};
use model::schema::{Block, Schema};

/// Gives the schemas of providers.
pub trait Schemas {
    /// What a `provider` block may contain; `None` when the provider is not known, so that nothing can be said of its types.
    fn provider(&self, provider: &ProviderAddr) -> Option<Arc<Block>>;

    /// The schema of a type; `None` when the provider has no such type or is not known.
    fn resource(&self, provider: &ProviderAddr, mode: Mode, type_name: &str) -> Option<Arc<Schema>>;

    /// All types of a mode, for suggestions.
    fn type_names(&self, provider: &ProviderAddr, mode: Mode) -> Vec<Arc<str>>;
}
