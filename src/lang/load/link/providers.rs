//! The provider configurations that callers pass to the modules they call.

use std::collections::BTreeSet;

use model::address::{ModuleAddr, ProviderAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceRange;

use crate::config::{Config, Module, ModuleCall, ProviderKey, ProviderRef, Repetition, Resource};
use crate::load::module_name;
use crate::suggestion::{did_you_mean, similar};

/// The provider configurations that a call passes to the module.
pub(super) fn passed(
    caller: &Module,
    call: &ModuleCall,
    called: &Module,
    for_tests: bool,
    diagnostics: &mut Diagnostics,
) {
    for (local_name, requirement) in &called.requirements {
        for alias in &requirement.aliases {
            if !call.providers.iter().any(|passed| passed.inner.key == alias.key) {
                diagnostics.push(
                    Diagnostic::error(
                        "Missing required provider configuration",
                        format!(
                            "The module needs a configuration of {} under the name `{}`, beside the default one.",
                            requirement.addr.source(),
                            alias.key
                        ),
                    )
                    .at(call.declared)
                    .hint(format!("Pass one: providers = {{ {} = {local_name}.NAME }}", alias.key)),
                );
            }
        }
    }
    for passed in &call.providers {
        let (inner, outer) = (&passed.inner.key, &passed.outer.key);
        let inner_addr = called.provider_addr(&inner.local_name);
        let outer_addr = caller.provider_addr(&outer.local_name);
        if inner_addr != outer_addr {
            diagnostics.push(type_mismatch(passed.outer.range, inner, &inner_addr, outer, &outer_addr));
            continue;
        }
        if called.providers.get(inner).is_some_and(|block| !block.body.items.is_empty()) {
            diagnostics.push(
                Diagnostic::error(
                    "Cannot override provider configuration",
                    format!(
                        "The module has a block for `{inner}` of its own, so it can't be given another configuration."
                    ),
                )
                .at(passed.inner.range),
            );
        } else if !is_listed(called, inner) {
            diagnostics.push(
                Diagnostic::warning(
                    "Reference to undefined provider",
                    format!("The module does not list `{inner}` among the providers it requires."),
                )
                .at(passed.inner.range)
                .hint(listing_hint(inner, &inner_addr)),
            );
        }
        undefined_provider(caller, &passed.outer, for_tests, diagnostics);
    }
}

fn type_mismatch(
    at: SourceRange,
    inner: &ProviderKey,
    inner_addr: &ProviderAddr,
    outer: &ProviderKey,
    outer_addr: &ProviderAddr,
) -> Diagnostic {
    Diagnostic::error(
        "Provider type mismatch",
        format!(
            "`{outer}` is a configuration of {}, but the module knows `{inner}` as a configuration of {}.",
            outer_addr.source(),
            inner_addr.source()
        ),
    )
    .at(at)
}

/// Whether a module says in `required_providers` that it uses a configuration of this name.
fn is_listed(module: &Module, key: &ProviderKey) -> bool {
    module
        .requirements
        .get(&key.local_name)
        .is_some_and(|requirement| key.alias.is_none() || requirement.aliases.iter().any(|alias| alias.key == *key))
}

/// Whether a module has a configuration with an alias: of its own, or from its caller, which a test is for the root module.
fn has_alias(module: &Module, key: &ProviderKey, for_tests: bool) -> bool {
    module.providers.contains_key(key) || ((for_tests || !module.addr.is_root()) && is_listed(module, key))
}

fn listing_hint(key: &ProviderKey, addr: &ProviderAddr) -> String {
    let (name, source) = (&key.local_name, addr.source());
    match &key.alias {
        Some(_) => {
            format!("In its required_providers: {name} = {{ source = \"{source}\", configuration_aliases = [{key}] }}")
        }
        None => format!("In its required_providers: {name} = {{ source = \"{source}\" }}"),
    }
}

/// Blocks without content in a called module: an old way to say that a configuration is expected from the caller.
pub(super) fn empty_blocks(module: &Module, diagnostics: &mut Diagnostics) {
    for (key, block) in &module.providers {
        if block.body.items.is_empty() {
            let addr = module.provider_addr(&key.local_name);
            diagnostics.push(
                Diagnostic::warning(
                    "Redundant empty provider block",
                    "An empty provider block in a called module says nothing; what the module needs is said in its \
                     `required_providers`.",
                )
                .at(block.declared)
                .hint(listing_hint(key, &addr)),
            );
        }
    }
}

fn undefined_provider(module: &Module, reference: &ProviderRef, for_tests: bool, diagnostics: &mut Diagnostics) {
    let key = &reference.key;
    if key.alias.is_none() || has_alias(module, key, for_tests) {
        return;
    }
    let known: Vec<String> = module.providers.keys().map(ProviderKey::to_string).collect();
    let error = Diagnostic::error(
        "Provider configuration not present",
        format!("There is no provider configuration `{key}` in {}.", module_name(&module.addr)),
    )
    .at(reference.range);
    diagnostics.push(did_you_mean(error, similar(&key.to_string(), known.iter().map(String::as_str))));
}

pub(super) fn of_resource(
    config: &Config,
    module: &Module,
    resource: &Resource,
    for_tests: bool,
    diagnostics: &mut Diagnostics,
) {
    // A call may bring the configuration under this name even where the module does not list it.
    let passed = module.addr.parent().and_then(|parent| {
        let call = config.modules.get(&parent)?.calls.get(module.addr.0.last()?)?;
        let key = module.provider_key(resource);
        Some(call.providers.iter().any(|passed| passed.inner.key == key))
    });
    if let Some(reference) = &resource.provider
        && passed != Some(true)
    {
        undefined_provider(module, reference, for_tests, diagnostics);
    }
}

/// The modules that have provider blocks of their own, or call one that has.
pub(super) fn modules_with_provider_blocks(config: &Config) -> BTreeSet<ModuleAddr> {
    let mut with = BTreeSet::new();
    for (addr, module) in &config.modules {
        if module.providers.values().any(|block| !block.body.items.is_empty()) {
            let mut next = Some(addr.clone());
            while let Some(addr) = next {
                next = addr.parent();
                // Callers further out were added with the first.
                if !with.insert(addr) {
                    break;
                }
            }
        }
    }
    with
}

pub(super) fn repeated(call: &ModuleCall, addr: &ModuleAddr, diagnostics: &mut Diagnostics) {
    let at = match &call.repetition {
        Repetition::Count(expr) | Repetition::ForEach(expr) => expr.range(),
        Repetition::Single => match call.depends_on.first() {
            Some(reference) => reference.range,
            None => return,
        },
    };
    diagnostics.push(
        Diagnostic::error(
            "Module is incompatible with count, for_each, and depends_on",
            format!(
                "{addr} has provider blocks of its own, or calls a module that has. Such a module can be called once and without \
                 conditions only."
            ),
        )
        .at(at)
        .hint("Take the provider blocks out of the module, and pass the configurations in with `providers`."),
    );
}
