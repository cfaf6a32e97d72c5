//! Runs test files: plans and applies configurations for real or with made-up providers, holds what comes out against what the
//! tests expect, and takes everything down again.
//!
//! A [`suite::Suite`] is a configuration with its test files. [`run`] goes through the files one by one, and through the runs
//! of a file in order. The states of a file are its own and in memory: the stack's real state is not even read. At the end of
//! a file, also after failures and when the user interrupts, all that its runs made is destroyed in reverse order; what could
//! not be is reported as left over.
//!
//! Nothing here prints: [`report::Audience`] is told what happens.

pub mod report;
pub mod suite;

mod execute;
mod expect;
mod file;
mod scope;
mod stand_ins;
mod teardown;
mod values;

use std::path::Path;
use std::sync::Arc;

use engine::apply::{Level, Stop};
use engine::command::Commands;
use engine::stack::Chance;
use lang::test_file::TestFile;
use provider::ProviderSource;

use crate::report::{Audience, Event, Report};
use crate::suite::Suite;

/// The world that tests run in.
#[derive(Clone, Copy)]
pub struct Settings<'a> {
    /// The folder of the root module.
    pub dir: &'a Path,
    /// What `path.cwd` is.
    pub cwd: &'a Path,
    /// What `~` stands for.
    pub home: Option<&'a Path>,
    /// The real providers; mocks take their schemas.
    pub providers: &'a dyn ProviderSource,
    pub chance: &'a dyn Chance,
    /// Runs what provisioners say.
    pub commands: &'a dyn Commands,
    /// Run these files alone, by their names; all when empty.
    pub filter: &'a [Arc<str>],
    pub parallelism: usize,
    /// The first level stops the tests and takes down what they made, the second stops that too.
    pub stop: &'a Stop,
}

/// Runs the test files of a suite.
pub async fn run(suite: &Suite, settings: Settings<'_>, audience: &dyn Audience) -> Report {
    let chosen = |file: &&TestFile| settings.filter.is_empty() || settings.filter.contains(&file.name);
    let files: Vec<&TestFile> = suite.files.iter().filter(chosen).collect();
    audience.event(Event::Found(&files));
    let mut report = Report { files: Vec::new(), interrupted: false };
    for file in files {
        if settings.stop.level() >= Level::Finish {
            break;
        }
        report.files.push(file::run(suite, file, settings, audience).await);
    }
    report.interrupted = settings.stop.level() >= Level::Finish;
    audience.event(Event::Finished(&report));
    report
}
