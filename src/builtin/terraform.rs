//! `terraform.io/builtin/terraform`: the provider that is part of every engine.

mod data;

use crate::family::{Entry, Family};
use crate::terraform::data::TerraformData;

pub static FAMILY: Family =
    Family { name: "terraform", is_builtin: true, resources: &RESOURCES, data_sources: &[], ephemerals: &[] };

static RESOURCES: [Entry; 1] =
    [Entry::new("terraform_data", include_str!("schema/terraform_data.json"), &TerraformData)];
