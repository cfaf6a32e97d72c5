//! The providers of this build.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use aws::provider::AwsProvider;
use builtin::world::World;
use engine::pool::Pool;
use jiff::Timestamp;
use lang::schemas::Schemas;
use model::address::{Mode, ProviderAddr};
use model::schema::{Block, Schema};
use model::value::Value;
use provider::error::{ErrorKind, ProviderError};
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

    fn stored_outputs(&self, path: &Path) -> Result<Option<BTreeMap<Arc<str>, Value>>, ProviderError> {
        let refuse = |why: &dyn std::fmt::Display| {
            ProviderError::new(ErrorKind::Other, "read a state", format!("`{}`: {why}", path.display()))
        };
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refuse(&error)),
        };
        let state = state::file::parse(&bytes).map_err(|error| refuse(&error).hint(error.hint()))?;
        let outputs = state.outputs.into_iter().map(|(name, output)| (name, output.value.unmark_deep().0));
        Ok(Some(outputs.collect()))
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
