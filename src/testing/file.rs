//! One test file: its runs in order, then the end of all they made.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use engine::apply::Level;
use lang::config::Config;
use lang::test_file::{Run, TestFile};
use model::diagnostic::Diagnostics;
use model::value::Value;
use state::State;

use crate::Settings;
use crate::execute::{Around, Ready, execute, interrupted};
use crate::report::{Audience, Event, FileReport, RunReport, Status};
use crate::stand_ins::misses;
use crate::suite::Suite;
use crate::teardown::tear_down;

/// A state of the file.
#[derive(Default)]
pub struct Slot<'a> {
    pub state: State,
    /// The last run that worked on it: its place in the file, and what takes down what it made.
    pub last: Option<(usize, Ready<'a>)>,
}

/// Names a state of a file: what the run says, else the module that it is about, the configuration itself being nameless.
fn slot_of(run: &Run) -> Arc<str> {
    match (&run.state_key, &run.module) {
        (Some(key), _) => key.clone(),
        (None, Some(module)) => module.source.clone(),
        (None, None) => "".into(),
    }
}

/// Runs a file.
pub async fn run(suite: &Suite, file: &TestFile, settings: Settings<'_>, audience: &dyn Audience) -> FileReport {
    audience.event(Event::FileStarted(file));
    let mut report = FileReport {
        name: file.name.clone(),
        status: Status::Pending,
        runs: Vec::new(),
        leftovers: Vec::new(),
        diagnostics: Diagnostics::new(),
    };
    let mut slots: BTreeMap<Arc<str>, Slot<'_>> = BTreeMap::new();
    let mut outputs: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for (index, run) in file.runs.iter().enumerate() {
        let is_over = report.status == Status::Error || settings.stop.level() >= Level::Finish;
        let finished = if is_over {
            skipped(run, settings)
        } else {
            audience.event(Event::RunStarted { file: &file.name, run: &run.name });
            let slot = slots.entry(slot_of(run)).or_default();
            let around = Around { file, settings, outputs: &outputs };
            let executed = execute(suite, file, run, around, &slot.state).await;
            if let Some((state, ready)) = executed.applied {
                *slot = Slot { state, last: Some((index, ready)) };
            }
            if let Some(values) = executed.outputs {
                outputs.insert(run.name.clone(), values);
            }
            executed.report
        };
        report.status = report.status.max(finished.status);
        audience.event(Event::RunFinished { file: &file.name, report: &finished });
        report.runs.push(finished);
    }
    audience.event(Event::TearDown { file: &file.name });
    let around = Around { file, settings, outputs: &outputs };
    report.leftovers = tear_down(around, slots, audience).await;
    if !report.leftovers.is_empty() {
        report.status = Status::Error;
    }
    let configs: Vec<&Config> = std::iter::once(&suite.main.config)
        .chain(
            file.runs.iter().filter_map(|run| run.module.as_ref()).map(|module| &suite.under_test(Some(module)).config),
        )
        .collect();
    report.diagnostics = misses(&file.overrides, &configs);
    if settings.stop.level() >= Level::Finish {
        if !report.runs.iter().any(|run| run.status == Status::Error) {
            report.diagnostics.push(interrupted());
        }
        report.status = Status::Error;
    }
    audience.event(Event::FileFinished(&report));
    report
}

fn skipped(run: &Run, settings: Settings<'_>) -> RunReport {
    RunReport {
        name: run.name.clone(),
        status: Status::Skip,
        diagnostics: Diagnostics::new(),
        made: None,
        assertions: (run.asserts.len(), 0),
        started: settings.chance.now(),
        elapsed: Duration::ZERO,
    }
}
