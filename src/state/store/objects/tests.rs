//! Tests of locks, fences and journals among objects, in memory.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;

use super::*;
use crate::State;
use crate::file::{parse, render};
use crate::journal::{Journal, Record};
use crate::lock::{Lapse, LockInfo, LockTime};
use crate::opened::{OpenRequest, Opened, open};

const EXPIRY: Duration = Duration::from_millis(300);

/// Objects in memory.
#[derive(Debug, Default)]
struct Memory(Mutex<BTreeMap<String, (Bytes, u64)>>, std::sync::atomic::AtomicU64);

impl Memory {
    fn keys(&self) -> Vec<String> {
        self.0.lock().expect("no panic under it").keys().cloned().collect()
    }

    fn set(&self, key: &str, bytes: impl Into<Bytes>) {
        let number = self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        self.0.lock().expect("no panic under it").insert(key.to_owned(), (bytes.into(), number));
    }
}

#[async_trait]
impl Objects for Memory {
    fn location(&self, key: &str) -> String {
        format!("`memory:{key}`")
    }

    async fn get(&self, key: &str) -> io::Result<Option<Object>> {
        let objects = self.0.lock().expect("no panic under it");
        Ok(objects.get(key).map(|(bytes, number)| Object { bytes: bytes.clone(), tag: Tag(number.to_string().into()) }))
    }

    async fn put(&self, key: &str, bytes: Bytes, condition: Condition) -> io::Result<Put> {
        let mut objects = self.0.lock().expect("no panic under it");
        let present = objects.get(key).map(|(_, number)| Tag(number.to_string().into()));
        let holds = match (&condition, &present) {
            (Condition::New, present) => present.is_none(),
            (Condition::Is(tag), present) => present.as_ref() == Some(tag),
        };
        if !holds {
            return Ok(Put::Refused);
        }
        let number = self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        objects.insert(key.to_owned(), (bytes, number));
        Ok(Put::Done(Tag(number.to_string().into())))
    }

    async fn delete(&self, key: &str, tag: Option<&Tag>) -> io::Result<bool> {
        let mut objects = self.0.lock().expect("no panic under it");
        let present = objects.get(key).map(|(_, number)| Tag(number.to_string().into()));
        if tag.is_some() && present.as_ref() != tag {
            return Ok(false);
        }
        objects.remove(key);
        Ok(true)
    }

    async fn list(&self, prefix: &str) -> io::Result<Vec<String>> {
        Ok(self.keys().into_iter().filter(|key| key.starts_with(prefix)).collect())
    }
}

fn store(memory: &Arc<Memory>) -> Arc<ObjectStore> {
    Arc::new(ObjectStore::new(memory.clone(), "state", EXPIRY).expect("a thread"))
}

fn info(id: &str) -> LockInfo {
    LockInfo {
        id: id.into(),
        operation: "apply".into(),
        info: String::new(),
        who: format!("{id}@host"),
        version: "1.0.0".into(),
        created: LockTime(Timestamp::UNIX_EPOCH),
        path: "state".into(),
    }
}

fn request(id: &str, timeout: Duration) -> LockRequest<'static> {
    LockRequest { info: info(id), timeout, waiting: &|_| {}, taken_over: &|_| {} }
}

async fn opened(store: &Arc<ObjectStore>, id: &str) -> Opened {
    let lock = Some(request(id, Duration::from_secs(20)));
    open(store.clone(), OpenRequest { lock, random: [7; 16], rescue: Vec::new() }).await.expect("opened")
}

/// Stops the renewals, as when the process is stopped.
fn stop(store: &ObjectStore) {
    store.kept.lease().expect("it is locked").stop_renewing();
}

fn start(opened: &Opened) -> Journal {
    opened.start_journal("run".into(), Timestamp::UNIX_EPOCH).expect("started")
}

#[tokio::test]
async fn a_lock_that_is_renewed_is_respected() {
    let memory = Arc::new(Memory::default());
    let first = store(&memory);
    let guard = first.lock(&request("a", Duration::ZERO)).await.expect("free");
    let error = store(&memory).lock(&request("b", EXPIRY * 4)).await.expect_err("held");
    let LockError::Taken { holder: Some(holder), lapse: Lapse::Unrenewed(_), .. } = &error else { panic!("{error}") };
    assert_eq!(holder.id, "a");
    guard.release().await.expect("released");
    assert_eq!(memory.keys(), [] as [&str; 0]);
}

#[tokio::test]
async fn who_asks_once_waits_for_a_dead_holder_and_not_for_a_live_one() {
    let memory = Arc::new(Memory::default());
    let first = store(&memory);
    let guard = first.lock(&request("a", Duration::ZERO)).await.expect("free");
    let asked = Instant::now();
    store(&memory).lock(&request("b", Duration::ZERO)).await.expect_err("held");
    assert!(asked.elapsed() < EXPIRY, "the next renewal shows that the holder lives");
    stop(&first);
    let taken = store(&memory).lock(&request("c", Duration::ZERO)).await.expect("it ran out");
    taken.release().await.expect("released");
    guard.release().await.expect_err("it was taken");
}

#[tokio::test]
async fn a_lock_of_another_tool_is_respected_for_ever_and_removed_by_its_id() {
    let memory = Arc::new(Memory::default());
    memory.set("state.tflock", serde_json::to_string(&info("t")).expect("texts"));
    let store = store(&memory);
    let error = store.lock(&request("b", EXPIRY * 3)).await.expect_err("held");
    assert!(matches!(error, LockError::Taken { lapse: Lapse::Never, .. }), "{error}");
    store.break_lock("other").await.expect_err("not that one");
    store.break_lock("t").await.expect("removed");
    assert_eq!(memory.keys(), [] as [&str; 0]);
}

#[tokio::test]
async fn a_silent_holder_loses_its_lock_and_can_write_nothing_more() {
    let memory = Arc::new(Memory::default());
    let (first, second) = (store(&memory), store(&memory));
    let mut old = opened(&first, "a").await;
    old.save().await.expect("saved");
    let journal = start(&old);
    stop(&first);

    let start_of_wait = Instant::now();
    let new = opened(&second, "b").await;
    assert!(start_of_wait.elapsed() >= EXPIRY);
    assert!(new.unfinished, "the journal of the other is there");

    journal.append(&Record::Saved { serial: 1 }).await.expect_err("sealed");
    old.state.check_results = Some(serde_json::value::to_raw_value(&[1]).expect("JSON").into());
    old.save_during(&journal).await.expect_err("fenced");
    drop(journal);
    new.close(None).await.expect("saved");
    drop(old);
    assert!(!memory.keys().contains(&"state.tflock".to_owned()));
    let sealed: Vec<String> = memory.keys().into_iter().filter(|key| key.starts_with("state.journal/")).collect();
    assert_eq!(sealed, ["state.journal/a/000000000001"]);
}

#[tokio::test]
async fn a_holder_that_had_not_begun_its_journal_cannot_begin_it_after_a_takeover() {
    let memory = Arc::new(Memory::default());
    let (first, second) = (store(&memory), store(&memory));
    let old = opened(&first, "a").await;
    stop(&first);
    opened(&second, "b").await.close(None).await.expect("saved");
    old.start_journal("run".into(), Timestamp::UNIX_EPOCH).expect_err("sealed");
}

#[tokio::test]
async fn a_tag_that_is_read_after_a_takeover_is_of_no_use() {
    let memory = Arc::new(Memory::default());
    memory.set("state", render(&State { lineage: "l".into(), serial: 3, ..State::default() }));
    let (first, second) = (store(&memory), store(&memory));
    let guard = first.lock(&request("a", Duration::ZERO)).await.expect("free");
    stop(&first);
    let new = second.lock(&request("b", Duration::from_secs(20))).await.expect("taken over");
    first.read().await.expect_err("the lock is another's");
    drop(guard);
    new.release().await.expect("the old holder did not take it away");
    let state = memory.get("state").await.expect("in memory").expect("it is there");
    assert_eq!(parse(&state.bytes).expect("whole").serial, 4);
}

#[tokio::test]
async fn a_journal_of_many_batches_is_read_in_order_and_removed() {
    let memory = Arc::new(Memory::default());
    let store = store(&memory);
    let opened = opened(&store, "a").await;
    let journal = start(&opened);
    for serial in 0..40 {
        journal.append(&Record::Saved { serial }).await.expect("durable");
    }
    let records = crate::journal::read(&*store.journal()).expect("whole").expect("it is there");
    assert_eq!(records.last(), Some(&Record::Saved { serial: 39 }));
    assert_eq!(records.len(), 41);
    opened.close(Some(journal)).await.expect("closed");
    assert_eq!(crate::journal::read(&*store.journal()).expect("readable"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_write_one_after_the_other() {
    let memory = Arc::new(Memory::default());
    let runs: Vec<_> = (0..10)
        .map(|number| {
            let store = store(&memory);
            tokio::spawn(async move {
                let mut opened = opened(&store, &format!("run-{number}")).await;
                opened.state.check_results = Some(serde_json::value::to_raw_value(&[number]).expect("JSON").into());
                opened.close(None).await.expect("saved")
            })
        })
        .collect();
    for run in runs {
        run.await.expect("no panic");
    }
    let state = memory.get("state").await.expect("in memory").expect("it is there");
    assert_eq!(parse(&state.bytes).expect("whole").serial, 10);
    assert_eq!(memory.keys(), ["state"]);
}
