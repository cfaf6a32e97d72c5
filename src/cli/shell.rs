//! Commands as processes: each in a process group of its own, so that all it starts can be ended with it.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use engine::command::{Command, CommandError, Commands, Stopping};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::unix::pipe::Receiver;

/// How long a command that is told to end has for it. CI systems wait 7.5 seconds before they end the run itself.
const GRACE: Duration = Duration::from_secs(2);

/// A line longer than this is handed on in parts.
const LINE_MAX: usize = 64 * 1024;

/// Runs commands on this machine, with its environment.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shell;

#[async_trait]
impl Commands for Shell {
    async fn run(
        &self,
        command: &Command,
        line: &mut (dyn for<'l> FnMut(&'l str) + Send),
        stop: Stopping<'_>,
    ) -> Result<(), CommandError> {
        let program = command.arguments.first().expect("a command has a program");
        let started = |source| CommandError::Start { program: program.clone(), source };
        let followed = |source| CommandError::Follow { program: program.clone(), source };
        // One pipe for both, so that lines come in the order in which they are written.
        let (output, input) = io::pipe().map_err(started)?;
        let mut process = tokio::process::Command::new(program);
        process
            .args(&command.arguments[1..])
            .envs(&command.environment)
            .stdin(Stdio::null())
            .stdout(input.try_clone().map_err(started)?)
            .stderr(input)
            .process_group(0)
            .kill_on_drop(true);
        if let Some(dir) = &command.working_dir {
            process.current_dir(dir);
        }
        let mut child = process.spawn().map_err(started)?;
        // It holds the writing ends of the pipe, which ends only when all of them are closed.
        drop(process);
        let mut group = Group::of(&child);
        let mut lines = Lines::new(OwnedFd::from(output)).map_err(followed)?;
        let finished = async {
            let mut status: Option<ExitStatus> = None;
            let mut open = true;
            loop {
                tokio::select! {
                    text = lines.next(), if open => match text? {
                        Some(text) => line(&text),
                        None => open = false,
                    },
                    ended = child.wait(), if status.is_none() => status = Some(ended?),
                }
                if let (Some(status), false) = (status, open) {
                    return Ok(status);
                }
            }
        };
        tokio::pin!(finished);
        let status: io::Result<ExitStatus> = tokio::select! {
            status = &mut finished => status,
            () = stop => {
                group.signal(Signal::TERM);
                // Whether it ends by itself or not, it was stopped.
                let _ended = tokio::time::timeout(GRACE, &mut finished).await;
                return Err(CommandError::Stopped);
            }
        };
        let status = status.map_err(followed)?;
        group.let_go();
        match (status.success(), status.code(), status.signal()) {
            (true, _, _) => Ok(()),
            (false, Some(code), _) => Err(CommandError::Exit(code)),
            (false, None, signal) => Err(CommandError::Signal(signal.unwrap_or_default())),
        }
    }
}

/// All processes of a command. They are killed when this is dropped before the command is over.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &tokio::process::Child) -> Group {
        Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())))
    }

    fn signal(&self, signal: Signal) {
        if let Some(group) = self.0 {
            // When there is nobody left to signal, all the better.
            let _gone = kill_process_group(group, signal);
        }
    }

    /// What the command left running is meant to stay.
    fn let_go(&mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}

/// The lines of a pipe. What is not UTF-8 is replaced.
struct Lines {
    reader: BufReader<Receiver>,
    /// What has been read of the present line.
    bytes: Vec<u8>,
}

impl Lines {
    fn new(pipe: OwnedFd) -> io::Result<Lines> {
        Ok(Lines { reader: BufReader::new(Receiver::from_owned_fd(pipe)?), bytes: Vec::new() })
    }

    /// The next line; `None` when the pipe is closed. What was read is kept when the future is dropped.
    async fn next(&mut self) -> io::Result<Option<String>> {
        loop {
            let read = self.reader.fill_buf().await?;
            if read.is_empty() {
                return Ok((!self.bytes.is_empty()).then(|| self.take()));
            }
            let end = read.iter().position(|byte| *byte == b'\n');
            let taken = end.unwrap_or(read.len()).min(LINE_MAX);
            self.bytes.extend_from_slice(&read[..taken]);
            let is_end = end == Some(taken);
            self.reader.consume(taken + usize::from(is_end));
            if is_end || self.bytes.len() >= LINE_MAX {
                return Ok(Some(self.take()));
            }
        }
    }

    fn take(&mut self) -> String {
        let text = String::from_utf8_lossy(&self.bytes).trim_end_matches('\r').to_string();
        self.bytes.clear();
        text
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Instant;

    use super::*;

    async fn play(script: &str, stop: Stopping<'_>) -> (Vec<String>, Result<(), CommandError>) {
        let command = Command {
            arguments: ["/bin/sh", "-c", script].map(str::to_string).to_vec(),
            working_dir: Some("/".into()),
            environment: BTreeMap::from([("GREETING".to_string(), "hello".to_string())]),
        };
        let mut lines = Vec::new();
        let outcome = Shell.run(&command, &mut |line| lines.push(line.to_string()), stop).await;
        (lines, outcome)
    }

    fn never() -> Stopping<'static> {
        Box::pin(std::future::pending())
    }

    #[tokio::test]
    async fn output_and_messages_come_as_lines_in_their_order() {
        let (lines, outcome) = play("echo $GREETING; echo two >&2; pwd; printf 'a\\r\\nlast'", never()).await;
        assert!(outcome.is_ok());
        assert_eq!(lines, ["hello", "two", "/", "a", "last"]);
    }

    #[tokio::test]
    async fn failures_say_how_it_ended() {
        assert_eq!(play("exit 3", never()).await.1.expect_err("it fails").to_string(), "exit status 3");
        assert_eq!(play("kill -9 $$", never()).await.1.expect_err("it fails").to_string(), "signal 9");
        let command =
            Command { arguments: vec!["/nonexistent".into()], working_dir: None, environment: BTreeMap::new() };
        let error = Shell.run(&command, &mut |_| {}, never()).await.expect_err("there is no such program");
        assert!(error.to_string().starts_with("failed to start `/nonexistent`: "), "{error}");
    }

    /// Whether a process is there.
    fn lives(process: &str) -> bool {
        std::path::Path::new("/proc").join(process).exists()
    }

    #[tokio::test]
    async fn a_stop_ends_all_that_a_command_started() {
        let started = Instant::now();
        let (ready, stop) = tokio::sync::oneshot::channel::<()>();
        let mut ready = Some(ready);
        let command = Command {
            arguments: ["/bin/sh", "-c", "sleep 600 & echo $!; wait"].map(str::to_string).to_vec(),
            working_dir: None,
            environment: BTreeMap::new(),
        };
        let mut child = String::new();
        let mut line = |line: &str| {
            child = line.to_string();
            if let Some(ready) = ready.take() {
                ready.send(()).expect("it is waited for");
            }
        };
        let stop = Box::pin(async { stop.await.expect("it is sent") });
        let outcome = Shell.run(&command, &mut line, stop).await;
        assert!(matches!(outcome, Err(CommandError::Stopped)), "{outcome:?}");
        assert!(started.elapsed() < Duration::from_secs(60));
        while lives(&child) {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_command_that_ignores_a_stop_is_killed() {
        let (ready, stop) = tokio::sync::oneshot::channel::<()>();
        let mut ready = Some(ready);
        let command = Command {
            arguments: ["/bin/sh", "-c", "trap '' TERM; echo $$; while :; do sleep 1; done"]
                .map(str::to_string)
                .to_vec(),
            working_dir: None,
            environment: BTreeMap::new(),
        };
        let mut process = String::new();
        let mut line = |line: &str| {
            process = line.to_string();
            if let Some(ready) = ready.take() {
                ready.send(()).expect("it is waited for");
            }
        };
        let outcome = Shell.run(&command, &mut line, Box::pin(async { stop.await.expect("it is sent") })).await;
        assert!(matches!(outcome, Err(CommandError::Stopped)), "{outcome:?}");
        // Killed and waited for: the kernel may take its time.
        while lives(&process) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
