//! Loads a configuration with its tests, and the other modules that the tests run.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use lang::config::{Config, Module};
use lang::load::test_file::load_tests;
use lang::load::{Options, is_local, load_within};
use lang::test_file::{RunModule, TestFile};
use lang::variables::{Given, Setting, collect_for_tests};
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceMap;

/// A configuration with its test files.
#[derive(Debug)]
pub struct Suite {
    pub main: UnderTest,
    /// Other modules that runs name, by source.
    pub modules: BTreeMap<Arc<str>, UnderTest>,
    /// By name.
    pub files: Vec<TestFile>,
    /// The texts of everything.
    pub sources: SourceMap,
}

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
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    pub root: &'a Path,
    /// The folder for tests, relative to the root.
    pub directory: &'a str,
    /// Whether the folder was asked for, so that it should be there.
    pub requested: bool,
    pub environment: &'a [(String, String)],
    pub settings: &'a [Setting],
}

impl Suite {
    /// Loads the suite of a configuration that was loaded with these messages. With errors it can't be run; its sources are
    /// what the messages point into.
    pub fn load(request: Request<'_>, config: Config, mut diagnostics: Diagnostics) -> (Suite, Diagnostics) {
        let mut sources = config.sources.clone();
        let (files, found) = load_tests(request.root, request.directory, request.requested, &mut sources);
        diagnostics.extend(found);
        let mut configs: BTreeMap<Arc<str>, Config> = BTreeMap::new();
        let named = files.iter().flat_map(|file| &file.runs).filter_map(|run| run.module.as_ref());
        for module in named {
            if !configs.contains_key(&module.source) {
                configs.insert(module.source.clone(), other(request.root, module, &mut sources, &mut diagnostics));
            }
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
            Some(module) => self.modules.get(&module.source).expect("all modules of runs are loaded"),
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

fn other(root: &Path, module: &RunModule, sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Config {
    let folder = module.source.strip_prefix("./").unwrap_or(&module.source);
    if !is_local(&module.source) || !root.join(folder).is_dir() {
        diagnostics.push(
            Diagnostic::error(
                "Module not installed",
                format!(
                    "The module at `{}` is not on this machine. A run can use modules in folders, with a source that begins \
                     with `./` or `../`, as seen from the root module.",
                    module.source
                ),
            )
            .at(module.source_range),
        );
        return empty();
    }
    let (config, found) =
        load_within(root, folder, &Options { allow_empty: true, ..Options::default() }, sources.clone());
    diagnostics.extend(found);
    sources.clone_from(&config.sources);
    config
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
