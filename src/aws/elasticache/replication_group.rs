//! `aws_elasticache_replication_group`: a cache for Redis or Valkey, of one or more shards with replicas.
//!
//! The group's description and that of its first member together tell its state: versions, windows and groups are the
//! members'. A group takes one change at a time, and is waited for in between.

mod change;
mod create;
mod live;
mod log_delivery;
mod rules;
mod version;

use std::time::Duration;

use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::propose::is_empty;
use provider::resource::{Creation, Readiness, Refine, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::elasticache::given;
use crate::failure::{Operation, taken};

/// What the token's time and the service's clock may differ by.
const CLOCK_SKEW_S: i64 = 60;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ReplicationGroup {
    apply_immediately: Option<bool>,
    arn: String,
    at_rest_encryption_enabled: String,
    auth_token: Option<String>,
    auth_token_update_strategy: Option<String>,
    auto_minor_version_upgrade: String,
    automatic_failover_enabled: bool,
    cluster_enabled: bool,
    cluster_mode: String,
    configuration_endpoint_address: Option<String>,
    data_tiering_enabled: bool,
    description: String,
    engine: String,
    engine_version: String,
    engine_version_actual: String,
    final_snapshot_identifier: Option<String>,
    global_replication_group_id: Option<String>,
    id: String,
    ip_discovery: String,
    kms_key_id: String,
    log_delivery_configuration: Vec<log_delivery::LogDelivery>,
    maintenance_window: String,
    member_clusters: Vec<String>,
    multi_az_enabled: bool,
    network_type: String,
    node_type: String,
    notification_topic_arn: Option<String>,
    num_cache_clusters: i32,
    num_node_groups: i32,
    parameter_group_name: Option<String>,
    port: i32,
    preferred_cache_cluster_azs: Option<Vec<String>>,
    primary_endpoint_address: Option<String>,
    reader_endpoint_address: Option<String>,
    replicas_per_node_group: i32,
    replication_group_id: String,
    security_group_ids: Vec<String>,
    security_group_names: Vec<String>,
    snapshot_arns: Option<Vec<String>>,
    snapshot_name: Option<String>,
    snapshot_retention_limit: i32,
    snapshot_window: String,
    subnet_group_name: String,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    transit_encryption_enabled: bool,
    transit_encryption_mode: String,
    user_group_ids: Option<Vec<String>>,
    #[serde(skip)]
    status: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for ReplicationGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_elasticache_replication_group";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(60, 40, 45);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        create::create(aws, want).await
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        live::read(aws, have).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        change::update(aws, have, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        change::leave_global_group(aws, have).await?;
        let snapshot = have.final_snapshot_identifier.as_deref().and_then(given);
        change::in_turn(have.patience(Timed::Delete), || async {
            let delete = aws.elasticache().delete_replication_group().replication_group_id(&have.id);
            let delete = delete.set_final_snapshot_identifier(snapshot.clone());
            match delete.send().await.operation("elasticache:DeleteReplicationGroup") {
                Err(error) if error.message.contains("deleting status") => Ok(()),
                ended => ended.map(drop),
            }
        })
        .await
    }

    /// Statuses are those of `ReplicationGroup` in the Amazon ElastiCache API Reference.
    fn readiness(&self, _want: &Self) -> Readiness {
        match self.status.as_str() {
            "available" => Readiness::Settled,
            "create-failed" => Readiness::Failed("the group's status is create-failed".into()),
            status => Readiness::Pending(format!("status {status}")),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = live::named(aws, &want.replication_group_id).await? else { return Ok(None) };
        let made_at = live.replication_group_create_time.map(|time| time.secs());
        if made_at.is_some_and(|made_at| made_at < token.at.as_second() - CLOCK_SKEW_S) {
            let message = format!("a group named `{}` was there before this create", want.replication_group_id);
            return Err(taken("elasticache:CreateReplicationGroup", message));
        }
        let named = ReplicationGroup { id: want.replication_group_id.clone(), ..want.clone() };
        Ok(live::read(aws, &[named]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(ReplicationGroup {
            id: id.to_string(),
            auth_token_update_strategy: Some("ROTATE".into()),
            ..ReplicationGroup::default()
        })
    }

    fn equivalent(attribute: &str, _prior: &Value, config: &Value) -> bool {
        // The port is the engine's own where none is asked for.
        attribute == "port" && is_empty(config)
    }

    fn refine(refine: Refine<'_>) {
        rules::refine(refine);
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        rules::validate(config)
    }
}

/// What a wait is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Timed {
    Update,
    Delete,
}

impl ReplicationGroup {
    /// How long to wait: what `timeouts` says, else the type's own time.
    fn patience(&self, timed: Timed) -> Duration {
        let timeouts = self.timeouts.as_ref();
        let (written, default) = match timed {
            Timed::Update => (timeouts.and_then(|written| written.update.as_deref()), Self::TIMEOUTS.update),
            Timed::Delete => (timeouts.and_then(|written| written.delete.as_deref()), Self::TIMEOUTS.delete),
        };
        written.and_then(provider::adapter::parse_duration).unwrap_or(default)
    }
}
