//! An instance as the API describes it, over what is known of it.

use aws_sdk_rds::types::{DbInstance as Live, DomainMembership, PendingModifiedValues};
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use crate::names;
use crate::rds::db_instance::status::Moving;
use crate::rds::db_instance::{DbInstance, ListenerEndpoint, MasterUserSecret};
use crate::rds::known;
use crate::rds::tags;

impl DbInstance {
    /// The instance as it is live; what no call tells is kept from `self`.
    pub(super) fn with_live(&self, live: Live) -> DbInstance {
        let moving = Moving::of(&live);
        let secret = live.master_user_secret;
        let endpoint = live.endpoint;
        let address = endpoint.as_ref().and_then(|endpoint| endpoint.address.clone()).unwrap_or_default();
        let port = endpoint.as_ref().and_then(|endpoint| endpoint.port).or(live.db_instance_port).unwrap_or_default();
        let identifier = live.db_instance_identifier.unwrap_or_default();
        let resource_id = live.dbi_resource_id.unwrap_or_default();
        let engine_version_actual = live.engine_version.unwrap_or_default();
        let domain = live.domain_memberships.unwrap_or_default().into_iter().next();
        let domain = domain.unwrap_or_else(|| DomainMembership::builder().build());
        let pending = live.pending_modified_values.unwrap_or_else(|| PendingModifiedValues::builder().build());
        let seen = DbInstance {
            endpoint: if address.is_empty() { String::new() } else { format!("{address}:{port}") },
            hosted_zone_id: endpoint.and_then(|endpoint| endpoint.hosted_zone_id).unwrap_or_default(),
            address,
            allocated_storage: live.allocated_storage.unwrap_or_default(),
            arn: live.db_instance_arn.unwrap_or_default(),
            auto_minor_version_upgrade: live.auto_minor_version_upgrade.unwrap_or_default(),
            availability_zone: live.availability_zone.unwrap_or_default(),
            backup_retention_period: Some(live.backup_retention_period.unwrap_or_default()),
            backup_target: live.backup_target.unwrap_or_default(),
            backup_window: live.preferred_backup_window.unwrap_or_default(),
            ca_cert_identifier: live.ca_certificate_identifier.unwrap_or_default(),
            character_set_name: live.character_set_name.unwrap_or_default(),
            copy_tags_to_snapshot: live.copy_tags_to_snapshot.unwrap_or_default(),
            custom_iam_instance_profile: live.custom_iam_instance_profile.unwrap_or_default(),
            customer_owned_ip_enabled: live.customer_owned_ip_enabled.unwrap_or_default(),
            database_insights_mode: live.database_insights_mode.map(|mode| mode.as_str().into()).unwrap_or_default(),
            db_name: live.db_name.unwrap_or_default(),
            db_subnet_group_name: live.db_subnet_group.and_then(|group| group.db_subnet_group_name).unwrap_or_default(),
            dedicated_log_volume: live.dedicated_log_volume.unwrap_or_default(),
            deletion_protection: live.deletion_protection.unwrap_or_default(),
            domain: domain.domain.unwrap_or_default(),
            domain_auth_secret_arn: domain.auth_secret_arn.unwrap_or_default(),
            domain_dns_ips: domain.dns_ips.unwrap_or_default(),
            domain_fqdn: domain.fqdn.unwrap_or_default(),
            domain_iam_role_name: domain.iam_role_name.unwrap_or_default(),
            domain_ou: domain.ou.unwrap_or_default(),
            enabled_cloudwatch_logs_exports: live.enabled_cloudwatch_logs_exports.unwrap_or_default(),
            engine: live.engine.unwrap_or_default(),
            engine_lifecycle_support: live.engine_lifecycle_support.unwrap_or_default(),
            engine_version: known::version(
                &self.engine_version,
                &engine_version_actual,
                pending.engine_version.as_deref(),
            ),
            engine_version_actual,
            iam_database_authentication_enabled: live.iam_database_authentication_enabled.unwrap_or_default(),
            // An instance that is not there yet may have no resource id.
            id: if resource_id.is_empty() { identifier.clone() } else { resource_id.clone() },
            identifier_prefix: names::prefix_of(&identifier).unwrap_or_default().to_string(),
            identifier,
            instance_class: live.db_instance_class.unwrap_or_default(),
            iops: live.iops.unwrap_or_default(),
            kms_key_id: live.kms_key_id.unwrap_or_default(),
            latest_restorable_time: live
                .latest_restorable_time
                .and_then(|time| DateTime::from_secs(time.secs()).fmt(Format::DateTime).ok())
                .unwrap_or_default(),
            license_model: live.license_model.unwrap_or_default(),
            listener_endpoint: live.listener_endpoint.into_iter().map(ListenerEndpoint::from).collect(),
            maintenance_window: live.preferred_maintenance_window.unwrap_or_default(),
            manage_master_user_password: match secret {
                Some(_) => Some(true),
                None => self.manage_master_user_password.filter(|manage| !manage),
            },
            master_user_secret: secret.into_iter().map(MasterUserSecret::from).collect(),
            max_allocated_storage: live.max_allocated_storage.unwrap_or_default(),
            monitoring_interval: live.monitoring_interval.unwrap_or_default(),
            monitoring_role_arn: live.monitoring_role_arn.unwrap_or_default(),
            multi_az: live.multi_az.unwrap_or_default(),
            nchar_character_set_name: live.nchar_character_set_name.unwrap_or_default(),
            network_type: live.network_type.unwrap_or_default(),
            option_group_name: first(live.option_group_memberships, |group| group.option_group_name),
            parameter_group_name: first(live.db_parameter_groups, |group| group.db_parameter_group_name),
            performance_insights_enabled: live.performance_insights_enabled.unwrap_or_default(),
            performance_insights_kms_key_id: live.performance_insights_kms_key_id.unwrap_or_default(),
            performance_insights_retention_period: live.performance_insights_retention_period.unwrap_or_default(),
            port,
            publicly_accessible: live.publicly_accessible.unwrap_or_default(),
            replica_mode: live.replica_mode.map(|mode| mode.as_str().into()).unwrap_or_default(),
            replicas: live.read_replica_db_instance_identifiers.unwrap_or_default(),
            replicate_source_db: self.source_over(live.read_replica_source_db_instance_identifier.unwrap_or_default()),
            resource_id,
            status: live.db_instance_status.unwrap_or_default(),
            storage_encrypted: live.storage_encrypted.unwrap_or_default(),
            storage_throughput: live.storage_throughput.unwrap_or_default(),
            storage_type: live.storage_type.unwrap_or_default(),
            tags_all: tags::live(live.tag_list),
            timezone: live.timezone.unwrap_or_default(),
            username: live.master_username.unwrap_or_default(),
            vpc_security_group_ids: live
                .vpc_security_groups
                .unwrap_or_default()
                .into_iter()
                .filter_map(|group| group.vpc_security_group_id)
                .collect(),
            moving,
            ..self.clone()
        };
        self.scheduled_over(seen, pending)
    }

    /// The instance as a create has to report it before its last call: without the password that the call sets.
    pub(super) fn born(&self) -> DbInstance {
        if self.takes_password_at_once() {
            return self.clone();
        }
        DbInstance { password: None, password_wo_version: None, ..self.clone() }
    }

    /// The replica's source as it is known, where the API names the same by a short name.
    fn source_over(&self, live: String) -> String {
        if is_same_source(&self.replicate_source_db, &live) { self.replicate_source_db.clone() } else { live }
    }

    /// Takes what is known over what is live where the live value is about to become it: a change that waits for the
    /// maintenance window is made already.
    fn scheduled_over(&self, seen: DbInstance, pending: PendingModifiedValues) -> DbInstance {
        DbInstance {
            allocated_storage: known::scheduled(
                seen.allocated_storage,
                pending.allocated_storage,
                &self.allocated_storage,
            ),
            backup_retention_period: known::scheduled(
                seen.backup_retention_period,
                pending.backup_retention_period.map(Some),
                &self.backup_retention_period,
            ),
            ca_cert_identifier: known::scheduled(
                seen.ca_cert_identifier,
                pending.ca_certificate_identifier,
                &self.ca_cert_identifier,
            ),
            db_subnet_group_name: known::scheduled(
                seen.db_subnet_group_name,
                pending.db_subnet_group_name,
                &self.db_subnet_group_name,
            ),
            dedicated_log_volume: known::scheduled(
                seen.dedicated_log_volume,
                pending.dedicated_log_volume,
                &self.dedicated_log_volume,
            ),
            iam_database_authentication_enabled: known::scheduled(
                seen.iam_database_authentication_enabled,
                pending.iam_database_authentication_enabled,
                &self.iam_database_authentication_enabled,
            ),
            instance_class: known::scheduled(seen.instance_class, pending.db_instance_class, &self.instance_class),
            iops: known::scheduled(seen.iops, pending.iops, &self.iops),
            license_model: known::scheduled(seen.license_model, pending.license_model, &self.license_model),
            multi_az: known::scheduled(seen.multi_az, pending.multi_az, &self.multi_az),
            port: known::scheduled(seen.port, pending.port, &self.port),
            storage_throughput: known::scheduled(
                seen.storage_throughput,
                pending.storage_throughput,
                &self.storage_throughput,
            ),
            storage_type: known::scheduled(seen.storage_type, pending.storage_type, &self.storage_type),
            ..seen
        }
    }
}

/// Whether two names are of the same source of a replica: one of the same region has a short name and an ARN.
pub(super) fn is_same_source(a: &str, b: &str) -> bool {
    let names =
        |arn: &str, short: &str| !short.is_empty() && arn.starts_with("arn:") && arn.rsplit(':').next() == Some(short);
    a == b || names(a, b) || names(b, a)
}

fn first<T>(list: Option<Vec<T>>, name: impl Fn(T) -> Option<String>) -> String {
    list.unwrap_or_default().into_iter().next().and_then(name).unwrap_or_default()
}

impl From<aws_sdk_rds::types::Endpoint> for ListenerEndpoint {
    fn from(live: aws_sdk_rds::types::Endpoint) -> ListenerEndpoint {
        ListenerEndpoint {
            address: live.address.unwrap_or_default(),
            hosted_zone_id: live.hosted_zone_id.unwrap_or_default(),
            port: live.port.unwrap_or_default(),
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_that_waits_for_the_maintenance_window_counts_as_made() {
        let pending = PendingModifiedValues::builder().db_instance_class("db.t3.small").engine_version("16.4").build();
        let live = Live::builder()
            .db_instance_class("db.t3.micro")
            .engine_version("15.4")
            .pending_modified_values(pending)
            .build();
        let asked_for =
            DbInstance { instance_class: "db.t3.small".into(), engine_version: "16".into(), ..DbInstance::default() };
        let seen = asked_for.with_live(live.clone());
        assert_eq!((seen.instance_class.as_str(), seen.engine_version.as_str()), ("db.t3.small", "16"));
        assert_eq!(seen.engine_version_actual, "15.4");
        let seen = DbInstance::default().with_live(live);
        assert_eq!((seen.instance_class.as_str(), seen.engine_version.as_str()), ("db.t3.micro", "15.4"));
    }

    #[test]
    fn a_source_of_the_same_region_has_two_names() {
        assert!(is_same_source("arn:aws:rds:eu-west-1:123456789012:db:main", "main"));
        assert!(!is_same_source("arn:aws:rds:eu-west-1:123456789012:db:main", "other"));
        assert!(!is_same_source("", "main"));
    }
}
