//! A sandbox that runs as long as its guard lives.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use tempfile::TempDir;

use crate::environment::{Environment, tail};
use crate::loopback;
use crate::variables::{DEFAULT_ACCOUNT, DEFAULT_REGION, Variables};

/// How a server behaves.
#[derive(Debug, Clone)]
pub struct Options {
    /// The port on 127.0.0.1; `None` takes a free one.
    pub port: Option<u16>,
    /// Names of corrections to leave out, to see how moto behaves without them.
    pub without: Vec<String>,
    /// How long a deployment of an ECS service takes; zero completes it within the call that starts it.
    pub rollout: Duration,
    /// Where the server's output goes; `None` keeps it in the system's temporary folder until the guard is dropped.
    pub log: Option<PathBuf>,
    /// Whether each request is a line of the log.
    pub log_requests: bool,
    /// How long to wait for the server to answer.
    pub ready_timeout: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: None,
            without: Vec::new(),
            rollout: Duration::ZERO,
            log: None,
            log_requests: false,
            ready_timeout: Duration::from_secs(60),
        }
    }
}

/// Why a server is not there.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("failed to start `{}`: {source}", .program.display())]
    Spawn { program: PathBuf, source: io::Error },
    #[error("the sandbox ended while starting ({status}):\n{tail}")]
    Died { status: ExitStatus, tail: String },
    #[error("the sandbox did not answer within {} s; the end of its log:\n{tail}", .waited.as_secs())]
    NotReady { waited: Duration, tail: String },
    #[error("failed to write `{}`: {source}", .path.display())]
    Log { path: PathBuf, source: io::Error },
    #[error("the sandbox at {endpoint} refused to forget its objects: {reason}")]
    Reset { endpoint: String, reason: String },
}

/// A running sandbox; dropping it ends the process, and so does the end of the process that holds it, however it ends.
#[derive(Debug)]
pub struct Server {
    child: Child,
    port: u16,
    log: PathBuf,
    /// Holds the log and the report of a server that has no log of its own.
    _folder: TempDir,
}

impl Server {
    /// Starts a server and waits, blocking, until it answers.
    ///
    /// # Errors
    /// A process that cannot be started, one that ends before it answers (with the end of its log: a port in use, an
    /// unknown correction), or one that does not answer in time.
    pub fn start(environment: &Environment, options: &Options) -> Result<Self, Error> {
        let folder = tempfile::Builder::new()
            .prefix("infra-sandbox-")
            .tempdir()
            .map_err(|source| Error::Log { path: std::env::temp_dir(), source })?;
        let log = options.log.clone().unwrap_or_else(|| folder.path().join("log"));
        let report = folder.path().join("report");
        let launch = Launch {
            environment,
            options,
            log: &log,
            report: &report,
            token: "",
            lifetime: Lifetime::Guarded(folder.path()),
        };
        let mut child = launch.spawn()?;
        match wait_until_ready(&mut child, &report, &log, options.ready_timeout) {
            Ok(port) => Ok(Self { child, port, log, _folder: folder }),
            Err(error) => {
                end(&mut child);
                Err(error)
            }
        }
    }

    /// The address for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The file with the server's output.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// A client's variables for the default account and region.
    pub fn variables(&self) -> Variables {
        Variables::new(&self.endpoint(), DEFAULT_ACCOUNT, DEFAULT_REGION)
    }

    /// Forgets every object of every account and region.
    ///
    /// # Errors
    /// A server that is gone or refuses.
    pub fn reset(&self) -> Result<(), Error> {
        reset(self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Who ends the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lifetime<'a> {
    /// It ends when our end of its standard input closes, and removes this folder, since we may have been killed.
    Guarded(&'a Path),
    /// It leads a session of its own and stays.
    Detached,
}

/// One start of the launcher.
pub(crate) struct Launch<'a> {
    pub environment: &'a Environment,
    pub options: &'a Options,
    pub log: &'a Path,
    pub report: &'a Path,
    pub token: &'a str,
    pub lifetime: Lifetime<'a>,
}

impl Launch<'_> {
    pub fn spawn(&self) -> Result<Child, Error> {
        let log_error = |source| Error::Log { path: self.log.to_path_buf(), source };
        let log = File::create(self.log).map_err(log_error)?;
        let log_again = log.try_clone().map_err(log_error)?;
        let mut command = Command::new(&self.environment.python);
        command
            // Neither PYTHONPATH nor the user's own packages may come before the environment's.
            .args(["-E", "-s"])
            .arg(&self.environment.launcher)
            .arg("--port")
            .arg(self.options.port.unwrap_or(0).to_string())
            .arg("--report")
            .arg(self.report)
            .args(["--token", self.token])
            .env("INFRA_SANDBOX_WITHOUT", self.options.without.join(","))
            .env("INFRA_SANDBOX_ROLLOUT_SECONDS", self.options.rollout.as_secs_f64().to_string())
            .env_remove("INFRA_SANDBOX_LOG_REQUESTS")
            .stdout(log)
            .stderr(log_again);
        if self.options.log_requests {
            command.env("INFRA_SANDBOX_LOG_REQUESTS", "1");
        }
        match self.lifetime {
            // A terminal's interrupt is for the commands that use the sandbox.
            Lifetime::Guarded(folder) => {
                command.arg("--until-stdin-closes").arg("--scratch").arg(folder).stdin(Stdio::piped()).process_group(0)
            }
            Lifetime::Detached => command.arg("--detach").stdin(Stdio::null()),
        };
        command.spawn().map_err(|source| Error::Spawn { program: self.environment.python.clone(), source })
    }
}

/// What the launcher writes once its port is bound.
#[derive(Deserialize)]
struct Report {
    port: u16,
}

/// Waits until the launcher has reported its port and answers on it; returns the port.
pub(crate) fn wait_until_ready(child: &mut Child, report: &Path, log: &Path, timeout: Duration) -> Result<u16, Error> {
    let started = Instant::now();
    loop {
        if let Some(port) = read_report(report)
            && matches!(loopback::request("GET", port, IDENTITY, Duration::from_secs(5)), Ok((200, _)))
        {
            return Ok(port);
        }
        if let Ok(Some(status)) = child.try_wait() {
            return Err(Error::Died { status, tail: log_tail(log) });
        }
        if started.elapsed() > timeout {
            return Err(Error::NotReady { waited: timeout, tail: log_tail(log) });
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// The page on which a server says who it is.
pub(crate) const IDENTITY: &str = "/moto-api/infra-sandbox";

pub(crate) fn reset(port: u16) -> Result<(), Error> {
    let refused = |reason: String| Error::Reset { endpoint: format!("http://127.0.0.1:{port}"), reason };
    match loopback::request("POST", port, "/moto-api/reset", Duration::from_secs(30)) {
        Ok((200, _)) => Ok(()),
        Ok((status, _)) => Err(refused(format!("status {status}"))),
        Err(error) => Err(refused(error.to_string())),
    }
}

fn read_report(path: &Path) -> Option<u16> {
    let text = fs::read(path).ok()?;
    serde_json::from_slice::<Report>(&text).ok().map(|report| report.port)
}

fn log_tail(log: &Path) -> String {
    tail(&fs::read_to_string(log).unwrap_or_default(), 12)
}

/// Ends a child at once and takes its exit status; one that has ended already is fine.
fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}
