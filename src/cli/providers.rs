//! The providers of this build.

use std::sync::Arc;

use aws::provider::AwsProvider;
use builtin::world::World;
use jiff::Timestamp;
use model::address::ProviderAddr;
use provider::{Provider, ProviderSource};

use crate::cli::chance::Machine;

/// Gives the native providers.
pub struct Native;

impl ProviderSource for Native {
    fn provider(&self, addr: &ProviderAddr) -> Option<Arc<dyn Provider>> {
        if *addr == AwsProvider::address() {
            return Some(Arc::new(AwsProvider::new()));
        }
        builtin::provider(addr, Arc::new(Machine))
    }

    fn addresses(&self) -> Vec<ProviderAddr> {
        std::iter::once(AwsProvider::address()).chain(builtin::addresses()).collect()
    }
}

impl World for Machine {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn random(&self, bytes: &mut [u8]) {
        engine::stack::Chance::random(self)(bytes);
    }
}
