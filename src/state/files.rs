//! What is asked of the file system: a trait, so that tests can make every step of it fail.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, fchown};
use std::path::Path;

/// The mode of every file made here: states and journals hold secrets.
const OWNER_ONLY: u32 = 0o600;

/// The steps by which files are made and replaced so that a crash between any two of them leaves either the old or the
/// new.
pub(crate) trait Files: Send + Sync + fmt::Debug {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// Makes an empty file that only its owner may read, where there was none.
    fn create(&self, path: &Path) -> io::Result<File>;

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()>;

    /// Returns when the contents of the file are on the disk.
    fn sync(&self, file: &File) -> io::Result<()>;

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Returns when the names in the directory are on the disk.
    fn sync_directory(&self, path: &Path) -> io::Result<()>;
}

/// The file system of the machine.
#[derive(Debug)]
pub(crate) struct Machine;

impl Files for Machine {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(path)
    }

    fn create(&self, path: &Path) -> io::Result<File> {
        OpenOptions::new().read(true).write(true).create_new(true).mode(OWNER_ONLY).open(path)
    }

    fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_directory(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

/// The directory of a path; the current one for a bare name.
pub(crate) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    }
}

/// Gives a file the owner that another had. Only root can do that, and a file of another owner does no harm, so
/// failures are left alone.
pub(crate) fn keep_owner(file: &File, like: &std::fs::Metadata) {
    use std::os::unix::fs::MetadataExt;
    let differs = file.metadata().is_ok_and(|own| own.uid() != like.uid() || own.gid() != like.gid());
    if differs {
        drop(fchown(file, Some(like.uid()), Some(like.gid())));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    //! A file system that fails when it is told to.

    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;

    /// Passes everything to the machine until `steps` are used up; then the disk is full, and a write gets half-way.
    #[derive(Debug)]
    pub(crate) struct Faulty {
        used: AtomicUsize,
        steps: usize,
        /// Whether only one step fails, so that cleaning up works, or all from there on, as if the process had stopped.
        once: bool,
        sync_takes: Duration,
        pub(crate) syncs: AtomicUsize,
    }

    impl Faulty {
        pub(crate) fn once_after(steps: usize) -> Faulty {
            Faulty {
                used: AtomicUsize::new(0),
                steps,
                once: true,
                sync_takes: Duration::ZERO,
                syncs: AtomicUsize::new(0),
            }
        }

        pub(crate) fn stopped_after(steps: usize) -> Faulty {
            Faulty { once: false, ..Faulty::once_after(steps) }
        }

        pub(crate) fn slow(sync_takes: Duration) -> Faulty {
            Faulty { sync_takes, ..Faulty::once_after(usize::MAX) }
        }

        /// How many steps were taken, the failed ones included.
        pub(crate) fn used(&self) -> usize {
            self.used.load(Ordering::Relaxed)
        }

        fn step(&self) -> io::Result<()> {
            let step = self.used.fetch_add(1, Ordering::Relaxed);
            match step == self.steps || (step > self.steps && !self.once) {
                true => Err(io::Error::from(io::ErrorKind::StorageFull)),
                false => Ok(()),
            }
        }
    }

    impl Files for Faulty {
        fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
            self.step()?;
            Machine.read(path)
        }

        fn create(&self, path: &Path) -> io::Result<File> {
            self.step()?;
            Machine.create(path)
        }

        fn write(&self, file: &mut File, bytes: &[u8]) -> io::Result<()> {
            if let Err(error) = self.step() {
                Machine.write(file, &bytes[..bytes.len() / 2])?;
                return Err(error);
            }
            Machine.write(file, bytes)
        }

        fn sync(&self, file: &File) -> io::Result<()> {
            self.step()?;
            self.syncs.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(self.sync_takes);
            Machine.sync(file)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.step()?;
            Machine.rename(from, to)
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            self.step()?;
            Machine.remove(path)
        }

        fn sync_directory(&self, path: &Path) -> io::Result<()> {
            self.step()?;
            Machine.sync_directory(path)
        }
    }
}
