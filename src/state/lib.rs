//! What exists: the state of a stack, where it is kept, who may change it, and the journal of an apply under way.
//!
//! [`State`] is the state in memory. Its forms on disk are separate ([`file`]): Terraform's version 4, so that either engine
//! reads what the other wrote.
//!
//! The order that makes nothing ever lost: the journal before the effect, the state before the journal's removal.

pub mod file;
pub mod journal;
pub mod lock;
pub mod store;

use std::collections::BTreeMap;
use std::sync::Arc;

use model::address::{ConfigAddr, InstanceAddr, ProviderConfigAddr};
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
    /// Results of checks, kept as they were written.
    pub check_results: Option<Arc<RawValue>>,
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
}

/// One object as it was last seen.
///
/// Its attributes stay JSON until the schema of its type is at hand: `decode` with `model::json::from_json` when
/// `schema_version` is the present one, else through the provider's `upgrade`.
#[derive(Clone, Debug)]
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
}

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

    /// Drops instances that have no object left.
    pub fn prune(&mut self) {
        self.instances.retain(|_, instance| instance.current.is_some() || !instance.deposed.is_empty());
    }
}
