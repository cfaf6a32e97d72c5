//! Who may change a state: one run at a time, and the others are told which.
//!
//! For a local state it is a lock of the operating system on the state file itself, which goes away with the process
//! that holds it, and a description of the holder beside it (`.terraform.tfstate.lock.info`). Terraform does the same
//! in the same places, so the two respect each other.
//!
//! In a store of objects it is an object that its holder renews: [`crate::store::objects::lease`].

pub(crate) mod file;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Who holds a lock, since when, and what for. The JSON form is the one of Terraform's lock files.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LockInfo {
    /// A UUID.
    #[serde(rename = "ID")]
    pub id: String,
    /// `OperationTypeApply`, `OperationTypePlan` and the like.
    pub operation: String,
    /// Anything more that helps the one who waits.
    #[serde(default)]
    pub info: String,
    /// `user@host`.
    pub who: String,
    /// The version of the tool.
    pub version: String,
    pub created: LockTime,
    /// Where the state is.
    pub path: String,
}

/// A moment in the form of RFC 3339.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LockTime(pub Timestamp);

/// Asks for a lock.
pub struct LockRequest<'a> {
    /// Who asks.
    pub info: LockInfo,
    /// How long to wait while another holds it. Zero asks once.
    pub timeout: Duration,
    /// Told whenever the wait starts, and when the holder changes during it. `None` when the holder left no
    /// description.
    pub waiting: &'a (dyn Fn(Option<&LockInfo>) + Send + Sync),
    /// Told of a holder that counted as dead and whose lock was taken over.
    pub taken_over: &'a (dyn Fn(&LockInfo) + Send + Sync),
}

/// A lock that is held. It is released when it is dropped too, but then nobody learns of a failure.
#[must_use = "a lock that is dropped is released"]
pub struct LockGuard {
    info: LockInfo,
    held: Box<dyn Held>,
}

/// The lock of one kind of store.
#[async_trait]
pub trait Held: Send + Sync {
    /// Gives the lock back.
    ///
    /// # Errors
    /// The store did not take it back.
    async fn release(self: Box<Self>) -> Result<(), LockError>;
}

/// When a lock goes away whose holder is dead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lapse {
    /// With the process of the holder.
    WithProcess,
    /// After this time, unless the holder renews it meanwhile.
    Unrenewed(Duration),
    /// When somebody removes it.
    Never,
}

/// A lock that was not got or not given back.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("the state {location} is locked by {}{}", describe(.holder.as_ref()), .lapse.describe(.holder.as_ref()))]
    Taken { location: String, holder: Option<LockInfo>, lapse: Lapse },
    #[error("failed to {operation} the lock of the state {location}: {source}")]
    Io { operation: &'static str, location: String, source: std::io::Error },
}

impl Lapse {
    fn describe(&self, holder: Option<&LockInfo>) -> String {
        let id = holder.map_or_else(String::new, |holder| format!(" (ID {})", holder.id));
        match self {
            Lapse::WithProcess => String::new(),
            Lapse::Unrenewed(left) => {
                format!("; its lock{id} runs out if it is not renewed within {:.0} s", left.as_secs_f64())
            }
            Lapse::Never => format!("; its lock{id} stays until it is given back or removed"),
        }
    }
}

impl LockGuard {
    pub fn new(info: LockInfo, held: Box<dyn Held>) -> LockGuard {
        LockGuard { info, held }
    }

    pub fn info(&self) -> &LockInfo {
        &self.info
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// The store did not take it back.
    pub async fn release(self) -> Result<(), LockError> {
        self.held.release().await
    }
}

impl LockError {
    /// What the user can do, in sentences.
    pub fn hint(&self) -> &'static str {
        match self {
            LockError::Taken { lapse: Lapse::Unrenewed(_), .. } => {
                "Wait until that run is over, or let this one wait: `-lock-timeout=5m`. A run that waits takes the lock over when its holder does \
                 not renew it any more."
            }
            LockError::Taken { lapse: Lapse::Never, .. } => {
                "Wait until that run is over, or let this one wait: `-lock-timeout=5m`. The tool that holds the lock does not say whether it \
                 still lives: if it does not for certain, `infra force-unlock ID` removes the lock."
            }
            LockError::Taken { lapse: Lapse::WithProcess, .. } => {
                "Wait until that run is over, or let this one wait: `-lock-timeout=5m`. The lock goes away with the process that holds it, so there is \
                 never one to break."
            }
            LockError::Io { .. } => {
                "The lock of a local state is on the state file itself, so its folder must exist and be writable for you; elsewhere it is an object beside the \
                 state. `-lock=false` does without a lock, at your risk."
            }
        }
    }
}

fn describe(info: Option<&LockInfo>) -> String {
    match info {
        Some(info) => {
            let operation = info.operation.strip_prefix("OperationType").unwrap_or(&info.operation).to_lowercase();
            let mut text = format!("{} since {}, doing `{operation}` with {}", info.who, info.created, info.version);
            if !info.info.is_empty() {
                text = format!("{text} ({})", info.info);
            }
            text
        }
        None => "another process, which left no description of itself".to_owned(),
    }
}

impl fmt::Debug for LockGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockGuard").field("info", &self.info).finish_non_exhaustive()
    }
}

impl fmt::Debug for LockRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LockRequest").field("info", &self.info).field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

impl fmt::Display for LockTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for LockTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for LockTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<LockTime, D::Error> {
        String::deserialize(deserializer)?.parse().map(LockTime).map_err(serde::de::Error::custom)
    }
}
