//! A stack opened for a command: its configuration, variables, providers and state.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ::modules::load::{Loaded, LockFile, Policy};
use engine::event::Events;
use engine::pool::Pool;
use engine::stack::Stack;
use jiff::Timestamp;
use lang::config::{Config, Module, Variable};
use lang::variables::{Given, Origin, collect, root_values, variable_value};
use model::address::ModuleAddr;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::value::{Marks, Value};
use state::lock::{LockError, LockInfo, LockRequest, LockTime};
use state::opened::{OpenError, OpenRequest, Opened, SaveError, open, peek};

use crate::cli::arguments::{StateArguments, Variables};
use crate::cli::ask;
use crate::cli::backend::{self, Place};
use crate::cli::chance::{Machine, sixteen};
use crate::cli::modules::{self, Options, Telling};
use crate::cli::report::{Failure, Reporter};

/// The version in Terraform's numbering whose state format is written.
const LOCK_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A configuration with the values of its variables.
pub struct Session {
    pub config: Config,
    pub variables: BTreeMap<Arc<str>, Value>,
    /// The same before conversion: as they were given, or else the defaults. With the marks of the variables.
    pub given: BTreeMap<Arc<str>, Value>,
    /// The ephemeral variables that were given a value.
    pub ephemeral: BTreeSet<Arc<str>>,
    pub workspace: String,
    /// Warnings of loading; shown with the plan's.
    pub warnings: Diagnostics,
    dir: PathBuf,
    cwd: PathBuf,
    home: Option<PathBuf>,
}

impl Session {
    /// Loads the configuration of the present folder, and installs modules that are missing.
    ///
    /// # Errors
    /// It has errors.
    pub fn load(reporter: &Reporter) -> Result<Session, Failure> {
        Session::load_with(Policy::Missing, reporter)
    }

    /// Loads the configuration of the present folder for what its root module alone says; a folder without any is an empty
    /// one. Modules that are not installed are left out.
    ///
    /// # Errors
    /// It has errors.
    pub fn load_if_any(reporter: &Reporter) -> Result<Session, Failure> {
        Session::load_with(Policy::Never, reporter)
    }

    fn load_with(policy: Policy, reporter: &Reporter) -> Result<Session, Failure> {
        let allow_empty = policy == Policy::Never;
        let options =
            Options { policy, lock_file: LockFile::Update, telling: Telling::Note, allow_empty, for_tests: false };
        let Loaded { config, mut diagnostics, .. } = modules::load(options, reporter);
        if policy == Policy::Never {
            diagnostics.0.retain(|found| found.summary != lang::load::NOT_INSTALLED);
        }
        if diagnostics.has_errors() {
            return Err(Failure { diagnostics, sources: config.sources });
        }
        Ok(Session { warnings: diagnostics, ..Session::of(config)? })
    }

    /// A configuration that was loaded already, without errors.
    ///
    /// # Errors
    /// The workspace that is selected has a name that can't be one.
    pub fn of(config: Config) -> Result<Session, Failure> {
        let cwd = std::env::current_dir().map_err(|error| {
            Failure::from(Diagnostic::error("Failed to find the present folder", format!("{error}.")))
        })?;
        let dir = PathBuf::from(modules::ROOT);
        let workspace = backend::workspace(&dir, std::env::var("TF_WORKSPACE").ok().as_deref())?;
        let home = std::env::var_os("HOME").map(PathBuf::from);
        Ok(Session {
            config,
            variables: BTreeMap::new(),
            given: BTreeMap::new(),
            ephemeral: BTreeSet::new(),
            workspace,
            warnings: Diagnostics::new(),
            dir,
            cwd,
            home,
        })
    }

    /// Gives the root module's variables their values.
    ///
    /// # Errors
    /// A value is missing or wrong.
    pub fn set_variables(&mut self, arguments: &Variables, reporter: &Reporter) -> Result<(), Failure> {
        let environment: Vec<(String, String)> = std::env::vars().collect();
        let root = self.config.modules.get(&ModuleAddr::root()).expect("a configuration has a root module");
        let (mut given, diagnostics) = collect(root, &environment, &arguments.settings, &mut self.config.sources);
        let mut found = diagnostics;
        if arguments.input && !reporter.json && reporter.terminal.is_interactive() {
            for variable in root.variables.values() {
                if variable.default.is_none() && !given.contains_key(&variable.name) {
                    let text = ask::variable(&variable.name, variable.description.as_deref(), reporter)?;
                    given.insert(variable.name.clone(), Given { value: Value::string(text), origin: Origin::Prompt });
                }
            }
        }
        let (values, diagnostics) = root_values(root, &given, &self.config.sources);
        found.extend(diagnostics);
        if found.has_errors() {
            return Err(Failure::from(found).within(&self.config.sources));
        }
        self.warnings.extend(found);
        let is_ephemeral = |name: &&Arc<str>| root.variables.get(*name).is_some_and(|variable| variable.ephemeral);
        self.ephemeral = given.keys().filter(is_ephemeral).cloned().collect();
        self.given = as_given(root, &given);
        self.variables = values;
        Ok(())
    }

    /// Gives the root module's variables the values that a plan was saved with, and those that it must not keep from where
    /// the others came from.
    ///
    /// `needed` are the ephemeral variables that the plan was made with values for.
    ///
    /// # Errors
    /// An ephemeral variable has no value now and had one then, or the other way round; or an option gives another value
    /// than the plan has.
    pub fn set_saved_variables(
        &mut self,
        saved: BTreeMap<Arc<str>, Value>,
        needed: &BTreeSet<Arc<str>>,
        arguments: &Variables,
    ) -> Result<(), Failure> {
        let environment: Vec<(String, String)> = std::env::vars().collect();
        let root = self.config.modules.get(&ModuleAddr::root()).expect("a configuration has a root module");
        let (without, _) = collect(root, &environment, &[], &mut self.config.sources.clone());
        let (given, mut found) = collect(root, &environment, &arguments.settings, &mut self.config.sources);
        let mut values = saved;
        for variable in root.variables.values() {
            let one = given.get(&variable.name);
            if !variable.ephemeral {
                // What the environment and files that are read anyway say now does not matter.
                let option = one.filter(|one| without.get(&variable.name) != Some(one));
                let other = option.map(|option| variable_value(variable, Some(option), &self.config.sources));
                match (other, values.get(&variable.name)) {
                    (Some(Ok(other)), Some(saved)) if !other.same(saved) => found.push(fixed_variable(variable)),
                    (Some(Err(error)), _) => found.push(error),
                    (Some(Ok(_)) | None, _) => {}
                }
                continue;
            }
            match (needed.contains(&variable.name), one) {
                (true, None) => found.push(missing_variable(variable)),
                (false, Some(_)) => found.push(unexpected_variable(variable)),
                (true, Some(_)) | (false, None) => match variable_value(variable, one, &self.config.sources) {
                    Ok(value) => drop(values.insert(variable.name.clone(), value)),
                    Err(error) => found.push(error),
                },
            }
        }
        if found.has_errors() {
            return Err(Failure::from(found).within(&self.config.sources));
        }
        self.warnings.extend(found);
        self.variables = values;
        Ok(())
    }

    /// Gives the root module's variables the values that there are; the others stay unknown.
    ///
    /// # Errors
    /// A value is wrong.
    pub fn set_given_variables(&mut self, arguments: &Variables) -> Result<(), Failure> {
        let environment: Vec<(String, String)> = std::env::vars().collect();
        let root = self.config.modules.get(&ModuleAddr::root()).expect("a configuration has a root module");
        let (given, mut found) = collect(root, &environment, &arguments.settings, &mut self.config.sources);
        let mut values = BTreeMap::new();
        for variable in root.variables.values() {
            let given = given.get(&variable.name);
            if given.is_none() && variable.default_value.is_none() {
                continue;
            }
            match variable_value(variable, given, &self.config.sources) {
                Ok(value) => drop(values.insert(variable.name.clone(), value)),
                Err(error) => found.push(error),
            }
        }
        if found.has_errors() {
            return Err(Failure::from(found).within(&self.config.sources));
        }
        self.warnings.extend(found);
        self.variables = values;
        Ok(())
    }

    pub fn root(&self) -> &Module {
        self.config.modules.get(&ModuleAddr::root()).expect("a configuration has a root module")
    }

    /// The stack as the engine sees it.
    pub fn stack<'a>(&'a self, providers: &'a Pool<'a>, events: &'a dyn Events) -> Stack<'a> {
        Stack {
            config: &self.config,
            variables: &self.variables,
            providers,
            stand_ins: &engine::stand_in::Nothing,
            chance: &Machine,
            events,
            dir: &self.dir,
            cwd: &self.cwd,
            home: self.home.as_deref(),
            workspace: &self.workspace,
        }
    }

    /// Messages as a failure, with the source text they point into.
    pub fn failure(&self, diagnostics: impl Into<Diagnostics>) -> Failure {
        Failure::from(diagnostics.into()).within(&self.config.sources)
    }

    fn store(&self, state: Option<&Path>, backup: Option<&Path>) -> Result<Place, Failure> {
        backend::store(self.root(), &self.workspace, state, backup).map_err(|diagnostics| self.failure(diagnostics))
    }

    /// Opens the state for a run.
    ///
    /// # Errors
    /// It is locked, broken, or can't be read; or it would be a second one beside a local state.
    pub async fn open(
        &self,
        arguments: &StateArguments,
        operation: &str,
        reporter: &Reporter,
    ) -> Result<Opened, Failure> {
        let (opened, place) = self.open_any(arguments, operation, reporter).await?;
        if !opened.exists() {
            backend::refuse_second_state(&place, &self.dir, &self.workspace)
                .map_err(|diagnostic| self.failure(diagnostic))?;
        }
        Ok(opened)
    }

    /// As [`Self::open`], whatever other state there is.
    ///
    /// # Errors
    /// It is locked, broken, or can't be read.
    pub async fn open_any(
        &self,
        arguments: &StateArguments,
        operation: &str,
        reporter: &Reporter,
    ) -> Result<(Opened, Place), Failure> {
        let store = self.store(arguments.state.as_deref(), arguments.backup.as_deref())?;
        let waiting = |holder: Option<&LockInfo>| {
            let by = holder.map_or_else(String::new, |holder| format!(" by {} since {}", holder.who, holder.created.0));
            reporter.terminal.note(&format!("Waiting for the lock of the state, which is held{by}..\n"));
        };
        let taken_over = |dead: &LockInfo| {
            reporter.terminal.note(&format!(
                "Took over the lock of {}, who held it since {} for `{}` and did not renew it any more.\n",
                dead.who, dead.created.0, dead.operation
            ));
        };
        let lock = arguments.lock.then(|| LockRequest {
            info: lock_info(operation, &store.name()),
            timeout: arguments.lock_timeout,
            waiting: &waiting,
            taken_over: &taken_over,
        });
        let rescue = vec![self.dir.clone(), std::env::temp_dir()];
        let request = OpenRequest { lock, random: sixteen(), rescue };
        let opened = open(store.store(), request).await.map_err(|error| self.failure(open_error(&error)))?;
        Ok((opened, store))
    }

    /// Where the state is kept; `state` is what the command line says of it.
    ///
    /// # Errors
    /// The backend is not one that is supported.
    pub fn place(&self, state: Option<&Path>) -> Result<Place, Failure> {
        self.store(state, None)
    }

    /// Whether the state is locked, and by whom, as far as the holder says.
    ///
    /// # Errors
    /// It can't be found out.
    pub async fn lock_holder(&self) -> Result<Option<Option<LockInfo>>, Failure> {
        let store = self.store(None, None)?;
        let info = lock_info("force-unlock", &store.name());
        let request = LockRequest { info, timeout: Duration::ZERO, waiting: &|_| {}, taken_over: &|_| {} };
        let failed = |error: LockError| self.failure(open_error(&error.into()));
        match store.store().lock(&request).await {
            Ok(guard) => guard.release().await.map(|()| None).map_err(failed),
            Err(LockError::Taken { holder, .. }) => Ok(Some(holder)),
            Err(error @ LockError::Io { .. }) => Err(failed(error)),
        }
    }

    /// Reads the state without any intent to change it.
    ///
    /// # Errors
    /// It is broken, or can't be read.
    pub async fn peek(&self, state: Option<&Path>) -> Result<state::State, Failure> {
        let store = self.store(state, None)?;
        peek(&*store.store()).await.map_err(|error| self.failure(open_error(&error)))
    }
}

fn fixed_variable(variable: &Variable) -> Diagnostic {
    Diagnostic::error(
        "Can't change variable when applying a saved plan",
        format!(
            "The plan was made with another value of the variable `{}`, and an apply does what was planned.",
            variable.name
        ),
    )
    .at(variable.declared)
    .hint("Leave the option out, or make a new plan with it.")
}

fn missing_variable(variable: &Variable) -> Diagnostic {
    Diagnostic::error(
        "No value for required variable",
        format!(
            "The ephemeral variable `{}` had a value when the plan was made. A saved plan does not keep it, so it must be \
             given again.",
            variable.name
        ),
    )
    .at(variable.declared)
    .hint(format!("Give it with -var '{name}=VALUE', or in the environment as TF_VAR_{name}.", name = variable.name))
}

fn unexpected_variable(variable: &Variable) -> Diagnostic {
    Diagnostic::error(
        "Ephemeral variable was not set during planning",
        format!(
            "The ephemeral variable `{}` was given no value when the plan was made, so it must have none now.",
            variable.name
        ),
    )
    .at(variable.declared)
}

fn as_given(root: &Module, given: &BTreeMap<Arc<str>, Given>) -> BTreeMap<Arc<str>, Value> {
    let of = |variable: &Variable| {
        let value = given.get(&variable.name).map(|given| &given.value).or(variable.default_value.as_ref())?.clone();
        let value = if variable.sensitive { value.with_marks(Marks::SENSITIVE) } else { value };
        Some(if variable.ephemeral { value.with_marks(Marks::EPHEMERAL) } else { value })
    };
    root.variables.iter().filter_map(|(name, variable)| Some((name.clone(), of(variable)?))).collect()
}

fn lock_info(operation: &str, place: &str) -> LockInfo {
    let user = std::env::var("USER").unwrap_or_else(|_| "unknown".into());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    LockInfo {
        id: engine::stack::uuid(&Machine),
        operation: operation.into(),
        info: String::new(),
        who: format!("{user}@{}", host.trim()),
        version: LOCK_VERSION.into(),
        created: LockTime(Timestamp::now()),
        path: place.to_owned(),
    }
}

fn open_error(error: &OpenError) -> Diagnostic {
    let (summary, hint) = match error {
        OpenError::Lock(lock) => ("Error acquiring the state lock", Some(lock.hint())),
        OpenError::Store(store) => ("Failed to read the state", Some(store.hint())),
        OpenError::File { source, .. } => ("Failed to read the state", Some(source.hint())),
        OpenError::Journal(journal) => ("Failed to read the journal of an unfinished run", Some(journal.hint())),
    };
    let diagnostic = Diagnostic::error(summary, format!("{}.", capitalized(&error.to_string())));
    match hint {
        Some(hint) => diagnostic.hint(hint),
        None => diagnostic,
    }
}

/// The message for a state that could not be saved.
pub fn save_error(error: &SaveError) -> Diagnostic {
    Diagnostic::error("Failed to save the state", format!("{}.", capitalized(&error.to_string()))).hint(error.hint())
}

/// A fragment as the beginning of a sentence.
fn capitalized(fragment: &str) -> String {
    let mut letters = fragment.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How long the state is left alone at least while an apply runs: the journal has everything meanwhile.
pub const SAVE_INTERVAL: Duration = Duration::from_secs(10);
