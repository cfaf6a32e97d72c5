//! `infra state`: `list` and `show`; the other subcommands have files of their own.

pub mod mv;
pub mod pull;
pub mod push;
pub mod replace_provider;
pub mod rm;

use engine::pool::Pool;
use model::address::Target;
use model::diagnostic::Diagnostic;

use crate::cli::arguments;
use crate::cli::providers::Native;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Lists addresses.
pub async fn list(arguments: &arguments::StateList, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let state = session.peek(arguments.state.as_deref()).await?;
    let mut targets = arguments.targets.clone();
    if let Some(id) = &arguments.id {
        let with_id = state.instances.iter().filter(|(addr, instance)| {
            let is_wanted = targets.is_empty() || targets.iter().any(|target| target.contains(addr));
            is_wanted && instance.current.as_ref().and_then(|object| object.names().id).as_deref() == Some(id)
        });
        targets = with_id.map(|(addr, _)| Target::Instance(addr.clone())).collect();
        if targets.is_empty() {
            return Ok(Outcome::Done);
        }
    }
    reporter.terminal.data(&ui::show::list(&state, &targets))?;
    Ok(Outcome::Done)
}

/// Shows one object.
pub async fn show(arguments: &arguments::StateShow, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let state = session.peek(arguments.state.as_deref()).await?;
    let pool = Pool::new(&Native);
    let text = ui::show::instance_text(&state, &arguments.address, &pool).ok_or_else(|| {
        let detail = format!("The state has no object at {}.", arguments.address);
        Failure::from(
            Diagnostic::error("No instance found for the given address", detail)
                .hint("`infra state list` shows what there is."),
        )
    })?;
    reporter.terminal.data(&text)?;
    Ok(Outcome::Done)
}
