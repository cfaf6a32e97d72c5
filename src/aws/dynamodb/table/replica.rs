//! Copies of a table in other regions: tables there, of the same name.

use std::time::Duration;

use aws_sdk_dynamodb::config::{Builder, Region};
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableInputBuilder;
use aws_sdk_dynamodb::types::{
    CreateReplicationGroupMemberAction, DeleteReplicationGroupMemberAction, PointInTimeRecoverySpecification,
    PointInTimeRecoveryStatus, ReplicaDescription, ReplicationGroupUpdate, TableDescription,
};
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::dynamodb::given;
use crate::dynamodb::table::{Table, change, settings};
use crate::failure::Operation;

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Replica {
    arn: String,
    kms_key_arn: String,
    point_in_time_recovery: bool,
    /// Only a wish: which tags of the replica came from the table is not told.
    propagate_tags: bool,
    region_name: String,
    stream_arn: String,
    stream_label: String,
}

/// The calls to another region.
fn there(region: &str) -> Builder {
    Builder::new().region(Region::new(region.to_string()))
}

/// The replicas of a table with what their own regions tell of them.
pub async fn read(aws: &Aws, have: &Table, live: &TableDescription) -> Result<Vec<Replica>, ProviderError> {
    let own = aws.region();
    let replicas = live.replicas.iter().flatten().filter(|replica| replica.region_name.as_deref() != Some(own));
    futures::future::try_join_all(replicas.map(|replica| read_one(aws, have, replica))).await
}

async fn read_one(aws: &Aws, have: &Table, live: &ReplicaDescription) -> Result<Replica, ProviderError> {
    let region = live.region_name.clone().unwrap_or_default();
    let known = have.replica.iter().find(|replica| replica.region_name == region).cloned().unwrap_or_default();
    let describe = aws.dynamodb().describe_table().table_name(&have.id).customize().config_override(there(&region));
    let table = match describe.send().await.operation("dynamodb:DescribeTable") {
        Ok(answer) => answer.table,
        // One that is about to come or to go.
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error),
    };
    let backups = aws.dynamodb().describe_continuous_backups().table_name(&have.id);
    let backups = backups.customize().config_override(there(&region));
    let recovery = match backups.send().await.operation("dynamodb:DescribeContinuousBackups") {
        Ok(answer) => answer
            .continuous_backups_description
            .and_then(|backups| backups.point_in_time_recovery_description)
            .and_then(|recovery| recovery.point_in_time_recovery_status),
        Err(error) if error.is_not_found() => None,
        Err(error) => return Err(error),
    };
    let part = |part: fn(&TableDescription) -> Option<String>| table.as_ref().and_then(part).unwrap_or_default();
    Ok(Replica {
        arn: part(|table| table.table_arn.clone()),
        kms_key_arn: live.kms_master_key_id.clone().unwrap_or_default(),
        point_in_time_recovery: recovery == Some(PointInTimeRecoveryStatus::Enabled),
        stream_arn: part(|table| table.latest_stream_arn.clone()),
        stream_label: part(|table| table.latest_stream_label.clone()),
        region_name: region,
        ..known
    })
}

/// Takes replicas away, adds others, and sets what they have of their own.
pub async fn update(aws: &Aws, have: &Table, want: &Table, patience: Duration) -> Result<(), ProviderError> {
    let find = |replicas: &[Replica], region: &str| replicas.iter().find(|one| one.region_name == region).cloned();
    let is_same_copy = |a: &Replica, b: &Replica| b.kms_key_arn.is_empty() || a.kms_key_arn == b.kms_key_arn;
    for had in &have.replica {
        let is_kept = find(&want.replica, &had.region_name).is_some_and(|wanted| is_same_copy(had, &wanted));
        if !is_kept {
            let delete = DeleteReplicationGroupMemberAction::builder().region_name(&had.region_name);
            let delete = delete.build().expect("the region is given");
            group(aws, &want.name, ReplicationGroupUpdate::builder().delete(delete).build(), patience).await?;
        }
    }
    for wanted in &want.replica {
        let had = find(&have.replica, &wanted.region_name).filter(|had| is_same_copy(had, wanted));
        if had.is_none() {
            let create = CreateReplicationGroupMemberAction::builder().region_name(&wanted.region_name);
            let create = create.set_kms_master_key_id(given(&wanted.kms_key_arn));
            let create = create.build().expect("the region is given");
            group(aws, &want.name, ReplicationGroupUpdate::builder().create(create).build(), patience).await?;
        }
        if had.as_ref().is_some_and(|had| had.point_in_time_recovery) != wanted.point_in_time_recovery {
            recover(aws, &want.name, wanted, patience).await?;
        }
        let has_new_tags = have.tags_all != want.tags_all || !had.is_some_and(|had| had.propagate_tags);
        if wanted.propagate_tags && has_new_tags {
            tag(aws, have, want, wanted).await?;
        }
    }
    Ok(())
}

async fn group(
    aws: &Aws,
    table: &str,
    update: ReplicationGroupUpdate,
    patience: Duration,
) -> Result<(), ProviderError> {
    change::call(aws, UpdateTableInputBuilder::default().replica_updates(update), table, patience).await
}

async fn recover(aws: &Aws, table: &str, wanted: &Replica, patience: Duration) -> Result<(), ProviderError> {
    let specification = PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(wanted.point_in_time_recovery)
        .build()
        .expect("whether it is enabled is given");
    change::in_turn(patience, || async {
        let update = aws.dynamodb().update_continuous_backups().table_name(table);
        let update = update.point_in_time_recovery_specification(specification.clone());
        let update = update.customize().config_override(there(&wanted.region_name));
        update.send().await.operation("dynamodb:UpdateContinuousBackups").map(drop)
    })
    .await
}

/// Gives a replica the tags of its table.
async fn tag(aws: &Aws, have: &Table, want: &Table, wanted: &Replica) -> Result<(), ProviderError> {
    let arn = have.arn.replacen(&format!(":{}:", aws.region()), &format!(":{}:", wanted.region_name), 1);
    let gone: Vec<String> = have.tags_all.keys().filter(|key| !want.tags_all.contains_key(*key)).cloned().collect();
    if !gone.is_empty() {
        let untag = aws.dynamodb().untag_resource().resource_arn(&arn).set_tag_keys(Some(gone));
        let untag = untag.customize().config_override(there(&wanted.region_name));
        untag.send().await.operation("dynamodb:UntagResource")?;
    }
    if let Some(tags) = settings::tags_request(&want.tags_all) {
        let tag = aws.dynamodb().tag_resource().resource_arn(&arn).set_tags(Some(tags));
        let tag = tag.customize().config_override(there(&wanted.region_name));
        tag.send().await.operation("dynamodb:TagResource")?;
    }
    Ok(())
}
