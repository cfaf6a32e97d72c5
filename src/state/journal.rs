//! The journal of an apply under way: what was intended before each effect, and what came of it, durable at every
//! moment.
//!
//! It is kept beside the state ([`Place`]): for a local one in a file that only its owner may read. It has one JSON line a
//! record, each with its checksum. The order is always: the intent before the effect, the identity of a new object before
//! waiting for it, the outcome after the effect, the state before the removal of the journal. So whenever a run ends, be it by a kill or a power cut, the
//! state and the journal together know every object that exists, except those of intents without an outcome
//! ([`Uncertain`]), which the next run looks for.
//!
//! A journal holds sensitive values as the state does. It must never hold write-only values: those are not even in a
//! state.
//!
//! # A run
//! 1. `Journal::create` with [`Record::Begin`];
//! 2. for each step: [`Record::Intent`], the effect, [`Record::Born`] as soon as a new object has an identity,
//!    [`Record::Done`] or [`Record::Failed`];
//! 3. the state is written, then [`Record::Saved`]; both may happen more than once;
//! 4. [`Record::End`], then [`Journal::remove`].
//!
//! A run that finds the journal of another replays it, finds out about what is uncertain, saves, and removes it before it
//! starts its own. Stopped anywhere in between, it is done once more by the next.

mod line;
mod place;
mod reader;
mod replay;
#[cfg(test)]
pub(crate) mod tests;
mod writer;

pub(crate) use place::InFile;
pub use place::{Lines, Place};
pub use reader::read;
pub use replay::{replay, resolve, settle};
pub use writer::Journal;
pub(crate) use writer::remove;

use std::fmt;
use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use model::address::{ConfigAddr, InstanceAddr, ObjectKey, ProviderConfigAddr};
use serde_json::Value as Json;

use crate::Object;

/// One line of a journal.
#[derive(Clone, PartialEq, Debug)]
pub enum Record {
    /// The first record: which state the run started from.
    Begin {
        /// Names the run.
        run: Arc<str>,
        at: Timestamp,
        /// Of the state as it was read.
        serial: u64,
        /// Of the state; new when there was none.
        lineage: String,
    },
    /// Objects got other addresses, all at once. It comes before the first intent, and each address on the left has an
    /// object.
    Moved(Vec<(InstanceAddr, InstanceAddr)>),
    /// Written before the first mutating call of a step.
    Intent(Intent),
    /// A new object has an identity; it may not be ready yet.
    Born { step: u64, object: Object },
    /// The step is over: what exists now, or that nothing does.
    Done { step: u64, object: Option<Object> },
    /// The step is over and came short.
    Failed {
        step: u64,
        /// What exists now. `None` says that a create made nothing, and that an update or a delete left things as they
        /// were.
        object: Option<Object>,
        /// Whether the object must be replaced.
        tainted: bool,
        /// Why, for whoever reads the journal; without secrets.
        error: String,
    },
    /// A state with this serial was written. It contains all that the records before this one say.
    Saved { serial: u64 },
    /// The run is over and its state is written.
    End,
}

/// What a step is about to do.
#[derive(Clone, PartialEq)]
pub struct Intent {
    /// Names the step in the records that follow.
    pub step: u64,
    pub key: ObjectKey,
    pub op: IntentOp,
    pub provider: ProviderConfigAddr,
    pub token: TokenRecord,
    /// The object wanted, by the type's schema, with null for what is not known yet. Never has write-only values.
    /// `None` for a delete.
    pub planned: Option<Json>,
    pub schema_version: u64,
    pub dependencies: Vec<ConfigAddr>,
    pub create_before_destroy: bool,
}

/// The effect that is intended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum IntentOp {
    Create {
        /// The key under which the present object is put aside once the new one exists.
        deposes: Option<Arc<str>>,
    },
    Update,
    Delete,
}

/// What names a create towards the provider.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TokenRecord {
    pub id: Arc<str>,
    /// When the create was first tried.
    pub at: Timestamp,
}

/// An intent whose outcome the journal does not know.
#[derive(Clone, PartialEq, Debug)]
pub struct Uncertain {
    pub intent: Intent,
    /// Whether the object of a create is known, and in the state, while it is not known whether it got ready. Where
    /// this is false, the create may still have made something: the provider must look for it, and
    /// [`resolve`] records what it finds.
    pub born: bool,
}

/// A journal that cannot be written or read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JournalError {
    /// A run that did not finish left it: its records must be replayed and its state saved first.
    #[error("the journal {location} of an unfinished run is still there")]
    Exists { location: String },
    #[error("failed to {operation} the journal {location}: {source}")]
    Io { operation: &'static str, location: String, source: Arc<io::Error> },
    /// Nothing more is taken after a failed write, as it is not known what of it is on the disk.
    #[error("the journal {location} takes no more records since a write to it failed: {source}")]
    Broken { location: String, source: Arc<io::Error> },
    #[error("the journal {location} is damaged at line {line}: {reason}")]
    Damaged { location: String, line: usize, reason: String },
    #[error("the journal {location} has format {format}, which a newer version of `infra` wrote")]
    TooNew { location: String, format: u64 },
    /// It tells of other objects than the state does.
    #[error(
        "the journal {location} belongs to the state with lineage `{journal}`, and this state has lineage `{state}`"
    )]
    OtherLineage { location: String, journal: String, state: String },
}

impl JournalError {
    /// What the user can do, in sentences.
    pub fn hint(&self) -> &'static str {
        match self {
            JournalError::Exists { .. } => "Run `infra apply`: it takes up what the unfinished run left.",
            JournalError::Io { .. } | JournalError::Broken { .. } => {
                "Nothing is started any more, as it could not be recorded. Make room on the disk or give write permission to the folder of the \
                 state, then run the command again."
            }
            JournalError::Damaged { .. } => {
                "The lines before it are whole. Each line that names an object tells of something that may exist and not be in the state: look for it, \
                 import it or delete it, then move the journal away and run the command again. Nothing was changed."
            }
            JournalError::TooNew { .. } => {
                "Finish that run with the version of `infra` that started it. Nothing was changed."
            }
            JournalError::OtherLineage { .. } => {
                "Put back the state that the unfinished run was about; or, if that run does not matter any more, move the journal away. Nothing was \
                 changed."
            }
        }
    }

    fn io(operation: &'static str, place: &dyn Place, source: io::Error) -> JournalError {
        JournalError::Io { operation, location: place.location(), source: Arc::new(source) }
    }
}

/// Shows no planned values: what is secret among them is not known here.
impl fmt::Debug for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intent")
            .field("step", &self.step)
            .field("key", &format_args!("{}", self.key))
            .field("op", &self.op)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}
