//! `infra workspace`: several states of one configuration, where Terraform keeps them too.

use std::path::Path;

use model::address::Mode;
use model::diagnostic::{Diagnostic, Diagnostics};

use crate::cli::arguments;
use crate::cli::backend::{self, DEFAULT_WORKSPACE, Workspaces};
use crate::cli::edit;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::{Session, save_error};

/// Lists all workspaces.
pub fn list(reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let names = names(&session)?;
    reporter.terminal.data(&ui::message::workspaces(&names, &session.workspace))?;
    if overridden() {
        reporter.terminal.note("The workspace in use is the one that the environment variable TF_WORKSPACE names.\n");
    }
    Ok(Outcome::Done)
}

/// Writes the name of the workspace in use.
pub fn show(reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    reporter.terminal.data(&format!("{}\n", session.workspace))?;
    Ok(Outcome::Done)
}

/// Makes a workspace and selects it.
pub async fn new(arguments: &arguments::WorkspaceNew, reporter: &Reporter) -> Result<Outcome, Failure> {
    let name = arguments.name.as_str();
    backend::check_workspace(name)?;
    let mut session = Session::load_if_any(reporter)?;
    if overridden() && session.workspace != name {
        return Err(is_overridden().into());
    }
    if names(&session)?.iter().any(|other| other == name) {
        return Err(Diagnostic::error(format!("Workspace \"{name}\" already exists"), "There is one of that name.")
            .hint(format!("`infra workspace select {name}` selects it."))
            .into());
    }
    let initial = arguments.state.as_deref().map(read).transpose()?;
    create(&session, name)?;
    if let Some(initial) = initial {
        session.workspace = name.to_string();
        let mut opened = edit::open(&session, &arguments.locking.of_workspace(), "workspace-new", reporter).await?;
        let lineage = opened.state.lineage.clone();
        opened.state = state::State { lineage, serial: 0, ..initial };
        edit::save(&session, opened).await?;
    }
    selected(name)?;
    reporter.terminal.data(&ui::message::workspace_created(name))?;
    Ok(Outcome::Done)
}

/// Selects another workspace.
pub fn select(arguments: &arguments::WorkspaceSelect, reporter: &Reporter) -> Result<Outcome, Failure> {
    let name = arguments.name.as_str();
    backend::check_workspace(name)?;
    let session = Session::load_if_any(reporter)?;
    if overridden() {
        return Err(is_overridden().into());
    }
    if session.workspace == name {
        return Ok(Outcome::Done);
    }
    let is_there = names(&session)?.iter().any(|other| other == name);
    if !is_there && !arguments.or_create {
        return Err(no_workspace(name).into());
    }
    if !is_there {
        create(&session, name)?;
    }
    selected(name)?;
    let text = if is_there { ui::message::workspace_selected(name) } else { ui::message::workspace_created(name) };
    reporter.terminal.data(&text)?;
    Ok(Outcome::Done)
}

/// Deletes a workspace with its state.
pub async fn delete(arguments: &arguments::WorkspaceDelete, reporter: &Reporter) -> Result<Outcome, Failure> {
    let name = arguments.name.as_str();
    let mut session = Session::load_if_any(reporter)?;
    if !names(&session)?.iter().any(|other| other == name) {
        return Err(no_workspace(name).into());
    }
    if session.workspace == name {
        let detail = "It is in use.";
        return Err(Diagnostic::error(format!("Workspace \"{name}\" is your active workspace"), detail)
            .hint("Select another one first: `infra workspace select NAME`.")
            .into());
    }
    if name == DEFAULT_WORKSPACE {
        return Err(
            Diagnostic::error("Failed to delete the workspace", "The default workspace is always there.").into()
        );
    }
    session.workspace = name.to_string();
    let opened = session.open(&arguments.locking.of_workspace(), "workspace-delete", reporter).await?;
    let managed = opened.state.instances.keys().filter(|addr| addr.resource.mode == Mode::Managed);
    let mut tracked: Vec<String> = managed.map(|addr| format!("  - {addr}")).collect();
    tracked.extend(opened.uncertain.iter().map(|one| format!("  - {} (of an interrupted run)", one.intent.key)));
    if !tracked.is_empty() && !arguments.force {
        let detail = format!("Workspace \"{name}\" records these objects:\n{}", tracked.join("\n"));
        return Err(Diagnostic::error("Workspace is not empty", detail)
            .hint("Destroy them first: without the state nobody knows of them. -force deletes it nevertheless.")
            .into());
    }
    // Under the lock, so that nobody begins to use it meanwhile.
    match workspaces(&session)? {
        Workspaces::Folder(folder) => {
            let folder = folder.join(name);
            std::fs::remove_dir_all(&folder).map_err(|error| failed("delete", &folder, &error))?;
        }
        Workspaces::Objects(place) => {
            let store = place.store(name).map_err(|diagnostics| session.failure(diagnostics))?;
            store
                .delete()
                .await
                .map_err(|error| Diagnostic::error("Failed to delete the workspace", format!("{error}.")))?;
        }
    }
    opened.release().await.map_err(|error| session.failure(save_error(&error.into())))?;
    if !tracked.is_empty() {
        let detail =
            format!("The objects that \"{name}\" recorded may still exist, and nothing records them any more.");
        let warning = Diagnostics::from(Diagnostic::warning("Workspace was not empty", detail));
        reporter.diagnostics(&warning, &session.config.sources);
    }
    reporter.terminal.data(&ui::message::workspace_deleted(name))?;
    Ok(Outcome::Done)
}

/// All workspaces: the default one, then those that have a folder, by name.
fn names(session: &Session) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    let folder = match workspaces(session)? {
        Workspaces::Folder(folder) => folder,
        Workspaces::Objects(place) => {
            names = place.workspaces().map_err(|diagnostics| session.failure(diagnostics))?;
            // One that was made here has a state from its first use on.
            if session.workspace != DEFAULT_WORKSPACE && !names.contains(&session.workspace) {
                names.push(session.workspace.clone());
            }
            return Ok(sorted(names));
        }
    };
    match std::fs::read_dir(&folder) {
        Ok(entries) => {
            for entry in entries {
                let entry = entry.map_err(|error| failed("read", &folder, &error))?;
                if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                    names.push(entry.file_name().to_string_lossy().into_owned());
                }
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed("read", &folder, &error)),
    }
    Ok(sorted(names))
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names.insert(0, DEFAULT_WORKSPACE.to_string());
    names
}

fn workspaces(session: &Session) -> Result<Workspaces, Failure> {
    backend::workspaces(session.root()).map_err(|diagnostics| session.failure(diagnostics))
}

fn create(session: &Session, name: &str) -> Result<(), Failure> {
    // In a bucket there is nothing to make before the state.
    let Workspaces::Folder(folder) = workspaces(session)? else { return Ok(()) };
    let folder = folder.join(name);
    std::fs::create_dir_all(&folder).map_err(|error| failed("make", &folder, &error))
}

fn selected(name: &str) -> Result<(), Failure> {
    let path = backend::selection(Path::new(crate::cli::modules::ROOT));
    let folder = path.parent().expect("the selection is in the data folder");
    std::fs::create_dir_all(folder).map_err(|error| failed("make", folder, &error))?;
    std::fs::write(&path, name).map_err(|error| failed("write", &path, &error))
}

fn read(path: &Path) -> Result<state::State, Failure> {
    let bytes = std::fs::read(path).map_err(|error| failed("read", path, &error))?;
    state::file::parse(&bytes).map_err(|error| {
        let detail = format!("{} is no state: {error}.", path.display());
        Diagnostic::error("Failed to read the state", detail).hint(error.hint()).into()
    })
}

fn overridden() -> bool {
    std::env::var_os("TF_WORKSPACE").is_some_and(|name| !name.is_empty())
}

fn is_overridden() -> Diagnostic {
    let detail = "The environment variable TF_WORKSPACE names the workspace in use, whatever is selected.";
    Diagnostic::error("Workspace is overridden", detail).hint("Unset it, or give it another value.")
}

fn no_workspace(name: &str) -> Diagnostic {
    Diagnostic::error(format!("Workspace \"{name}\" doesn't exist"), "There is none of that name.")
        .hint("`infra workspace list` shows all; `infra workspace new NAME` and `select -or-create NAME` make one.")
}

fn failed(operation: &str, path: &Path, error: &std::io::Error) -> Failure {
    let detail = format!("{}: {error}.", path.display());
    Diagnostic::error(format!("Failed to {operation} the workspace"), detail).into()
}
