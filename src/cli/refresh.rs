//! `infra refresh`: an apply of a refresh-only plan, without a question.

use crate::cli::apply;
use crate::cli::arguments::{self, Planning};
use crate::cli::report::{Failure, Outcome, Reporter};

/// Brings the state up to date with what exists.
pub async fn run(arguments: arguments::Refresh, reporter: &Reporter) -> Result<Outcome, Failure> {
    let planning = Planning {
        targets: arguments.targets,
        excludes: arguments.excludes,
        replace: Vec::new(),
        allow_loss: Vec::new(),
        refresh: true,
        refresh_only: true,
        destroy: false,
        parallelism: arguments.parallelism,
    };
    let apply = arguments::Apply {
        planning,
        variables: arguments.variables,
        state: arguments.state,
        look: arguments.look,
        auto_approve: true,
        verbose: arguments.verbose,
        plan: None,
    };
    apply::run(apply, reporter).await
}
