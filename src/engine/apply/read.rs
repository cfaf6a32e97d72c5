//! Data sources that could not be read while planning, and the providers that steps need.

use std::sync::Arc;
use std::time::Instant;

use model::address::ProviderConfigAddr;
use model::diagnostic::Diagnostic;
use model::value::Marks;
use provider::Provider;

use super::Run;
use crate::decide::marked;
use crate::ephemeral::open_for;
use crate::evaluator::Failed;
use crate::event::Event;
use crate::object;
use crate::plan::ObjectStep;
use crate::providers::configured;
use crate::stand_in::provider_of;

impl Run<'_> {
    /// A configured provider. One whose configuration still has unknown parts is asked for again next time.
    pub(super) async fn provider(&self, addr: &ProviderConfigAddr) -> Result<Arc<dyn Provider>, Failed> {
        let lock = "no holder of the lock panics";
        if let Some(provider) = self.providers.lock().expect(lock).get(addr) {
            return Ok(provider.clone());
        }
        let provider = configured(self.evaluator, addr).await?;
        let schemas = self.evaluator.stack.providers.schemas(&addr.provider);
        let config =
            schemas.ok().and_then(|schemas| self.evaluator.provider_config(addr, &schemas.config_schema()).ok());
        if config.is_some_and(|config| config.is_wholly_known()) {
            self.providers.lock().expect(lock).insert(addr.clone(), provider.clone());
        }
        Ok(provider)
    }

    /// The provider that answers for the object of a step.
    pub(super) async fn provider_of(&self, step: &ObjectStep) -> Result<Arc<dyn Provider>, Failed> {
        let configured = self.provider(&step.provider).await?;
        Ok(provider_of(self.evaluator.stack.stand_ins, &step.key.addr, &configured))
    }

    /// Reads a data source; gives its identifier.
    pub(super) async fn read(&self, step: &ObjectStep) -> Result<Option<Arc<str>>, Box<Diagnostic>> {
        let addr = &step.key.addr;
        let type_name = &addr.resource.type_name;
        let not_started = |what: &str| {
            let text = format!(
                "{} was not read, because {what} could not be evaluated; the other messages say why.",
                step.key
            );
            Box::new(Diagnostic::error("Step not started", text).of(addr.clone()))
        };
        let provider = self.provider_of(step).await.map_err(|Failed| not_started("its provider"))?;
        let schema = provider
            .schema(addr.resource.mode, type_name)
            .expect("a plan has only steps of types that its providers have");
        let node = self.evaluator.graph.resource(&addr.config()).expect("only blocks are read");
        open_for(self.evaluator, node).await.map_err(|Failed| not_started("an ephemeral resource"))?;
        let keys =
            self.evaluator.keys(node, &addr.module).map_err(|Failed| not_started("its `count` or `for_each`"))?;
        let each = keys.each(addr.key.as_ref());
        self.preconditions(step, &each)?;
        let desired =
            self.evaluator.desired(addr, provider.as_ref()).map_err(|Failed| not_started("its configuration"))?;
        let sensitive = desired.marked_paths(Marks::SENSITIVE);
        let (config, _) = desired.unmark_deep();
        let events = self.evaluator.stack.events;
        let started = Instant::now();
        events.event(Event::ReadStarted { addr: addr.clone() });
        let answer = provider.read_data(type_name, &config).await;
        let encoded = answer.and_then(|value| {
            object::check(&value, &schema, type_name)?;
            let value = marked(value, &sensitive, &schema);
            Ok((object::encode(&value, Arc::default(), &schema, type_name)?, value))
        });
        let elapsed = started.elapsed();
        let (object, value) = encoded.map_err(|error| {
            events.event(Event::ReadFailed { addr: addr.clone(), elapsed });
            Box::new(self.refused(step, "Failed to read", &error))
        })?;
        let id = object::identifier(&value);
        events.event(Event::ReadFinished { addr: addr.clone(), id: id.clone(), elapsed });
        self.state.lock().expect("no holder of the lock panics").insert(&step.key, &step.provider, object);
        self.evaluator.set_object(node, addr, value.clone());
        self.postconditions(step, &each, &value)?;
        Ok(id)
    }
}
