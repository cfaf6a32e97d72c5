//! What a service would refuse of the plan as a whole, said before anything is changed.
//!
//! Values that only the apply will know get a text each that stands for them, and the configuration is evaluated once more with
//! those: whatever was configured to be the id of another object is then the same text as that, whichever locals, modules and
//! functions it went through.

use std::collections::BTreeMap;

use model::address::{InstanceAddr, Mode, ModuleInstance, ObjectKey, ProviderConfigAddr};
use model::diagnostic::Diagnostic;
use model::ty::Type;
use model::value::{Kind, Value};
use provider::world::{Fate, Planned, World, pending};

use super::Planner;
use crate::evaluator::{Evaluator, Phase};
use crate::places;
use crate::plan::{Action, Change};

impl Planner<'_> {
    /// Reports what providers say of the objects together, where something is to be done at all.
    pub(super) fn preflight(&self) {
        let changes = self.decided().changes.clone();
        if !changes.iter().any(|change| matches!(fate(change.action), Some(Fate::Made | Fate::Changed | Fate::Deleted)))
        {
            return;
        }
        let shadow = self.shadow(&changes);
        let mut worlds: BTreeMap<&ProviderConfigAddr, Vec<Planned>> = BTreeMap::new();
        for change in changes.iter().filter(|change| change.key.addr.resource.mode == Mode::Managed) {
            if let Some(planned) = self.planned(&shadow, change) {
                worlds.entry(&change.provider).or_default().push(planned);
            }
        }
        for (addr, objects) in worlds {
            let Ok(provider) = self.evaluator.stack.providers.schemas(&addr.provider) else { continue };
            for finding in provider.preflight(&World::new(objects)) {
                let diagnostic = Diagnostic::error(
                    format!("{} would be refused", finding.addr),
                    format!("{} ({})", finding.detail, finding.code),
                );
                let diagnostic =
                    Diagnostic { attribute: Some(finding.attribute), ..diagnostic }.of(finding.addr.clone());
                let has_block = self.evaluator.graph.resource(&finding.addr.config()).is_some();
                self.evaluator.report([match has_block {
                    true => {
                        let block = self.evaluator.block(&finding.addr.config());
                        places::place(diagnostic, &block.body, block.declared)
                    }
                    false => diagnostic,
                }]);
            }
        }
    }

    /// An evaluator that sees the objects as the plan leaves them, with stand-ins for what is not known.
    fn shadow(&self, changes: &[Change]) -> Evaluator<'_> {
        let at = self.evaluator.stack.chance.now().to_string();
        let phase = Phase::Apply { plan_at: at.clone(), now: at };
        let shadow = Evaluator::new(self.evaluator.stack, self.evaluator.graph, phase);
        let managed = changes.iter().filter(|change| change.key == ObjectKey::current(change.key.addr.clone()));
        let managed = managed.filter_map(|change| Some((&change.key.addr, change.after.as_ref()?)));
        let decided = self.decided();
        let read = decided.data.iter().map(|(addr, read)| (addr, &read.value));
        for (addr, value) in managed.chain(read) {
            if let Some(node) = self.evaluator.graph.resource(&addr.config()) {
                shadow.set_object(node, addr, with_stand_ins(addr, value));
            }
        }
        shadow
    }

    fn planned(&self, shadow: &Evaluator<'_>, change: &Change) -> Option<Planned> {
        let addr = &change.key.addr;
        let fate = fate(change.action)?;
        let value = match fate {
            Fate::Deleted => change.before.clone()?,
            Fate::Stays | Fate::Made | Fate::Changed => {
                let after = with_stand_ins(addr, change.after.as_ref()?);
                match self.evaluator.stack.providers.schemas(&change.provider.provider) {
                    Ok(provider) if self.is_wanted(addr) => match shadow.desired(addr, provider.as_ref()) {
                        Ok(config) => completed(&after, &config),
                        Err(crate::evaluator::Failed) => after,
                    },
                    Ok(_) | Err(_) => after,
                }
            }
        };
        Some(Planned { addr: addr.clone(), fate, value: value.unmark_deep().0 })
    }

    /// Whether the configuration has the instance.
    fn is_wanted(&self, addr: &InstanceAddr) -> bool {
        let instances: Vec<ModuleInstance> = self.evaluator.instances(&addr.module.module());
        let Some(node) = self.evaluator.graph.resource(&addr.config()) else { return false };
        instances.contains(&addr.module)
            && self.evaluator.keys(node, &addr.module).is_ok_and(|keys| keys.contains(addr.key.as_ref()))
    }
}

fn fate(action: Action) -> Option<Fate> {
    match action {
        Action::NoOp => Some(Fate::Stays),
        Action::Create | Action::Replace { .. } => Some(Fate::Made),
        Action::Update => Some(Fate::Changed),
        Action::Delete => Some(Fate::Deleted),
        Action::Read | Action::Forget => None,
    }
}

/// An object whose unknown texts are told apart.
fn with_stand_ins(addr: &InstanceAddr, value: &Value) -> Value {
    let Kind::Object(attributes) = value.reveal() else { return value.clone() };
    let marks = value.marks();
    let attributes = attributes.iter().map(|(name, part)| {
        let part = match part.reveal() {
            Kind::Unknown(Type::String, _) => Value::string(pending(addr, name)).with_marks(part.marks()),
            _ => part.clone(),
        };
        (name.clone(), part)
    });
    Value::object(attributes).with_marks(marks)
}

/// The object with what is configured, where the plan does not know all of it.
fn completed(planned: &Value, config: &Value) -> Value {
    let Kind::Object(attributes) = planned.reveal() else { return planned.clone() };
    Value::object(attributes.iter().map(|(name, part)| {
        let stands_in = part.reveal().as_str().is_some_and(provider::world::is_pending);
        let configured = (stands_in || !part.is_wholly_known()).then(|| config.get(name)).flatten();
        (name.clone(), configured.filter(|value| !value.is_null()).unwrap_or_else(|| part.clone()))
    }))
}
