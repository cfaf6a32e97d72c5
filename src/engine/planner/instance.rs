//! Managed resources: what becomes of every instance of a block.

use std::sync::Arc;

use futures::StreamExt;
use lang::decode::refuse_ephemeral;
use model::address::{ConfigAddr, InstanceAddr, Key, ObjectKey};
use model::checkable::CheckableAddr;
use model::diagnostic::{Diagnostic, Severity};
use model::value::{Marks, Value};
use petgraph::graph::NodeIndex;
use provider::error::ProviderError;
use state::Status;

use super::{BlockPlan, Kept, Planner};
use crate::conditions::Checked;
use crate::decide::{Decision, Question, decide, marked};
use crate::evaluator::Failed;
use crate::ignore::ignore;
use crate::order::Work;
use crate::places;
use crate::plan::{Action, Change, CheckKind, ObjectStep, Op, Reason};
use crate::prior::PriorObject;
use crate::repetition::Keys;
use crate::stand_in::provider_of;

impl Planner<'_> {
    /// Plans all instances of a managed resource block, and the deletion of those that are no more.
    pub(super) async fn managed(&self, node: NodeIndex, addr: &ConfigAddr) -> Result<(), Failed> {
        if self.refreshes_only() {
            self.keep_all(node, addr);
            return self.check_kept(node, addr);
        }
        let block = self.block(node, addr).await?;
        let mut wanted: Vec<(InstanceAddr, Keys)> = Vec::new();
        for module in self.evaluator.instances(&addr.module) {
            let keys = self.evaluator.keys(node, &module)?;
            for key in keys.iter() {
                wanted.push((
                    InstanceAddr { module: module.clone(), resource: addr.resource.clone(), key },
                    keys.clone(),
                ));
            }
        }
        let recorded = self.recorded.get(addr).map(Vec::as_slice).unwrap_or_default();
        for instance in recorded {
            if wanted.binary_search_by(|(wanted, _)| wanted.cmp(instance)).is_err() {
                self.unwanted(&block, instance);
            }
        }
        let outcomes = futures::stream::iter(wanted)
            .map(|(instance, keys)| {
                let block = &block;
                async move { self.instance(block, instance, &keys).await }
            })
            .buffer_unordered(self.options.parallelism.max(1));
        outcomes.fold(Ok(()), |all, one| async move { all.and(one) }).await
    }

    fn keep_all(&self, node: NodeIndex, addr: &ConfigAddr) {
        for instance in self.recorded.get(addr).into_iter().flatten() {
            self.keep(node, instance);
        }
    }

    /// Evaluates the conditions of objects that nothing is planned for, and notes what they depend on by now. Conditions can't
    /// stop anything here, so they warn.
    fn check_kept(&self, node: NodeIndex, addr: &ConfigAddr) -> Result<(), Failed> {
        let lifecycle = &self.evaluator.block(addr).lifecycle;
        let dependencies = self.evaluator.graph.dependencies(node);
        for module in self.evaluator.instances(&addr.module) {
            let keys = self.evaluator.keys(node, &module)?;
            for key in keys.iter() {
                let instance = InstanceAddr { module: module.clone(), resource: addr.resource.clone(), key };
                let object = CheckableAddr::from(&instance);
                let checked = |kind, summary| Checked {
                    object: &object,
                    kind,
                    summary,
                    severity: Severity::Warning,
                    subject: None,
                };
                if let Some(recorded) = self.prior.current(&instance) {
                    self.decided().kept.extend(self.until_applied(&instance, recorded, &dependencies));
                }
                let scope = self.evaluator.scope(&module, keys.each(instance.key.as_ref()));
                let before = checked(CheckKind::Precondition, "Resource precondition failed");
                self.conditions(&lifecycle.preconditions, &scope, before)?;
                if let Some(live) = self.evaluator.object(node, &instance) {
                    let after = checked(CheckKind::Postcondition, "Resource postcondition failed");
                    self.conditions(&lifecycle.postconditions, &scope.with_self(live), after)?;
                }
            }
        }
        Ok(())
    }

    /// An instance of a block that the configuration has no more.
    fn unwanted(&self, block: &BlockPlan<'_>, addr: &InstanceAddr) {
        if !self.is_selected(block.node, addr) {
            return;
        }
        let reason = if !self.evaluator.instances(&addr.module.module()).contains(&addr.module) {
            Reason::NoModule
        } else {
            match (&block.block.repetition, &addr.key) {
                (lang::config::Repetition::Count(_), Some(Key::Index(_))) => Reason::CountIndex,
                (lang::config::Repetition::ForEach(_), Some(Key::Name(_))) => Reason::EachKey,
                (
                    lang::config::Repetition::Single
                    | lang::config::Repetition::Count(_)
                    | lang::config::Repetition::ForEach(_),
                    _,
                ) => Reason::WrongRepetition,
            }
        };
        if let Ok(Some(prevented)) = self.prevention(addr) {
            self.evaluator.report([prevented]);
        }
        if self.delete_current(addr, Some(reason), Some(block.block.declared)) {
            self.decided().pending.insert(block.node);
        }
        self.delete_deposed(addr, Some(block.block.declared));
    }

    async fn instance(&self, block: &BlockPlan<'_>, addr: InstanceAddr, keys: &Keys) -> Result<(), Failed> {
        if !self.is_selected(block.node, &addr) {
            self.keep(block.node, &addr);
            return Ok(());
        }
        self.delete_deposed(&addr, Some(block.block.declared));
        let scope = self.evaluator.scope(&addr.module, keys.each(addr.key.as_ref()));
        let checked = Checked {
            object: &CheckableAddr::from(&addr),
            kind: CheckKind::Precondition,
            summary: "Resource precondition failed",
            severity: Severity::Error,
            subject: None,
        };
        self.conditions(&block.block.lifecycle.preconditions, &scope, checked)?;
        let provider = provider_of(self.evaluator.stack.stand_ins, &addr, &block.provider);
        let desired = self.evaluator.desired(&addr, provider.as_ref())?;
        self.refuse_ephemeral(block, &addr, &desired)?;
        let (config, _) = desired.clone().unmark_deep();
        self.validate(block, &addr, &config)?;

        let import = self.import(block, &addr).await?;
        let recorded = self.prior.current(&addr);
        let live = match &import {
            Some(import) => Some((import.value.clone(), import.private.clone())),
            None => recorded.and_then(|object| Some((object.live.clone()?, object.private.clone()))),
        };
        let force = self.force(block, &addr, &scope)?;
        let plain = live.as_ref().map(|(value, private)| (value.clone().unmark_deep().0, private.clone()));
        let ignored = &block.block.lifecycle.ignore_changes;
        // What is ignored keeps its marks as well.
        let kept = live
            .as_ref()
            .filter(|_| !ignored.is_nothing())
            .map(|(live, _)| ignore(desired.clone(), live, ignored, &block.schema.block));
        let kept_config = kept.as_ref().map(|kept| kept.clone().unmark_deep().0);
        let question = Question {
            provider: provider.as_ref(),
            type_name: &block.addr.resource.type_name,
            schema: &block.schema,
            prior: plain.as_ref().map(|(value, private)| (value, private.as_ref())),
            config: &config,
            kept_config: kept_config.as_ref().unwrap_or(&config),
            is_tainted: recorded.is_some_and(|object| object.status == Status::Tainted),
            force,
            create_first: block.create_first,
        };
        let mut decision = match decide(question).await {
            Ok(decision) => decision,
            Err(error) => return self.evaluator.fail(refused(block, &addr, "Failed to plan", &error)),
        };
        let notes = std::mem::take(&mut decision.notes).into_iter();
        self.evaluator.report(notes.map(|note| {
            let told = Diagnostic::warning("Left to its owner", note).of(addr.clone());
            places::place(told, &block.block.body, block.block.declared)
        }));
        let is_kept = matches!(decision.action, Action::NoOp | Action::Update);
        let source = kept.as_ref().filter(|_| is_kept).unwrap_or(&desired);
        let sensitive = source.marked_paths(Marks::SENSITIVE);
        let planned = marked(decision.planned.clone(), &sensitive, &block.schema);
        if let (Action::NoOp, Some((live, _))) = (decision.action, &live) {
            // Only what is known to be sensitive differs: recorded by an update that changes nothing in the world.
            if live.marked_paths(Marks::SENSITIVE) != planned.marked_paths(Marks::SENSITIVE) {
                decision.action = Action::Update;
            }
        }
        if matches!(decision.action, Action::Replace { .. })
            && let Some(prevented) = self.prevention(&addr)?
        {
            return self.evaluator.fail(prevented);
        }
        self.evaluator.set_object(block.node, &addr, planned.clone());
        self.record(block, &addr, decision, planned.clone(), live.map(|(value, _)| value), import);
        let scope = scope.with_self(planned);
        let checked = Checked {
            object: &CheckableAddr::from(&addr),
            kind: CheckKind::Postcondition,
            summary: "Resource postcondition failed",
            severity: Severity::Error,
            subject: None,
        };
        self.conditions(&block.block.lifecycle.postconditions, &scope, checked)
    }

    /// Why an object must be replaced whatever the provider says and however it is.
    fn force(
        &self,
        block: &BlockPlan<'_>,
        addr: &InstanceAddr,
        scope: &crate::scope::BlockScope<'_, '_>,
    ) -> Result<Option<Reason>, Failed> {
        if self.is_triggered(block, &addr.module, scope)? {
            return Ok(Some(Reason::Triggered));
        }
        Ok(self.options.replace.contains(addr).then_some(Reason::Requested))
    }

    fn record(
        &self,
        block: &BlockPlan<'_>,
        addr: &InstanceAddr,
        decision: Decision,
        planned: Value,
        before: Option<Value>,
        import: Option<super::imports::Imported>,
    ) {
        let key = ObjectKey::current(addr.clone());
        let step = |key: ObjectKey, op: Op, planned: Option<Value>| ObjectStep {
            key,
            provider: block.provider_addr.clone(),
            op,
            planned,
            private: decision.private.clone(),
            dependencies: block.dependencies.clone(),
            create_before_destroy: block.create_first,
        };
        let recorded = self.prior.current(addr);
        let (make, unmake) = match decision.action {
            Action::NoOp => (None, None),
            Action::Create => (Some(step(key.clone(), Op::Create { deposes: None }, Some(planned.clone()))), None),
            Action::Update => (Some(step(key.clone(), Op::Update, Some(planned.clone()))), None),
            Action::Replace { create_first: false } => (
                Some(step(key.clone(), Op::Create { deposes: None }, Some(planned.clone()))),
                Some(step(key.clone(), Op::Delete, None)),
            ),
            Action::Replace { create_first: true } => {
                let deposed: Arc<str> = self.deposed_key().into();
                let aside =
                    ObjectKey { addr: addr.clone(), generation: model::address::Generation::Deposed(deposed.clone()) };
                (
                    Some(step(key.clone(), Op::Create { deposes: Some(deposed) }, Some(planned.clone()))),
                    Some(step(aside, Op::Delete, None)),
                )
            }
            Action::Delete | Action::Read | Action::Forget => unreachable!("a wanted instance is kept or made"),
        };
        let work = Work {
            addr: addr.clone(),
            make,
            unmake,
            prior_dependencies: recorded.map(|object| object.dependencies.clone()).unwrap_or_default(),
            create_first: block.create_first,
        };
        let change = Change {
            previous: self.moved.previous(addr),
            provider: block.provider_addr.clone(),
            action: decision.action,
            loss: self.loss(addr, &block.provider_addr, decision.action, decision.reason, before.as_ref()),
            before,
            after: Some(planned),
            replace_paths: decision.replace_paths,
            reason: decision.reason,
            import: import.as_ref().map(|import| import.id.clone()),
            range: Some(block.block.declared),
            key,
        };
        let mut decided = self.decided();
        if change.action == Action::NoOp {
            let kept = Kept { dependencies: block.dependencies.clone(), create_first: Some(block.create_first) };
            decided.kept.insert(addr.clone(), kept);
        } else {
            if let Some(recorded) = recorded {
                decided.kept.extend(self.until_applied(addr, recorded, &block.dependencies));
            }
            decided.pending.insert(block.node);
            decided.works.push(work);
        }
        decided.imported.extend(import.map(|import| (addr.clone(), import)));
        decided.changes.push(change);
    }

    /// What an object depends on until something is done to it: what it was made from, and what it is wanted from.
    fn until_applied(
        &self,
        addr: &InstanceAddr,
        recorded: &PriorObject,
        wanted: &[ConfigAddr],
    ) -> Option<(InstanceAddr, Kept)> {
        let mut dependencies = recorded.dependencies.clone();
        dependencies.extend(wanted.iter().filter(|addr| !recorded.dependencies.contains(addr)).cloned());
        // What is as it was stays in its order.
        if dependencies.len() > recorded.dependencies.len() {
            dependencies.sort_by_cached_key(ToString::to_string);
        }
        self.options.refresh.then(|| (addr.clone(), Kept { dependencies, create_first: None }))
    }

    /// Eight hexadecimal digits.
    fn deposed_key(&self) -> String {
        crate::stack::uuid(self.evaluator.stack.chance)[..8].to_string()
    }

    pub(super) fn validate(&self, block: &BlockPlan<'_>, addr: &InstanceAddr, config: &Value) -> Result<(), Failed> {
        let found = block.provider.validate(block.addr.resource.mode, &block.addr.resource.type_name, config);
        let failed = found.has_errors();
        let placed = found
            .into_iter()
            .map(|diagnostic| places::place(diagnostic, &block.block.body, block.block.declared).of(addr.clone()));
        self.evaluator.report(placed.collect::<Vec<Diagnostic>>());
        if failed { Err(Failed) } else { Ok(()) }
    }

    /// Ephemeral values are gone after the run, so only write-only arguments may take them.
    pub(super) fn refuse_ephemeral(
        &self,
        block: &BlockPlan<'_>,
        addr: &InstanceAddr,
        config: &Value,
    ) -> Result<(), Failed> {
        let refused = refuse_ephemeral(config, &block.schema.block, &block.block.body);
        let failed = refused.has_errors();
        self.evaluator.report(refused.into_iter().map(|diagnostic| diagnostic.of(addr.clone())));
        if failed { Err(Failed) } else { Ok(()) }
    }
}

/// The message for a call that a provider refused, at the attribute where that is known.
pub(super) fn refused(block: &BlockPlan<'_>, addr: &InstanceAddr, what: &str, error: &ProviderError) -> Diagnostic {
    let mut diagnostic =
        Diagnostic::error(format!("{what} {addr}"), format!("{}.", crate::refresh::sentence(error))).of(addr.clone());
    diagnostic.attribute.clone_from(&error.attribute);
    diagnostic.hint.clone_from(&error.hint);
    places::place(diagnostic, &block.block.body, block.block.declared)
}
