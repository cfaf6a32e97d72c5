//! Makes a provider's answers from a type's facts and behaviour: conversion, planning, applying, tags.
//!
//! An [`Entry`] is one line of a provider's table of types. What needs no service (validation, plans) works on it alone;
//! [`Entry::connect`] joins it with clients to a [`Connected`] type that reads and applies.

mod convert;
mod poll;
mod reader;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use async_trait::async_trait;
use futures::FutureExt;
use futures::future::BoxFuture;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::entries::Entries;
use model::path::Path;
use model::value::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::adapter::convert::settle;
pub use crate::adapter::convert::{from_value, to_value};
use crate::adapter::poll::Deadline;
pub use crate::adapter::poll::parse_duration;
use crate::adapter::reader::Reader;
use crate::data_source::DataSource;
use crate::error::{ErrorKind, ProviderError};
use crate::facts::TypeFacts;
use crate::planner;
use crate::resource::{Cloud, Creation, Readiness, Refine, Reporter, Resource, Tags};
use crate::{Applied, ApplyRequest, Born, PlanAnswer, PlanRequest, Remote, Token};

/// One resource type in a provider's table.
pub struct Entry<C> {
    pub type_name: &'static str,
    /// The facts as the embedded JSON text; parsed when a stack first uses the type.
    json: &'static str,
    parsed: OnceLock<Arc<TypeFacts>>,
    plan: fn(&TypeFacts, &PlanRequest<'_>, &Tags) -> Result<PlanAnswer, ProviderError>,
    validate: fn(&Value) -> Diagnostics,
    loss: fn(&Value) -> Option<&'static str>,
    connect: fn(Arc<C>, Arc<TypeFacts>) -> Arc<dyn Connected>,
    difference: fn(&TypeFacts) -> Option<String>,
}

/// One data source in a provider's table.
pub struct DataEntry<C> {
    pub type_name: &'static str,
    json: &'static str,
    parsed: OnceLock<Arc<TypeFacts>>,
    read: for<'a> fn(&'a C, &'a TypeFacts, &'a Value) -> BoxFuture<'a, Result<Value, ProviderError>>,
    difference: fn(&TypeFacts) -> Option<String>,
}

/// A resource type that can reach its service.
#[async_trait]
pub trait Connected: Send + Sync {
    /// See [`Provider::read`](crate::Provider::read).
    async fn read(&self, objects: &[Remote]) -> Vec<Result<Option<Remote>, ProviderError>>;

    /// See [`Provider::apply`](crate::Provider::apply).
    async fn apply(&self, request: ApplyRequest<'_>, born: &dyn Born) -> Applied;

    /// See [`Provider::find`](crate::Provider::find).
    async fn find(&self, planned: &Value, token: &Token) -> Result<Option<Remote>, ProviderError>;

    /// See [`Provider::import`](crate::Provider::import).
    async fn import(&self, id: &str) -> Result<Remote, ProviderError>;

    /// See [`Resource::keep`].
    async fn keep(&self, request: &PlanRequest<'_>, answer: &mut PlanAnswer);
}

impl<C: Cloud> Entry<C> {
    /// The entry of a type whose facts are `json`.
    pub const fn of<R: Resource<Cloud = C>>(json: &'static str) -> Entry<C> {
        Entry {
            type_name: R::TYPE,
            json,
            parsed: OnceLock::new(),
            plan: plan::<R>,
            validate: validate::<R>,
            // What does not fit the type can't be deleted either.
            loss: |object| from_value::<R>(object).ok().and_then(|object| object.loss()),
            connect: |cloud, facts| Arc::new(Adapter::<R> { reader: Reader::new(cloud.clone()), cloud, facts }),
            difference: field_difference::<R>,
        }
    }

    pub fn facts(&self) -> &Arc<TypeFacts> {
        self.parsed.get_or_init(|| {
            let facts = TypeFacts::parse(self.json);
            Arc::new(
                facts.unwrap_or_else(|error| panic!("the embedded facts of {} must parse: {error}", self.type_name)),
            )
        })
    }

    pub fn plan(&self, request: &PlanRequest<'_>, default_tags: &Tags) -> Result<PlanAnswer, ProviderError> {
        (self.plan)(self.facts(), request, default_tags)
    }

    pub fn validate(&self, config: &Value) -> Diagnostics {
        let mut diagnostics = planner::validate(self.facts(), config);
        diagnostics.extend((self.validate)(config));
        diagnostics
    }

    /// See [`Provider::loss`](crate::Provider::loss).
    pub fn loss(&self, object: &Value) -> Option<&'static str> {
        (self.loss)(object)
    }

    /// How the struct's fields differ from the schema's attributes and blocks, at any depth. For tests.
    ///
    /// Fills every attribute with a sample, reads it into the struct and writes it back. `None` when all comes back.
    pub fn field_difference(&self) -> Option<String> {
        (self.difference)(self.facts())
    }

    pub fn connect(&self, cloud: Arc<C>) -> Arc<dyn Connected> {
        (self.connect)(cloud, self.facts().clone())
    }
}

impl<C: Send + Sync + 'static> DataEntry<C> {
    /// The entry of a data source whose facts are `json`.
    pub const fn of<D: DataSource<Cloud = C>>(json: &'static str) -> DataEntry<C> {
        DataEntry {
            type_name: D::TYPE,
            json,
            parsed: OnceLock::new(),
            read: |cloud, facts, config| read_data::<D>(cloud, facts, config).boxed(),
            difference: field_difference::<D>,
        }
    }

    pub fn facts(&self) -> &Arc<TypeFacts> {
        self.parsed.get_or_init(|| embedded(self.type_name, self.json))
    }

    pub fn validate(&self, config: &Value) -> Diagnostics {
        planner::validate(self.facts(), config)
    }

    /// See [`Provider::read_data`](crate::Provider::read_data).
    pub async fn read(&self, cloud: &C, config: &Value) -> Result<Value, ProviderError> {
        (self.read)(cloud, self.facts(), config).await
    }

    /// How the struct's fields differ from the schema's; see [`Entry::field_difference`].
    pub fn field_difference(&self) -> Option<String> {
        (self.difference)(self.facts())
    }
}

fn embedded(type_name: &str, json: &str) -> Arc<TypeFacts> {
    let facts = TypeFacts::parse(json);
    Arc::new(facts.unwrap_or_else(|error| panic!("the embedded facts of {type_name} must parse: {error}")))
}

async fn read_data<D: DataSource>(cloud: &D::Cloud, facts: &TypeFacts, config: &Value) -> Result<Value, ProviderError> {
    let want: D = from_value(config)?;
    let answer = D::read(cloud, &want).await?;
    let block = &facts.schema.block;
    Ok(convert::settle_top(to_value(&answer, block)?, config, block))
}

/// Reads a stored object: as it is when its version is the present one, else without attributes that are gone since.
///
/// # Errors
/// The object is of a newer version, or does not fit.
pub fn upgrade(
    type_name: &str,
    facts: &TypeFacts,
    version: u64,
    stored: &serde_json::Value,
) -> Result<Value, ProviderError> {
    let schema = &facts.schema;
    if version > schema.version {
        let message =
            format!("it has version {version} of its schema, and the newest known here is {}", schema.version);
        return Err(ProviderError::invalid(format!("read the stored {type_name}"), message)
            .hint("a newer provider wrote it; use an `infra` that knows that version"));
    }
    let mut stored = stored.clone();
    if let (true, Some(attributes)) = (version < schema.version, stored.as_object_mut()) {
        attributes.retain(|name, _| {
            schema.block.attributes.contains_key(name.as_str()) || schema.block.blocks.contains_key(name.as_str())
        });
    }
    model::json::from_json(&stored, &schema.block.implied_type())
        .map_err(|error| ProviderError::invalid(format!("read the stored {type_name}"), error.to_string()))
}

fn plan<R: Resource>(
    facts: &TypeFacts,
    request: &PlanRequest<'_>,
    default_tags: &Tags,
) -> Result<PlanAnswer, ProviderError> {
    let answer = planner::plan(facts, request, default_tags, &R::equivalent);
    let (mut planned, mut replace) = (answer.planned, answer.replace);
    R::refine(Refine { prior: request.prior, config: request.config, planned: &mut planned, replace: &mut replace });
    if request.prior.is_some_and(|prior| *prior == planned) {
        replace.clear();
    }
    Ok(PlanAnswer { planned, replace, private: request.private.into(), notes: Vec::new() })
}

fn validate<R: Resource>(config: &Value) -> Diagnostics {
    R::validate(config)
        .into_iter()
        .map(|refusal| Diagnostic::error(refusal.summary, refusal.detail).attribute(refusal.attribute))
        .collect()
}

/// Facts, behaviour and clients of one type.
struct Adapter<R: Resource> {
    cloud: Arc<R::Cloud>,
    facts: Arc<TypeFacts>,
    reader: Reader<R>,
}

#[async_trait]
impl<R: Resource> Connected for Adapter<R> {
    async fn read(&self, objects: &[Remote]) -> Vec<Result<Option<Remote>, ProviderError>> {
        let reads = objects.iter().map(|object| async move {
            let have: R = from_value(&object.value)?;
            let live = self.reader.read(have).await?;
            live.map(|live| self.remote(&live, &object.value, object.private.clone())).transpose()
        });
        futures::future::join_all(reads).await
    }

    async fn apply(&self, request: ApplyRequest<'_>, born: &dyn Born) -> Applied {
        match (request.prior, request.planned) {
            (None, Some(planned)) => self.create(planned, &request, born).await,
            (Some(prior), Some(planned)) => self.update(prior, planned, &request, born).await,
            (Some(prior), None) => self.delete(prior, born).await,
            (None, None) => Applied { remote: None, error: None },
        }
    }

    async fn keep(&self, request: &PlanRequest<'_>, answer: &mut PlanAnswer) {
        R::keep(&self.cloud, request, answer).await;
    }

    async fn find(&self, planned: &Value, token: &Token) -> Result<Option<Remote>, ProviderError> {
        let want: R = from_value(planned)?;
        let found = R::find(&self.cloud, &want, token).await?;
        found.map(|found| self.remote(&found, planned, Arc::default())).transpose()
    }

    async fn import(&self, id: &str) -> Result<Remote, ProviderError> {
        let named = R::import(id)?;
        let live = self.reader.read(named).await?.ok_or_else(|| {
            ProviderError::new(
                ErrorKind::NotFound,
                format!("import {}", R::TYPE),
                format!("there is no object with the id `{id}`"),
            )
        })?;
        // That there are no tags is known of an imported object; with which it was configured isn't.
        let unwritten = self.facts.schema.block.empty_value();
        let reference = match self.has_tags() {
            true => unwritten.with("tags_all", Value::map(model::ty::Type::String, Entries::default())),
            false => unwritten,
        };
        self.remote(&live, &reference, Arc::default())
    }
}

impl<R: Resource> Adapter<R> {
    async fn create(&self, planned: &Value, request: &ApplyRequest<'_>, born: &dyn Born) -> Applied {
        let planned = self.with_tags_all(planned, request.config);
        let want: R = match from_value(&self.with_write_only(&planned, request.config)) {
            Ok(want) => want,
            Err(error) => return Applied { remote: None, error: Some(error) },
        };
        let private: Arc<[u8]> = request.private.into();
        let birth =
            Birth { adapter: self, planned: &planned, private: private.clone(), born, reported: Mutex::new(None) };
        let creation = Creation { token: request.token, reporter: &birth };
        let created = R::create(&self.cloud, &want, &creation).await;
        let object = match created {
            Ok(object) => object,
            Err(error) => return Applied { remote: birth.reported(), error: Some(error) },
        };
        if birth.reported().is_none() {
            let _durable = creation.born(&object).await;
        }
        let deadline = Deadline::of(&planned, "create", R::TIMEOUTS.create);
        self.finish(object, &want, &planned, private.clone(), deadline, born).await
    }

    async fn update(&self, prior: &Remote, planned: &Value, request: &ApplyRequest<'_>, born: &dyn Born) -> Applied {
        let planned = self.with_tags_all(planned, request.config);
        let want = self.with_write_only(&convert::fill_unknown(&planned, &prior.value), request.config);
        let (have, want): (R, R) = match from_value(&prior.value).and_then(|have| Ok((have, from_value(&want)?))) {
            Ok(both) => both,
            Err(error) => return Applied { remote: Some(prior.clone()), error: Some(error) },
        };
        if let Err(error) = R::update(&self.cloud, &have, &want).await {
            // Some of several calls may have worked: what is there now is what a read says.
            let live = self.reader.read(have).await.ok().flatten();
            let remote = live.and_then(|live| self.remote(&live, &prior.value, prior.private.clone()).ok());
            return Applied { remote: Some(remote.unwrap_or_else(|| prior.clone())), error: Some(error) };
        }
        let deadline = Deadline::of(&planned, "update", R::TIMEOUTS.update);
        self.finish(want.clone(), &want, &planned, request.private.into(), deadline, born).await
    }

    async fn delete(&self, prior: &Remote, born: &dyn Born) -> Applied {
        let deadline = Deadline::of(&prior.value, "delete", R::TIMEOUTS.delete);
        let have: R = match from_value(&prior.value) {
            Ok(have) => have,
            Err(error) => return Applied { remote: Some(prior.clone()), error: Some(error) },
        };
        let deleted = match R::delete(&self.cloud, &have).await {
            Err(error) if error.is_not_found() => return Applied { remote: None, error: None },
            Err(error) => Err(error),
            Ok(()) if R::WAITS_FOR_DELETE => poll::until_gone(&self.reader, have, deadline, born).await,
            Ok(()) => Ok(()),
        };
        match deleted {
            Ok(()) => Applied { remote: None, error: None },
            Err(error) => Applied { remote: Some(prior.clone()), error: Some(error) },
        }
    }

    /// Waits until the object is what was wanted and gives it as it is then.
    async fn finish(
        &self,
        object: R,
        want: &R,
        planned: &Value,
        private: Arc<[u8]>,
        deadline: Deadline,
        born: &dyn Born,
    ) -> Applied {
        let (live, mut error) = poll::until_ready(&self.reader, object, want, deadline, born).await;
        if let Some(error) = error.as_mut().filter(|error| error.kind == ErrorKind::NotReady)
            && let Some(why) = R::explain(&self.cloud, &live).await
        {
            error.message = format!("{}; {why}", error.message);
        }
        match self.remote(&live, planned, private) {
            Ok(remote) => Applied { remote: Some(remote), error },
            Err(conversion) => Applied { remote: None, error: Some(error.unwrap_or(conversion)) },
        }
    }

    /// The object as a value of the schema, written as `reference` has it where both mean the same.
    fn remote(&self, object: &R, reference: &Value, private: Arc<[u8]>) -> Result<Remote, ProviderError> {
        let value = self.without_write_only(to_value(object, &self.facts.schema.block)?);
        let value = self.split_tags(value, reference);
        Ok(Remote { value: settle(value, reference), private })
    }

    /// The planned object with `tags_all` computed anew: tags that were unknown at plan are known now.
    fn with_tags_all(&self, planned: &Value, config: Option<&Value>) -> Value {
        let (true, Some(config)) = (self.has_tags(), config) else {
            return planned.clone();
        };
        let Some(own) = config.get("tags").filter(Value::is_wholly_known) else {
            return planned.clone();
        };
        let mut all: BTreeMap<Arc<str>, Value> = string_map(self.cloud.default_tags());
        if let Some(own) = own.reveal().entries() {
            all.extend(
                own.iter().filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone())),
            );
        }
        planned.clone().with("tags_all", Value::map(model::ty::Type::String, all.into()))
    }

    /// The planned object with the arguments that only the configuration holds: behaviour passes them on, nothing stores them.
    fn with_write_only(&self, planned: &Value, config: Option<&Value>) -> Value {
        let Some(config) = config else { return planned.clone() };
        self.write_only().fold(planned.clone(), |object, name| match config.get(name) {
            Some(argument) => object.with(name, argument),
            None => object,
        })
    }

    fn without_write_only(&self, object: Value) -> Value {
        let attributes = &self.facts.schema.block.attributes;
        self.write_only().fold(object, |object, name| object.with(name, Value::null(attributes[name].ty.clone())))
    }

    /// The names of the arguments that are never stored; they occur at the top of an object only.
    fn write_only(&self) -> impl Iterator<Item = &str> {
        let attributes = self.facts.schema.block.attributes.iter();
        attributes.filter(|(_, attribute)| attribute.write_only).map(|(name, _)| name.as_ref())
    }

    fn has_tags(&self) -> bool {
        let attributes = &self.facts.schema.block.attributes;
        attributes.contains_key("tags") && attributes.contains_key("tags_all")
    }

    /// Splits live tags: `tags_all` are all that are not the service's own, `tags` those that aren't defaults alone.
    fn split_tags(&self, value: Value, reference: &Value) -> Value {
        if !self.has_tags() {
            return value;
        }
        let Some(live) = value.get("tags_all").and_then(|tags| tags.reveal().entries().cloned()) else {
            return value;
        };
        let all: BTreeMap<Arc<str>, Value> = live.into_iter().filter(|(key, _)| !self.cloud.ignores_tag(key)).collect();
        let configured = reference.get("tags");
        let configured = configured.as_ref().and_then(|tags| tags.reveal().entries());
        let defaults = self.cloud.default_tags();
        let own = all
            .iter()
            .filter(|(key, tag)| {
                let is_default = defaults.get(key.as_ref()).map(String::as_str) == tag.reveal().as_str();
                !is_default || configured.is_some_and(|configured| configured.contains_key(key.as_ref()))
            })
            .map(|(key, tag)| (key.clone(), tag.clone()))
            .collect();
        value
            .with("tags", Value::map(model::ty::Type::String, own))
            .with("tags_all", Value::map(model::ty::Type::String, all.into()))
    }
}

fn string_map(tags: &Tags) -> BTreeMap<Arc<str>, Value> {
    tags.iter().map(|(key, value)| (Arc::from(key.as_str()), Value::string(value.as_str()))).collect()
}

/// How a struct's fields differ from the schema's attributes and blocks, at any depth; `None` when they don't. For tests.
pub fn field_difference<T: Serialize + DeserializeOwned>(facts: &TypeFacts) -> Option<String> {
    let block = &facts.schema.block;
    let sample = convert::sample(block);
    match from_value::<T>(&sample).and_then(|object| to_value(&object, block)) {
        Err(error) => Some(error.to_string()),
        Ok(back) if back == sample => None,
        Ok(back) => {
            let mut lost = Vec::new();
            sample.walk(&mut |path: &Path, part: &Value| {
                let is_same = back.at(path).as_ref() == Some(part);
                if !is_same && (part.reveal().length().is_none() || back.at(path).is_none()) {
                    lost.push(path.to_string());
                }
                !is_same
            });
            Some(format!("{}: these do not come back from the struct: {}", facts.type_name, lost.join(", ")))
        }
    }
}

/// Passes a new object on to the engine, once it has an identity.
struct Birth<'a, R: Resource> {
    adapter: &'a Adapter<R>,
    planned: &'a Value,
    private: Arc<[u8]>,
    born: &'a dyn Born,
    reported: Mutex<Option<Remote>>,
}

impl<R: Resource> Birth<'_, R> {
    fn reported(&self) -> Option<Remote> {
        self.reported.lock().expect("no panic while the lock is held").clone()
    }
}

#[async_trait]
impl<R: Resource> Reporter<R> for Birth<'_, R> {
    async fn born(&self, object: &R) -> bool {
        let remote = match self.adapter.remote(object, self.planned, self.private.clone()) {
            Ok(remote) => remote,
            Err(error) => {
                tracing::error!(%error, "failed to describe a new object");
                return false;
            }
        };
        // The journal is the engine's: when it can't be written, the object still reaches the state through `Applied`.
        let recorded = self.born.born(remote.clone()).await;
        if let Err(error) = &recorded {
            tracing::error!(%error, "failed to record a new object");
        }
        *self.reported.lock().expect("no panic while the lock is held") = Some(remote);
        recorded.is_ok()
    }

    fn waiting(&self, what: &str) {
        self.born.waiting(what);
    }
}

/// How an object stands, in words for an error.
pub(crate) fn not_ready(type_name: &str, readiness: Readiness) -> Option<ProviderError> {
    match readiness {
        Readiness::Settled => None,
        Readiness::Pending(what) => Some(ProviderError::new(
            ErrorKind::NotReady,
            format!("wait for {type_name}"),
            format!("it did not become ready in time; last seen: {what}"),
        )),
        Readiness::Failed(why) => Some(ProviderError::new(ErrorKind::NotReady, format!("wait for {type_name}"), why)),
    }
}
