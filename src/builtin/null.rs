//! `hashicorp/null`: objects that are nothing but their place in the graph.

mod data_source;
mod resource;

use crate::data_source::TypedData;
use crate::family::{DataEntry, Entry, Family};
use crate::null::data_source::NullDataSource;
use crate::null::resource::NullResource;
use crate::resource::Typed;

pub static FAMILY: Family =
    Family { name: "null", is_builtin: false, resources: &RESOURCES, data_sources: &DATA_SOURCES, ephemerals: &[] };

static RESOURCES: [Entry; 1] =
    [Entry::new("null_resource", include_str!("schema/null_resource.json"), &Typed::<NullResource>::NEW)];

static DATA_SOURCES: [DataEntry; 1] = [DataEntry::new(
    "null_data_source",
    include_str!("schema/data/null_data_source.json"),
    &TypedData::<NullDataSource>::NEW,
)];
