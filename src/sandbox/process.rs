//! Processes that are not our children: whether one is still the one it was, and ending it.

use std::fs;
use std::io;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// When a process began, in the system's own notation; together with the id it names one process for good.
///
/// `None` where there is no such process.
pub fn began(pid: u32) -> Option<String> {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        // The second field is the command in parentheses and may contain anything; the 22nd is the start in clock ticks.
        Ok(text) => {
            let fields = &text[text.rfind(')')? + 1..];
            let mut fields = fields.split_ascii_whitespace();
            // A process that has ended and waits for its parent to notice is gone for us.
            if fields.next()? == "Z" {
                return None;
            }
            fields.nth(18).map(str::to_string)
        }
        Err(_) if fs::exists("/proc/self/stat").unwrap_or(false) => None,
        Err(_) => {
            let output = Command::new("ps").args(["-o", "lstart=", "-p", &pid.to_string()]).output().ok()?;
            let text = String::from_utf8_lossy(&output.stdout).trim().to_string();
            (output.status.success() && !text.is_empty()).then_some(text)
        }
    }
}

/// Ends a process: asks it to, and after `patience` makes it. A process that has ended already is fine.
///
/// # Errors
/// A process that belongs to someone else, or one that not even a kill ends within some seconds.
pub fn end(pid: u32, patience: Duration) -> io::Result<()> {
    const AFTER_KILL: Duration = Duration::from_secs(5);
    for (signal, wait) in [(Signal::TERM, patience), (Signal::KILL, AFTER_KILL)] {
        let raw = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidInput)?;
        match kill_process(raw, signal) {
            Ok(()) => {}
            Err(rustix::io::Errno::SRCH) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        let asked = Instant::now();
        while asked.elapsed() < wait {
            if began(pid).is_none() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(10));
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_living_process_has_a_beginning_that_stays_the_same() {
        let own = std::process::id();
        assert!(began(own).is_some());
        assert_eq!(began(own), began(own));
    }

    #[test]
    fn an_ended_process_has_no_beginning() {
        let mut child = Command::new("true").spawn().expect("`true` can be run");
        child.wait().expect("the child is ours");
        assert_eq!(began(child.id()), None);
    }

    #[test]
    fn a_process_that_ignores_the_request_is_killed() {
        let mut child = Command::new("sh")
            .args(["-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .expect("`sh` can be run");
        let mut ready = [0; 5];
        let mut output = child.stdout.take().expect("standard output was asked for");
        io::Read::read_exact(&mut output, &mut ready).expect("the script says that it is ready");
        end(child.id(), Duration::from_millis(50)).expect("the child can be killed");
        assert!(!child.wait().expect("the child is ours").success());
    }
}
