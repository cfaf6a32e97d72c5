//! `infra state push`.

use std::io::Read;
use std::path::Path;

use model::diagnostic::Diagnostic;
use state::State;
use state::opened::same_contents;

use crate::cli::arguments;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::{Session, save_error};

/// Puts a state in the place of the present one.
pub async fn run(arguments: &arguments::StatePush, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let incoming = read(&arguments.path)?;
    let (opened, _) = session.open_any(&arguments.editing.state, "state-push", reporter).await?;
    if opened.unfinished {
        let detail = "A run on the present state was interrupted, and what it did is in its journal only.";
        return Err(Diagnostic::error("Unfinished run", detail)
            .hint("`infra apply` or `infra refresh` takes it into the state. Then run this command again.")
            .into());
    }
    if !arguments.force && opened.exists() {
        check(&opened.state, &incoming)?;
    }
    opened.replace(incoming).await.map_err(|error| session.failure(save_error(&error)))?;
    Ok(Outcome::Done)
}

fn read(path: &Path) -> Result<State, Failure> {
    let name = if path == Path::new("-") { "the standard input".into() } else { path.display().to_string() };
    let failed = |detail: String| Diagnostic::error("Failed to read the state to push", detail);
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().lock().read_to_end(&mut bytes).map(drop),
        false => std::fs::read(path).map(|read| bytes = read),
    };
    read.map_err(|error| failed(format!("{name} can't be read: {error}.")))?;
    state::file::parse(&bytes)
        .map_err(|error| failed(format!("{name} is no state: {error}.")).hint(error.hint()).into())
}

/// A state replaces only an older one of its own history.
fn check(present: &State, incoming: &State) -> Result<(), Diagnostic> {
    const HINT: &str = "-force replaces it nevertheless; what it records is in the backup only then.";
    let refused = |detail: String| Err(Diagnostic::error("Failed to write the state", detail).hint(HINT));
    let (own, other) = (&present.lineage, &incoming.lineage);
    if !own.is_empty() && !other.is_empty() && own != other {
        return refused(format!("The state to push has the lineage \"{other}\", and the present one \"{own}\"."));
    }
    let (own, other) = (present.serial, incoming.serial);
    if other < own {
        return refused(format!("The state to push has the serial {other}, and the present one is newer: {own}."));
    }
    if other == own && !same_contents(present, incoming) {
        return refused(format!(
            "The state to push has the same serial as the present one, {own}, and says something else."
        ));
    }
    Ok(())
}
