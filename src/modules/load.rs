//! Loading a stack whose modules come from anywhere: reading and installing alternate until all calls are there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lang::config::{Config, ModuleCall};
use lang::load::{Installed, NOT_INSTALLED, Options, is_local, load_within};
use lang::version::Constraint;
use model::address::ModuleAddr;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{SourceMap, SourceRange};

use crate::failure;
use crate::install::{Event, Installer, Ready, Surroundings, Versions, Wanted, fetcher, key};
use crate::known::{self, Fit, Known};
use crate::lock::{Lock, LockError, LockKey};
use crate::manifest::{Entry, Manifest};
use crate::source::Source;
use crate::store::{MODULES, Store};

/// What is done about modules that are not installed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Policy {
    /// Nothing: they are errors.
    Never,
    /// They are installed, as they are locked.
    Missing,
    /// As [`Policy::Missing`], and what no call needs any more is removed.
    Tidy,
    /// All are installed anew, in the newest versions that their calls accept.
    Upgrade,
}

/// Whether the lock file may be changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockFile {
    Update,
    /// That something would have to be written to it is an error.
    ReadOnly,
}

/// How to load.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The folder of the root module.
    pub root: &'a Path,
    pub allow_empty: bool,
    /// Whether tests may give the root module provider configurations: [`Options::for_tests`].
    pub for_tests: bool,
    pub policy: Policy,
    pub lock_file: LockFile,
}

/// A stack with its modules.
#[derive(Clone, Debug)]
pub struct Loaded {
    pub config: Config,
    pub diagnostics: Diagnostics,
    /// Where each module is, in the order of their keys.
    pub manifest: Manifest,
}

/// Loads a stack with all modules it calls, installing what the policy says.
///
/// As [`lang::load::load`], the configuration is there even if there are errors. A configuration with errors of its own has
/// nothing installed for it. The folder is written to only if there are modules to install or to forget.
pub fn load(request: Request<'_>, surroundings: Surroundings<'_>) -> Loaded {
    load_tree(request, Tree::default(), surroundings)
}

/// A module that is loaded as if it were the root module.
#[derive(Clone, Debug, Default)]
struct Tree {
    /// What it is called in the manifest: nothing, for the root module itself.
    key: ModuleAddr,
    source: Arc<str>,
    /// The folder to read, relative to the root module's or absolute.
    folder: PathBuf,
    /// The texts that were read before it.
    sources: SourceMap,
    /// What to install for it, and where that is written.
    wanted: Option<(Wanted, SourceRange)>,
}

/// A module that a test runs in the place of the root module.
#[derive(Clone, Copy, Debug)]
pub struct RunCall<'a> {
    /// The test file and the run that names it first, as Terraform's manifest has them: `test.tests.main.setup`.
    pub key: &'a ModuleAddr,
    pub source: &'a str,
    pub version: Option<&'a str>,
    pub source_range: SourceRange,
}

/// Loads a module that a test runs, as [`load`] does for the root module: a folder of the stack, or a module of a registry. The
/// texts are added to `sources`, which become the configuration's.
pub fn load_run(request: Request<'_>, call: RunCall<'_>, sources: SourceMap, surroundings: Surroundings<'_>) -> Loaded {
    let version = call.version.filter(|version| !version.is_empty());
    let mut tree = Tree { key: call.key.clone(), sources, ..Tree::default() };
    match Source::parse(call.source, version.is_some()) {
        Err(error) => return tree.refused(failure::source(call.source, version.is_some(), &error), call.source_range),
        Ok(Source::Remote { .. }) => return tree.refused(failure::not_for_runs(call.source), call.source_range),
        Ok(Source::Local(path)) => {
            tree.folder = PathBuf::from(path.strip_prefix("./").unwrap_or(&path));
            if !request.root.join(&tree.folder).is_dir() {
                return tree.refused(failure::no_folder(call.source), call.source_range);
            }
            tree.source = path;
        }
        Ok(source @ Source::Registry { .. }) => {
            // A constraint that is none was reported where it was read.
            let constraint = version.and_then(|version| version.parse::<Constraint>().ok());
            tree.wanted = Some((Wanted { addr: ModuleAddr::root(), source, constraint }, call.source_range));
        }
    }
    load_tree(request, tree, surroundings)
}

fn invalid_lock(error: &LockError) -> Diagnostic {
    Diagnostic::error("Invalid lock file", format!("{}.", failure::sentence(&error.to_string())))
        .hint("Take it from version control again, or remove it to lock what is installed.")
}

fn load_tree(request: Request<'_>, tree: Tree, surroundings: Surroundings<'_>) -> Loaded {
    let lock = match Lock::read(request.root) {
        Ok(lock) => lock,
        Err(error) => {
            let (config, mut diagnostics) = tree.read(&request, options(&request));
            diagnostics.0.retain(|found| found.summary != NOT_INSTALLED);
            diagnostics.push(invalid_lock(&error));
            return Loaded { config, diagnostics, manifest: Manifest::default() };
        }
    };
    let fetcher = fetcher(surroundings);
    let versions = if request.policy == Policy::Upgrade { Versions::Newest } else { Versions::AsLocked };
    let installer = Installer::new(request.root, versions, &fetcher, surroundings.events);
    let mut loading = Loading {
        request,
        tree,
        surroundings,
        lock,
        known: Known::read(request.root),
        installer,
        store: None,
        installed: BTreeMap::new(),
        unavailable: BTreeMap::new(),
        ready: BTreeMap::new(),
    };
    loading.begin();
    loading.run()
}

fn options(request: &Request<'_>) -> Options {
    Options { allow_empty: request.allow_empty, for_tests: request.for_tests, ..Options::default() }
}

impl Tree {
    /// What there is where the module itself can't be had.
    fn refused(self, found: Diagnostic, at: SourceRange) -> Loaded {
        let config = Config { sources: self.sources, incomplete: true, ..Config::default() };
        Loaded { config, diagnostics: found.at(at).into(), manifest: Manifest::default() }
    }

    fn read(&self, request: &Request<'_>, options: Options) -> (Config, Diagnostics) {
        load_within(request.root, &self.folder.to_string_lossy(), &options, self.sources.clone())
    }

    /// What a module of this tree is called in the manifest.
    fn full(&self, addr: &ModuleAddr) -> ModuleAddr {
        ModuleAddr(self.key.0.iter().chain(&addr.0).cloned().collect())
    }

    /// Which module of this tree has that name in the manifest.
    fn within(&self, full: &ModuleAddr) -> Option<ModuleAddr> {
        full.0.strip_prefix(self.key.0.as_slice()).map(|names| ModuleAddr(names.into()))
    }

    /// Whether an entry of the manifest is of another tree: the root module's has no runs of tests, and theirs nothing else.
    fn is_of_another(&self, entry: &Entry) -> bool {
        let is_of_runs = |key: &str| key.starts_with(RUNS);
        let own = key(&self.key);
        match own.is_empty() {
            true => is_of_runs(&entry.key),
            false => *entry.key != *own && !entry.key.strip_prefix(&*own).is_some_and(|rest| rest.starts_with('.')),
        }
    }
}

/// What the names of modules that tests run begin with in the manifest.
const RUNS: &str = "test.";

struct Loading<'a> {
    request: Request<'a>,
    tree: Tree,
    surroundings: Surroundings<'a>,
    lock: Lock,
    known: Known<'a>,
    installer: Installer<'a>,
    /// Held from the first change until all is written.
    store: Option<Store<'a>>,
    /// What the next reading is told.
    installed: BTreeMap<ModuleAddr, Installed>,
    unavailable: BTreeMap<ModuleAddr, Diagnostic>,
    /// The modules that are known to be what their calls want.
    ready: BTreeMap<ModuleAddr, Ready>,
}

impl Loading<'_> {
    /// Expects what is installed to be what is wanted.
    fn begin(&mut self) {
        self.ready.clear();
        self.unavailable.clear();
        self.installed = match self.request.policy {
            Policy::Upgrade => BTreeMap::new(),
            Policy::Never | Policy::Missing | Policy::Tidy => {
                let known = self.known.installed().into_iter();
                known.filter_map(|(full, installed)| Some((self.tree.within(&full)?, installed))).collect()
            }
        };
    }

    fn run(mut self) -> Loaded {
        loop {
            if let Some((wanted, at)) = self.tree.wanted.clone()
                && let Err(error) = self.find_root(&wanted)
            {
                return self.tree.refused(error, at);
            }
            let options = Options {
                installed: self.installed.clone(),
                unavailable: self.unavailable.clone(),
                ..options(&self.request)
            };
            let (config, mut diagnostics) = self.tree.read(&self.request, options);
            let wanted = match self.compare(&config) {
                // What was read may have been another module than the one that is wanted.
                Comparison::Wrong => continue,
                Comparison::Right { missing } => missing,
            };
            let has_errors = diagnostics.iter().any(|found| found.is_error() && found.summary != NOT_INSTALLED);
            if !wanted.is_empty() && !has_errors && self.request.policy != Policy::Never {
                match self.hold() {
                    Ok(Held::AsRead) => self.install(&wanted),
                    Ok(Held::Changed) => self.begin(),
                    Err(error) => {
                        diagnostics.0.retain(|found| found.summary != NOT_INSTALLED);
                        diagnostics.push(error);
                        return Loaded { manifest: self.manifest(&config), config, diagnostics };
                    }
                }
                continue;
            }
            if has_errors && self.request.policy != Policy::Never {
                // They would have been installed.
                diagnostics.0.retain(|found| found.summary != NOT_INSTALLED);
            }
            let is_whole = wanted.is_empty() && !has_errors && self.request.policy != Policy::Never;
            if is_whole && let Err(error) = self.remember(&config) {
                diagnostics.push(error);
            }
            return Loaded { manifest: self.manifest(&config), config, diagnostics };
        }
    }

    /// Sees to it that the module to begin with is there.
    fn find_root(&mut self, wanted: &Wanted) -> Result<(), Diagnostic> {
        let addr = self.tree.full(&wanted.addr);
        while !self.ready.contains_key(&wanted.addr) {
            match self.known.fit(&addr, &wanted.source, wanted.constraint.as_ref(), &self.lock) {
                Fit::Fits(ready) => drop(self.ready.insert(wanted.addr.clone(), *ready)),
                Fit::Changed { dir } => return Err(failure::changed(&key(&addr), &dir)),
                Fit::Differs => match self.hold()? {
                    Held::AsRead => {
                        self.install(std::slice::from_ref(wanted));
                        if let Some(error) = self.unavailable.remove(&wanted.addr) {
                            return Err(error);
                        }
                    }
                    Held::Changed => self.begin(),
                },
            }
        }
        self.tree.folder.clone_from(&self.ready[&wanted.addr].installed.path);
        Ok(())
    }

    /// Looks whether the modules that were read are those that their calls want, and which are not there.
    fn compare(&mut self, config: &Config) -> Comparison {
        let mut missing = Vec::new();
        let mut is_wrong = false;
        for (addr, call) in remote_calls(config) {
            if self.ready.contains_key(&addr) || self.unavailable.contains_key(&addr) {
                continue;
            }
            let version = call.version.as_deref().filter(|version| !version.is_empty());
            let source = match Source::parse(&call.source, version.is_some()) {
                Ok(source) => source,
                Err(error) => {
                    self.installed.remove(&addr);
                    self.unavailable.insert(addr, failure::source(&call.source, version.is_some(), &error));
                    is_wrong = true;
                    continue;
                }
            };
            // A constraint that is none was reported where it was read.
            let constraint = version.and_then(|version| version.parse::<Constraint>().ok());
            let was_read = self.installed.contains_key(&addr);
            let fit = match self.request.policy {
                Policy::Upgrade => Fit::Differs,
                Policy::Never | Policy::Missing | Policy::Tidy => {
                    self.known.fit(&self.tree.full(&addr), &source, constraint.as_ref(), &self.lock)
                }
            };
            match fit {
                Fit::Fits(ready) => {
                    is_wrong |= self.installed.get(&addr) != Some(&ready.installed);
                    self.installed.insert(addr.clone(), ready.installed.clone());
                    self.ready.insert(addr, *ready);
                }
                Fit::Differs => {
                    self.installed.remove(&addr);
                    is_wrong |= was_read;
                    missing.push(Wanted { addr, source, constraint });
                }
                Fit::Changed { dir } => {
                    self.installed.remove(&addr);
                    let error = failure::changed(&key(&self.tree.full(&addr)), &dir);
                    self.unavailable.insert(addr, error);
                    is_wrong = true;
                }
            }
        }
        if is_wrong { Comparison::Wrong } else { Comparison::Right { missing } }
    }

    /// Takes the store, unless it is taken already, and looks whether another process changed what was read.
    fn hold(&mut self) -> Result<Held, Diagnostic> {
        if self.store.is_some() {
            return Ok(Held::AsRead);
        }
        self.store = Some(self.installer.hold().map_err(|error| failed("folder .infra", &error))?);
        let lock = Lock::read(self.request.root).map_err(|error| failed("lock file", &error))?;
        let known = Known::read(self.request.root);
        let is_as_read = lock == self.lock && known.manifest() == self.known.manifest();
        (self.lock, self.known) = (lock, known);
        Ok(if is_as_read { Held::AsRead } else { Held::Changed })
    }

    fn install(&mut self, wanted: &[Wanted]) {
        let store = self.store.as_ref().expect("it is taken before modules are installed");
        let in_manifest = |wanted: &Wanted| Wanted { addr: self.tree.full(&wanted.addr), ..wanted.clone() };
        let answers = self.installer.install(store, &wanted.iter().map(in_manifest).collect::<Vec<_>>(), &self.lock);
        for (wanted, answer) in wanted.iter().zip(answers) {
            match answer {
                Ok(ready) => {
                    self.installed.insert(wanted.addr.clone(), ready.installed.clone());
                    self.ready.insert(wanted.addr.clone(), ready);
                }
                Err(error) => {
                    self.unavailable.insert(wanted.addr.clone(), error);
                }
            }
        }
    }

    /// Writes the manifest and the lock file if they are to say something else than they do.
    fn remember(&mut self, config: &Config) -> Result<(), Diagnostic> {
        let tidies = matches!(self.request.policy, Policy::Tidy | Policy::Upgrade);
        let mut lock = if tidies { Lock::default() } else { self.lock.clone() };
        for (key, locked) in self.ready.values().filter_map(|ready| ready.locked.as_ref()) {
            lock.packages.insert(key.clone(), locked.clone());
        }
        if tidies {
            self.keep_locked_by_terraform(&mut lock);
            self.keep_locked_by_runs(&mut lock);
        }
        let manifest = self.manifest(config);
        let has_own = manifest.modules.iter().any(|entry| entry.package.is_some());
        let had_own = !self.known.manifest().modules.is_empty();
        let changes_lock = lock != self.lock;
        let changes_manifest = (has_own || had_own) && manifest != *self.known.manifest();
        let may_tidy = tidies && (has_own || had_own);
        if !(changes_lock || changes_manifest || may_tidy) {
            return Ok(());
        }
        if self.store.is_none() {
            self.store = Some(self.installer.hold().map_err(|error| failed("folder .infra", &error))?);
        }
        let store = self.store.as_ref().expect("it was taken just now");
        if changes_lock {
            if self.request.lock_file == LockFile::ReadOnly {
                return Err(read_only(&self.lock, &lock));
            }
            lock.write(self.request.root).map_err(|error| failed("lock file", &error))?;
        }
        if changes_manifest {
            for entry in &manifest.modules {
                if !entry.key.is_empty() && self.known.manifest().entry(&entry.key) != Some(entry) {
                    self.surroundings.events.event(Event::Installed { key: &entry.key, dir: &entry.dir });
                }
            }
            manifest.write(&self.request.root.join(MODULES)).map_err(|error| failed("manifest", &error))?;
        }
        if may_tidy {
            let installed = manifest.modules.iter().filter(|entry| entry.package.is_some());
            let keys: Vec<&str> = installed.map(|entry| &*entry.key).collect();
            let packages = manifest.modules.iter().filter_map(|entry| entry.package.as_deref().map(Path::new));
            store.prune(&keys, &packages.collect::<Vec<_>>()).map_err(|error| failed("folder .infra", &error))?;
        }
        Ok(())
    }

    /// What Terraform installed says nothing of the lock file, which goes on as it is.
    fn keep_locked_by_terraform(&self, lock: &mut Lock) {
        let used: BTreeSet<LockKey> = self
            .ready
            .values()
            .filter(|ready| ready.entry.package.is_none())
            .map(|ready| LockKey {
                source: ready.installed.package.source.clone(),
                version: ready.entry.version.clone(),
            })
            .collect();
        for (key, locked) in &self.lock.packages {
            if used.contains(key) {
                lock.packages.insert(key.clone(), locked.clone());
            }
        }
    }

    /// What tests run stays as it is locked: only they know whether they need it still.
    fn keep_locked_by_runs(&self, lock: &mut Lock) {
        for entry in self.known.manifest().modules.iter().filter(|entry| self.tree.is_of_another(entry)) {
            let source = Source::parse(&entry.source, entry.version.is_some());
            let key = source.map(|source| known::lock_key(entry, &source));
            if let Ok(key) = key
                && let Some(locked) = self.lock.packages.get(&key)
            {
                lock.packages.insert(key, locked.clone());
            }
        }
    }

    fn manifest(&self, config: &Config) -> Manifest {
        let mut modules: Vec<Entry> = config
            .modules
            .values()
            .map(|module| match self.ready.get(&module.addr) {
                Some(ready) => ready.entry.clone(),
                None if module.addr.is_root() => self.entry(&module.addr, self.tree.source.clone(), &module.path),
                None => self.entry(&module.addr, local_source(config, &module.addr), &module.path),
            })
            .collect();
        let others = self.known.manifest().modules.iter().filter(|entry| self.tree.is_of_another(entry));
        let names: BTreeSet<Arc<str>> = modules.iter().map(|entry| entry.key.clone()).collect();
        modules.extend(others.filter(|entry| !names.contains(&entry.key)).cloned());
        modules.sort_by(|one, other| one.key.cmp(&other.key));
        Manifest { modules }
    }

    /// The entry of a module that is where its caller's package is.
    fn entry(&self, addr: &ModuleAddr, source: Arc<str>, dir: &Arc<str>) -> Entry {
        Entry { key: key(&self.tree.full(addr)).into(), source, dir: dir.clone(), ..Entry::default() }
    }
}

enum Held {
    AsRead,
    Changed,
}

enum Comparison {
    /// Something was read that is not wanted, or not read that is there.
    Wrong,
    Right {
        missing: Vec<Wanted>,
    },
}

/// The calls that name something else than a folder beside the caller.
fn remote_calls(config: &Config) -> Vec<(ModuleAddr, &ModuleCall)> {
    let modules = config.modules.values();
    let calls =
        modules.flat_map(|module| module.calls.values().map(|call| (module.addr.child(call.name.clone()), call)));
    calls.filter(|(_, call)| !call.source.is_empty() && !is_local(&call.source)).collect()
}

fn local_source(config: &Config, addr: &ModuleAddr) -> Arc<str> {
    let call = addr.parent().and_then(|parent| config.modules.get(&parent)?.calls.get(addr.0.last()?));
    match call.map(|call| Source::parse(&call.source, false)) {
        Some(Ok(source)) => source.to_string().into(),
        Some(Err(_)) | None => "".into(),
    }
}

fn failed(what: &str, error: &dyn std::error::Error) -> Diagnostic {
    Diagnostic::error("Failed to install modules", format!("The {what} can't be kept: {error}."))
}

fn read_only(old: &Lock, new: &Lock) -> Diagnostic {
    let changed =
        new.packages.iter().filter(|(key, locked)| old.packages.get(*key) != Some(*locked)).map(|(key, _)| key);
    let gone = old.packages.keys().filter(|key| !new.packages.contains_key(*key));
    let names: Vec<String> = changed.chain(gone).map(|key| key.source.to_string()).collect();
    Diagnostic::error(
        "Lock file would change",
        format!(
            "`{}` does not say what is needed of {}, and -lockfile=readonly keeps it as it is.",
            crate::lock::FILE_NAME,
            names.join(", ")
        ),
    )
    .hint("Run `infra init` without it, and commit the file.")
}
