//! The folder `.infra` of a stack: packages by their contents, and a link to one for each call.
//!
//! ```text
//! .infra/packages/ID          a package as it was fetched; ID is the beginning of its checksum; never changed
//! .infra/packages/.new-N      one that is being fetched
//! .infra/modules/KEY          a link to the package of a call: what `path.module` begins with
//! .infra/modules/modules.json the manifest
//! .infra/modules/.lock        held by the process that installs
//! ```
//!
//! What is being fetched becomes visible by a rename once it is whole, and a call changes from one package to another by a
//! rename of its link. So whoever is killed leaves the old or the new, and what was half fetched is removed by the next.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::checksum::{Checksum, ReadError};

/// The folder with the links and the manifest, relative to the stack's.
pub const MODULES: &str = ".infra/modules";

/// The folder with the packages, relative to the stack's.
pub const PACKAGES: &str = ".infra/packages";

/// What names begin with that are not whole.
const UNFINISHED: &str = ".new-";

/// The store of a stack, held by this process alone.
pub struct Store<'a> {
    root: &'a Path,
    /// The lock lasts until the file is closed.
    _held: File,
    next: AtomicU32,
    /// Two fetches may have got the same.
    keeping: Mutex<()>,
}

/// A failure of the disk.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("failed to {what} `{}`: {source}", path.display())]
    Io { what: &'static str, path: PathBuf, source: io::Error },
    #[error(transparent)]
    Read(#[from] ReadError),
}

impl<'a> Store<'a> {
    /// Takes the store of a folder; waits while another process has it, after saying so.
    ///
    /// # Errors
    /// The folder can't be written.
    pub(crate) fn hold(root: &'a Path, waiting: impl FnOnce()) -> Result<Store<'a>, StoreError> {
        for folder in [MODULES, PACKAGES] {
            let path = root.join(folder);
            fs::create_dir_all(&path).map_err(|source| StoreError::Io { what: "make", path, source })?;
        }
        let path = root.join(MODULES).join(".lock");
        let error = |source| StoreError::Io { what: "lock", path: path.clone(), source };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(error)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => {
                waiting();
                file.lock().map_err(error)?;
            }
            Err(fs::TryLockError::Error(source)) => return Err(error(source)),
        }
        let store = Store { root, _held: file, next: AtomicU32::new(0), keeping: Mutex::new(()) };
        store.remove_unfinished()?;
        Ok(store)
    }

    /// What a killed process left: nobody else is at work.
    fn remove_unfinished(&self) -> Result<(), StoreError> {
        for path in names(&self.root.join(PACKAGES))? {
            if file_name(&path).starts_with(UNFINISHED) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    /// A place to fetch to, with nothing there yet.
    pub(crate) fn new_folder(&self) -> PathBuf {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.root.join(PACKAGES).join(format!("{UNFINISHED}{number}"))
    }

    /// Makes what was fetched a package; gives its folder relative to the stack's.
    pub(crate) fn keep(&self, fetched: &Path, checksum: &Checksum) -> Result<PathBuf, StoreError> {
        let _alone = self.keeping.lock().expect("no holder of the lock panics");
        let package = Path::new(PACKAGES).join(checksum.short());
        let path = self.root.join(&package);
        if path.exists() {
            if Checksum::of_folder(&path).is_ok_and(|present| present == *checksum) {
                remove(fetched)?;
                return Ok(package);
            }
            // Somebody changed it; it has to be what its name says.
            let aside = self.new_folder();
            fs::rename(&path, &aside).map_err(|source| StoreError::Io {
                what: "replace",
                path: path.clone(),
                source,
            })?;
            remove(&aside)?;
        }
        fs::rename(fetched, &path).map_err(|source| StoreError::Io { what: "put in place", path, source })?;
        Ok(package)
    }

    /// A package that is there already and unchanged.
    pub(crate) fn package(&self, checksum: &Checksum) -> Option<PathBuf> {
        let package = Path::new(PACKAGES).join(checksum.short());
        let present = Checksum::of_folder(&self.root.join(&package)).ok()?;
        (present == *checksum).then_some(package)
    }

    /// Makes a call's link lead to a package: a folder relative to the stack's, or absolute.
    pub(crate) fn link(&self, key: &str, package: &Path) -> Result<(), StoreError> {
        let target = if package.is_absolute() { package.to_path_buf() } else { Path::new("../..").join(package) };
        let path = self.root.join(MODULES).join(key);
        let error = |what| {
            let path = path.clone();
            move |source| StoreError::Io { what, path, source }
        };
        if fs::read_link(&path).is_ok_and(|present| present == target) {
            return Ok(());
        }
        if path.symlink_metadata().is_ok_and(|data| data.is_dir()) {
            fs::remove_dir_all(&path).map_err(error("replace"))?;
        }
        let new = self.root.join(MODULES).join(format!("{UNFINISHED}{key}"));
        remove(&new)?;
        symlink(target, &new).map_err(error("make"))?;
        fs::rename(&new, &path).map_err(error("make"))
    }

    /// Removes the links of other calls, and the packages that none leads to.
    pub(crate) fn prune(&self, keys: &[&str], packages: &[&Path]) -> Result<(), StoreError> {
        for path in names(&self.root.join(MODULES))? {
            let is_link = path.symlink_metadata().is_ok_and(|data| data.file_type().is_symlink());
            if is_link && !keys.contains(&file_name(&path)) {
                remove(&path)?;
            }
        }
        for path in names(&self.root.join(PACKAGES))? {
            let package = Path::new(PACKAGES).join(file_name(&path));
            if !packages.contains(&package.as_path()) {
                remove(&path)?;
            }
        }
        Ok(())
    }
}

fn file_name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn names(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let error = |source| StoreError::Io { what: "list", path: folder.to_path_buf(), source };
    let found = fs::read_dir(folder).map_err(error)?;
    found.map(|found| found.map(|found| found.path()).map_err(error)).collect()
}

/// Removes whatever is there.
fn remove(path: &Path) -> Result<(), StoreError> {
    let removed = match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(data) if data.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
    };
    removed.map_err(|source| StoreError::Io { what: "remove", path: path.to_path_buf(), source })
}

/// Writes a file so that there is the old or the new one at any moment.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let new = path.with_file_name(format!(".{}.{}.new", name.trim_start_matches('.'), std::process::id()));
    let written = (|| {
        let mut file = File::create(&new)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&new, path)
    })();
    if written.is_err() {
        // The first failure says more than one of cleaning up.
        drop(fs::remove_file(&new));
    }
    written
}
