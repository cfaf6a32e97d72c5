//! `infra version`.

use lang::load::LANGUAGE_VERSION;
use serde_json::json;

use crate::cli::arguments;
use crate::cli::report::{Failure, Outcome, Reporter};

/// Shows this program's version, and the version of the language it takes.
pub fn run(_arguments: &arguments::Version, reporter: &Reporter) -> Result<Outcome, Failure> {
    let own = env!("CARGO_PKG_VERSION");
    if reporter.json {
        // `terraform_version` is what programs that wrap Terraform look at.
        reporter.document(&json!({
            "infra_version": own,
            "terraform_version": LANGUAGE_VERSION,
            "platform": format!("{}_{}", std::env::consts::OS, std::env::consts::ARCH),
            "provider_selections": {},
            "terraform_outdated": false,
        }))?;
    } else {
        reporter.terminal.data(&format!(
            "infra v{own}\nlanguage of Terraform v{LANGUAGE_VERSION}, types of hashicorp/aws v5.100.0\n"
        ))?;
    }
    Ok(Outcome::Done)
}
