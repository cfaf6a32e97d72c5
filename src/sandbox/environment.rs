//! The Python environment that moto runs in: made once in the user's cache folder, then reused.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use crate::launcher;
use crate::python::{self, Python};

/// A folder with an interpreter that has moto, and the launcher to start it with.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The environment's interpreter.
    pub python: PathBuf,
    /// The entry point, `launcher.py`.
    pub launcher: PathBuf,
}

/// What [`Environment::prepare`] is doing; nothing is reported when there is nothing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress<'a> {
    /// Another process is installing at the moment.
    WaitingForOther,
    /// An empty environment is being made with this interpreter.
    MakingEnvironment { python: &'a Path },
    /// This many packages are about to be fetched and installed.
    Installing { packages: usize },
    /// A line of pip's output.
    Pip { line: &'a str },
    /// The environment is in place.
    Installed,
}

/// Why there is no environment.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Python(#[from] python::Error),
    #[error("Python {version} at `{}` cannot make virtual environments; {hint}", .path.display())]
    NoVenv { path: PathBuf, version: String, hint: String },
    #[error("failed to make a virtual environment with `{}`: {tail}", .path.display())]
    Venv { path: PathBuf, tail: String },
    #[error("pip failed to install the emulator's packages:\n{tail}")]
    Pip { tail: String },
    #[error("failed to {action} `{}`: {source}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

impl Environment {
    /// Makes sure that the environment and the launcher are in `cache_dir`, and says where.
    ///
    /// The environment is `infra/sandbox/MOTO-HASH` below `cache_dir`, where HASH stands for the requirements. It is built
    /// aside and renamed into place under a file lock, so any number of processes may ask at the same time and none ever
    /// sees half of one. One that lost its interpreter (a system upgrade) is built again.
    ///
    /// # Errors
    /// No suitable Python, no `venv` module, a failing pip (with the end of its output), or a cache folder that cannot be
    /// written.
    pub fn prepare(cache_dir: &Path, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Self, Error> {
        Self::prepare_with(cache_dir, &python::find, progress)
    }

    fn prepare_with(
        cache_dir: &Path,
        find: &dyn Fn() -> Result<Python, python::Error>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Self, Error> {
        let parent = cache_dir.join("infra").join("sandbox");
        fs::create_dir_all(&parent).map_err(io_error("create", &parent))?;
        let _lock = lock(&parent.join("lock"), progress)?;
        let hash = launcher::short_hash([launcher::REQUIREMENTS]);
        let folder = parent.join(format!("{}-{hash}", launcher::moto_version()));
        if !folder.join(PYTHON).exists() {
            install(&find()?, &folder, progress)?;
        }
        let launcher = launcher::write(&parent).map_err(io_error("write the launcher to", &parent))?;
        Ok(Self { python: folder.join(PYTHON), launcher })
    }
}

/// Where the user's programs keep what can be fetched again: `XDG_CACHE_HOME`, or `~/.cache`; `None` without a home.
pub fn user_cache_dir() -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))
}

/// The interpreter within an environment.
const PYTHON: &str = "bin/python";

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| Error::Io { action, path, source }
}

/// Takes the lock, which ends when the file is closed.
fn lock(path: &Path, progress: &mut dyn FnMut(Progress<'_>)) -> Result<File, Error> {
    let file = File::options().create(true).truncate(false).write(true).open(path).map_err(io_error("open", path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            progress(Progress::WaitingForOther);
            file.lock().map_err(io_error("lock", path))?;
            Ok(file)
        }
        Err(fs::TryLockError::Error(source)) => Err(io_error("lock", path)(source)),
    }
}

fn install(python: &Python, folder: &Path, progress: &mut dyn FnMut(Progress<'_>)) -> Result<(), Error> {
    let mut aside = folder.as_os_str().to_os_string();
    aside.push(".building");
    let aside = PathBuf::from(aside);
    for leftover in [aside.as_path(), folder] {
        if leftover.symlink_metadata().is_ok() {
            fs::remove_dir_all(leftover).map_err(io_error("remove", leftover))?;
        }
    }
    progress(Progress::MakingEnvironment { python: &python.path });
    make_venv(python, &aside)?;
    let requirements = aside.join("requirements.txt");
    fs::write(&requirements, launcher::REQUIREMENTS).map_err(io_error("write", &requirements))?;
    progress(Progress::Installing { packages: packages() });
    run_pip(&aside, &requirements, progress)?;
    fs::rename(&aside, folder).map_err(io_error("rename", &aside))?;
    progress(Progress::Installed);
    Ok(())
}

/// Lines of the requirements that apply; packages pinned twice, for two ranges of Python versions, count once.
fn packages() -> usize {
    let newer_only = |line: &&str| !line.starts_with('#') && !line.contains("python_version <");
    launcher::REQUIREMENTS.lines().filter(newer_only).count()
}

fn make_venv(python: &Python, folder: &Path) -> Result<(), Error> {
    let mut command = Command::new(&python.path);
    command.args(["-I", "-m", "venv"]).arg(folder);
    let output = command.output().map_err(io_error("run", &python.path))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let version = format!("{}.{}", python.version.0, python.version.1);
    // Debian and Ubuntu ship the module without what it needs, in a package of its own.
    if text.contains("No module named venv") || text.contains("ensurepip is not available") {
        let hint =
            format!("install the package that provides its `venv` module (Debian, Ubuntu: `python{version}-venv`)");
        return Err(Error::NoVenv { path: python.path.clone(), version, hint });
    }
    Err(Error::Venv { path: python.path.clone(), tail: tail(&text, 3) })
}

fn run_pip(folder: &Path, requirements: &Path, progress: &mut dyn FnMut(Progress<'_>)) -> Result<(), Error> {
    let python = folder.join(PYTHON);
    // The list is closed, so pip need not resolve anything.
    let mut child = Command::new(&python)
        .args([
            "-I",
            "-m",
            "pip",
            "install",
            "--no-deps",
            "--no-input",
            "--disable-pip-version-check",
            "--progress-bar",
            "off",
            "-r",
        ])
        .arg(requirements)
        // A user's setting to install for the user only makes pip refuse within an environment.
        .env("PIP_USER", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(io_error("run", &python))?;
    let mut stderr = child.stderr.take().expect("standard error was asked for");
    let stdout = child.stdout.take().expect("standard output was asked for");
    let complaints = thread::spawn(move || {
        let mut bytes = Vec::new();
        // What could not be read is missing from an error message, nothing else.
        let _ = stderr.read_to_end(&mut bytes);
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let mut said = String::new();
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.map_err(io_error("read the output of", &python))?;
        let line = String::from_utf8_lossy(&line);
        progress(Progress::Pip { line: line.trim_end() });
        said.push_str(line.trim_end());
        said.push('\n');
    }
    let status = child.wait().map_err(io_error("wait for", &python))?;
    let complaints = complaints.join().expect("reading a pipe does not panic");
    if status.success() { Ok(()) } else { Err(Error::Pip { tail: tail(&(said + &complaints), 12) }) }
}

/// The last lines of a text that say something.
pub(crate) fn tail(text: &str, lines: usize) -> String {
    let kept: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    kept[kept.len().saturating_sub(lines)..].join("\n")
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::sync::Mutex;

    use tempfile::TempDir;

    use super::*;

    /// An interpreter that makes an environment with `venv` and, in it, one whose pip is `pip`: both shell commands.
    ///
    /// `$DIR` is the environment in `venv`.
    fn fake(folder: &TempDir, venv: &str, pip: &str) -> Python {
        let path = folder.path().join("python3");
        let inner = format!("#!/bin/sh\n{pip}\n");
        let text = format!(
            "#!/bin/sh\nDIR=$4\n{venv}\nmkdir -p \"$DIR/bin\"\ncat > \"$DIR/bin/python\" <<'END'\n{inner}END\nchmod +x \"$DIR/bin/python\"\n"
        );
        fs::write(&path, text).expect("the script can be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("the script can be made executable");
        Python { path, version: (3, 11) }
    }

    fn prepare(cache: &TempDir, python: &Python) -> (Result<Environment, Error>, Vec<String>) {
        let mut told = Vec::new();
        let find = || Ok(Python { path: python.path.clone(), version: python.version });
        let prepared =
            Environment::prepare_with(cache.path(), &find, &mut |progress| told.push(format!("{progress:?}")));
        (prepared, told)
    }

    fn folders() -> (TempDir, TempDir) {
        let folder = || tempfile::tempdir().expect("a temporary folder can be made");
        (folder(), folder())
    }

    #[test]
    fn an_environment_is_made_once() {
        let (cache, bin) = folders();
        let python = fake(&bin, ":", "echo Collecting moto");
        let (environment, told) = prepare(&cache, &python);
        let environment = environment.expect("everything works");
        assert!(environment.python.exists() && environment.launcher.exists());
        assert_eq!(told.len(), 4, "{told:?}");
        assert_eq!(told[2], r#"Pip { line: "Collecting moto" }"#);
        let (again, told) = prepare(&cache, &python);
        assert_eq!(again.expect("everything works").python, environment.python);
        assert!(told.is_empty(), "{told:?}");
    }

    #[test]
    fn an_environment_that_lost_its_interpreter_is_made_again() {
        let (cache, bin) = folders();
        let python = fake(&bin, ":", ":");
        let environment = prepare(&cache, &python).0.expect("everything works");
        fs::remove_file(&environment.python).expect("the interpreter is there");
        let (again, told) = prepare(&cache, &python);
        assert!(again.expect("everything works").python.exists());
        assert!(!told.is_empty());
    }

    #[test]
    fn two_who_ask_at_once_make_one_environment() {
        let (cache, bin) = folders();
        let python = fake(&bin, "echo made >> \"$(dirname \"$0\")/count\"", "sleep 0.05");
        let told = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let (environment, lines) = prepare(&cache, &python);
                    environment.expect("everything works");
                    told.lock().expect("nobody panics").extend(lines);
                });
            }
        });
        let count = fs::read_to_string(bin.path().join("count")).expect("somebody made one");
        assert_eq!(count, "made\n");
        assert_eq!(told.into_inner().expect("nobody panics").iter().filter(|line| *line == "Installed").count(), 1);
    }

    #[test]
    fn a_failing_pip_is_quoted_and_leaves_no_environment() {
        let (cache, bin) = folders();
        let python = fake(&bin, ":", "echo Collecting moto; echo 'ERROR: No matching distribution found' >&2; exit 1");
        let error = prepare(&cache, &python).0.expect_err("pip fails");
        assert_eq!(
            error.to_string(),
            "pip failed to install the emulator's packages:\nCollecting moto\nERROR: No matching distribution found"
        );
        let works = fake(&bin, ":", ":");
        prepare(&cache, &works).0.expect("the next attempt starts from nothing");
    }

    #[test]
    fn a_python_without_venv_is_told_what_to_install() {
        let (cache, bin) = folders();
        let python = fake(&bin, "echo 'ensurepip is not available.'; exit 1", ":");
        let error = prepare(&cache, &python).0.expect_err("there is no venv");
        assert_eq!(
            error.to_string(),
            format!(
                "Python 3.11 at `{}` cannot make virtual environments; install the package that provides its `venv` \
                 module (Debian, Ubuntu: `python3.11-venv`)",
                python.path.display()
            )
        );
    }

    #[test]
    fn any_other_failure_of_venv_is_quoted() {
        let (cache, bin) = folders();
        let python = fake(&bin, "echo 'Error: [Errno 28] No space left on device' >&2; exit 1", ":");
        let error = prepare(&cache, &python).0.expect_err("the disk is full");
        assert!(error.to_string().ends_with(": Error: [Errno 28] No space left on device"), "{error}");
    }
}
