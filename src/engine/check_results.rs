//! What the conditions of a configuration come to: its blocks that have conditions, with the objects they made.

use std::collections::BTreeMap;
use std::sync::Arc;

use lang::config::{Config, Module};
use model::address::ModuleInstance;
use model::checkable::{Checkable, CheckableAddr};
use state::checks::{CheckResult, CheckStatus, CheckedObject};

use crate::plan::Check;

/// All blocks that have conditions, by address, with what came of those that were evaluated.
///
/// `is_expanded` says whether it is known which objects a block makes: one that makes none has nothing that could fail.
pub fn results(config: &Config, checks: &[Check], is_expanded: impl Fn(&CheckableAddr) -> bool) -> Vec<CheckResult> {
    let blocks = config.modules.values().flat_map(checkable);
    let mut results: Vec<CheckResult> = blocks
        .map(|block| {
            let status = if is_expanded(&block) { CheckStatus::Pass } else { CheckStatus::Unknown };
            CheckResult { block, status, objects: Vec::new() }
        })
        .collect();
    update(&mut results, checks);
    results
}

/// Fills in what came of conditions. Blocks of which none was evaluated stay as they are.
pub fn update(results: &mut [CheckResult], checks: &[Check]) {
    let mut objects: BTreeMap<CheckableAddr, BTreeMap<CheckableAddr, CheckedObject>> = BTreeMap::new();
    for check in checks {
        let of_block = objects.entry(check.object.block()).or_default();
        let object = of_block.entry(check.object.clone()).or_insert_with(|| CheckedObject {
            addr: check.object.clone(),
            status: CheckStatus::Pass,
            messages: Vec::new(),
        });
        object.status = object.status.max(check.status);
        object.messages.extend(check.message.clone());
    }
    for result in results {
        if let Some(objects) = objects.remove(&result.block) {
            result.objects = objects.into_values().collect();
            result.status = result.objects.iter().map(|object| object.status).max().unwrap_or(CheckStatus::Pass);
        }
    }
}

/// The blocks of a module that have conditions.
fn checkable(module: &Module) -> Vec<CheckableAddr> {
    let path = ModuleInstance(module.addr.0.iter().map(|name| (name.clone(), None)).collect());
    let mut found: Vec<Checkable> = Vec::new();
    let named = |name: &Arc<str>, what: fn(Arc<str>) -> Checkable| what(name.clone());
    let variables = module.variables.values().filter(|variable| !variable.validations.is_empty());
    found.extend(variables.map(|variable| named(&variable.name, Checkable::Variable)));
    let outputs = module.outputs.values().filter(|output| !output.preconditions.is_empty());
    found.extend(outputs.map(|output| named(&output.name, Checkable::Output)));
    let resources = module.resources.values().filter(|resource| {
        !resource.lifecycle.preconditions.is_empty() || !resource.lifecycle.postconditions.is_empty()
    });
    found.extend(resources.map(|resource| Checkable::Resource(resource.addr.clone(), None)));
    found.extend(module.checks.keys().map(|name| named(name, Checkable::Check)));
    found.into_iter().map(|object| CheckableAddr { module: path.clone(), object }).collect()
}
