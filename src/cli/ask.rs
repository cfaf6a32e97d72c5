//! Questions to a person at a terminal.

use std::io::BufRead;

use engine::plan::Plan;
use engine::pool::Pool;
use model::diagnostic::Diagnostic;
use ui::prompt::{Answer, Destination};

use crate::cli::report::{Failure, Reporter};

/// Asks for the value of a variable.
///
/// # Errors
/// The standard input ended.
pub fn variable(name: &str, description: Option<&str>, reporter: &Reporter) -> Result<String, Failure> {
    reporter.terminal.note(&ui::prompt::variable(name, description));
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line)?;
    if read == 0 {
        let detail = format!("The input ended before variable \"{name}\" had a value.");
        return Err(Diagnostic::error("No value for required variable", detail)
            .hint(format!("Give it with -var={name}=.., a -var-file, or TF_VAR_{name}."))
            .into());
    }
    Ok(line.trim_end_matches(['\n', '\r']).to_string())
}

/// Whether the person agrees to a plan: only `yes` counts.
///
/// # Errors
/// The standard input can't be read.
pub fn approval(plan: &Plan, places: &[Destination], reporter: &Reporter) -> Result<bool, Failure> {
    reporter.terminal.note(&format!("\n{}", ui::prompt::approval(plan, places)));
    Ok(ui::prompt::answer(&mut std::io::stdin().lock())? == Answer::Yes)
}

/// Whether the person agrees to what was shown: only `yes` counts.
///
/// # Errors
/// The standard input can't be read, or ended without an answer.
pub fn agreement(question: &str, reporter: &Reporter) -> Result<bool, Failure> {
    reporter.terminal.note(&ui::prompt::question(question));
    match ui::prompt::answer(&mut std::io::stdin().lock())? {
        Answer::Yes => Ok(true),
        Answer::No => Ok(false),
        Answer::Nothing => {
            let detail = "The input ended before there was an answer.";
            Err(Diagnostic::error("Approval required", detail).hint("Add -auto-approve.").into())
        }
    }
}

/// The accounts, regions and endpoints that the providers in use talk to.
///
/// # Errors
/// The credentials don't work.
pub async fn destinations(pool: &Pool<'_>) -> Result<Vec<Destination>, Diagnostic> {
    let mut places = Vec::new();
    for (addr, provider) in pool.in_use() {
        let name = match &addr.alias {
            Some(alias) => format!("{}.{alias}", addr.provider.name),
            None => addr.provider.name.to_string(),
        };
        match provider.target().await {
            Ok(Some(target)) => places.push(Destination {
                provider: name,
                account: target.account,
                region: target.region,
                endpoint: target.endpoint,
            }),
            Ok(None) => {}
            Err(error) => {
                let diagnostic = Diagnostic::error("Failed to find out the account", format!("{addr}: {error}."));
                return Err(match error.hint {
                    Some(hint) => diagnostic.hint(hint),
                    None => diagnostic,
                });
            }
        }
    }
    Ok(places)
}
