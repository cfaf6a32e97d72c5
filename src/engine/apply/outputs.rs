//! Outputs of the root module, and assertions that need the finished objects.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::address::{InstanceAddr, Mode, ModuleAddr, ModuleInstance, ObjectKey};
use model::checkable::{Checkable, CheckableAddr};
use model::diagnostic::{Diagnostic, Severity};
use petgraph::graph::NodeIndex;
use state::Output;
use state::checks::CheckStatus;

use super::Run;
use crate::check_results;
use crate::conditions::{self, Checked};
use crate::ephemeral::{open, open_for};
use crate::evaluator::Failed;
use crate::graph::Node;
use crate::plan::{Action, CheckKind, PlanMode};
use crate::repetition::Each;

impl Run<'_> {
    /// The ephemeral blocks behind an output of the root module.
    pub(super) fn behind_output(&self, name: &Arc<str>) -> Option<NodeIndex> {
        let node = self.evaluator.graph.find(&Node::Output(ModuleAddr::root(), name.clone()))?;
        let is_made_of_some = !self.evaluator.graph.ephemerals(node).is_empty();
        (is_made_of_some && self.plan.mode != PlanMode::Destroy).then_some(node)
    }

    /// Opens the ephemeral resources that nothing needed so far and that still have something to say: what checks and
    /// undecided conditions are made of, and those with conditions of their own.
    pub(super) async fn open_rest(&self) {
        if self.plan.mode == PlanMode::Destroy || self.plan.is_limited() {
            return;
        }
        let graph = self.evaluator.graph;
        for node in &graph.order {
            // What can't be opened has been reported.
            let _reported = match &graph.dag[*node] {
                Node::Check(..) => open_for(self.evaluator, *node).await,
                Node::Resource(addr) => {
                    let lifecycle = &self.evaluator.block(addr).lifecycle;
                    let has_conditions = !(lifecycle.preconditions.is_empty() && lifecycle.postconditions.is_empty());
                    match (addr.resource.mode, has_conditions) {
                        (Mode::Ephemeral, true) => open(self.evaluator, *node, false).await.map(drop),
                        (Mode::Managed | Mode::Data, true) => open_for(self.evaluator, *node).await,
                        (Mode::Managed | Mode::Data | Mode::Ephemeral, false) => Ok(()),
                    }
                }
                Node::Variable(..) | Node::Local(..) | Node::Output(..) | Node::Call(..) | Node::Provider(_) => Ok(()),
            };
        }
    }

    /// Evaluates an output and records it; takes it out when the configuration has none or it is null.
    pub(super) fn output(&self, name: &Arc<str>) -> Result<(), Failed> {
        let node = self.evaluator.graph.find(&Node::Output(ModuleAddr::root(), name.clone()));
        let node = node.filter(|_| self.plan.mode != PlanMode::Destroy);
        let value = match node {
            None => None,
            Some(node) => {
                let block = &self.evaluator.module(&ModuleAddr::root()).outputs[name];
                let scope = self.evaluator.scope(&ModuleInstance::root(), Each::None);
                let checked = Checked {
                    object: &CheckableAddr { module: ModuleInstance::root(), object: Checkable::Output(name.clone()) },
                    kind: CheckKind::Precondition,
                    summary: "Module output value precondition failed",
                    severity: Severity::Error,
                    subject: None,
                };
                let (checks, diagnostics) = conditions::check(&block.preconditions, &scope, checked);
                self.evaluator.checked(checks);
                let failed = diagnostics.has_errors();
                self.evaluator.report(diagnostics);
                let value = self.evaluator.value(node, &ModuleInstance::root())?;
                if failed {
                    return Err(Failed);
                }
                if !value.is_wholly_known() {
                    return self.evaluator.fail(
                        Diagnostic::error(
                            "Output not known after apply",
                            format!("The value of output \"{name}\" depends on something that does not exist, so it was not recorded."),
                        )
                        .at(block.declared),
                    );
                }
                Some(value)
            }
        };
        let mut state = self.state.lock().expect("no holder of the lock panics");
        match value.filter(|value| !value.is_null()) {
            Some(value) => state.outputs.insert(name.clone(), Output { value }),
            None => state.outputs.remove(name),
        };
        Ok(())
    }

    /// Evaluates conditions of unchanged objects and outputs that the plan could not decide.
    pub(super) fn undecided(&self) {
        let undecided = || self.plan.checks.iter().filter(|check| check.status == CheckStatus::Unknown);
        let outputs: BTreeSet<&CheckableAddr> = undecided().map(|check| &check.object).collect();
        for addr in outputs {
            if let Checkable::Output(name) = &addr.object {
                self.undecided_output(addr, name);
            }
        }
        let objects: BTreeSet<InstanceAddr> = undecided().filter_map(|check| check.object.instance()).collect();
        for addr in objects {
            let unchanged =
                self.changes.get(&ObjectKey::current(addr.clone())).is_some_and(|change| change.action == Action::NoOp);
            let Some(node) = self.evaluator.graph.resource(&addr.config()).filter(|_| unchanged) else { continue };
            let (Ok(keys), Some(value)) = (self.evaluator.keys(node, &addr.module), self.evaluator.object(node, &addr))
            else {
                continue;
            };
            let lifecycle = &self.evaluator.block(&addr.config()).lifecycle;
            let scope = self.evaluator.scope(&addr.module, keys.each(addr.key.as_ref())).with_self(value);
            let of = [
                (&lifecycle.preconditions, CheckKind::Precondition, "Resource precondition failed"),
                (&lifecycle.postconditions, CheckKind::Postcondition, "Resource postcondition failed"),
            ];
            for (conditions, kind, summary) in of {
                let object = CheckableAddr::from(&addr);
                let checked = Checked { object: &object, kind, summary, severity: Severity::Error, subject: None };
                let (checks, diagnostics) = conditions::check(conditions, &scope, checked);
                self.evaluator.checked(checks);
                self.evaluator.report(diagnostics);
            }
        }
    }

    /// Outputs of the root module that change have a step, which evaluates their conditions.
    fn undecided_output(&self, addr: &CheckableAddr, name: &Arc<str>) {
        let has_step = |output: &crate::plan::OutputChange| output.name == *name && output.is_change();
        if addr.module.is_root() && self.plan.outputs.iter().any(has_step) {
            return;
        }
        let output = &self.evaluator.module(&addr.module.module()).outputs[name];
        let checked = Checked {
            object: addr,
            kind: CheckKind::Precondition,
            summary: "Module output value precondition failed",
            severity: Severity::Error,
            subject: None,
        };
        let scope = self.evaluator.scope(&addr.module, Each::None);
        let (checks, diagnostics) = conditions::check(&output.preconditions, &scope, checked);
        self.evaluator.checked(checks);
        self.evaluator.report(diagnostics);
    }

    /// Records what all conditions came to: as it was planned, but for those that were evaluated again.
    pub(super) fn record_checks(&self) {
        let applied = self.evaluator.take_checks();
        let again: BTreeSet<_> = applied.iter().map(|check| (&check.object, check.kind)).collect();
        let planned = self.plan.checks.iter().filter(|check| !again.contains(&(&check.object, check.kind)));
        let checks: Vec<_> = planned.chain(&applied).cloned().collect();
        let mut results = self.plan.check_results.clone();
        check_results::update(&mut results, &checks);
        let mut state = self.state.lock().expect("no holder of the lock panics");
        state.check_results = Some(state::checks::render(&results).into());
    }

    /// Evaluates the assertions of all checks with what exists now.
    pub(super) fn checks(&self) {
        if self.plan.mode == PlanMode::Destroy {
            return;
        }
        for module in self.evaluator.stack.config.modules.values().filter(|module| !module.checks.is_empty()) {
            for instance in self.evaluator.instances(&module.addr) {
                for (name, check) in &module.checks {
                    let object = CheckableAddr { module: instance.clone(), object: Checkable::Check(name.clone()) };
                    // What the plan left out is not looked at now either.
                    if self.plan.is_limited() && !self.plan.checks.iter().any(|planned| planned.object == object) {
                        continue;
                    }
                    let checked = Checked {
                        object: &object,
                        kind: CheckKind::Assertion,
                        summary: "Check block assertion failed",
                        severity: Severity::Warning,
                        subject: None,
                    };
                    let (checks, diagnostics) =
                        conditions::check(&check.asserts, &self.evaluator.scope(&instance, Each::None), checked);
                    self.evaluator.checked(checks);
                    self.evaluator.report(diagnostics);
                }
            }
        }
    }
}
