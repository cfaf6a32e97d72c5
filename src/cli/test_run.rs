//! `infra test`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ::modules::load::{LockFile, Policy, RunCall};
use engine::apply::StopSource;
use engine::pool::Pool;
use lang::config::Config;
use lang::load::test_file::TEST_DIRECTORY;
use lang::test_file::RunModule;
use model::address::ModuleAddr;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceMap;
use testing::Settings;
use testing::report::{Audience, Report, Status};
use testing::suite::{Request, RunModules, Suite};
use ui::test_report::{TestLog, TestStream, junit};

use crate::cli::arguments;
use crate::cli::chance::Machine;
use crate::cli::interrupt;
use crate::cli::modules::{self, Options, Telling};
use crate::cli::providers::Native;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::shell::Shell;

/// Runs the tests of the present folder's configuration.
pub async fn run(arguments: &arguments::Test, reporter: &Reporter) -> Result<Outcome, Failure> {
    let (source, stop) = StopSource::new();
    interrupt::watch(source).map_err(|error| {
        Failure::from(Diagnostic::error("Failed to start", format!("Signals can't be handled: {error}.")))
    })?;
    let cwd = std::env::current_dir()
        .map_err(|error| Failure::from(Diagnostic::error("Failed to find the present folder", format!("{error}."))))?;
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let environment: Vec<(String, String)> = std::env::vars().collect();
    let options = Options {
        policy: Policy::Missing,
        lock_file: LockFile::Update,
        telling: Telling::Note,
        allow_empty: false,
        for_tests: true,
    };
    let loaded = modules::load(options, reporter);
    let root = Path::new(modules::ROOT);
    let request = Request {
        root,
        directory: arguments.test_directory.as_deref().unwrap_or(TEST_DIRECTORY),
        requested: arguments.test_directory.is_some(),
        environment: &environment,
        settings: &arguments.variables.settings,
        modules: &InstalledModules { reporter },
    };
    let (suite, diagnostics) = Suite::load(request, loaded.config, loaded.diagnostics);
    if diagnostics.has_errors() {
        return Err(Failure { diagnostics, sources: suite.sources });
    }
    reporter.diagnostics(&diagnostics, &suite.sources);
    let schemas = Pool::new(&Native);
    let (verbose, sources) = (arguments.verbose, &suite.sources);
    let audience: Box<dyn Audience + '_> = match &reporter.stream {
        Some(stream) => Box::new(TestStream { stream, verbose, sources, schemas: &schemas }),
        None => Box::new(TestLog { terminal: reporter.terminal, verbose, sources, schemas: &schemas }),
    };
    let filter: Vec<Arc<str>> = arguments.filter.iter().map(|name| clean(name).into()).collect();
    let settings = Settings {
        dir: root,
        cwd: &cwd,
        home: home.as_deref(),
        providers: &Native,
        chance: &Machine,
        commands: &Shell,
        filter: &filter,
        parallelism: PARALLELISM,
        stop: &stop,
    };
    let report = testing::run(&suite, settings, audience.as_ref()).await;
    if let Some(path) = &arguments.junit_xml {
        save(path, &report, &suite)?;
    }
    Ok(if report.status() >= Status::Fail { Outcome::Failed } else { Outcome::Done })
}

/// Modules that runs name, installed where they are missing.
struct InstalledModules<'a> {
    reporter: &'a Reporter,
}

impl RunModules for InstalledModules<'_> {
    fn load(&self, key: &ModuleAddr, module: &RunModule, sources: SourceMap) -> (Config, Diagnostics) {
        let options = Options {
            policy: Policy::Missing,
            lock_file: LockFile::Update,
            telling: Telling::Note,
            allow_empty: true,
            for_tests: true,
        };
        let call = RunCall {
            key,
            source: &module.source,
            version: module.version.as_deref(),
            source_range: module.source_range,
        };
        let loaded = modules::load_run(options, call, sources, self.reporter);
        (loaded.config, loaded.diagnostics)
    }
}

/// How many objects are worked on at the same time.
const PARALLELISM: usize = 10;

/// The name of a file as the tests have it: `./tests/a.tftest.hcl` is `tests/a.tftest.hcl`.
fn clean(name: &str) -> &str {
    name.trim_start_matches("./")
}

fn save(path: &Path, report: &Report, suite: &Suite) -> Result<(), Failure> {
    std::fs::write(path, junit(report, &suite.sources)).map_err(|error| {
        let detail = format!("The file {} can't be written: {error}.", path.display());
        Diagnostic::error("Failed to write the results as JUnit XML", detail).into()
    })
}
