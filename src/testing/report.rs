//! What comes of tests, while they run and in the end.

use std::sync::Arc;
use std::time::Duration;

use engine::plan::Plan;
use jiff::Timestamp;
use lang::test_file::TestFile;
use model::address::ObjectKey;
use model::diagnostic::Diagnostics;
use state::State;

/// Takes events as they happen. Must return quickly and never fail.
pub trait Audience: Send + Sync {
    fn event(&self, event: Event<'_>);
}

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// These files are going to run.
    Found(&'a [&'a TestFile]),
    FileStarted(&'a TestFile),
    RunStarted {
        file: &'a str,
        run: &'a str,
    },
    RunFinished {
        file: &'a str,
        report: &'a RunReport,
    },
    /// The runs of a file are over; what they made is being destroyed.
    TearDown {
        file: &'a str,
    },
    /// What this run was the last to work on is being destroyed.
    TearDownRun {
        file: &'a str,
        run: &'a str,
    },
    /// Something could not be destroyed.
    Left {
        file: &'a str,
        leftover: &'a Leftover,
    },
    FileFinished(&'a FileReport),
    Finished(&'a Report),
}

/// How a run, a file or all of them came out; the later, the worse.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// There was nothing to run.
    Pending,
    /// Not run, because of what happened before.
    Skip,
    Pass,
    /// Something asserted is not so.
    Fail,
    /// Something went wrong that nobody expected.
    Error,
}

/// What came of all files.
#[derive(Debug)]
pub struct Report {
    pub files: Vec<FileReport>,
    /// The user stopped the tests.
    pub interrupted: bool,
}

/// What came of a file.
#[derive(Debug)]
pub struct FileReport {
    pub name: Arc<str>,
    pub status: Status,
    pub runs: Vec<RunReport>,
    pub leftovers: Vec<Leftover>,
    /// What is to be said of the file as a whole.
    pub diagnostics: Diagnostics,
}

/// What came of a run.
#[derive(Debug)]
pub struct RunReport {
    pub name: Arc<str>,
    pub status: Status,
    pub diagnostics: Diagnostics,
    /// What the run planned or made, where it came so far.
    pub made: Option<Made>,
    /// How many assertions there are, and how many of them failed.
    pub assertions: (usize, usize),
    pub started: Timestamp,
    pub elapsed: Duration,
}

/// What a run planned or made.
#[derive(Debug)]
pub enum Made {
    Plan(Box<Plan>),
    State(Box<State>),
}

/// What was not destroyed.
#[derive(Debug)]
pub struct Leftover {
    /// The run that was the last to work on the state.
    pub run: Arc<str>,
    /// Why.
    pub diagnostics: Diagnostics,
    /// May be none, when all is gone in spite of errors.
    pub objects: Vec<ObjectKey>,
}

impl Report {
    pub fn status(&self) -> Status {
        let interrupted = if self.interrupted { Status::Error } else { Status::Pending };
        self.files.iter().map(|file| file.status).fold(interrupted, Status::max)
    }

    /// How many runs came out so.
    pub fn count(&self, status: Status) -> usize {
        self.files.iter().flat_map(|file| &file.runs).filter(|run| run.status == status).count()
    }
}
