//! Where a state is kept: what every store can do.

mod local;
pub mod objects;
#[cfg(test)]
mod tests;

pub use local::{Backup, LocalStore};

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use crate::file::Header;
use crate::journal::Place;
use crate::lock::{LockError, LockGuard, LockRequest};

/// A place that holds one state.
#[async_trait]
pub trait Store: Send + Sync + fmt::Debug {
    /// The place, as messages name it.
    fn location(&self) -> String;

    /// Where the journals of runs on this state are.
    fn journal(&self) -> Arc<dyn Place>;

    /// Reads the state; `None` when nothing was ever stored.
    async fn read(&self) -> Result<Option<Snapshot>, StoreError>;

    /// Replaces the state: afterwards, and after a crash at any instant, the store has the old one or the new one,
    /// whole.
    ///
    /// `expected` is the version that this write follows; `None` when there was none. Returns the new version.
    ///
    /// # Errors
    /// The store has another version by now ([`StoreError::Changed`]), or could not take the new one.
    async fn write(&self, bytes: Bytes, expected: Option<&Version>) -> Result<Version, StoreError>;

    /// Keeps others from changing the state until the guard is released.
    ///
    /// # Errors
    /// Another holds the lock for longer than the request waits, or locking fails.
    async fn lock(&self, request: &LockRequest<'_>) -> Result<LockGuard, LockError>;
}

/// A state as it was read.
#[derive(Clone, Debug)]
pub struct Snapshot {
    pub bytes: Bytes,
    pub version: Version,
}

/// Tells one stored state from another. What it is made of is the store's matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version(pub Arc<str>);

/// A store that did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("failed to {operation} the state {location}: {source}")]
    Io { operation: &'static str, location: String, source: std::io::Error },
    /// Somebody wrote to the store since this run read it.
    #[error("the state {location} is not the one that this run read: {}", .found.difference(.expected.as_ref()))]
    Changed { location: String, expected: Option<Header>, found: Found },
}

/// What a store has in place of the version that was expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    Nothing,
    State(Header),
    /// Something that is not a whole state.
    Other,
}

impl StoreError {
    /// What the user can do, in sentences.
    pub fn hint(&self) -> &'static str {
        match self {
            StoreError::Io { source, .. } => match source.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    "Make room on that disk, then run the command again."
                }
                std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => {
                    "A state is replaced as a whole, so both the file and its folder must be writable for you."
                }
                std::io::ErrorKind::NotFound => "Its folder must exist.",
                _ => "Correct that, then run the command again.",
            },
            StoreError::Changed { .. } => {
                "Another tool wrote to it without taking the lock, or the file was replaced by hand. Compare the two before you run the command again."
            }
        }
    }
}

impl Found {
    fn difference(&self, expected: Option<&Header>) -> String {
        match (self, expected) {
            (Found::Nothing, _) => "it is gone".to_owned(),
            (Found::Other, _) => "it is not a whole state any more".to_owned(),
            (Found::State(found), None) => {
                format!(
                    "there was none, and now there is one with lineage `{}` and serial {}",
                    found.lineage, found.serial
                )
            }
            (Found::State(found), Some(expected)) if found.lineage != expected.lineage => {
                format!("its lineage is `{}`, not `{}`", found.lineage, expected.lineage)
            }
            (Found::State(found), Some(expected)) if found.serial != expected.serial => {
                format!("its serial is {}, not {}", found.serial, expected.serial)
            }
            (Found::State(_), Some(_)) => "its contents are others under the same serial".to_owned(),
        }
    }
}
