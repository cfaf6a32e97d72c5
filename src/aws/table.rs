//! The types this provider knows: one line each.

use std::sync::LazyLock;

use provider::adapter::{DataEntry, Entry};

use crate::clients::Aws;
use crate::{ecs, sts};

/// An entry with its embedded facts.
macro_rules! resource {
    ($behaviour:ty, $facts:literal) => {
        Entry::of::<$behaviour>(include_str!(concat!("schema/", $facts, ".json")))
    };
}

macro_rules! data_source {
    ($behaviour:ty, $facts:literal) => {
        DataEntry::of::<$behaviour>(include_str!(concat!("schema/data/", $facts, ".json")))
    };
}

/// Resource types, sorted by name.
pub static RESOURCES: LazyLock<Vec<Entry<Aws>>> =
    LazyLock::new(|| vec![resource!(ecs::cluster::EcsCluster, "aws_ecs_cluster")]);

/// Data sources, sorted by name.
pub static DATA_SOURCES: LazyLock<Vec<DataEntry<Aws>>> =
    LazyLock::new(|| vec![data_source!(sts::caller_identity::CallerIdentity, "aws_caller_identity")]);
