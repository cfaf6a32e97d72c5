//! The end of a plan: what was decided becomes the plan's data.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use model::address::{Generation, InstanceAddr, Mode, ModuleInstance, ObjectKey};
use model::checkable::{Checkable, CheckableAddr};
use model::diagnostic::Diagnostics;
use provider::error::ProviderError;
use state::checks::{CheckResult, CheckStatus, CheckedObject};
use state::{Object, Output, State};

use super::targets::Selection;
use super::{Decided, Options, moves::Moved};
use crate::check_results;
use crate::drift::Drift;
use crate::evaluator::Evaluator;
use crate::object;
use crate::order::order;
use crate::plan::{Basis, OutputChange, Plan, PlanMode};
use crate::prior::{Prior, PriorObject};

/// What a plan is made of.
pub(super) struct Parts<'p, 'a> {
    pub evaluator: &'p Evaluator<'a>,
    pub options: &'p Options,
    /// The state as it was read.
    pub basis: &'p State,
    pub moved: Moved<'p>,
    pub prior: Prior,
    pub decided: Decided,
    pub selected: Option<&'p Selection>,
    pub drift: Vec<Drift>,
    pub at: Timestamp,
}

pub(super) fn finish(mut parts: Parts<'_, '_>, mut diagnostics: Diagnostics) -> (Option<Plan>, Diagnostics) {
    let mut changes = std::mem::take(&mut parts.decided.changes);
    // Keys are distinct. There may be very many, and the state is yet to be copied.
    changes.sort_unstable_by(|a, b| a.key.cmp(&b.key));
    changes.shrink_to_fit();
    let outputs = outputs(&parts);
    let pending: Vec<Arc<str>> =
        outputs.iter().filter(|output| output.is_change()).map(|output| output.name.clone()).collect();
    let refreshed = match refreshed(&parts) {
        Ok(refreshed) => refreshed,
        Err(error) => {
            let text = format!("{}.", crate::refresh::sentence(&error));
            diagnostics.push(model::diagnostic::Diagnostic::error("Invalid answer of a provider", text));
            return (None, diagnostics);
        }
    };
    let modules = match parts.options.mode {
        PlanMode::Normal | PlanMode::RefreshOnly => parts.evaluator.all_instances(),
        PlanMode::Destroy => BTreeSet::from([ModuleInstance::root()]),
    };
    let check_results = check_results(&parts);
    let works = std::mem::take(&mut parts.decided.works);
    let steps = match order(parts.evaluator.graph, &modules, works, &pending) {
        Ok(steps) => steps,
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            return (None, diagnostics);
        }
    };
    diagnostics.extend(parts.evaluator.take_diagnostics());
    let mut module_outputs = parts.decided.module_outputs;
    module_outputs.sort();
    let plan = Plan {
        mode: parts.options.mode,
        changes,
        outputs,
        drift: parts.drift,
        checks: parts.decided.checks,
        check_results,
        module_outputs,
        steps,
        moves: parts.moved.all().map(|(from, to)| (from.clone(), to.clone())).collect(),
        refreshed,
        basis: Basis {
            // A state that was never stored gets its lineage anew each time it is opened.
            lineage: if parts.basis.serial == 0 { String::new() } else { parts.basis.lineage.clone() },
            serial: parts.basis.serial,
            workspace: parts.evaluator.stack.workspace.into(),
            at: parts.at,
        },
        targets: parts.options.targets.clone(),
        excludes: parts.options.excludes.clone(),
    };
    (Some(plan), diagnostics)
}

fn check_results(parts: &Parts<'_, '_>) -> Vec<CheckResult> {
    let config = parts.evaluator.stack.config;
    let graph = parts.evaluator.graph;
    let is_expanded = |block: &CheckableAddr| match parts.options.mode {
        PlanMode::Normal | PlanMode::RefreshOnly => {
            let node = graph.checkable(block).expect("blocks of the configuration are nodes");
            parts.selected.is_none_or(|selected| selected.has(node))
        }
        PlanMode::Destroy => false,
    };
    let mut results = check_results::results(config, &parts.decided.checks, is_expanded);
    if parts.options.mode == PlanMode::Destroy {
        // Whatever becomes of them, there is one of each output of the root module.
        for result in results.iter_mut().filter(|result| result.block.module.is_root()) {
            if let Checkable::Output(_) = &result.block.object {
                let addr = result.block.clone();
                result.objects = vec![CheckedObject { addr, status: CheckStatus::Unknown, messages: Vec::new() }];
            }
        }
    }
    results
}

fn outputs(parts: &Parts<'_, '_>) -> Vec<OutputChange> {
    let root = parts.evaluator.stack.config.root();
    let destroys_all = parts.options.mode == PlanMode::Destroy && !parts.options.is_limited();
    let names: BTreeSet<&Arc<str>> = match parts.options.mode {
        PlanMode::Destroy => parts.basis.outputs.keys().collect(),
        PlanMode::Normal | PlanMode::RefreshOnly => root.outputs.keys().chain(parts.basis.outputs.keys()).collect(),
    };
    let changes = names.into_iter().filter_map(|name| {
        let block = root.outputs.get(name);
        let before = parts.basis.outputs.get(name).map(|output| output.value.clone());
        let after = match parts.options.mode {
            PlanMode::Destroy if destroys_all => None,
            PlanMode::Destroy => before.clone(),
            // Outputs outside the targets stay; without a block they go.
            PlanMode::Normal | PlanMode::RefreshOnly => match (parts.decided.outputs.get(name), block) {
                (Some(value), _) => Some(value.clone()),
                (None, _) if parts.options.is_limited() => return None,
                (None, Some(_)) => before.clone(),
                (None, None) => None,
            },
        };
        let is_sensitive = |value: &model::value::Value| value.is_sensitive();
        let sensitive = block.is_some_and(|block| block.sensitive)
            || before.as_ref().is_some_and(is_sensitive)
            || after.as_ref().is_some_and(is_sensitive);
        let range = block.map(|block| block.declared);
        (before.is_some() || after.is_some()).then(|| OutputChange {
            name: name.clone(),
            before,
            after,
            sensitive,
            range,
        })
    });
    changes.collect()
}

/// The state with what the refresh found, what was taken over, and what data sources answered.
fn refreshed(parts: &Parts<'_, '_>) -> Result<State, ProviderError> {
    let mut state = State::clone(&parts.moved.state);
    for (key, object) in &parts.prior.objects {
        if key.addr.resource.mode == Mode::Managed {
            update(parts, &mut state, key, object)?;
        }
    }
    for (addr, imported) in &parts.decided.imported {
        let object = encode(parts, addr, &imported.provider.provider, &imported.value, imported.private.clone())?;
        let kept = parts.decided.kept.get(addr);
        let object = Object {
            dependencies: kept.map(|kept| kept.dependencies.clone()).unwrap_or_default(),
            create_before_destroy: kept.and_then(|kept| kept.create_first).unwrap_or_default(),
            ..object
        };
        state.insert(&ObjectKey::current(addr.clone()), &imported.provider, object);
    }
    match parts.options.mode {
        // Provider configurations may need what data sources said until the very end.
        PlanMode::Destroy => {}
        PlanMode::Normal | PlanMode::RefreshOnly => {
            let is_targeted = parts.options.is_limited();
            state.instances.retain(|addr, _| {
                is_targeted || addr.resource.mode != Mode::Data || parts.decided.data.contains_key(addr)
            });
        }
    }
    for (addr, read) in &parts.decided.data {
        let object = encode(parts, addr, &read.provider.provider, &read.value, [].into())?;
        state.insert(&ObjectKey::current(addr.clone()), &read.provider, object);
    }
    state.prune();
    // Outputs that are known already are recorded whatever comes of the apply.
    for (name, value) in parts.decided.outputs.iter().filter(|(_, value)| value.is_wholly_known()) {
        match value.is_null() {
            true => drop(state.outputs.remove(name)),
            false => drop(state.outputs.insert(name.clone(), Output { value: value.clone() })),
        }
    }
    Ok(state)
}

fn update(parts: &Parts<'_, '_>, state: &mut State, key: &ObjectKey, found: &PriorObject) -> Result<(), ProviderError> {
    let Some(instance) = state.instances.get_mut(&key.addr) else { return Ok(()) };
    let slot = match &key.generation {
        Generation::Current => instance.current.as_mut(),
        Generation::Deposed(deposed) => instance.deposed.get_mut(deposed),
    };
    let Some(stored) = slot else { return Ok(()) };
    let Some(live) = &found.live else {
        match &key.generation {
            Generation::Current => instance.current = None,
            Generation::Deposed(deposed) => {
                instance.deposed.remove(deposed);
            }
        }
        return Ok(());
    };
    // What is as it was keeps its very text.
    if !live.same(&found.applied) || found.private != stored.private || found.upgraded {
        let object = encode(parts, &key.addr, &found.provider.provider, live, found.private.clone())?;
        *stored = Object {
            status: stored.status,
            dependencies: std::mem::take(&mut stored.dependencies),
            create_before_destroy: stored.create_before_destroy,
            identity: stored.identity.take(),
            unrecognized: std::mem::take(&mut stored.unrecognized),
            ..object
        };
    }
    if key.generation == Generation::Current
        && let Some(kept) = parts.decided.kept.get(&key.addr)
    {
        stored.dependencies.clone_from(&kept.dependencies);
        if let Some(create_first) = kept.create_first {
            stored.create_before_destroy = create_first;
            instance.provider = found.provider.clone();
        }
    }
    Ok(())
}

fn encode(
    parts: &Parts<'_, '_>,
    addr: &InstanceAddr,
    provider: &model::address::ProviderAddr,
    value: &model::value::Value,
    private: Arc<[u8]>,
) -> Result<Object, ProviderError> {
    let type_name = &addr.resource.type_name;
    let provider = parts.evaluator.stack.providers.schemas(provider);
    let schema = provider.ok().and_then(|provider| provider.schema(addr.resource.mode, type_name));
    let schema = schema.expect("a planned object has a provider with its type");
    object::encode(value, private, &schema, type_name)
}
