//! Opening a state for a change by hand, and saving it: what the commands that need no plan have in common.

use std::path::{Path, PathBuf};

use model::diagnostic::Diagnostic;
use state::opened::Opened;

use crate::cli::arguments::StateArguments;
use crate::cli::report::{Failure, Reporter};
use crate::cli::session::{Session, save_error};

/// Opens the state. What an interrupted run left must be known: it is in the state then, and saved with the change.
///
/// # Errors
/// It is locked, broken, or can't be read; or it is not known what an interrupted run did.
pub async fn open(
    session: &Session,
    arguments: &StateArguments,
    operation: &str,
    reporter: &Reporter,
) -> Result<Opened, Failure> {
    let opened = session.open(arguments, operation, reporter).await?;
    if opened.uncertain.is_empty() {
        return Ok(opened);
    }
    let keys: Vec<String> = opened.uncertain.iter().map(|one| one.intent.key.to_string()).collect();
    let detail =
        format!("A run was interrupted while it worked on {}, and it is not known what came of it.", keys.join(", "));
    let hint = "`infra apply` finds out, and so does `infra refresh`, which changes nothing else. Then run this command again.";
    Err(Diagnostic::error("Unfinished run", detail).hint(hint).into())
}

/// As [`open`], with a copy of the state before the change that no later one replaces.
///
/// # Errors
/// As [`open`].
pub async fn open_with_copy(
    session: &Session,
    arguments: &StateArguments,
    operation: &str,
    reporter: &Reporter,
) -> Result<Opened, Failure> {
    let place = session.place(arguments.state.as_deref())?;
    // Elsewhere than in files no copies are kept.
    let Some(path) = place.file() else { return open(session, arguments, operation, reporter).await };
    let backup = arguments.backup.clone().filter(|path| path != Path::new("-"));
    let arguments = StateArguments { backup: Some(backup.unwrap_or_else(|| stamped(path))), ..arguments.clone() };
    open(session, &arguments, operation, reporter).await
}

/// Saves the state and gives the lock back.
///
/// # Errors
/// It was not saved.
pub async fn save(session: &Session, opened: Opened) -> Result<(), Failure> {
    opened.close(None).await.map(drop).map_err(|error| session.failure(save_error(&error)))
}

/// Where the copy of a state goes: beside it, with the seconds since 1970 in its name; the first such name that is free.
fn stamped(state: &Path) -> PathBuf {
    let named = |second: i64| {
        let mut name = state.as_os_str().to_os_string();
        name.push(format!(".{second}.backup"));
        PathBuf::from(name)
    };
    let now = jiff::Timestamp::now().as_second();
    (now..).map(named).find(|path| !path.exists()).expect("there are more seconds than files")
}
