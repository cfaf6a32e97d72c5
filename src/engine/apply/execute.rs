//! The run of the steps: which may start, which are running, which are skipped.

use std::collections::{BTreeSet, VecDeque};
use std::time::Instant;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use model::address::ObjectKey;
use petgraph::Direction;
use petgraph::graph::NodeIndex;

use super::Run;
use super::stop::Level;
use crate::ephemeral::open_for;
use crate::evaluator::Failed;
use crate::event::{Event, Skipped};
use crate::plan::{ObjectStep, Op, Step};

/// Where the run is.
struct Progress {
    /// How many steps each step still waits for.
    waiting: Vec<usize>,
    /// Why a step must not run.
    blocked: Vec<Option<Skipped>>,
    ready: VecDeque<NodeIndex>,
    running: BTreeSet<NodeIndex>,
}

/// What ended.
enum Finished {
    Step(NodeIndex, Result<(), Failed>),
    Save,
}

impl Run<'_> {
    /// Runs all steps; says whether the run was stopped before all were started.
    pub(super) async fn execute(&self) -> bool {
        let steps = &self.plan.steps;
        let waiting: Vec<usize> =
            steps.node_indices().map(|step| steps.neighbors_directed(step, Direction::Incoming).count()).collect();
        let ready = steps.node_indices().filter(|step| waiting[step.index()] == 0).collect();
        let blocked = vec![None; steps.node_count()];
        let mut progress = Progress { waiting, blocked, ready, running: BTreeSet::new() };
        let mut futures: FuturesUnordered<BoxFuture<'_, Finished>> = FuturesUnordered::new();
        let mut next_save = Some(Instant::now() + self.options.save_interval);
        let mut stopped = false;
        let mut left_out = false;
        loop {
            if !stopped && self.options.stop.level() >= Level::Finish {
                stopped = true;
                let running =
                    progress.running.iter().filter_map(|step| steps[*step].object()).map(|step| step.key.clone());
                self.evaluator.stack.events.event(Event::Stopping { running: running.collect() });
            }
            while progress.running.len() < self.options.parallelism.max(1) {
                let Some(step) = progress.ready.pop_front() else { break };
                let blocked = progress.blocked[step.index()].clone().or_else(|| stopped.then_some(Skipped::Stopped));
                if let Some(because) = blocked {
                    left_out |= because == Skipped::Stopped;
                    if let Some(object) = steps[step].object() {
                        self.skip(object, because.clone());
                    }
                    progress.finish(steps, step, Some(because));
                    continue;
                }
                match &steps[step] {
                    Step::Gate => progress.finish(steps, step, None),
                    Step::Output(name) if let Some(node) = self.behind_output(name) => {
                        progress.running.insert(step);
                        let opened = async move {
                            open_for(self.evaluator, node).await?;
                            self.output(name)
                        };
                        // As below: nothing waits for it.
                        futures.push(opened.map(move |_recorded| Finished::Step(step, Ok(()))).boxed());
                    }
                    Step::Output(name) => {
                        // An output that fails stops nothing: nothing waits for one.
                        let _recorded: Result<(), Failed> = self.output(name);
                        progress.finish(steps, step, None);
                    }
                    Step::Object(object) => {
                        progress.running.insert(step);
                        futures.push(async move { Finished::Step(step, self.step(object).await) }.boxed());
                    }
                }
            }
            if progress.running.is_empty() {
                return left_out;
            }
            let next_level = if stopped { Level::Abandon } else { Level::Finish };
            tokio::select! {
                biased;
                () = self.options.stop.reached(next_level) => {
                    if next_level == Level::Abandon {
                        drop(futures);
                        self.abandon(&progress);
                        return true;
                    }
                }
                Some(finished) = futures.next() => match finished {
                    Finished::Step(step, outcome) => {
                        progress.running.remove(&step);
                        let failed = outcome.err().and_then(|Failed| steps[step].object());
                        progress.finish(steps, step, failed.map(|object| Skipped::Failed(object.key.clone())));
                    }
                    Finished::Save => next_save = Some(Instant::now() + self.options.save_interval),
                },
                () = until(next_save) => {
                    next_save = None;
                    futures.push(async { self.save().await; Finished::Save }.boxed());
                }
            }
        }
    }

    async fn step(&self, step: &ObjectStep) -> Result<(), Failed> {
        let events = self.evaluator.stack.events;
        let started = Instant::now();
        let id = match step.op {
            Op::Create { .. } | Op::Read => None,
            Op::Update | Op::Delete | Op::Forget => self.present_id(&step.key),
        };
        events.event(Event::StepStarted { key: step.key.clone(), op: step.op.clone(), id });
        let outcome = match &step.op {
            Op::Create { .. } | Op::Update => self.make(step, started).await,
            Op::Read => self.read(step).await,
            Op::Delete => self.delete(step, started).await,
            Op::Forget => {
                self.forget(step);
                Ok(None)
            }
        };
        let (key, op, elapsed) = (step.key.clone(), step.op.clone(), started.elapsed());
        match outcome {
            Ok(id) => {
                events.event(Event::StepDone { key, op, id, elapsed });
                Ok(())
            }
            Err(diagnostic) => {
                events.event(Event::StepFailed { key, op, elapsed, error: diagnostic.clone() });
                self.evaluator.report([*diagnostic]);
                Err(Failed)
            }
        }
    }

    fn skip(&self, step: &ObjectStep, because: Skipped) {
        self.evaluator.stack.events.event(Event::StepSkipped { key: step.key.clone(), op: step.op.clone(), because });
    }

    /// Lets go of what is running. What has an identity is in the state; a create without one is uncertain.
    fn abandon(&self, progress: &Progress) {
        let steps = &self.plan.steps;
        for step in progress.running.iter().filter_map(|step| steps[*step].object()) {
            let created = matches!(step.op, Op::Create { .. });
            if created && self.is_unsettled(&step.key) {
                self.uncertain.lock().expect("no holder of the lock panics").push(step.key.clone());
            }
        }
    }

    fn is_unsettled(&self, key: &ObjectKey) -> bool {
        self.unsettled.lock().expect("no holder of the lock panics").contains(key)
    }
}

impl Progress {
    /// A step is over: what waits for it may run, or is blocked.
    fn finish(&mut self, steps: &petgraph::graph::DiGraph<Step, ()>, step: NodeIndex, because: Option<Skipped>) {
        for next in steps.neighbors(step) {
            self.waiting[next.index()] -= 1;
            if self.blocked[next.index()].is_none() {
                self.blocked[next.index()].clone_from(&because);
            }
            if self.waiting[next.index()] == 0 {
                self.ready.push_back(next);
            }
        }
    }
}

/// Returns at a time; never without one.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => tokio::time::sleep_until(time.into()).await,
        None => std::future::pending().await,
    }
}
