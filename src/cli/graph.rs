//! `infra graph`.

use engine::graph::Graph;

use crate::cli::arguments::{self, GraphKind};
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Writes the dependencies of the configuration as DOT.
pub fn run(arguments: &arguments::Graph, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load(reporter)?;
    reporter.diagnostics(&session.warnings, &session.config.sources);
    let graph = Graph::of(&session.config).map_err(|errors| session.failure(errors))?;
    let text = match arguments.kind {
        None => ui::graph::resources(&graph.resources()),
        Some(GraphKind::Plan | GraphKind::PlanRefreshOnly | GraphKind::PlanDestroy | GraphKind::Apply) => {
            ui::graph::blocks(&graph)
        }
    };
    reporter.terminal.data(&text)?;
    Ok(Outcome::Done)
}
