//! The providers of this build.

use std::sync::Arc;

use aws::provider::AwsProvider;
use model::address::ProviderAddr;
use provider::{Provider, ProviderSource};

/// Gives the native providers.
pub struct Native;

impl ProviderSource for Native {
    fn provider(&self, addr: &ProviderAddr) -> Option<Arc<dyn Provider>> {
        (*addr == AwsProvider::address()).then(|| Arc::new(AwsProvider::new()) as Arc<dyn Provider>)
    }

    fn addresses(&self) -> Vec<ProviderAddr> {
        vec![AwsProvider::address()]
    }
}
