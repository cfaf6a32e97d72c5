//! Lines of a journal: `{"crc32":"89abcdef","entry":{"batch":2,"place":0,"size":3,"record":{"saved":{"serial":7}}}}`.
//!
//! The checksum is that of the text of `entry`. Records that were made durable together are a batch: `place` counts
//! from 0 inside of it and `size` is how many there are. That tells a tail that was never durable, and so never acted
//! upon, from damage to what was.

use std::borrow::Cow;

use jiff::Timestamp;
use model::address::{ConfigAddr, Generation, InstanceAddr, ObjectKey};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::{Intent, IntentOp, Record, TokenRecord};
use crate::file::disk::ObjectV4;
use crate::file::{compact, read, write};
use crate::{Object, Status};

/// The version of this form. A reader refuses higher ones.
const FORMAT: u64 = 1;

/// Where a record stands among those that were made durable together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Batch {
    pub number: u64,
    pub place: usize,
    pub size: usize,
}

/// Why a line is none.
#[derive(PartialEq, Debug)]
pub(super) enum LineError {
    /// The line is cut or changed.
    Checksum,
    /// The line is as it was written, and still says nothing that is understood.
    Meaning(String),
    Format(u64),
}

#[derive(Serialize, Deserialize)]
struct Line<'a> {
    crc32: Cow<'a, str>,
    #[serde(borrow)]
    entry: &'a RawValue,
}

#[derive(Serialize, Deserialize)]
struct EntryV1<'a> {
    batch: u64,
    place: usize,
    size: usize,
    #[serde(borrow)]
    record: &'a RawValue,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum RecordV1<'a> {
    Begin {
        format: u64,
        run: Cow<'a, str>,
        at: String,
        serial: u64,
        lineage: Cow<'a, str>,
    },
    Moved(Vec<(String, String)>),
    #[serde(borrow)]
    Intent(IntentV1<'a>),
    Born {
        step: u64,
        #[serde(borrow)]
        object: ObjectV4<'a>,
    },
    Done {
        step: u64,
        #[serde(borrow)]
        object: Option<ObjectV4<'a>>,
    },
    Failed {
        step: u64,
        #[serde(borrow)]
        object: Option<ObjectV4<'a>>,
        tainted: bool,
        error: Cow<'a, str>,
    },
    Saved {
        serial: u64,
    },
    End,
}

#[derive(Serialize, Deserialize)]
struct IntentV1<'a> {
    step: u64,
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deposed: Option<Cow<'a, str>>,
    op: OpV1<'a>,
    provider: String,
    token: Cow<'a, str>,
    token_at: String,
    planned: Option<Cow<'a, Json>>,
    schema_version: u64,
    dependencies: Vec<String>,
    create_before_destroy: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum OpV1<'a> {
    Create { deposes: Option<Cow<'a, str>> },
    Update,
    Delete,
}

/// The text of a record, to be put into a line once its batch is known. It has no line breaks.
pub(super) fn encode(record: &Record) -> Box<RawValue> {
    let text = serde_json::to_string(&to_disk(record)).expect("a record has only texts as keys");
    // Attributes may come in any layout, but a line is a line.
    RawValue::from_string(compact(&text)).expect("it was just made as JSON")
}

/// The line of a record, its line break included.
pub(super) fn write_line(out: &mut Vec<u8>, batch: Batch, record: &RawValue) {
    let entry = EntryV1 { batch: batch.number, place: batch.place, size: batch.size, record };
    let entry = serde_json::value::to_raw_value(&entry).expect("an entry has only texts as keys");
    let line = Line { crc32: checksum(entry.get()).into(), entry: &entry };
    serde_json::to_writer(&mut *out, &line).expect("memory takes every write");
    out.push(b'\n');
}

/// Reads a line without its line break.
pub(super) fn read_line(line: &[u8]) -> Result<(Batch, Record), LineError> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|_| LineError::Checksum)?;
    if checksum(line.entry.get()) != line.crc32 {
        return Err(LineError::Checksum);
    }
    let meaning =
        |error: serde_json::Error| LineError::Meaning(format!("its form is not known (column {})", error.column()));
    let entry: EntryV1<'_> = serde_json::from_str(line.entry.get()).map_err(meaning)?;
    let batch = Batch { number: entry.batch, place: entry.place, size: entry.size };
    if let Some(format) = newer_format(entry.record) {
        return Err(LineError::Format(format));
    }
    let record: RecordV1<'_> = serde_json::from_str(entry.record.get()).map_err(meaning)?;
    Ok((batch, from_disk(record).map_err(LineError::Meaning)?))
}

fn checksum(text: &str) -> String {
    format!("{:08x}", crc32fast::hash(text.as_bytes()))
}

/// The format that a first record names, where it is higher than what is known; whatever else the record has.
fn newer_format(record: &RawValue) -> Option<u64> {
    #[derive(Deserialize)]
    struct First {
        begin: Option<Format>,
    }
    #[derive(Deserialize)]
    struct Format {
        format: u64,
    }
    if !record.get().starts_with("{\"begin\"") {
        return None;
    }
    let format = serde_json::from_str::<First>(record.get()).ok()?.begin?.format;
    (format > FORMAT).then_some(format)
}

fn to_disk(record: &Record) -> RecordV1<'_> {
    let object = |object| write::object(None, None, object);
    match record {
        Record::Begin { run, at, serial, lineage } => RecordV1::Begin {
            format: FORMAT,
            run: Cow::Borrowed(run),
            at: at.to_string(),
            serial: *serial,
            lineage: Cow::Borrowed(lineage),
        },
        Record::Moved(moves) => {
            RecordV1::Moved(moves.iter().map(|(from, to)| (from.to_string(), to.to_string())).collect())
        }
        Record::Intent(intent) => RecordV1::Intent(intent_to_disk(intent)),
        Record::Born { step, object: born } => RecordV1::Born { step: *step, object: object(born) },
        Record::Done { step, object: done } => RecordV1::Done { step: *step, object: done.as_ref().map(object) },
        Record::Failed { step, object: left, tainted, error } => RecordV1::Failed {
            step: *step,
            object: left.as_ref().map(object),
            tainted: *tainted,
            error: Cow::Borrowed(error),
        },
        Record::Saved { serial } => RecordV1::Saved { serial: *serial },
        Record::End => RecordV1::End,
    }
}

fn intent_to_disk(intent: &Intent) -> IntentV1<'_> {
    IntentV1 {
        step: intent.step,
        address: intent.key.addr.to_string(),
        deposed: match &intent.key.generation {
            Generation::Current => None,
            Generation::Deposed(key) => Some(Cow::Borrowed(key)),
        },
        op: match &intent.op {
            IntentOp::Create { deposes } => OpV1::Create { deposes: deposes.as_deref().map(Cow::Borrowed) },
            IntentOp::Update => OpV1::Update,
            IntentOp::Delete => OpV1::Delete,
        },
        provider: intent.provider.to_string(),
        token: Cow::Borrowed(&intent.token.id),
        token_at: intent.token.at.to_string(),
        planned: intent.planned.as_ref().map(Cow::Borrowed),
        schema_version: intent.schema_version,
        dependencies: intent.dependencies.iter().map(ConfigAddr::to_string).collect(),
        create_before_destroy: intent.create_before_destroy,
    }
}

fn from_disk(record: RecordV1<'_>) -> Result<Record, String> {
    Ok(match record {
        RecordV1::Begin { format: _, run, at, serial, lineage } => {
            Record::Begin { run: run.into(), at: timestamp(&at)?, serial, lineage: lineage.into_owned() }
        }
        RecordV1::Moved(moves) => Record::Moved(
            moves.iter().map(|(from, to)| Ok((address(from)?, address(to)?))).collect::<Result<_, String>>()?,
        ),
        RecordV1::Intent(intent) => Record::Intent(intent_from_disk(intent)?),
        RecordV1::Born { step, object } => Record::Born { step, object: object_from_disk(object)? },
        RecordV1::Done { step, object } => Record::Done { step, object: object.map(object_from_disk).transpose()? },
        RecordV1::Failed { step, object, tainted, error } => Record::Failed {
            step,
            object: object.map(object_from_disk).transpose()?,
            tainted,
            error: error.into_owned(),
        },
        RecordV1::Saved { serial } => Record::Saved { serial },
        RecordV1::End => Record::End,
    })
}

fn intent_from_disk(intent: IntentV1<'_>) -> Result<Intent, String> {
    Ok(Intent {
        step: intent.step,
        key: ObjectKey {
            addr: address(&intent.address)?,
            generation: match intent.deposed {
                None => Generation::Current,
                Some(key) => Generation::Deposed(key.into()),
            },
        },
        op: match intent.op {
            OpV1::Create { deposes } => IntentOp::Create { deposes: deposes.map(Into::into) },
            OpV1::Update => IntentOp::Update,
            OpV1::Delete => IntentOp::Delete,
        },
        provider: intent.provider.parse().map_err(|error| format!("{error}"))?,
        token: TokenRecord { id: intent.token.into(), at: timestamp(&intent.token_at)? },
        planned: intent.planned.map(Cow::into_owned),
        schema_version: intent.schema_version,
        dependencies: intent
            .dependencies
            .iter()
            .map(|text| Ok(address(text)?.config()))
            .collect::<Result<_, String>>()?,
        create_before_destroy: intent.create_before_destroy,
    })
}

fn object_from_disk(object: ObjectV4<'_>) -> Result<Object, String> {
    read::object(object, "object", &mut read::Known::default()).map_err(|error| error.to_string())
}

fn address(text: &str) -> Result<InstanceAddr, String> {
    text.parse().map_err(|error| format!("{error}"))
}

fn timestamp(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|error| format!("{error}"))
}

/// The status that an outcome gives its object.
pub(super) fn with_taint(mut object: Object, tainted: bool) -> Object {
    if tainted {
        object.status = Status::Tainted;
    }
    object
}
