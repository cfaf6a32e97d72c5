//! `infra state replace-provider`.

use state::edit;

use crate::cli::arguments;
use crate::cli::ask;
use crate::cli::edit::{open_with_copy, save};
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Gives resources of one provider to another.
pub async fn run(arguments: &arguments::StateReplaceProvider, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let mut opened = open_with_copy(&session, &arguments.editing.state, "state-replace-provider", reporter).await?;
    let resources = edit::of_provider(&opened.state, &arguments.from);
    if resources.is_empty() {
        reporter.terminal.data("No matching resources found.\n")?;
        return Ok(Outcome::Done);
    }
    reporter.terminal.data(&ui::message::provider_change(&arguments.from, &arguments.to, &resources))?;
    if !arguments.auto_approve && !ask::agreement("Do you want to make these changes?", reporter)? {
        reporter.terminal.note("\nCancelled: nothing was changed.\n");
        return Ok(Outcome::Done);
    }
    edit::replace_provider(&mut opened.state, &arguments.from, &arguments.to);
    save(&session, opened).await?;
    reporter.terminal.data(&format!("\nSuccessfully replaced provider for {} resources.\n", resources.len()))?;
    Ok(Outcome::Done)
}
