//! `infra force-unlock`: says why the lock of a local state is not broken.

use model::diagnostic::Diagnostic;

use crate::cli::arguments;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Refuses, and names who has the lock.
pub async fn run(arguments: &arguments::ForceUnlock, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
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
