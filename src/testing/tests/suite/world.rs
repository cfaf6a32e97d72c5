//! A folder with tests, run in memory.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use builtin::world::World as Outside;
use engine::apply::{Stop, StopSource};
use engine::command::{Command, CommandError, Commands, Stopping};
use engine::pool::Pool;
use engine::stack::Chance;
use jiff::Timestamp;
use lang::config::Config;
use lang::load::test_file::TEST_DIRECTORY;
use lang::test_file::RunModule;
use model::address::{ModuleAddr, ProviderAddr};
use model::diagnostic::Diagnostics;
use model::source::SourceMap;
use model::value::Value;
use provider::error::ProviderError;
use provider::{Provider, ProviderSource};
use testing::Settings;
use testing::report::{Audience, Event, Report, Status};
use testing::suite::{Request, RunModules, Suite};
use ui::test_report::{Piece, pieces};

/// A folder as text, written out.
pub struct World {
    pub dir: tempfile::TempDir,
}

/// What there is to compare.
#[derive(PartialEq, Eq, Debug)]
pub struct Answer {
    /// The lines of results.
    pub results: String,
    pub code: Option<i32>,
    /// Severity, place and summary of each message, and how often it came.
    pub messages: BTreeMap<String, usize>,
}

/// What came of a folder.
pub struct Ran {
    pub answer: Answer,
    /// All messages as they are shown.
    pub text: String,
}

impl World {
    /// Files begin with lines `--- PATH`.
    pub fn of(text: &str) -> World {
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        let mut file: Option<(PathBuf, String)> = None;
        let write = |file: Option<(PathBuf, String)>| {
            let Some((path, text)) = file else { return };
            std::fs::create_dir_all(path.parent().expect("files are in the folder")).expect("folders can be made");
            std::fs::write(path, text).expect("files can be written");
        };
        for line in text.lines() {
            match line.strip_prefix("--- ") {
                Some(path) => write(file.replace((dir.path().join(path), String::new()))),
                None => {
                    if let Some((_, text)) = &mut file {
                        text.push_str(line);
                        text.push('\n');
                    }
                }
            }
        }
        write(file);
        World { dir }
    }

    pub fn suite(&self) -> (Suite, Diagnostics) {
        let root = self.dir.path();
        let (config, found) =
            lang::load::load(root, &lang::load::Options { for_tests: true, ..lang::load::Options::default() });
        let modules = &Folders { root };
        let request =
            Request { root, directory: TEST_DIRECTORY, requested: false, environment: &[], settings: &[], modules };
        Suite::load(request, config, found)
    }

    /// Runs all files; an audience hears what happens.
    pub async fn heard(&self, suite: &Suite, stop: &Stop, audience: &dyn Audience) -> Report {
        let settings = Settings {
            dir: self.dir.path(),
            cwd: Path::new("/cwd"),
            home: None,
            providers: &Builtin,
            chance: &Counting,
            commands: &NoCommands,
            filter: &[],
            parallelism: 4,
            stop,
        };
        testing::run(suite, settings, audience).await
    }

    pub async fn run(&self) -> Ran {
        let (suite, found) = self.suite();
        if found.has_errors() {
            let text = ui::style::plain(&ui::diagnostics::text(&found, &suite.sources));
            let messages = messages(said(&found, &suite.sources));
            return Ran { answer: Answer { results: String::new(), code: Some(1), messages }, text };
        }
        let (_source, stop) = StopSource::new();
        let listener = Listener::new(&suite.sources);
        let report = self.heard(&suite, &stop, &listener).await;
        let (results, text, mut all) = listener.shown.into_inner().expect("no holder of the lock panics");
        all.extend(said(&found, &suite.sources));
        let results: String = results.lines().filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect();
        let code = Some(i32::from(report.status() >= Status::Fail));
        let answer = Answer { results, code, messages: messages(all) };
        Ran { answer, text: ui::style::plain(&text) }
    }
}

/// Counts messages.
pub fn messages(found: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    let mut messages = BTreeMap::new();
    for message in found {
        *messages.entry(message).or_default() += 1;
    }
    messages
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}exit {:?}", self.results, self.code)?;
        for (message, count) in &self.messages {
            write!(f, "\n{count} {message}")?;
        }
        Ok(())
    }
}

fn said(diagnostics: &Diagnostics, sources: &SourceMap) -> Vec<String> {
    let one = |diagnostic: &model::diagnostic::Diagnostic| {
        let severity = if diagnostic.is_error() { "error" } else { "warning" };
        let place = diagnostic.subject.map_or_else(String::new, |subject| {
            format!(" {}:{}", sources.file(subject.file).name, sources.start(subject).line)
        });
        format!("{severity}{place} {}", diagnostic.summary)
    };
    diagnostics.iter().map(one).collect()
}

/// Keeps results, messages as text, and messages as they are counted.
struct Listener<'a> {
    sources: &'a SourceMap,
    pool: Pool<'static>,
    shown: Mutex<(String, String, Vec<String>)>,
}

impl<'a> Listener<'a> {
    fn new(sources: &'a SourceMap) -> Listener<'a> {
        Listener { sources, pool: Pool::new(&Builtin), shown: Mutex::default() }
    }
}

impl Audience for Listener<'_> {
    fn event(&self, event: Event<'_>) {
        let mut shown = self.shown.lock().expect("no holder of the lock panics");
        for piece in pieces(event, false, self.sources, &self.pool) {
            match piece {
                Piece::Result(text) => shown.0.push_str(&ui::style::plain(&text)),
                Piece::Message(text) => shown.1.push_str(&text),
            }
        }
        let diagnostics = match event {
            Event::RunFinished { report, .. } => &report.diagnostics,
            Event::Left { leftover, .. } => &leftover.diagnostics,
            Event::FileFinished(report) => &report.diagnostics,
            Event::Found(_)
            | Event::FileStarted(_)
            | Event::RunStarted { .. }
            | Event::TearDown { .. }
            | Event::TearDownRun { .. }
            | Event::Finished(_) => return,
        };
        shown.2.extend(said(diagnostics, self.sources));
    }
}

/// The providers without a cloud.
pub struct Builtin;

impl ProviderSource for Builtin {
    fn provider(&self, addr: &ProviderAddr) -> Option<Arc<dyn Provider>> {
        builtin::provider(addr, Arc::new(Counting))
    }

    fn addresses(&self) -> Vec<ProviderAddr> {
        builtin::addresses()
    }
}

/// Time goes on by a second with each look; chance counts.
pub struct Counting;

static SECONDS: AtomicI64 = AtomicI64::new(1_700_000_000);
static CHANCE: AtomicU64 = AtomicU64::new(1);

/// None of these tests has provisioners.
struct NoCommands;

#[async_trait]
impl Commands for NoCommands {
    async fn run(
        &self,
        command: &Command,
        _: &mut (dyn for<'l> FnMut(&'l str) + Send),
        _: Stopping<'_>,
    ) -> Result<(), CommandError> {
        panic!("a command runs: {:?}", command.arguments)
    }
}

impl Chance for Counting {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(SECONDS.fetch_add(1, Ordering::Relaxed)).expect("the time is in range")
    }

    fn random(&self) -> fn(&mut [u8]) {
        |buffer| {
            let number = CHANCE.fetch_add(1, Ordering::Relaxed).to_le_bytes();
            for (index, byte) in buffer.iter_mut().enumerate() {
                *byte = number[index % number.len()];
            }
        }
    }
}

impl Outside for Counting {
    fn stored_outputs(&self, _: &Path) -> Result<Option<BTreeMap<Arc<str>, Value>>, ProviderError> {
        Ok(None)
    }

    fn now(&self) -> Timestamp {
        Chance::now(self)
    }

    fn random(&self, bytes: &mut [u8]) {
        Chance::random(self)(bytes);
    }
}

/// Modules of runs in folders beside the configuration.
struct Folders<'a> {
    root: &'a Path,
}

impl RunModules for Folders<'_> {
    fn load(&self, _: &ModuleAddr, module: &RunModule, sources: SourceMap) -> (Config, Diagnostics) {
        let folder = module.source.strip_prefix("./").expect("these modules are in folders");
        let options = lang::load::Options { allow_empty: true, for_tests: true, ..lang::load::Options::default() };
        lang::load::load_within(self.root, folder, &options, sources)
    }
}
