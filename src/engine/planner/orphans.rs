//! Objects that the configuration has no place for any more: deleted, or forgotten where a `removed` block says so.

use model::address::{Generation, InstanceAddr, Mode, ObjectKey};
use model::source::SourceRange;

use super::Planner;
use crate::order::Work;
use crate::plan::{Action, Change, ObjectStep, Op, PlanMode, Reason};
use crate::removed::removal;

impl Planner<'_> {
    /// Plans what becomes of objects whose block is gone.
    pub(super) fn orphans(&self) {
        if self.refreshes_only() {
            return;
        }
        for (block, instances) in &self.recorded {
            if self.evaluator.graph.resource(block).is_some() || block.resource.mode != Mode::Managed {
                continue;
            }
            for addr in instances {
                let objects = self.prior.objects.iter().filter(|(key, _)| key.addr == *addr);
                let dependencies: Vec<_> = objects.flat_map(|(_, object)| object.dependencies.clone()).collect();
                if self.selected.as_ref().is_some_and(|selection| !selection.contains_orphan(addr, &dependencies)) {
                    continue;
                }
                let removal = removal(self.evaluator.stack.config, &block.module, &block.resource);
                match removal.map(|(_, removed)| (removed.destroy, removed.declared)) {
                    Some((false, range)) => self.forget(addr, range),
                    Some((true, range)) => self.delete(addr, Some(range)),
                    None => self.delete(addr, None),
                }
            }
        }
    }

    fn delete(&self, addr: &InstanceAddr, range: Option<SourceRange>) {
        let has_module = self.evaluator.stack.config.module(&addr.module.module()).is_some();
        // A `removed` block is about the resource, whatever became of its module.
        let reason = if has_module || range.is_some() { Reason::NoConfig } else { Reason::NoModule };
        self.delete_current(addr, Some(reason), range);
        self.delete_deposed(addr, range);
    }

    /// Plans the deletion of an instance's current object; says whether there is one.
    pub(super) fn delete_current(
        &self,
        addr: &InstanceAddr,
        reason: Option<Reason>,
        range: Option<SourceRange>,
    ) -> bool {
        let key = ObjectKey::current(addr.clone());
        self.leave(&key, Action::Delete, reason, range)
    }

    /// Plans the deletion of objects that interrupted replacements left.
    pub(super) fn delete_deposed(&self, addr: &InstanceAddr, range: Option<SourceRange>) {
        let keys: Vec<ObjectKey> = self.prior.deposed(addr).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.leave(&key, Action::Delete, Some(Reason::Deposed), range);
        }
    }

    fn forget(&self, addr: &InstanceAddr, range: SourceRange) {
        let keys = std::iter::once(ObjectKey::current(addr.clone()))
            .chain(self.prior.deposed(addr).map(|(key, _)| key.clone()));
        for key in keys.collect::<Vec<_>>() {
            self.leave(&key, Action::Forget, None, Some(range));
        }
    }

    /// Plans that an object leaves the state, and the world unless it is only forgotten.
    fn leave(&self, key: &ObjectKey, action: Action, reason: Option<Reason>, range: Option<SourceRange>) -> bool {
        let Some(object) = self.prior.objects.get(key) else { return false };
        // What is gone already leaves the state with the refresh.
        let Some(live) = &object.live else { return false };
        let is_deposed = key.generation != Generation::Current;
        let op = if action == Action::Forget { Op::Forget } else { Op::Delete };
        let unmake = ObjectStep {
            key: key.clone(),
            provider: object.provider.clone(),
            op,
            planned: None,
            private: object.private.clone(),
            dependencies: object.dependencies.clone(),
            create_before_destroy: object.create_before_destroy,
        };
        let change = Change {
            key: key.clone(),
            // What is destroyed with all the rest is not told where it was.
            previous: self.moved.previous(&key.addr).filter(|_| self.options.mode != PlanMode::Destroy),
            provider: object.provider.clone(),
            action,
            before: Some(live.clone()),
            after: None,
            replace_paths: Vec::new(),
            reason,
            import: None,
            loss: self.loss(&key.addr, &object.provider, action, reason, Some(live)),
            range,
        };
        let mut decided = self.decided();
        decided.works.push(Work {
            addr: key.addr.clone(),
            make: None,
            unmake: Some(unmake),
            prior_dependencies: object.dependencies.clone(),
            create_first: is_deposed || object.create_before_destroy,
        });
        decided.changes.push(change);
        true
    }
}
