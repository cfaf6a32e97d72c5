//! What a provider is, and the parts that native providers share.
//!
//! [`Provider`] has the shape of the plugin protocol, so that native and external providers are the same to the engine.
//! A native provider is made of three things:
//!
//! - **facts**: a JSON file a type that says its schema and how it plans ([`facts`]), read by one generic planner ([`planner`]);
//! - **behaviour**: one Rust file a type that implements [`resource::Resource`] or [`data_source::DataSource`];
//! - the **adapter** ([`adapter`]) that turns behaviour into a provider's answers: conversion, batching, waiting, tags.
//!
//! Nothing here knows the language or the state.

pub mod adapter;
pub mod data_source;
pub mod error;
pub mod facts;
pub mod mock;
pub mod planner;
pub mod propose;
pub mod resource;
pub mod world;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::address::{Mode, ProviderAddr, ProviderConfigAddr};
use model::diagnostic::Diagnostics;
use model::path::Path;
use model::schema::{Block, Schema};
use model::value::Value;

use crate::error::ProviderError;
use crate::world::{Finding, Preflight, World};

/// One configuration of a provider, native or external.
///
/// Values that come in are unmarked; values that go out carry no marks. Sensitivity is the schema's and the engine's matter.
#[async_trait]
pub trait Provider: Send + Sync {
    fn addr(&self) -> &ProviderAddr;

    /// What a `provider` block may contain.
    fn config_schema(&self) -> Arc<Block>;

    /// The schema of a resource type, data source or ephemeral resource; `None` when there is no such type.
    fn schema(&self, mode: Mode, type_name: &str) -> Option<Arc<Schema>>;

    /// What a block of a type may hold in a configuration: the schema's block, and blocks that stand for attributes of it.
    ///
    /// Values of it become values of the schema through [`fold`](Provider::fold).
    fn config_block(&self, mode: Mode, type_name: &str) -> Option<Arc<Block>> {
        self.schema(mode, type_name).map(|schema| Arc::new(schema.block.clone()))
    }

    /// Puts blocks that stand for attributes in their place. `config` may hold marks and unknown values; they stay.
    ///
    /// # Errors
    /// An attribute that is given both ways. Attribute paths, no source ranges.
    fn fold(&self, mode: Mode, type_name: &str, config: Value) -> Result<Value, Diagnostics> {
        let _ = (mode, type_name);
        Ok(config)
    }

    /// All types of a mode, sorted.
    fn type_names(&self, mode: Mode) -> Vec<Arc<str>>;

    /// Takes the evaluated `provider` block. Called at most once, before anything that talks to the service.
    ///
    /// Parts of `config` may be unknown while planning; a provider that can't work without them says so.
    async fn configure(&self, config: &Value) -> Result<(), ProviderError>;

    /// Where requests go: shown before an apply asks. `None` for providers without an account.
    async fn target(&self) -> Result<Option<TargetInfo>, ProviderError>;

    /// Checks a configuration that conforms to the schema; `config` may hold unknown values. Attribute paths, no source ranges.
    fn validate(&self, mode: Mode, type_name: &str, config: &Value) -> Diagnostics;

    /// Brings a stored object of an older schema version to the present one.
    ///
    /// # Errors
    /// The stored object does not fit any version this provider knows.
    fn upgrade(&self, type_name: &str, version: u64, stored: &serde_json::Value) -> Result<Value, ProviderError>;

    /// Reads many objects of one type: one answer an object, in order; `None` means it is gone.
    async fn read(&self, type_name: &str, objects: &[Remote]) -> Vec<Result<Option<Remote>, ProviderError>>;

    /// Reads a data source whose configuration is wholly known.
    async fn read_data(&self, type_name: &str, config: &Value) -> Result<Value, ProviderError>;

    /// Opens an ephemeral resource whose configuration is wholly known: makes what is to last for one run only.
    ///
    /// # Errors
    /// It can't be opened, or there is no such type: which is what providers without ephemeral resources say.
    async fn open(&self, type_name: &str, config: &Value) -> Result<Opened, ProviderError> {
        let _ = config;
        Err(ProviderError::invalid(format!("open {type_name}"), "there is no ephemeral resource type of that name"))
    }

    /// Makes an open resource last longer. Called when its lease asks for it.
    ///
    /// # Errors
    /// It may end before the run does.
    async fn renew(&self, type_name: &str, private: &[u8]) -> Result<Lease, ProviderError> {
        let _ = type_name;
        Ok(Lease { private: private.into(), renew_at: None })
    }

    /// Ends an open resource: nothing needs it any more.
    ///
    /// # Errors
    /// It may still be there.
    async fn close(&self, type_name: &str, private: &[u8]) -> Result<(), ProviderError> {
        let _ = (type_name, private);
        Ok(())
    }

    /// What tells, from all objects of a plan together, what the service would refuse of it; `None` where there is nothing to
    /// tell, and so no world to be made.
    fn preflight(&self) -> Option<Preflight> {
        None
    }

    /// What the service has that the plan does not know of, and that it would refuse the plan for: a name that is taken, a key
    /// that is disabled. Asked of a configured provider, after [`preflight`](Provider::preflight) found nothing; reads only.
    ///
    /// What can't be asked, as for want of a permission, is not told: the apply may well have it.
    async fn survey(&self, world: &World) -> Vec<Finding> {
        let _ = world;
        Vec::new()
    }

    /// What a deletion of the object would destroy for good, as a phrase: `its tables`. `None` where nothing that people keep is
    /// in it, or a copy stays. Works without a configuration.
    fn loss(&self, type_name: &str, object: &Value) -> Option<String> {
        let _ = (type_name, object);
        None
    }

    /// Says what an apply would make of an object. Not called for deletions.
    async fn plan(&self, request: PlanRequest<'_>) -> Result<PlanAnswer, ProviderError>;

    /// Creates, changes or deletes one object.
    ///
    /// Not a `Result`: a create that fails may have left something, and `Applied` says what.
    async fn apply(&self, request: ApplyRequest<'_>, born: &dyn Born) -> Applied;

    /// Finds what an interrupted create of `planned` left behind, by its unique name or its token.
    ///
    /// Answers `None` when nothing was created. An object of the same name that this create did not make is an error.
    async fn find(&self, type_name: &str, planned: &Value, token: &Token) -> Result<Option<Remote>, ProviderError>;

    /// How long after its create an object may stay unseen by `read` and `find`, as services answer from replicas. Zero where a
    /// service shows at once what it was told.
    fn seen_after(&self) -> Duration {
        Duration::ZERO
    }

    /// Makes an object known by the service's identifier.
    ///
    /// # Errors
    /// The identifier has the wrong form, or there is no such object.
    async fn import(&self, type_name: &str, id: &str) -> Result<Remote, ProviderError>;

    /// Calls made so far, by `service:Operation`.
    fn calls(&self) -> std::collections::BTreeMap<String, CallCount> {
        std::collections::BTreeMap::new()
    }
}

/// How often an operation was called, and how often the service throttled it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CallCount {
    pub calls: u64,
    pub throttled: u64,
}

/// Gives a provider for an address; `None` when there is none of that name.
pub trait ProviderSource: Send + Sync {
    /// A new, unconfigured provider.
    fn provider(&self, addr: &ProviderAddr) -> Option<Arc<dyn Provider>>;

    /// A new, unconfigured provider for one configuration. Tests have some configurations made up.
    fn provider_for(&self, config: &ProviderConfigAddr) -> Option<Arc<dyn Provider>> {
        self.provider(&config.provider)
    }

    /// The addresses of all providers there are.
    fn addresses(&self) -> Vec<ProviderAddr>;
}

/// An object as a provider knows it: its attributes, and bytes that only the provider understands.
#[derive(Clone, PartialEq, Debug)]
pub struct Remote {
    pub value: Value,
    pub private: Arc<[u8]>,
}

/// An ephemeral resource that is open.
#[derive(Clone)]
pub struct Opened {
    /// By the type's schema: the configuration with what the provider answers. Wholly known.
    pub value: Value,
    pub lease: Lease,
}

/// How long an open resource lasts.
#[derive(Clone, PartialEq, Eq)]
pub struct Lease {
    /// What the provider needs to renew and close it.
    pub private: Arc<[u8]>,
    /// When it must be renewed; `None` when it lasts until it is closed.
    pub renew_at: Option<jiff::Timestamp>,
}

/// Which account, region and endpoint a provider talks to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TargetInfo {
    pub account: Option<String>,
    pub region: Option<String>,
    /// A custom endpoint; `None` for the service's own.
    pub endpoint: Option<String>,
}

/// What to plan.
#[derive(Clone, Copy, Debug)]
pub struct PlanRequest<'a> {
    pub type_name: &'a str,
    /// The object as refreshed; `None` for a create.
    pub prior: Option<&'a Value>,
    /// The evaluated configuration.
    pub config: &'a Value,
    /// Prior and configuration merged as [`propose::propose`] does.
    pub proposed: &'a Value,
    pub private: &'a [u8],
}

/// What an apply would make of an object.
#[derive(Clone, PartialEq, Debug)]
pub struct PlanAnswer {
    /// The object afterwards; unknown where only the apply will tell.
    pub planned: Value,
    /// Attributes whose change needs a new object. Empty for an update in place.
    pub replace: Vec<Path>,
    pub private: Arc<[u8]>,
    /// What stays as it is although the configuration says otherwise, and why: sentences.
    pub notes: Vec<String>,
}

/// What to do to one object.
#[derive(Clone, Copy, Debug)]
pub struct ApplyRequest<'a> {
    pub type_name: &'a str,
    /// The object that is there; `None` for a create.
    pub prior: Option<&'a Remote>,
    /// The object wanted, from the plan, its references now known; `None` for a delete.
    pub planned: Option<&'a Value>,
    /// The evaluated configuration; `None` for a delete. The only place where write-only arguments are.
    pub config: Option<&'a Value>,
    pub private: &'a [u8],
    pub token: &'a Token,
}

/// Names one create for good: recorded before the first call, so that a later run can find what it made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// A UUID in its hyphenated form: 36 characters.
    pub id: Arc<str>,
    /// When the create was first tried: objects older than this were made by somebody else.
    pub at: jiff::Timestamp,
}

/// What came of an apply.
#[derive(Clone, Debug)]
pub struct Applied {
    /// What exists now, whatever happened; `None` when nothing does.
    pub remote: Option<Remote>,
    /// Why it is not what was wanted.
    pub error: Option<ProviderError>,
}

/// Told of a new object as soon as it has an identity, before any waiting for readiness.
#[async_trait]
pub trait Born: Send + Sync {
    /// Returns when the identity is durable.
    ///
    /// # Errors
    /// It could not be made durable; the provider goes on, and reports the object in [`Applied`] all the same.
    async fn born(&self, remote: Remote) -> Result<(), ProviderError>;

    /// Tells what the apply waits for, in a few words: `status PROVISIONING`.
    fn waiting(&self, what: &str);
}
