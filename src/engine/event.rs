//! What a refresh, plan or apply reports while it runs.
//!
//! The engine never prints: it hands events to an [`Events`], from any thread, and goes on.

use std::sync::Arc;
use std::time::Duration;

use model::address::{InstanceAddr, ObjectKey};
use model::diagnostic::Diagnostic;

use crate::plan::Op;

/// Takes events. Must return quickly and never fail: a run does not depend on its audience.
pub trait Events: Send + Sync {
    fn event(&self, event: Event);
}

/// Takes events and forgets them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

/// Something that happened.
#[derive(Clone, PartialEq, Debug)]
pub enum Event {
    /// A refresh of this many objects begins.
    RefreshStarted {
        objects: usize,
    },
    /// An object was read.
    Refreshed {
        key: ObjectKey,
        id: Option<Arc<str>>,
        found: Found,
    },
    RefreshFinished {
        elapsed: Duration,
    },

    /// A data source is being read, while planning or applying.
    ReadStarted {
        addr: InstanceAddr,
    },
    ReadFinished {
        addr: InstanceAddr,
        id: Option<Arc<str>>,
        elapsed: Duration,
    },
    ReadFailed {
        addr: InstanceAddr,
        elapsed: Duration,
    },

    /// An ephemeral resource is being opened, renewed or closed.
    Ephemeral {
        addr: InstanceAddr,
        action: EphemeralAction,
        progress: Progress,
    },
    /// An ephemeral resource can only be opened during the apply: its configuration is not known before.
    EphemeralDeferred {
        addr: InstanceAddr,
    },

    /// An interrupted run left this create, update or delete without an outcome; `recovery` is what became of it.
    Recovered {
        key: ObjectKey,
        recovery: Recovery,
    },

    /// An apply of this many object steps begins.
    ApplyStarted {
        steps: usize,
    },
    StepStarted {
        key: ObjectKey,
        op: Op,
        id: Option<Arc<str>>,
    },
    /// What a started step waits for, in a few words: `status PROVISIONING`.
    StepWaiting {
        key: ObjectKey,
        op: Op,
        what: String,
        elapsed: Duration,
    },
    /// A new object has an identity; it may not be ready yet.
    StepBorn {
        key: ObjectKey,
        id: Option<Arc<str>>,
        elapsed: Duration,
    },
    /// A command that belongs to the creation or the destruction of an object: a `local-exec` provisioner.
    Provisioner {
        key: ObjectKey,
        what: Provision,
    },
    StepDone {
        key: ObjectKey,
        op: Op,
        id: Option<Arc<str>>,
        elapsed: Duration,
    },
    StepFailed {
        key: ObjectKey,
        op: Op,
        elapsed: Duration,
        error: Box<Diagnostic>,
    },
    /// Not started, because a step it must wait for failed or because the run is being stopped.
    StepSkipped {
        key: ObjectKey,
        op: Op,
        because: Skipped,
    },
    /// The run is being stopped: nothing new starts.
    Stopping {
        running: Vec<ObjectKey>,
    },
    ApplyFinished {
        elapsed: Duration,
    },

    /// The state was written.
    StateSaved {
        serial: u64,
    },
}

/// What a refresh found of an object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Found {
    AsRecorded,
    Changed,
    Gone,
}

/// What is done to an ephemeral resource.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EphemeralAction {
    Open,
    Renew,
    Close,
}

/// How far something is, and how long it took.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Progress {
    Started,
    Done(Duration),
    Failed(Duration),
}

/// What happens to the command of a provisioner.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Provision {
    Started,
    /// A line to show: of the command's output, or about it. It holds nothing that is known to be secret.
    Output(String),
    Done,
    Failed,
}

/// Why a step was not started.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Skipped {
    /// This step, which it must wait for, failed or was skipped itself.
    Failed(ObjectKey),
    Stopped,
}

/// What became of an uncertain effect of an interrupted run.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Recovery {
    /// The create had made this object; it is in the state now.
    Found { id: Option<Arc<str>> },
    /// The create was a moment ago: what it made may not be seen yet, so the run looks again for some time.
    MaybeUnseen,
    /// The create had made nothing.
    NothingMade,
    /// An update or delete: the refresh that follows tells what came of it.
    LeftToRefresh,
}

impl Events for Silent {
    fn event(&self, _: Event) {}
}
