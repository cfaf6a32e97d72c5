//! What can be checked only when caller and called module are both known: variables, provider configurations, places of blocks.

use std::collections::BTreeMap;

use model::address::{Mode, ModuleAddr, ProviderAddr, Target};
use model::diagnostic::{Diagnostic, Diagnostics};

use crate::arguments::{missing_argument, unsupported_argument, unsupported_block};
use crate::config::{Config, Module, ModuleCall, ProviderKey, ProviderRef, Repetition, Resource};
use crate::suggestion::{did_you_mean, similar};

use super::module_name;

/// Checks all calls and what they pass down.
pub(super) fn link(config: &Config, diagnostics: &mut Diagnostics) {
    let nested_providers = modules_with_provider_blocks(config);
    for module in config.modules.values() {
        for call in module.calls.values() {
            let addr = module.addr.child(call.name.clone());
            let Some(called) = config.modules.get(&addr) else { continue };
            arguments(call, called, diagnostics);
            passed_providers(module, call, called, diagnostics);
            if nested_providers.get(&addr).copied().unwrap_or(false) {
                repeated_with_providers(call, &addr, diagnostics);
            }
        }
        for resource in module.resources.values() {
            resource_provider(config, module, resource, diagnostics);
        }
        removed_and_declared(config, module, diagnostics);
        for import in module.imports.iter().filter(|_| !module.addr.is_root()) {
            diagnostics.push(
                Diagnostic::error(
                    "Invalid import configuration",
                    format!("Objects are imported by the root module alone, and this block is in {}.", module.addr),
                )
                .at(import.declared)
                .hint(format!("Move the block to the root module, and write {}. before the address.", module.addr)),
            );
        }
    }
}

/// The values that a call gives to the variables of the module.
fn arguments(call: &ModuleCall, called: &Module, diagnostics: &mut Diagnostics) {
    for variable in called.variables.values() {
        if variable.default.is_none() && call.body.attribute(&variable.name).is_none() {
            diagnostics.push(missing_argument(&variable.name, call.body.missing));
        }
    }
    let names = || called.variables.keys().map(|name| &**name);
    for attribute in call.body.attributes() {
        if !called.variables.contains_key(&attribute.name) {
            diagnostics.push(unsupported_argument(attribute, false, similar(&attribute.name, names())));
        }
    }
    for block in call.body.blocks() {
        let is_attribute = called.variables.contains_key(block.made_kind());
        diagnostics.push(unsupported_block(block, is_attribute, similar(block.made_kind(), names())));
    }
}

/// The provider configurations that a call passes to the module.
fn passed_providers(caller: &Module, call: &ModuleCall, called: &Module, diagnostics: &mut Diagnostics) {
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
        if inner.alias.is_some() && !expects(called, inner) {
            diagnostics.push(
                Diagnostic::error(
                    "Provider configuration not expected",
                    format!("The module expects no provider configuration `{inner}`."),
                )
                .at(passed.inner.range)
                .hint(format!(
                    "The module must list it in required_providers: {} = {{ configuration_aliases = [{inner}] }}",
                    inner.local_name
                )),
            );
        }
        undefined_provider(caller, &passed.outer, diagnostics);
    }
}

fn type_mismatch(
    at: model::source::SourceRange,
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

/// Whether a module has a configuration of this name, of its own or from its caller.
fn expects(module: &Module, key: &ProviderKey) -> bool {
    let listed = module
        .requirements
        .get(&key.local_name)
        .is_some_and(|requirement| requirement.aliases.iter().any(|alias| alias.key == *key));
    listed || module.providers.contains_key(key)
}

fn undefined_provider(module: &Module, reference: &ProviderRef, diagnostics: &mut Diagnostics) {
    let key = &reference.key;
    if key.alias.is_none() || expects(module, key) {
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

fn resource_provider(config: &Config, module: &Module, resource: &Resource, diagnostics: &mut Diagnostics) {
    // A call may bring the configuration under this name even where the module does not list it.
    let passed = module.addr.parent().and_then(|parent| {
        let call = config.modules.get(&parent)?.calls.get(module.addr.0.last()?)?;
        let key = module.provider_key(resource);
        Some(call.providers.iter().any(|passed| passed.inner.key == key))
    });
    if let Some(reference) = &resource.provider
        && passed != Some(true)
    {
        undefined_provider(module, reference, diagnostics);
    }
}

/// For each module whether it, or one that it calls, has provider blocks of its own.
fn modules_with_provider_blocks(config: &Config) -> BTreeMap<ModuleAddr, bool> {
    let mut with: BTreeMap<ModuleAddr, bool> = BTreeMap::new();
    // Called modules come after their callers in the order of addresses, so the way back sees them first.
    for (addr, module) in config.modules.iter().rev() {
        let own = !module.providers.is_empty();
        if own || with.get(addr).copied().unwrap_or(false) {
            with.insert(addr.clone(), true);
            if let Some(parent) = addr.parent() {
                with.insert(parent, true);
            }
        }
    }
    with
}

fn repeated_with_providers(call: &ModuleCall, addr: &ModuleAddr, diagnostics: &mut Diagnostics) {
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

/// A `removed` block whose resource or module is still there.
fn removed_and_declared(config: &Config, module: &Module, diagnostics: &mut Diagnostics) {
    for removed in &module.removed {
        let (path, resource) = match &removed.from {
            Target::Module(path) => (path, None),
            Target::Resource(path, resource) => (path, Some(resource)),
            Target::Instance(instance) => (&instance.module, Some(&instance.resource)),
        };
        let mut addr = module.addr.clone();
        addr.0.extend(path.module().0);
        let declared = match resource {
            Some(resource) => {
                config.modules.get(&addr).and_then(|module| module.resources.get(resource)).map(|found| found.declared)
            }
            None => addr
                .parent()
                .and_then(|parent| config.modules.get(&parent)?.calls.get(addr.0.last()?).map(|found| found.declared)),
        };
        let what = if resource.is_some_and(|resource| resource.mode == Mode::Managed) { "resource" } else { "module" };
        if let Some(declared) = declared {
            diagnostics.push(
                Diagnostic::error(
                    format!("Removed {what} still exists"),
                    format!(
                        "`{}` is said to be removed, but it is declared at {}.",
                        removed.from,
                        config.sources.describe(declared)
                    ),
                )
                .at(removed.from_range),
            );
        }
    }
}
