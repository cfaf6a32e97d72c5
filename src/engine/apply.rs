//! Runs the steps of a plan: nothing else, and no decisions.
//!
//! Steps run at the same time as far as their order allows. When one fails, what waits for it is skipped and everything else
//! goes on. Each effect is in the journal before it happens, and what came of it as soon as it is known, so a run that is
//! killed at any moment loses nothing.

mod create;
mod execute;
mod outputs;
mod provision;
mod read;
mod record;
mod remove;
mod stop;

pub use stop::{Level, Stop, StopSource};

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use model::address::{Mode, ObjectKey, ProviderConfigAddr};
use model::diagnostic::{Diagnostic, Diagnostics};
use provider::Provider;
use state::State;
use state::journal::{Journal, Record};

use crate::command::Commands;
use crate::ephemeral::while_open;
use crate::evaluator::{Evaluator, Phase};
use crate::event::Event;
use crate::graph::Graph;
use crate::plan::{Change, Plan, PlanMode};
use crate::prior::Prior;
use crate::stack::Stack;

/// Where the state goes while an apply runs.
#[async_trait]
pub trait StateSink: Send + Sync {
    /// Writes the state under the next serial; answers it, or `None` when there was nothing new to write. Lineage and serial
    /// of `state` are those of the plan's basis: the sink keeps count itself. No records are appended to the journal
    /// meanwhile, so the state holds all that the journal says.
    ///
    /// # Errors
    /// It could not be written. The run goes on: the journal has everything.
    async fn save(&self, state: &State) -> Result<Option<u64>, Diagnostic>;
}

/// How to run a plan.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// How many steps run at the same time.
    pub parallelism: usize,
    pub stop: &'a Stop,
    /// Without a journal a run that is killed may lose what it was just making.
    pub journal: Option<&'a Journal>,
    pub sink: &'a dyn StateSink,
    /// Runs what provisioners ask for.
    pub commands: &'a dyn Commands,
    /// How long the sink is left alone at least.
    pub save_interval: Duration,
}

/// What came of an apply.
#[derive(Debug)]
pub struct Outcome {
    /// What exists now.
    pub state: State,
    /// Everything that went wrong.
    pub diagnostics: Diagnostics,
    /// How many objects were created, updated and deleted.
    pub done: Counts,
    /// The run was stopped before all steps were started.
    pub stopped: bool,
    /// Creates that were abandoned while it was not known whether they had made anything. When there are any, the journal must
    /// stay: the next run looks for their objects.
    pub uncertain: Vec<ObjectKey>,
}

/// Numbers of objects by what was done to them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    pub added: usize,
    pub changed: usize,
    pub destroyed: usize,
    pub forgotten: usize,
}

/// Runs a plan.
///
/// The plan must have been made from the state as it is now: see [`check_basis`].
pub async fn apply(stack: Stack<'_>, plan: &Plan, options: Options<'_>) -> Outcome {
    apply_and(stack, plan, options, |_| ()).await.0
}

/// As [`apply`]; `examine` sees the values of all blocks as they are in the end. It is not called when nothing was begun.
pub async fn apply_and<T>(
    stack: Stack<'_>,
    plan: &Plan,
    options: Options<'_>,
    examine: impl FnOnce(&Evaluator<'_>) -> T,
) -> (Outcome, Option<T>) {
    let work = run(stack, plan, options, examine);
    let ((mut outcome, examined), closed) = while_open(stack, Some(options.stop), work).await;
    outcome.diagnostics.extend(closed);
    (outcome, examined)
}

async fn run<T>(
    stack: Stack<'_>,
    plan: &Plan,
    options: Options<'_>,
    examine: impl FnOnce(&Evaluator<'_>) -> T,
) -> (Outcome, Option<T>) {
    let mut outcome = Outcome {
        state: plan.refreshed.clone(),
        diagnostics: Diagnostics::new(),
        done: Counts::default(),
        stopped: false,
        uncertain: Vec::new(),
    };
    let graph = match Graph::of(stack.config) {
        Ok(graph) => graph,
        Err(diagnostics) => return (Outcome { diagnostics, ..outcome }, None),
    };
    let (prior, found) = Prior::read(&stack, &graph, &plan.refreshed);
    if found.has_errors() {
        return (Outcome { diagnostics: found, ..outcome }, None);
    }
    if let Err(diagnostic) = record_moves(plan, options.journal).await {
        outcome.diagnostics.push(diagnostic);
        return (outcome, None);
    }
    let started = Instant::now();
    let steps = plan.steps.node_weights().filter(|step| step.object().is_some()).count();
    stack.events.event(Event::ApplyStarted { steps });
    let now = stack.chance.now();
    let phase = Phase::Apply { plan_at: plan.basis.at.to_string(), now: now.to_string() };
    let evaluator = Evaluator::new(stack, &graph, phase);
    set_objects(&evaluator, plan, &prior);
    let run = Run {
        evaluator: &evaluator,
        plan,
        options,
        changes: plan.changes.iter().map(|change| (&change.key, change)).collect(),
        state: Mutex::new(plan.refreshed.clone()),
        recording: tokio::sync::RwLock::new(()),
        providers: Mutex::default(),
        done: Mutex::default(),
        unsettled: Mutex::default(),
        uncertain: Mutex::default(),
        step: AtomicU64::new(0),
    };
    let stopped = run.execute().await;
    if !stopped {
        run.open_rest().await;
        run.undecided();
        run.checks();
    }
    run.finish_destroy();
    run.record_checks();
    run.save().await;
    stack.events.event(Event::ApplyFinished { elapsed: started.elapsed() });
    let diagnostics = evaluator.take_diagnostics();
    let examined = examine(&evaluator);
    let lock = "no holder of the lock panics";
    let outcome = Outcome {
        state: run.state.into_inner().expect(lock),
        diagnostics,
        done: run.done.into_inner().expect(lock),
        stopped,
        uncertain: run.uncertain.into_inner().expect(lock),
    };
    (outcome, Some(examined))
}

/// Refuses a plan that was made from another state than the present one.
///
/// # Errors
/// The state was changed since, or is another stack's.
pub fn check_basis(plan: &Plan, state: &State) -> Result<(), Diagnostic> {
    let basis = &plan.basis;
    if !basis.lineage.is_empty() && basis.lineage != state.lineage {
        return Err(Diagnostic::error(
            "Saved plan does not match the given state",
            format!(
                "The plan was made from a state of the lineage \"{}\", and this one is of the lineage \"{}\": they are of two \
                 different stacks.",
                basis.lineage, state.lineage
            ),
        ));
    }
    if basis.serial != state.serial {
        return Err(Diagnostic::error(
            "Saved plan is stale",
            format!(
                "The plan was made from serial {} of the state, and the state has serial {} now: something was applied in \
                 between, so what the plan says may not be true any more.",
                basis.serial, state.serial
            ),
        )
        .hint("Make a new plan."));
    }
    Ok(())
}

/// Moves come first in the journal: everything after them speaks of the new addresses.
async fn record_moves(plan: &Plan, journal: Option<&Journal>) -> Result<(), Diagnostic> {
    match journal {
        Some(journal) if !plan.moves.is_empty() => {
            journal.append(&Record::Moved(plan.moves.clone())).await.map_err(|error| record::unrecordable(&error))
        }
        Some(_) | None => Ok(()),
    }
}

/// What blocks see at the start: objects as they are, and as planned where something is still to happen.
fn set_objects(evaluator: &Evaluator<'_>, plan: &Plan, prior: &Prior) {
    for (key, object) in &prior.objects {
        let (Some(node), Some(live)) = (evaluator.graph.resource(&key.addr.config()), &object.live) else { continue };
        if *key == ObjectKey::current(key.addr.clone()) {
            evaluator.set_object(node, &key.addr, live.clone());
        }
    }
    for change in plan.pending() {
        let (Some(node), Some(after)) = (evaluator.graph.resource(&change.key.addr.config()), &change.after) else {
            continue;
        };
        evaluator.set_object(node, &change.key.addr, after.clone());
    }
}

/// What all steps of a run share.
struct Run<'a> {
    evaluator: &'a Evaluator<'a>,
    plan: &'a Plan,
    options: Options<'a>,
    changes: HashMap<&'a ObjectKey, &'a Change>,
    state: Mutex<State>,
    /// Held for reading while something is recorded in journal and state, for writing while the state is saved.
    recording: tokio::sync::RwLock<()>,
    providers: Mutex<HashMap<ProviderConfigAddr, Arc<dyn Provider>>>,
    done: Mutex<Counts>,
    /// Creates that were started and of which no identity is known yet.
    unsettled: Mutex<BTreeSet<ObjectKey>>,
    uncertain: Mutex<Vec<ObjectKey>>,
    /// Numbers the steps in the journal.
    step: AtomicU64,
}

impl Run<'_> {
    /// Writes the state; a failure is reported, and the run goes on.
    async fn save(&self) {
        let _alone = self.recording.write().await;
        let state = self.state.lock().expect("no holder of the lock panics").clone();
        match self.options.sink.save(&state).await {
            Ok(Some(serial)) => self.evaluator.stack.events.event(Event::StateSaved { serial }),
            Ok(None) => {}
            Err(diagnostic) => self.evaluator.report([diagnostic]),
        }
    }

    /// The copies of data sources go with the last object: until then provider configurations may need them.
    fn finish_destroy(&self) {
        let mut state = self.state.lock().expect("no holder of the lock panics");
        let is_empty = state.instances.keys().all(|addr| addr.resource.mode != Mode::Managed);
        if self.plan.mode == PlanMode::Destroy && is_empty {
            state.instances.clear();
        }
    }

    fn next_step(&self) -> u64 {
        self.step.fetch_add(1, Ordering::Relaxed)
    }

    /// What came of a create is known.
    fn settled(&self, key: &ObjectKey) {
        self.unsettled.lock().expect("no holder of the lock panics").remove(key);
    }

    fn count(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut self.done.lock().expect("no holder of the lock panics"));
    }
}
