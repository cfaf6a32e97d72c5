//! A sandbox that outlives the command that started it: `up`, `status`, `down`.
//!
//! What is known of it lies in a folder, by default [`folder`]: `server.json` (who and where), `server.log`, and a lock
//! that `up` and `down` hold while they change anything. Its objects are in the server's memory and last until `down`.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::launcher::short_hash;
use crate::loopback;
use crate::process;
use crate::server::{self, IDENTITY, Launch, Lifetime, Options, wait_until_ready};

/// A detached server that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    pub pid: u32,
    pub port: u16,
    pub log: PathBuf,
    /// The version of moto, as the server itself says.
    pub moto: String,
    /// Names of the corrections that are active.
    pub corrections: Vec<String>,
    /// How long a deployment of an ECS service takes.
    pub rollout: Duration,
}

/// What `status` finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Status {
    Down,
    Up(Running),
    /// The process is there, and is ours, but does not answer.
    Silent {
        pid: u32,
        port: u16,
        log: PathBuf,
    },
}

/// What `up` did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Up {
    Started(Running),
    /// One was running already; it is as it was started, whatever was asked for now.
    AlreadyRunning(Running),
}

/// Why a command about the detached server failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Server(#[from] server::Error),
    #[error("failed to {action} `{}`: {source}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
    #[error("process {pid} does not answer on port {port}; its log is `{}`", .log.display())]
    Silent { pid: u32, port: u16, log: PathBuf },
    #[error("failed to end process {pid}: {source}")]
    End { pid: u32, source: io::Error },
    #[error("no sandbox is running")]
    Down,
}

impl Running {
    /// The address for `AWS_ENDPOINT_URL`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The folder of the user's one detached sandbox, below the user's cache folder.
pub fn folder(cache_dir: &Path) -> PathBuf {
    cache_dir.join("infra").join("sandbox").join("running")
}

/// Starts a detached server, unless one is running, and waits until it answers.
///
/// # Errors
/// A server that does not start, or one that is there and does not answer; a folder that cannot be written.
pub fn up(folder: &Path, environment: &Environment, options: &Options) -> Result<Up, Error> {
    fs::create_dir_all(folder).map_err(io_error("create", folder))?;
    let _lock = lock(folder)?;
    match look(folder)? {
        Status::Up(running) => return Ok(Up::AlreadyRunning(running)),
        Status::Silent { pid, port, log } => return Err(Error::Silent { pid, port, log }),
        Status::Down => {}
    }
    let log = options.log.clone().unwrap_or_else(|| folder.join("server.log"));
    let report = folder.join("report.json");
    let token = new_token();
    remove(&report)?;
    let launch =
        Launch { environment, options, log: &log, report: &report, token: &token, lifetime: Lifetime::Detached };
    let mut child = launch.spawn()?;
    let pid = child.id();
    // Written before the server is known to work: whatever happens to us from here on, `down` finds the process.
    let mut record = Record { pid, port: 0, began: process::began(pid).unwrap_or_default(), token, log };
    write(folder, &record)?;
    match wait_until_ready(&mut child, &report, &record.log, options.ready_timeout) {
        Ok(port) => record.port = port,
        Err(error) => {
            let _ = child.kill();
            let _ = child.wait();
            remove(&folder.join(RECORD))?;
            return Err(error.into());
        }
    }
    write(folder, &record)?;
    remove(&report)?;
    match look(folder)? {
        Status::Up(running) => Ok(Up::Started(running)),
        Status::Silent { pid, port, log } => Err(Error::Silent { pid, port, log }),
        Status::Down => Err(Error::Down),
    }
}

/// Whether the detached server runs. What a server that is gone has left behind is removed.
///
/// # Errors
/// A folder that cannot be read.
pub fn status(folder: &Path) -> Result<Status, Error> {
    if !folder.exists() {
        return Ok(Status::Down);
    }
    let _lock = lock(folder)?;
    look(folder)
}

/// Ends the detached server; its objects are gone. False where none was running.
///
/// # Errors
/// A process that cannot be ended.
pub fn down(folder: &Path) -> Result<bool, Error> {
    const PATIENCE: Duration = Duration::from_secs(3);
    if !folder.exists() {
        return Ok(false);
    }
    let _lock = lock(folder)?;
    let pid = match look(folder)? {
        Status::Down => return Ok(false),
        Status::Up(Running { pid, .. }) | Status::Silent { pid, .. } => pid,
    };
    process::end(pid, PATIENCE).map_err(|source| Error::End { pid, source })?;
    remove(&folder.join(RECORD))?;
    Ok(true)
}

/// Makes the detached server forget every object.
///
/// # Errors
/// No server, or one that refuses.
pub fn reset(folder: &Path) -> Result<(), Error> {
    match status(folder)? {
        Status::Up(running) => Ok(server::reset(running.port)?),
        Status::Silent { pid, port, log } => Err(Error::Silent { pid, port, log }),
        Status::Down => Err(Error::Down),
    }
}

/// What is written about a server.
#[derive(Debug, Serialize, Deserialize)]
struct Record {
    pid: u32,
    /// Zero while the server starts.
    port: u16,
    /// When the process began, so that another process with the same id is not taken for it.
    began: String,
    /// What the server repeats on its identity page, so that another server on the same port is not taken for it.
    token: String,
    log: PathBuf,
}

/// The identity page.
#[derive(Deserialize)]
struct Identity {
    token: String,
    pid: u32,
    moto: String,
    corrections: Vec<String>,
    rollout_seconds: f64,
}

const RECORD: &str = "server.json";

/// Reads the record and compares it with the world; the caller holds the lock.
fn look(folder: &Path) -> Result<Status, Error> {
    let path = folder.join(RECORD);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Status::Down),
        Err(source) => return Err(io_error("read", &path)(source)),
    };
    let Ok(record) = serde_json::from_slice::<Record>(&text) else {
        // Nobody but us writes it, and only whole: it is of another version, whose server we cannot know.
        remove(&path)?;
        return Ok(Status::Down);
    };
    if process::began(record.pid).is_none_or(|began| began != record.began) {
        remove(&path)?;
        return Ok(Status::Down);
    }
    match identity(record.port) {
        Some(identity) if identity.token == record.token && identity.pid == record.pid => Ok(Status::Up(Running {
            pid: record.pid,
            port: record.port,
            log: record.log,
            moto: identity.moto,
            corrections: identity.corrections,
            rollout: Duration::try_from_secs_f64(identity.rollout_seconds).unwrap_or_default(),
        })),
        _ => Ok(Status::Silent { pid: record.pid, port: record.port, log: record.log }),
    }
}

fn identity(port: u16) -> Option<Identity> {
    if port == 0 {
        return None;
    }
    match loopback::request("GET", port, IDENTITY, Duration::from_secs(5)) {
        Ok((200, body)) => serde_json::from_str(&body).ok(),
        Ok(_) | Err(_) => None,
    }
}

/// Nothing secret: it only has to differ from one start to the next.
fn new_token() -> String {
    let nanoseconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_nanos());
    short_hash([nanoseconds.to_string().as_str(), std::process::id().to_string().as_str()])
}

fn write(folder: &Path, record: &Record) -> Result<(), Error> {
    let text = serde_json::to_vec(record).expect("a record has only string keys");
    let aside = folder.join("server.json.new");
    fs::write(&aside, text).map_err(io_error("write", &aside))?;
    fs::rename(&aside, folder.join(RECORD)).map_err(io_error("rename", &aside))
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(io_error("remove", path)(source)),
    }
}

fn lock(folder: &Path) -> Result<File, Error> {
    let path = folder.join("lock");
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(io_error("open", &path))?;
    file.lock().map_err(io_error("lock", &path))?;
    Ok(file)
}

fn io_error(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = path.to_path_buf();
    move |source| Error::Io { action, path, source }
}
