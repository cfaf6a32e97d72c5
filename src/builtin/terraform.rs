//! `terraform.io/builtin/terraform`: the provider that is part of every engine.

mod data;
mod remote_state;

use crate::family::{DataEntry, Entry, Family};
use crate::terraform::data::TerraformData;
use crate::terraform::remote_state::TerraformRemoteState;

pub static FAMILY: Family =
    Family { name: "terraform", is_builtin: true, resources: &RESOURCES, data_sources: &DATA_SOURCES, ephemerals: &[] };

static RESOURCES: [Entry; 1] =
    [Entry::new("terraform_data", include_str!("schema/terraform_data.json"), &TerraformData)];

static DATA_SOURCES: [DataEntry; 1] = [DataEntry::new(
    "terraform_remote_state",
    include_str!("schema/data/terraform_remote_state.json"),
    &TerraformRemoteState,
)];
