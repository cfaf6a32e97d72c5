//! Tests of writing and reading a journal; those of replaying are with [`super::replay`].

use std::fs;
use std::sync::atomic::Ordering;
use std::time::Duration;

use model::path::{Path as ValuePath, Step};
use serde_json::value::RawValue;

use super::*;
use crate::files::tests::Faulty;
use crate::{Identity, Status, Unrecognized};

pub(super) fn raw(json: &str) -> Arc<RawValue> {
    RawValue::from_string(json.to_owned()).expect("valid JSON").into()
}

pub(super) fn at() -> Timestamp {
    Timestamp::from_second(1_800_000_000).expect("in range")
}

pub(super) fn begin(serial: u64) -> Record {
    Record::Begin { run: "run".into(), at: at(), serial, lineage: "lineage".into() }
}

pub(super) fn provider() -> ProviderConfigAddr {
    r#"provider["terraform.io/builtin/terraform"]"#.parse().expect("valid")
}

pub(crate) fn intent(step: u64, key: ObjectKey, op: IntentOp) -> Intent {
    Intent {
        step,
        key,
        op,
        provider: provider(),
        token: TokenRecord { id: format!("token-{step}").into(), at: at() },
        planned: None,
        schema_version: 0,
        dependencies: Vec::new(),
        create_before_destroy: false,
    }
}

fn full_object() -> Object {
    Object {
        status: Status::Tainted,
        sensitive: vec![ValuePath { steps: vec![Step::Attribute("tags".into()), Step::Key("k".into())] }],
        private: Arc::from(&b"\x00private"[..]),
        dependencies: vec!["module.a.data.t.d".parse::<InstanceAddr>().expect("valid").config()],
        create_before_destroy: true,
        identity: Some(Identity { schema_version: 1, attributes: Some(raw(r#"{"arn":"a"}"#)) }),
        unrecognized: Unrecognized(vec![("later".into(), raw("[1]"))]),
        ..Object::new(3, raw("{\n  \"id\": \"i\",\n  \"text\": \"a\\n b\"\n}"))
    }
}

/// One record of every kind, with every field in use.
fn all_records() -> Vec<Record> {
    let current = ObjectKey::current(r#"module.a["x"].t.n[1]"#.parse().expect("valid"));
    let deposed = ObjectKey { generation: model::address::Generation::Deposed("89abcdef".into()), ..current.clone() };
    vec![
        begin(4),
        Record::Moved(vec![("t.a".parse().expect("valid"), "t.b[0]".parse().expect("valid"))]),
        Record::Intent(Intent {
            planned: Some(serde_json::json!({"name": "a\nb", "number": 1.5, "unknown": null})),
            schema_version: 7,
            dependencies: vec!["t.other".parse::<InstanceAddr>().expect("valid").config()],
            create_before_destroy: true,
            ..intent(0, current.clone(), IntentOp::Create { deposes: Some("89abcdef".into()) })
        }),
        Record::Intent(intent(1, current, IntentOp::Update)),
        Record::Intent(intent(2, deposed, IntentOp::Delete)),
        Record::Born { step: 0, object: full_object() },
        Record::Done { step: 0, object: Some(full_object()) },
        Record::Done { step: 2, object: None },
        Record::Failed { step: 1, object: Some(full_object()), tainted: true, error: "denied".into() },
        Record::Saved { serial: 5 },
        Record::End,
    ]
}

/// Writes each record in a batch of its own and returns the bytes.
fn written(records: &[Record]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("j");
    let journal = Journal::create(Arc::new(InFile::new(&path)), &records[0]).expect("created");
    for record in &records[1..] {
        journal.append_blocking(record).expect("appended");
    }
    drop(journal);
    fs::read(&path).expect("it is there")
}

fn read_bytes(bytes: &[u8]) -> Result<Vec<Record>, JournalError> {
    reader::records(bytes, "`j`")
}

/// Attributes come back without their layout.
fn compacted(record: Record) -> Record {
    let compacted =
        |object: Object| Object { attributes: raw(&crate::file::compact(object.attributes.get())), ..object };
    match record {
        Record::Born { step, object } => Record::Born { step, object: compacted(object) },
        Record::Done { step, object } => Record::Done { step, object: object.map(compacted) },
        Record::Failed { step, object, tainted, error } => {
            Record::Failed { step, object: object.map(compacted), tainted, error }
        }
        other @ (Record::Begin { .. } | Record::Moved(_) | Record::Intent(_) | Record::Saved { .. } | Record::End) => {
            other
        }
    }
}

#[test]
fn records_come_back_as_they_were() {
    let records = all_records();
    let read = read_bytes(&written(&records)).expect("whole");
    assert_eq!(read, records.into_iter().map(compacted).collect::<Vec<_>>());
}

#[test]
fn a_record_is_one_line() {
    let records = all_records();
    let bytes = written(&records);
    assert_eq!(bytes.iter().filter(|byte| **byte == b'\n').count(), records.len());
    assert!(bytes.ends_with(b"\n"));
}

#[test]
fn a_journal_cut_anywhere_reads_as_its_whole_lines() {
    let records: Vec<Record> = all_records().into_iter().map(compacted).collect();
    let bytes = written(&records);
    for end in 0..bytes.len() {
        let read = read_bytes(&bytes[..end]).expect("a torn tail is no damage");
        // A last line that only lacks its line break is whole.
        let whole = bytes[..=end].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(read, records[..whole], "cut at byte {end}");
    }
}

#[test]
fn damage_before_the_last_line_is_an_error_that_names_the_line() {
    let bytes = written(&all_records());
    let lines: Vec<usize> = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at).collect();
    let mut start = 0;
    for (index, end) in lines[..lines.len() - 1].iter().enumerate() {
        for at in (start..*end).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x04;
            match read_bytes(&damaged) {
                Err(JournalError::Damaged { line, .. }) => assert_eq!(line, index + 1, "byte {at}"),
                other => panic!("byte {at} of line {}: {other:?}", index + 1),
            }
        }
        start = end + 1;
    }
}

#[test]
fn a_batch_that_was_never_durable_is_dropped_from_its_first_broken_line() {
    let mut bytes = Vec::new();
    line::write_line(&mut bytes, line::Batch { number: 0, place: 0, size: 1 }, &line::encode(&begin(1)));
    let whole = bytes.len();
    for place in 0..3 {
        let batch = line::Batch { number: 1, place, size: 3 };
        line::write_line(&mut bytes, batch, &line::encode(&Record::Saved { serial: 2 }));
    }
    // After a power cut the pages of one write may be there in part.
    bytes[whole + 30] = 0;
    assert_eq!(read_bytes(&bytes).expect("a torn tail"), [begin(1)]);
}

#[test]
fn a_journal_of_a_newer_version_is_refused() {
    let bytes = String::from_utf8(written(&[begin(1)])).expect("text").replace("\"format\":1", "\"format\":2");
    let entry = bytes.split_once("\"entry\":").expect("an entry").1.trim_end().trim_end_matches('}');
    let entry = format!("{entry}}}}}}}");
    let line = format!("{{\"crc32\":\"{:08x}\",\"entry\":{entry}}}\n", crc32fast::hash(entry.as_bytes()));
    let error = read_bytes(line.as_bytes()).expect_err("format 2 is not known");
    assert!(matches!(error, JournalError::TooNew { format: 2, .. }), "{error}");
}

#[test]
fn a_journal_that_is_there_is_not_started_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("j");
    drop(Journal::create(Arc::new(InFile::new(&path)), &begin(1)).expect("created"));
    let error = Journal::create(Arc::new(InFile::new(&path)), &begin(1)).expect_err("it is there");
    assert!(matches!(error, JournalError::Exists { .. }), "{error}");
    assert_eq!(read(&InFile::new(&path)).expect("whole"), Some(vec![begin(1)]));
}

#[test]
fn only_the_owner_may_read_a_journal() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("j");
    let journal = Journal::create(Arc::new(InFile::new(&path)), &begin(1)).expect("created");
    assert_eq!(fs::metadata(&path).expect("it is there").permissions().mode() & 0o777, 0o600);
    journal.remove().expect("removed");
    assert_eq!(read(&InFile::new(&path)).expect("readable"), None);
}

#[tokio::test]
async fn records_of_many_tasks_share_one_wait_for_the_disk() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("j");
    let files = Arc::new(Faulty::slow(Duration::from_millis(5)));
    let journal = Journal::create(Arc::new(InFile::on(files.clone(), &path)), &begin(1)).expect("created");
    let journal = Arc::new(journal);
    let tasks: Vec<_> = (0..200)
        .map(|serial| {
            let journal = journal.clone();
            tokio::spawn(async move { journal.append(&Record::Saved { serial }).await })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic").expect("appended");
    }
    assert!(files.syncs.load(Ordering::Relaxed) < 20, "{files:?}");
    let records = read(&InFile::new(&path)).expect("whole").expect("it is there");
    assert_eq!(records.len(), 201);
}

#[test]
fn after_a_failed_write_nothing_is_taken_any_more() {
    for steps in 0..7 {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("j");
        let files = Arc::new(Faulty::once_after(steps));
        let mut durable = Vec::new();
        let failure = match Journal::create(Arc::new(InFile::on(files, &path)), &begin(1)) {
            Err(error) => error,
            Ok(journal) => {
                durable.push(begin(1));
                let failure = (0..4).find_map(|serial| {
                    let record = Record::Saved { serial };
                    journal.append_blocking(&record).map(|()| durable.push(record)).err()
                });
                let after = journal.append_blocking(&Record::End);
                assert!(matches!(after, Err(JournalError::Broken { .. })), "{after:?}");
                failure.expect("one step fails")
            }
        };
        assert!(matches!(failure, JournalError::Io { .. }), "{failure}");
        // What was promised to be there is there.
        let read = read(&InFile::new(&path)).expect("a torn tail at most").unwrap_or_default();
        assert!(read.starts_with(&durable), "after {steps} steps: {read:?}");
    }
}

#[test]
fn nothing_shows_the_attributes_of_objects() {
    let records = vec![
        Record::Born { step: 0, object: Object::new(0, raw(r#"{"password":"hunter2"}"#)) },
        Record::Intent(Intent {
            planned: Some(serde_json::json!({"password": "hunter2"})),
            ..intent(0, ObjectKey::current("t.n".parse().expect("valid")), IntentOp::Update)
        }),
    ];
    assert!(!format!("{records:?}").contains("hunter2"));
}
