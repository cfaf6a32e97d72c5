//! `infra drift`: reads only, and takes no lock.

use engine::pool::Pool;
use model::address::Mode;

use crate::cli::arguments;
use crate::cli::providers::Native;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Compares configuration, last applied and live.
pub async fn run(arguments: &arguments::Drift, reporter: &Reporter) -> Result<Outcome, Failure> {
    let mut session = Session::load(reporter)?;
    session.set_variables(&arguments.variables, reporter)?;
    let state = session.peek(arguments.state.state.as_deref()).await?;
    let pool = Pool::new(&Native);
    let listener = reporter.listener();
    let (drifts, diagnostics) = engine::drift::drift(session.stack(&pool, listener.as_ref()), &state).await;
    drop(listener);
    let objects = state.instances.keys().filter(|addr| addr.resource.mode == Mode::Managed).count();
    let sources = &session.config.sources;
    let failed = diagnostics.has_errors();
    if reporter.json {
        reporter.document(&ui::drift::json(&drifts, objects, &diagnostics, sources))?;
    } else {
        reporter.diagnostics(&diagnostics, sources);
        reporter.terminal.data(&ui::drift::text(&drifts, objects, sources))?;
    }
    if arguments.verbose {
        reporter.terminal.note(&ui::calls::text(&pool.calls()));
    }
    Ok(match (failed, drifts.is_empty()) {
        (true, _) => Outcome::Failed,
        (false, true) => Outcome::Done,
        (false, false) => Outcome::Differs,
    })
}
