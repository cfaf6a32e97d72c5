//! `infra taint` and `infra untaint`.

use model::address::InstanceAddr;
use model::diagnostic::{Diagnostic, Diagnostics};
use state::State;
use state::edit::{self, MarkError};

use crate::cli::arguments;
use crate::cli::edit::{open, save};
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Marks an instance for replacement.
pub async fn taint(arguments: &arguments::Taint, reporter: &Reporter) -> Result<Outcome, Failure> {
    run(arguments, "taint", edit::taint, ui::message::tainted, reporter).await
}

/// Takes the mark off again.
pub async fn untaint(arguments: &arguments::Taint, reporter: &Reporter) -> Result<Outcome, Failure> {
    run(arguments, "untaint", edit::untaint, ui::message::untainted, reporter).await
}

async fn run(
    arguments: &arguments::Taint,
    operation: &str,
    mark: fn(&mut State, &InstanceAddr) -> Result<(), MarkError>,
    done: fn(&InstanceAddr) -> String,
    reporter: &Reporter,
) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let mut opened = open(&session, &arguments.editing.state, operation, reporter).await?;
    match mark(&mut opened.state, &arguments.address) {
        Ok(()) => {}
        Err(MarkError::Missing(addr)) if arguments.allow_missing => {
            let detail = format!("The state has no instance at {addr}, which -allow-missing allows.");
            let warning = Diagnostic::warning("No such resource instance", detail);
            reporter.diagnostics(&Diagnostics::from(warning), &session.config.sources);
            return Ok(Outcome::Done);
        }
        Err(error) => return Err(mark_error(&error, operation, opened.state.instances.is_empty()).into()),
    }
    save(&session, opened).await?;
    reporter.terminal.data(&done(&arguments.address))?;
    Ok(Outcome::Done)
}

fn mark_error(error: &MarkError, operation: &str, is_empty: bool) -> Diagnostic {
    match error {
        MarkError::Missing(addr) => {
            let detail = if is_empty {
                "The state records no instances at all.".to_string()
            } else {
                format!("The state has no instance at {addr}.")
            };
            Diagnostic::error("No such resource instance", detail).hint(
                "`infra state list` shows what there is. An instance must be applied once before it can be marked.",
            )
        }
        MarkError::OnlyDeposed(addr) => Diagnostic::error(
            format!("Failed to {operation} the resource instance"),
            format!("{addr} has no current object, only deposed ones, which the next apply deletes anyway."),
        ),
        MarkError::NotTainted(addr) => Diagnostic::error(
            "Resource instance is not tainted",
            format!("{addr} is not marked as tainted, so there is no mark to take off."),
        ),
        MarkError::NotManaged(addr) => Diagnostic::error(
            "Resource instance can't be tainted",
            format!("{addr} is a data source: it is read again by each plan."),
        ),
    }
}
