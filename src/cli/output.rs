//! `infra output`.

use model::diagnostic::Diagnostic;
use state::Output;

use crate::cli::arguments;
use crate::cli::report::{Failure, Outcome, Reporter};
use crate::cli::session::Session;

/// Shows all outputs, or one.
pub async fn run(arguments: &arguments::Output, reporter: &Reporter) -> Result<Outcome, Failure> {
    let session = Session::load_if_any(reporter)?;
    let outputs = session.peek(arguments.state.as_deref()).await?.outputs;
    let failed = |detail: String| Failure::from(Diagnostic::error("Failed to show the output", detail));
    let Some(name) = &arguments.name else {
        if arguments.raw {
            let detail = "-raw shows one output, and none is named.".to_string();
            return Err(Diagnostic::error("Output name required", detail)
                .hint("Name it: `infra output -raw NAME`.")
                .into());
        }
        if reporter.json {
            reporter.document(&ui::output::json(&outputs).map_err(|error| failed(format!("{error}.")))?)?;
        } else if outputs.is_empty() {
            reporter.terminal.note("The state has no outputs.\n");
        } else {
            reporter.terminal.data(&ui::output::all(&outputs))?;
        }
        return Ok(Outcome::Done);
    };
    let output = outputs.get(name.as_str()).ok_or_else(|| {
        let known: Vec<&str> = outputs.keys().map(AsRef::as_ref).collect();
        let diagnostic = Diagnostic::error("Output not found", format!("The state has no output named \"{name}\"."));
        Failure::from(if known.is_empty() {
            diagnostic
        } else {
            diagnostic.hint(format!("There are: {}.", known.join(", ")))
        })
    })?;
    show_one(output, arguments.raw, reporter, failed)?;
    Ok(Outcome::Done)
}

fn show_one(
    output: &Output,
    raw: bool,
    reporter: &Reporter,
    failed: impl Fn(String) -> Failure,
) -> Result<(), Failure> {
    if reporter.json {
        reporter.document(&ui::output::json_one(output).map_err(|error| failed(format!("{error}.")))?)
    } else if raw {
        let text = ui::output::raw(output).map_err(|error| failed(format!("{error}.")))?;
        Ok(reporter.terminal.data(&text)?)
    } else {
        Ok(reporter.terminal.data(&ui::output::one(output))?)
    }
}
