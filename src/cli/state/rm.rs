//! `infra state rm`.

use model::diagnostic::Diagnostic;
use state::edit;

use crate::cli::arguments;
use crate::cli::edit::{open_with_copy, save};
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Forgets objects.
pub async fn run(arguments: &arguments::StateRm, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let mut opened = open_with_copy(&session, &arguments.editing.state, "state-rm", reporter).await?;
    let addrs = edit::named(&opened.state, &arguments.targets);
    if addrs.is_empty() {
        return Err(Diagnostic::error("Invalid target address", "The state has no object that an address names.")
            .hint("`infra state list` shows what there is.")
            .into());
    }
    if arguments.dry_run {
        reporter.terminal.data(&ui::message::would_forget(&addrs))?;
        return Ok(Outcome::Done);
    }
    edit::forget(&mut opened.state, &addrs);
    save(&session, opened).await?;
    reporter.terminal.data(&ui::message::forgotten(&addrs))?;
    Ok(Outcome::Done)
}
