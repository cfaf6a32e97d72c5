//! Data sources: read while planning when all they depend on is settled, else during the apply.

use futures::StreamExt;
use model::address::{ConfigAddr, InstanceAddr, ObjectKey};
use model::checkable::CheckableAddr;
use model::diagnostic::{Diagnostic, Severity};
use model::schema::{Block, Presence};
use model::value::{Marks, Value};
use petgraph::graph::NodeIndex;

use super::instance::refused;
use super::{BlockPlan, Planner, Read};
use crate::conditions::Checked;
use crate::decide::marked;
use crate::evaluator::Failed;
use crate::event::Event;
use crate::object;
use crate::order::Work;
use crate::plan::{Action, Change, CheckKind, ObjectStep, Op, Reason};
use crate::repetition::Keys;
use crate::stand_in::provider_of;

impl Planner<'_> {
    /// Reads all instances of a data source, or plans to read them.
    pub(super) async fn data(&self, node: NodeIndex, addr: &ConfigAddr) -> Result<(), Failed> {
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
        let waits = self.waits(node);
        let outcomes = futures::stream::iter(wanted)
            .map(|(instance, keys)| {
                let block = &block;
                async move { self.read_or_plan(block, instance, &keys, waits).await }
            })
            .buffer_unordered(self.options.parallelism.max(1));
        let outcome = outcomes.fold(Ok(()), |all, one| async move { all.and(one) }).await;
        match (outcome, &block.block.check) {
            // A data source inside a check never stops anything: what failed has become a warning.
            (Err(Failed), Some(_)) => Ok(()),
            (outcome, _) => outcome,
        }
    }

    /// Whether something that the data source or ephemeral resource waits for is still to change.
    pub(super) fn waits(&self, node: NodeIndex) -> bool {
        let awaited = self.evaluator.graph.awaited(node);
        let decided = self.decided();
        awaited.iter().any(|awaited| decided.pending.contains(awaited))
    }

    async fn read_or_plan(
        &self,
        block: &BlockPlan<'_>,
        addr: InstanceAddr,
        keys: &Keys,
        waits: bool,
    ) -> Result<(), Failed> {
        if !self.is_selected(block.node, &addr) {
            self.keep(block.node, &addr);
            return Ok(());
        }
        let scope = self.evaluator.scope(&addr.module, keys.each(addr.key.as_ref()));
        let object = CheckableAddr::from(&addr);
        let checked =
            |kind, summary| Checked { object: &object, kind, summary, severity: Severity::Error, subject: None };
        self.conditions(
            &block.block.lifecycle.preconditions,
            &scope,
            checked(CheckKind::Precondition, "Resource precondition failed"),
        )?;
        let config = self.evaluator.desired(&addr, block.provider.as_ref())?;
        self.refuse_ephemeral(block, &addr, &config)?;
        let sensitive = config.marked_paths(Marks::SENSITIVE);
        let (plain, _) = config.unmark_deep();
        self.validate(block, &addr, &plain)?;
        let reason = match (waits, plain.is_wholly_known()) {
            (true, _) => Some(Reason::DependencyPending),
            (false, false) => Some(Reason::ConfigUnknown),
            (false, true) => None,
        };
        let value = match reason {
            Some(reason) => {
                let planned = marked(unread(&plain, &block.schema.block), &sensitive, &block.schema);
                self.plan_read(block, &addr, planned.clone(), reason);
                planned
            }
            None => {
                let value = marked(self.read(block, &addr, &plain).await?, &sensitive, &block.schema);
                let read = Read { provider: block.provider_addr.clone(), value: value.clone() };
                self.decided().data.insert(addr.clone(), read);
                value
            }
        };
        self.evaluator.set_object(block.node, &addr, value.clone());
        self.conditions(
            &block.block.lifecycle.postconditions,
            &scope.with_self(value),
            checked(CheckKind::Postcondition, "Resource postcondition failed"),
        )
    }

    async fn read(&self, block: &BlockPlan<'_>, addr: &InstanceAddr, config: &Value) -> Result<Value, Failed> {
        let type_name = &addr.resource.type_name;
        let events = self.evaluator.stack.events;
        let started = std::time::Instant::now();
        events.event(Event::ReadStarted { addr: addr.clone() });
        let provider = provider_of(self.evaluator.stack.stand_ins, addr, &block.provider);
        let answer = provider.read_data(type_name, config).await;
        let answer = answer.and_then(|value| object::check(&value, &block.schema, type_name).map(|()| value));
        let elapsed = started.elapsed();
        match answer {
            Ok(value) => {
                events.event(Event::ReadFinished { addr: addr.clone(), id: object::identifier(&value), elapsed });
                Ok(value)
            }
            Err(error) => {
                events.event(Event::ReadFailed { addr: addr.clone(), elapsed });
                let diagnostic = refused(block, addr, "Failed to read", &error);
                let diagnostic = match &block.block.check {
                    Some(_) => Diagnostic { severity: Severity::Warning, ..diagnostic },
                    None => diagnostic,
                };
                self.evaluator.fail(diagnostic)
            }
        }
    }

    fn plan_read(&self, block: &BlockPlan<'_>, addr: &InstanceAddr, planned: Value, reason: Reason) {
        let key = ObjectKey::current(addr.clone());
        let make = ObjectStep {
            key: key.clone(),
            provider: block.provider_addr.clone(),
            op: Op::Read,
            planned: Some(planned.clone()),
            private: [].into(),
            dependencies: Vec::new(),
            create_before_destroy: false,
        };
        let change = Change {
            key,
            previous: None,
            provider: block.provider_addr.clone(),
            action: Action::Read,
            before: None,
            after: Some(planned),
            replace_paths: Vec::new(),
            reason: Some(reason),
            import: None,
            loss: None,
            range: Some(block.block.declared),
        };
        let mut decided = self.decided();
        decided.pending.insert(block.node);
        decided.works.push(Work {
            addr: addr.clone(),
            make: Some(make),
            unmake: None,
            prior_dependencies: Vec::new(),
            create_first: false,
        });
        decided.changes.push(change);
    }
}

/// A data source before it is read: what the configuration says, and unknown wherever the provider answers.
fn unread(config: &Value, block: &Block) -> Value {
    let Some(entries) = config.reveal().entries() else { return config.clone() };
    let attributes = block.attributes.iter().map(|(name, attribute)| {
        let value = entries.get(name).cloned().unwrap_or_else(|| Value::null(attribute.ty.clone()));
        let answered =
            value.is_null() && attribute.presence != Presence::Optional && attribute.presence != Presence::Required;
        (name.clone(), if answered { Value::unknown(attribute.ty.clone()) } else { value })
    });
    let blocks = block.blocks.iter().map(|(name, nested)| {
        let value = entries.get(name).cloned().unwrap_or_else(|| nested.empty_value());
        let value = match value.reveal() {
            model::value::Kind::List(element, items) => {
                Value::list(element.clone(), items.iter().map(|item| unread(item, &nested.block)).collect::<Vec<_>>())
            }
            model::value::Kind::Set(element, items) => {
                Value::set(element.clone(), items.iter().map(|item| unread(item, &nested.block)).collect())
            }
            _ => value,
        };
        (name.clone(), value)
    });
    Value::object(attributes.chain(blocks).collect::<Vec<_>>())
}
