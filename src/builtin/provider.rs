//! A family as the engine sees it.

use std::sync::Arc;

use async_trait::async_trait;
use model::address::{Mode, ProviderAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::{Block, Schema};
use model::value::Value;
use provider::error::{ErrorKind, ProviderError};
use provider::facts::TypeFacts;
use provider::{
    Applied, ApplyRequest, Born, Lease, Opened, PlanAnswer, PlanRequest, Provider, Remote, TargetInfo, Token, adapter,
    planner,
};

use crate::behaviour::Moment;
use crate::family::{DataEntry, Entry, Family};
use crate::world::World;

/// One family, with the world it lives in. It has no settings.
pub struct FamilyProvider {
    family: &'static Family,
    addr: ProviderAddr,
    world: Arc<dyn World>,
}

impl FamilyProvider {
    pub fn new(family: &'static Family, world: Arc<dyn World>) -> FamilyProvider {
        FamilyProvider { family, addr: family.addr(), world }
    }

    fn resource(&self, type_name: &str) -> Result<&'static Entry, ProviderError> {
        self.family.resource(type_name).ok_or_else(|| unknown_type("resource type", type_name))
    }

    fn data_source(&self, type_name: &str) -> Result<&'static DataEntry, ProviderError> {
        self.family.data_source(type_name).ok_or_else(|| unknown_type("data source", type_name))
    }

    fn ephemeral(&self, type_name: &str) -> Result<&'static DataEntry, ProviderError> {
        self.family.ephemeral(type_name).ok_or_else(|| unknown_type("ephemeral resource type", type_name))
    }

    /// Runs what may take a while, such as making a key, where it holds up nothing else.
    async fn run<T: Send + 'static>(
        &self,
        type_name: &str,
        what: &str,
        work: impl FnOnce(&dyn World) -> Result<T, ProviderError> + Send + 'static,
    ) -> Result<T, ProviderError> {
        let world = self.world.clone();
        let done = tokio::task::spawn_blocking(move || work(world.as_ref())).await;
        done.unwrap_or_else(|panic| {
            Err(ProviderError::new(ErrorKind::Other, format!("{what} {type_name}"), panic.to_string()))
        })
    }

    async fn create(&self, entry: &'static Entry, planned: &Value, born: &dyn Born) -> Result<Value, ProviderError> {
        pause(entry, planned, Moment::Create, born).await;
        let (facts, planned) = (entry.facts.get().clone(), planned.clone());
        let work = move |world: &dyn World| entry.behaviour.create(&facts, &planned, world);
        self.run(entry.facts.type_name, "create", work).await
    }

    async fn update(&self, entry: &'static Entry, have: &Value, planned: &Value) -> Result<Value, ProviderError> {
        let (facts, have, planned) = (entry.facts.get().clone(), have.clone(), planned.clone());
        let work = move |world: &dyn World| entry.behaviour.update(&facts, &have, &planned, world);
        self.run(entry.facts.type_name, "update", work).await
    }

    async fn delete(&self, entry: &'static Entry, have: &Value, born: &dyn Born) -> Result<(), ProviderError> {
        pause(entry, have, Moment::Delete, born).await;
        let have = have.clone();
        let work = move |world: &dyn World| entry.behaviour.delete(&have, world);
        self.run(entry.facts.type_name, "delete", work).await
    }
}

/// Waits as long as the type asks for.
async fn pause(entry: &Entry, object: &Value, moment: Moment, born: &dyn Born) {
    let delay = entry.behaviour.delay(object, moment);
    if !delay.is_zero() {
        born.waiting(&format!("{delay:?} to pass"));
        tokio::time::sleep(delay).await;
    }
}

fn unknown_type(kind: &str, type_name: &str) -> ProviderError {
    ProviderError::invalid(format!("find {type_name}"), format!("there is no {kind} of that name"))
}

fn validate(facts: &TypeFacts, config: &Value, refusals: Vec<provider::resource::Refusal>) -> Diagnostics {
    let mut diagnostics = planner::validate(facts, config);
    diagnostics.extend(
        refusals
            .into_iter()
            .map(|refusal| Diagnostic::error(refusal.summary, refusal.detail).attribute(refusal.attribute)),
    );
    diagnostics
}

#[async_trait]
impl Provider for FamilyProvider {
    fn addr(&self) -> &ProviderAddr {
        &self.addr
    }

    fn config_schema(&self) -> Arc<Block> {
        Arc::default()
    }

    fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>> {
        let facts = match mode {
            Mode::Managed => &self.family.resource(type_name)?.facts,
            Mode::Data => &self.family.data_source(type_name)?.facts,
            Mode::Ephemeral => &self.family.ephemeral(type_name)?.facts,
        };
        Some(facts.get().schema.clone())
    }

    fn config_block(&self, mode: Mode, type_name: &str) -> Option<Arc<Block>> {
        let facts = match mode {
            Mode::Managed => &self.family.resource(type_name)?.facts,
            Mode::Data => &self.family.data_source(type_name)?.facts,
            Mode::Ephemeral => &self.family.ephemeral(type_name)?.facts,
        };
        Some(facts.get().config_block.clone())
    }

    fn type_names(&self, mode: Mode) -> Vec<Arc<str>> {
        match mode {
            Mode::Managed => self.family.resources.iter().map(|entry| entry.facts.type_name.into()).collect(),
            Mode::Data => self.family.data_sources.iter().map(|entry| entry.facts.type_name.into()).collect(),
            Mode::Ephemeral => self.family.ephemerals.iter().map(|entry| entry.facts.type_name.into()).collect(),
        }
    }

    async fn configure(&self, _config: &Value) -> Result<(), ProviderError> {
        Ok(())
    }

    async fn target(&self) -> Result<Option<TargetInfo>, ProviderError> {
        Ok(None)
    }

    fn validate(&self, mode: Mode, type_name: &str, config: &Value) -> Diagnostics {
        let checked = match mode {
            Mode::Managed => self
                .resource(type_name)
                .map(|entry| validate(entry.facts.get(), config, entry.behaviour.validate(config))),
            Mode::Data => self
                .data_source(type_name)
                .map(|entry| validate(entry.facts.get(), config, entry.behaviour.validate(config))),
            Mode::Ephemeral => self
                .ephemeral(type_name)
                .map(|entry| validate(entry.facts.get(), config, entry.behaviour.validate(config))),
        };
        checked.unwrap_or_else(|error| Diagnostic::error("Invalid resource type", error.to_string()).into())
    }

    fn upgrade(&self, type_name: &str, version: u64, stored: &serde_json::Value) -> Result<Value, ProviderError> {
        let entry = self.resource(type_name)?;
        let facts = entry.facts.get();
        let mut stored = stored.clone();
        if let (true, Some(attributes)) = (version < facts.schema.version, stored.as_object_mut()) {
            entry.behaviour.upgrade(version, attributes, self.world.as_ref())?;
        }
        adapter::upgrade(type_name, facts, version, &stored)
    }

    async fn read(&self, type_name: &str, objects: &[Remote]) -> Vec<Result<Option<Remote>, ProviderError>> {
        let entry = match self.resource(type_name) {
            Ok(entry) => entry,
            Err(error) => return objects.iter().map(|_| Err(error.clone())).collect(),
        };
        if !entry.behaviour.is_observed() {
            return objects.iter().map(|object| Ok(Some(object.clone()))).collect();
        }
        let facts = entry.facts.get().clone();
        let owned = objects.to_vec();
        let work = move |world: &dyn World| {
            let look = |object: Remote| {
                let live = entry.behaviour.read(&facts, &object.value, world)?;
                Ok(live.map(|value| Remote { value, private: object.private }))
            };
            Ok(owned.into_iter().map(look).collect())
        };
        match self.run(type_name, "read", work).await {
            Ok(answers) => answers,
            Err(error) => objects.iter().map(|_| Err(error.clone())).collect(),
        }
    }

    async fn read_data(&self, type_name: &str, config: &Value) -> Result<Value, ProviderError> {
        let entry = self.data_source(type_name)?;
        let (facts, config) = (entry.facts.get().clone(), config.clone());
        self.run(type_name, "read", move |world| entry.behaviour.read(&facts, &config, world)).await
    }

    async fn open(&self, type_name: &str, config: &Value) -> Result<Opened, ProviderError> {
        let entry = self.ephemeral(type_name)?;
        let (facts, config) = (entry.facts.get().clone(), config.clone());
        let value = self.run(type_name, "open", move |world| entry.behaviour.read(&facts, &config, world)).await?;
        Ok(Opened { value, lease: Lease { private: Arc::default(), renew_at: None } })
    }

    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanAnswer, ProviderError> {
        let entry = self.resource(request.type_name)?;
        entry.behaviour.plan(entry.facts.get(), &request, self.world.as_ref())
    }

    async fn apply(&self, request: ApplyRequest<'_>, born: &dyn Born) -> Applied {
        let prior = request.prior.cloned();
        let entry = match self.resource(request.type_name) {
            Ok(entry) => entry,
            Err(error) => return Applied { remote: prior, error: Some(error) },
        };
        let made = match (&prior, request.planned) {
            (None, Some(planned)) => self.create(entry, planned, born).await.map(Some),
            (Some(prior), Some(planned)) => self.update(entry, &prior.value, planned).await.map(Some),
            (Some(prior), None) => self.delete(entry, &prior.value, born).await.map(|()| None),
            (None, None) => Ok(None),
        };
        match made {
            Ok(value) => {
                Applied { remote: value.map(|value| Remote { value, private: request.private.into() }), error: None }
            }
            Err(error) => Applied { remote: prior, error: Some(error) },
        }
    }

    async fn find(&self, type_name: &str, planned: &Value, _token: &Token) -> Result<Option<Remote>, ProviderError> {
        let entry = self.resource(type_name)?;
        let (facts, planned) = (entry.facts.get().clone(), planned.clone());
        let work = move |world: &dyn World| entry.behaviour.find(&facts, &planned, world);
        let found = self.run(type_name, "look for", work).await?;
        Ok(found.map(|value| Remote { value, private: Arc::default() }))
    }

    async fn import(&self, type_name: &str, id: &str) -> Result<Remote, ProviderError> {
        let entry = self.resource(type_name)?;
        let (facts, id) = (entry.facts.get().clone(), id.to_string());
        let work = move |world: &dyn World| entry.behaviour.import(&facts, &id, world);
        let value = self.run(type_name, "import", work).await?;
        Ok(Remote { value, private: Arc::default() })
    }
}
