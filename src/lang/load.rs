//! From the folder of a stack to its configuration: files, override files, and the modules they call.

mod call;
mod check;
pub(crate) mod files;
mod json;
mod lifecycle;
mod link;
mod module;
mod overrides;
mod provider;
mod provisioner;
mod refactor;
mod resource;
mod settings;
mod source;
mod statics;
pub mod test_file;
mod values;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use model::address::ModuleAddr;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::{SourceMap, SourceRange};

use crate::config::{Config, Module, ModuleCall};
use crate::version::Version;

pub use call::is_local;
pub(crate) use module::module_name;

/// The version of Terraform whose language is understood, as `required_version` compares it.
pub const LANGUAGE_VERSION: &str = "1.11.4";

/// The summary of what is said of a module that is not there.
pub const NOT_INSTALLED: &str = "Module not installed";

/// What loading needs to know besides the folder.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where modules that are not in a folder beside their caller were installed.
    pub installed: BTreeMap<ModuleAddr, Installed>,
    /// What is said of modules that could not be installed.
    pub unavailable: BTreeMap<ModuleAddr, Diagnostic>,
    /// Whether a folder without configuration is an empty configuration rather than an error.
    pub allow_empty: bool,
    /// Whether tests may give the root module the provider configurations that it lists as `configuration_aliases`, as callers
    /// give them to other modules.
    pub for_tests: bool,
}

/// Where a module is that a call names by something else than a folder beside the caller's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Installed {
    /// The folder to read. One that is installed for several calls is read once.
    pub dir: PathBuf,
    /// What `path.module` is: relative to the root module's folder, or absolute.
    pub path: PathBuf,
    pub package: Arc<Package>,
}

/// What was installed as a whole: modules in it may call each other by relative folders, and nothing outside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Package {
    pub dir: PathBuf,
    /// What `path.module` of the modules in it begins with.
    pub path: PathBuf,
    /// The address it was fetched from, without credentials.
    pub source: Arc<str>,
}

/// Reads the configuration in a folder, and that of all modules it calls.
///
/// The configuration is there even if there are errors, with as much as could be read, so that more of it can be checked;
/// its source map has the text of every range in the diagnostics. Nothing is evaluated.
pub fn load(root: &Path, options: &Options) -> (Config, Diagnostics) {
    load_within(root, "", options, SourceMap::default())
}

/// As [`load`], for a module in the folder `path` below `root`, as runs of tests have them. `path` is what `path.module` and
/// the names of its files begin with. The texts are added to `sources`, which become the configuration's.
pub fn load_within(root: &Path, path: &str, options: &Options, sources: SourceMap) -> (Config, Diagnostics) {
    let mut loader = Loader {
        options,
        language: LANGUAGE_VERSION.parse().expect("the version is valid"),
        sources,
        diagnostics: Diagnostics::new(),
        read: HashMap::new(),
        modules: BTreeMap::new(),
        incomplete: false,
    };
    let dir = if path.is_empty() { root.to_path_buf() } else { root.join(path) };
    loader.load_all(&dir, &clean(Path::new(path)));
    let config = Config { modules: loader.modules, sources: loader.sources, incomplete: loader.incomplete };
    let mut diagnostics = loader.diagnostics;
    if !config.incomplete {
        link::link(&config, options.for_tests, &mut diagnostics);
    }
    diagnostics.0.sort_by_key(|found| found.subject.map(|at| (at.file, at.start)));
    // A module that is called many times has the same mistakes each time.
    diagnostics.0.dedup_by(|a, b| a.subject.is_some() && a.subject == b.subject && a.summary == b.summary);
    (config, diagnostics)
}

struct Loader<'a> {
    options: &'a Options,
    language: Version,
    sources: SourceMap,
    diagnostics: Diagnostics,
    /// Modules by folder: one that is called many times is read once.
    read: HashMap<PathBuf, Module>,
    modules: BTreeMap<ModuleAddr, Module>,
    /// As [`Config::incomplete`].
    incomplete: bool,
}

/// A module to load, and the place of the `source` that names it.
struct Wanted {
    addr: ModuleAddr,
    dir: PathBuf,
    /// The folder relative to the root module's.
    path: PathBuf,
    called_at: Option<SourceRange>,
    callers: Option<Rc<Caller>>,
    /// What its relative calls must stay in.
    package: Option<Arc<Package>>,
}

/// Where a module is, as [`Installed`] has it.
struct Place {
    dir: PathBuf,
    path: PathBuf,
    package: Option<Arc<Package>>,
}

/// The folder of a module that calls another, and what calls that.
struct Caller {
    dir: PathBuf,
    caller: Option<Rc<Caller>>,
}

impl Caller {
    /// Whether the module in this folder is the caller, or one of those that call the caller: calling it would never end.
    fn is_within(&self, dir: &Path) -> bool {
        let mut caller = Some(self);
        while let Some(Caller { dir: own, caller: outer }) = caller {
            if own == dir {
                return true;
            }
            caller = outer.as_deref();
        }
        false
    }
}

impl Loader<'_> {
    fn load_all(&mut self, root: &Path, path: &Path) {
        let root = Wanted {
            addr: ModuleAddr::root(),
            dir: root.to_path_buf(),
            path: path.to_path_buf(),
            called_at: None,
            callers: None,
            package: None,
        };
        let mut queue = VecDeque::from([root]);
        while let Some(wanted) = queue.pop_front() {
            let Some(module) = self.module(&wanted) else { continue };
            let caller = Rc::new(Caller { dir: clean(&wanted.dir), caller: wanted.callers.clone() });
            for call in module.calls.values() {
                let addr = wanted.addr.child(call.name.clone());
                let Some(Place { dir, path, package }) = self.place(&wanted, &addr, call) else {
                    self.incomplete |= !call.source.is_empty();
                    continue;
                };
                if caller.is_within(&clean(&dir)) {
                    self.diagnostics.push(cycle(&addr, call));
                    self.incomplete = true;
                    continue;
                }
                queue.push_back(Wanted {
                    addr,
                    dir,
                    path,
                    called_at: Some(call.source_range),
                    callers: Some(caller.clone()),
                    package,
                });
            }
            self.modules.insert(wanted.addr, module);
        }
    }

    /// Where the module of a call is; `None`, and said why, when it is nowhere.
    fn place(&mut self, caller: &Wanted, addr: &ModuleAddr, call: &ModuleCall) -> Option<Place> {
        if call.source.is_empty() {
            return None;
        }
        if !call::is_local(&call.source) {
            let Some(installed) = self.options.installed.get(addr) else {
                let found = self.options.unavailable.get(addr).cloned().unwrap_or_else(|| not_installed(call));
                let at = found.subject.or(Some(call.source_range));
                self.diagnostics.push(found.at(at));
                return None;
            };
            let Installed { dir, path, package } = installed.clone();
            return Some(Place { dir, path, package: Some(package) });
        }
        let source = call.source.replace('\\', "/");
        let dir = clean(&caller.dir.join(&source));
        let path = match &caller.package {
            None => clean(&caller.path.join(&source)),
            Some(package) => match dir.strip_prefix(&package.dir) {
                Ok(inside) => clean(&package.path.join(inside)),
                Err(_) => {
                    self.diagnostics.push(escapes(addr, call, package));
                    return None;
                }
            },
        };
        Some(Place { dir, path, package: caller.package.clone() })
    }

    /// The module of a folder. A folder that can't be read is no module, so that nothing is said of what it might hold; only
    /// the root module is always there.
    fn module(&mut self, wanted: &Wanted) -> Option<Module> {
        let mut module = match self.read.get(&wanted.dir) {
            Some(module) => module.clone(),
            None => {
                let module = self.read_module(wanted).or_else(|| wanted.addr.is_root().then(Module::default))?;
                self.read.insert(wanted.dir.clone(), module.clone());
                module
            }
        };
        module.addr = wanted.addr.clone();
        module.dir = wanted.dir.clone();
        module.path = if wanted.path.as_os_str().is_empty() { ".".into() } else { shown(&wanted.path).into() };
        Some(module)
    }

    fn read_module(&mut self, wanted: &Wanted) -> Option<Module> {
        let files = files::read_folder(&wanted.dir, &shown(&wanted.path), &mut self.sources, &mut self.diagnostics);
        let files = match files {
            Ok(files) => files,
            Err(error) => {
                let name = if wanted.addr.is_root() { wanted.dir.display().to_string() } else { shown(&wanted.path) };
                self.diagnostics.push(
                    Diagnostic::error(
                        "Unreadable module directory",
                        format!("The folder {name} can't be read: {error}."),
                    )
                    .at(wanted.called_at),
                );
                self.incomplete = true;
                return None;
            }
        };
        if files.primary.is_empty() && wanted.addr.is_root() && !self.options.allow_empty {
            self.diagnostics.push(Diagnostic::error(
                "No configuration files",
                format!("The folder {} has no file whose name ends in `.tf` or `.tf.json`.", wanted.dir.display()),
            ));
        }
        self.incomplete |= !files.complete;
        let misread = files.misread.clone();
        let mut found = Diagnostics::new();
        let module = module::module(files, &self.language, &self.sources, &mut found);
        // After a brace too many or too few, most of what a file seems to say is not what was meant.
        let is_certain = |found: &Diagnostic| found.subject.is_none_or(|at| !misread.contains(&at.file));
        self.diagnostics.extend(found.into_iter().filter(is_certain));
        Some(module)
    }
}

fn not_installed(call: &ModuleCall) -> Diagnostic {
    Diagnostic::error(NOT_INSTALLED, format!("The module `{}` is not on this machine yet.", call.name))
        .hint("`infra init` installs all modules of a configuration.")
}

fn escapes(addr: &ModuleAddr, call: &ModuleCall, package: &Package) -> Diagnostic {
    Diagnostic::error(
        "Local module path escapes module package",
        format!(
            "The folder `{}` of {addr} is outside of the package `{}` that its caller is in. Only what was fetched with the caller \
             can be called by a relative path.",
            call.source, package.source
        ),
    )
    .at(call.source_range)
}

fn cycle(addr: &ModuleAddr, call: &ModuleCall) -> Diagnostic {
    Diagnostic::error(
        "Module calls itself",
        format!(
            "{addr} is in the folder of a module that it is called from, so the calls would never end. The source `{}` must \
             name another folder.",
            call.source
        ),
    )
    .at(call.source_range)
}

/// The path without `.` and with `..` taken together with the name before it.
fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(cleaned.components().next_back(), Some(Component::Normal(_))) => {
                cleaned.pop();
            }
            Component::ParentDir | Component::Normal(_) | Component::RootDir | Component::Prefix(_) => {
                cleaned.push(component);
            }
        }
    }
    cleaned
}

/// A path with forward slashes, as messages and `path.module` have it.
fn shown(path: &Path) -> String {
    path.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/")
}
