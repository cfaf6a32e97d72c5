//! `infra init`: providers are part of this program, so there is nothing to install.

use crate::cli::arguments;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Checks that the configuration loads and that its state has a place.
pub fn run(_arguments: &arguments::Init, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any()?;
    reporter.diagnostics(&session.warnings, &session.config.sources);
    let place = session.place()?;
    reporter.terminal.data(&ui::message::initialized(&place))?;
    Ok(Outcome::Done)
}
