//! `aws_db_snapshot`: a copy of an instance's data that stays when the instance goes.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_rds::types::{DbSnapshot as Live, Filter};
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::rds::retry::retry;
use crate::rds::tags;
use crate::tags::TagChange;

/// What the token's time and the service's clock may differ by.
const CLOCK_SKEW_S: i64 = 60;

/// The attribute of a snapshot that lists the accounts that may restore it.
const SHARED_WITH: &str = "restore";

const PATIENCE: Duration = Duration::from_secs(20 * 60);
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DbSnapshot {
    allocated_storage: i32,
    availability_zone: Option<String>,
    db_instance_identifier: String,
    db_snapshot_arn: String,
    db_snapshot_identifier: String,
    encrypted: bool,
    engine: Option<String>,
    engine_version: Option<String>,
    id: String,
    iops: i32,
    kms_key_id: Option<String>,
    license_model: Option<String>,
    option_group_name: Option<String>,
    port: i32,
    shared_accounts: Vec<String>,
    snapshot_type: Option<String>,
    source_db_snapshot_identifier: Option<String>,
    source_region: Option<String>,
    status: String,
    storage_type: Option<String>,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc_id: Option<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
}

impl Resource for DbSnapshot {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_db_snapshot";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(20, 20, 20);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let written = want.timeouts.as_ref().and_then(|timeouts| timeouts.create.as_deref());
        let patience = written.and_then(provider::adapter::parse_duration).unwrap_or(PATIENCE);
        let create = || async {
            let create = aws.rds().create_db_snapshot().db_instance_identifier(&want.db_instance_identifier);
            let create = create.db_snapshot_identifier(&want.db_snapshot_identifier);
            create.set_tags(tags::request(&want.tags_all)).send().await.operation("rds:CreateDBSnapshot")
        };
        // An instance that is busy takes no snapshot.
        let created = retry(patience, create).await.map_err(taken)?;
        let named = DbSnapshot { id: want.db_snapshot_identifier.clone(), ..want.clone() };
        let bare = DbSnapshot { shared_accounts: Vec::new(), ..named };
        let bare = created.db_snapshot.map_or(bare.clone(), |live| bare.with_live(live));
        let _durable = creation.born(&bare).await;
        if !want.shared_accounts.is_empty() {
            creation.waiting("the snapshot to be available, so that it can be shared");
            until_available(aws, &bare.id, patience).await?;
            share(aws, &bare.id, &[], &want.shared_accounts).await?;
        }
        Ok(DbSnapshot { shared_accounts: want.shared_accounts.clone(), ..bare })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = named(aws, have.iter().map(|have| have.id.clone()).collect()).await?;
        let mut snapshots = Vec::with_capacity(have.len());
        for have in have {
            let Some(live) = live.get(&have.id.to_lowercase()) else {
                snapshots.push(None);
                continue;
            };
            let shared_accounts = shared_with(aws, &have.id).await?;
            snapshots.push(Some(DbSnapshot { shared_accounts, ..have.with_live(live.clone()) }));
        }
        Ok(snapshots)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        share(aws, &have.id, &have.shared_accounts, &want.shared_accounts).await?;
        tags::update(aws, &have.db_snapshot_arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        aws.rds()
            .delete_db_snapshot()
            .db_snapshot_identifier(&have.id)
            .send()
            .await
            .operation("rds:DeleteDBSnapshot")?;
        Ok(())
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match self.status.as_str() {
            "available" => Readiness::Settled,
            "failed" => Readiness::Failed("the snapshot's status is failed".into()),
            status => Readiness::Pending(format!("status {status}")),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = &want.db_snapshot_identifier;
        let Some((_, live)) = named(aws, vec![name.clone()]).await?.pop_first() else { return Ok(None) };
        // Until it is there, a snapshot has no creation time.
        let made_at = live.snapshot_create_time.map(|time| time.secs());
        if made_at.is_some_and(|made_at| made_at < token.at.as_second() - CLOCK_SKEW_S) {
            let message = format!("a snapshot named `{name}` was there before this create");
            return Err(taken(ProviderError::new(ErrorKind::AlreadyExists, "rds:CreateDBSnapshot", message)));
        }
        let found = want.with_live(live);
        Ok(Some(DbSnapshot { shared_accounts: shared_with(aws, &found.id).await?, ..found }))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DbSnapshot { id: id.to_string(), ..DbSnapshot::default() })
    }
}

impl DbSnapshot {
    fn with_live(&self, live: Live) -> DbSnapshot {
        let name = live.db_snapshot_identifier.unwrap_or_default();
        DbSnapshot {
            allocated_storage: live.allocated_storage.unwrap_or_default(),
            availability_zone: live.availability_zone,
            db_instance_identifier: live.db_instance_identifier.unwrap_or_default(),
            db_snapshot_arn: live.db_snapshot_arn.unwrap_or_default(),
            id: name.clone(),
            db_snapshot_identifier: name,
            encrypted: live.encrypted.unwrap_or_default(),
            engine: live.engine,
            engine_version: live.engine_version,
            iops: live.iops.unwrap_or_default(),
            kms_key_id: live.kms_key_id,
            license_model: live.license_model,
            option_group_name: live.option_group_name,
            port: live.port.unwrap_or_default(),
            snapshot_type: live.snapshot_type,
            source_db_snapshot_identifier: live.source_db_snapshot_identifier,
            source_region: live.source_region,
            status: live.status.unwrap_or_default(),
            storage_type: live.storage_type,
            tags_all: tags::live(live.tag_list),
            vpc_id: live.vpc_id,
            ..self.clone()
        }
    }
}

/// The snapshots of these names, by name in lower case; those that are unknown are left out.
async fn named(aws: &Aws, names: Vec<String>) -> Result<BTreeMap<String, Live>, ProviderError> {
    let filter = Filter::builder().name("db-snapshot-id").set_values(Some(names)).build();
    let pages = aws.rds().describe_db_snapshots().filters(filter).into_paginator().items().send();
    let live = match pages.collect::<Result<Vec<_>, _>>().await.operation("rds:DescribeDBSnapshots") {
        Ok(live) => live,
        Err(error) if error.is_not_found() => Vec::new(),
        Err(error) => return Err(error),
    };
    let by_name = |live: Live| (live.db_snapshot_identifier.as_deref().unwrap_or_default().to_lowercase(), live);
    Ok(live.into_iter().map(by_name).collect())
}

/// The accounts that may restore a snapshot; none where it is gone.
async fn shared_with(aws: &Aws, name: &str) -> Result<Vec<String>, ProviderError> {
    let describe = aws.rds().describe_db_snapshot_attributes().db_snapshot_identifier(name);
    let answer = match describe.send().await.operation("rds:DescribeDBSnapshotAttributes") {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let attributes = answer.db_snapshot_attributes_result.and_then(|result| result.db_snapshot_attributes);
    let shared = attributes
        .unwrap_or_default()
        .into_iter()
        .find(|attribute| attribute.attribute_name.as_deref() == Some(SHARED_WITH));
    Ok(shared.and_then(|attribute| attribute.attribute_values).unwrap_or_default())
}

/// Shares a snapshot with the accounts that are wanted, and with no other one that had it.
async fn share(aws: &Aws, name: &str, have: &[String], want: &[String]) -> Result<(), ProviderError> {
    let missing = |from: &[String], list: &[String]| -> Option<Vec<String>> {
        let missing: Vec<String> = list.iter().filter(|account| !from.contains(account)).cloned().collect();
        (!missing.is_empty()).then_some(missing)
    };
    let (add, remove) = (missing(have, want), missing(want, have));
    if add.is_none() && remove.is_none() {
        return Ok(());
    }
    aws.rds()
        .modify_db_snapshot_attribute()
        .db_snapshot_identifier(name)
        .attribute_name(SHARED_WITH)
        .set_values_to_add(add)
        .set_values_to_remove(remove)
        .send()
        .await
        .operation("rds:ModifyDBSnapshotAttribute")?;
    Ok(())
}

async fn until_available(aws: &Aws, name: &str, patience: Duration) -> Result<(), ProviderError> {
    let start = Instant::now();
    loop {
        let live = named(aws, vec![name.to_string()]).await?.pop_first();
        let status = live.and_then(|(_, live)| live.status).unwrap_or_default();
        if status == "available" {
            return Ok(());
        }
        if status == "failed" || start.elapsed() >= patience {
            let message = format!("it can't be shared; last seen: status {status}");
            return Err(ProviderError::new(ErrorKind::NotReady, "wait for aws_db_snapshot", message));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn taken(error: ProviderError) -> ProviderError {
    if error.kind == ErrorKind::AlreadyExists {
        error.hint("choose another `db_snapshot_identifier`, or take it over with `infra import`")
    } else {
        error
    }
}
