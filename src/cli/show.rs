//! `infra show`.

use std::path::Path;

use engine::pool::Pool;
use model::diagnostic::Diagnostic;
use ui::show::PlanExtras;
use ui::values::Secrets;

use crate::cli::arguments;
use crate::cli::providers::Native;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Shows the state, a state file, or a saved plan.
pub async fn run(arguments: &arguments::Show, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let pool = Pool::new(&Native);
    if let Some(path) = &arguments.file {
        let bytes = std::fs::read(path).map_err(|error| unreadable(path, &error.to_string()))?;
        return match engine::plan_file::parse(&bytes, &session.config.sources) {
            Ok(file) => show_plan(&session, &file, &pool, reporter),
            Err(plan_error) => {
                let state = state::file::parse(&bytes);
                let state =
                    state.map_err(|error| unreadable(path, &format!("as a plan {plan_error}; as a state {error}")))?;
                show_state(&state, &pool, reporter)
            }
        };
    }
    let state = session.peek(arguments.state.as_deref()).await?;
    show_state(&state, &pool, reporter)
}

fn show_plan(
    session: &Session,
    file: &engine::plan_file::PlanFile,
    pool: &Pool<'_>,
    reporter: &Reporter,
) -> Result<Outcome, Failure> {
    if reporter.json {
        // What the folder holds now describes the plan only if it is what the plan was made from.
        let is_same = file.check_sources(&session.config.sources).is_ok();
        let configuration = is_same.then(|| engine::configuration::describe(&session.config, pool));
        let relevant = if is_same { engine::relevant::attributes(&session.config, &file.plan) } else { Vec::new() };
        let extras = PlanExtras {
            variables: Some(&file.given),
            configuration: configuration.as_ref(),
            relevant: &relevant,
            secrets: Secrets::Shown,
            ..PlanExtras::default()
        };
        reporter.document(&ui::show::plan_json(&file.plan, pool, extras))?;
    } else {
        reporter.terminal.data(&ui::plan::text(&file.plan, pool))?;
    }
    Ok(Outcome::Done)
}

fn show_state(state: &state::State, pool: &Pool<'_>, reporter: &Reporter) -> Result<Outcome, Failure> {
    if reporter.json {
        reporter.document(&ui::show::state_json(state, pool, Secrets::Shown))?;
    } else {
        reporter.terminal.data(&ui::show::state_text(state, pool))?;
    }
    Ok(Outcome::Done)
}

fn unreadable(path: &Path, reason: &str) -> Failure {
    Diagnostic::error("Failed to read the file", format!("{} can't be shown: {reason}.", path.display())).into()
}
