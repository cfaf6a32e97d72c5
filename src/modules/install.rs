//! Installing: which package each call needs, fetching those that are not there, and remembering all of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use lang::load::{Installed, Package as PackageRoot};
use lang::version::{Constraint, Version};
use model::address::ModuleAddr;
use model::diagnostic::Diagnostic;

use crate::checksum::Checksum;
use crate::environment::Environment;
use crate::failure;
use crate::fetch::http::Http;
use crate::fetch::s3::AwsCredentials;
use crate::fetch::{Fetcher, Place, subfolder};
use crate::lock::{Lock, LockKey, Locked};
use crate::manifest::Entry;
use crate::registry::{Registries, select};
use crate::source::Source;
use crate::source::package::{Getter, Package};
use crate::source::registry::RegistryAddr;
use crate::store::{MODULES, Store, StoreError};

/// So many packages are fetched at the same time.
const FETCHES_MAX: usize = 8;

/// What is told of an installation while it goes on.
#[derive(Debug)]
pub enum Event<'a> {
    /// Another process installs modules into the same folder.
    Waiting,
    /// `package` is an address without credentials.
    Downloading {
        key: &'a str,
        package: &'a str,
        version: Option<&'a Version>,
    },
    Installed {
        key: &'a str,
        dir: &'a str,
    },
    /// Links that led out of the package.
    LeftOut {
        package: &'a str,
        links: &'a [PathBuf],
    },
}

/// Listens to an installation. Events come from several threads.
pub trait Events: Sync {
    fn event(&self, event: Event<'_>);
}

/// What installing needs from outside.
#[derive(Clone, Copy)]
pub struct Surroundings<'a> {
    pub environment: &'a Environment,
    pub aws: &'a dyn AwsCredentials,
    pub events: &'a dyn Events,
}

/// Whether what is locked counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Versions {
    AsLocked,
    Newest,
}

/// A call of a module that is not a folder beside its caller.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub addr: ModuleAddr,
    pub source: Source,
    pub constraint: Option<Constraint>,
}

/// A module that is installed, and the entry of the manifest that says so.
#[derive(Clone, Debug)]
pub struct Ready {
    pub installed: Installed,
    pub entry: Entry,
    /// What the lock file is to say; nothing of folders of this machine.
    pub locked: Option<(LockKey, Locked)>,
}

/// Installs the modules of one stack. Asks and fetches each thing once.
pub struct Installer<'a> {
    root: &'a Path,
    versions: Versions,
    fetcher: &'a Fetcher<'a>,
    registries: Registries<'a>,
    events: &'a dyn Events,
    stored: Mutex<BTreeMap<Request, Stored>>,
}

/// A package to fetch.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Request {
    Registry(RegistryAddr, Version),
    Address(Package),
}

/// A package that is in the store, or in its own place.
#[derive(Clone, Debug)]
struct Stored {
    /// Relative to the stack's folder, or absolute.
    dir: PathBuf,
    /// The folder in it that the registry names; often empty.
    folder: Arc<str>,
    locked: Option<Locked>,
    is_in_place: bool,
}

/// The fetcher for [`Installer`].
pub fn fetcher<'a>(surroundings: Surroundings<'a>) -> Fetcher<'a> {
    let environment = surroundings.environment;
    Fetcher { http: Http::new(environment), environment, aws: surroundings.aws }
}

/// The name of a module in the manifest: the calls that lead to it.
pub fn key(addr: &ModuleAddr) -> String {
    addr.0.join(".")
}

impl<'a> Installer<'a> {
    pub fn new(root: &'a Path, versions: Versions, fetcher: &'a Fetcher<'a>, events: &'a dyn Events) -> Installer<'a> {
        let registries = Registries::new(&fetcher.http, fetcher.environment);
        Installer { root, versions, fetcher, registries, events, stored: Mutex::default() }
    }

    /// Takes the store of the stack; waits while another process has it.
    ///
    /// # Errors
    /// The folder can't be written.
    pub fn hold(&self) -> Result<Store<'a>, StoreError> {
        Store::hold(self.root, || self.events.event(Event::Waiting))
    }

    /// Installs modules; one answer each, in order.
    pub fn install(&self, store: &Store<'_>, wanted: &[Wanted], lock: &Lock) -> Vec<Result<Ready, Diagnostic>> {
        let requests = parallel(wanted, |wanted| self.request(wanted, lock));
        let mut distinct: Vec<(&Request, &Wanted)> = Vec::new();
        for (request, wanted) in requests.iter().zip(wanted) {
            if let Ok(request) = request
                && !distinct.iter().any(|(other, _)| *other == request)
            {
                distinct.push((request, wanted));
            }
        }
        let stored = parallel(&distinct, |(request, wanted)| self.stored(store, request, wanted, lock));
        let stored: Vec<(&Request, Result<Stored, Diagnostic>)> =
            distinct.iter().map(|(request, _)| *request).zip(stored).collect();
        let ready = requests.iter().zip(wanted).map(|(request, wanted)| {
            let request = request.as_ref().map_err(Clone::clone)?;
            let of_request = stored.iter().find(|(other, _)| *other == request);
            let (_, stored) = of_request.expect("every request was carried out");
            self.ready(store, wanted, request, stored.as_ref().map_err(Clone::clone)?)
        });
        ready.collect()
    }

    /// The package that a call needs; of a registry, in the version that is locked or the newest.
    fn request(&self, wanted: &Wanted, lock: &Lock) -> Result<Request, Diagnostic> {
        match &wanted.source {
            Source::Local(_) => unreachable!("folders beside the caller are not installed"),
            Source::Remote { package, .. } => Ok(Request::Address(package.clone())),
            Source::Registry { addr, .. } => {
                let locked = match self.versions {
                    Versions::AsLocked => lock.versions(&addr.to_string()),
                    Versions::Newest => Vec::new(),
                };
                let constraint = wanted.constraint.as_ref();
                let version = match select(&[], &locked, constraint) {
                    Some(version) => version,
                    None => {
                        let available =
                            self.registries.versions(addr).map_err(|error| failure::registry(addr, &error))?;
                        select(&available, &[], constraint).ok_or_else(|| failure::no_version(addr, &available))?
                    }
                };
                Ok(Request::Registry(addr.clone(), version))
            }
        }
    }

    /// Fetches a package unless it is there.
    fn stored(&self, store: &Store<'_>, request: &Request, wanted: &Wanted, lock: &Lock) -> Result<Stored, Diagnostic> {
        if let Some(stored) = self.stored.lock().expect("no holder of the lock panics").get(request) {
            return Ok(stored.clone());
        }
        let locked = match self.versions {
            Versions::AsLocked => lock.packages.get(&request.lock_key()),
            Versions::Newest => None,
        };
        let present = locked.and_then(|locked| Some((store.package(&locked.checksum)?, locked)));
        let stored = match present {
            Some((dir, locked)) => Stored {
                dir,
                folder: locked.folder.clone().unwrap_or_default(),
                locked: Some(locked.clone()),
                is_in_place: false,
            },
            None => self.fetch(store, request, wanted, locked)?,
        };
        self.stored.lock().expect("no holder of the lock panics").insert(request.clone(), stored.clone());
        Ok(stored)
    }

    fn fetch(
        &self,
        store: &Store<'_>,
        request: &Request,
        wanted: &Wanted,
        locked: Option<&Locked>,
    ) -> Result<Stored, Diagnostic> {
        let key = key(&wanted.addr);
        let shown = request.shown();
        let version = match request {
            Request::Registry(_, version) => Some(version),
            Request::Address(_) => None,
        };
        self.events.event(Event::Downloading { key: &key, package: &shown, version });
        let (package, folder) = match request {
            Request::Address(package) => (package.clone(), Arc::from("")),
            Request::Registry(addr, version) => {
                let location =
                    self.registries.location(addr, version).map_err(|error| failure::registry(addr, &error))?;
                Package::parse(&location).map_err(|error| failure::location(addr, &error))?
            }
        };
        let new = store.new_folder();
        let commit = locked.and_then(|locked| locked.commit.as_deref());
        let fetched = self
            .fetcher
            .fetch(&package, commit, &new)
            .map_err(|error| failure::fetch(&key, &package.to_string(), &error))?;
        if !fetched.left_out.is_empty() {
            self.events.event(Event::LeftOut { package: &shown, links: &fetched.left_out });
        }
        if let Place::Linked(dir) = fetched.place {
            return Ok(Stored { dir, folder, locked: None, is_in_place: true });
        }
        let checksum = Checksum::of_folder(&new).map_err(|error| failure::store(&key, &error.into()))?;
        if let Some(locked) = locked.filter(|locked| locked.checksum != checksum) {
            return Err(failure::mismatch(&key, &shown, &locked.checksum, &checksum));
        }
        let dir = store.keep(&new, &checksum).map_err(|error| failure::store(&key, &error))?;
        let is_of_this_machine = matches!(package.getter(), Getter::File(_));
        let locked = (!is_of_this_machine).then(|| Locked {
            commit: fetched.commit.map(Arc::from),
            folder: (!folder.is_empty()).then(|| folder.clone()),
            checksum,
        });
        Ok(Stored { dir, folder, locked, is_in_place: false })
    }

    /// Links a call to its package.
    fn ready(
        &self,
        store: &Store<'_>,
        wanted: &Wanted,
        request: &Request,
        stored: &Stored,
    ) -> Result<Ready, Diagnostic> {
        let key = key(&wanted.addr);
        let subdir = match &wanted.source {
            Source::Local(_) => "",
            Source::Registry { subdir, .. } | Source::Remote { subdir, .. } => subdir,
        };
        let whole = Path::new(&*stored.folder).join(subdir);
        let package_dir = within(self.root, &stored.dir);
        let inside = if whole.as_os_str().is_empty() {
            PathBuf::new()
        } else {
            let text = whole.to_string_lossy();
            subfolder(&package_dir, &text).map_err(|error| failure::subfolder(&key, &request.shown(), &error))?
        };
        store.link(&key, &stored.dir).map_err(|error| failure::store(&key, &error))?;
        let link = Path::new(MODULES).join(&key);
        let installed = Installed {
            dir: joined(&package_dir, &inside),
            path: joined(&link, &inside),
            package: Arc::new(PackageRoot {
                path: if stored.is_in_place { package_dir.clone() } else { link },
                dir: package_dir,
                source: request.shown().into(),
            }),
        };
        let locked = stored.locked.clone().map(|locked| (request.lock_key(), locked));
        let entry = Entry {
            key: key.into(),
            source: wanted.source.to_string().into(),
            version: match request {
                Request::Registry(_, version) => Some(version.to_string().into()),
                Request::Address(_) => None,
            },
            dir: installed.path.to_string_lossy().into(),
            package: Some(stored.dir.to_string_lossy().into()),
            checksum: stored.locked.as_ref().map(|locked| locked.checksum.as_str().into()),
            commit: stored.locked.as_ref().and_then(|locked| locked.commit.clone()),
            folder: (!stored.folder.is_empty()).then(|| stored.folder.clone()),
        };
        Ok(Ready { installed, entry, locked })
    }
}

impl Request {
    /// The address without credentials.
    fn shown(&self) -> String {
        match self {
            Request::Registry(addr, _) => addr.to_string(),
            Request::Address(package) => package.to_string(),
        }
    }

    fn lock_key(&self) -> LockKey {
        let version = match self {
            Request::Registry(_, version) => Some(version.to_string().into()),
            Request::Address(_) => None,
        };
        LockKey { source: self.shown().into(), version }
    }
}

/// A path without a trailing slash where there is nothing to join.
pub(crate) fn joined(path: &Path, inside: &Path) -> PathBuf {
    if inside.as_os_str().is_empty() || inside == Path::new(".") { path.to_path_buf() } else { path.join(inside) }
}

/// A path relative to the stack's folder as the process sees it.
pub(crate) fn within(root: &Path, path: &Path) -> PathBuf {
    if root == Path::new(".") { path.to_path_buf() } else { root.join(path) }
}

/// Works on items in several threads; one answer each, in order.
fn parallel<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < 2 {
        return items.iter().map(work).collect();
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    let answers: Mutex<Vec<(usize, R)>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..items.len().min(FETCHES_MAX) {
            scope.spawn(|| {
                while let Some((index, item)) = {
                    let index = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    items.get(index).map(|item| (index, item))
                } {
                    let answer = work(item);
                    answers.lock().expect("no holder of the lock panics").push((index, answer));
                }
            });
        }
    });
    let mut answers = answers.into_inner().expect("no holder of the lock panics");
    answers.sort_unstable_by_key(|(index, _)| *index);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
