//! Where the state of a stack is: the `backend` block, the workspace and the command line say it.

mod s3;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lang::config::Module;
use lang::decode::decode;
use lang::reference::Subject;
use lang::scope::{Scope, Surroundings};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::{Attribute, Block, Presence};
use model::source::SourceRange;
use model::ty::Type;
use model::value::Value;
use state::store::objects::ObjectStore;
use state::store::{Backup, LocalStore, Store};

/// The workspace that is there from the start.
pub const DEFAULT_WORKSPACE: &str = "default";

/// The file of a local state, and the folder with those of other workspaces, where nothing else is said.
const STATE: &str = "terraform.tfstate";
const FOLDER: &str = "terraform.tfstate.d";

/// The workspace in use: `TF_WORKSPACE`, else the one that was selected in this folder.
///
/// # Errors
/// A name that can't be one.
pub fn workspace(dir: &Path, variable: Option<&str>) -> Result<String, Diagnostic> {
    let selected = selection(dir);
    let name = match variable.filter(|name| !name.is_empty()) {
        Some(name) => name.to_string(),
        None => std::fs::read_to_string(selected).unwrap_or_default().trim().to_string(),
    };
    if name.is_empty() {
        return Ok(DEFAULT_WORKSPACE.to_string());
    }
    check_workspace(&name)?;
    Ok(name)
}

/// Refuses names that no workspace can have: Terraform's rule, and none that begins with a dot, for it is the name of a folder.
///
/// # Errors
/// The name is such a one.
pub fn check_workspace(name: &str) -> Result<(), Diagnostic> {
    let is_safe = |c: char| c.is_ascii_alphanumeric() || "-_.~$&+:=@".contains(c);
    if !name.is_empty() && !name.starts_with('.') && name.chars().all(is_safe) {
        return Ok(());
    }
    Err(Diagnostic::error(
        "Invalid workspace name",
        format!("The workspace {name:?} must be usable as the name of a folder and in a URL: no slashes and spaces, no dot in front."),
    )
    .hint("Take a name such as `production`."))
}

/// The file that names the workspace that was selected in the folder of a stack; Terraform's.
pub fn selection(dir: &Path) -> PathBuf {
    let data = std::env::var_os("TF_DATA_DIR").filter(|folder| !folder.is_empty());
    dir.join(data.unwrap_or_else(|| ".terraform".into())).join("environment")
}

/// Where one state is.
pub enum Place {
    File(LocalStore),
    Object(ObjectStore),
}

impl Place {
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Place::File(store) => Arc::new(store.clone()),
            Place::Object(store) => Arc::new(store.clone()),
        }
    }

    /// The file of a local state.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Place::File(store) => Some(store.path()),
            Place::Object(_) => None,
        }
    }

    /// The place in words.
    pub fn name(&self) -> String {
        match self {
            Place::File(store) => store.path().display().to_string(),
            Place::Object(store) => store.location().trim_matches('`').to_owned(),
        }
    }
}

/// Where the workspaces but the default one are.
pub enum Workspaces {
    /// Each has a folder in this one.
    Folder(PathBuf),
    Objects(s3::Place),
}

/// Where the workspaces of a stack are.
///
/// # Errors
/// The backend is not supported, or its block is wrong.
pub fn workspaces(module: &Module) -> Result<Workspaces, Diagnostics> {
    match bucket(module)? {
        Some(place) => Ok(Workspaces::Objects(place)),
        None => workspace_folder(module).map(Workspaces::Folder),
    }
}

fn workspace_folder(module: &Module) -> Result<PathBuf, Diagnostics> {
    let settings = settings(module)?;
    Ok(module.dir.join(settings.folder.unwrap_or_else(|| FOLDER.into())))
}

/// The bucket that a `backend "s3"` block names.
fn bucket(module: &Module) -> Result<Option<s3::Place>, Diagnostics> {
    let Some(backend) = module.backend.as_ref().filter(|backend| backend.kind.as_ref() == "s3") else {
        return Ok(None);
    };
    let (value, diagnostics) = decode(&backend.body, &s3::schema(), &Nothing { dir: &module.dir });
    if diagnostics.has_errors() {
        return Err(diagnostics);
    }
    s3::Place::of(backend, &value).map(Some)
}

/// The store of a stack's state.
///
/// # Errors
/// The backend is not supported, or its block is wrong; or -backup is given for a state that is in no file.
pub fn store(
    module: &Module,
    workspace: &str,
    state: Option<&Path>,
    backup: Option<&Path>,
) -> Result<Place, Diagnostics> {
    if state.is_none()
        && let Some(bucket) = bucket(module)?
    {
        if backup.is_some_and(|path| path != Path::new("-")) {
            let detail = "The state is in a bucket, where no copy is kept.";
            return Err(Diagnostic::error("No backup of this state", detail)
                .hint("Leave out -backup. Versioning of the bucket keeps what was there before.")
                .into());
        }
        return bucket.store(workspace).map(Place::Object);
    }
    let path = match state {
        Some(path) => path.to_path_buf(),
        None => local_path(module, workspace)?,
    };
    let backup = match backup {
        None => Backup::Beside,
        Some(path) if path == Path::new("-") => Backup::Off,
        Some(path) => Backup::At(path.to_path_buf()),
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(|error| {
            Diagnostics::from(Diagnostic::error(
                "Failed to make the folder of the state",
                format!("{} can't be made: {error}.", folder.display()),
            ))
        })?;
    }
    Ok(Place::File(LocalStore::new(path, backup)))
}

/// Refuses to begin a state in a bucket where the folder has one already: all that it knows would be made once more.
///
/// # Errors
/// There is such a state.
pub fn refuse_second_state(place: &Place, dir: &Path, workspace: &str) -> Result<(), Diagnostic> {
    let Place::Object(_) = place else { return Ok(()) };
    let file = match workspace {
        DEFAULT_WORKSPACE => dir.join(STATE),
        name => dir.join(FOLDER).join(name).join(STATE),
    };
    let is_empty = |bytes: Vec<u8>| state::file::parse(&bytes).is_ok_and(|state| state.is_empty());
    if std::fs::read(&file).ok().filter(|bytes| !bytes.is_empty()).is_none_or(is_empty) {
        return Ok(());
    }
    let detail = format!("There is no state at {} yet, and {} has one.", place.name(), file.display());
    let hint = format!(
        "Put it there by `infra state push {}`. If it is of something else, move the file away.",
        file.display()
    );
    Err(Diagnostic::error("State in another place", detail).hint(hint))
}

fn local_path(module: &Module, workspace: &str) -> Result<PathBuf, Diagnostics> {
    if workspace != DEFAULT_WORKSPACE {
        return Ok(workspace_folder(module)?.join(workspace).join(STATE));
    }
    let file = settings(module)?.path.unwrap_or_else(|| STATE.into());
    Ok(module.dir.join(file))
}

fn settings(module: &Module) -> Result<Settings, Diagnostics> {
    match &module.backend {
        None => Ok(Settings::default()),
        Some(backend) if backend.kind.as_ref() == "local" => {
            let (value, diagnostics) = decode(&backend.body, &local_schema(), &Nothing { dir: &module.dir });
            if diagnostics.has_errors() {
                return Err(diagnostics);
            }
            Ok(Settings { path: text(&value, "path"), folder: text(&value, "workspace_dir") })
        }
        Some(backend) => {
            let detail =
                format!("The backend \"{}\" is not supported: states are kept in local files or in S3.", backend.kind);
            Err(Diagnostic::error("Unsupported backend type", detail)
                .at(backend.kind_range)
                .hint("Write `backend \"local\" { path = \"..\" }`, or leave the block out.")
                .into())
        }
    }
}

/// What a `backend "local"` block says.
#[derive(Default)]
struct Settings {
    path: Option<String>,
    folder: Option<String>,
}

fn local_schema() -> Block {
    let optional = || Attribute::new(Type::String, Presence::Optional);
    Block { attributes: [("path".into(), optional()), ("workspace_dir".into(), optional())].into(), ..Block::default() }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value.get(name)?.reveal().as_str().map(str::to_string)
}

/// The scope of a backend block: it is read before anything has a value.
struct Nothing<'a> {
    dir: &'a Path,
}

impl Scope for Nothing<'_> {
    fn value(&self, subject: &Subject, range: SourceRange) -> Result<Value, Diagnostic> {
        Err(Diagnostic::error(
            "Variables not allowed",
            format!("A backend block is read before anything else, so `{subject}` has no value there."),
        )
        .at(range))
    }

    fn surroundings(&self) -> Surroundings<'_> {
        Surroundings { base_dir: self.dir, home: None, plan_time: None, impure: None }
    }
}
