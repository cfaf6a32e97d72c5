//! `infra validate`: a configuration and the syntax of its test files.

use std::path::Path;

use engine::graph::Graph;
use engine::pool::Pool;
use lang::check::check_references;
use lang::load::test_file::{TEST_DIRECTORY, load_tests};
use model::diagnostic::Diagnostics;
use model::source::SourceMap;

use crate::cli::arguments;
use crate::cli::providers::{Native, OfPool};
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Says everything that can be said of a configuration without a state and without asking a service.
pub async fn run(_arguments: &arguments::Validate, reporter: &Reporter) -> Result<Outcome, Failure> {
    let (diagnostics, sources) = match Session::load(reporter) {
        Err(failure) => (failure.diagnostics, failure.sources),
        Ok(mut session) => {
            let (_, tests) = load_tests(Path::new("."), TEST_DIRECTORY, false, &mut session.config.sources);
            let mut diagnostics = check(&session);
            diagnostics.extend(tests);
            (diagnostics, session.config.sources)
        }
    };
    show(&diagnostics, &sources, reporter)?;
    Ok(if diagnostics.has_errors() { Outcome::Failed } else { Outcome::Done })
}

fn check(session: &Session) -> Diagnostics {
    let pool = Pool::new(&Native);
    let mut diagnostics = session.warnings.clone();
    diagnostics.extend(check_references(&session.config, &OfPool(&pool)));
    if diagnostics.has_errors() {
        return diagnostics;
    }
    match Graph::of(&session.config) {
        Ok(graph) => {
            let events = engine::event::Silent;
            diagnostics.extend(engine::validate::validate(session.stack(&pool, &events), &graph));
        }
        Err(errors) => diagnostics.extend(errors),
    }
    diagnostics
}

fn show(diagnostics: &Diagnostics, sources: &SourceMap, reporter: &Reporter) -> Result<(), Failure> {
    if reporter.json {
        return reporter.document(&ui::diagnostics::report(diagnostics, sources));
    }
    reporter.diagnostics(diagnostics, sources);
    if !diagnostics.has_errors() {
        reporter.terminal.data(&ui::message::valid(!diagnostics.is_empty()))?;
    }
    Ok(())
}
