//! What is installed already: by us, or by Terraform in the same folder.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lang::load::{Installed, Package};
use lang::version::{Constraint, Version};
use model::address::ModuleAddr;

use crate::checksum::Checksum;
use crate::install::{Ready, joined, key, within};
use crate::links;
use crate::lock::{Lock, LockKey, Locked};
use crate::manifest::{Entry, Manifest};
use crate::source::{Source, split_subdir};
use crate::store::MODULES;

/// Where Terraform installs modules.
const OF_TERRAFORM: &str = ".terraform/modules";

/// The modules of a stack that are installed, by their names in the manifests.
pub(crate) struct Known<'a> {
    root: &'a Path,
    ours: Manifest,
    theirs: Manifest,
    checked: std::cell::RefCell<BTreeMap<PathBuf, Option<Checksum>>>,
}

/// Whether an installed module is the one that a call wants.
pub(crate) enum Fit {
    Fits(Box<Ready>),
    /// Another is wanted, or it is not whole.
    Differs,
    /// It is the one that is wanted, but its files were changed.
    Changed {
        dir: Arc<str>,
    },
}

impl<'a> Known<'a> {
    /// Reads the manifests. What Terraform installed counts where we have nothing.
    pub(crate) fn read(root: &'a Path) -> Known<'a> {
        let ours = Manifest::read(&root.join(MODULES)).unwrap_or_default();
        let theirs = Manifest::read(&root.join(OF_TERRAFORM)).unwrap_or_default();
        Known { root, ours, theirs, checked: Default::default() }
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.ours
    }

    /// Where modules are that may be wanted.
    pub(crate) fn installed(&self) -> BTreeMap<ModuleAddr, Installed> {
        let mut installed = BTreeMap::new();
        for (entry, folder) in self.entries() {
            if let Some(found) = self.installed_at(entry, folder) {
                installed.entry(addr_of(&entry.key)).or_insert(found);
            }
        }
        installed
    }

    fn entries(&self) -> impl Iterator<Item = (&Entry, &'static str)> {
        let ours = self.ours.modules.iter().map(|entry| (entry, MODULES));
        let theirs = self.theirs.modules.iter().map(|entry| (entry, OF_TERRAFORM));
        // Folders beside their callers are not installed.
        ours.chain(theirs).filter(|(entry, _)| !entry.key.is_empty() && !lang::load::is_local(&entry.source))
    }

    /// Looks for the module that a call wants.
    pub(crate) fn fit(&self, addr: &ModuleAddr, source: &Source, constraint: Option<&Constraint>, lock: &Lock) -> Fit {
        let key = key(addr);
        let mut answer = Fit::Differs;
        for (entry, folder) in self.entries().filter(|(entry, _)| *entry.key == *key) {
            match self.fit_of(entry, folder, source, constraint, lock) {
                Fit::Fits(ready) => return Fit::Fits(ready),
                Fit::Differs => {}
                Fit::Changed { dir } => answer = Fit::Changed { dir },
            }
        }
        answer
    }

    fn fit_of(
        &self,
        entry: &Entry,
        folder: &'static str,
        source: &Source,
        constraint: Option<&Constraint>,
        lock: &Lock,
    ) -> Fit {
        // Terraform keeps credentials in its manifest.
        let same_source = *crate::redact::redact(&entry.source) == *source.to_string();
        if !same_source || !version_fits(entry, source, constraint, lock) {
            return Fit::Differs;
        }
        let Some(installed) = self.installed_at(entry, folder) else { return Fit::Differs };
        let lock_key = lock_key(entry, source);
        let locked = lock.packages.get(&lock_key);
        let is_ours = folder == MODULES;
        let Some(recorded) = entry.checksum() else {
            // Of a folder of this machine nobody knows what it should hold; of Terraform's, only the lock file does.
            let agrees =
                locked.is_none_or(|locked| self.checksum(&installed.package.dir).as_ref() == Some(&locked.checksum));
            let ready = Ready { installed, entry: entry.clone(), locked: None };
            return if is_ours || agrees { Fit::Fits(Box::new(ready)) } else { Fit::Differs };
        };
        if locked.is_some_and(|locked| locked.checksum != recorded) {
            return Fit::Differs;
        }
        if self.checksum(&installed.package.dir).as_ref() != Some(&recorded) {
            return Fit::Changed { dir: entry.dir.clone() };
        }
        let locked = Locked { commit: entry.commit.clone(), folder: entry.folder.clone(), checksum: recorded };
        Fit::Fits(Box::new(Ready { installed, entry: entry.clone(), locked: Some((lock_key, locked)) }))
    }

    /// The checksum of a package, looked at once; `None` when it can't be read.
    fn checksum(&self, dir: &Path) -> Option<Checksum> {
        let mut checked = self.checked.borrow_mut();
        checked.entry(dir.to_path_buf()).or_insert_with(|| Checksum::of_folder(dir).ok()).clone()
    }

    /// Where an entry says that its module is; `None` when it is not there.
    fn installed_at(&self, entry: &Entry, folder: &str) -> Option<Installed> {
        let link = Path::new(folder).join(&*entry.key);
        let inside = Path::new(&*entry.dir).strip_prefix(&link).ok()?;
        let link_on_disk = within(self.root, &link);
        let (package_dir, is_in_place) = match &entry.package {
            Some(package) => (within(self.root, Path::new(&**package)), Path::new(&**package).is_absolute()),
            // Terraform links to folders of this machine.
            None if link_on_disk.is_symlink() => (link_on_disk.canonicalize().ok()?, true),
            None => (link_on_disk.clone(), false),
        };
        let is_whole = link_on_disk.canonicalize().ok()? == package_dir.canonicalize().ok()?;
        let dir = joined(&package_dir, inside);
        if !is_whole || !dir.is_dir() || !links::stays_inside(&package_dir, inside).ok()? {
            return None;
        }
        let path = if is_in_place { package_dir.clone() } else { link };
        let (source, _) = split_subdir(&entry.source).ok()?;
        let source = crate::redact::redact(&source).as_ref().into();
        let package = Arc::new(Package { dir: package_dir, path, source });
        Some(Installed { dir, path: PathBuf::from(&*entry.dir), package })
    }
}

/// What the lock file calls the package of an installed module.
pub(crate) fn lock_key(entry: &Entry, source: &Source) -> LockKey {
    match source {
        Source::Registry { addr, .. } => LockKey { source: addr.to_string().into(), version: entry.version.clone() },
        Source::Remote { package, .. } => LockKey { source: package.to_string().into(), version: None },
        Source::Local(path) => LockKey { source: path.clone(), version: None },
    }
}

/// Whether the version is one that the call accepts, and the one that the lock file makes it.
fn version_fits(entry: &Entry, source: &Source, constraint: Option<&Constraint>, lock: &Lock) -> bool {
    let Source::Registry { addr, .. } = source else { return entry.version.is_none() };
    let Some(version) = entry.version.as_ref().and_then(|version| version.parse::<Version>().ok()) else {
        return false;
    };
    let locked = lock.versions(&addr.to_string());
    let accepted = constraint.is_none_or(|constraint| constraint.selects(&version));
    accepted && crate::registry::select(&[], &locked, constraint).is_none_or(|locked| locked == version)
}

fn addr_of(key: &str) -> ModuleAddr {
    ModuleAddr(key.split('.').map(Arc::from).collect())
}
