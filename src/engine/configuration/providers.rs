//! The provider configurations of a description, and which of them a resource uses.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lang::config::{Config, Module, ProviderBlock, ProviderKey, Resource};
use lang::version::Constraint;
use model::address::{ModuleAddr, ProviderAddr};
use serde_json::{Map, Value as Json};

use super::{Describer, body_json, prefix};

/// Provider configurations by key: `aws`, `aws.west`, `module.network:aws`.
pub(super) struct ProviderConfigs(BTreeMap<String, ProviderConfig>);

struct ProviderConfig {
    name: String,
    alias: Option<Arc<str>>,
    provider: ProviderAddr,
    module: ModuleAddr,
    version: Option<String>,
    /// The configuration of a caller that this one stands for.
    passed: Option<String>,
}

impl ProviderConfigs {
    pub(super) fn of(config: &Config) -> ProviderConfigs {
        let mut configs = ProviderConfigs(BTreeMap::new());
        configs.add(config, config.root());
        configs
    }

    fn add(&mut self, config: &Config, module: &Module) {
        let own_prefix = prefix(&module.addr);
        for key in module.providers.keys() {
            let provider = module.provider_addr(&key.local_name);
            let entry = ProviderConfig {
                name: key.local_name.to_string(),
                alias: key.alias.clone(),
                version: version(module, &provider),
                provider,
                module: module.addr.clone(),
                passed: None,
            };
            self.0.insert(format!("{own_prefix}{key}"), entry);
        }
        for (name, provider) in used(module) {
            let key = format!("{own_prefix}{name}");
            if self.0.contains_key(&key) {
                continue;
            }
            let outer = module.addr.parent().and_then(|parent| {
                let local = config.module(&parent)?.local_name_of(&provider);
                self.source(&format!("{}{local}", prefix(&parent)), &provider)
            });
            let entry = ProviderConfig {
                name: name.to_string(),
                alias: None,
                version: version(module, &provider),
                provider,
                module: module.addr.clone(),
                passed: outer,
            };
            self.0.insert(key, entry);
        }
        for call in module.calls.values() {
            let Some(called) = config.module(&module.addr.child(call.name.clone())) else { continue };
            for passed in &call.providers {
                let provider = called.provider_addr(&passed.inner.key.local_name);
                let entry = ProviderConfig {
                    name: passed.inner.key.to_string(),
                    alias: None,
                    version: None,
                    passed: self.source(&format!("{own_prefix}{}", passed.outer.key), &provider),
                    provider,
                    module: called.addr.clone(),
                };
                self.0.insert(format!("{}{}", prefix(&called.addr), passed.inner.key), entry);
            }
            self.add(config, called);
        }
    }

    /// The configuration that a key stands for in the end; `None` when there is none of this provider.
    fn source(&self, key: &str, provider: &ProviderAddr) -> Option<String> {
        let mut found = None;
        let mut next = Some(key.to_string());
        while let Some(key) = next {
            let Some(config) = self.0.get(&key).filter(|config| config.provider == *provider) else { break };
            next = config.passed.clone();
            found = Some(key);
        }
        found
    }

    /// The key of the configuration that a resource uses.
    pub(super) fn key(&self, module: &Module, resource: &Resource) -> String {
        let key = format!("{}{}", prefix(&module.addr), name(module, resource));
        match self.0.get(&key).and_then(|config| config.passed.clone()) {
            Some(outer) => outer,
            None => key,
        }
    }

    /// Those that stand for themselves.
    pub(super) fn describe(&self, describer: &Describer<'_>) -> Map<String, Json> {
        let own = self.0.iter().filter(|(_, config)| config.passed.is_none());
        own.map(|(key, config)| (key.clone(), config.describe(describer))).collect()
    }
}

impl ProviderConfig {
    fn describe(&self, describer: &Describer<'_>) -> Json {
        let mut object = Map::new();
        object.insert("name".into(), self.name.clone().into());
        object.insert("full_name".into(), self.provider.to_string().into());
        if let Some(alias) = &self.alias {
            object.insert("alias".into(), (**alias).into());
        }
        if let Some(version) = &self.version {
            object.insert("version_constraint".into(), version.clone().into());
        }
        if !self.module.is_root() {
            object.insert("module_address".into(), self.module.to_string().into());
        }
        if let Some((block, schema)) = self.block(describer.config).zip(describer.schemas.provider(&self.provider)) {
            let expressions = body_json(&block.body, &schema);
            if !expressions.is_empty() {
                object.insert("expressions".into(), Json::Object(expressions));
            }
        }
        Json::Object(object)
    }

    fn block<'c>(&self, config: &'c Config) -> Option<&'c ProviderBlock> {
        let is_it = |block: &&ProviderBlock| *block.key.local_name == *self.name && block.key.alias == self.alias;
        config.module(&self.module)?.providers.values().find(is_it)
    }
}

/// The providers that a module requires or its resources imply, by the names it has for them.
fn used(module: &Module) -> BTreeSet<(Arc<str>, ProviderAddr)> {
    let required = module.requirements.iter().map(|(name, requirement)| (name.clone(), requirement.addr.clone()));
    let implied = module.resources.values().map(|resource| {
        let local_name = name(module, resource).local_name;
        let provider = module.provider_addr(&local_name);
        (local_name, provider)
    });
    required.chain(implied).collect()
}

/// What a resource calls its provider's configuration.
fn name(module: &Module, resource: &Resource) -> ProviderKey {
    let key = module.provider_key(resource);
    let local_name = module.local_name_of(&module.provider_addr(&key.local_name));
    ProviderKey { local_name, ..key }
}

/// What a module demands of a provider's version, in one form however it is written.
fn version(module: &Module, provider: &ProviderAddr) -> Option<String> {
    let requirement = module.requirements.values().find(|requirement| requirement.addr == *provider)?;
    let written = requirement.version.as_ref()?;
    Some(written.parse::<Constraint>().map_or_else(|_| written.to_string(), |constraint| constraint.to_string()))
}
