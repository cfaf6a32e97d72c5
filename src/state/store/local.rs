//! A state in a file of this machine.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;

use super::{Found, Snapshot, Store, StoreError, Version};
use crate::file::{Header, header};
use crate::files::{Files, Machine, directory, keep_owner};
use crate::journal;
use crate::lock::file::try_lock;
use crate::lock::{Held, Lapse, LockError, LockGuard, LockInfo, LockRequest};

/// What a file that has been replaced is made to hold. Terraform, when it waited for the lock of that file, would take
/// it for the state and write to it, and neither reach anybody; this stops it with a message that shows the text of
/// `terraform_version`.
const REPLACED: &[u8] =
    br#"{"version": 4, "terraform_version": "of no matter: the state was replaced while this run waited for its lock, so run it again"}"#;

/// The waits between two tries to get a lock grow from the first to the second.
const POLL: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(100)];

/// Where the state before the first change of a run is kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Backup {
    /// Beside the state, with `.backup` after its name.
    #[default]
    Beside,
    At(PathBuf),
    Off,
}

/// A state in a file: replaced as a whole, readable only by its owner, with a copy of what was there before the run.
///
/// The file may be a symbolic link; what it leads to is replaced then. A lock of this store holds for everyone who
/// locks the same file, Terraform included.
#[derive(Clone, Debug)]
pub struct LocalStore {
    place: Arc<Place>,
}

#[derive(Debug)]
struct Place {
    /// As it was given.
    path: PathBuf,
    backup: Backup,
    backed_up: AtomicBool,
    files: Arc<dyn Files>,
    /// The file that carries the lock, while this store has it.
    locked: Mutex<Option<File>>,
}

/// A lock of a [`LocalStore`].
struct LocalLock {
    place: Arc<Place>,
    /// Whether there was no file before the lock.
    created: bool,
    released: bool,
}

impl LocalStore {
    /// A store for the state in the file `path`, which need not exist. Its folder must, by the time of the first lock
    /// or write.
    pub fn new(path: impl Into<PathBuf>, backup: Backup) -> LocalStore {
        LocalStore::on(Arc::new(Machine), path.into(), backup)
    }

    pub(crate) fn on(files: Arc<dyn Files>, path: PathBuf, backup: Backup) -> LocalStore {
        let place = Place { path, backup, backed_up: AtomicBool::new(false), files, locked: Mutex::new(None) };
        LocalStore { place: Arc::new(place) }
    }

    pub fn path(&self) -> &Path {
        &self.place.path
    }
}

#[async_trait]
impl Store for LocalStore {
    fn location(&self) -> String {
        self.place.location()
    }

    /// Beside the file that a symbolic link leads to, so that every name of a state has one journal.
    fn journal(&self) -> Arc<dyn journal::Place> {
        Arc::new(journal::InFile::new(&with_suffix(&self.place.target(), ".journal")))
    }

    async fn read(&self) -> Result<Option<Snapshot>, StoreError> {
        let place = self.place.clone();
        blocking(move || {
            let bytes = place.current(&place.target()).map_err(|source| place.failed("read", source))?;
            Ok(bytes.map(|bytes| Snapshot { version: version(&bytes), bytes: bytes.into() }))
        })
        .await
    }

    async fn write(&self, bytes: Bytes, expected: Option<&Version>) -> Result<Version, StoreError> {
        let place = self.place.clone();
        let expected = expected.cloned();
        blocking(move || place.write(&bytes, expected.as_ref())).await
    }

    async fn lock(&self, request: &LockRequest<'_>) -> Result<LockGuard, LockError> {
        let failed = |operation| move |source| LockError::Io { operation, location: self.place.location(), source };
        let start = Instant::now();
        let mut poll = POLL[0];
        let mut told: Option<Option<LockInfo>> = None;
        loop {
            if let Some(lock) = self.place.try_lock().map_err(failed("take"))? {
                self.place.describe(&request.info).map_err(failed("describe"))?;
                return Ok(LockGuard::new(request.info.clone(), Box::new(lock)));
            }
            let holder = match self.place.holder() {
                // It may just have got the lock.
                None => {
                    tokio::time::sleep(POLL[0]).await;
                    self.place.holder()
                }
                holder => holder,
            };
            let left = request.timeout.saturating_sub(start.elapsed());
            if left.is_zero() {
                return Err(LockError::Taken { location: self.place.location(), holder, lapse: Lapse::WithProcess });
            }
            if told.as_ref() != Some(&holder) {
                (request.waiting)(holder.as_ref());
                told = Some(holder);
            }
            tokio::time::sleep(poll.min(left)).await;
            poll = (poll * 3 / 2).min(POLL[1]);
        }
    }
}

/// Runs what waits for the disk where it does not hold up other tasks.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

impl Place {
    fn location(&self) -> String {
        format!("`{}`", self.path.display())
    }

    fn failed(&self, operation: &'static str, source: io::Error) -> StoreError {
        StoreError::Io { operation, location: self.location(), source }
    }

    /// The file that the path leads to through symbolic links, whether it exists or not.
    fn target(&self) -> PathBuf {
        const LINKS_MAX: usize = 40;
        let mut path = self.path.clone();
        for _ in 0..LINKS_MAX {
            match std::fs::read_link(&path) {
                Ok(next) => path = directory(&path).join(next),
                Err(_) => break,
            }
        }
        path
    }

    fn locked(&self) -> MutexGuard<'_, Option<File>> {
        // Every change under the mutex is one assignment, so a panic leaves nothing half done.
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the file holds; `None` when there is no file, or an empty one as a lock leaves it.
    ///
    /// While the lock is held the file is read through the descriptor that holds it: where locks belong to processes,
    /// closing another would lose it.
    fn current(&self, target: &Path) -> io::Result<Option<Vec<u8>>> {
        let bytes = match self.locked().as_ref().filter(|file| is_at(file, target)) {
            Some(file) => {
                let mut bytes = vec![0; usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?];
                file.read_exact_at(&mut bytes, 0)?;
                bytes
            }
            None => match self.files.read(target) {
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(error),
            },
        };
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    fn write(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, StoreError> {
        let target = self.target();
        let current = self.current(&target).map_err(|source| self.failed("read", source))?;
        if current.as_deref().map(version).as_ref() != expected {
            return Err(StoreError::Changed {
                location: self.location(),
                expected: expected.and_then(expected_header),
                found: match &current {
                    None => Found::Nothing,
                    Some(bytes) => header(bytes).map_or(Found::Other, Found::State),
                },
            });
        }
        if let Some(current) = current {
            self.back_up(&current).map_err(|source| self.failed("back up", source))?;
        }
        self.replace(&target, bytes).map_err(|source| self.failed("write", source))?;
        Ok(version(bytes))
    }

    /// Keeps what was there before the first change of this run.
    fn back_up(&self, bytes: &[u8]) -> io::Result<()> {
        let path = match &self.backup {
            Backup::Beside => with_suffix(&self.path, ".backup"),
            Backup::At(path) => path.clone(),
            Backup::Off => return Ok(()),
        };
        if self.backed_up.load(Ordering::Relaxed) {
            return Ok(());
        }
        let new = self.write_beside(&path, bytes)?;
        new.put_in_place(&path)?;
        self.backed_up.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Puts a new file in the place of the old one, and takes the lock along.
    fn replace(&self, target: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut locked = self.locked();
        if locked.is_some() {
            sweep(target);
        }
        let new = self.write_beside(target, bytes)?;
        if let Ok(old) = std::fs::metadata(target) {
            keep_owner(&new.file, &old);
        }
        if locked.is_some() && !try_lock(&new.file)? {
            return Err(io::Error::other("another process locks a file that was made just now"));
        }
        let file = new.put_in_place(target)?;
        if let Some(old) = locked.as_mut() {
            retire(&std::mem::replace(old, file));
        }
        Ok(())
    }

    /// Writes a new file beside `path`, whole and on the disk.
    fn write_beside(&self, path: &Path, bytes: &[u8]) -> io::Result<Pending> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = hidden_name(path, &format!(".{}-{number}{TEMPORARY}", std::process::id()));
        let path = directory(path).join(name);
        let file = self.files.create(&path)?;
        let mut pending = Pending { file, name: Temporary { path, files: self.files.clone(), used: false } };
        self.files.write(&mut pending.file, bytes)?;
        self.files.sync(&pending.file)?;
        Ok(pending)
    }

    /// Takes the lock if nobody has it.
    fn try_lock(self: &Arc<Self>) -> io::Result<Option<LocalLock>> {
        let target = self.target();
        loop {
            let (file, created) = open_or_create(&target)?;
            if self.locked().is_some() || !try_lock(&file)? {
                return Ok(None);
            }
            // The file may have been replaced between opening and locking: then the lock is on what is no state any
            // more.
            if is_at(&file, &target) {
                *self.locked() = Some(file);
                return Ok(Some(LocalLock { place: self.clone(), created, released: false }));
            }
        }
    }

    fn info_path(&self) -> PathBuf {
        directory(&self.path).join(hidden_name(&self.path, ".lock.info"))
    }

    /// Leaves a description of the holder for those who wait.
    fn describe(&self, info: &LockInfo) -> io::Result<()> {
        let path = self.info_path();
        // What a dead holder left may belong to another user, who may have made it unwritable; a new file needs only
        // the folder.
        remove_if_there(&path)?;
        let mut file = self.files.create(&path)?;
        file.write_all(serde_json::to_string(info)?.as_bytes())
    }

    fn holder(&self) -> Option<LockInfo> {
        serde_json::from_slice(&std::fs::read(self.info_path()).ok()?).ok()
    }

    fn release(&self, created: bool) -> io::Result<()> {
        let Some(file) = self.locked().take() else { return Ok(()) };
        // Before the lock goes, as afterwards the description would be another holder's.
        let described = remove_if_there(&self.info_path());
        let target = self.target();
        let emptied = match created && is_at(&file, &target) && file.metadata()?.len() == 0 {
            true => {
                let removed = remove_if_there(&target);
                retire(&file);
                removed
            }
            false => Ok(()),
        };
        described.and(emptied)
    }
}

impl LocalLock {
    fn give_back(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.released, true) {
            return Ok(());
        }
        self.place.release(self.created)
    }
}

#[async_trait]
impl Held for LocalLock {
    async fn release(mut self: Box<Self>) -> Result<(), LockError> {
        self.give_back().map_err(|source| LockError::Io {
            operation: "release",
            location: self.place.location(),
            source,
        })
    }
}

impl Drop for LocalLock {
    fn drop(&mut self) {
        // Whoever wants to know of a failure calls `release`. The lock itself goes with the descriptor in any case.
        drop(self.give_back());
    }
}

/// How the names of files end that are to become others.
const TEMPORARY: &str = ".tmp";

/// A file that is written but not yet under its name.
struct Pending {
    file: File,
    name: Temporary,
}

/// A name that a file has until it gets its own. It is removed with this, unless it is gone by then.
struct Temporary {
    path: PathBuf,
    files: Arc<dyn Files>,
    used: bool,
}

impl Pending {
    /// Gives the file its name, in place of whatever had it.
    fn put_in_place(self, path: &Path) -> io::Result<File> {
        let Pending { file, mut name } = self;
        name.files.rename(&name.path, path)?;
        name.used = true;
        name.files.sync_directory(directory(path))?;
        Ok(file)
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.used {
            // The failure that led here is reported; a file that stays is swept by the next write.
            drop(self.files.remove(&self.path));
        }
    }
}

/// Removes files that a write of a killed run left. Call it only under the lock.
fn sweep(target: &Path) {
    let Ok(entries) = std::fs::read_dir(directory(target)) else { return };
    let start = hidden_name(target, ".");
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.as_encoded_bytes();
        if name.starts_with(start.as_encoded_bytes()) && name.ends_with(TEMPORARY.as_bytes()) {
            // They do no harm but to the eye.
            drop(std::fs::remove_file(entry.path()));
        }
    }
}

/// Makes a file that is under no name any more useless for those who have it open and wait for its lock.
///
/// Runs of `infra` look whether the file that they locked is still the state; it is Terraform that this is for. Nothing
/// depends on it otherwise, so failures are left alone.
fn retire(old: &File) {
    if old.metadata().is_ok_and(|metadata| metadata.nlink() == 0) && old.set_len(0).is_ok() {
        drop(old.write_all_at(REPLACED, 0));
    }
}

/// Opens a file for reading and writing; says whether it had to be made.
fn open_or_create(path: &Path) -> io::Result<(File, bool)> {
    loop {
        match OpenOptions::new().read(true).write(true).open(path) {
            Ok(file) => return Ok((file, false)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        match OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path) {
            Ok(file) => return Ok((file, true)),
            // Another made it in between.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether the open file is the one that the path leads to.
fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(named)) => open.dev() == named.dev() && open.ino() == named.ino(),
        (Ok(_) | Err(_), Ok(_) | Err(_)) => false,
    }
}

fn remove_if_there(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(path);
    path.push(suffix);
    path.into()
}

/// The file name of a path with a dot before it and something after it.
fn hidden_name(path: &Path, suffix: &str) -> OsString {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(suffix);
    name
}

/// A local state is told from others by its contents, and by what they say it is, for messages.
fn version(bytes: &[u8]) -> Version {
    let Header { lineage, serial } = header(bytes).unwrap_or(Header { lineage: String::new(), serial: 0 });
    Version(format!("{:08x}/{}/{serial}/{lineage}", crc32fast::hash(bytes), bytes.len()).into())
}

fn expected_header(version: &Version) -> Option<Header> {
    let mut parts = version.0.splitn(4, '/').skip(2);
    let (serial, lineage) = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
    Some(Header { lineage, serial })
}
