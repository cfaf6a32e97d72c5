//! The plan as text: what changed outside, what an apply will do and why, and what becomes of the outputs.

mod change;
mod outputs;

use engine::plan::{Action, Change, Plan, PlanMode};

pub(crate) use change::block_header;

use crate::page::Page;
use crate::schemas::Schemas;
use crate::style::{self, paint};

/// The whole text of a plan.
///
/// Sections that have nothing to say are left out; a plan that does nothing says so in one sentence.
pub fn text(plan: &Plan, schemas: &dyn Schemas) -> String {
    let mut page = Page::new(4);
    let drifted = drift(&mut page, plan, schemas);
    let shown: Vec<&Change> = plan.changes.iter().filter(|change| is_shown(change)).collect();
    if !shown.is_empty() {
        legend(&mut page, &shown);
        for change in &shown {
            change::write(&mut page, change, schemas);
            page.blank();
        }
        page.raw(&summary(plan));
    }
    let outputs_change = plan.outputs.iter().any(engine::plan::OutputChange::is_change);
    if outputs_change {
        if !shown.is_empty() {
            page.blank();
        }
        outputs::write(&mut page, &plan.outputs);
    }
    if shown.is_empty() {
        if outputs_change {
            page.blank();
        }
        page.raw(&nothing(plan, outputs_change, drifted));
    }
    blocked(&mut page, plan);
    limits(&mut page, plan);
    page.finish()
}

/// `Plan: 1 to add, 0 to change, 0 to destroy.`, with imports before and what is forgotten after, when there are any.
pub fn summary(plan: &Plan) -> String {
    format!("{} {}", paint(style::BOLD, "Plan:"), counts(plan))
}

/// What the summary counts: `1 to add, 0 to change, 0 to destroy.`.
pub(crate) fn counts(plan: &Plan) -> String {
    let summary = plan.summary();
    let import = if summary.import > 0 { format!("{} to import, ", summary.import) } else { String::new() };
    let forget = if summary.forget > 0 { format!(", {} to forget", summary.forget) } else { String::new() };
    let (add, change, destroy) = (summary.add, summary.change, summary.destroy);
    format!("{import}{add} to add, {change} to change, {destroy} to destroy{forget}.")
}

fn is_shown(change: &Change) -> bool {
    change.action != Action::NoOp || change.previous.is_some() || change.import.is_some()
}

/// The signs that occur, explained.
fn legend(page: &mut Page, changes: &[&Change]) {
    page.raw("infra will perform these actions, as the sign in front of each object says:");
    let explained = [
        (Action::Create, "create"),
        (Action::Update, "update in place"),
        (Action::Delete, "destroy"),
        (Action::Replace { create_first: false }, "destroy, then create a replacement"),
        (Action::Replace { create_first: true }, "create a replacement, then destroy"),
        (Action::Read, "read a data source"),
        (Action::Forget, "forget: the object stays, and is managed no more"),
    ];
    for (action, meaning) in explained {
        if changes.iter().any(|change| change.action == action) {
            let (symbol, sign_style) = change::symbol(action);
            page.raw(&format!("{} {meaning}", paint(sign_style, symbol)));
        }
    }
    page.blank();
}

/// What was changed outside, as far as it matters for the plan. Returns whether there was anything.
fn drift(page: &mut Page, plan: &Plan, schemas: &dyn Schemas) -> bool {
    let all = plan.mode == PlanMode::RefreshOnly;
    let shown: Vec<_> = plan.drift.iter().filter(|drift| all || drift.relevant).collect();
    if shown.is_empty() {
        return false;
    }
    page.raw(&paint(style::BOLD, "Objects have changed outside of infra"));
    page.blank();
    page.raw(match all {
        true => "Since the last apply:",
        false => "Since the last apply, in ways that may have led to the actions below:",
    });
    page.blank();
    for drift in &shown {
        change::write_drift(page, drift, schemas);
        page.blank();
    }
    let others = plan.drift.len() - shown.len();
    if others > 0 {
        let objects = if others == 1 { "object" } else { "objects" };
        page.raw(&format!("{others} more {objects} changed without effect on this plan; `infra drift` shows all."));
        page.blank();
    }
    true
}

/// What a plan without actions says.
fn nothing(plan: &Plan, outputs_change: bool, drifted: bool) -> String {
    let good = |text: &str| paint(style::GOOD, text);
    match (plan.mode, outputs_change, drifted) {
        (PlanMode::Normal | PlanMode::Destroy, true, _) => {
            "An apply saves these outputs and changes no object.".to_owned()
        }
        (PlanMode::Normal, false, _) => {
            format!("{} Your infrastructure matches the configuration.", good("No changes."))
        }
        (PlanMode::Destroy, false, _) => format!("{} No objects need to be destroyed.", good("No changes.")),
        (PlanMode::RefreshOnly, false, false) => {
            format!("{} Your infrastructure still matches the state.", good("No changes."))
        }
        (PlanMode::RefreshOnly, _, _) => {
            "This is a refresh-only plan: an apply records what is shown above in the state and changes no object."
                .to_owned()
        }
    }
}

/// That an apply would refuse the plan.
fn blocked(page: &mut Page, plan: &Plan) {
    let count = plan.blocked().count();
    if count > 0 {
        let changes = if count == 1 { "a change loses".into() } else { format!("{count} changes lose") };
        page.blank();
        page.raw(&format!(
            "{} {changes} data for good, and nobody agreed to that: an apply changes nothing.",
            paint(style::BAD, "Blocked:")
        ));
    }
}

/// What the plan leaves out.
fn limits(page: &mut Page, plan: &Plan) {
    if !plan.is_limited() {
        return;
    }
    let names = |targets: &[model::address::Target]| {
        targets.iter().map(|target| format!("`{target}`")).collect::<Vec<_>>().join(", ")
    };
    page.blank();
    let note = paint(style::WARN, "Note:");
    let limits = match (plan.excludes.as_slice(), plan.mode) {
        ([], _) => format!(
            "is limited to {} with all dependencies. Plan again without `-target` afterwards.",
            names(&plan.targets)
        ),
        (excludes, PlanMode::Destroy) => format!("leaves out {} and what that needs.", names(excludes)),
        (excludes, PlanMode::Normal | PlanMode::RefreshOnly) => format!(
            "leaves out {} and what depends on that. Plan again without `-exclude` afterwards.",
            names(excludes)
        ),
    };
    page.raw(&format!("{note} the plan {limits}"));
}

#[cfg(test)]
mod tests;
