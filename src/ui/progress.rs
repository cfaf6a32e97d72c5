//! What a refresh, plan or apply is doing, while it is doing it.
//!
//! [`LineLog`] writes a line for what begins and ends, [`Live`] draws what is going on to a terminal, [`Tee`] hands events to
//! several that listen. All of them are the engine's [`Events`].

mod live;
mod log;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use engine::event::{EphemeralAction, Event, Events, Progress, Provision, Recovery, Skipped};
use engine::plan::Op;
use model::address::ObjectKey;

pub use live::Live;
pub use log::LineLog;

use crate::escape::inert_line;
use crate::style::{self, counted, paint};

/// Hands every event to all of several listeners.
pub struct Tee<'a>(pub Vec<&'a dyn Events>);

impl Events for Tee<'_> {
    fn event(&self, event: Event) {
        if let Some((last, others)) = self.0.split_last() {
            for listener in others {
                listener.event(event.clone());
            }
            last.event(event);
        }
    }
}

impl fmt::Debug for Tee<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tee").field(&self.0.len()).finish()
    }
}

/// A time span to the second: `0s`, `2s`, `1m10s`, `2h0m5s`.
pub fn elapsed(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds}s"),
        (hours, minutes, seconds) => format!("{hours}h{minutes}m{seconds}s"),
    }
}

/// What an operation is called while it runs: `Creating`.
pub(crate) fn doing(op: &Op) -> &'static str {
    match op {
        Op::Create { .. } => "Creating",
        Op::Update => "Modifying",
        Op::Read => "Reading",
        Op::Delete => "Destroying",
        Op::Forget => "Forgetting",
    }
}

/// What it is called in the middle of a sentence: `Still creating`.
pub(crate) fn still(op: &Op) -> &'static str {
    match op {
        Op::Create { .. } => "Still creating",
        Op::Update => "Still modifying",
        Op::Read => "Still reading",
        Op::Delete => "Still destroying",
        Op::Forget => "Still forgetting",
    }
}

/// What it is called when it is done: `Creation complete`.
pub(crate) fn done(op: &Op) -> &'static str {
    match op {
        Op::Create { .. } => "Creation complete",
        Op::Update => "Modifications complete",
        Op::Read => "Read complete",
        Op::Delete => "Destruction complete",
        Op::Forget => "Forgotten",
    }
}

/// What is said of it when it was not started: `Creation skipped`.
pub(crate) fn skipped(op: &Op) -> &'static str {
    match op {
        Op::Create { .. } => "Creation skipped",
        Op::Update => "Modification skipped",
        Op::Read => "Read skipped",
        Op::Delete => "Destruction skipped",
        Op::Forget => "Forgetting skipped",
    }
}

pub(crate) fn failed(op: &Op) -> &'static str {
    match op {
        Op::Create { .. } => "Creation failed",
        Op::Update => "Modification failed",
        Op::Read => "Read failed",
        Op::Delete => "Destruction failed",
        Op::Forget => "Forgetting failed",
    }
}

/// ` [id=vpc-1]`; nothing without an identifier.
pub(crate) fn bracketed(id: Option<&Arc<str>>) -> String {
    id.map(|id| format!(" [id={}]", inert_line(id))).unwrap_or_default()
}

/// One line, without its break, for what is worth a line in a log and on a terminal alike; `None` for the rest.
pub(crate) fn line(event: &Event) -> Option<String> {
    let of = |key: &ObjectKey, text: String| {
        format!("{} {text}", paint(style::BOLD, format_args!("{}:", inert_line(&key.to_string()))))
    };
    Some(match event {
        Event::StepDone { key, op, id, elapsed: time } => {
            of(key, format!("{} after {}{}", done(op), elapsed(*time), bracketed(id.as_ref())))
        }
        Event::StepFailed { key, op, elapsed: time, .. } => {
            of(key, format!("{} after {}", paint(style::BAD, failed(op)), elapsed(*time)))
        }
        Event::ReadFailed { addr, elapsed: time } => {
            let key = ObjectKey::current(addr.clone());
            of(&key, format!("{} after {}", paint(style::BAD, "Read failed"), elapsed(*time)))
        }
        Event::Recovered { key, recovery } => of(key, recovered(recovery)),
        Event::StepSkipped { key, op, because } => {
            of(key, format!("{}{}", paint(style::WARN, skipped(op)), skipped_because(because)))
        }
        Event::Stopping { running } => stopping(running),
        Event::Provisioner { key, what } => return provisioner(key, what),
        Event::Ephemeral { addr, action, progress } => {
            of(&ObjectKey::current(addr.clone()), ephemeral(*action, *progress))
        }
        Event::EphemeralDeferred { addr } => {
            of(&ObjectKey::current(addr.clone()), "Configuration unknown, deferring...".into())
        }
        Event::RefreshStarted { .. } | Event::Refreshed { .. } | Event::RefreshFinished { .. } => return None,
        Event::ReadStarted { .. } | Event::ReadFinished { .. } => return None,
        Event::ApplyStarted { .. } | Event::StepStarted { .. } | Event::StepWaiting { .. } => return None,
        Event::StepBorn { .. } | Event::ApplyFinished { .. } | Event::StateSaved { .. } => return None,
    })
}

/// What is done to an ephemeral resource: `Opening complete after 0s`.
pub(crate) fn ephemeral(action: EphemeralAction, progress: Progress) -> String {
    let (doing, noun) = match action {
        EphemeralAction::Open => ("Opening", "Opening"),
        EphemeralAction::Renew => ("Renewing", "Renewal"),
        EphemeralAction::Close => ("Closing", "Closing"),
    };
    match progress {
        Progress::Started => format!("{doing}..."),
        Progress::Done(time) => format!("{noun} complete after {}", elapsed(time)),
        Progress::Failed(time) => format!("{noun} failed after {}", elapsed(time)),
    }
}

/// What a provisioner does; that it is done shows in what follows.
fn provisioner(key: &ObjectKey, what: &Provision) -> Option<String> {
    let key = inert_line(&key.to_string()).into_owned();
    match what {
        Provision::Started => {
            Some(format!("{} Provisioning with 'local-exec'...", paint(style::BOLD, format_args!("{key}:"))))
        }
        Provision::Output(line) => {
            Some(format!("{} {}", paint(style::BOLD, format_args!("{key} (local-exec):")), inert_line(line)))
        }
        Provision::Done | Provision::Failed => None,
    }
}

fn recovered(recovery: &Recovery) -> String {
    match recovery {
        Recovery::Found { id } => {
            format!("Found what an interrupted creation had made{}; it is in the state now", bracketed(id.as_ref()))
        }
        Recovery::MaybeUnseen => {
            "A creation was interrupted just now; looking for some seconds, as what it made may not be shown yet".into()
        }
        Recovery::NothingMade => "An interrupted creation had made nothing".into(),
        Recovery::LeftToRefresh => "An update or destruction was interrupted; the refresh tells what came of it".into(),
    }
}

/// Why a step was skipped, as the end of a sentence.
pub(crate) fn skipped_because(because: &Skipped) -> String {
    match because {
        Skipped::Failed(key) => format!(", because it needs {}", inert_line(&key.to_string())),
        Skipped::Stopped => ", because the run is being stopped".into(),
    }
}

fn stopping(running: &[ObjectKey]) -> String {
    let head = paint(style::WARN, "Stopping:");
    if running.is_empty() {
        return format!("{head} nothing new is started.");
    }
    let names: Vec<String> = running.iter().map(|key| inert_line(&key.to_string()).into_owned()).collect();
    format!(
        "{head} nothing new is started; waiting for {} ({}).",
        counted(running.len(), "running step"),
        names.join(", ")
    )
}

#[cfg(test)]
mod tests;
