//! A table as the API describes it, over what is known of it.

use aws_sdk_dynamodb::types::{
    BillingMode, IndexStatus, ReplicaStatus, SseStatus, SseType, TableDescription, TableStatus,
};
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::dynamodb::table::index::{Global, Local, keys};
use crate::dynamodb::table::{Attribute, Encryption, OnDemand, Table, replica, settings};
use crate::failure::Operation;

/// What a table is that says nothing of it.
const CLASS_DEFAULT: &str = "STANDARD";

/// The description of a table; `None` when it is gone.
pub async fn table(aws: &Aws, name: &str) -> Result<Option<TableDescription>, ProviderError> {
    match aws.dynamodb().describe_table().table_name(name).send().await.operation("dynamodb:DescribeTable") {
        Ok(answer) => Ok(answer.table),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The table with everything that has calls of its own; `None` when it is gone.
pub async fn read(aws: &Aws, have: &Table) -> Result<Option<Table>, ProviderError> {
    let Some(live) = table(aws, &have.id).await? else { return Ok(None) };
    let arn = live.table_arn.clone().unwrap_or_default();
    let (recovery, expiry, tags, replicas) = futures::try_join!(
        settings::recovery(aws, &have.id),
        settings::expiry(aws, &have.id),
        settings::tags(aws, &arn),
        replica::read(aws, have, &live),
    )?;
    let mut table = have.with_live(live);
    table.replica = replicas;
    table.point_in_time_recovery = recovery.into_iter().collect();
    table.tags_all = tags.unwrap_or_default();
    if let Some(expiry) = expiry {
        if expiry.is_moving && table.under_way.is_empty() {
            table.under_way = "the expiry of items to change".into();
        }
        table.ttl = vec![expiry.ttl];
    }
    Ok(Some(table))
}

impl Table {
    fn with_live(&self, live: TableDescription) -> Table {
        let under_way = under_way(&live);
        let (hash_key, range_key) = keys(live.key_schema.as_deref().unwrap_or_default());
        let attributes = live.attribute_definitions.unwrap_or_default().into_iter().map(|attribute| Attribute {
            name: attribute.attribute_name,
            r#type: attribute.attribute_type.as_str().to_string(),
        });
        let mode = live.billing_mode_summary.and_then(|summary| summary.billing_mode);
        let throughput = live.provisioned_throughput;
        let read_capacity = throughput.as_ref().and_then(|throughput| throughput.read_capacity_units);
        let write_capacity = throughput.as_ref().and_then(|throughput| throughput.write_capacity_units);
        let stream = live.stream_specification;
        let is_encrypted =
            |status: &SseStatus| matches!(status, SseStatus::Enabled | SseStatus::Enabling | SseStatus::Updating);
        let encryption = live.sse_description.filter(|sse| sse.status.as_ref().is_some_and(is_encrypted));
        let encryption = encryption.filter(|sse| sse.sse_type.as_ref().is_none_or(|kind| *kind == SseType::Kms));
        let class = live.table_class_summary.and_then(|summary| summary.table_class);
        Table {
            arn: live.table_arn.unwrap_or_default(),
            attribute: attributes.collect(),
            billing_mode: mode.unwrap_or(BillingMode::Provisioned).as_str().to_string(),
            deletion_protection_enabled: live.deletion_protection_enabled.unwrap_or_default(),
            global_secondary_index: live
                .global_secondary_indexes
                .unwrap_or_default()
                .into_iter()
                .map(Global::live)
                .collect(),
            hash_key,
            local_secondary_index: live
                .local_secondary_indexes
                .unwrap_or_default()
                .into_iter()
                .map(Local::live)
                .collect(),
            id: live.table_name.clone().unwrap_or_default(),
            name: live.table_name.unwrap_or_default(),
            on_demand_throughput: OnDemand::live(live.on_demand_throughput),
            range_key: (!range_key.is_empty()).then_some(range_key),
            read_capacity: read_capacity.unwrap_or_default(),
            server_side_encryption: encryption
                .map(|sse| Encryption { enabled: true, kms_key_arn: sse.kms_master_key_arn.unwrap_or_default() })
                .into_iter()
                .collect(),
            stream_arn: live.latest_stream_arn.unwrap_or_default(),
            stream_enabled: stream.as_ref().is_some_and(|stream| stream.stream_enabled),
            stream_label: live.latest_stream_label.unwrap_or_default(),
            stream_view_type: match stream.and_then(|stream| stream.stream_view_type) {
                Some(kind) => kind.as_str().to_string(),
                // What a table shows that has no stream any more is not told.
                None => self.stream_view_type.clone(),
            },
            table_class: class.map_or_else(|| CLASS_DEFAULT.to_string(), |class| class.as_str().to_string()),
            write_capacity: write_capacity.unwrap_or_default(),
            under_way,
            ..self.clone()
        }
    }
}

/// What a table is busy with; empty for one that takes calls.
pub fn under_way(live: &TableDescription) -> String {
    match &live.table_status {
        Some(TableStatus::Active) | None => {}
        Some(TableStatus::InaccessibleEncryptionCredentials) => return "INACCESSIBLE_ENCRYPTION_CREDENTIALS".into(),
        Some(status) => return format!("status {}", status.as_str()),
    }
    let indexes = live.global_secondary_indexes.iter().flatten();
    let busy = indexes.filter(|index| index.index_status.as_ref().is_some_and(|status| *status != IndexStatus::Active));
    if let Some(index) = busy.into_iter().next() {
        return format!("the index {}", index.index_name.as_deref().unwrap_or_default());
    }
    let replicas = live.replicas.iter().flatten();
    let is_busy = |status: &ReplicaStatus| {
        matches!(status, ReplicaStatus::Creating | ReplicaStatus::Deleting | ReplicaStatus::Updating)
    };
    let mut busy = replicas.filter(|replica| replica.replica_status.as_ref().is_some_and(is_busy));
    if let Some(replica) = busy.next() {
        return format!("the replica in {}", replica.region_name.as_deref().unwrap_or_default());
    }
    let sse = live.sse_description.as_ref().and_then(|sse| sse.status.as_ref());
    match sse {
        Some(SseStatus::Enabling | SseStatus::Disabling | SseStatus::Updating) => "its encryption to change".into(),
        Some(_) | None => String::new(),
    }
}
