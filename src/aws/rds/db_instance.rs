//! `aws_db_instance`: a database server.
//!
//! It is made in one of five ways (new, replica, from a snapshot, from a point in time, from a backup in S3). The calls of
//! most of them don't take all arguments: what they leave is asked for once the instance is available.
//!
//! Changes that wait for the maintenance window count as made: `read` keeps the value last asked for while AWS says that it
//! is pending, so that a plan is empty until then. The password is never read back.

mod change;
mod create;
pub mod describe;
pub mod live;
pub mod rules;
pub mod status;

use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refine, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use model::path::Path;
use model::value::Value;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::names;
use crate::rds::retry::retry;

/// What the token's time and the service's clock may differ by.
const CLOCK_SKEW_S: i64 = 60;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DbInstance {
    address: String,
    allocated_storage: i32,
    allow_major_version_upgrade: Option<bool>,
    apply_immediately: Option<bool>,
    arn: String,
    auto_minor_version_upgrade: bool,
    availability_zone: String,
    backup_retention_period: Option<i32>,
    backup_target: String,
    backup_window: String,
    blue_green_update: Vec<BlueGreenUpdate>,
    ca_cert_identifier: String,
    character_set_name: String,
    copy_tags_to_snapshot: bool,
    custom_iam_instance_profile: String,
    customer_owned_ip_enabled: bool,
    database_insights_mode: String,
    db_name: String,
    db_subnet_group_name: String,
    dedicated_log_volume: bool,
    delete_automated_backups: Option<bool>,
    deletion_protection: bool,
    domain: String,
    domain_auth_secret_arn: String,
    domain_dns_ips: Vec<String>,
    domain_fqdn: String,
    domain_iam_role_name: String,
    domain_ou: String,
    enabled_cloudwatch_logs_exports: Vec<String>,
    endpoint: String,
    engine: String,
    engine_lifecycle_support: String,
    engine_version: String,
    engine_version_actual: String,
    final_snapshot_identifier: Option<String>,
    hosted_zone_id: String,
    iam_database_authentication_enabled: bool,
    id: String,
    identifier: String,
    identifier_prefix: String,
    instance_class: String,
    iops: i32,
    kms_key_id: String,
    latest_restorable_time: String,
    license_model: String,
    listener_endpoint: Vec<ListenerEndpoint>,
    maintenance_window: String,
    manage_master_user_password: Option<bool>,
    master_user_secret: Vec<MasterUserSecret>,
    master_user_secret_kms_key_id: Option<String>,
    /// Zero where storage does not grow by itself.
    max_allocated_storage: i32,
    monitoring_interval: i32,
    monitoring_role_arn: String,
    multi_az: bool,
    nchar_character_set_name: String,
    network_type: String,
    option_group_name: String,
    parameter_group_name: String,
    password: Option<String>,
    password_wo: Option<String>,
    password_wo_version: Option<i64>,
    performance_insights_enabled: bool,
    performance_insights_kms_key_id: String,
    performance_insights_retention_period: i32,
    port: i32,
    publicly_accessible: bool,
    replica_mode: String,
    replicas: Vec<String>,
    replicate_source_db: String,
    resource_id: String,
    restore_to_point_in_time: Vec<RestoreToPointInTime>,
    s3_import: Vec<S3Import>,
    skip_final_snapshot: Option<bool>,
    snapshot_identifier: Option<String>,
    status: String,
    storage_encrypted: bool,
    storage_throughput: i32,
    storage_type: String,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    timezone: String,
    upgrade_storage_config: Option<bool>,
    username: String,
    vpc_security_group_ids: Vec<String>,
    #[serde(skip)]
    moving: status::Moving,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct BlueGreenUpdate {
    enabled: Option<bool>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct ListenerEndpoint {
    address: String,
    hosted_zone_id: String,
    port: i32,
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
    restore_time: Option<String>,
    source_db_instance_automated_backups_arn: Option<String>,
    source_db_instance_identifier: Option<String>,
    source_dbi_resource_id: Option<String>,
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

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for DbInstance {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_db_instance";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(40, 80, 60);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        create::create(aws, want, creation).await
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let names: Vec<&str> = have.iter().map(|instance| instance.id.as_str()).collect();
        let live = describe::named(aws, &names).await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| describe::is_named(live, &have.id))?;
            Some(have.with_live(live.clone()))
        };
        let mut instances: Vec<Option<Self>> = have.iter().map(find).collect();
        for instance in instances.iter_mut().flatten() {
            status::explain(aws, instance).await;
        }
        Ok(instances)
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
        let deleted = retry(have.patience(Timed::Delete), || async {
            let delete = aws
                .rds()
                .delete_db_instance()
                .db_instance_identifier(&have.identifier)
                .delete_automated_backups(have.delete_automated_backups.unwrap_or(true))
                .set_final_db_snapshot_identifier(snapshot.clone())
                .skip_final_snapshot(skip);
            match delete.send().await.operation("rds:DeleteDBInstance") {
                Err(error) if error.message.contains("is already being deleted") => Ok(()),
                ended => ended.map(drop),
            }
        });
        match deleted.await {
            Err(error) if !error.is_not_found() => Err(not_deleted(error, have)),
            ended => ended,
        }
    }

    fn readiness(&self, want: &Self) -> Readiness {
        self.moving.readiness(&self.status, want.apply_immediately == Some(true))
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let identifier = want.identifier(token);
        let Some(live) = describe::named(aws, &[&identifier]).await?.pop() else { return Ok(None) };
        // Until it is there, an instance has no creation time.
        let made_at = live.instance_create_time.map(|time| time.secs());
        if made_at.is_some_and(|made_at| made_at < token.at.as_second() - CLOCK_SKEW_S) {
            let message = format!("a DB instance named `{identifier}` was there before this create");
            return Err(taken(ProviderError::new(ErrorKind::AlreadyExists, "rds:CreateDBInstance", message)));
        }
        Ok(Some(want.born().with_live(live)))
    }

    fn loss(&self) -> Option<&'static str> {
        let is_copied = self.skip_final_snapshot != Some(true) || !self.replicate_source_db.is_empty();
        (!is_copied).then_some("its databases, as no final snapshot is taken")
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DbInstance {
            id: id.to_string(),
            // No call tells these, and deleting an instance without a snapshot's name needs the choice to skip it.
            delete_automated_backups: Some(true),
            skip_final_snapshot: Some(true),
            ..DbInstance::default()
        })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        rules::is_equivalent(attribute, prior, config)
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
    Create,
    Update,
    Delete,
}

impl DbInstance {
    /// The identifier to create the instance under.
    fn identifier(&self, token: &Token) -> String {
        names::given_or_unique(&self.identifier, &self.identifier_prefix, token)
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
}

fn taken(error: ProviderError) -> ProviderError {
    error.hint("choose another `identifier`, or take the instance over with `infra import`")
}

/// The error of a delete with what the user can do about it.
fn not_deleted(error: ProviderError, have: &DbInstance) -> ProviderError {
    if error.message.contains("delete protected DB Instance") {
        error.hint("set `deletion_protection = false` and apply that, then destroy it")
    } else if error.kind == ErrorKind::AlreadyExists {
        error.hint("delete that snapshot, or apply another `final_snapshot_identifier` first")
    } else if !have.replicate_source_db.is_empty() && have.skip_final_snapshot != Some(true) {
        error.hint("a replica has no final snapshot: set `skip_final_snapshot = true` and apply that first")
    } else {
        error
    }
}
