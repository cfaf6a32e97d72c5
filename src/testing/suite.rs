//! Loads a configuration with its tests, and the other modules that the tests run.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::Arc;

use lang::config::{Config, Module};
use lang::load::test_file::load_tests;
use lang::test_file::{Run, RunModule, TestFile};
use lang::variables::{Given, Setting, collect_for_tests};
use model::address::ModuleAddr;
use model::diagnostic::Diagnostics;
use model::source::SourceMap;

/// A configuration with its test files.
#[derive(Debug)]
pub struct Suite {
    pub main: UnderTest,
    /// Other modules that runs name, by source and version.
    pub modules: BTreeMap<RunSource, UnderTest>,
    /// By name.
    pub files: Vec<TestFile>,
    /// The texts of everything.
    pub sources: SourceMap,
}

/// The source and the version of a module that runs name.
pub type RunSource = (Arc<str>, Option<Arc<str>>);

/// A module that tests run as if it were the root module.
#[derive(Debug)]
pub struct UnderTest {
    pub config: Config,
    /// What is given to variables from outside of the test files, whether the module declares them or not: to files in the
    /// root module's folder and to those in the folder for tests.
    given: BesideAndInTests,
}

/// Given values beside the configuration, and in the folder for tests.
type BesideAndInTests = [BTreeMap<Arc<str>, Given>; 2];

/// Where the suite is, and what the command line says.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    pub root: &'a Path,
    /// The folder for tests, relative to the root.
    pub directory: &'a str,
    /// Whether the folder was asked for, so that it should be there.
    pub requested: bool,
    pub environment: &'a [(String, String)],
    pub settings: &'a [Setting],
    pub modules: &'a dyn RunModules,
}

/// Loads the modules that runs name, from wherever they are.
pub trait RunModules {
    /// Loads a module as if it were the root module. `key` names its first run as Terraform's list of modules does; the texts are
    /// added to `sources`, which become the configuration's.
    fn load(&self, key: &ModuleAddr, module: &RunModule, sources: SourceMap) -> (Config, Diagnostics);
}

impl Suite {
    /// Loads the suite of a configuration that was loaded with these messages. With errors it can't be run; its sources are
    /// what the messages point into.
    pub fn load(request: Request<'_>, config: Config, mut diagnostics: Diagnostics) -> (Suite, Diagnostics) {
        let mut sources = config.sources.clone();
        let (files, found) = load_tests(request.root, request.directory, request.requested, &mut sources);
        diagnostics.extend(found);
        let mut configs: BTreeMap<RunSource, Config> = BTreeMap::new();
        for (file, run) in files.iter().flat_map(|file| file.runs.iter().map(move |run| (file, run))) {
            let Some(module) = &run.module else { continue };
            let Entry::Vacant(place) = configs.entry(source(module)) else { continue };
            let (config, found) = request.modules.load(&key(file, run), module, sources.clone());
            diagnostics.extend(found);
            sources.clone_from(&config.sources);
            place.insert(if config.modules.is_empty() { empty() } else { config });
        }
        let mut under_test = |config: Config| {
            let given = given(config.root(), request, &mut sources, &mut diagnostics);
            UnderTest { config, given }
        };
        let main = under_test(config);
        let modules: BTreeMap<_, _> =
            configs.into_iter().map(|(source, config)| (source, under_test(config))).collect();
        let mut suite = Suite { main, modules, files, sources };
        for under_test in std::iter::once(&mut suite.main).chain(suite.modules.values_mut()) {
            under_test.config.sources = suite.sources.clone();
        }
        (suite, diagnostics)
    }

    /// The module that a run is about.
    pub fn under_test(&self, module: Option<&RunModule>) -> &UnderTest {
        match module {
            None => &self.main,
            Some(module) => self.modules.get(&source(module)).expect("all modules of runs are loaded"),
        }
    }
}

impl UnderTest {
    /// What is given to variables from outside of the test file.
    pub fn given(&self, file: &TestFile) -> &BTreeMap<Arc<str>, Given> {
        let [beside, in_tests] = &self.given;
        if file.in_test_directory { in_tests } else { beside }
    }
}

fn source(module: &RunModule) -> RunSource {
    (module.source.clone(), module.version.clone())
}

/// What Terraform's list of modules calls the module of a run: `test.tests.network.setup`.
fn key(file: &TestFile, run: &Run) -> ModuleAddr {
    let path = file.name.strip_suffix(".tftest.hcl").or_else(|| file.name.strip_suffix(".tftest.json"));
    let folders = path.unwrap_or(&file.name).split('/').map(Arc::from);
    ModuleAddr(std::iter::once("test".into()).chain(folders).chain([run.name.clone()]).collect())
}

/// A configuration of nothing but a root module without blocks.
fn empty() -> Config {
    let root = Module { path: ".".into(), ..Module::default() };
    Config { modules: [(root.addr.clone(), root)].into(), incomplete: true, ..Config::default() }
}

fn given(
    module: &Module,
    request: Request<'_>,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> BesideAndInTests {
    let tests = request.root.join(request.directory);
    let folders: [Vec<&Path>; 2] = [vec![request.root], vec![request.root, &tests]];
    folders.map(|folders| {
        let folders: Vec<&Path> = folders.into_iter().filter(|folder| folder.is_dir()).collect();
        let (given, found) = collect_for_tests(module, &folders, request.environment, request.settings, sources);
        diagnostics.extend(found);
        given
    })
}
