//! What came of an apply: what was done, what failed and why, and what was not started because of it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use engine::apply::{Counts, Outcome};
use engine::event::{Event, Events, Skipped};
use engine::plan::{Op, Plan, PlanMode};
use model::address::ObjectKey;
use model::source::SourceMap;

use crate::diagnostics;
use crate::escape::inert_line;
use crate::style::{self, paint};

/// Listens to a run for what its report needs and its outcome does not say.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Record>);

/// What happened to the steps of a run, in the order it happened.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Record {
    pub failed: Vec<(ObjectKey, Op)>,
    pub skipped: Vec<(ObjectKey, Op, Skipped)>,
}

/// The report of an apply, in the order to show it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// What went wrong, with the reasons, and what was not started: for stderr. Empty when all is well.
    pub problems: String,
    /// `Apply complete! Resources: 3 added, 0 changed, 1 destroyed.`
    pub summary: String,
}

impl Recorder {
    /// What was recorded so far.
    pub fn record(&self) -> Record {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Events for Recorder {
    fn event(&self, event: Event) {
        let mut record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::StepFailed { key, op, .. } => record.failed.push((key, op)),
            Event::StepSkipped { key, op, because } => record.skipped.push((key, op, because)),
            Event::RefreshStarted { .. } | Event::Refreshed { .. } | Event::RefreshFinished { .. } => {}
            Event::ReadStarted { .. } | Event::ReadFinished { .. } | Event::ReadFailed { .. } => {}
            Event::Recovered { .. } | Event::ApplyStarted { .. } | Event::StepStarted { .. } => {}
            Event::StepWaiting { .. } | Event::StepBorn { .. } | Event::StepDone { .. } => {}
            Event::Provisioner { .. } | Event::Ephemeral { .. } | Event::EphemeralDeferred { .. } => {}
            Event::Stopping { .. } | Event::ApplyFinished { .. } | Event::StateSaved { .. } => {}
        }
    }
}

/// The report of an apply of a plan.
pub fn report(plan: &Plan, outcome: &Outcome, record: &Record, sources: &SourceMap) -> Report {
    let mut problems = diagnostics::text(&outcome.diagnostics, sources);
    skipped(&mut problems, record);
    if !outcome.uncertain.is_empty() {
        paragraph(&mut problems, "It is not known yet whether these were created; the next run finds out:");
        outcome.uncertain.iter().for_each(|key| item(&mut problems, key, ""));
    }
    let complete = !outcome.diagnostics.has_errors() && !outcome.stopped && record.failed.is_empty();
    let counts = counts(plan, &outcome.done);
    let summary = match (plan.mode, complete) {
        (PlanMode::Destroy, true) => {
            format!("{} Resources: {} destroyed.\n", paint(style::GOOD, "Destroy complete!"), outcome.done.destroyed)
        }
        (PlanMode::Normal | PlanMode::RefreshOnly, true) => {
            format!("{} Resources: {counts}.\n", paint(style::GOOD, "Apply complete!"))
        }
        (PlanMode::Normal | PlanMode::RefreshOnly | PlanMode::Destroy, false) => {
            let word = if outcome.stopped { "stopped" } else { "incomplete" };
            let what = if plan.mode == PlanMode::Destroy { "Destroy" } else { "Apply" };
            let (failed, skipped) = (record.failed.len(), record.skipped.len());
            let head = paint(style::BAD, format_args!("{what} {word}!"));
            format!(
                "{head} Resources: {counts}; {failed} failed, {skipped} not started. Another run goes on from here.\n"
            )
        }
    };
    Report { problems, summary }
}

/// `1 imported, 3 added, 0 changed, 1 destroyed, 1 forgotten`: imports and what was forgotten only where there are any.
pub(crate) fn counts(plan: &Plan, done: &Counts) -> String {
    let imported = plan.summary().import;
    let import = if imported > 0 { format!("{imported} imported, ") } else { String::new() };
    let forgotten = if done.forgotten > 0 { format!(", {} forgotten", done.forgotten) } else { String::new() };
    format!("{import}{} added, {} changed, {} destroyed{forgotten}", done.added, done.changed, done.destroyed)
}

/// What was not started, by the failure that is behind it.
fn skipped(out: &mut String, record: &Record) {
    let reasons: BTreeMap<&ObjectKey, &Skipped> =
        record.skipped.iter().map(|(key, _, because)| (key, because)).collect();
    let mut by_failure: BTreeMap<Option<&ObjectKey>, Vec<&(ObjectKey, Op, Skipped)>> = BTreeMap::new();
    for skipped in &record.skipped {
        by_failure.entry(root(&skipped.2, &reasons)).or_default().push(skipped);
    }
    for (failure, steps) in by_failure {
        match failure {
            Some(key) => {
                let heading = format!("Not started, because {} failed:", inert_line(&key.to_string()));
                paragraph(out, &heading);
            }
            None => paragraph(out, "Not started, because the run was stopped:"),
        }
        for (key, op, because) in steps {
            let needs = match because {
                Skipped::Failed(needed) if Some(needed) != failure => {
                    format!(", which needs {}", inert_line(&needed.to_string()))
                }
                Skipped::Failed(_) | Skipped::Stopped => String::new(),
            };
            item(out, key, &format!(" ({}){needs}", noun(op)));
        }
    }
}

/// The operation as a thing.
fn noun(op: &Op) -> &'static str {
    match op {
        Op::Create { .. } => "creation",
        Op::Update => "update",
        Op::Read => "read",
        Op::Delete => "destruction",
        Op::Forget => "removal from the state",
    }
}

/// The failed step at the end of a chain of skipped ones; `None` when the run was stopped.
fn root<'a>(because: &'a Skipped, reasons: &BTreeMap<&'a ObjectKey, &'a Skipped>) -> Option<&'a ObjectKey> {
    let mut because = because;
    // No chain is longer than there are steps.
    for _ in 0..=reasons.len() {
        match because {
            Skipped::Stopped => return None,
            Skipped::Failed(key) => match reasons.get(key) {
                Some(next) => because = next,
                None => return Some(key),
            },
        }
    }
    None
}

fn paragraph(out: &mut String, heading: &str) {
    if !out.is_empty() {
        out.push('\n');
    }
    writeln!(out, "{}", paint(style::BOLD, heading)).expect("writing to a string never fails");
}

fn item(out: &mut String, key: &ObjectKey, rest: &str) {
    writeln!(out, "  - {}{rest}", inert_line(&key.to_string())).expect("writing to a string never fails");
}

#[cfg(test)]
mod tests {
    use engine::plan::Action;
    use model::diagnostic::{Diagnostic, Diagnostics};
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::fixtures::{change, key, plan};
    use crate::style::plain;

    const CREATE: Op = Op::Create { deposes: None };

    fn outcome(done: Counts) -> Outcome {
        Outcome {
            state: state::State::default(),
            diagnostics: Diagnostics::new(),
            done,
            stopped: false,
            uncertain: Vec::new(),
        }
    }

    fn shown(report: &Report) -> String {
        plain(&format!("{}---\n{}", report.problems, report.summary))
    }

    #[test]
    fn complete_apply_is_one_line() {
        let mut plan = plan(vec![change("test_thing.a", Action::Create, Json::Null, json!({"id": "i"}))]);
        let done = Counts { added: 3, changed: 0, destroyed: 1, forgotten: 0 };
        let report_of = |plan: &Plan, done| report(plan, &outcome(done), &Record::default(), &SourceMap::default());
        insta::assert_snapshot!(shown(&report_of(&plan, done)), @r"
        ---
        Apply complete! Resources: 3 added, 0 changed, 1 destroyed.
        ");
        plan.changes[0].import = Some("i".into());
        insta::assert_snapshot!(shown(&report_of(&plan, Counts { forgotten: 2, ..done })), @r"
        ---
        Apply complete! Resources: 1 imported, 3 added, 0 changed, 1 destroyed, 2 forgotten.
        ");
        plan.mode = PlanMode::Destroy;
        insta::assert_snapshot!(shown(&report_of(&plan, done)), @r"
        ---
        Destroy complete! Resources: 1 destroyed.
        ");
    }

    #[test]
    fn failures_come_with_their_reasons_and_what_they_kept_from_starting() {
        let recorder = Recorder::default();
        let failed = Diagnostic::error(
            "Creating the object failed",
            "failed to call ec2:CreateVpc: VpcLimitExceeded: too many (request id 1b2c)",
        )
        .of(key("test_thing.vpc").addr);
        let error = Box::new(failed.clone());
        let elapsed = std::time::Duration::ZERO;
        let skip = |addr: &str, op: Op, because: Skipped| Event::StepSkipped { key: key(addr), op, because };
        [
            Event::StepFailed { key: key("test_thing.vpc"), op: CREATE, elapsed, error },
            skip("test_thing.subnet", CREATE, Skipped::Failed(key("test_thing.vpc"))),
            skip("test_thing.host", Op::Update, Skipped::Failed(key("test_thing.subnet"))),
            skip("test_thing.other", Op::Delete, Skipped::Stopped),
        ]
        .into_iter()
        .for_each(|event| recorder.event(event));
        let mut outcome = outcome(Counts { added: 1, ..Counts::default() });
        outcome.diagnostics.push(failed);
        outcome.stopped = true;
        outcome.uncertain = vec![key("test_thing.lost")];
        let report = report(&plan(Vec::new()), &outcome, &recorder.record(), &SourceMap::default());
        insta::assert_snapshot!(shown(&report), @r"
        Error: Creating the object failed
          with test_thing.vpc

        failed to call ec2:CreateVpc: VpcLimitExceeded: too many (request id 1b2c)

        Not started, because the run was stopped:
          - test_thing.other (destruction)

        Not started, because test_thing.vpc failed:
          - test_thing.subnet (creation)
          - test_thing.host (update), which needs test_thing.subnet

        It is not known yet whether these were created; the next run finds out:
          - test_thing.lost
        ---
        Apply stopped! Resources: 1 added, 0 changed, 0 destroyed; 1 failed, 3 not started. Another run goes on from here.
        ");
    }
}
