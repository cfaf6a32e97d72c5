//! The visit of one node of the graph.

use std::sync::Arc;

use model::address::{ConfigAddr, InstanceAddr, Mode, ModuleAddr};
use model::checkable::{Checkable, CheckableAddr};
use model::diagnostic::{Diagnostics, Severity};
use petgraph::graph::NodeIndex;

use super::{BlockPlan, Planner};
use crate::conditions::{self, Checked};
use crate::ephemeral::open;
use crate::evaluator::Failed;
use crate::graph::Node;
use crate::plan::{CheckKind, PlanMode};
use crate::pool::unknown_type;
use crate::repetition::Each;

impl Planner<'_> {
    /// Evaluates and decides all that a block stands for.
    pub(super) async fn visit(&self, node: NodeIndex) -> Result<(), Failed> {
        if self.selected.as_ref().is_some_and(|selection| !selection.has(node)) {
            self.keep_recorded(node);
            return Ok(());
        }
        match &self.evaluator.graph.dag[node] {
            Node::Variable(module, name) => self.variable(node, module, name),
            Node::Local(module, _) => {
                self.each_instance(module, |instance| self.evaluator.value(node, instance).map(drop))
            }
            Node::Output(module, name) => self.output(node, module, name),
            Node::Call(module, _) => {
                self.each_instance(module, |instance| self.evaluator.keys(node, instance).map(drop))
            }
            // Configured when the first object needs it.
            Node::Provider(_) => Ok(()),
            Node::Resource(addr) => match addr.resource.mode {
                Mode::Managed => self.managed(node, addr).await,
                Mode::Data => self.data(node, addr).await,
                Mode::Ephemeral => {
                    let checks = open(self.evaluator, node, self.waits(node)).await?;
                    self.decided().checks.extend(checks);
                    Ok(())
                }
            },
            Node::Check(module, name) => self.check(module, name),
        }
    }

    /// Does something for all instances of a module; goes on when it fails for one.
    fn each_instance(
        &self,
        module: &ModuleAddr,
        mut each: impl FnMut(&model::address::ModuleInstance) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let mut outcome = Ok(());
        for instance in self.evaluator.instances(module) {
            outcome = each(&instance).and(outcome);
        }
        outcome
    }

    /// Evaluates conditions, records them, and fails when one that must hold does not.
    pub(super) fn conditions(
        &self,
        conditions: &[lang::config::Condition],
        scope: &crate::scope::BlockScope<'_, '_>,
        checked: Checked<'_>,
    ) -> Result<(), Failed> {
        if conditions.is_empty() {
            return Ok(());
        }
        let (checks, diagnostics): (_, Diagnostics) = conditions::check(conditions, scope, checked);
        self.decided().checks.extend(checks);
        let failed = diagnostics.has_errors();
        self.evaluator.report(diagnostics);
        if failed { Err(Failed) } else { Ok(()) }
    }

    fn variable(&self, node: NodeIndex, module: &ModuleAddr, name: &Arc<str>) -> Result<(), Failed> {
        let variable = &self.evaluator.module(module).variables[name];
        self.each_instance(module, |instance| {
            self.evaluator.value(node, instance)?;
            let scope = self.evaluator.scope(instance, Each::None);
            let checked = Checked {
                object: &CheckableAddr { module: instance.clone(), object: Checkable::Variable(name.clone()) },
                kind: CheckKind::Validation,
                summary: "Invalid value for variable",
                severity: Severity::Error,
                subject: Some(self.evaluator.argument(instance, name).unwrap_or(variable.declared)),
            };
            self.conditions(&variable.validations, &scope, checked)
        })
    }

    fn output(&self, node: NodeIndex, module: &ModuleAddr, name: &Arc<str>) -> Result<(), Failed> {
        let output = &self.evaluator.module(module).outputs[name];
        self.each_instance(module, |instance| {
            let scope = self.evaluator.scope(instance, Each::None);
            let checked = Checked {
                object: &CheckableAddr { module: instance.clone(), object: Checkable::Output(name.clone()) },
                kind: CheckKind::Precondition,
                summary: "Module output value precondition failed",
                severity: Severity::Error,
                subject: None,
            };
            self.conditions(&output.preconditions, &scope, checked)?;
            let value = self.evaluator.value(node, instance)?;
            if module.is_root() {
                self.decided().outputs.insert(name.clone(), value);
            } else if !value.is_null() {
                let addr = CheckableAddr { module: instance.clone(), object: Checkable::Output(name.clone()) };
                self.decided().module_outputs.push(addr);
            }
            Ok(())
        })
    }

    /// Assertions warn; nothing that fails here stops anything.
    fn check(&self, module: &ModuleAddr, name: &Arc<str>) -> Result<(), Failed> {
        let check = &self.evaluator.module(module).checks[name];
        self.each_instance(module, |instance| {
            let scope = self.evaluator.scope(instance, Each::None);
            let checked = Checked {
                object: &CheckableAddr { module: instance.clone(), object: Checkable::Check(name.clone()) },
                kind: CheckKind::Assertion,
                summary: "Check block assertion failed",
                severity: Severity::Warning,
                subject: None,
            };
            self.conditions(&check.asserts, &scope, checked)
        })
    }

    /// Gathers what the instances of a block share.
    pub(super) async fn block<'b>(&'b self, node: NodeIndex, addr: &'b ConfigAddr) -> Result<BlockPlan<'b>, Failed> {
        let module = self.evaluator.module(&addr.module);
        let block = self.evaluator.block(addr);
        let provider_addr = self.evaluator.stack.config.provider_of(module, block);
        let provider = self.provider(&provider_addr).await?;
        let Some(schema) = provider.schema(addr.resource.mode, &addr.resource.type_name) else {
            return self.evaluator.fail(unknown_type(provider.as_ref(), addr).at(block.type_range));
        };
        Ok(BlockPlan {
            node,
            addr,
            block,
            provider_addr,
            provider,
            schema,
            dependencies: self.evaluator.graph.dependencies(node),
            create_first: self.create_first.contains(&node),
        })
    }

    /// A block outside the targets: expressions that still mention it see what is recorded.
    fn keep_recorded(&self, node: NodeIndex) {
        let Node::Resource(addr) = &self.evaluator.graph.dag[node] else { return };
        for instance in self.recorded.get(addr).into_iter().flatten() {
            self.keep(node, instance);
        }
    }

    /// Leaves an instance as it is, without deciding about it.
    pub(super) fn keep(&self, node: NodeIndex, addr: &InstanceAddr) {
        if let Some(live) = self.prior.current(addr).and_then(|object| object.live.clone()) {
            self.evaluator.set_object(node, addr, live);
        }
    }

    pub(super) fn refreshes_only(&self) -> bool {
        self.options.mode == PlanMode::RefreshOnly
    }
}
