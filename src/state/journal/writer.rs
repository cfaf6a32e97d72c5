//! Writing a journal: records are durable when `append` returns.
//!
//! One thread writes. It takes all records that wait, writes them at once and asks the disk once for all of them, so
//! that many steps at a time cost little more than one.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::line::{Batch, encode, write_line};
use super::{JournalError, Record};
use crate::files::{Files, Machine, directory};

/// The journal of the present run. Records may be appended from many places at once.
///
/// Dropping it leaves the file, for the next run to read; only [`Journal::remove`] takes it away.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    files: Arc<dyn Files>,
    queue: mpsc::Sender<Waiting>,
    thread: Option<JoinHandle<()>>,
}

/// A record on its way to the disk, and whom to tell.
struct Waiting {
    record: Box<RawValue>,
    written: oneshot::Sender<Result<(), JournalError>>,
}

/// What the writing thread owns.
struct Writer {
    path: PathBuf,
    files: Arc<dyn Files>,
    file: File,
    batch: u64,
    /// The first failure; nothing is written after it.
    failure: Option<Arc<io::Error>>,
}

impl Journal {
    /// Starts the journal of a run with its first record, normally [`Record::Begin`]. Returns when it is durable.
    ///
    /// # Errors
    /// There is a journal already, or it cannot be written.
    pub fn create(path: &Path, begin: &Record) -> Result<Journal, JournalError> {
        Journal::create_on(Arc::new(Machine), path, begin)
    }

    pub(crate) fn create_on(files: Arc<dyn Files>, path: &Path, begin: &Record) -> Result<Journal, JournalError> {
        let file = files.create(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => JournalError::Exists { path: path.to_owned() },
            _ => JournalError::io("create", path, error),
        })?;
        let mut writer = Writer { path: path.to_owned(), files: files.clone(), file, batch: 0, failure: None };
        writer.write(&[&encode(begin)])?;
        files.sync_directory(directory(path)).map_err(|error| JournalError::io("create", path, error))?;
        let (queue, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || writer.run(&waiting))
            .map_err(|error| JournalError::io("start writing", path, error))?;
        Ok(Journal { path: path.to_owned(), files, queue, thread: Some(thread) })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Appends a record and returns when it is durable. A record whose future is dropped is written all the same.
    ///
    /// # Errors
    /// It could not be written. Nothing can be appended any more then, so no further effect may be started.
    pub async fn append(&self, record: &Record) -> Result<(), JournalError> {
        self.enqueue(record)?.await.map_err(|_| self.gone())?
    }

    /// As [`Self::append`], for threads outside of an async runtime.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn append_blocking(&self, record: &Record) -> Result<(), JournalError> {
        self.enqueue(record)?.blocking_recv().map_err(|_| self.gone())?
    }

    /// Ends the journal: call it when the state that contains everything it tells is written.
    ///
    /// # Errors
    /// It cannot be removed. The next run replays it then, which changes nothing.
    pub fn remove(mut self) -> Result<(), JournalError> {
        self.stop();
        remove(&*self.files, &self.path)
    }

    fn enqueue(&self, record: &Record) -> Result<oneshot::Receiver<Result<(), JournalError>>, JournalError> {
        let (written, answer) = oneshot::channel();
        self.queue.send(Waiting { record: encode(record), written }).map_err(|_| self.gone())?;
        Ok(answer)
    }

    /// The thread ends only with the journal, or by a panic.
    fn gone(&self) -> JournalError {
        JournalError::io("write", &self.path, io::Error::other("its writer has stopped"))
    }

    /// Waits until all that was appended is written.
    fn stop(&mut self) {
        self.queue = mpsc::channel().0;
        if let Some(thread) = self.thread.take() {
            // A panic of the writer was reported when it happened, and by every append since.
            drop(thread.join());
        }
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Removes the file of a journal.
pub(crate) fn remove(files: &dyn Files, path: &Path) -> Result<(), JournalError> {
    let failed = |error| JournalError::io("remove", path, error);
    match files.remove(path) {
        Ok(()) => files.sync_directory(directory(path)).map_err(failed),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

impl Writer {
    fn run(mut self, queue: &mpsc::Receiver<Waiting>) {
        while let Ok(first) = queue.recv() {
            let batch: Vec<Waiting> = std::iter::once(first).chain(queue.try_iter()).collect();
            let records: Vec<&RawValue> = batch.iter().map(|waiting| &*waiting.record).collect();
            let result = self.write(&records);
            for waiting in batch {
                // Whoever appended may not wait any more.
                drop(waiting.written.send(result.clone()));
            }
        }
    }

    fn write(&mut self, records: &[&RawValue]) -> Result<(), JournalError> {
        if let Some(source) = &self.failure {
            return Err(JournalError::Broken { path: self.path.clone(), source: source.clone() });
        }
        let mut lines = Vec::new();
        for (place, record) in records.iter().enumerate() {
            write_line(&mut lines, Batch { number: self.batch, place, size: records.len() }, record);
        }
        self.batch += 1;
        let written = self.files.write(&mut self.file, &lines).and_then(|()| self.files.sync(&self.file));
        written.map_err(|error| {
            let source = Arc::new(error);
            self.failure = Some(source.clone());
            JournalError::Io { operation: "write", path: self.path.clone(), source }
        })
    }
}
