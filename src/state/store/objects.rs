//! A state as an object of a store such as S3: what such a store must offer, and how a state, its lock and its journal
//! are kept there.
//!
//! | key | what it is |
//! |---|---|
//! | `KEY` | the state, where Terraform puts it |
//! | `KEY.tflock` | the lock, as Terraform's `use_lockfile` writes it, with a lease besides ([`lease`]) |
//! | `KEY.journal/LOCK/00000000` .. | the journal of the run that holds the lock with that ID, a batch an object ([`journal`]) |
//!
//! # Why a holder whose lock was taken changes nothing any more
//! A process can be stopped for any time between two instructions, so no look at the lock before a write helps. What
//! helps is that each write names what it follows:
//!
//! 1. A state is written with `If-Match` and the tag that the run read or wrote last (`If-None-Match: *` where there was
//!    none). Who takes a lock over writes the state anew, under the next serial, before anything else; where there was
//!    no state it writes an empty one. The tag that the old holder knows never fits again: the serial only grows, so
//!    no later state has the same bytes.
//! 2. A tag that is read after the takeover would fit. So each read under a lock is followed by a look at the lock: if
//!    it is still the run's own *after* the read, the tag is from before any takeover.
//! 3. A batch of the journal is a new object with `If-None-Match: *` under the next number. Who takes over puts an object
//!    of its own, the seal, at the number that the old holder would use next, and reads the journal only then: what
//!    the old holder recorded is before the seal and is read, and what it tries to record is refused. Each effect is
//!    recorded before it is started, so none is started any more. The seal stays for ever, as nobody can know whether
//!    the old holder still exists; it is a few bytes for each takeover.
//! 4. The lock itself is renewed, taken over and given back with `If-Match`.
//!
//! A taker that is stopped between taking the lock and 1 or 3 leaves the IDs of those it succeeds in the lock; who takes
//! over from it seals their journals as well.

mod journal;
pub mod lease;
mod runtime;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use self::journal::InObjects;
use self::lease::Lease;
use self::runtime::Background;
use super::{Found, Snapshot, Store, StoreError, Version};
use crate::file::{Header, header};
use crate::journal::Place;
use crate::lock::{LockError, LockGuard, LockRequest};

/// A store of objects in which a write can name what it follows.
#[async_trait]
pub trait Objects: Send + Sync + fmt::Debug {
    /// The place of an object, as messages name it.
    fn location(&self, key: &str) -> String;

    async fn get(&self, key: &str) -> io::Result<Option<Object>>;

    /// Writes a whole object if the condition holds.
    async fn put(&self, key: &str, bytes: Bytes, condition: Condition) -> io::Result<Put>;

    /// Deletes an object, if there is one; with a tag only where it has that. Says whether it is gone.
    async fn delete(&self, key: &str, tag: Option<&Tag>) -> io::Result<bool>;

    /// All keys that begin with the prefix, in order.
    async fn list(&self, prefix: &str) -> io::Result<Vec<String>>;
}

/// An object as it was read.
#[derive(Clone, Debug)]
pub struct Object {
    pub bytes: Bytes,
    pub tag: Tag,
}

/// Tells contents of one object apart: an entity tag of HTTP.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag(pub Arc<str>);

/// What must be so for a write to happen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Condition {
    /// There is no such object.
    New,
    /// The object has this tag.
    Is(Tag),
}

/// What came of a write.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Put {
    Done(Tag),
    /// The condition did not hold.
    Refused,
}

/// A state in a store of objects.
#[derive(Clone, Debug)]
pub struct ObjectStore {
    kept: Arc<Kept>,
}

#[derive(Debug)]
struct Kept {
    objects: Arc<dyn Objects>,
    key: String,
    /// How long our lock lives without being renewed.
    expiry: Duration,
    background: Background,
    /// The lock that this store has.
    lease: Mutex<Option<Arc<Lease>>>,
}

impl ObjectStore {
    /// A store for the state at a key.
    ///
    /// # Errors
    /// No thread can be started.
    pub fn new(objects: Arc<dyn Objects>, key: impl Into<String>, expiry: Duration) -> io::Result<ObjectStore> {
        let background = Background::start()?;
        let kept = Kept { objects, key: key.into(), expiry, background, lease: Mutex::new(None) };
        Ok(ObjectStore { kept: Arc::new(kept) })
    }

    /// Removes a lock that nobody will give back. The holder, if it still lives, can write nothing any more where the
    /// lock is one of ours.
    ///
    /// # Errors
    /// There is no lock, or another than the one with this ID.
    pub async fn break_lock(&self, id: &str) -> Result<(), LockError> {
        let kept = self.kept.clone();
        let id = id.to_owned();
        self.kept.background.run(async move { lease::break_lock(&kept, &id).await }).await
    }

    /// All keys of the store that begin with a prefix.
    ///
    /// # Errors
    /// It cannot be listed.
    pub fn list(&self, prefix: &str) -> io::Result<Vec<String>> {
        let (objects, prefix) = (self.kept.objects.clone(), prefix.to_owned());
        self.kept.background.wait(async move { objects.list(&prefix).await })
    }

    /// Removes the state itself.
    ///
    /// # Errors
    /// It cannot be removed.
    pub async fn delete(&self) -> Result<(), StoreError> {
        let kept = self.kept.clone();
        let run =
            async move { kept.objects.delete(&kept.key, None).await.map_err(|source| kept.failed("delete", source)) };
        self.kept.background.run(run).await.map(drop)
    }
}

#[async_trait]
impl Store for ObjectStore {
    fn location(&self) -> String {
        self.kept.location()
    }

    fn journal(&self) -> Arc<dyn Place> {
        Arc::new(InObjects::new(self.kept.clone()))
    }

    async fn read(&self) -> Result<Option<Snapshot>, StoreError> {
        let kept = self.kept.clone();
        self.kept.background.run(async move { kept.read().await }).await
    }

    async fn write(&self, bytes: Bytes, expected: Option<&Version>) -> Result<Version, StoreError> {
        let kept = self.kept.clone();
        let expected = expected.cloned();
        self.kept.background.run(async move { kept.write(bytes, expected).await }).await
    }

    async fn lock(&self, request: &LockRequest<'_>) -> Result<LockGuard, LockError> {
        lease::lock(&self.kept, request).await
    }
}

impl Kept {
    fn location(&self) -> String {
        self.objects.location(&self.key)
    }

    fn lock_key(&self) -> String {
        format!("{}.tflock", self.key)
    }

    fn failed(&self, operation: &'static str, source: io::Error) -> StoreError {
        StoreError::Io { operation, location: self.location(), source }
    }

    fn lease(&self) -> Option<Arc<Lease>> {
        // Every change under the mutex is one assignment, so a panic leaves nothing half done.
        self.lease.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_lease(&self, lease: Option<Arc<Lease>>) {
        *self.lease.lock().unwrap_or_else(PoisonError::into_inner) = lease;
    }

    /// Refuses to go on where it is known that the lock was taken.
    fn check(&self) -> io::Result<()> {
        match self.lease() {
            Some(lease) if lease.is_lost() => Err(lease::lost()),
            Some(_) | None => Ok(()),
        }
    }

    async fn read(&self) -> Result<Option<Snapshot>, StoreError> {
        let object = self.objects.get(&self.key).await.map_err(|source| self.failed("read", source))?;
        if let Some(lease) = self.lease() {
            // The tag that was read must be one from before any takeover.
            lease::verify(self, &lease).await.map_err(|source| self.failed("read", source))?;
        }
        Ok(object.map(|object| Snapshot { version: version(&object.bytes, &object.tag), bytes: object.bytes }))
    }

    async fn write(&self, bytes: Bytes, expected: Option<Version>) -> Result<Version, StoreError> {
        self.check().map_err(|source| self.failed("write", source))?;
        let condition = expected.as_ref().map_or(Condition::New, |version| Condition::Is(tag(version)));
        match put(&*self.objects, &self.key, bytes.clone(), condition).await {
            Ok(Put::Done(tag)) => Ok(version(&bytes, &tag)),
            Ok(Put::Refused) => {
                let current = self.objects.get(&self.key).await.map_err(|source| self.failed("read", source))?;
                Err(StoreError::Changed {
                    location: self.location(),
                    expected: expected.as_ref().and_then(expected_header),
                    found: match current {
                        None => Found::Nothing,
                        Some(object) => header(&object.bytes).map_or(Found::Other, Found::State),
                    },
                })
            }
            Err(source) => Err(self.failed("write", source)),
        }
    }
}

/// Writes an object, and knows its own write again: a request whose answer was lost is sent once more, and refused then.
async fn put(objects: &dyn Objects, key: &str, bytes: Bytes, condition: Condition) -> io::Result<Put> {
    match objects.put(key, bytes.clone(), condition).await? {
        Put::Done(tag) => Ok(Put::Done(tag)),
        Put::Refused => Ok(match objects.get(key).await? {
            Some(object) if object.bytes == bytes => Put::Done(object.tag),
            Some(_) | None => Put::Refused,
        }),
    }
}

/// The tag, then what tells a user the versions apart.
fn version(bytes: &[u8], tag: &Tag) -> Version {
    let text = match header(bytes) {
        Some(header) => format!("{}\n{}\n{}", tag.0, header.serial, header.lineage),
        None => tag.0.to_string(),
    };
    Version(text.into())
}

fn tag(version: &Version) -> Tag {
    Tag(version.0.split('\n').next().unwrap_or_default().into())
}

fn expected_header(version: &Version) -> Option<Header> {
    let mut parts = version.0.splitn(3, '\n').skip(1);
    let (serial, lineage) = (parts.next()?.parse().ok()?, parts.next()?.to_owned());
    Some(Header { lineage, serial })
}
