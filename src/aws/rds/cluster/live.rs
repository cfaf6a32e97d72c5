//! A cluster as the API describes it, over what is known of it.

use aws_sdk_rds::types::{
    ClusterPendingModifiedValues, DbCluster as Live, DomainMembership, LocalWriteForwardingStatus,
    ScalingConfigurationInfo, ServerlessV2ScalingConfigurationInfo,
};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::names;
use crate::rds::cluster::status::Moving;
use crate::rds::cluster::{Cluster, MasterUserSecret, Scaling, ServerlessV2Scaling};
use crate::rds::known;
use crate::rds::tags;

/// The mode of clusters that scale by themselves in the older way.
const SERVERLESS: &str = "serverless";

impl Cluster {
    /// The cluster as it is live; what no call tells is kept from `self`.
    pub(super) fn with_live(&self, live: Live) -> Cluster {
        let moving = Moving::of(&live);
        let secret = live.master_user_secret;
        let identifier = live.db_cluster_identifier.unwrap_or_default();
        let engine_version_actual = live.engine_version.unwrap_or_default();
        let domain = live.domain_memberships.unwrap_or_default().into_iter().next();
        let domain = domain.unwrap_or_else(|| DomainMembership::builder().build());
        let pending = live.pending_modified_values.unwrap_or_else(|| ClusterPendingModifiedValues::builder().build());
        let engine_mode = live.engine_mode.unwrap_or_default();
        let scaling = live.scaling_configuration_info.filter(|_| engine_mode == SERVERLESS);
        let certificate = live.certificate_details;
        let valid_till = certificate.as_ref().and_then(|certificate| certificate.valid_till);
        Cluster {
            allocated_storage: known::scheduled(
                live.allocated_storage.unwrap_or_default(),
                pending.allocated_storage,
                &self.allocated_storage,
            ),
            arn: live.db_cluster_arn.unwrap_or_default(),
            availability_zones: live.availability_zones.unwrap_or_default(),
            backtrack_window: live.backtrack_window.unwrap_or_default(),
            backup_retention_period: known::scheduled(
                live.backup_retention_period.unwrap_or_default(),
                pending.backup_retention_period,
                &self.backup_retention_period,
            ),
            ca_certificate_identifier: certificate.and_then(|certificate| certificate.ca_identifier),
            ca_certificate_valid_till: valid_till
                .and_then(|at| DateTime::from_secs(at.secs()).fmt(Format::DateTime).ok()),
            cluster_identifier_prefix: names::prefix_of(&identifier).unwrap_or_default().to_string(),
            cluster_members: live
                .db_cluster_members
                .unwrap_or_default()
                .into_iter()
                .filter_map(|member| member.db_instance_identifier)
                .collect(),
            cluster_resource_id: live.db_cluster_resource_id.unwrap_or_default(),
            cluster_scalability_type: live.cluster_scalability_type.map(|is| is.as_str().into()).unwrap_or_default(),
            copy_tags_to_snapshot: live.copy_tags_to_snapshot.unwrap_or_default(),
            database_insights_mode: live.database_insights_mode.map(|mode| mode.as_str().into()).unwrap_or_default(),
            database_name: live.database_name.filter(|name| !name.is_empty()),
            db_cluster_instance_class: live.db_cluster_instance_class.unwrap_or_default(),
            db_cluster_parameter_group_name: live.db_cluster_parameter_group.unwrap_or_default(),
            db_subnet_group_name: live.db_subnet_group.unwrap_or_default(),
            db_system_id: live.db_system_id.unwrap_or_default(),
            deletion_protection: live.deletion_protection.unwrap_or_default(),
            domain: domain.domain.unwrap_or_default(),
            domain_iam_role_name: domain.iam_role_name.unwrap_or_default(),
            enable_global_write_forwarding: live.global_write_forwarding_requested.unwrap_or_default(),
            enable_http_endpoint: live.http_endpoint_enabled.unwrap_or_default(),
            enable_local_write_forwarding: live.local_write_forwarding_status.is_some_and(is_forwarding),
            enabled_cloudwatch_logs_exports: live.enabled_cloudwatch_logs_exports.unwrap_or_default(),
            endpoint: live.endpoint.unwrap_or_default(),
            engine: live.engine.unwrap_or_default(),
            engine_lifecycle_support: live.engine_lifecycle_support.unwrap_or_default(),
            engine_mode,
            engine_version: known::version(
                &self.engine_version,
                &engine_version_actual,
                pending.engine_version.as_deref(),
            ),
            engine_version_actual,
            global_cluster_identifier: live
                .global_cluster_identifier
                .unwrap_or_else(|| self.global_cluster_identifier.clone()),
            hosted_zone_id: live.hosted_zone_id.unwrap_or_default(),
            iam_database_authentication_enabled: known::scheduled(
                live.iam_database_authentication_enabled.unwrap_or_default(),
                pending.iam_database_authentication_enabled,
                &self.iam_database_authentication_enabled,
            ),
            iam_roles: live.associated_roles.unwrap_or_default().into_iter().filter_map(|role| role.role_arn).collect(),
            id: identifier.clone(),
            cluster_identifier: identifier,
            iops: known::scheduled(live.iops.unwrap_or_default(), pending.iops, &self.iops),
            kms_key_id: live.kms_key_id.unwrap_or_default(),
            manage_master_user_password: match secret {
                Some(_) => Some(true),
                None => self.manage_master_user_password.filter(|manage| !manage),
            },
            master_user_secret: secret.into_iter().map(MasterUserSecret::from).collect(),
            master_username: live.master_username.unwrap_or_default(),
            monitoring_interval: live.monitoring_interval.unwrap_or_default(),
            monitoring_role_arn: live.monitoring_role_arn.unwrap_or_default(),
            network_type: live.network_type.unwrap_or_default(),
            performance_insights_enabled: live.performance_insights_enabled.unwrap_or_default(),
            performance_insights_kms_key_id: live.performance_insights_kms_key_id.unwrap_or_default(),
            performance_insights_retention_period: live.performance_insights_retention_period.unwrap_or_default(),
            port: live.port.unwrap_or_default(),
            preferred_backup_window: live.preferred_backup_window.unwrap_or_default(),
            preferred_maintenance_window: live.preferred_maintenance_window.unwrap_or_default(),
            reader_endpoint: live.reader_endpoint.unwrap_or_default(),
            replication_source_identifier: live.replication_source_identifier.unwrap_or_default(),
            scaling_configuration: scaling.map(Scaling::from).into_iter().collect(),
            serverlessv2_scaling_configuration: live
                .serverless_v2_scaling_configuration
                .map(ServerlessV2Scaling::from)
                .into_iter()
                .collect(),
            storage_encrypted: live.storage_encrypted.unwrap_or_default(),
            storage_type: known::scheduled(
                live.storage_type.unwrap_or_default(),
                pending.storage_type,
                &self.storage_type,
            ),
            tags_all: tags::live(live.tag_list),
            vpc_security_group_ids: live
                .vpc_security_groups
                .unwrap_or_default()
                .into_iter()
                .filter_map(|group| group.vpc_security_group_id)
                .collect(),
            moving,
            ..self.clone()
        }
    }

    /// The cluster as a create has to report it before its last call: without what that call sets.
    pub(super) fn born(&self) -> Cluster {
        if self.takes_password_at_once() {
            return self.clone();
        }
        Cluster { master_password: None, master_password_wo_version: None, ..self.clone() }
    }
}

fn is_forwarding(status: LocalWriteForwardingStatus) -> bool {
    matches!(
        status,
        LocalWriteForwardingStatus::Enabled
            | LocalWriteForwardingStatus::Enabling
            | LocalWriteForwardingStatus::Requested
    )
}

impl From<aws_sdk_rds::types::MasterUserSecret> for MasterUserSecret {
    fn from(live: aws_sdk_rds::types::MasterUserSecret) -> MasterUserSecret {
        MasterUserSecret {
            kms_key_id: live.kms_key_id.unwrap_or_default(),
            secret_arn: live.secret_arn.unwrap_or_default(),
            secret_status: live.secret_status.unwrap_or_default(),
        }
    }
}

impl From<ScalingConfigurationInfo> for Scaling {
    fn from(live: ScalingConfigurationInfo) -> Scaling {
        Scaling {
            auto_pause: live.auto_pause.unwrap_or_default(),
            max_capacity: live.max_capacity.unwrap_or_default(),
            min_capacity: live.min_capacity.unwrap_or_default(),
            seconds_before_timeout: live.seconds_before_timeout.unwrap_or_default(),
            seconds_until_auto_pause: live.seconds_until_auto_pause.unwrap_or_default(),
            timeout_action: live.timeout_action.unwrap_or_default(),
        }
    }
}

impl From<ServerlessV2ScalingConfigurationInfo> for ServerlessV2Scaling {
    fn from(live: ServerlessV2ScalingConfigurationInfo) -> ServerlessV2Scaling {
        ServerlessV2Scaling {
            max_capacity: live.max_capacity.unwrap_or_default(),
            min_capacity: live.min_capacity.unwrap_or_default(),
            seconds_until_auto_pause: live.seconds_until_auto_pause.unwrap_or_default(),
        }
    }
}
