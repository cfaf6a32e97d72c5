//! `infra state pull`.

use crate::cli::arguments;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Writes the state, with what the journal of an interrupted run adds to it; nothing where there is none.
pub async fn run(arguments: &arguments::StatePull, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let state = session.peek(arguments.state.as_deref()).await?;
    if state.serial > 0 || !state.is_empty() {
        reporter.terminal.content(&state::file::render(&state))?;
    }
    Ok(Outcome::Done)
}
