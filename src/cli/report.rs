//! What a command comes to: an exit code, or messages and the code 1.

use std::process::ExitCode;

use engine::event::{Events, Silent};
use engine::plan::Plan;
use engine::pool::Pool;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::source::SourceMap;
use ui::progress::{LineLog, Tee};
use ui::terminal::Terminal;

/// How a command that did its work ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Done,
    /// Something differs, and the caller wants to know by the exit code.
    Differs,
    /// It is said already what failed.
    Failed,
    /// The exit code of a program that was run.
    Code(u8),
}

/// Why a command could not do its work.
#[derive(Debug)]
pub struct Failure {
    pub diagnostics: Diagnostics,
    /// What the messages point into.
    pub sources: SourceMap,
}

/// The stream of JSON lines that plans and applies write.
pub type Machine = ui::stream::Stream<std::io::Stdout, fn() -> jiff::Timestamp>;

/// Shows messages and data as the command line asks.
#[derive(Debug)]
pub struct Reporter {
    pub terminal: Terminal,
    pub json: bool,
    /// For plans and applies with `-json`.
    pub stream: Option<Machine>,
}

impl Outcome {
    pub fn code(self) -> ExitCode {
        match self {
            Outcome::Done => ExitCode::SUCCESS,
            Outcome::Differs => ExitCode::from(2),
            Outcome::Failed => ExitCode::from(1),
            Outcome::Code(code) => ExitCode::from(code),
        }
    }
}

impl From<Diagnostic> for Failure {
    fn from(diagnostic: Diagnostic) -> Failure {
        Failure::from(Diagnostics::from(diagnostic))
    }
}

impl From<Diagnostics> for Failure {
    fn from(diagnostics: Diagnostics) -> Failure {
        Failure { diagnostics, sources: SourceMap::default() }
    }
}

/// The standard output is gone: there is nobody to tell the rest to.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Failure {
        Failure::from(Diagnostic::error("Failed to write the output", format!("{error}.")))
    }
}

impl Failure {
    /// With the source text that the messages point into.
    pub fn within(self, sources: &SourceMap) -> Failure {
        Failure { sources: sources.clone(), ..self }
    }
}

impl Reporter {
    /// Shows why the command failed.
    pub fn fail(&self, failure: Failure) -> ExitCode {
        self.diagnostics(&failure.diagnostics, &failure.sources);
        Outcome::Failed.code()
    }

    /// Shows messages, whatever they are.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        if let Some(stream) = &self.stream {
            stream.diagnostics(diagnostics, sources);
        } else if !diagnostics.is_empty() {
            self.terminal.note(&ui::diagnostics::text(diagnostics, sources));
        }
    }

    /// What listens to a run: a stream of JSON, drawn on a terminal, lines elsewhere, nothing where one document is asked for.
    pub fn listener(&self) -> Box<dyn Events + '_> {
        if let Some(stream) = &self.stream {
            Box::new(Tee(vec![stream]))
        } else if self.json {
            Box::new(Silent)
        } else if self.terminal.is_live() {
            Box::new(self.terminal.live())
        } else {
            Box::new(LineLog::new(self.terminal.log()))
        }
    }

    /// Shows a plan.
    pub fn plan(&self, plan: &Plan, pool: &Pool<'_>) -> Result<(), Failure> {
        match &self.stream {
            Some(stream) => stream.plan(plan),
            None => self.terminal.data(&ui::plan::text(plan, pool))?,
        }
        Ok(())
    }

    /// Writes JSON, one document with a line break after it.
    pub fn document(&self, document: &serde_json::Value) -> Result<(), Failure> {
        Ok(self.terminal.data(&format!("{document}\n"))?)
    }
}
