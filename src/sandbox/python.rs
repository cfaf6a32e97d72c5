//! Finding a Python interpreter that can run the emulator.

use std::io;
use std::path::PathBuf;
use std::process::Command;

/// The oldest version the pinned packages support.
pub const OLDEST: (u32, u32) = (3, 10);

/// Commands to try, the usual one first; the others are how systems with several versions name theirs.
const COMMANDS: &[&str] = &["python3", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10", "python"];

/// An interpreter that is there and new enough.
#[derive(Debug)]
pub struct Python {
    /// The interpreter itself, links and version managers' stand-ins resolved.
    pub path: PathBuf,
    pub version: (u32, u32),
}

/// Why no interpreter can be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no Python 3 is on the PATH: install Python {}.{} or newer", OLDEST.0, OLDEST.1)]
    Missing,
    #[error("Python {}.{} at `{}` is too old: install Python {}.{} or newer", .version.0, .version.1, .path.display(), OLDEST.0, OLDEST.1)]
    TooOld { path: PathBuf, version: (u32, u32) },
    #[error("`{command}` does not run: {reason}")]
    Broken { command: String, reason: String },
}

/// The first suitable interpreter on the PATH.
///
/// # Errors
/// What is wrong with the best candidate: too old rather than broken rather than missing.
pub fn find() -> Result<Python, Error> {
    find_among(COMMANDS)
}

fn find_among(commands: &[&str]) -> Result<Python, Error> {
    let mut failure = Error::Missing;
    for command in commands {
        match ask(command) {
            Ok(Some(python)) if python.version >= OLDEST => return Ok(python),
            Ok(Some(Python { path, version })) => {
                if !matches!(failure, Error::TooOld { .. }) {
                    failure = Error::TooOld { path, version };
                }
            }
            Ok(None) => {}
            Err(error) => {
                if matches!(failure, Error::Missing) {
                    failure = error;
                }
            }
        }
    }
    Err(failure)
}

/// What an interpreter says of itself; `None` where there is no such command.
fn ask(command: &str) -> Result<Option<Python>, Error> {
    const QUESTION: &str =
        "import os, sys; print(sys.version_info[0], sys.version_info[1], os.path.realpath(sys.executable))";
    let broken = |reason: String| Error::Broken { command: command.to_string(), reason };
    let output = match Command::new(command).args(["-I", "-c", QUESTION]).output() {
        Ok(output) => output,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(broken(error.to_string())),
    };
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(broken(text.lines().last().unwrap_or("it exits with a failure").trim().to_string()));
    }
    let answer = String::from_utf8_lossy(&output.stdout);
    let mut words = answer.trim_end().splitn(3, ' ');
    let mut number = || words.next().and_then(|word| word.parse::<u32>().ok());
    let (major, minor) = (number(), number());
    match (major, minor, words.next()) {
        (Some(major), Some(minor), Some(path)) if !path.is_empty() => {
            Ok(Some(Python { path: PathBuf::from(path), version: (major, minor) }))
        }
        _ => Err(broken(format!("it answered `{}`", answer.trim()))),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn script(folder: &tempfile::TempDir, name: &str, text: &str) -> String {
        let path = folder.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("the script can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the script can be made executable");
        path.to_str().expect("temporary paths are UTF-8").to_string()
    }

    #[test]
    fn a_missing_interpreter_is_named_as_missing() {
        let error = find_among(&["/nonexistent/python3"]).expect_err("there is none");
        assert_eq!(error.to_string(), "no Python 3 is on the PATH: install Python 3.10 or newer");
    }

    #[test]
    fn an_old_interpreter_is_passed_over_for_a_newer_one() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let old = script(&folder, "old", "echo 3 8 /usr/bin/python3.8");
        let new = script(&folder, "new", "echo 3 12 /opt/python with space");
        let python = find_among(&[&old, &new]).expect("the second one will do");
        assert_eq!((python.version, python.path), ((3, 12), PathBuf::from("/opt/python with space")));
        let error = find_among(&[&old]).expect_err("it is too old");
        assert_eq!(error.to_string(), "Python 3.8 at `/usr/bin/python3.8` is too old: install Python 3.10 or newer");
    }

    #[test]
    fn a_broken_interpreter_is_reported_with_its_last_words() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let broken = script(&folder, "broken", "echo 'pyenv: version not installed' >&2; exit 127");
        let error = find_among(&[&broken]).expect_err("it does not run");
        assert_eq!(error.to_string(), format!("`{broken}` does not run: pyenv: version not installed"));
    }
}
