//! Mocked providers and overrides as the engine takes them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use engine::stand_in::StandIns;
use lang::config::{Config, ProviderKey};
use lang::decode::decode;
use lang::scope::Surroundings;
use lang::test_file::{During, Mock, Override, OverrideKind, Run, TestFile, TestProvider};
use model::address::{InstanceAddr, ModuleAddr, ModuleInstance, ProviderAddr, ProviderConfigAddr, Target};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::entries::Entries;
use model::schema::Block;
use model::source::SourceRange;
use model::value::Value;
use provider::mock::{MockProvider, Values};
use provider::{Provider, ProviderSource};

use crate::scope::{OuterScope, Runs};

/// What a run replaces of the stack.
pub struct Replaced<'a> {
    config: &'a Config,
    providers: BTreeMap<ProviderConfigAddr, &'a TestProvider>,
    /// In the order in which they are looked through.
    overrides: Vec<&'a Override>,
    modules: Vec<(&'a Override, Entries)>,
    /// What the made-up values of this run come from.
    seed: u64,
}

impl<'a> Replaced<'a> {
    /// # Errors
    /// The run names a provider that its file does not have.
    pub fn new(config: &'a Config, file: &'a TestFile, run: &'a Run, seed: u64) -> Result<Replaced<'a>, Diagnostics> {
        let root = config.root();
        let addr = |key: &ProviderKey| ProviderConfigAddr {
            module: ModuleAddr::root(),
            provider: root.provider_addr(&key.local_name),
            alias: key.alias.clone(),
        };
        let mut providers = BTreeMap::new();
        let mut missing = Diagnostics::new();
        if run.providers.is_empty() {
            providers.extend(file.providers.iter().map(|(key, provider)| (addr(key), provider)));
        }
        for passed in &run.providers {
            match file.providers.get(&passed.outer.key) {
                Some(provider) => drop(providers.insert(addr(&passed.inner.key), provider)),
                None if root.providers.contains_key(&passed.outer.key) => {}
                None => missing.push(
                    Diagnostic::error(
                        format!("Missing provider definition for {}", passed.outer.key),
                        "Neither the test file nor the configuration has a provider of that name.",
                    )
                    .at(passed.outer.range),
                ),
            }
        }
        missing.extend(not_given(config, &providers));
        if !missing.is_empty() {
            return Err(missing);
        }
        let all = || run.overrides.iter().chain(&file.overrides);
        let outputs = |over: &Override| over.values.reveal().entries().cloned().unwrap_or_default();
        Ok(Replaced {
            config,
            providers,
            overrides: all().filter(|over| over.kind != OverrideKind::Module).collect(),
            modules: all().filter(|over| over.kind == OverrideKind::Module).map(|over| (over, outputs(over))).collect(),
            seed,
        })
    }

    fn mock(&self, addr: &ProviderConfigAddr) -> Option<&'a Mock> {
        match self.providers.get(addr)? {
            TestProvider::Mock(mock) => Some(mock),
            TestProvider::Real(_) => None,
        }
    }

    /// The mock that an object's provider is.
    fn mock_of(&self, addr: &InstanceAddr) -> Option<&'a Mock> {
        let module = self.config.module(&addr.module.module())?;
        let provider = match module.resources.get(&addr.resource) {
            Some(block) => self.config.provider_of(module, block),
            None => return None,
        };
        self.mock(&provider)
    }

    fn values(&self, given: &Value, during: During, declared: SourceRange) -> Values {
        Values {
            given: Some(given.clone()),
            known_in_plan: during == During::Plan,
            place: Some(self.config.sources.describe(declared).into()),
        }
    }

    fn seed_of(&self, addr: &InstanceAddr) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, addr).hash(&mut hasher);
        hasher.finish()
    }
}

/// The configurations that the module under test expects from its caller, uses, and is not given by the run.
fn not_given(config: &Config, given: &BTreeMap<ProviderConfigAddr, &TestProvider>) -> Diagnostics {
    let root = config.root();
    let is_there = |addr: &ProviderConfigAddr| {
        let is_own =
            |key: &ProviderKey| root.provider_addr(&key.local_name) == addr.provider && key.alias == addr.alias;
        addr.alias.is_none() || !addr.module.is_root() || given.contains_key(addr) || root.providers.keys().any(is_own)
    };
    let mut missing: BTreeMap<ProviderConfigAddr, SourceRange> = BTreeMap::new();
    for module in config.modules.values() {
        for block in module.resources.values() {
            let addr = config.provider_of(module, block);
            if !is_there(&addr) {
                let at = block.provider.as_ref().map_or(block.declared, |reference| reference.range);
                missing.entry(addr).or_insert(at);
            }
        }
    }
    let missing = missing.into_iter().map(|(addr, at)| {
        let name = addr.alias.as_deref().unwrap_or_default();
        Diagnostic::error(
            "Provider configuration not present",
            format!("The module expects the provider configuration `{name}` from its caller, and the run gives none."),
        )
        .at(at)
        .hint("Write a provider block with that alias into the test file.")
    });
    Diagnostics(missing.collect())
}

/// A run's replacements, with the values that its providers' blocks refer to.
pub struct RunStandIns<'a> {
    pub replaced: &'a Replaced<'a>,
    pub variables: &'a BTreeMap<Arc<str>, Value>,
    pub runs: Runs<'a>,
    pub surroundings: Surroundings<'a>,
}

impl StandIns for RunStandIns<'_> {
    fn module(&self, instance: &ModuleInstance) -> Option<&Entries> {
        let mut all = self.replaced.modules.iter();
        let matches = |target: &Target| match target {
            Target::Module(module) => module == instance || is_whole(module) && module.module() == instance.module(),
            Target::Resource(..) | Target::Instance(_) => false,
        };
        all.find(|(over, _)| matches(&over.target)).map(|(_, outputs)| outputs)
    }

    fn object(&self, addr: &InstanceAddr, configured: &Arc<dyn Provider>) -> Option<Arc<dyn Provider>> {
        let mock = self.replaced.mock_of(addr);
        let of_mock = mock.iter().flat_map(|mock| &mock.overrides);
        let over = self.replaced.overrides.iter().copied().chain(of_mock).find(|over| covers(&over.target, addr));
        let values = match (over, mock) {
            (Some(over), _) => self.replaced.values(&over.values, over.during, over.declared),
            (None, Some(mock)) => match mock.types.get(&(addr.resource.mode, addr.resource.type_name.clone())) {
                Some(mocked) => self.replaced.values(&mocked.defaults, mocked.during, mocked.declared),
                None => Values::default(),
            },
            (None, None) => return None,
        };
        Some(Arc::new(MockProvider::new(configured.clone(), values, self.replaced.seed_of(addr))))
    }

    fn provider_config(&self, addr: &ProviderConfigAddr, schema: &Block) -> Option<Result<Value, Diagnostics>> {
        match self.replaced.providers.get(addr)? {
            // Nobody is asked, so nothing needs to be known.
            TestProvider::Mock(_) => Some(Ok(schema.empty_value())),
            TestProvider::Real(block) => {
                let scope =
                    OuterScope { runs: Some(self.runs), variables: self.variables, surroundings: self.surroundings };
                let (value, diagnostics) = decode(&block.body, schema, &scope);
                Some(if diagnostics.has_errors() { Err(diagnostics) } else { Ok(value) })
            }
        }
    }
}

/// The providers of a run: real ones, and mocks where the file has some.
pub struct RunProviders<'a> {
    pub real: &'a dyn ProviderSource,
    pub replaced: &'a Replaced<'a>,
}

impl ProviderSource for RunProviders<'_> {
    fn provider(&self, addr: &ProviderAddr) -> Option<Arc<dyn Provider>> {
        self.real.provider(addr)
    }

    fn provider_for(&self, config: &ProviderConfigAddr) -> Option<Arc<dyn Provider>> {
        let real = self.real.provider_for(config)?;
        Some(match self.replaced.mock(config) {
            Some(_) => Arc::new(MockProvider::new(real, Values::default(), self.replaced.seed)),
            None => real,
        })
    }

    fn addresses(&self) -> Vec<ProviderAddr> {
        self.real.addresses()
    }
}

/// Whether a module is named without instance keys, so that all its instances are meant.
fn is_whole(module: &ModuleInstance) -> bool {
    module.0.iter().all(|(_, key)| key.is_none())
}

fn covers(target: &Target, addr: &InstanceAddr) -> bool {
    let within =
        |module: &ModuleInstance| *module == addr.module || is_whole(module) && module.module() == addr.module.module();
    match target {
        Target::Module(_) => false,
        Target::Resource(module, resource) => within(module) && *resource == addr.resource,
        Target::Instance(instance) => {
            within(&instance.module) && instance.resource == addr.resource && instance.key == addr.key
        }
    }
}

/// Warns of overrides that name nothing of any of the configurations.
pub fn misses(overrides: &[Override], configs: &[&Config]) -> Diagnostics {
    let exists = |target: &Target, config: &Config| match target {
        Target::Module(module) => config.module(&module.module()).is_some(),
        Target::Resource(module, resource) => {
            config.module(&module.module()).is_some_and(|module| module.resources.contains_key(resource))
        }
        Target::Instance(instance) => config
            .module(&instance.module.module())
            .is_some_and(|module| module.resources.contains_key(&instance.resource)),
    };
    overrides
        .iter()
        .filter(|over| !configs.iter().any(|config| exists(&over.target, config)))
        .map(|over| {
            let detail =
                format!("There is no {} in the configuration under test, so this overrides nothing.", over.target);
            Diagnostic::warning("Invalid override target", detail).at(over.target_range)
        })
        .collect()
}
