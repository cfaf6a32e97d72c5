//! Commands of the machine that an apply runs on: what a `local-exec` provisioner asks for.
//!
//! The engine starts no process by itself: it hands a [`Command`] to a [`Commands`] and takes the lines of its output.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::Pin;

use async_trait::async_trait;

/// A command to run.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    /// The program and its arguments: at least one.
    pub arguments: Vec<String>,
    /// The folder to run it in; `None` for the present one. A relative one starts from the present one.
    pub working_dir: Option<String>,
    /// Variables that it gets besides the environment of this process.
    pub environment: BTreeMap<String, String>,
}

/// Returns when commands are to be ended.
pub type Stopping<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Runs commands.
#[async_trait]
pub trait Commands: Send + Sync {
    /// Runs a command to its end, with nothing to read from. Each line of its output and of its messages, in the order they
    /// come, is handed on without its line break.
    ///
    /// When `stop` returns, the command and all that it started are told to end, and killed when they don't. When the future
    /// is dropped they are killed at once.
    ///
    /// # Errors
    /// It could not be started, did not succeed, or was stopped.
    async fn run(
        &self,
        command: &Command,
        line: &mut (dyn for<'l> FnMut(&'l str) + Send),
        stop: Stopping<'_>,
    ) -> Result<(), CommandError>;
}

/// Why a command did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("failed to start `{program}`: {source}")]
    Start { program: String, source: std::io::Error },
    /// Its output or its end could not be learnt of.
    #[error("failed to follow `{program}`: {source}")]
    Follow { program: String, source: std::io::Error },
    #[error("exit status {0}")]
    Exit(i32),
    #[error("signal {0}")]
    Signal(i32),
    #[error("it was stopped")]
    Stopped,
}

/// Shows nothing but the program: what it is told may be secret.
impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Command").field("program", &self.arguments.first()).finish_non_exhaustive()
    }
}
