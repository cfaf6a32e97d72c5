//! `infra apply` and `infra destroy`.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use engine::apply::{Options, StateSink, Stop, StopSource};
use engine::plan::Plan;
use engine::pool::Pool;
use jiff::Timestamp;
use model::diagnostic::Diagnostic;
use state::State;
use state::journal::Journal;
use state::opened::{Opened, Saved};
use tokio::sync::Mutex;
use ui::apply::Recorder;
use ui::progress::Tee;

use crate::cli::arguments;
use crate::cli::chance::Machine;
use crate::cli::plan::{options, plan, recover};
use crate::cli::providers::Native;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::{SAVE_INTERVAL, Session, save_error};
use crate::cli::shell::Shell;
use crate::cli::{ask, interrupt};

/// Plans, asks, and makes the changes; or makes those of a saved plan.
pub async fn run(arguments: arguments::Apply, reporter: &Reporter) -> Result<Outcome, Failure> {
    let (source, stop) = StopSource::new();
    interrupt::watch(source).map_err(|error| {
        Failure::from(Diagnostic::error("Failed to start", format!("Signals can't be handled: {error}.")))
    })?;
    if reporter.json && !arguments.auto_approve && arguments.plan.is_none() {
        return Err(Diagnostic::error("Plan file or auto-approve required", "With -json nobody can be asked.")
            .hint("Add -auto-approve, or give a saved plan.")
            .into());
    }
    let mut session = Session::load(reporter)?;
    let saved = match &arguments.plan {
        Some(path) => Some(read_plan(&session, path)?),
        None => {
            session.set_variables(&arguments.variables, reporter)?;
            None
        }
    };
    let operation = if arguments.planning.destroy { "OperationTypeDestroy" } else { "OperationTypeApply" };
    let mut opened = session.open(&arguments.state, operation, reporter).await?;
    let pool = Pool::new(&Native);
    let listener = reporter.listener();
    recover(&session, &pool, listener.as_ref(), &mut opened).await?;
    if opened.unfinished {
        opened.save().await.map_err(|error| session.failure(save_error(&error)))?;
    }
    let (plan, is_approved) = match saved {
        Some(file) => {
            engine::apply::check_basis(&file.plan, &opened.state).map_err(|diagnostic| session.failure(diagnostic))?;
            session.set_saved_variables(file.variables, &file.ephemeral, &arguments.variables)?;
            (file.plan, true)
        }
        None => {
            let options = options(&arguments.planning);
            let plan = plan(&session, &pool, listener.as_ref(), &opened.state, &options, reporter).await?;
            (plan, arguments.auto_approve)
        }
    };
    drop(listener);
    reporter.plan(&plan, &pool)?;
    plan.check_losses().map_err(|diagnostics| session.failure(diagnostics))?;
    let has_steps = plan.steps.node_count() > 0;
    if has_steps && !plan.is_empty() {
        let places = ask::destinations(&pool).await.map_err(|diagnostic| session.failure(diagnostic))?;
        if is_approved {
            if !reporter.json {
                reporter.terminal.note(&format!("\n{}\n", ui::prompt::destinations(&places)));
            }
        } else if !arguments.variables.input {
            let detail = "The changes must be agreed to, and -input=false forbids to ask.";
            return Err(Diagnostic::error("Approval required", detail).hint("Add -auto-approve.").into());
        } else if !ask::approval(&plan, &places, reporter)? {
            let what = if arguments.planning.destroy { "Destroy" } else { "Apply" };
            reporter.terminal.note(&format!("\n{what} cancelled.\n"));
            return Ok(Outcome::Failed);
        }
    }
    let run = Run { session: &session, pool: &pool, plan: &plan, stop: &stop, reporter };
    let outcome = run.apply(opened, arguments.planning.parallelism).await?;
    if arguments.verbose {
        reporter.terminal.note(&ui::calls::text(&pool.calls()));
    }
    Ok(outcome)
}

fn read_plan(session: &Session, path: &Path) -> Result<engine::plan_file::PlanFile, Failure> {
    let error = |detail: String| Failure::from(Diagnostic::error("Failed to read the saved plan", detail));
    let bytes = std::fs::read(path).map_err(|source| error(format!("{} can't be read: {source}.", path.display())))?;
    let file = engine::plan_file::parse(&bytes, &session.config.sources)
        .map_err(|source| error(format!("{}: {source}.", path.display())))?;
    file.check_sources(&session.config.sources).map_err(|diagnostic| session.failure(diagnostic))?;
    Ok(file)
}

/// A plan about to be applied.
struct Run<'a> {
    session: &'a Session,
    pool: &'a Pool<'a>,
    plan: &'a Plan,
    stop: &'a Stop,
    reporter: &'a Reporter,
}

impl Run<'_> {
    async fn apply(&self, opened: Opened, parallelism: usize) -> Result<Outcome, Failure> {
        let run: Arc<str> = engine::stack::uuid(&Machine).into();
        let journal = opened.start_journal(run, Timestamp::now()).map_err(|error| {
            let diagnostic = Diagnostic::error("Failed to start the journal", format!("{error}."));
            self.session.failure(diagnostic.hint(error.hint()))
        })?;
        let sink = Sink { opened: Mutex::new(opened), journal: &journal };
        let recorder = Recorder::default();
        let listener = self.reporter.listener();
        let events = Tee(vec![&recorder, listener.as_ref()]);
        let options = Options {
            parallelism,
            stop: self.stop,
            journal: Some(&journal),
            sink: &sink,
            commands: &Shell,
            save_interval: SAVE_INTERVAL,
        };
        let outcome = engine::apply::apply(self.session.stack(self.pool, &events), self.plan, options).await;
        drop(events);
        drop(listener);
        let mut opened = sink.opened.into_inner();
        take(&mut opened, &outcome.state);
        let closed = if outcome.uncertain.is_empty() {
            opened.close(Some(journal)).await
        } else {
            // The journal stays: the next run looks for what was abandoned.
            match opened.save_during(&journal).await {
                Ok(saved) => opened.release().await.map(|()| saved).map_err(Into::into),
                Err(error) => Err(error),
            }
        };
        let sources = &self.session.config.sources;
        let is_whole = !outcome.diagnostics.has_errors() && !outcome.stopped && outcome.uncertain.is_empty();
        match &self.reporter.stream {
            Some(stream) => stream.applied(self.plan, &outcome, sources),
            None => {
                let report = ui::apply::report(self.plan, &outcome, &recorder.record(), sources);
                self.reporter.terminal.note(&report.problems);
                self.reporter.terminal.data(&format!("\n{}", report.summary))?;
                let outputs = ui::output::section(&outcome.state.outputs);
                if is_whole && !outputs.is_empty() {
                    self.reporter.terminal.data(&format!("\n{outputs}"))?;
                }
            }
        }
        closed.map_err(|error| self.session.failure(save_error(&error)))?;
        Ok(if is_whole { Outcome::Done } else { Outcome::Failed })
    }
}

/// Writes the state while an apply runs.
struct Sink<'a> {
    opened: Mutex<Opened>,
    journal: &'a Journal,
}

#[async_trait]
impl StateSink for Sink<'_> {
    async fn save(&self, state: &State) -> Result<Option<u64>, Diagnostic> {
        let mut opened = self.opened.lock().await;
        take(&mut opened, state);
        match opened.save_during(self.journal).await {
            Ok(Saved::Written { serial }) => Ok(Some(serial)),
            Ok(Saved::Unchanged) => Ok(None),
            Err(error) => Err(save_error(&error)),
        }
    }
}

/// Takes over what exists; whose history it is and how often it was written is the opened state's own matter.
fn take(opened: &mut Opened, state: &State) {
    let (lineage, serial) = (opened.state.lineage.clone(), opened.state.serial);
    opened.state = State { lineage, serial, ..state.clone() };
}
