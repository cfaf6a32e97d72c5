//! `hashicorp/local`: files of the machine that runs the plan.

mod content;
mod data;
mod file;
mod sensitive_file;

use crate::data_source::TypedData;
use crate::family::{DataEntry, Entry, Family};
use crate::local::data::{LocalFileData, LocalSensitiveFileData};
use crate::local::file::LocalFile;
use crate::local::sensitive_file::LocalSensitiveFile;
use crate::resource::Typed;

pub static FAMILY: Family =
    Family { name: "local", is_builtin: false, resources: &RESOURCES, data_sources: &DATA_SOURCES, ephemerals: &[] };

static RESOURCES: [Entry; 2] = [
    Entry::new("local_file", include_str!("schema/local_file.json"), &Typed::<LocalFile>::NEW),
    Entry::new(
        "local_sensitive_file",
        include_str!("schema/local_sensitive_file.json"),
        &Typed::<LocalSensitiveFile>::NEW,
    ),
];

static DATA_SOURCES: [DataEntry; 2] = [
    DataEntry::new("local_file", include_str!("schema/data/local_file.json"), &TypedData::<LocalFileData>::NEW),
    DataEntry::new(
        "local_sensitive_file",
        include_str!("schema/data/local_sensitive_file.json"),
        &TypedData::<LocalSensitiveFileData>::NEW,
    ),
];
