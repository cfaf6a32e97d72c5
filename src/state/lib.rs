//! What exists: the state of a stack, where it is kept, who may change it, and the journal of an apply under way.
//!
//! [`State`] is the state in memory. Its forms on disk are separate ([`mod@file`]): Terraform's version 4, so that either
//! engine reads what the other wrote.
//!
//! The order that makes nothing ever lost: the journal before the effect, the state before the journal's removal.
//!
//! | module | what it is |
//! |---|---|
//! | [`opened`] | a state that a run works on: from the lock to the last save |
//! | [`store`] | where a state is kept |
//! | [`lock`] | who may change it |
//! | [`journal`] | what a run under way intends and has done |
//! | [`checks`] | results of conditions, which are part of a state |
//! | [`edit`], [`relocate`] | changes by hand: taint, forget, move |
//! | [`mod@file`] | the state on disk |

pub mod checks;
pub mod edit;
pub mod file;
mod files;
pub mod journal;
pub mod lock;
pub mod opened;
pub mod relocate;
pub mod store;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use model::address::{ConfigAddr, Generation, InstanceAddr, ObjectKey, ProviderConfigAddr};
use model::path::Path;
use model::value::Value;
use serde_json::value::RawValue;

/// All that a stack is known to have made.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// Names the history that this state belongs to: a UUID, made when the stack is first applied. Empty before.
    pub lineage: String,
    /// Counts the writes of this lineage.
    pub serial: u64,
    /// The version of the tool that wrote it last, in Terraform's numbering.
    pub terraform_version: String,
    pub outputs: BTreeMap<Arc<str>, Output>,
    pub instances: BTreeMap<InstanceAddr, Instance>,
    /// Results of checks, kept as they were written: see [`checks`].
    pub check_results: Option<Arc<RawValue>>,
    pub unrecognized: Unrecognized,
}

/// An output of the root module as of the last apply.
#[derive(Clone, PartialEq, Debug)]
pub struct Output {
    /// Carries the sensitive mark when the output is sensitive.
    pub value: Value,
}

/// One instance of a resource or data source, with all its objects.
#[derive(Clone, Debug)]
pub struct Instance {
    pub provider: ProviderConfigAddr,
    pub current: Option<Object>,
    /// Objects that a replacement put aside and that are still to be deleted, by their eight-digit keys.
    pub deposed: BTreeMap<Arc<str>, Object>,
    /// Of the whole resource: the file has one place for all its instances.
    pub unrecognized: Unrecognized,
}

/// One object as it was last seen.
///
/// Its attributes stay JSON until the schema of its type is at hand: `decode` with `model::json::from_json` when
/// `schema_version` is the present one, else through the provider's `upgrade`. `Debug` shows none of them: what is
/// secret among them is not known here.
#[derive(Clone)]
pub struct Object {
    pub status: Status,
    pub schema_version: u64,
    pub attributes: Arc<RawValue>,
    /// Places that are sensitive although the schema does not say so.
    pub sensitive: Vec<Path>,
    /// Bytes that only the provider understands.
    pub private: Arc<[u8]>,
    /// What must outlive this object.
    pub dependencies: Vec<ConfigAddr>,
    pub create_before_destroy: bool,
    pub identity: Option<Identity>,
    pub unrecognized: Unrecognized,
}

/// What newer versions of Terraform record of an object beside its attributes, kept as it was written.
#[derive(Clone)]
pub struct Identity {
    pub schema_version: u64,
    /// `None` when the provider gave none.
    pub attributes: Option<Arc<RawValue>>,
}

/// Fields that a newer tool wrote and this version does not know, in their order, so that they survive a write.
#[derive(Clone, Default)]
pub struct Unrecognized(pub Vec<(Arc<str>, Arc<RawValue>)>);

/// Whether an object is whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    Ready,
    /// Its create failed half-way, or the user said so: the next plan replaces it.
    Tainted,
}

impl State {
    /// Whether nothing is recorded.
    pub fn is_empty(&self) -> bool {
        self.instances.is_empty() && self.outputs.is_empty()
    }

    /// The current object of an instance.
    pub fn object(&self, addr: &InstanceAddr) -> Option<&Object> {
        self.instances.get(addr)?.current.as_ref()
    }

    /// The object of a key, current or deposed.
    pub fn object_at(&self, key: &ObjectKey) -> Option<&Object> {
        let instance = self.instances.get(&key.addr)?;
        match &key.generation {
            Generation::Current => instance.current.as_ref(),
            Generation::Deposed(name) => instance.deposed.get(name),
        }
    }

    /// Records that an object exists, in place of the one that had its key.
    pub fn insert(&mut self, key: &ObjectKey, provider: &ProviderConfigAddr, object: Object) {
        let instance = self.instances.entry(key.addr.clone()).or_insert_with(|| Instance::new(provider.clone()));
        instance.provider = provider.clone();
        match &key.generation {
            Generation::Current => instance.current = Some(object),
            Generation::Deposed(name) => {
                instance.deposed.insert(name.clone(), object);
            }
        }
    }

    /// Records that an object exists no more, and drops its instance with its last object.
    pub fn remove(&mut self, key: &ObjectKey) -> Option<Object> {
        let instance = self.instances.get_mut(&key.addr)?;
        let object = match &key.generation {
            Generation::Current => instance.current.take(),
            Generation::Deposed(name) => instance.deposed.remove(name),
        };
        if instance.is_empty() {
            self.instances.remove(&key.addr);
        }
        object
    }

    /// Drops instances that have no object left.
    pub fn prune(&mut self) {
        self.instances.retain(|_, instance| !instance.is_empty());
    }
}

/// The lineage of a new state, made of random bytes: a UUID of version 4.
pub fn new_lineage(random: [u8; 16]) -> String {
    uuid::Builder::from_random_bytes(random).into_uuid().to_string()
}

impl Instance {
    /// An instance without objects.
    pub fn new(provider: ProviderConfigAddr) -> Instance {
        Instance { provider, current: None, deposed: BTreeMap::new(), unrecognized: Unrecognized::default() }
    }

    /// Whether no object is left.
    pub fn is_empty(&self) -> bool {
        self.current.is_none() && self.deposed.is_empty()
    }
}

impl Object {
    /// A whole object of which only the attributes are recorded.
    pub fn new(schema_version: u64, attributes: Arc<RawValue>) -> Object {
        Object {
            status: Status::Ready,
            schema_version,
            attributes,
            sensitive: Vec::new(),
            private: Arc::default(),
            dependencies: Vec::new(),
            create_before_destroy: false,
            identity: None,
            unrecognized: Unrecognized::default(),
        }
    }

    /// What the object is known by, for as long as it exists.
    pub fn names(&self) -> Names {
        let names: Names = serde_json::from_str(self.attributes.get()).unwrap_or_default();
        // What is not known yet is recorded as an empty text by some.
        let known = |name: Option<String>| name.filter(|name| !name.is_empty());
        Names { id: known(names.id), arn: known(names.arn) }
    }
}

/// The attributes by which two records are known to be of the same object. They may be sensitive: compare them, don't show
/// them.
#[derive(Clone, PartialEq, Eq, Default, serde::Deserialize)]
pub struct Names {
    pub id: Option<String>,
    /// Some types of AWS use one id for all revisions of an object.
    pub arn: Option<String>,
}

impl Names {
    /// Whether these and others are names of the same object: the same id, and not two ARNs. Without ids it is not known.
    pub fn same(&self, other: &Names) -> bool {
        let contradict = matches!((&self.arn, &other.arn), (Some(own), Some(other)) if own != other);
        self.id.is_some() && self.id == other.id && !contradict
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Object) -> bool {
        let Object {
            status,
            schema_version,
            attributes,
            sensitive,
            private,
            dependencies,
            create_before_destroy,
            identity,
            unrecognized,
        } = self;
        *status == other.status
            && *schema_version == other.schema_version
            && attributes.get() == other.attributes.get()
            && *sensitive == other.sensitive
            && *private == other.private
            && *dependencies == other.dependencies
            && *create_before_destroy == other.create_before_destroy
            && *identity == other.identity
            && *unrecognized == other.unrecognized
    }
}

impl PartialEq for Identity {
    fn eq(&self, other: &Identity) -> bool {
        let text = |identity: &Identity| identity.attributes.as_ref().map(|raw| raw.get().to_owned());
        self.schema_version == other.schema_version && text(self) == text(other)
    }
}

impl PartialEq for Unrecognized {
    fn eq(&self, other: &Unrecognized) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|((a, raw_a), (b, raw_b))| a == b && raw_a.get() == raw_b.get())
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Object")
            .field("status", &self.status)
            .field("schema_version", &self.schema_version)
            .field("attributes", &format_args!("{} bytes", self.attributes.get().len()))
            .field("sensitive", &self.sensitive)
            .field("private", &format_args!("{} bytes", self.private.len()))
            .field("dependencies", &self.dependencies)
            .field("create_before_destroy", &self.create_before_destroy)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("schema_version", &self.schema_version).finish_non_exhaustive()
    }
}

impl fmt::Debug for Unrecognized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}
