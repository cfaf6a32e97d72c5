//! `infra sandbox`: a local AWS to try stacks on.

use std::path::PathBuf;
use std::process::Command;

use model::diagnostic::Diagnostic;
use sandbox::daemon::{self, Status, Up};
use sandbox::environment::{Environment, Progress, user_cache_dir};
use sandbox::server::{Options, Server};
use sandbox::variables::{DEFAULT_ACCOUNT, DEFAULT_REGION, Variables};

use crate::cli::arguments::{SandboxCommand, SandboxRun, SandboxUp};
use crate::cli::report::{Failure, Outcome, Reporter};

/// Runs a command about the sandbox.
pub async fn run(command: SandboxCommand, reporter: &Reporter) -> Result<Outcome, Failure> {
    // Starting, stopping and waiting for processes block.
    tokio::task::block_in_place(|| dispatch(command, reporter))
}

fn dispatch(command: SandboxCommand, reporter: &Reporter) -> Result<Outcome, Failure> {
    match command {
        SandboxCommand::Up(arguments) => up(&arguments, reporter),
        SandboxCommand::Down => down(reporter),
        SandboxCommand::Status => status(reporter),
        SandboxCommand::Env => environment(reporter),
        SandboxCommand::Run(arguments) => run_in_it(&arguments, reporter),
    }
}

fn up(arguments: &SandboxUp, reporter: &Reporter) -> Result<Outcome, Failure> {
    let cache = cache_dir()?;
    let environment = prepare(reporter)?;
    let options = Options { rollout: arguments.rollout, ..Options::default() };
    let (running, is_new) =
        match daemon::up(&daemon::folder(&cache), &environment, &options).map_err(|error| failed(&error))? {
            Up::Started(running) => (running, true),
            Up::AlreadyRunning(running) => (running, false),
        };
    reporter.terminal.data(&ui::sandbox::up(&running.endpoint(), running.pid, &running.log, is_new))?;
    Ok(Outcome::Done)
}

fn down(reporter: &Reporter) -> Result<Outcome, Failure> {
    let was_running = daemon::down(&daemon::folder(&cache_dir()?)).map_err(|error| failed(&error))?;
    reporter.terminal.data(ui::sandbox::down(was_running))?;
    Ok(Outcome::Done)
}

fn status(reporter: &Reporter) -> Result<Outcome, Failure> {
    match daemon::status(&daemon::folder(&cache_dir()?)).map_err(|error| failed(&error))? {
        Status::Up(running) => {
            reporter.terminal.data(&ui::sandbox::status(
                &running.endpoint(),
                running.pid,
                &running.log,
                &running.moto,
            ))?;
            Ok(Outcome::Done)
        }
        Status::Silent { pid, port, log } => {
            let detail = format!("Process {pid} does not answer on port {port}; its log is {}.", log.display());
            Err(Diagnostic::error("The sandbox does not answer", detail)
                .hint("Stop it with `infra sandbox down`.")
                .into())
        }
        Status::Down => {
            reporter.terminal.data(ui::sandbox::NOT_RUNNING)?;
            Ok(Outcome::Failed)
        }
    }
}

fn environment(reporter: &Reporter) -> Result<Outcome, Failure> {
    let variables = match daemon::status(&daemon::folder(&cache_dir()?)).map_err(|error| failed(&error))? {
        Status::Up(running) => Variables::new(&running.endpoint(), DEFAULT_ACCOUNT, DEFAULT_REGION),
        Status::Silent { .. } | Status::Down => {
            return Err(Diagnostic::error("No sandbox is running", "There is nothing to point a client at.")
                .hint("Start one with `infra sandbox up`.")
                .into());
        }
    };
    reporter.terminal.data(&ui::sandbox::exports(&variables.set, variables.unset))?;
    Ok(Outcome::Done)
}

/// Runs a command in the sandbox that is up; else in one of its own, which ends with it.
fn run_in_it(arguments: &SandboxRun, reporter: &Reporter) -> Result<Outcome, Failure> {
    let running = daemon::status(&daemon::folder(&cache_dir()?)).map_err(|error| failed(&error))?;
    if let Status::Up(running) = running {
        return execute(arguments, &Variables::new(&running.endpoint(), DEFAULT_ACCOUNT, DEFAULT_REGION));
    }
    let environment = prepare(reporter)?;
    let server = Server::start(&environment, &Options::default()).map_err(|error| failed(&error))?;
    execute(arguments, &server.variables())
}

fn execute(arguments: &SandboxRun, variables: &Variables) -> Result<Outcome, Failure> {
    let (program, rest) = arguments.command.split_first().expect("the arguments require a command");
    let mut command = Command::new(program);
    command.args(rest);
    variables.apply_to(&mut command);
    let status = command.status().map_err(|error| {
        let detail = format!("{} can't be run: {error}.", program.to_string_lossy());
        Failure::from(Diagnostic::error("Failed to run the command", detail))
    })?;
    let code = status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    Ok(Outcome::Code(code))
}

fn prepare(reporter: &Reporter) -> Result<Environment, Failure> {
    let mut say = |progress: Progress<'_>| match progress {
        Progress::WaitingForOther => {
            reporter.terminal.note("Waiting for another process that installs the sandbox..\n")
        }
        Progress::MakingEnvironment { python } => {
            reporter
                .terminal
                .note(&format!("Making a Python environment for the sandbox with {}..\n", python.display()));
        }
        Progress::Installing { packages } => {
            reporter.terminal.note(&format!("Installing {packages} Python packages, once..\n"));
        }
        Progress::Pip { .. } => {}
        Progress::Installed => reporter.terminal.note("The sandbox is installed.\n"),
    };
    Environment::prepare(&cache_dir()?, &mut say).map_err(|error| failed(&error))
}

fn cache_dir() -> Result<PathBuf, Failure> {
    user_cache_dir().ok_or_else(|| {
        Failure::from(
            Diagnostic::error(
                "No cache folder",
                "The sandbox is kept in the user's cache folder, and HOME is not set.",
            )
            .hint("Set HOME or XDG_CACHE_HOME."),
        )
    })
}

fn failed(error: &dyn std::error::Error) -> Failure {
    Diagnostic::error("Failed to run the sandbox", format!("{error}.")).into()
}
