//! The four ways to make a cluster, and what each leaves to a change once the cluster is available.

use aws_sdk_rds::operation::modify_db_cluster::builders::ModifyDbClusterInputBuilder;
use aws_sdk_rds::types::{
    ClusterScalabilityType, DatabaseInsightsMode, DbCluster as Live, ScalingConfiguration,
    ServerlessV2ScalingConfiguration,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use model::path::Path;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Creation;

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken};
use crate::given::{listed, on, positive};
use crate::rds::cluster::{
    Cluster, RestoreToPointInTime, S3Import, Scaling, ServerlessV2Scaling, Timed, change, status,
};
use crate::rds::known::is_version_of;
use crate::rds::retry::retry;
use crate::rds::{given, tags};

/// What the cluster is made from.
enum Origin<'a> {
    Nothing,
    Snapshot(&'a str),
    PointInTime(&'a RestoreToPointInTime),
    Backup(&'a S3Import),
}

/// What every call that makes a cluster takes.
macro_rules! shaped {
    ($call:expr, $want:expr) => {
        $call
            .db_cluster_identifier(&$want.cluster_identifier)
            .copy_tags_to_snapshot($want.copy_tags_to_snapshot)
            .deletion_protection($want.deletion_protection)
            .set_backtrack_window((($want.backtrack_window) > 0).then_some($want.backtrack_window))
            .set_backup_retention_period(positive($want.backup_retention_period))
            .set_db_cluster_parameter_group_name(given(&$want.db_cluster_parameter_group_name))
            .set_db_subnet_group_name(given(&$want.db_subnet_group_name))
            .set_domain(given(&$want.domain))
            .set_domain_iam_role_name(given(&$want.domain_iam_role_name))
            .set_enable_cloudwatch_logs_exports(listed(&$want.enabled_cloudwatch_logs_exports))
            .set_enable_iam_database_authentication(on($want.iam_database_authentication_enabled))
            .set_engine_lifecycle_support(given(&$want.engine_lifecycle_support))
            .set_kms_key_id(given(&$want.kms_key_id))
            .set_network_type(given(&$want.network_type))
            .set_port(positive($want.port))
            .set_preferred_backup_window(given(&$want.preferred_backup_window))
            .set_serverless_v2_scaling_configuration($want.serverless_v2())
            .set_storage_type(given(&$want.storage_type))
            .set_tags(tags::request(&$want.tags_all))
            .set_vpc_security_group_ids(listed(&$want.vpc_security_group_ids))
    };
}

/// What the calls take that don't read from S3.
macro_rules! sized {
    ($call:expr, $want:expr) => {
        $call
            .set_db_cluster_instance_class(given(&$want.db_cluster_instance_class))
            .set_engine_mode(given(&$want.engine_mode))
            .set_iops(positive($want.iops))
            .set_scaling_configuration($want.scaling())
            .set_enable_performance_insights(on($want.performance_insights_enabled))
            .set_monitoring_interval(positive($want.monitoring_interval))
            .set_monitoring_role_arn(given(&$want.monitoring_role_arn))
            .set_performance_insights_kms_key_id(given(&$want.performance_insights_kms_key_id))
            .set_performance_insights_retention_period(positive($want.performance_insights_retention_period))
    };
}

/// Makes the cluster. Where its call doesn't take everything, waits for it to be available and asks for the rest.
pub async fn create(aws: &Aws, want: &Cluster, creation: &Creation<'_, Cluster>) -> Result<Cluster, ProviderError> {
    let want = Cluster { cluster_identifier: want.identifier(creation.token), ..want.clone() };
    want.check()?;
    let patience = want.patience(Timed::Create);
    let made = retry(patience, || async { want.make(aws).await.map_err(advise_where_taken) }).await?;
    let live = made.ok_or_else(|| {
        ProviderError::new(ErrorKind::Other, "rds:CreateDBCluster", "the answer does not hold the cluster")
    })?;
    let rest = want.rest(&live);
    let cluster = Cluster {
        id: want.cluster_identifier.clone(),
        arn: live.db_cluster_arn.unwrap_or_default(),
        cluster_resource_id: live.db_cluster_resource_id.unwrap_or_default(),
        ..want
    };
    let has_rest = rest != ModifyDbClusterInputBuilder::default();
    if !has_rest && cluster.iam_roles.is_empty() {
        return Ok(cluster);
    }
    let _durable = creation.born(&cluster.born()).await;
    status::until_settled(aws, &cluster.id, patience).await?;
    if has_rest {
        change::modify(aws, rest.apply_immediately(true), &cluster.id, patience).await?;
        status::until_settled(aws, &cluster.id, patience).await?;
    }
    for role in &cluster.iam_roles {
        change::add_role(aws, &cluster.id, role, patience).await?;
    }
    Ok(cluster)
}

impl Cluster {
    fn origin(&self) -> Origin<'_> {
        let snapshot = self.snapshot_identifier.as_deref().filter(|snapshot| !snapshot.is_empty());
        if let Some(snapshot) = snapshot {
            Origin::Snapshot(snapshot)
        } else if let Some(backup) = self.s3_import.first() {
            Origin::Backup(backup)
        } else if let Some(point) = self.restore_to_point_in_time.first() {
            Origin::PointInTime(point)
        } else {
            Origin::Nothing
        }
    }

    /// Whether the call that makes the cluster sets its password.
    pub(super) fn takes_password_at_once(&self) -> bool {
        match self.origin() {
            Origin::Nothing | Origin::Backup(_) => true,
            Origin::Snapshot(_) | Origin::PointInTime(_) => false,
        }
    }

    /// Refuses what the calls can't be made with, before the first one.
    fn check(&self) -> Result<(), ProviderError> {
        let refuse = |attribute: &str, message: &str| {
            Err(ProviderError::invalid("create aws_rds_cluster", message).attribute(Path::attribute(attribute)))
        };
        if self.source_region.as_deref().is_some_and(|region| !region.is_empty()) {
            let message = "replicas of encrypted clusters of other regions are not supported: `source_region` needs a \
                           signed request to that region";
            return refuse("source_region", message);
        }
        let is_new = matches!(self.origin(), Origin::Nothing | Origin::Backup(_))
            && self.replication_source_identifier.is_empty()
            && self.global_cluster_identifier.is_empty();
        if is_new && self.master_username.is_empty() {
            return refuse("master_username", "`master_username` is required for a new cluster");
        }
        if is_new && self.given_password().is_none() && self.manage_master_user_password != Some(true) {
            let message = "`master_password` or `manage_master_user_password` is required for a new cluster";
            return refuse("master_password", message);
        }
        Ok(())
    }

    async fn make(&self, aws: &Aws) -> Result<Option<Live>, ProviderError> {
        match self.origin() {
            Origin::Nothing => self.make_new(aws).await,
            Origin::Snapshot(snapshot) => self.restore_snapshot(aws, snapshot).await,
            Origin::PointInTime(point) => self.restore_point(aws, point).await,
            Origin::Backup(backup) => self.restore_backup(aws, backup).await,
        }
    }

    async fn make_new(&self, aws: &Aws) -> Result<Option<Live>, ProviderError> {
        let call = sized!(shaped!(aws.rds().create_db_cluster(), self), self)
            .engine(&self.engine)
            .set_allocated_storage(positive(self.allocated_storage))
            .set_availability_zones(listed(&self.availability_zones))
            .set_ca_certificate_identifier(self.ca_certificate_identifier.clone())
            .set_cluster_scalability_type(
                given(&self.cluster_scalability_type).map(|is| ClusterScalabilityType::from(is.as_str())),
            )
            .set_database_insights_mode(self.insights_mode())
            .set_database_name(self.database_name.clone())
            .set_db_system_id(given(&self.db_system_id))
            .set_enable_global_write_forwarding(on(self.enable_global_write_forwarding))
            .set_enable_http_endpoint(on(self.enable_http_endpoint))
            .set_enable_local_write_forwarding(on(self.enable_local_write_forwarding))
            .set_engine_version(given(&self.engine_version))
            .set_global_cluster_identifier(given(&self.global_cluster_identifier))
            .set_manage_master_user_password(self.manage_master_user_password.filter(|manage| *manage))
            .set_master_user_password(self.given_password())
            .set_master_user_secret_kms_key_id(self.master_user_secret_kms_key_id.clone())
            .set_master_username(given(&self.master_username))
            .set_preferred_maintenance_window(given(&self.preferred_maintenance_window))
            .set_replication_source_identifier(given(&self.replication_source_identifier))
            .set_storage_encrypted(on(self.storage_encrypted));
        Ok(call.send().await.operation("rds:CreateDBCluster")?.db_cluster)
    }

    async fn restore_snapshot(&self, aws: &Aws, snapshot: &str) -> Result<Option<Live>, ProviderError> {
        let call = sized!(shaped!(aws.rds().restore_db_cluster_from_snapshot(), self), self)
            .engine(&self.engine)
            .snapshot_identifier(snapshot)
            .set_availability_zones(listed(&self.availability_zones))
            .set_database_name(self.database_name.clone())
            .set_engine_version(given(&self.engine_version));
        Ok(call.send().await.operation("rds:RestoreDBClusterFromSnapshot")?.db_cluster)
    }

    async fn restore_point(&self, aws: &Aws, point: &RestoreToPointInTime) -> Result<Option<Live>, ProviderError> {
        let call = sized!(shaped!(aws.rds().restore_db_cluster_to_point_in_time(), self), self)
            .set_restore_to_time(restore_time(point)?)
            .set_restore_type(point.restore_type.clone())
            .set_source_db_cluster_identifier(point.source_cluster_identifier.clone())
            .set_source_db_cluster_resource_id(point.source_cluster_resource_id.clone())
            .set_use_latest_restorable_time(point.use_latest_restorable_time.filter(|latest| *latest));
        Ok(call.send().await.operation("rds:RestoreDBClusterToPointInTime")?.db_cluster)
    }

    async fn restore_backup(&self, aws: &Aws, backup: &S3Import) -> Result<Option<Live>, ProviderError> {
        let call = shaped!(aws.rds().restore_db_cluster_from_s3(), self)
            .engine(&self.engine)
            .master_username(&self.master_username)
            .s3_bucket_name(&backup.bucket_name)
            .s3_ingestion_role_arn(&backup.ingestion_role)
            .source_engine(&backup.source_engine)
            .source_engine_version(&backup.source_engine_version)
            .set_availability_zones(listed(&self.availability_zones))
            .set_database_name(self.database_name.clone())
            .set_engine_version(given(&self.engine_version))
            .set_manage_master_user_password(self.manage_master_user_password.filter(|manage| *manage))
            .set_master_user_password(self.given_password())
            .set_master_user_secret_kms_key_id(self.master_user_secret_kms_key_id.clone())
            .set_preferred_maintenance_window(given(&self.preferred_maintenance_window))
            .set_s3_prefix(backup.bucket_prefix.clone())
            .set_storage_encrypted(on(self.storage_encrypted));
        Ok(call.send().await.operation("rds:RestoreDBClusterFromS3")?.db_cluster)
    }

    /// What the call that made the cluster did not take; nothing for a new one.
    fn rest(&self, live: &Live) -> ModifyDbClusterInputBuilder {
        let rest = ModifyDbClusterInputBuilder::default();
        match self.origin() {
            Origin::Nothing => rest,
            Origin::Snapshot(_) => self.restored_rest(rest),
            Origin::PointInTime(_) => {
                let copied = live.engine_version.as_deref().unwrap_or_default();
                let version = given(&self.engine_version).filter(|version| !is_version_of(copied, version));
                self.restored_rest(rest)
                    .set_allow_major_version_upgrade(self.allow_major_version_upgrade.filter(|_| version.is_some()))
                    .set_engine_version(version)
            }
            Origin::Backup(_) => self
                .watched_rest(rest)
                .set_enable_performance_insights(on(self.performance_insights_enabled))
                .set_monitoring_interval(positive(self.monitoring_interval))
                .set_monitoring_role_arn(given(&self.monitoring_role_arn))
                .set_performance_insights_kms_key_id(given(&self.performance_insights_kms_key_id))
                .set_performance_insights_retention_period(positive(self.performance_insights_retention_period)),
        }
    }

    /// What no copy of a cluster takes.
    fn restored_rest(&self, rest: ModifyDbClusterInputBuilder) -> ModifyDbClusterInputBuilder {
        self.watched_rest(rest)
            .set_manage_master_user_password(self.manage_master_user_password.filter(|manage| *manage))
            .set_master_user_password(self.given_password())
            .set_master_user_secret_kms_key_id(self.master_user_secret_kms_key_id.clone())
            .set_preferred_maintenance_window(given(&self.preferred_maintenance_window))
    }

    /// What only the call takes that makes a cluster from nothing.
    fn watched_rest(&self, rest: ModifyDbClusterInputBuilder) -> ModifyDbClusterInputBuilder {
        rest.set_ca_certificate_identifier(self.ca_certificate_identifier.clone())
            .set_database_insights_mode(self.insights_mode())
            .set_enable_global_write_forwarding(on(self.enable_global_write_forwarding))
            .set_enable_http_endpoint(on(self.enable_http_endpoint))
            .set_enable_local_write_forwarding(on(self.enable_local_write_forwarding))
    }

    pub(super) fn insights_mode(&self) -> Option<DatabaseInsightsMode> {
        given(&self.database_insights_mode).map(|mode| DatabaseInsightsMode::from(mode.as_str()))
    }

    pub(super) fn scaling(&self) -> Option<ScalingConfiguration> {
        self.scaling_configuration.first().map(Scaling::request)
    }

    pub(super) fn serverless_v2(&self) -> Option<ServerlessV2ScalingConfiguration> {
        self.serverlessv2_scaling_configuration.first().map(ServerlessV2Scaling::request)
    }
}

impl Scaling {
    fn request(&self) -> ScalingConfiguration {
        ScalingConfiguration::builder()
            .auto_pause(self.auto_pause)
            .max_capacity(self.max_capacity)
            .min_capacity(self.min_capacity)
            .set_seconds_before_timeout(positive(self.seconds_before_timeout))
            .set_seconds_until_auto_pause(positive(self.seconds_until_auto_pause))
            .set_timeout_action(given(&self.timeout_action))
            .build()
    }
}

impl ServerlessV2Scaling {
    fn request(&self) -> ServerlessV2ScalingConfiguration {
        // Only a cluster that may go down to nothing pauses.
        let pause = positive(self.seconds_until_auto_pause).filter(|_| self.min_capacity == 0.0);
        ServerlessV2ScalingConfiguration::builder()
            .max_capacity(self.max_capacity)
            .min_capacity(self.min_capacity)
            .set_seconds_until_auto_pause(pause)
            .build()
    }
}

fn restore_time(point: &RestoreToPointInTime) -> Result<Option<DateTime>, ProviderError> {
    let Some(time) = point.restore_to_time.as_deref().filter(|time| !time.is_empty()) else { return Ok(None) };
    let parsed = DateTime::from_str(time, Format::DateTimeWithOffset).map_err(|error| {
        ProviderError::invalid(
            "create aws_rds_cluster",
            format!("`restore_to_time` must be a time such as `2024-05-01T12:00:00Z`, not `{time}`: {error}"),
        )
        .attribute(Path::attribute("restore_to_point_in_time"))
    })?;
    Ok(Some(parsed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> ModifyDbClusterInputBuilder {
        ModifyDbClusterInputBuilder::default()
    }

    #[test]
    fn a_new_cluster_leaves_nothing_to_a_change() {
        let cluster = Cluster {
            master_password: Some("one".into()),
            preferred_maintenance_window: "sun:04:00-sun:05:00".into(),
            ..Cluster::default()
        };
        assert_eq!(cluster.rest(&Live::builder().build()), nothing());
    }

    #[test]
    fn a_restored_cluster_gets_its_password_and_version_afterwards() {
        let point = RestoreToPointInTime { source_cluster_identifier: Some("a".into()), ..Default::default() };
        let cluster = Cluster {
            master_password: Some("one".into()),
            engine_version: "16.4".into(),
            restore_to_point_in_time: vec![point],
            ..Cluster::default()
        };
        let live = |version: &str| Live::builder().engine_version(version).build();
        assert_eq!(cluster.rest(&live("16.4")), nothing().master_user_password("one"));
        assert_eq!(cluster.rest(&live("16.3")), nothing().master_user_password("one").engine_version("16.4"));
        assert!(cluster.born().master_password.is_none());
    }
}
