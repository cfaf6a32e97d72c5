//! The types this provider knows: one line each.

use std::sync::LazyLock;

use provider::adapter::{DataEntry, Entry};

use crate::clients::Aws;
use crate::{ecs, iam, logs, sts};

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
#[rustfmt::skip]
pub static RESOURCES: LazyLock<Vec<Entry<Aws>>> = LazyLock::new(|| {
    vec![
        resource!(logs::log_group::LogGroup, "aws_cloudwatch_log_group"),
        resource!(ecs::cluster::EcsCluster, "aws_ecs_cluster"),
        resource!(iam::role::IamRole, "aws_iam_role"),
        resource!(iam::role_policy::IamRolePolicy, "aws_iam_role_policy"),
        resource!(iam::role_policy_attachment::IamRolePolicyAttachment, "aws_iam_role_policy_attachment"),
    ]
});

/// Data sources, sorted by name.
#[rustfmt::skip]
pub static DATA_SOURCES: LazyLock<Vec<DataEntry<Aws>>> = LazyLock::new(|| {
    vec![
        data_source!(sts::caller_identity::CallerIdentity, "aws_caller_identity"),
        data_source!(iam::policy_document::PolicyDocument, "aws_iam_policy_document"),
        data_source!(sts::partition::Partition, "aws_partition"),
        data_source!(sts::region::Region, "aws_region"),
    ]
});
