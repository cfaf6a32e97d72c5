//! The providers of this build.

use std::sync::Arc;

use aws::provider::AwsProvider;
use engine::pool::Pool;
use lang::schemas::Schemas;
use model::address::{Mode, ProviderAddr};
use model::schema::{Block, Schema};
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

/// The schemas of the providers of this build, as the language asks for them.
pub struct OfPool<'a>(pub &'a Pool<'a>);

impl Schemas for OfPool<'_> {
    fn provider(&self, provider: &ProviderAddr) -> Option<Arc<Block>> {
        Some(self.0.schemas(provider).ok()?.config_schema())
    }

    fn resource(&self, provider: &ProviderAddr, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        self.0.schemas(provider).ok()?.schema(mode, type_name)
    }

    fn type_names(&self, provider: &ProviderAddr, mode: Mode) -> Vec<Arc<str>> {
        self.0.schemas(provider).map(|provider| provider.type_names(mode)).unwrap_or_default()
    }
}
