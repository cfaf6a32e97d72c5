//! What a service would refuse of the plan as a whole, said before anything is changed.
//!
//! Values that only the apply will know get a text each that stands for them, and the configuration is evaluated once more with
//! those: whatever was configured to be the id of another object is then the same text as that, whichever locals, modules and
//! functions it went through.

use std::collections::BTreeMap;

use model::address::{Generation, InstanceAddr, Mode, ProviderConfigAddr};
use model::diagnostic::{Diagnostic, Severity};
use model::ty::Type;
use model::value::{Kind, Value};
use provider::world::{Fate, Finding, Planned, Preflight, World, is_pending, pending};

use super::{Decided, Planner};
use crate::evaluator::{Evaluator, Failed, Phase};
use crate::places;
use crate::plan::{Action, Change};

impl Planner<'_> {
    /// Reports what providers say of the objects together, where something is to be done at all.
    ///
    /// The services are asked what they have only where a plan looks at them anyway, and where the plan alone is in order.
    pub(super) async fn preflight(&self) {
        let worlds = self.worlds();
        let found: Vec<Finding> = worlds.iter().flat_map(|(_, check, world)| check(world)).collect();
        let is_in_order = found.is_empty();
        self.evaluator.report(found.into_iter().map(|finding| self.refusal(finding)).collect::<Vec<_>>());
        if !is_in_order || !self.options.refresh {
            return;
        }
        for (addr, _, world) in &worlds {
            // Why there is none was said when its objects were planned.
            let Ok(provider) = self.provider(addr).await else { continue };
            let found = provider.survey(world).await;
            self.evaluator.report(found.into_iter().map(|finding| self.refusal(finding)).collect::<Vec<_>>());
        }
    }

    /// The objects of each provider configuration that has something to do and something to say.
    fn worlds(&self) -> Vec<(ProviderConfigAddr, Preflight, World)> {
        let decided = self.decided();
        let is_work = |change: &Change| fate(change.action).is_some_and(|fate| fate != Fate::Stays);
        let mut judged: BTreeMap<&ProviderConfigAddr, (Preflight, Vec<&Change>)> = BTreeMap::new();
        let managed = decided.changes.iter().filter(|change| change.key.addr.resource.mode == Mode::Managed);
        for change in managed {
            match judged.get_mut(&change.provider) {
                Some((_, changes)) => changes.push(change),
                None => {
                    let provider = self.evaluator.stack.providers.schemas(&change.provider.provider).ok();
                    let check = provider.and_then(|provider| provider.preflight());
                    judged.extend(check.map(|check| (&change.provider, (check, vec![change]))));
                }
            }
        }
        judged.retain(|_, (_, changes)| changes.iter().any(|change| is_work(change)));
        if judged.is_empty() {
            return Vec::new();
        }
        let shadow = self.shadow(&decided);
        let world = |(addr, (check, changes)): (&ProviderConfigAddr, (Preflight, Vec<&Change>))| {
            let objects = changes.into_iter().filter_map(|change| self.planned(&shadow, change)).collect();
            (addr.clone(), check, World::new(objects))
        };
        judged.into_iter().map(world).collect()
    }

    fn refusal(&self, finding: Finding) -> Diagnostic {
        let detail = format!("{} ({})", finding.detail, finding.code);
        let diagnostic = match finding.severity {
            Severity::Error => Diagnostic::error(format!("{} would be refused", finding.addr), detail),
            Severity::Warning => Diagnostic::warning(format!("{} would not work", finding.addr), detail),
        };
        let diagnostic = Diagnostic { attribute: Some(finding.attribute), ..diagnostic }.of(finding.addr.clone());
        if self.evaluator.graph.resource(&finding.addr.config()).is_none() {
            return diagnostic;
        }
        let block = self.evaluator.block(&finding.addr.config());
        places::place(diagnostic, &block.body, block.declared)
    }

    /// An evaluator that sees the objects as the plan leaves them, with stand-ins for what is not known.
    fn shadow(&self, decided: &Decided) -> Evaluator<'_> {
        let at = self.evaluator.stack.chance.now().to_string();
        let phase = Phase::Apply { plan_at: at.clone(), now: at };
        let shadow = Evaluator::new(self.evaluator.stack, self.evaluator.graph, phase);
        let managed = decided.changes.iter().filter(|change| change.key.generation == Generation::Current);
        let managed = managed.filter_map(|change| Some((&change.key.addr, change.after.as_ref()?)));
        let read = decided.data.iter().map(|(addr, read)| (addr, &read.value));
        for (addr, value) in managed.chain(read) {
            if let Some(node) = self.evaluator.graph.resource(&addr.config()) {
                shadow.set_object(node, addr, with_stand_ins(addr, value));
            }
        }
        shadow
    }

    /// An object with what is configured of it. What is there afterwards has a block: it was planned from that.
    fn planned(&self, shadow: &Evaluator<'_>, change: &Change) -> Option<Planned> {
        let addr = &change.key.addr;
        let fate = fate(change.action)?;
        let value = match fate {
            Fate::Deleted => change.before.clone()?,
            Fate::Stays | Fate::Made | Fate::Changed => {
                let after = with_stand_ins(addr, change.after.as_ref()?);
                match self.evaluator.stack.providers.schemas(&change.provider.provider) {
                    Ok(provider) => match shadow.desired(addr, provider.as_ref()) {
                        Ok(config) => completed(&after, &config),
                        Err(Failed) => after,
                    },
                    Err(_) => after,
                }
            }
        };
        let before = change.before.clone().map(|before| before.unmark_deep().0);
        Some(Planned { addr: addr.clone(), fate, value: value.unmark_deep().0, before })
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
        let stands_in = part.reveal().as_str().is_some_and(is_pending);
        let configured = (stands_in || !part.is_wholly_known()).then(|| config.get(name)).flatten();
        (name.clone(), configured.filter(|value| !value.is_null()).unwrap_or_else(|| part.clone()))
    }))
}
