//! Where a journal is kept: beside a local state in a file, elsewhere in the store of the state.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::files::{Files, Machine, directory};

/// The place of the journals of one state. It holds one at a time.
///
/// The calls block: a thread of its own writes a journal. Implementations must not rely on being outside of an async
/// runtime.
pub trait Place: Send + Sync + fmt::Debug {
    /// The place, as messages name it.
    fn location(&self) -> String;

    /// Starts a journal with its first batch of lines, which are durable afterwards.
    ///
    /// # Errors
    /// `AlreadyExists` when there is a journal; or it cannot be written.
    fn create(&self, first: &[u8]) -> io::Result<Box<dyn Lines>>;

    /// All lines of the journal that is there; the last may be torn.
    ///
    /// # Errors
    /// They cannot be read.
    fn read(&self) -> io::Result<Option<Vec<u8>>>;

    /// Removes the journal, if there is one.
    ///
    /// # Errors
    /// It cannot be removed.
    fn remove(&self) -> io::Result<()>;
}

/// A journal that is being written.
pub trait Lines: Send {
    /// Adds a batch of lines, which are durable afterwards. Nothing is added any more after a failure.
    ///
    /// # Errors
    /// It is not known what of the batch is durable.
    fn append(&mut self, batch: &[u8]) -> io::Result<()>;
}

/// A journal in a file.
#[derive(Clone, Debug)]
pub(crate) struct InFile {
    path: PathBuf,
    files: Arc<dyn Files>,
}

struct FileLines {
    file: File,
    files: Arc<dyn Files>,
}

impl InFile {
    pub(crate) fn new(path: &Path) -> InFile {
        InFile::on(Arc::new(Machine), path)
    }

    pub(crate) fn on(files: Arc<dyn Files>, path: &Path) -> InFile {
        InFile { path: path.to_owned(), files }
    }
}

impl Place for InFile {
    fn location(&self) -> String {
        format!("`{}`", self.path.display())
    }

    fn create(&self, first: &[u8]) -> io::Result<Box<dyn Lines>> {
        let file = self.files.create(&self.path)?;
        let mut lines = FileLines { file, files: self.files.clone() };
        lines.append(first)?;
        self.files.sync_directory(directory(&self.path))?;
        Ok(Box::new(lines))
    }

    fn read(&self) -> io::Result<Option<Vec<u8>>> {
        match self.files.read(&self.path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn remove(&self) -> io::Result<()> {
        match self.files.remove(&self.path) {
            Ok(()) => self.files.sync_directory(directory(&self.path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }
}

impl Lines for FileLines {
    fn append(&mut self, batch: &[u8]) -> io::Result<()> {
        self.files.write(&mut self.file, batch)?;
        self.files.sync(&self.file)
    }
}
