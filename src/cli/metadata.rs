//! `infra metadata`: what programs want to know of the language.

use model::diagnostic::Diagnostic;

use crate::cli::arguments;
use crate::cli::report::{Failure, Outcome, Reporter};

/// Writes the signatures of all functions.
pub fn functions(_arguments: &arguments::MetadataFunctions, reporter: &Reporter) -> Result<Outcome, Failure> {
    if !reporter.json {
        return Err(Diagnostic::error("The `-json` flag is required", "Signatures are written as JSON only.")
            .hint("Run `infra metadata functions -json`.")
            .into());
    }
    reporter.document(&lang::functions::signatures::signatures())?;
    Ok(Outcome::Done)
}
