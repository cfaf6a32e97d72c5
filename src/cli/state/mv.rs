//! `infra state mv`.

use std::path::Path;

use model::diagnostic::Diagnostic;
use state::opened::Opened;
use state::relocate::{self, RelocateError};

use crate::cli::arguments::{self, StateArguments};
use crate::cli::edit::{open_with_copy, save};
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Moves objects to other addresses.
pub async fn run(arguments: &arguments::StateMv, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let mut source = open_with_copy(&session, &arguments.editing.state, "state-mv", reporter).await?;
    let mut other = match &arguments.state_out {
        Some(path)
            if !session
                .place(arguments.editing.state.state.as_deref())?
                .file()
                .is_some_and(|own| is_same(path, own)) =>
        {
            Some(open_other(&session, arguments, path, reporter).await?)
        }
        Some(_) | None => None,
    };
    let destination = other.as_ref().map_or(&source.state, |other| &other.state);
    let relocations = relocate::find(&source.state, destination, &arguments.source, &arguments.destination)
        .map_err(|error| Failure::from(refusal(&error)))?;
    if arguments.dry_run {
        reporter.terminal.data(&ui::message::would_move(&relocations))?;
        return Ok(Outcome::Done);
    }
    let moving = relocate::take(&mut source.state, &relocations);
    let destination = other.as_mut().map_or(&mut source.state, |other| &mut other.state);
    relocate::put(destination, &relocations, moving);
    // An object that both states record for a moment is better than one that neither does.
    if let Some(other) = other {
        save(&session, other).await?;
    }
    save(&session, source).await?;
    reporter.terminal.data(&ui::message::moved(&relocations))?;
    Ok(Outcome::Done)
}

async fn open_other(
    session: &Session,
    arguments: &arguments::StateMv,
    path: &Path,
    reporter: &Reporter,
) -> Result<Opened, Failure> {
    let own = &arguments.editing.state;
    let state = StateArguments { state: Some(path.to_path_buf()), backup: arguments.backup_out.clone(), ..own.clone() };
    open_with_copy(session, &state, "state-mv", reporter).await
}

/// Whether two paths lead to one file.
fn is_same(a: &Path, b: &Path) -> bool {
    match (a.canonicalize(), b.canonicalize()) {
        (Ok(a), Ok(b)) => a == b,
        (Ok(_) | Err(_), Ok(_) | Err(_)) => a == b,
    }
}

fn refusal(error: &RelocateError) -> Diagnostic {
    match error {
        RelocateError::NoSource(from) => {
            Diagnostic::error("Invalid source address", format!("There is nothing at {from} in the state."))
                .hint("`infra state list` shows what there is. A module is named with its key: 'module.app[0]'.")
        }
        RelocateError::OtherKind { from, to, kind } => Diagnostic::error(
            "Invalid target address",
            format!("{from} is {kind}, so it can't move to {to}, which is something else."),
        ),
        RelocateError::Taken(to) => {
            Diagnostic::error("Invalid target address", format!("There is something at {to} already."))
                .hint("Move that away first, or forget it with `infra state rm`.")
        }
        RelocateError::OtherType { from, to } => Diagnostic::error(
            "Invalid state move request",
            format!("{from} can't become {to}: an object stays of its type."),
        ),
        RelocateError::OtherMode { from, to } => Diagnostic::error(
            "Invalid state move request",
            format!("{from} can't become {to}: the one is a managed resource, the other a data source."),
        ),
    }
}
