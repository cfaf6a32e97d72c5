//! The five ways to make an instance, and what each leaves to a change once the instance is available.

use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDbInstanceInputBuilder;
use aws_sdk_rds::types::{DatabaseInsightsMode, DbInstance as Live, ReplicaMode};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use model::path::Path;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Creation;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given::{listed, on, positive};
use crate::rds::db_instance::{DbInstance, RestoreToPointInTime, S3Import, Timed, change, status, taken};
use crate::rds::known::is_version_of;
use crate::rds::retry::retry;
use crate::rds::{given, tags};

/// Engines whose snapshots hold their databases' names; a restore takes no other.
const ENGINES_THAT_KEEP_NAMES: [&str; 3] = ["mysql", "mariadb", "postgres"];

/// What the instance is made from.
enum Origin<'a> {
    Nothing,
    /// Another instance, which it follows.
    Source,
    Snapshot(&'a str),
    PointInTime(&'a RestoreToPointInTime),
    Backup(&'a S3Import),
}

/// What every call that makes an instance takes.
macro_rules! shaped {
    ($call:expr, $want:expr) => {
        $call
            .db_instance_class(&$want.instance_class)
            .auto_minor_version_upgrade($want.auto_minor_version_upgrade)
            .copy_tags_to_snapshot($want.copy_tags_to_snapshot)
            .deletion_protection($want.deletion_protection)
            .publicly_accessible($want.publicly_accessible)
            .set_allocated_storage(positive($want.allocated_storage))
            .set_availability_zone(given(&$want.availability_zone))
            .set_ca_certificate_identifier(given(&$want.ca_cert_identifier))
            .set_db_subnet_group_name(given(&$want.db_subnet_group_name))
            .set_dedicated_log_volume(on($want.dedicated_log_volume))
            .set_enable_cloudwatch_logs_exports(listed(&$want.enabled_cloudwatch_logs_exports))
            .set_enable_iam_database_authentication(on($want.iam_database_authentication_enabled))
            .set_iops(positive($want.iops))
            .set_multi_az(on($want.multi_az))
            .set_network_type(given(&$want.network_type))
            .set_option_group_name(given(&$want.option_group_name))
            .set_port(positive($want.port))
            .set_storage_throughput(positive($want.storage_throughput))
            .set_storage_type(given(&$want.storage_type))
            .set_tags(tags::request(&$want.tags_all))
            .set_vpc_security_group_ids(listed(&$want.vpc_security_group_ids))
    };
}

/// What the calls take that don't read from S3.
macro_rules! placed {
    ($call:expr, $want:expr) => {
        $call
            .set_backup_target(given(&$want.backup_target))
            .set_custom_iam_instance_profile(given(&$want.custom_iam_instance_profile))
            .set_domain(given(&$want.domain))
            .set_domain_auth_secret_arn(given(&$want.domain_auth_secret_arn))
            .set_domain_dns_ips(listed(&$want.domain_dns_ips))
            .set_domain_fqdn(given(&$want.domain_fqdn))
            .set_domain_iam_role_name(given(&$want.domain_iam_role_name))
            .set_domain_ou(given(&$want.domain_ou))
            .set_enable_customer_owned_ip(on($want.customer_owned_ip_enabled))
    };
}

/// What the calls take that make an instance with watching of its own.
macro_rules! watched {
    ($call:expr, $want:expr) => {
        $call
            .set_database_insights_mode(insights_mode($want))
            .set_enable_performance_insights(on($want.performance_insights_enabled))
            .set_monitoring_interval(positive($want.monitoring_interval))
            .set_monitoring_role_arn(given(&$want.monitoring_role_arn))
            .set_performance_insights_kms_key_id(given(&$want.performance_insights_kms_key_id))
            .set_performance_insights_retention_period(positive($want.performance_insights_retention_period))
    };
}

/// Makes the instance. Where its call doesn't take everything, waits for it to be available and asks for the rest.
pub async fn create(
    aws: &Aws,
    want: &DbInstance,
    creation: &Creation<'_, DbInstance>,
) -> Result<DbInstance, ProviderError> {
    let want = DbInstance { identifier: want.identifier(creation.token), ..want.clone() };
    want.check(aws)?;
    let patience = want.patience(Timed::Create);
    let made = retry(patience, || async { want.make(aws).await.map_err(explained) }).await?;
    let live = made.ok_or_else(|| {
        ProviderError::new(ErrorKind::Other, "rds:CreateDBInstance", "the answer does not hold the instance")
    })?;
    let rest = want.rest(&live);
    let instance = DbInstance {
        id: live.dbi_resource_id.clone().unwrap_or_else(|| want.identifier.clone()),
        arn: live.db_instance_arn.clone().unwrap_or_default(),
        status: live.db_instance_status.clone().unwrap_or_default(),
        ..want
    };
    if rest == ModifyDbInstanceInputBuilder::default() {
        return Ok(instance);
    }
    let _durable = creation.born(&instance.born()).await;
    status::until_settled(aws, &instance.id, patience).await?;
    change::modify(aws, rest.apply_immediately(true), &instance.identifier, patience).await?;
    status::until_settled(aws, &instance.id, patience).await?;
    if instance.needs_reboot() {
        let reboot = aws.rds().reboot_db_instance().db_instance_identifier(&instance.identifier);
        reboot.send().await.operation("rds:RebootDBInstance")?;
    }
    Ok(instance)
}

impl DbInstance {
    fn origin(&self) -> Origin<'_> {
        let snapshot = self.snapshot_identifier.as_deref().filter(|snapshot| !snapshot.is_empty());
        if !self.replicate_source_db.is_empty() {
            Origin::Source
        } else if let Some(backup) = self.s3_import.first() {
            Origin::Backup(backup)
        } else if let Some(snapshot) = snapshot {
            Origin::Snapshot(snapshot)
        } else if let Some(point) = self.restore_to_point_in_time.first() {
            Origin::PointInTime(point)
        } else {
            Origin::Nothing
        }
    }

    /// Whether the call that makes the instance sets its password.
    pub(super) fn takes_password_at_once(&self) -> bool {
        match self.origin() {
            Origin::Nothing | Origin::Backup(_) => true,
            Origin::Source | Origin::Snapshot(_) | Origin::PointInTime(_) => false,
        }
    }

    /// The password that the configuration gives, in either way.
    pub(super) fn given_password(&self) -> Option<String> {
        let given = |password: &Option<String>| password.clone().filter(|password| !password.is_empty());
        given(&self.password).or_else(|| given(&self.password_wo))
    }

    /// Whether the source is in another region: then it is named by its ARN.
    fn is_from_afar(&self) -> bool {
        self.replicate_source_db.starts_with("arn:")
    }

    /// The parameters that a replica gets after it was made take effect when it starts again.
    fn needs_reboot(&self) -> bool {
        matches!(self.origin(), Origin::Source) && !self.is_from_afar() && !self.parameter_group_name.is_empty()
    }

    /// Refuses what the calls can't be made with, before the first one.
    fn check(&self, aws: &Aws) -> Result<(), ProviderError> {
        let refuse = |attribute: &str, message: String| {
            Err(ProviderError::invalid("create aws_db_instance", message).attribute(Path::attribute(attribute)))
        };
        let is_new = match self.origin() {
            Origin::Nothing | Origin::Backup(_) => true,
            Origin::Source | Origin::Snapshot(_) | Origin::PointInTime(_) => false,
        };
        let missing = [
            ("allocated_storage", self.allocated_storage == 0),
            ("engine", self.engine.is_empty()),
            ("username", self.username.is_empty()),
            ("password", self.given_password().is_none() && self.manage_master_user_password != Some(true)),
        ];
        if let Some((attribute, _)) = missing.into_iter().find(|(_, is_missing)| is_new && *is_missing) {
            let message = format!(
                "`{attribute}` is required unless the instance is a replica or restored from a snapshot or a point in time"
            );
            return match attribute {
                "password" => refuse(attribute, format!("{message}; `manage_master_user_password` does as well")),
                _ => refuse(attribute, message),
            };
        }
        let is_custom = !self.custom_iam_instance_profile.is_empty();
        if is_custom && matches!(self.origin(), Origin::Backup(_)) {
            let message =
                "RDS Custom does not restore from S3: `s3_import` and `custom_iam_instance_profile` exclude each other";
            return refuse("custom_iam_instance_profile", message.into());
        }
        let source_region = self.replicate_source_db.split(':').nth(3);
        let needs_signed_url = aws.partition() != "aws" && source_region.is_some_and(|region| region != aws.region());
        if needs_signed_url {
            let message = "replicas across regions are not supported in this partition";
            return refuse("replicate_source_db", message.into());
        }
        Ok(())
    }

    async fn make(&self, aws: &Aws) -> Result<Option<Live>, ProviderError> {
        match self.origin() {
            Origin::Nothing => self.make_new(aws).await,
            Origin::Source => self.make_replica(aws).await,
            Origin::Snapshot(snapshot) => self.restore_snapshot(aws, snapshot).await,
            Origin::PointInTime(point) => self.restore_point(aws, point).await,
            Origin::Backup(backup) => self.restore_backup(aws, backup).await,
        }
    }

    async fn make_new(&self, aws: &Aws) -> Result<Option<Live>, ProviderError> {
        let call = watched!(placed!(shaped!(aws.rds().create_db_instance(), self), self), self)
            .db_instance_identifier(&self.identifier)
            .backup_retention_period(self.backup_retention_period.unwrap_or(0))
            .engine(&self.engine)
            .master_username(&self.username)
            .storage_encrypted(self.storage_encrypted)
            .set_character_set_name(given(&self.character_set_name))
            .set_db_name(given(&self.db_name))
            .set_db_parameter_group_name(given(&self.parameter_group_name))
            .set_engine_lifecycle_support(given(&self.engine_lifecycle_support))
            .set_engine_version(given(&self.engine_version))
            .set_kms_key_id(given(&self.kms_key_id))
            .set_license_model(given(&self.license_model))
            .set_manage_master_user_password(self.manage_master_user_password.filter(|manage| *manage))
            .set_max_allocated_storage(positive(self.max_allocated_storage))
            .set_master_user_password(self.given_password())
            .set_master_user_secret_kms_key_id(self.master_user_secret_kms_key_id.clone())
            .set_nchar_character_set_name(given(&self.nchar_character_set_name))
            .set_preferred_backup_window(given(&self.backup_window))
            .set_preferred_maintenance_window(given(&self.maintenance_window))
            .set_timezone(given(&self.timezone));
        Ok(call.send().await.operation("rds:CreateDBInstance")?.db_instance)
    }

    async fn make_replica(&self, aws: &Aws) -> Result<Option<Live>, ProviderError> {
        let parameters = given(&self.parameter_group_name).filter(|_| self.is_from_afar());
        let call = watched!(placed!(shaped!(aws.rds().create_db_instance_read_replica(), self), self), self)
            .db_instance_identifier(&self.identifier)
            .source_db_instance_identifier(&self.replicate_source_db)
            .set_db_parameter_group_name(parameters)
            .set_kms_key_id(given(&self.kms_key_id))
            .set_max_allocated_storage(positive(self.max_allocated_storage))
            .set_replica_mode(given(&self.replica_mode).map(|mode| ReplicaMode::from(mode.as_str())))
            .set_upgrade_storage_config(self.upgrade_storage_config);
        Ok(call.send().await.operation("rds:CreateDBInstanceReadReplica")?.db_instance)
    }

    async fn restore_snapshot(&self, aws: &Aws, snapshot: &str) -> Result<Option<Live>, ProviderError> {
        let call = placed!(shaped!(aws.rds().restore_db_instance_from_db_snapshot(), self), self)
            .db_instance_identifier(&self.identifier)
            .db_snapshot_identifier(snapshot)
            .set_backup_retention_period(self.backup_retention_period)
            .set_db_name(self.restored_name())
            .set_db_parameter_group_name(given(&self.parameter_group_name))
            .set_engine(given(&self.engine))
            .set_engine_lifecycle_support(given(&self.engine_lifecycle_support))
            .set_license_model(given(&self.license_model))
            .set_manage_master_user_password(self.manage_master_user_password.filter(|manage| *manage))
            .set_master_user_secret_kms_key_id(self.master_user_secret_kms_key_id.clone())
            .set_preferred_backup_window(given(&self.backup_window));
        Ok(call.send().await.operation("rds:RestoreDBInstanceFromDBSnapshot")?.db_instance)
    }

    async fn restore_point(&self, aws: &Aws, point: &RestoreToPointInTime) -> Result<Option<Live>, ProviderError> {
        let call = placed!(shaped!(aws.rds().restore_db_instance_to_point_in_time(), self), self)
            .target_db_instance_identifier(&self.identifier)
            .set_backup_retention_period(self.backup_retention_period)
            .set_db_name(self.restored_name())
            .set_db_parameter_group_name(given(&self.parameter_group_name))
            .set_engine(given(&self.engine))
            .set_engine_lifecycle_support(given(&self.engine_lifecycle_support))
            .set_license_model(given(&self.license_model))
            .set_manage_master_user_password(self.manage_master_user_password.filter(|manage| *manage))
            .set_max_allocated_storage(positive(self.max_allocated_storage))
            .set_master_user_secret_kms_key_id(self.master_user_secret_kms_key_id.clone())
            .set_preferred_backup_window(given(&self.backup_window))
            .set_restore_time(restore_time(point)?)
            .set_source_db_instance_automated_backups_arn(point.source_db_instance_automated_backups_arn.clone())
            .set_source_db_instance_identifier(point.source_db_instance_identifier.clone())
            .set_source_dbi_resource_id(point.source_dbi_resource_id.clone())
            .set_use_latest_restorable_time(point.use_latest_restorable_time);
        Ok(call.send().await.operation("rds:RestoreDBInstanceToPointInTime")?.db_instance)
    }

    async fn restore_backup(&self, aws: &Aws, backup: &S3Import) -> Result<Option<Live>, ProviderError> {
        let call = watched!(shaped!(aws.rds().restore_db_instance_from_s3(), self), self)
            .db_instance_identifier(&self.identifier)
            .backup_retention_period(self.backup_retention_period.unwrap_or(0))
            .engine(&self.engine)
            .master_username(&self.username)
            .s3_bucket_name(&backup.bucket_name)
            .s3_ingestion_role_arn(&backup.ingestion_role)
            .source_engine(&backup.source_engine)
            .source_engine_version(&backup.source_engine_version)
            .storage_encrypted(self.storage_encrypted)
            .set_db_name(given(&self.db_name))
            .set_db_parameter_group_name(given(&self.parameter_group_name))
            .set_engine_lifecycle_support(given(&self.engine_lifecycle_support))
            .set_engine_version(given(&self.engine_version))
            .set_kms_key_id(given(&self.kms_key_id))
            .set_license_model(given(&self.license_model))
            .set_manage_master_user_password(self.manage_master_user_password.filter(|manage| *manage))
            .set_max_allocated_storage(positive(self.max_allocated_storage))
            .set_master_user_password(self.given_password())
            .set_master_user_secret_kms_key_id(self.master_user_secret_kms_key_id.clone())
            .set_preferred_backup_window(given(&self.backup_window))
            .set_preferred_maintenance_window(given(&self.maintenance_window))
            .set_s3_prefix(backup.bucket_prefix.clone());
        Ok(call.send().await.operation("rds:RestoreDBInstanceFromS3")?.db_instance)
    }

    fn restored_name(&self) -> Option<String> {
        given(&self.db_name).filter(|_| !ENGINES_THAT_KEEP_NAMES.contains(&self.engine.as_str()))
    }

    /// What the call that made the instance did not take; nothing for a new one.
    fn rest(&self, live: &Live) -> ModifyDbInstanceInputBuilder {
        let rest = ModifyDbInstanceInputBuilder::default();
        match self.origin() {
            Origin::Nothing => rest,
            Origin::Source => {
                let parameters = given(&self.parameter_group_name).filter(|_| !self.is_from_afar());
                self.versioned_rest(rest, live)
                    .set_backup_retention_period(self.backup_retention_period.filter(|days| *days > 0))
                    .set_db_parameter_group_name(parameters)
                    .set_engine_lifecycle_support(given(&self.engine_lifecycle_support))
                    .set_manage_master_user_password(self.manage_master_user_password.filter(|manage| *manage))
                    .set_master_user_secret_kms_key_id(self.master_user_secret_kms_key_id.clone())
                    .set_preferred_backup_window(given(&self.backup_window))
            }
            Origin::Snapshot(_) => watched!(self.versioned_rest(rest, live), self)
                .set_max_allocated_storage(positive(self.max_allocated_storage)),
            Origin::PointInTime(_) => watched!(self.versioned_rest(rest, live), self),
            Origin::Backup(_) => rest
                .set_domain(given(&self.domain))
                .set_domain_auth_secret_arn(given(&self.domain_auth_secret_arn))
                .set_domain_dns_ips(listed(&self.domain_dns_ips))
                .set_domain_fqdn(given(&self.domain_fqdn))
                .set_domain_iam_role_name(given(&self.domain_iam_role_name))
                .set_domain_ou(given(&self.domain_ou))
                .set_enable_customer_owned_ip(on(self.customer_owned_ip_enabled)),
        }
    }

    /// What no copy of an instance takes.
    fn versioned_rest(&self, rest: ModifyDbInstanceInputBuilder, live: &Live) -> ModifyDbInstanceInputBuilder {
        let copied = live.engine_version.as_deref().unwrap_or_default();
        let version = given(&self.engine_version).filter(|version| !is_version_of(copied, version));
        rest.set_allow_major_version_upgrade(self.allow_major_version_upgrade.filter(|_| version.is_some()))
            .set_engine_version(version)
            .set_master_user_password(self.given_password())
            .set_preferred_maintenance_window(given(&self.maintenance_window))
    }
}

fn restore_time(point: &RestoreToPointInTime) -> Result<Option<DateTime>, ProviderError> {
    let Some(time) = point.restore_time.as_deref().filter(|time| !time.is_empty()) else { return Ok(None) };
    let parsed = DateTime::from_str(time, Format::DateTimeWithOffset).map_err(|error| {
        ProviderError::invalid(
            "create aws_db_instance",
            format!("`restore_time` must be a time such as `2024-05-01T12:00:00Z`, not `{time}`: {error}"),
        )
        .attribute(Path::attribute("restore_to_point_in_time"))
    })?;
    Ok(Some(parsed))
}

fn explained(error: ProviderError) -> ProviderError {
    if error.kind == ErrorKind::AlreadyExists { taken(error) } else { error }
}

pub(super) fn insights_mode(want: &DbInstance) -> Option<DatabaseInsightsMode> {
    given(&want.database_insights_mode).map(|mode| DatabaseInsightsMode::from(mode.as_str()))
}
