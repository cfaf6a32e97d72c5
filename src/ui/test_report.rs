//! What comes of tests: as lines while they run, as a stream of JSON, and as JUnit's XML.
//!
//! The words and the JSON are those of Terraform's `test`, so that what reads one reads the other.

mod junit;
mod stream;

use lang::test_file::TestFile;
use model::source::SourceMap;
use testing::report::{Audience, Event, Leftover, Made, Report, RunReport, Status};

pub use junit::junit;
pub use stream::TestStream;

use crate::escape::inert_line;
use crate::schemas::Schemas;
use crate::style::{self, paint};
use crate::terminal::Terminal;
use crate::{diagnostics, output, plan, show};

/// Writes results to stdout and messages to stderr, as they come.
pub struct TestLog<'a> {
    pub terminal: Terminal,
    /// Whether the plan or state of each run is shown.
    pub verbose: bool,
    pub sources: &'a SourceMap,
    pub schemas: &'a (dyn Schemas + Sync),
}

/// A piece of what is shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Piece {
    /// For stdout.
    Result(String),
    /// For stderr.
    Message(String),
}

impl Audience for TestLog<'_> {
    fn event(&self, event: Event<'_>) {
        for piece in pieces(event, self.verbose, self.sources, self.schemas) {
            match piece {
                // Whether anybody reads or not, what the tests made must be taken down.
                Piece::Result(text) => drop(self.terminal.data(&text)),
                Piece::Message(text) => self.terminal.note(&text),
            }
        }
    }
}

/// What is shown of an event, in order.
pub fn pieces(event: Event<'_>, verbose: bool, sources: &SourceMap, schemas: &dyn Schemas) -> Vec<Piece> {
    match event {
        Event::Found(_) | Event::RunStarted { .. } | Event::TearDownRun { .. } => Vec::new(),
        Event::FileStarted(file) => vec![file_line(&file.name, &paint(style::DIM, "in progress"))],
        Event::RunFinished { report, .. } => run(report, verbose, sources, schemas),
        Event::TearDown { file } => vec![file_line(file, &paint(style::DIM, "tearing down"))],
        Event::Left { file, leftover } => vec![Piece::Message(left(file, leftover, sources))],
        Event::FileFinished(report) => {
            let mut pieces = vec![file_line(&report.name, &word(report.status))];
            if !report.diagnostics.is_empty() {
                pieces.push(Piece::Message(format!("\n{}\n", diagnostics::text(&report.diagnostics, sources))));
            }
            pieces
        }
        Event::Finished(report) => vec![Piece::Result(format!("\n{}\n", summary(report)))],
    }
}

fn file_line(name: &str, state: &str) -> Piece {
    Piece::Result(format!("{}... {state}\n", inert_line(name)))
}

fn run(report: &RunReport, verbose: bool, sources: &SourceMap, schemas: &dyn Schemas) -> Vec<Piece> {
    let mut result = format!("  run \"{}\"... {}\n", inert_line(&report.name), word(report.status));
    match (&report.made, verbose) {
        (Some(Made::Plan(plan)), true) => result.push_str(&format!("\n{}\n", plan::text(plan, schemas))),
        (Some(Made::State(state)), true) => {
            result.push_str(&format!("\n{}", show::state_text(state, schemas)));
            if !state.outputs.is_empty() && state.instances.is_empty() {
                result.push_str(&output::section(&state.outputs));
            }
            result.push('\n');
        }
        (Some(Made::Plan(_) | Made::State(_)), false) | (None, _) => {}
    }
    let mut pieces = vec![Piece::Result(result)];
    if !report.diagnostics.is_empty() {
        pieces.push(Piece::Message(format!("\n{}\n", diagnostics::text(&report.diagnostics, sources))));
    }
    pieces
}

fn left(file: &str, leftover: &Leftover, sources: &SourceMap) -> String {
    let place = format!("{}/{}", inert_line(file), inert_line(&leftover.run));
    let mut text = String::new();
    if !leftover.diagnostics.is_empty() {
        let headline = format!("Failed to destroy what {place} made.");
        text.push_str(&format!(
            "{}\n\n{}",
            paint(style::BAD, headline),
            diagnostics::text(&leftover.diagnostics, sources)
        ));
    }
    if !leftover.objects.is_empty() {
        let headline =
            format!("These objects of {place} still exist. Nothing else knows of them: destroy them by hand.");
        text.push_str(&format!("\n{}\n", paint(style::BAD, headline)));
        for key in &leftover.objects {
            text.push_str(&format!("  - {}\n", inert_line(&key.to_string())));
        }
    }
    text
}

/// `pass`, `fail` or `skip`, coloured.
fn word(status: Status) -> String {
    let style = match status {
        Status::Pending | Status::Pass => style::ADD,
        Status::Fail | Status::Error => style::REMOVE,
        Status::Skip => style::DIM,
    };
    paint(style, plain_word(status))
}

fn plain_word(status: Status) -> &'static str {
    match status {
        // A file without runs has nothing that could fail.
        Status::Pending | Status::Pass => "pass",
        Status::Fail | Status::Error => "fail",
        Status::Skip => "skip",
    }
}

/// `Failure! 3 passed, 2 failed, 1 skipped.`
fn summary(report: &Report) -> String {
    let failed = report.status() >= Status::Fail;
    let headline = if failed { paint(style::REMOVE, "Failure!") } else { paint(style::ADD, "Success!") };
    format!("{headline} {}", counts(report))
}

fn counts(report: &Report) -> String {
    let failed = report.count(Status::Fail) + report.count(Status::Error);
    let skipped = match report.count(Status::Skip) {
        0 => String::new(),
        skipped => format!(", {skipped} skipped"),
    };
    format!("{} passed, {failed} failed{skipped}.", report.count(Status::Pass))
}

/// `1 file and 6 run blocks`.
fn found(files: &[&TestFile]) -> String {
    let runs: usize = files.iter().map(|file| file.runs.len()).sum();
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    format!("{} file{} and {runs} run block{}", files.len(), plural(files.len()), plural(runs))
}
