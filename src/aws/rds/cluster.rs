//! `aws_rds_cluster`: the storage and the endpoints that instances of Aurora, or a Multi-AZ deployment, share.
//!
//! It is made in one of four ways (new, from a snapshot, from a point in time, from a backup in S3). The calls of most of
//! them don't take all arguments: what they leave is asked for once the cluster is available. The password is never read back.

pub mod change;
mod create;
pub mod describe;
mod live;
pub mod rules;
mod status;

use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::propose::is_empty;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::names;
use crate::rds::retry::retry;

/// What the token's time and the service's clock may differ by.
const CLOCK_SKEW_S: i64 = 60;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cluster {
    allocated_storage: i32,
    allow_major_version_upgrade: Option<bool>,
    apply_immediately: Option<bool>,
    arn: String,
    availability_zones: Vec<String>,
    backtrack_window: i64,
    backup_retention_period: i32,
    ca_certificate_identifier: Option<String>,
    ca_certificate_valid_till: Option<String>,
    cluster_identifier: String,
    cluster_identifier_prefix: String,
    cluster_members: Vec<String>,
    cluster_resource_id: String,
    cluster_scalability_type: String,
    copy_tags_to_snapshot: bool,
    database_insights_mode: String,
    database_name: Option<String>,
    db_cluster_instance_class: String,
    db_cluster_parameter_group_name: String,
    db_instance_parameter_group_name: Option<String>,
    db_subnet_group_name: String,
    db_system_id: String,
    delete_automated_backups: Option<bool>,
    deletion_protection: bool,
    domain: String,
    domain_iam_role_name: String,
    enable_global_write_forwarding: bool,
    enable_http_endpoint: bool,
    enable_local_write_forwarding: bool,
    enabled_cloudwatch_logs_exports: Vec<String>,
    endpoint: String,
    engine: String,
    engine_lifecycle_support: String,
    engine_mode: String,
    engine_version: String,
    engine_version_actual: String,
    final_snapshot_identifier: Option<String>,
    global_cluster_identifier: String,
    hosted_zone_id: String,
    iam_database_authentication_enabled: bool,
    iam_roles: Vec<String>,
    id: String,
    iops: i32,
    kms_key_id: String,
    manage_master_user_password: Option<bool>,
    master_password: Option<String>,
    master_password_wo: Option<String>,
    master_password_wo_version: Option<i64>,
    master_user_secret: Vec<MasterUserSecret>,
    master_user_secret_kms_key_id: Option<String>,
    master_username: String,
    monitoring_interval: i32,
    monitoring_role_arn: String,
    network_type: String,
    performance_insights_enabled: bool,
    performance_insights_kms_key_id: String,
    performance_insights_retention_period: i32,
    port: i32,
    preferred_backup_window: String,
    preferred_maintenance_window: String,
    reader_endpoint: String,
    replication_source_identifier: String,
    restore_to_point_in_time: Vec<RestoreToPointInTime>,
    s3_import: Vec<S3Import>,
    scaling_configuration: Vec<Scaling>,
    serverlessv2_scaling_configuration: Vec<ServerlessV2Scaling>,
    skip_final_snapshot: Option<bool>,
    snapshot_identifier: Option<String>,
    source_region: Option<String>,
    storage_encrypted: bool,
    storage_type: String,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc_security_group_ids: Vec<String>,
    #[serde(skip)]
    moving: status::Moving,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct MasterUserSecret {
    kms_key_id: String,
    secret_arn: String,
    secret_status: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct RestoreToPointInTime {
    restore_to_time: Option<String>,
    restore_type: Option<String>,
    source_cluster_identifier: Option<String>,
    source_cluster_resource_id: Option<String>,
    use_latest_restorable_time: Option<bool>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct S3Import {
    bucket_name: String,
    bucket_prefix: Option<String>,
    ingestion_role: String,
    source_engine: String,
    source_engine_version: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Scaling {
    auto_pause: bool,
    max_capacity: i32,
    min_capacity: i32,
    seconds_before_timeout: i32,
    seconds_until_auto_pause: i32,
    timeout_action: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct ServerlessV2Scaling {
    max_capacity: f64,
    min_capacity: f64,
    seconds_until_auto_pause: i32,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for Cluster {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_rds_cluster";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(120, 120, 120);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        create::create(aws, want, creation).await
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let names: Vec<&str> = have.iter().map(|cluster| cluster.id.as_str()).collect();
        let live = describe::named(aws, &names).await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| describe::is_named(live, &have.id))?;
            Some(have.with_live(live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        change::update(aws, have, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let skip = have.skip_final_snapshot.unwrap_or(false);
        let snapshot = have.final_snapshot_identifier.clone().filter(|name| !skip && !name.is_empty());
        if !skip && snapshot.is_none() {
            let message = "`final_snapshot_identifier` is required when `skip_final_snapshot` is false";
            return Err(ProviderError::invalid(format!("delete {}", Self::TYPE), message)
                .attribute(Path::attribute("final_snapshot_identifier"))
                .hint("set one of them and apply that first: a delete goes by what the state holds"));
        }
        change::leave_global_cluster(aws, have).await?;
        let deleted = retry(have.patience(Timed::Delete), || async {
            let delete = aws
                .rds()
                .delete_db_cluster()
                .db_cluster_identifier(&have.id)
                .delete_automated_backups(have.delete_automated_backups.unwrap_or(true))
                .set_final_db_snapshot_identifier(snapshot.clone())
                .skip_final_snapshot(skip);
            match delete.send().await.operation("rds:DeleteDBCluster") {
                Err(error) if error.message.contains("already being deleted") => Ok(()),
                ended => ended.map(drop),
            }
        });
        match deleted.await {
            Err(error) if !error.is_not_found() => Err(not_deleted(error)),
            ended => ended,
        }
    }

    fn readiness(&self, want: &Self) -> Readiness {
        self.moving.readiness(want.apply_immediately == Some(true))
    }

    async fn explain(aws: &Aws, live: &Self) -> Option<String> {
        status::explain(aws, &live.id).await
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let identifier = want.identifier(token);
        let Some(live) = describe::named(aws, &[&identifier]).await?.pop() else { return Ok(None) };
        let made_at = live.cluster_create_time.map(|time| time.secs());
        if made_at.is_some_and(|made_at| made_at < token.at.as_second() - CLOCK_SKEW_S) {
            let message = format!("a DB cluster named `{identifier}` was there before this create");
            return Err(taken("rds:CreateDBCluster", message));
        }
        Ok(Some(want.born().with_live(live)))
    }

    fn loss(&self) -> Option<&'static str> {
        let is_copied = self.skip_final_snapshot != Some(true) || !self.replication_source_identifier.is_empty();
        (!is_copied).then_some("its databases, as no final snapshot is taken")
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Cluster {
            id: id.to_string(),
            // No call tells these, and deleting a cluster without a snapshot's name needs the choice to skip it.
            delete_automated_backups: Some(true),
            skip_final_snapshot: Some(true),
            ..Cluster::default()
        })
    }

    fn equivalent(attribute: &str, _prior: &Value, config: &Value) -> bool {
        // What a cluster was once restored from does not matter any more.
        attribute == "snapshot_identifier" && is_empty(config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        rules::validate(config)
    }
}

/// What a wait is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Timed {
    Create,
    Update,
    Delete,
}

impl Cluster {
    /// The identifier to create the cluster under.
    fn identifier(&self, token: &Token) -> String {
        names::given_or_unique(&self.cluster_identifier, &self.cluster_identifier_prefix, token)
    }

    /// How long to wait: what `timeouts` says, else the type's own time.
    fn patience(&self, timed: Timed) -> std::time::Duration {
        let timeouts = self.timeouts.as_ref();
        let (written, default) = match timed {
            Timed::Create => (timeouts.and_then(|written| written.create.as_deref()), Self::TIMEOUTS.create),
            Timed::Update => (timeouts.and_then(|written| written.update.as_deref()), Self::TIMEOUTS.update),
            Timed::Delete => (timeouts.and_then(|written| written.delete.as_deref()), Self::TIMEOUTS.delete),
        };
        written.and_then(provider::adapter::parse_duration).unwrap_or(default)
    }

    /// The password that the configuration gives, in either way.
    fn given_password(&self) -> Option<String> {
        let given = |password: &Option<String>| password.clone().filter(|password| !password.is_empty());
        given(&self.master_password).or_else(|| given(&self.master_password_wo))
    }
}

/// The error of a delete with what the user can do about it.
fn not_deleted(error: ProviderError) -> ProviderError {
    if error.message.contains("delete protect") || error.message.contains("deletion protection") {
        error.hint("set `deletion_protection = false` and apply that, then destroy it")
    } else if error.kind == ErrorKind::AlreadyExists {
        error.hint("delete that snapshot, or apply another `final_snapshot_identifier` first")
    } else if error.message.contains("still contains DB instances") {
        error.hint("delete the instances of the cluster first")
    } else {
        error
    }
}
