//! Writing a journal: records are durable when `append` returns.
//!
//! One thread writes. It takes all records that wait and hands them to the journal's place as one batch, so that many
//! steps at a time cost little more than one.

use std::io;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;

use serde_json::value::RawValue;
use tokio::sync::oneshot;

use super::line::{Batch, encode, write_line};
use super::{JournalError, Lines, Place, Record};

/// The journal of the present run. Records may be appended from many places at once.
///
/// Dropping it leaves what was written, for the next run to read; only [`Journal::remove`] takes it away.
#[derive(Debug)]
pub struct Journal {
    place: Arc<dyn Place>,
    queue: mpsc::Sender<Waiting>,
    thread: Option<JoinHandle<()>>,
}

/// A record on its way to its place, and whom to tell.
struct Waiting {
    record: Box<RawValue>,
    written: oneshot::Sender<Result<(), JournalError>>,
}

/// What the writing thread owns.
struct Writer {
    place: Arc<dyn Place>,
    lines: Box<dyn Lines>,
    /// The number of the next batch.
    batch: u64,
    /// The first failure; nothing is written after it.
    failure: Option<Arc<io::Error>>,
}

impl Journal {
    /// Starts the journal of a run with its first record, normally [`Record::Begin`]. Returns when it is durable.
    ///
    /// # Errors
    /// There is a journal already, or it cannot be written.
    pub fn create(place: Arc<dyn Place>, begin: &Record) -> Result<Journal, JournalError> {
        let lines = place.create(&batch(0, &[&encode(begin)])).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => JournalError::Exists { location: place.location() },
            _ => JournalError::io("create", &*place, error),
        })?;
        let writer = Writer { place: place.clone(), lines, batch: 1, failure: None };
        let (queue, waiting) = mpsc::channel();
        let thread = std::thread::Builder::new()
            .name("journal".into())
            .spawn(move || writer.run(&waiting))
            .map_err(|error| JournalError::io("start writing", &*place, error))?;
        Ok(Journal { place, queue, thread: Some(thread) })
    }

    /// The place, as messages name it.
    pub fn location(&self) -> String {
        self.place.location()
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
        remove(&*self.place)
    }

    fn enqueue(&self, record: &Record) -> Result<oneshot::Receiver<Result<(), JournalError>>, JournalError> {
        let (written, answer) = oneshot::channel();
        self.queue.send(Waiting { record: encode(record), written }).map_err(|_| self.gone())?;
        Ok(answer)
    }

    /// The thread ends only with the journal, or by a panic.
    fn gone(&self) -> JournalError {
        JournalError::io("write", &*self.place, io::Error::other("its writer has stopped"))
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

/// Removes the journal of a place.
pub(crate) fn remove(place: &dyn Place) -> Result<(), JournalError> {
    place.remove().map_err(|error| JournalError::io("remove", place, error))
}

/// The lines of records that are to be durable together.
fn batch(number: u64, records: &[&RawValue]) -> Vec<u8> {
    let mut lines = Vec::new();
    for (place, record) in records.iter().enumerate() {
        write_line(&mut lines, Batch { number, place, size: records.len() }, record);
    }
    lines
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
        let location = || self.place.location();
        if let Some(source) = &self.failure {
            return Err(JournalError::Broken { location: location(), source: source.clone() });
        }
        let written = self.lines.append(&batch(self.batch, records));
        self.batch += 1;
        written.map_err(|error| {
            let source = Arc::new(error);
            self.failure = Some(source.clone());
            JournalError::Io { operation: "write", location: location(), source }
        })
    }
}
