//! From a provider's address to a configured provider: the block is evaluated, checked and handed over.

use std::sync::Arc;

use model::address::ProviderConfigAddr;
use provider::Provider;

use crate::ephemeral::open_for;
use crate::evaluator::{Evaluator, Failed};
use crate::graph::Node;

/// The provider of an address, with the configuration that the evaluator sees. Opens the ephemeral resources in it.
///
/// # Errors
/// Recorded in the evaluator: there is no such provider, its block is wrong, or it refused the configuration.
pub async fn configured(evaluator: &Evaluator<'_>, addr: &ProviderConfigAddr) -> Result<Arc<dyn Provider>, Failed> {
    let pool = evaluator.stack.providers;
    let schemas = pool.schemas(&addr.provider).or_else(|diagnostic| evaluator.fail(diagnostic))?;
    if let Some(node) = evaluator.graph.find(&Node::Provider(addr.clone())) {
        open_for(evaluator, node).await?;
    }
    let config = evaluator.provider_config(addr, &schemas.config_schema())?;
    match pool.configured(addr, &config).await {
        Ok(provider) => Ok(provider),
        Err(diagnostic) => evaluator.fail(diagnostic.at(evaluator.provider_block(addr).map(|block| block.declared))),
    }
}
