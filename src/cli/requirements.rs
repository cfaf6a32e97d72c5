//! Which providers a configuration needs: `infra providers` and what is below it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use lang::config::{Module, ProviderKey};
use lang::version::Constraint;
use model::address::ProviderAddr;
use model::diagnostic::Diagnostic;
use model::source::SourceRange;
use modules::load::{LockFile, Policy};
use provider::{Provider, ProviderSource};

use crate::cli::arguments::{self, ProvidersCommand};
use crate::cli::modules::{Options, Telling, load, tree};
use crate::cli::providers::Native;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// A provider that blocks of a module need.
pub struct Required {
    pub addr: ProviderAddr,
    pub constraint: Option<String>,
    /// Where it is required first.
    pub place: Option<SourceRange>,
}

/// Shows what is required, or the schemas of it.
pub async fn run(arguments: &arguments::Providers, reporter: &Reporter) -> Result<Outcome, Failure> {
    match &arguments.command {
        None => show(reporter).await,
        Some(ProvidersCommand::Schema(_)) => schema(reporter).await,
        Some(ProvidersCommand::Lock(_)) => refuse(
            "There is nothing to lock: providers are part of infra, and a version of infra has always the same.",
            "Modules are locked by `infra init`, in .infra.lock.hcl.",
        ),
        Some(ProvidersCommand::Mirror(_)) => refuse(
            "There is nothing to mirror: providers are part of infra.",
            "Take the program itself to where there is no network.",
        ),
    }
}

fn refuse(detail: &str, hint: &str) -> Result<Outcome, Failure> {
    Err(Diagnostic::error("Providers are built in", detail).hint(hint).into())
}

async fn show(reporter: &Reporter) -> Result<Outcome, Failure> {
    let (session, of_state, manifest) = opened(false, reporter).await?;
    let providers =
        |module: &Module| of_module(module).into_iter().map(|required| (required.addr, required.constraint)).collect();
    let root = tree(&session.config, &manifest, &providers);
    reporter.terminal.data(&ui::modules::providers(&root, &of_state))?;
    Ok(Outcome::Done)
}

async fn schema(reporter: &Reporter) -> Result<Outcome, Failure> {
    if !reporter.json {
        return Err(Diagnostic::error("Missing -json", "Schemas are shown as JSON alone.")
            .hint("Run `infra providers schema -json`.")
            .into());
    }
    let (session, of_state, _) = opened(true, reporter).await?;
    let of_configuration = session.config.modules.values().flat_map(of_module).map(|required| required.addr);
    let needed: BTreeSet<ProviderAddr> = of_configuration.chain(of_state).collect();
    let mut providers: Vec<Arc<dyn Provider>> = Vec::new();
    for addr in &needed {
        match Native.provider(addr) {
            Some(provider) => providers.push(provider),
            None => {
                let detail = format!("There is no provider `{}` in this build.", addr.source());
                return Err(Diagnostic::error("Provider not available", detail).into());
            }
        }
    }
    reporter.document(&ui::provider_schemas::json(&providers))?;
    Ok(Outcome::Done)
}

/// The configuration with the modules it calls, and the providers of the objects in the state.
async fn opened(
    allow_empty: bool,
    reporter: &Reporter,
) -> Result<(Session, Vec<ProviderAddr>, modules::manifest::Manifest), Failure> {
    let options = Options {
        policy: Policy::Missing,
        lock_file: LockFile::Update,
        telling: Telling::Note,
        allow_empty,
        for_tests: false,
    };
    let loaded = load(options, reporter);
    if loaded.diagnostics.has_errors() {
        return Err(Failure { diagnostics: loaded.diagnostics, sources: loaded.config.sources });
    }
    reporter.diagnostics(&loaded.diagnostics, &loaded.config.sources);
    let session = Session::of(loaded.config)?;
    let state = session.peek(None).await?;
    let of_state: BTreeSet<ProviderAddr> =
        state.instances.values().map(|instance| instance.provider.provider.clone()).collect();
    Ok((session, of_state.into_iter().collect(), loaded.manifest))
}

/// The providers that the blocks of a module need, sorted.
pub fn of_module(module: &Module) -> Vec<Required> {
    let mut all: BTreeMap<ProviderAddr, Required> = BTreeMap::new();
    let mut add = |addr: ProviderAddr, constraint: Option<String>, place: SourceRange| {
        let required = all.entry(addr.clone()).or_insert(Required { addr, constraint: None, place: Some(place) });
        if constraint.is_some() {
            required.constraint = constraint;
        }
    };
    for requirement in module.requirements.values() {
        let constraint = requirement.version.as_ref().and_then(|version| version.parse::<Constraint>().ok());
        add(requirement.addr.clone(), constraint.map(|constraint| constraint.to_string()), requirement.range);
    }
    for (key, block) in &module.providers {
        add(module.provider_addr(&key.local_name), None, block.declared);
    }
    for resource in module.resources.values() {
        let ProviderKey { local_name, .. } = module.provider_key(resource);
        add(module.provider_addr(&local_name), None, resource.type_range);
    }
    for import in &module.imports {
        let implied = lang::config::implied_provider(&import.resource.type_name);
        let local_name = import.provider.as_ref().map_or(implied, |provider| &provider.key.local_name);
        add(module.provider_addr(local_name), None, import.declared);
    }
    all.into_values().collect()
}
