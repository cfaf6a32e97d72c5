//! Loading a configuration with its modules, which are installed where they are missing; `infra get` and `infra modules`.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_credential_types::Credentials;
use lang::config::{Config, Module};
use lang::version::Constraint;
use model::address::{ModuleAddr, ProviderAddr};
use model::source::SourceMap;
use modules::environment::Environment;
use modules::fetch::s3::AwsCredentials;
use modules::install::{Event, Events, Surroundings, key};
use modules::load::{Loaded, LockFile, Policy, Request, RunCall};
use modules::manifest::Manifest;
use tokio::runtime::Handle;
use ui::modules::ModuleNode;

use crate::cli::arguments;
use crate::cli::report::{Failure, Outcome, Reporter};

/// The folder of the root module.
pub const ROOT: &str = ".";

/// Where it is told what is installed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Telling {
    /// It is what the command is for.
    Data,
    /// It goes on beside what the command is for.
    Note,
}

/// What loading does about modules.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub policy: Policy,
    pub lock_file: LockFile,
    pub telling: Telling,
    pub allow_empty: bool,
    /// Whether tests may give the root module provider configurations.
    pub for_tests: bool,
}

/// Loads the configuration of the present folder.
pub fn load(options: Options, reporter: &Reporter) -> Loaded {
    with_surroundings(options.telling, reporter, |surroundings| modules::load::load(options.request(), surroundings))
}

/// Loads a module that a test of the present folder runs.
pub fn load_run(options: Options, call: RunCall<'_>, sources: SourceMap, reporter: &Reporter) -> Loaded {
    with_surroundings(options.telling, reporter, |surroundings| {
        modules::load::load_run(options.request(), call, sources, surroundings)
    })
}

impl Options {
    fn request(self) -> Request<'static> {
        Request {
            root: Path::new(ROOT),
            allow_empty: self.allow_empty,
            for_tests: self.for_tests,
            policy: self.policy,
            lock_file: self.lock_file,
        }
    }
}

/// Calls something with what fetching modules needs.
pub fn with_surroundings<T>(telling: Telling, reporter: &Reporter, call: impl FnOnce(Surroundings<'_>) -> T) -> T {
    let environment = environment();
    let listener = Listener { telling, reporter };
    let aws = UserCredentials { runtime: Handle::current() };
    call(Surroundings { environment: &environment, aws: &aws, events: &listener })
}

/// Installs the modules of the present folder.
pub fn get(arguments: &arguments::Get, reporter: &Reporter) -> Result<Outcome, Failure> {
    let policy = if arguments.update { Policy::Upgrade } else { Policy::Tidy };
    let options =
        Options { policy, lock_file: LockFile::Update, telling: Telling::Data, allow_empty: false, for_tests: false };
    let loaded = load(options, reporter);
    if loaded.diagnostics.has_errors() {
        return Err(Failure { diagnostics: loaded.diagnostics, sources: loaded.config.sources });
    }
    reporter.diagnostics(&loaded.diagnostics, &loaded.config.sources);
    Ok(Outcome::Done)
}

/// Shows the modules that the configuration calls.
pub fn list(_arguments: &arguments::Modules, reporter: &Reporter) -> Result<Outcome, Failure> {
    let options = Options {
        policy: Policy::Missing,
        lock_file: LockFile::Update,
        telling: Telling::Note,
        allow_empty: true,
        for_tests: false,
    };
    let loaded = load(options, reporter);
    if loaded.diagnostics.has_errors() {
        return Err(Failure { diagnostics: loaded.diagnostics, sources: loaded.config.sources });
    }
    let root = tree(&loaded.config, &loaded.manifest, &|_| Vec::new());
    if reporter.json {
        reporter.document(&ui::modules::modules_json(&root))?;
    } else {
        reporter.terminal.data(&ui::modules::modules(&root))?;
    }
    Ok(Outcome::Done)
}

/// The providers that a module is said to need, each with the constraint on its version.
type Needs<'a> = dyn Fn(&Module) -> Vec<(ProviderAddr, Option<String>)> + 'a;

/// The modules of a configuration from the root down, each with the providers that it is said to need.
pub fn tree(config: &Config, manifest: &Manifest, providers: &Needs<'_>) -> ModuleNode {
    node(config, manifest, providers, &ModuleAddr::root())
}

fn node(config: &Config, manifest: &Manifest, providers: &Needs<'_>, addr: &ModuleAddr) -> ModuleNode {
    let Some(module) = config.modules.get(addr) else { return ModuleNode::default() };
    let entry = manifest.entry(&key(addr));
    let call = addr.parent().and_then(|parent| config.modules.get(&parent)?.calls.get(addr.0.last()?));
    let constraint = call.and_then(|call| call.version.as_ref()?.parse::<Constraint>().ok());
    let text = |text: Option<&Arc<str>>| text.map(|text| text.to_string());
    ModuleNode {
        name: text(addr.0.last()).unwrap_or_default(),
        source: text(entry.map(|entry| &entry.source)).unwrap_or_default(),
        version: text(entry.and_then(|entry| entry.version.as_ref())),
        constraint: constraint.map(|constraint| constraint.to_string()),
        providers: providers(module),
        modules: module.calls.keys().map(|name| node(config, manifest, providers, &addr.child(name.clone()))).collect(),
    }
}

/// The variables of the process; those that are not text can't be meant for us.
fn environment() -> Environment {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    Environment {
        variables: std::env::vars_os().filter_map(text).collect(),
        home: std::env::var_os("HOME").map(PathBuf::from),
    }
}

struct Listener<'a> {
    telling: Telling,
    reporter: &'a Reporter,
}

impl Events for Listener<'_> {
    fn event(&self, event: Event<'_>) {
        let text = match event {
            Event::Waiting => ui::modules::waiting(),
            Event::Downloading { key, package, version } => {
                ui::modules::downloading(package, version.map(ToString::to_string).as_deref(), key)
            }
            Event::Installed { key, dir } => ui::modules::installed(key, dir),
            Event::LeftOut { package, links } => ui::modules::left_out(package, links),
        };
        match (self.telling, &self.reporter.stream) {
            (Telling::Data, Some(stream)) => stream.log(&text),
            // That nobody reads it stops nothing.
            (Telling::Data, None) => drop(self.reporter.terminal.data(&format!("{text}\n"))),
            (Telling::Note, _) => self.reporter.terminal.note(&format!("{text}\n")),
        }
    }
}

/// The user's credentials, found as the AWS provider finds them.
struct UserCredentials {
    runtime: Handle,
}

impl AwsCredentials for UserCredentials {
    fn credentials(&self, profile: Option<&str>) -> Result<Option<Credentials>, Box<dyn Error + Send + Sync>> {
        // A thread of its own may wait for the runtime, wherever this is called from.
        let found = std::thread::scope(|scope| {
            let thread = scope.spawn(|| self.runtime.block_on(aws::clients::user_credentials(profile)));
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        Ok(found?)
    }
}
