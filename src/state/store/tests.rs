//! Tests of the local store: replacing, locking, and opening and saving through it.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use model::value::Value;

use super::*;
use crate::file::{parse, render};
use crate::files::tests::Faulty;
use crate::journal::{IntentOp, Record, resolve};
use crate::lock::{LockInfo, LockTime};
use crate::opened::{OpenError, OpenRequest, Opened, SaveError, Saved, open, peek};
use crate::{Object, Output, State};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Folder {
        Folder(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn state(&self) -> PathBuf {
        self.path("terraform.tfstate")
    }

    fn store(&self) -> LocalStore {
        LocalStore::new(self.state(), Backup::default())
    }

    /// A folder with a state of these contents.
    fn with(bytes: &[u8]) -> Folder {
        let folder = Folder::new();
        fs::write(folder.state(), bytes).expect("written");
        folder
    }

    /// The names of all files in the folder.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).expect("readable");
        let mut names: Vec<String> =
            entries.map(|entry| entry.expect("readable").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }
}

fn state(text: &str) -> State {
    let mut state =
        State { lineage: "lineage".into(), serial: 1, terraform_version: "1.11.4".into(), ..State::default() };
    state.outputs.insert("text".into(), Output { value: Value::string(text) });
    state
}

fn text(path: &Path) -> String {
    let state = parse(&fs::read(path).expect("readable")).expect("a whole state");
    state.outputs["text"].value.reveal().as_str().expect("a string").to_owned()
}

fn info(who: &str) -> LockInfo {
    LockInfo {
        id: "1b4e28ba-2fa1-4d2e-883f-0016d3cca427".into(),
        operation: "OperationTypeApply".into(),
        info: String::new(),
        who: who.into(),
        version: "0.1.0".into(),
        created: LockTime(Timestamp::from_second(1_800_000_000).expect("in range")),
        path: "terraform.tfstate".into(),
    }
}

fn request(who: &str, timeout: Duration) -> LockRequest<'static> {
    LockRequest { info: info(who), timeout, waiting: &|_| {}, taken_over: &|_| {} }
}

fn opening(rescue: &[PathBuf]) -> OpenRequest<'static> {
    OpenRequest { lock: Some(request("me", Duration::ZERO)), random: [7; 16], rescue: rescue.to_vec() }
}

async fn opened(store: &LocalStore) -> Opened {
    open(Arc::new(store.clone()), opening(&[])).await.expect("opened")
}

async fn read(store: &LocalStore) -> Snapshot {
    store.read().await.expect("readable").expect("it is there")
}

fn set(opened: &mut Opened, text: &str) {
    opened.state.outputs.insert("text".into(), Output { value: Value::string(text) });
}

#[tokio::test]
async fn what_was_written_is_read_back_for_its_owner_only() {
    let folder = Folder::new();
    let store = folder.store();
    assert!(store.read().await.expect("readable").is_none());
    let version = store.write(Bytes::from(render(&state("a"))), None).await.expect("written");
    let snapshot = read(&store).await;
    assert_eq!((snapshot.bytes, snapshot.version), (Bytes::from(render(&state("a"))), version));
    assert_eq!(fs::metadata(folder.state()).expect("there").permissions().mode() & 0o777, 0o600);
    assert_eq!(folder.names(), ["terraform.tfstate"]);
}

#[tokio::test]
async fn a_write_stopped_at_any_step_leaves_the_old_or_the_new_state() {
    let mut seen = [0, 0];
    for locked in [false, true] {
        for steps in 0.. {
            let folder = Folder::with(&render(&state("old")));
            let files = Arc::new(Faulty::stopped_after(steps));
            let store = LocalStore::on(files.clone(), folder.state(), Backup::default());
            let version = read(&folder.store()).await.version;
            let guard = match locked {
                true => store.lock(&request("me", Duration::ZERO)).await.ok(),
                false => None,
            };
            let result = store.write(Bytes::from(render(&state("new"))), Some(&version)).await;
            let done = files.used() <= steps;
            assert_eq!(result.is_ok(), done, "after {steps} steps");
            drop(guard);
            let now = text(&folder.state());
            seen[usize::from(now == "new")] += 1;
            assert!(now == "old" || now == "new");
            if folder.names().contains(&"terraform.tfstate.backup".to_owned()) {
                assert_eq!(text(&folder.path("terraform.tfstate.backup")), "old");
            }

            // The next run writes, and takes away what the stopped one left.
            let store = folder.store();
            let mut opened = opened(&store).await;
            set(&mut opened, "next");
            opened.close(None).await.expect("saved");
            assert_eq!(text(&folder.state()), "next");
            let left = folder.names();
            assert!(left.iter().all(|name| !name.ends_with(".tmp")), "{left:?}");
            if done {
                break;
            }
        }
    }
    assert!(seen[0] > 8 && seen[1] > 2, "{seen:?}");
}

#[tokio::test]
async fn a_write_that_fails_at_any_step_cleans_up_and_says_why() {
    for steps in 0.. {
        let folder = Folder::with(&render(&state("old")));
        let files = Arc::new(Faulty::once_after(steps));
        let store = LocalStore::on(files.clone(), folder.state(), Backup::default());
        let version = read(&folder.store()).await.version;
        let result = store.write(Bytes::from(render(&state("new"))), Some(&version)).await;
        let left = folder.names();
        assert!(left.iter().all(|name| !name.ends_with(".tmp")), "{left:?}");
        let Err(error) = result else { break };
        assert!(error.to_string().contains("terraform.tfstate`: no storage space"), "{error}");
        assert!(error.hint().contains("Make room"), "{}", error.hint());
        // The next try goes on from what is there.
        let version = read(&store).await.version;
        store.write(Bytes::from(render(&state("next"))), Some(&version)).await.expect("written");
        assert_eq!(text(&folder.state()), "next");
    }
}

#[tokio::test]
async fn the_state_before_the_first_change_of_a_run_is_kept() {
    let folder = Folder::with(&render(&state("before")));
    let backup = folder.path("terraform.tfstate.backup");
    let store = folder.store();
    let mut opened = opened(&store).await;
    opened.save().await.expect("saved");
    assert!(!backup.exists(), "nothing was changed");
    for change in ["first", "second"] {
        set(&mut opened, change);
        opened.save().await.expect("saved");
    }
    opened.close(None).await.expect("saved");
    assert_eq!((text(&backup).as_str(), text(&folder.state()).as_str()), ("before", "second"));
    assert_eq!(fs::metadata(backup).expect("there").permissions().mode() & 0o777, 0o600);
}

#[tokio::test]
async fn a_backup_goes_where_it_is_asked_for_or_nowhere() {
    for (backup, names) in [
        (Backup::Off, vec!["terraform.tfstate"]),
        (Backup::Beside, vec!["terraform.tfstate", "terraform.tfstate.backup"]),
    ] {
        let folder = Folder::with(&render(&state("before")));
        let store = LocalStore::new(folder.state(), backup);
        let version = read(&store).await.version;
        store.write(Bytes::from(render(&state("after"))), Some(&version)).await.expect("written");
        assert_eq!(folder.names(), names);
    }
    let folder = Folder::with(&render(&state("before")));
    let store = LocalStore::new(folder.state(), Backup::At(folder.path("kept")));
    let version = read(&store).await.version;
    store.write(Bytes::from(render(&state("after"))), Some(&version)).await.expect("written");
    assert_eq!(text(&folder.path("kept")), "before");
}

#[tokio::test]
async fn a_symbolic_link_stays_and_what_it_leads_to_is_replaced() {
    let folder = Folder::new();
    fs::create_dir(folder.path("real")).expect("made");
    let real = folder.path("real/terraform.tfstate");
    symlink("real/terraform.tfstate", folder.path("link")).expect("linked");
    symlink("link", folder.state()).expect("linked");
    let store = folder.store();
    assert_eq!(store.journal().location(), format!("`{}`", folder.path("real/terraform.tfstate.journal").display()));
    for change in ["first", "second"] {
        let mut opened = opened(&store).await;
        set(&mut opened, change);
        opened.close(None).await.expect("saved");
        assert_eq!(text(&real), change);
    }
    assert!(fs::symlink_metadata(folder.state()).expect("there").is_symlink());
    assert!(fs::symlink_metadata(folder.path("link")).expect("there").is_symlink());
}

#[tokio::test]
async fn a_state_that_somebody_else_wrote_is_not_overwritten() {
    let other = |lineage: &str, serial, text| render(&State { lineage: lineage.into(), serial, ..state(text) });
    for (bytes, difference) in [
        (Some(other("other", 1, "a")), "its lineage is `other`, not `lineage`"),
        (Some(other("lineage", 9, "a")), "its serial is 9, not 1"),
        (Some(other("lineage", 1, "b")), "its contents are others under the same serial"),
        (Some(b"{".to_vec()), "it is not a whole state any more"),
        (None, "it is gone"),
    ] {
        let folder = Folder::with(&render(&state("a")));
        let store = folder.store();
        let mut opened = open(Arc::new(store), opening(&[folder.path("")])).await.expect("opened");
        set(&mut opened, "mine");
        match &bytes {
            Some(bytes) => fs::write(folder.state(), bytes).expect("written"),
            None => fs::remove_file(folder.state()).expect("removed"),
        }
        let error = opened.save().await.expect_err("another state is there");
        assert!(error.to_string().contains(difference), "{error}");
        assert_eq!(fs::read(folder.state()).ok(), bytes);
        let SaveError::Store { rescued: Some(rescued), .. } = error else { panic!("{error}") };
        assert_eq!(text(&rescued), "mine");
    }
}

#[tokio::test]
async fn the_serial_counts_changes_only() {
    let folder = Folder::new();
    let store = folder.store();
    let mut opened = opened(&store).await;
    let lineage = opened.state.lineage.clone();
    assert_eq!(lineage, "07070707-0707-4707-8707-070707070707");
    set(&mut opened, "a");
    assert_eq!(opened.save().await.expect("saved"), Saved::Written { serial: 1 });
    assert_eq!(opened.save().await.expect("saved"), Saved::Unchanged);
    set(&mut opened, "b");
    assert_eq!(opened.close(None).await.expect("saved"), Saved::Written { serial: 2 });
    let stored = parse(&read(&store).await.bytes).expect("whole");
    assert_eq!((stored.lineage, stored.serial, stored.terraform_version.as_str()), (lineage, 2, "1.11.4"));
}

#[tokio::test]
async fn a_state_in_another_layout_or_of_another_version_is_not_written_for_that_alone() {
    let bytes =
        br#"{"serial": 3, "lineage": "l", "version": 4, "terraform_version": "1.5.7", "resources": [], "outputs": {}}"#;
    let folder = Folder::with(bytes);
    let saved = opened(&folder.store()).await.close(None).await.expect("saved");
    assert_eq!(saved, Saved::Unchanged);
    assert_eq!(fs::read(folder.state()).expect("there"), bytes);
}

#[tokio::test]
async fn an_empty_file_is_no_state() {
    let folder = Folder::with(b"");
    let opened = opened(&folder.store()).await;
    assert!(opened.state.is_empty());
    opened.release().await.expect("released");
    assert!(folder.state().exists(), "it was there before");
}

#[tokio::test]
async fn a_state_that_cannot_be_stored_is_saved_elsewhere_and_the_journal_stays() {
    let folder = Folder::with(&render(&state("old")));
    let files = Arc::new(Faulty::once_after(8));
    let store = LocalStore::on(files, folder.state(), Backup::Off);
    fs::write(folder.path("errored.tfstate"), "of an earlier run").expect("written");
    let rescue = [folder.path("no such folder"), folder.path("")];
    let mut opened = open(Arc::new(store), opening(&rescue)).await.expect("opened");
    let journal = opened.start_journal("run".into(), Timestamp::UNIX_EPOCH).expect("started");
    set(&mut opened, "new");
    let error = loop {
        match opened.save_during(&journal).await {
            Ok(_) => set(&mut opened, "newer"),
            Err(error) => break error,
        }
    };
    let rescued = folder.path("errored-1.tfstate");
    assert!(error.to_string().ends_with(&format!("; it was saved to `{}` instead", rescued.display())), "{error}");
    assert!(error.hint().contains("errored-1.tfstate"), "{}", error.hint());
    assert_eq!(text(&rescued), "newer");
    assert_eq!(fs::metadata(rescued).expect("there").permissions().mode() & 0o777, 0o600);
    drop((opened, journal));
    assert!(folder.path("terraform.tfstate.journal").exists());
}

#[tokio::test]
async fn a_second_run_is_told_who_holds_the_lock() {
    let folder = Folder::new();
    let guard = folder.store().lock(&request("ann@laptop", Duration::ZERO)).await.expect("free");
    let error = folder.store().lock(&request("bob@desk", Duration::ZERO)).await.expect_err("taken");
    assert_eq!(
        error.to_string(),
        format!(
            "the state `{}` is locked by ann@laptop since 2027-01-15T08:00:00Z, doing `apply` with 0.1.0",
            folder.state().display()
        )
    );
    assert!(error.hint().contains("-lock-timeout"), "{}", error.hint());
    guard.release().await.expect("released");
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

#[tokio::test]
async fn a_waiting_run_gets_the_lock_when_it_is_free_and_tells_once_whom_it_waits_for() {
    let folder = Folder::new();
    let guard = folder.store().lock(&request("ann", Duration::ZERO)).await.expect("free");
    let told = Mutex::new(Vec::new());
    let waiting = |holder: Option<&LockInfo>| {
        told.lock().expect("no panic").push(holder.map(|holder| holder.who.clone()));
    };
    let request =
        LockRequest { info: info("bob"), timeout: Duration::from_secs(60), waiting: &waiting, taken_over: &|_| {} };
    let store = folder.store();
    let release = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        guard.release().await
    };
    let (got, released) = tokio::join!(store.lock(&request), release);
    released.expect("released");
    got.expect("free by now").release().await.expect("released");
    assert_eq!(told.into_inner().expect("no panic"), [Some("ann".to_owned())]);
}

#[tokio::test]
async fn waiting_ends_with_the_timeout() {
    let folder = Folder::new();
    let _guard = folder.store().lock(&request("ann", Duration::ZERO)).await.expect("free");
    let start = Instant::now();
    let error = folder.store().lock(&request("bob", Duration::from_millis(200))).await;
    assert!(matches!(error, Err(LockError::Taken { .. })));
    assert!(start.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_lock_stays_with_the_state_when_it_is_replaced() {
    let folder = Folder::new();
    let store = folder.store();
    let mut opened = opened(&store).await;
    for change in ["a", "b", "c"] {
        set(&mut opened, change);
        opened.save().await.expect("saved");
        assert_eq!(text(&folder.state()), change);
        // Reading from elsewhere in the process does not lose it.
        drop(fs::read(folder.state()));
        let other = folder.store().lock(&request("other", Duration::ZERO)).await;
        assert!(matches!(other, Err(LockError::Taken { .. })), "{other:?}");
    }
    opened.release().await.expect("released");
    let guard = folder.store().lock(&request("other", Duration::ZERO)).await.expect("free");
    drop(guard);
    drop(folder.store().lock(&request("again", Duration::ZERO)).await.expect("a dropped guard is free"));
}

#[tokio::test]
async fn whoever_still_has_a_replaced_file_open_finds_no_state_in_it() {
    let folder = Folder::with(&render(&state("old")));
    let mut waiting = fs::File::open(folder.state()).expect("there");
    let store = folder.store();
    let mut opened = opened(&store).await;
    set(&mut opened, "new");
    opened.close(None).await.expect("saved");
    let mut found = String::new();
    std::io::Read::read_to_string(&mut waiting, &mut found).expect("readable");
    assert!(found.contains("the state was replaced while this run waited"), "{found}");

    // A file that has another name is not touched.
    fs::hard_link(folder.state(), folder.path("kept")).expect("linked");
    let mut opened = self::opened(&store).await;
    set(&mut opened, "newer");
    opened.close(None).await.expect("saved");
    assert_eq!(text(&folder.path("kept")), "new");
}

#[tokio::test]
async fn an_unfinished_run_is_taken_up_and_its_journal_goes_with_the_save() {
    let folder = Folder::with(&render(&state("a")));
    let store = folder.store();
    let key = |name: &str| model::address::ObjectKey::current(name.parse().expect("valid"));
    let object = |id: &str| {
        Object::new(0, serde_json::value::to_raw_value(&serde_json::json!({"id": id})).expect("JSON").into())
    };
    let create = |step, name| crate::journal::tests::intent(step, key(name), IntentOp::Create { deposes: None });
    {
        let opened = opened(&store).await;
        let journal = opened.start_journal("run".into(), Timestamp::UNIX_EPOCH).expect("started");
        journal.append(&Record::Intent(create(0, "t.done"))).await.expect("durable");
        journal.append(&Record::Born { step: 0, object: object("1") }).await.expect("durable");
        journal.append(&Record::Intent(create(1, "t.unknown"))).await.expect("durable");
        // Here the run is stopped.
    }
    let peeked = peek(&store).await.expect("readable");
    assert_eq!(peeked.instances.len(), 1);

    let mut opened = opened(&store).await;
    assert!(opened.unfinished);
    assert_eq!(opened.state.object_at(&key("t.done")), Some(&object("1")));
    let open: Vec<_> = opened.uncertain.iter().map(|uncertain| (uncertain.intent.step, uncertain.born)).collect();
    assert_eq!(open, [(0, true), (1, false)]);
    opened.save().await.expect("saved");
    assert!(folder.path("terraform.tfstate.journal").exists(), "it is still not known what step 1 did");

    for uncertain in std::mem::take(&mut opened.uncertain) {
        if !uncertain.born {
            resolve(&mut opened.state, &uncertain.intent, Some(object("2")));
        }
    }
    assert_eq!(opened.save().await.expect("saved"), Saved::Written { serial: 3 });
    assert!(!folder.path("terraform.tfstate.journal").exists() && !opened.unfinished);
    opened.close(None).await.expect("saved");
    let stored = parse(&read(&store).await.bytes).expect("whole");
    assert_eq!(stored.instances.len(), 2);
}

#[tokio::test]
async fn a_journal_of_another_state_is_refused() {
    let folder = Folder::with(&render(&state("a")));
    let store = folder.store();
    {
        let opened = opened(&store).await;
        drop(opened.start_journal("run".into(), Timestamp::UNIX_EPOCH).expect("started"));
    }
    fs::write(folder.state(), render(&State { lineage: "other".into(), ..state("b") })).expect("written");
    let error = open(Arc::new(store), opening(&[])).await.expect_err("another lineage");
    assert!(matches!(error, OpenError::Journal(crate::journal::JournalError::OtherLineage { .. })), "{error}");
}

#[tokio::test]
async fn the_first_apply_of_a_stack_can_be_stopped_before_there_is_a_state() {
    let folder = Folder::new();
    let store = folder.store();
    let lineage = {
        let opened = opened(&store).await;
        drop(opened.start_journal("run".into(), Timestamp::UNIX_EPOCH).expect("started"));
        opened.state.lineage.clone()
    };
    let request = OpenRequest { random: [9; 16], ..opening(&[]) };
    let opened = open(Arc::new(store), request).await.expect("opened");
    assert_eq!(opened.state.lineage, lineage);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_an_error_of_the_lock() {
    let store = LocalStore::new("/no such folder/terraform.tfstate", Backup::Off);
    let error = open(Arc::new(store), opening(&[])).await.expect_err("no folder");
    assert!(error.to_string().starts_with("failed to take the lock of the state `/no such folder/"), "{error}");
    assert!(error.hint().contains("its folder must exist"), "{}", error.hint());
}
