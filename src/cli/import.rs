//! `infra import`.

use engine::pool::Pool;

use crate::cli::arguments;
use crate::cli::plan::recover;
use crate::cli::providers::Native;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::{Session, save_error};

/// Takes an object that exists into the state.
pub async fn run(arguments: &arguments::Import, reporter: &Reporter) -> Result<Outcome, Failure> {
    let mut session = Session::load(reporter)?;
    session.set_variables(&arguments.variables, reporter)?;
    let mut opened = session.open(&arguments.state, "OperationTypeImport", reporter).await?;
    let pool = Pool::new(&Native);
    let listener = reporter.listener();
    recover(&session, &pool, listener.as_ref(), &mut opened).await?;
    let stack = session.stack(&pool, listener.as_ref());
    let diagnostics = engine::import::import(stack, &mut opened.state, &arguments.address, &arguments.id).await;
    if diagnostics.has_errors() {
        return Err(session.failure(diagnostics));
    }
    reporter.diagnostics(&diagnostics, &session.config.sources);
    opened.close(None).await.map_err(|error| session.failure(save_error(&error)))?;
    drop(listener);
    reporter.terminal.data(&ui::message::imported(&arguments.address, &arguments.id))?;
    Ok(Outcome::Done)
}
