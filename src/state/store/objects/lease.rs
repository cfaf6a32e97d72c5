//! The lock of a state among objects: Terraform's lock object, which also says how long its holder may stay silent.
//!
//! The holder renews it at a third of that time. Who waits and sees the very same lock for the whole time, by its own
//! clock, takes it over. A lock of Terraform says nothing of the kind and is respected for ever. Why a holder that was
//! only stopped does no harm afterwards is told in [`super`].

use std::io;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value as Json;

use super::{Condition, Kept, Object, Put, Tag, journal, put};
use crate::State;
use crate::file::{TERRAFORM_VERSION, parse, render};
use crate::lock::{Held, Lapse, LockError, LockGuard, LockInfo, LockRequest};

/// How long a lock lives without being renewed, if nothing else is said.
pub const EXPIRY: Duration = Duration::from_secs(30);

/// The waits between two looks at a lock grow from the first to the second.
const POLL: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(1)];

/// A lock that this process took.
#[derive(Debug)]
pub(super) struct Lease {
    info: LockInfo,
    /// The IDs of those from whom it was taken and whose journals may not be sealed yet.
    succeeds: Vec<String>,
    standing: Mutex<Standing>,
    /// Held while a request about the lock is under way, so that giving it back does not meet a renewal. Says whether it
    /// is to be renewed.
    renewing: tokio::sync::Mutex<bool>,
}

#[derive(Clone, Debug)]
enum Standing {
    Held {
        tag: Tag,
        heartbeat: u64,
    },
    /// Somebody else has it, or it was given back.
    Gone,
}

/// What our lock objects have besides Terraform's fields. Terraform's reader skips them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pulse {
    expiry_ms: u64,
    #[serde(default)]
    succeeds: Vec<String>,
}

/// A lock as it is in the store.
struct Found {
    info: Option<LockInfo>,
    /// `None` for a lock of another tool.
    pulse: Option<Pulse>,
    tag: Tag,
}

/// Gives the lock back.
struct Holding {
    kept: Arc<Kept>,
    lease: Arc<Lease>,
    released: bool,
}

impl Lease {
    fn standing(&self) -> Standing {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, standing: Standing) {
        *self.standing.lock().unwrap_or_else(PoisonError::into_inner) = standing;
    }

    pub fn is_lost(&self) -> bool {
        matches!(self.standing(), Standing::Gone)
    }

    /// As if the process were stopped.
    #[cfg(test)]
    pub fn stop_renewing(&self) {
        *self.renewing.try_lock().expect("no renewal is under way so soon") = false;
    }

    /// Names the run.
    pub fn id(&self) -> &str {
        &self.info.id
    }

    fn bytes(&self, heartbeat: u64, succeeds: &[String], expiry: Duration) -> Bytes {
        let mut json = serde_json::to_value(&self.info).expect("a description of a lock has only texts");
        let fields = json.as_object_mut().expect("it was made of a struct");
        // Counts the renewals, so that each has another tag.
        fields.insert("Heartbeat".into(), heartbeat.into());
        fields.insert("ExpiryMs".into(), u64::try_from(expiry.as_millis()).unwrap_or(u64::MAX).into());
        if !succeeds.is_empty() {
            fields.insert("Succeeds".into(), succeeds.iter().map(|id| Json::from(id.as_str())).collect());
        }
        json.to_string().into()
    }
}

/// The error of everything that is tried after the lock was taken.
pub(super) fn lost() -> io::Error {
    io::Error::other("another run has taken the lock over, as this one had not renewed it in time")
}

/// Takes the lock, waiting as long as the request says.
///
/// A lock of ours that nobody renews is waited out in any case: a run after one that was killed needs no option and no second
/// try. A holder that lives shows it by the next renewal, and is then waited for only as long as was asked.
pub(super) async fn lock(kept: &Arc<Kept>, request: &LockRequest<'_>) -> Result<LockGuard, LockError> {
    let start = Instant::now();
    let mut poll = POLL[0];
    let mut told: Option<Option<LockInfo>> = None;
    // The lock that is there, and when it was first seen.
    let mut seen: Option<(Tag, Instant)> = None;
    let mut lives = false;
    loop {
        if let Some(tag) = try_put(kept, &request.info, &[], Condition::New).await? {
            return Ok(hold(kept, request.info.clone(), tag, Vec::new()));
        }
        let asked = Instant::now();
        let Some(found) = look(kept).await? else { continue };
        let since = match &seen {
            Some((tag, since)) if *tag == found.tag => *since,
            Some(_) | None => {
                let now = Instant::now();
                lives = seen.is_some();
                seen = Some((found.tag.clone(), now));
                now
            }
        };
        let expiry = found.pulse.as_ref().map(|pulse| Duration::from_millis(pulse.expiry_ms));
        if expiry.is_some_and(|expiry| asked.saturating_duration_since(since) >= expiry) {
            let succeeds = succeeded(&found);
            let condition = Condition::Is(found.tag.clone());
            if let Some(tag) = try_put(kept, &request.info, &succeeds, condition).await? {
                let guard = hold(kept, request.info.clone(), tag, succeeds);
                settle(kept).await?;
                if let Some(dead) = &found.info {
                    (request.taken_over)(dead);
                }
                return Ok(guard);
            }
            continue;
        }
        let left = request.timeout.saturating_sub(start.elapsed());
        if left.is_zero() && (lives || expiry.is_none()) {
            let lapse = match expiry {
                Some(expiry) => Lapse::Unrenewed(expiry.saturating_sub(since.elapsed())),
                None => Lapse::Never,
            };
            return Err(LockError::Taken { location: kept.location(), holder: found.info, lapse });
        }
        if told.as_ref() != Some(&found.info) {
            (request.waiting)(found.info.as_ref());
            told = Some(found.info);
        }
        tokio::time::sleep(if left.is_zero() { poll } else { poll.min(left) }).await;
        poll = (poll * 3 / 2).min(POLL[1]);
    }
}

/// Makes sure that the lock is still this run's.
pub(super) async fn verify(kept: &Kept, lease: &Lease) -> io::Result<()> {
    let object = kept.objects.get(&kept.lock_key()).await?;
    let is_own = object.and_then(|object| info(&object)).is_some_and(|info| info.id == lease.info.id);
    if is_own && !lease.is_lost() {
        return Ok(());
    }
    lease.set(Standing::Gone);
    Err(lost())
}

/// Removes a lock by its ID. One of ours is taken over first, so that its holder can do nothing more.
pub(super) async fn break_lock(kept: &Arc<Kept>, id: &str) -> Result<(), LockError> {
    let failed = |source| failed(kept, "remove", source);
    let refused = |text: String| Err(failed(io::Error::other(text)));
    let Some(found) = look_there(kept).await? else { return refused("there is none".to_owned()) };
    let Some(info) = found.info.clone() else { return refused("its description cannot be read".to_owned()) };
    if info.id != id {
        return refused(format!("its ID is {}, not {id}", info.id));
    }
    let mut tag = found.tag.clone();
    if found.pulse.is_some() {
        let succeeds = succeeded(&found);
        // The breaker is no holder: its lock only stops the old one, and says the same.
        let own = LockInfo { id: format!("{id}-broken"), ..info };
        let lease = Arc::new(lease(own, tag, succeeds.clone()));
        let Standing::Held { tag: old, .. } = lease.standing() else { return refused("it is gone".to_owned()) };
        let bytes = lease.bytes(0, &succeeds, kept.expiry);
        let Put::Done(new) = put(&*kept.objects, &kept.lock_key(), bytes, Condition::Is(old)).await.map_err(failed)?
        else {
            return refused("it changed meanwhile, so its holder lives".to_owned());
        };
        lease.set(Standing::Held { tag: new.clone(), heartbeat: 0 });
        disarm(kept, &lease).await.map_err(failed)?;
        tag = new;
    }
    match kept.objects.delete(&kept.lock_key(), Some(&tag)).await.map_err(failed)? {
        true => Ok(()),
        false => refused("it changed meanwhile, so its holder lives".to_owned()),
    }
}

fn failed(kept: &Kept, operation: &'static str, source: io::Error) -> LockError {
    LockError::Io { operation, location: kept.location(), source }
}

fn lease(info: LockInfo, tag: Tag, succeeds: Vec<String>) -> Lease {
    let standing = Mutex::new(Standing::Held { tag, heartbeat: 0 });
    Lease { info, succeeds, standing, renewing: tokio::sync::Mutex::new(true) }
}

/// All whose journals must be sealed by who takes this lock.
fn succeeded(found: &Found) -> Vec<String> {
    let own = found.info.iter().map(|info| info.id.clone());
    own.chain(found.pulse.iter().flat_map(|pulse| pulse.succeeds.clone())).collect()
}

async fn try_put(
    kept: &Arc<Kept>,
    info: &LockInfo,
    succeeds: &[String],
    condition: Condition,
) -> Result<Option<Tag>, LockError> {
    let (there, succeeds) = (kept.clone(), succeeds.to_vec());
    // The tag is not known yet, and not part of what is written.
    let draft = lease(info.clone(), Tag("".into()), Vec::new());
    let work = async move {
        let bytes = draft.bytes(0, &succeeds, there.expiry);
        put(&*there.objects, &there.lock_key(), bytes, condition).await.map_err(|source| failed(&there, "take", source))
    };
    Ok(match kept.background.run(work).await? {
        Put::Done(tag) => Some(tag),
        Put::Refused => None,
    })
}

async fn look(kept: &Arc<Kept>) -> Result<Option<Found>, LockError> {
    let there = kept.clone();
    kept.background.run(async move { look_there(&there).await }).await
}

async fn look_there(kept: &Kept) -> Result<Option<Found>, LockError> {
    let object = kept.objects.get(&kept.lock_key()).await.map_err(|source| failed(kept, "read", source))?;
    Ok(object.map(|object| Found {
        info: info(&object),
        pulse: serde_json::from_slice(&object.bytes).ok(),
        tag: object.tag,
    }))
}

fn info(object: &Object) -> Option<LockInfo> {
    serde_json::from_slice(&object.bytes).ok()
}

/// Begins to renew a lock that was just taken.
fn hold(kept: &Arc<Kept>, info: LockInfo, tag: Tag, succeeds: Vec<String>) -> LockGuard {
    let lease = Arc::new(lease(info.clone(), tag, succeeds));
    kept.set_lease(Some(lease.clone()));
    kept.background.spawn(renew(Arc::downgrade(kept), lease.clone()));
    LockGuard::new(info, Box::new(Holding { kept: kept.clone(), lease, released: false }))
}

/// Makes the former holder harmless. Where that fails the lock stays: whoever comes next takes it over in its turn, and
/// does this then.
async fn settle(kept: &Arc<Kept>) -> Result<(), LockError> {
    let there = kept.clone();
    let work = async move {
        let Some(lease) = there.lease() else { return Ok(()) };
        let done = disarm(&there, &lease).await;
        if done.is_err() {
            lease.set(Standing::Gone);
        }
        done.map_err(|source| failed(&there, "take over", source))
    };
    kept.background.run(work).await
}

async fn disarm(kept: &Kept, lease: &Lease) -> io::Result<()> {
    for id in &lease.succeeds {
        journal::seal(kept, id, &lease.info.id).await?;
    }
    fence(kept, lease).await
}

/// Writes the state anew, so that no tag that the former holder knows fits any more.
async fn fence(kept: &Kept, lease: &Lease) -> io::Result<()> {
    loop {
        let current = kept.objects.get(&kept.key).await?;
        verify(kept, lease).await?;
        let (state, condition) = match current {
            None => (State { terraform_version: TERRAFORM_VERSION.to_owned(), ..State::default() }, Condition::New),
            Some(object) => {
                let state = parse(&object.bytes)
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
                (state, Condition::Is(object.tag))
            }
        };
        let state = State { serial: state.serial + 1, ..state };
        match put(&*kept.objects, &kept.key, render(&state).into(), condition).await? {
            Put::Done(_) => return Ok(()),
            // The former holder was just writing.
            Put::Refused => {}
        }
    }
}

async fn renew(kept: Weak<Kept>, lease: Arc<Lease>) {
    loop {
        let Some(period) = kept.upgrade().map(|kept| kept.expiry / 3) else { return };
        tokio::time::sleep(period).await;
        let Some(kept) = kept.upgrade() else { return };
        let renewing = lease.renewing.lock().await;
        if !*renewing {
            return;
        }
        let Standing::Held { tag, heartbeat } = lease.standing() else { return };
        let heartbeat = heartbeat + 1;
        let bytes = lease.bytes(heartbeat, &lease.succeeds, kept.expiry);
        match put(&*kept.objects, &kept.lock_key(), bytes, Condition::Is(tag)).await {
            Ok(Put::Done(tag)) => lease.set(Standing::Held { tag, heartbeat }),
            Ok(Put::Refused) => lease.set(Standing::Gone),
            // The store may answer again before anybody gives up waiting; if not, its conditions refuse what is late.
            Err(_) => {}
        }
    }
}

async fn give_back(kept: &Kept, lease: &Lease) -> io::Result<()> {
    let _renewing = lease.renewing.lock().await;
    let standing = lease.standing();
    lease.set(Standing::Gone);
    kept.set_lease(None);
    match standing {
        Standing::Held { tag, .. } => match kept.objects.delete(&kept.lock_key(), Some(&tag)).await? {
            true => Ok(()),
            false => Err(lost()),
        },
        Standing::Gone => Err(lost()),
    }
}

#[async_trait]
impl Held for Holding {
    async fn release(mut self: Box<Self>) -> Result<(), LockError> {
        self.released = true;
        let (kept, lease) = (self.kept.clone(), self.lease.clone());
        let work = async move { give_back(&kept, &lease).await.map_err(|source| failed(&kept, "release", source)) };
        self.kept.background.run(work).await
    }
}

impl Drop for Holding {
    fn drop(&mut self) {
        if self.released || self.lease.is_lost() {
            return;
        }
        let (kept, lease) = (self.kept.clone(), self.lease.clone());
        // Nobody can be told of a failure; the lock runs out then.
        let _given = self.kept.background.wait(async move { give_back(&kept, &lease).await });
    }
}
