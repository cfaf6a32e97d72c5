//! `infra force-unlock`: removes a lock that nobody will give back; of a local state there is never one.

use model::diagnostic::Diagnostic;
use state::lock::LockError;

use crate::cli::arguments;
use crate::cli::backend::Place;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Removes the lock of a state in a bucket. For a local state refuses, and names who has the lock.
pub async fn run(arguments: &arguments::ForceUnlock, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let place = session.place(None)?;
    if let Place::Object(store) = &place {
        store.break_lock(&arguments.id).await.map_err(|error| session.failure(unlock_error(&error)))?;
        reporter.terminal.data(&ui::message::unlocked())?;
        return Ok(Outcome::Done);
    }
    let detail = match session.lock_holder().await? {
        None => format!("The state is not locked, so there is no lock {} to give up.", arguments.id),
        Some(Some(holder)) if holder.id != arguments.id => {
            format!("The lock has the ID {}, not {}; it is held by {}.", holder.id, arguments.id, holder.who)
        }
        Some(Some(holder)) => format!("The lock {} is held by a process of {}.", arguments.id, holder.who),
        Some(None) => "The lock is held by a process that left no description of itself.".to_string(),
    };
    Err(Diagnostic::error("Local state cannot be unlocked by another process", detail)
        .hint("The lock goes away with the process that holds it: end that, if it hangs.")
        .into())
}

fn unlock_error(error: &LockError) -> Diagnostic {
    Diagnostic::error("Failed to unlock the state", format!("The lock stays: {error}."))
        .hint("A command that finds the state locked shows the ID of the lock.")
}
