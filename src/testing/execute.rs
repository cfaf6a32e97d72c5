//! One run: its values, its plan, its apply, and what they are held against.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use engine::apply::{self, Level, Outcome, StateSink, Stop};
use engine::evaluator::Evaluator;
use engine::event::Silent;
use engine::plan::{Plan, PlanMode};
use engine::planner;
use engine::pool::Pool;
use engine::stack::Stack;
use lang::test_file::{Command, Run, TestFile};
use model::address::ObjectKey;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::value::Value;
use state::State;

use crate::Settings;
use crate::expect::{Expectations, Judge, Verdict};
use crate::report::{Made, RunReport, Status};
use crate::scope::Runs;
use crate::stand_ins::{Replaced, RunProviders, RunStandIns, misses};
use crate::suite::{Suite, UnderTest};
use crate::values::{Values, surroundings, values};

/// Workspaces are a matter of real states.
const WORKSPACE: &str = "default";

/// A state in memory is saved by being there.
const SAVE_INTERVAL: Duration = Duration::from_secs(3600);

/// A run that is ready to work on a state: also what takes down what it made.
pub struct Ready<'a> {
    under_test: &'a UnderTest,
    replaced: Replaced<'a>,
    values: Values,
    now: String,
}

/// What a run did to its state and to what later runs see.
pub struct Executed<'a> {
    pub report: RunReport,
    /// The outputs, once there are some.
    pub outputs: Option<Value>,
    /// The state afterwards and what can take it down, when something may have been made.
    pub applied: Option<(State, Ready<'a>)>,
}

/// Everything around a run.
#[derive(Clone, Copy)]
pub struct Around<'a> {
    pub file: &'a TestFile,
    pub settings: Settings<'a>,
    /// What the earlier runs put out.
    pub outputs: &'a BTreeMap<Arc<str>, Value>,
}

impl<'a> Around<'a> {
    fn runs(&self) -> Runs<'a> {
        Runs { file: self.file, outputs: self.outputs }
    }
}

/// Executes a run on a state.
pub async fn execute<'f>(
    suite: &'f Suite,
    file: &'f TestFile,
    run: &'f Run,
    around: Around<'_>,
    state: &State,
) -> Executed<'f> {
    let settings = around.settings;
    let (started, clock) = (settings.chance.now(), Instant::now());
    let mut notes = Diagnostics::new();
    let prepared = Ready::prepare(suite, file, run, around, &mut notes);
    let mut executed = match prepared {
        Ok((ready, expectations)) => ready.execute(run, expectations, around, state).await,
        Err(errors) => Executed {
            report: RunReport {
                name: run.name.clone(),
                status: Status::Error,
                diagnostics: errors,
                made: None,
                assertions: (run.asserts.len(), 0),
                started,
                elapsed: Duration::ZERO,
            },
            outputs: None,
            applied: None,
        },
    };
    notes.extend(std::mem::take(&mut executed.report.diagnostics));
    executed.report.diagnostics = notes;
    executed.report.started = started;
    executed.report.elapsed = clock.elapsed();
    executed
}

impl<'f> Ready<'f> {
    fn prepare(
        suite: &'f Suite,
        file: &'f TestFile,
        run: &'f Run,
        around: Around<'_>,
        notes: &mut Diagnostics,
    ) -> Result<(Ready<'f>, Expectations<'f>), Diagnostics> {
        let settings = around.settings;
        let under_test = suite.under_test(run.module.as_ref());
        let expectations = Expectations::of(run)?;
        notes.extend(misses(&run.overrides, &[&under_test.config]));
        let mut seed = [0; 8];
        settings.chance.random()(&mut seed);
        let replaced = Replaced::new(&under_test.config, file, run, u64::from_le_bytes(seed))?;
        let now = settings.chance.now().to_string();
        let values = values(under_test, file, run, around.runs(), settings, &now, notes)?;
        Ok((Ready { under_test, replaced, values, now }, expectations))
    }

    /// The stack as the engine sees it.
    fn stack<'s>(&'s self, pool: &'s Pool<'s>, stand_ins: &'s RunStandIns<'s>, settings: Settings<'s>) -> Stack<'s> {
        Stack {
            config: &self.under_test.config,
            variables: &self.values.declared,
            providers: pool,
            stand_ins,
            chance: settings.chance,
            events: &Silent,
            dir: settings.dir,
            cwd: settings.cwd,
            home: settings.home,
            workspace: WORKSPACE,
        }
    }

    fn stand_ins<'s>(&'s self, around: Around<'s>) -> RunStandIns<'s> {
        RunStandIns {
            replaced: &self.replaced,
            variables: &self.values.given,
            runs: around.runs(),
            surroundings: surroundings(around.settings, &self.now),
        }
    }

    async fn execute(
        self,
        run: &Run,
        mut expectations: Expectations<'_>,
        around: Around<'_>,
        state: &State,
    ) -> Executed<'f> {
        let mut report = RunReport {
            name: run.name.clone(),
            status: Status::Pass,
            diagnostics: Diagnostics::new(),
            made: None,
            assertions: (run.asserts.len(), 0),
            started: around.settings.chance.now(),
            elapsed: Duration::ZERO,
        };
        let planned = self.plan(run, around, state).await;
        let Some((plan, found, verdict)) = planned else {
            report.diagnostics.push(interrupted());
            report.status = Status::Error;
            return Executed { report, outputs: None, applied: None };
        };
        let (left, stopped) = expectations.filter(found);
        let failed = left.has_errors();
        report.diagnostics.extend(left);
        let applies = run.command == Command::Apply;
        if failed {
            report.status = Status::Error;
            report.made = plan.filter(|_| !applies).map(|plan| Made::Plan(Box::new(plan)));
            return Executed { report, outputs: verdict.map(|verdict| verdict.outputs), applied: None };
        }
        match (run.command, plan) {
            (Command::Plan, plan) => {
                report.made = plan.map(|plan| Made::Plan(Box::new(plan)));
                let outputs = conclude(&mut report, &expectations, verdict);
                Executed { report, outputs, applied: None }
            }
            (Command::Apply, Some(plan)) => self.apply(plan, run, report, expectations, around).await,
            (Command::Apply, None) => {
                report.diagnostics.push(Diagnostic::warning(
                    "Expected failure while planning",
                    "A condition that was expected to fail did so while planning already. Nothing could be applied then, so the \
                     run counts as failed, and the message is shown.",
                ));
                report.diagnostics.extend(stopped);
                report.status = Status::Error;
                Executed { report, outputs: None, applied: None }
            }
        }
    }

    /// Plans; `None` when the user interrupts.
    async fn plan(
        &self,
        run: &Run,
        around: Around<'_>,
        state: &State,
    ) -> Option<(Option<Plan>, Diagnostics, Option<Verdict>)> {
        let source = RunProviders { real: around.settings.providers, replaced: &self.replaced };
        let pool = Pool::new(&source);
        let stand_ins = self.stand_ins(around);
        let stack = self.stack(&pool, &stand_ins, around.settings);
        let options = planner::Options {
            mode: if run.options.refresh_only { PlanMode::RefreshOnly } else { PlanMode::Normal },
            refresh: run.options.refresh,
            targets: run.options.targets.clone(),
            excludes: Vec::new(),
            replace: run.options.replace.clone(),
            allow_loss: Vec::new(),
            parallelism: around.settings.parallelism,
        };
        let judge = self.judge(run, around, true);
        let examine = |evaluator: &Evaluator<'_>| judge.verdict(evaluator);
        tokio::select! {
            biased;
            () = around.settings.stop.reached(Level::Finish) => None,
            planned = planner::plan_and(stack, state, &options, examine) => Some(planned),
        }
    }

    fn judge<'s>(&'s self, run: &'s Run, around: Around<'s>, planned: bool) -> Judge<'s> {
        Judge { run, runs: around.runs(), variables: &self.values.others, planned }
    }

    async fn apply(
        self,
        plan: Plan,
        run: &Run,
        mut report: RunReport,
        mut expectations: Expectations<'_>,
        around: Around<'_>,
    ) -> Executed<'f> {
        let (outcome, verdict) = self.run_steps(&plan, around, around.settings.stop, Some(run)).await;
        let (left, _) = expectations.filter(outcome.diagnostics);
        let failed = left.has_errors();
        report.diagnostics.extend(left);
        report.diagnostics.extend(outcome.uncertain.iter().map(uncertain));
        report.made = Some(Made::State(Box::new(outcome.state.clone())));
        let outputs = if failed || outcome.stopped {
            if outcome.stopped {
                report.diagnostics.push(interrupted());
            }
            report.status = Status::Error;
            verdict.map(|verdict| verdict.outputs)
        } else {
            conclude(&mut report, &expectations, verdict)
        };
        Executed { report, outputs, applied: Some((outcome.state, self)) }
    }

    /// Runs the steps of a plan; with a run, its assertions are evaluated afterwards.
    async fn run_steps(
        &self,
        plan: &Plan,
        around: Around<'_>,
        stop: &Stop,
        run: Option<&Run>,
    ) -> (Outcome, Option<Verdict>) {
        let source = RunProviders { real: around.settings.providers, replaced: &self.replaced };
        let pool = Pool::new(&source);
        let stand_ins = self.stand_ins(around);
        let stack = self.stack(&pool, &stand_ins, around.settings);
        let options = apply::Options {
            parallelism: around.settings.parallelism,
            commands: around.settings.commands,
            stop,
            journal: None,
            sink: &Memory,
            save_interval: SAVE_INTERVAL,
        };
        let examine = |evaluator: &Evaluator<'_>| run.map(|run| self.judge(run, around, false).verdict(evaluator));
        let (outcome, verdict) = apply::apply_and(stack, plan, options, examine).await;
        (outcome, verdict.flatten())
    }

    /// Destroys all objects of a state; gives what is left, and why.
    pub async fn destroy(&self, around: Around<'_>, state: &State, stop: &Stop) -> (State, Diagnostics) {
        let source = RunProviders { real: around.settings.providers, replaced: &self.replaced };
        let pool = Pool::new(&source);
        let stand_ins = self.stand_ins(around);
        let stack = self.stack(&pool, &stand_ins, around.settings);
        let options = planner::Options {
            mode: PlanMode::Destroy,
            parallelism: around.settings.parallelism,
            ..planner::Options::default()
        };
        let planned = tokio::select! {
            biased;
            () = stop.reached(Level::Abandon) => (None, interrupted().into()),
            planned = planner::plan(stack, state, &options) => planned,
        };
        match planned {
            (Some(plan), mut diagnostics) => {
                let (outcome, _) = self.run_steps(&plan, around, stop, None).await;
                diagnostics.extend(outcome.diagnostics);
                (outcome.state, diagnostics)
            }
            (None, diagnostics) => (state.clone(), diagnostics),
        }
    }
}

/// Takes in what assertions and expectations came to; gives the outputs.
fn conclude(report: &mut RunReport, expectations: &Expectations<'_>, verdict: Option<Verdict>) -> Option<Value> {
    let missing = expectations.missing();
    if !missing.is_empty() {
        report.status = Status::Error;
    }
    let outputs = verdict.map(|verdict| {
        report.status = report.status.max(verdict.status);
        report.assertions.1 = verdict.failed;
        report.diagnostics.extend(verdict.diagnostics);
        verdict.outputs
    });
    report.diagnostics.extend(missing);
    outputs
}

/// Nothing but a person can find out: tests keep no journal.
fn uncertain(key: &ObjectKey) -> Diagnostic {
    let detail =
        format!("The creation of {key} was cut off, and nobody knows whether it happened. Look for it, and delete it.");
    Diagnostic::error("Object may be left over", detail).of(key.addr.clone())
}

pub fn interrupted() -> Diagnostic {
    Diagnostic::error(
        "Test interrupted",
        "The tests were interrupted before they were over. What they made is taken down; anything that is left is listed.",
    )
}

/// Keeps nothing: the state is in the outcome.
struct Memory;

#[async_trait]
impl StateSink for Memory {
    async fn save(&self, _: &State) -> Result<Option<u64>, Diagnostic> {
        Ok(None)
    }
}
