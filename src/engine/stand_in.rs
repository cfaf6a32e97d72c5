//! What stands in for parts of a stack: objects that no real provider is asked about, modules whose outputs are given.
//!
//! Tests put stand-ins where the real thing would take time, money or permissions. Everything around them is planned and
//! applied as always.

use std::sync::Arc;

use model::address::{InstanceAddr, ModuleInstance, ProviderConfigAddr};
use model::diagnostic::Diagnostics;
use model::entries::Entries;
use model::schema::Block;
use model::value::Value;
use provider::Provider;

/// Says what is made up.
pub trait StandIns: Send + Sync {
    /// The outputs of a module instance of which nothing else exists; `None` for one that is as it is written.
    ///
    /// Outputs that are not named are null.
    fn module(&self, instance: &ModuleInstance) -> Option<&Entries>;

    /// The provider that answers for one object in the place of the `configured` one.
    fn object(&self, addr: &InstanceAddr, configured: &Arc<dyn Provider>) -> Option<Arc<dyn Provider>>;

    /// The configuration of a provider in the place of what its block says.
    ///
    /// # Errors
    /// It can't be evaluated.
    fn provider_config(&self, addr: &ProviderConfigAddr, schema: &Block) -> Option<Result<Value, Diagnostics>>;
}

/// Everything is as it is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl StandIns for Nothing {
    fn module(&self, _: &ModuleInstance) -> Option<&Entries> {
        None
    }

    fn object(&self, _: &InstanceAddr, _: &Arc<dyn Provider>) -> Option<Arc<dyn Provider>> {
        None
    }

    fn provider_config(&self, _: &ProviderConfigAddr, _: &Block) -> Option<Result<Value, Diagnostics>> {
        None
    }
}

/// The provider that answers for an object.
pub fn provider_of(stand_ins: &dyn StandIns, addr: &InstanceAddr, configured: &Arc<dyn Provider>) -> Arc<dyn Provider> {
    stand_ins.object(addr, configured).unwrap_or_else(|| configured.clone())
}
