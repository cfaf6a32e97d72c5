//! What can be checked only when caller and called module are both known: variables, provider configurations, places of blocks.

mod providers;

use std::collections::HashMap;

use model::address::{Mode, Target};
use model::diagnostic::{Diagnostic, Diagnostics};

use crate::arguments::{missing_argument, unsupported_argument, unsupported_block};
use crate::config::{Config, Module, ModuleCall};
use crate::expression::range;
use crate::suggestion::similar;

/// Checks all calls and what they pass down.
pub(super) fn link(config: &Config, for_tests: bool, diagnostics: &mut Diagnostics) {
    let with_providers = providers::modules_with_provider_blocks(config);
    for module in config.modules.values() {
        for call in module.calls.values() {
            let addr = module.addr.child(call.name.clone());
            let Some(called) = config.modules.get(&addr) else { continue };
            arguments(call, called, diagnostics);
            providers::passed(module, call, called, for_tests, diagnostics);
            if with_providers.contains(&addr) {
                providers::repeated(call, &addr, diagnostics);
            }
        }
        for resource in module.resources.values() {
            providers::of_resource(config, module, resource, for_tests, diagnostics);
        }
        if module.addr.is_root() {
            ephemeral_outputs(module, diagnostics);
        } else {
            root_only(module, diagnostics);
        }
        duplicate_imports(config, module, diagnostics);
        removed_and_declared(config, module, diagnostics);
    }
}

/// Blocks that have their effect, or may be, in the root module alone.
fn root_only(module: &Module, diagnostics: &mut Diagnostics) {
    for import in &module.imports {
        diagnostics.push(
            Diagnostic::error(
                "Invalid import configuration",
                format!("Objects are imported by the root module alone, and this block is in {}.", module.addr),
            )
            .at(import.declared)
            .hint(format!("Move the block to the root module, and write {}. before the address.", module.addr)),
        );
    }
    if let Some(backend) = &module.backend {
        diagnostics.push(
            Diagnostic::warning(
                "Backend configuration ignored",
                format!(
                    "The backend of the root module keeps the state of all modules, and this block is in {}.",
                    module.addr
                ),
            )
            .at(backend.declared),
        );
    }
    providers::empty_blocks(module, diagnostics);
}

fn ephemeral_outputs(module: &Module, diagnostics: &mut Diagnostics) {
    for output in module.outputs.values().filter(|output| output.ephemeral) {
        diagnostics.push(
            Diagnostic::error(
                "Ephemeral output not allowed",
                "The outputs of the root module are kept in the state, so that their values can't be ephemeral.",
            )
            .at(output.declared),
        );
    }
}

fn duplicate_imports(config: &Config, module: &Module, diagnostics: &mut Diagnostics) {
    let mut seen = HashMap::new();
    for import in &module.imports {
        // Keys that need evaluation may differ each time.
        let Some(traversal) = import.to.node.as_traversal() else { continue };
        let text = config.sources.text(range(import.to.file, traversal.span));
        if let Some(first) = seen.insert(text, import.declared) {
            diagnostics.push(
                Diagnostic::error(
                    format!("Duplicate import configuration for \"{text}\""),
                    format!("There is an import to `{text}` at {} already.", config.sources.describe(first)),
                )
                .at(import.to.range()),
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
            diagnostics.push(unsupported_argument(
                attribute,
                call.body.syntax,
                false,
                similar(&attribute.name, names()),
            ));
        }
    }
    for block in call.body.blocks() {
        let is_attribute = called.variables.contains_key(block.made_kind());
        diagnostics.push(unsupported_block(block, is_attribute, similar(block.made_kind(), names())));
    }
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
