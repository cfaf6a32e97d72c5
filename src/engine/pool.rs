//! The configured providers of a run: each made once for each configuration it is asked for.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use lang::schemas::Schemas;
use lang::suggestion::{did_you_mean, similar};
use model::address::{ConfigAddr, Mode, ProviderAddr, ProviderConfigAddr};
use model::diagnostic::Diagnostic;
use model::schema::{Block, Schema};
use model::value::Value;
use provider::error::ProviderError;
use provider::{CallCount, Provider, ProviderSource};
use tokio::sync::OnceCell;

use crate::ephemeral::Ephemerals;

/// Gives providers for their configurations.
///
/// A provider takes a configuration only once. When a plan's walk finds another one than the refresh before it had (because
/// it depends on something that is about to change), a second provider is made.
pub struct Pool<'a> {
    source: &'a dyn ProviderSource,
    schemas: Mutex<HashMap<ProviderAddr, Option<Arc<dyn Provider>>>>,
    configured: Mutex<BTreeMap<ProviderConfigAddr, Vec<Arc<Configured>>>>,
    ephemerals: Ephemerals,
}

/// A provider with the configuration it was given.
struct Configured {
    config: Value,
    provider: Arc<dyn Provider>,
    outcome: OnceCell<Result<(), ProviderError>>,
}

impl<'a> Pool<'a> {
    pub fn new(source: &'a dyn ProviderSource) -> Pool<'a> {
        Pool { source, schemas: Mutex::default(), configured: Mutex::default(), ephemerals: Ephemerals::default() }
    }

    /// What the providers have opened.
    pub fn ephemerals(&self) -> &Ephemerals {
        &self.ephemerals
    }

    /// The provider of an address for what needs no configuration: schemas, validation, upgrades of stored objects.
    ///
    /// # Errors
    /// There is no such provider.
    pub fn schemas(&self, addr: &ProviderAddr) -> Result<Arc<dyn Provider>, Diagnostic> {
        let mut schemas = self.schemas.lock().expect("no holder of the lock panics");
        let provider = schemas.entry(addr.clone()).or_insert_with(|| self.source.provider(addr));
        provider.clone().ok_or_else(|| self.missing(addr))
    }

    /// The provider with this configuration; configures it when it is the first to ask.
    ///
    /// # Errors
    /// There is no such provider, or it refused the configuration.
    pub async fn configured(&self, addr: &ProviderConfigAddr, config: &Value) -> Result<Arc<dyn Provider>, Diagnostic> {
        let (config, _) = config.clone().unmark_deep();
        let configured = self.entry(addr, config)?;
        let outcome = configured.outcome.get_or_init(|| configured.provider.configure(&configured.config)).await;
        match outcome {
            Ok(()) => Ok(configured.provider.clone()),
            Err(error) => {
                let diagnostic = Diagnostic::error(
                    "Invalid provider configuration",
                    format!("The provider `{}` could not be configured: {error}.", addr.provider.source()),
                );
                Err(match &error.hint {
                    Some(hint) => diagnostic.hint(hint.clone()),
                    None => diagnostic,
                })
            }
        }
    }

    fn entry(&self, addr: &ProviderConfigAddr, config: Value) -> Result<Arc<Configured>, Diagnostic> {
        let mut all = self.configured.lock().expect("no holder of the lock panics");
        let of_addr = all.entry(addr.clone()).or_default();
        if let Some(present) = of_addr.iter().find(|configured| configured.config == config) {
            return Ok(present.clone());
        }
        let provider = self.source.provider_for(addr).ok_or_else(|| self.missing(&addr.provider))?;
        let configured = Arc::new(Configured { config, provider, outcome: OnceCell::new() });
        of_addr.push(configured.clone());
        Ok(configured)
    }

    /// The configured providers so far: the latest of each configuration address.
    pub fn in_use(&self) -> Vec<(ProviderConfigAddr, Arc<dyn Provider>)> {
        let all = self.configured.lock().expect("no holder of the lock panics");
        all.iter()
            .filter_map(|(addr, configured)| {
                let ready =
                    configured.iter().rev().find(|configured| matches!(configured.outcome.get(), Some(Ok(()))))?;
                Some((addr.clone(), ready.provider.clone()))
            })
            .collect()
    }

    /// The calls that all providers made so far, by `service:Operation`.
    pub fn calls(&self) -> BTreeMap<String, CallCount> {
        let all = self.configured.lock().expect("no holder of the lock panics");
        let mut calls: BTreeMap<String, CallCount> = BTreeMap::new();
        for configured in all.values().flatten() {
            for (operation, count) in configured.provider.calls() {
                let sum = calls.entry(operation).or_default();
                sum.calls += count.calls;
                sum.throttled += count.throttled;
            }
        }
        calls
    }

    fn missing(&self, addr: &ProviderAddr) -> Diagnostic {
        let known: Vec<String> = self.source.addresses().iter().map(|addr| format!("`{}`", addr.source())).collect();
        Diagnostic::error("Provider not available", format!("There is no provider `{}` in this build.", addr.source()))
            .hint(format!("Providers that are there: {}.", known.join(", ")))
    }
}

/// What checks of references need to know of providers. A provider that is not there says nothing: that is said elsewhere.
impl Schemas for Pool<'_> {
    fn provider(&self, provider: &ProviderAddr) -> Option<Arc<Block>> {
        Some(self.schemas(provider).ok()?.config_schema())
    }

    fn resource(&self, provider: &ProviderAddr, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        self.schemas(provider).ok()?.schema(mode, type_name)
    }

    fn type_names(&self, provider: &ProviderAddr, mode: Mode) -> Vec<Arc<str>> {
        self.schemas(provider).map(|provider| provider.type_names(mode)).unwrap_or_default()
    }
}

/// The message for a type that a provider does not have.
pub fn unknown_type(provider: &dyn Provider, addr: &ConfigAddr) -> Diagnostic {
    let resource = &addr.resource;
    let kind = match resource.mode {
        Mode::Managed => "resource type",
        Mode::Data => "data source",
        Mode::Ephemeral => "ephemeral resource type",
    };
    let names = provider.type_names(resource.mode);
    let diagnostic = Diagnostic::error(
        format!("Invalid {kind}"),
        format!("The provider `{}` does not support {kind} \"{}\".", provider.addr().source(), resource.type_name),
    );
    did_you_mean(diagnostic, similar(&resource.type_name, names.iter().map(AsRef::as_ref)))
}
