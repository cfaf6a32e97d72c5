//! `infra plan`.

use std::path::Path;

use engine::event::Events;
use engine::plan::{Plan, PlanMode};
use engine::plan_file::Variables;
use engine::planner;
use engine::pool::Pool;
use model::diagnostic::{Diagnostic, Diagnostics};
use state::State;
use state::opened::Opened;

use crate::cli::arguments;
use crate::cli::generate;
use crate::cli::providers::Native;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Makes a plan and shows it.
pub async fn run(arguments: &arguments::Plan, reporter: &Reporter) -> Result<Outcome, Failure> {
    let generated = arguments.generate_config_out.as_deref().map(generate::Target::new).transpose()?;
    let mut session = Session::load(reporter)?;
    session.set_variables(&arguments.variables, reporter)?;
    let mut opened = session.open(&arguments.state, "OperationTypePlan", reporter).await?;
    let pool = Pool::new(&Native);
    let listener = reporter.listener();
    let options = options(&arguments.planning);
    recover(&session, &pool, listener.as_ref(), &mut opened).await?;
    if let Some(target) = &generated
        && target.write(&session, &pool, listener.as_ref(), &opened.state, options.parallelism, reporter).await?
    {
        session = Session::load(reporter)?;
        session.set_variables(&arguments.variables, reporter)?;
    }
    let made = plan(&session, &pool, listener.as_ref(), &opened.state, &options, reporter).await;
    drop(listener);
    let released = opened.release().await;
    let plan = made?;
    if let Err(error) = released {
        reporter.terminal.note(&format!("Warning: {error}.\n"));
    }
    if let Some(path) = &arguments.out {
        save(&session, &plan, path)?;
    }
    reporter.plan(&plan, &pool)?;
    if let (Some(path), false) = (&arguments.out, reporter.json) {
        reporter.terminal.note(&ui::message::saved_plan(path));
    }
    if arguments.verbose {
        reporter.terminal.note(&ui::calls::text(&pool.calls()));
    }
    let differs = arguments.detailed_exitcode && !plan.is_empty();
    Ok(if differs { Outcome::Differs } else { Outcome::Done })
}

/// What kind of plan the arguments ask for.
pub fn options(planning: &arguments::Planning) -> planner::Options {
    let mode = match (planning.destroy, planning.refresh_only) {
        (true, _) => PlanMode::Destroy,
        (false, true) => PlanMode::RefreshOnly,
        (false, false) => PlanMode::Normal,
    };
    planner::Options {
        mode,
        refresh: planning.refresh,
        targets: planning.targets.clone(),
        excludes: planning.excludes.clone(),
        replace: planning.replace.clone(),
        allow_loss: planning.allow_loss.clone(),
        parallelism: planning.parallelism,
    }
}

/// Makes the plan; warnings are shown here, errors are the failure.
pub async fn plan(
    session: &Session,
    pool: &Pool<'_>,
    events: &dyn Events,
    state: &State,
    options: &planner::Options,
    reporter: &Reporter,
) -> Result<Plan, Failure> {
    let (plan, diagnostics) = planner::plan(session.stack(pool, events), state, options).await;
    let all: Diagnostics = session.warnings.iter().cloned().chain(diagnostics).collect();
    match plan {
        Some(plan) => {
            reporter.diagnostics(&all, &session.config.sources);
            Ok(plan)
        }
        None => Err(session.failure(all)),
    }
}

/// Finds out what an interrupted run left behind, and records it in the state in memory.
pub async fn recover(
    session: &Session,
    pool: &Pool<'_>,
    events: &dyn Events,
    opened: &mut Opened,
) -> Result<(), Failure> {
    let uncertain = std::mem::take(&mut opened.uncertain);
    if uncertain.is_empty() {
        return Ok(());
    }
    let stack = session.stack(pool, events);
    let (unresolved, diagnostics) = engine::recover::recover(stack, &mut opened.state, uncertain).await;
    opened.uncertain = unresolved;
    if diagnostics.has_errors() { Err(session.failure(diagnostics)) } else { Ok(()) }
}

/// Saves a plan, readable by its owner alone: it holds sensitive values.
fn save(session: &Session, plan: &Plan, path: &Path) -> Result<(), Failure> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;

    let variables = Variables { values: &session.variables, given: &session.given, ephemeral: &session.ephemeral };
    let bytes = engine::plan_file::render(plan, variables, &session.config.sources);
    let written = (|| {
        // A new file, so that the mode holds even where a readable one was.
        match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(&bytes)?;
        file.sync_all()
    })();
    written.map_err(|error| {
        let detail = format!("{} can't be written: {error}.", path.display());
        Failure::from(Diagnostic::error("Failed to save the plan", detail))
    })
}
