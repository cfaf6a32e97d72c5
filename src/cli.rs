//! The command line: reads the arguments, runs the command, gives the exit code.
//!
//! Exit codes: 0 done; 1 an error; 2 something differs (`plan -detailed-exitcode`, `drift`). `fmt` has
//! Terraform's: 2 an error, 3 a file is not formatted.

mod apply;
mod arguments;
mod ask;
mod backend;
mod chance;
mod console;
mod drift;
mod edit;
mod fmt;
mod force_unlock;
mod generate;
mod graph;
mod import;
mod init;
mod interrupt;
mod metadata;
mod modules;
mod output;
mod plan;
mod providers;
mod refresh;
mod report;
mod requirements;
mod sandbox;
mod session;
mod shell;
mod show;
mod state;
mod taint;
mod test_run;
mod validate;
mod version;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use model::diagnostic::Diagnostic;
use ui::terminal::Terminal;

use crate::cli::arguments::{Arguments, Command, Look, MetadataCommand, StateCommand, WorkspaceCommand};
use crate::cli::report::{Failure, Machine, Outcome, Reporter};

/// Runs the program.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::read(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are data; a wrong command line is an error. That nobody reads it changes nothing.
            let _unread = error.print();
            return if error.use_stderr() { ExitCode::from(1) } else { ExitCode::SUCCESS };
        }
    };
    let reporter = Reporter::new(&arguments.command);
    if let Some(folder) = &arguments.chdir
        && let Err(error) = std::env::set_current_dir(folder)
    {
        let detail = format!("The folder {} can't be entered: {error}.", folder.display());
        return reporter.fail(Failure::from(Diagnostic::error("Error handling -chdir option", detail)));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            let detail = format!("The operating system gives no threads: {error}.");
            return reporter.fail(Failure::from(Diagnostic::error("Failed to start", detail)));
        }
    };
    let outcome = runtime.block_on(dispatch(arguments.command, &reporter));
    // What is still running was abandoned on purpose: the second signal does not wait.
    runtime.shutdown_background();
    match outcome {
        Ok(outcome) => outcome.code(),
        Err(failure) => reporter.fail(failure),
    }
}

async fn dispatch(command: Command, reporter: &Reporter) -> Result<Outcome, Failure> {
    match command {
        Command::Validate(arguments) => validate::run(&arguments, reporter).await,
        Command::Plan(arguments) => plan::run(&arguments, reporter).await,
        Command::Apply(arguments) => apply::run(arguments, reporter).await,
        Command::Destroy(mut arguments) => {
            if let Some(plan) = &arguments.plan {
                let detail = format!("A destroy makes its own plan, and \"{}\" is given.", plan.display());
                return Err(Diagnostic::error("Too many command line arguments", detail)
                    .hint("Plan it with `infra plan -destroy -out=FILE`, and apply that file.")
                    .into());
            }
            arguments.planning.destroy = true;
            apply::run(arguments, reporter).await
        }
        Command::Drift(arguments) => drift::run(&arguments, reporter).await,
        Command::Show(arguments) => show::run(&arguments, reporter).await,
        Command::Output(arguments) => output::run(&arguments, reporter).await,
        Command::State(arguments) => match arguments.command {
            StateCommand::List(arguments) => state::list(&arguments, reporter).await,
            StateCommand::Show(arguments) => state::show(&arguments, reporter).await,
            StateCommand::Mv(arguments) => state::mv::run(&arguments, reporter).await,
            StateCommand::Rm(arguments) => state::rm::run(&arguments, reporter).await,
            StateCommand::Pull(arguments) => state::pull::run(&arguments, reporter).await,
            StateCommand::Push(arguments) => state::push::run(&arguments, reporter).await,
            StateCommand::ReplaceProvider(arguments) => state::replace_provider::run(&arguments, reporter).await,
        },
        Command::Taint(arguments) => taint::taint(&arguments, reporter).await,
        Command::Untaint(arguments) => taint::untaint(&arguments, reporter).await,
        Command::Refresh(arguments) => refresh::run(arguments, reporter).await,
        Command::ForceUnlock(arguments) => force_unlock::run(&arguments, reporter).await,
        Command::Workspace(arguments) => match arguments.command {
            WorkspaceCommand::List => workspace::list(reporter),
            WorkspaceCommand::Show => workspace::show(reporter),
            WorkspaceCommand::New(arguments) => workspace::new(&arguments, reporter).await,
            WorkspaceCommand::Select(arguments) => workspace::select(&arguments, reporter),
            WorkspaceCommand::Delete(arguments) => workspace::delete(&arguments, reporter).await,
        },
        Command::Import(arguments) => import::run(&arguments, reporter).await,
        Command::Metadata(arguments) => match arguments.command {
            MetadataCommand::Functions(arguments) => metadata::functions(&arguments, reporter),
        },
        Command::Graph(arguments) => graph::run(&arguments, reporter),
        Command::Console(arguments) => console::run(&arguments, reporter).await,
        Command::Test(arguments) => test_run::run(&arguments, reporter).await,
        Command::Init(arguments) => init::run(&arguments, reporter),
        Command::Get(arguments) => modules::get(&arguments, reporter),
        Command::Modules(arguments) => modules::list(&arguments, reporter),
        Command::Providers(arguments) => requirements::run(&arguments, reporter).await,
        Command::Fmt(arguments) => fmt::run(&arguments, reporter),
        Command::Sandbox(arguments) => sandbox::run(arguments.command, reporter).await,
        Command::Version(arguments) => version::run(&arguments, reporter),
    }
}

impl Reporter {
    fn new(command: &Command) -> Reporter {
        let look = match command {
            Command::Validate(arguments) => Some(arguments.look),
            Command::Plan(arguments) => Some(arguments.look),
            Command::Apply(arguments) | Command::Destroy(arguments) => Some(arguments.look),
            Command::Drift(arguments) => Some(arguments.look),
            Command::Show(arguments) => Some(arguments.look),
            Command::Output(arguments) => Some(arguments.look),
            Command::State(arguments) => match &arguments.command {
                StateCommand::Show(arguments) => Some(arguments.look),
                StateCommand::List(_) | StateCommand::Mv(_) | StateCommand::Rm(_) | StateCommand::Pull(_) => None,
                StateCommand::Push(_) | StateCommand::ReplaceProvider(_) => None,
            },
            Command::Taint(_) | Command::Untaint(_) | Command::ForceUnlock(_) | Command::Workspace(_) => None,
            Command::Refresh(arguments) => Some(arguments.look),
            Command::Import(arguments) => Some(arguments.look),
            Command::Metadata(arguments) => match &arguments.command {
                MetadataCommand::Functions(arguments) => Some(arguments.look),
            },
            Command::Graph(_) => None,
            Command::Console(arguments) => {
                Some(Look { no_color: arguments.no_color, json: false, compact_warnings: false })
            }
            Command::Test(arguments) => {
                Some(Look { no_color: arguments.no_color, json: arguments.json, compact_warnings: false })
            }
            Command::Init(arguments) => Some(arguments.look),
            Command::Get(arguments) => {
                Some(Look { no_color: arguments.no_color, json: false, compact_warnings: false })
            }
            Command::Modules(arguments) => Some(arguments.look),
            Command::Providers(arguments) => Some(arguments.look()),
            Command::Fmt(arguments) => {
                Some(Look { no_color: arguments.no_color, json: false, compact_warnings: false })
            }
            Command::Sandbox(_) => None,
            Command::Version(arguments) => Some(arguments.look),
        };
        let (no_color, json) = look.map_or((false, false), |look| (look.no_color, look.json));
        let streams = json
            && matches!(
                command,
                Command::Plan(_)
                    | Command::Apply(_)
                    | Command::Destroy(_)
                    | Command::Refresh(_)
                    | Command::Init(_)
                    | Command::Test(_)
            );
        let clock: fn() -> jiff::Timestamp = jiff::Timestamp::now;
        let stream = streams.then(|| Machine::new(std::io::stdout(), clock, env!("CARGO_PKG_VERSION")));
        Reporter { terminal: Terminal::new(no_color), json, stream }
    }
}
