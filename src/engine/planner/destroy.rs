//! Plans that delete everything, what `-target` names with all that depends on it, or all but what `-exclude` names with
//! what it needs.

use std::collections::BTreeSet;

use model::address::{ConfigAddr, InstanceAddr, Mode};

use super::Planner;

impl Planner<'_> {
    /// Plans the deletion of all selected objects.
    pub(super) fn destroy(&self) {
        let doomed = self.doomed();
        for addr in &doomed {
            let block = self.evaluator.graph.resource(&addr.config()).map(|_| self.evaluator.block(&addr.config()));
            let range = block.map(|block| block.declared);
            if block.is_some()
                && let Ok(Some(prevented)) = self.prevention(addr)
            {
                self.evaluator.report([prevented]);
            }
            self.delete_current(addr, None, range);
            self.delete_deposed(addr, range);
        }
    }

    /// The instances to delete.
    fn doomed(&self) -> BTreeSet<InstanceAddr> {
        let managed = || self.prior.objects.iter().filter(|(key, _)| key.addr.resource.mode == Mode::Managed);
        if !self.options.excludes.is_empty() {
            return self.doomed_but_excluded();
        }
        if self.options.targets.is_empty() {
            return managed().map(|(key, _)| key.addr.clone()).collect();
        }
        let targeted = |addr: &InstanceAddr| self.options.targets.iter().any(|target| target.contains(addr));
        let mut doomed: BTreeSet<InstanceAddr> =
            managed().map(|(key, _)| &key.addr).filter(|addr| targeted(addr)).cloned().collect();
        // What depends on a deleted object goes with it; recorded dependencies name whole blocks, and are transitive.
        let blocks: BTreeSet<ConfigAddr> = doomed.iter().map(InstanceAddr::config).collect();
        for (key, object) in managed() {
            if object.dependencies.iter().any(|needed| blocks.contains(needed)) {
                doomed.insert(key.addr.clone());
            }
        }
        doomed
    }

    /// All instances but those that are excluded and what they need.
    fn doomed_but_excluded(&self) -> BTreeSet<InstanceAddr> {
        let managed = || self.prior.objects.iter().filter(|(key, _)| key.addr.resource.mode == Mode::Managed);
        let is_excluded = |addr: &InstanceAddr| self.options.excludes.iter().any(|target| target.contains(addr));
        let kept = || managed().filter(|(key, _)| is_excluded(&key.addr));
        let needed: BTreeSet<&ConfigAddr> = kept().flat_map(|(_, object)| &object.dependencies).collect();
        let goes = |addr: &&InstanceAddr| !is_excluded(addr) && !needed.contains(&addr.config());
        managed().map(|(key, _)| &key.addr).filter(goes).cloned().collect()
    }
}
