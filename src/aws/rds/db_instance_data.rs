//! `data.aws_db_instance`: an instance by its identifier, or the only one that has all of some tags.

use aws_sdk_rds::types::DbInstance as Live;
use model::path::Path;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::rds::{given, tags};
use crate::tags::shown;

const OPERATION: &str = "rds:DescribeDBInstances";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DbInstanceData {
    address: Option<String>,
    allocated_storage: i32,
    auto_minor_version_upgrade: bool,
    availability_zone: String,
    backup_retention_period: i32,
    ca_cert_identifier: String,
    database_insights_mode: String,
    db_cluster_identifier: String,
    db_instance_arn: String,
    db_instance_class: String,
    db_instance_identifier: String,
    db_instance_port: i32,
    db_name: String,
    db_parameter_groups: Vec<String>,
    db_subnet_group: String,
    enabled_cloudwatch_logs_exports: Vec<String>,
    endpoint: Option<String>,
    engine: String,
    engine_version: String,
    hosted_zone_id: Option<String>,
    id: String,
    iops: i32,
    kms_key_id: String,
    license_model: String,
    /// Null where the password is not in a secret.
    master_user_secret: Option<Vec<Secret>>,
    master_username: String,
    max_allocated_storage: i32,
    monitoring_interval: i32,
    monitoring_role_arn: String,
    multi_az: bool,
    network_type: String,
    option_group_memberships: Vec<String>,
    port: Option<i32>,
    preferred_backup_window: String,
    preferred_maintenance_window: String,
    publicly_accessible: bool,
    replicate_source_db: String,
    resource_id: String,
    storage_encrypted: bool,
    storage_throughput: i32,
    storage_type: String,
    tags: Tags,
    timezone: String,
    vpc_security_groups: Vec<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Secret {
    kms_key_id: String,
    secret_arn: String,
    secret_status: String,
}

impl DataSource for DbInstanceData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_db_instance";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let describe =
            aws.rds().describe_db_instances().set_db_instance_identifier(given(&want.db_instance_identifier));
        let pages = describe.into_paginator().items().send();
        let found = pages.collect::<Result<Vec<_>, _>>().await.operation(OPERATION);
        let found = found.map_err(|error| error.attribute(Path::attribute("db_instance_identifier")))?;
        let has_tags = |live: &Live| {
            let carried = tags::live(live.tag_list.clone());
            want.tags.iter().all(|(key, value)| carried.get(key) == Some(value))
        };
        let mut found: Vec<Live> = found.into_iter().filter(has_tags).collect();
        match (found.pop(), found.len()) {
            (Some(live), 0) => Ok(answer(aws, live)),
            (None, _) => {
                Err(ProviderError::new(ErrorKind::NotFound, OPERATION, "no DB instance is as the data source asks"))
            }
            (Some(_), others) => {
                let message = format!("{} DB instances are as the data source asks, and not one", others + 1);
                Err(ProviderError::invalid(OPERATION, message).hint("name the one by `db_instance_identifier`"))
            }
        }
    }
}

fn answer(aws: &Aws, live: Live) -> DbInstanceData {
    let identifier = live.db_instance_identifier.unwrap_or_default();
    let endpoint = live.endpoint;
    let port = endpoint.as_ref().and_then(|endpoint| endpoint.port);
    let address = endpoint.as_ref().and_then(|endpoint| endpoint.address.clone());
    let secret = live.master_user_secret.map(|secret| Secret {
        kms_key_id: secret.kms_key_id.unwrap_or_default(),
        secret_arn: secret.secret_arn.unwrap_or_default(),
        secret_status: secret.secret_status.unwrap_or_default(),
    });
    let parameter_groups = live.db_parameter_groups.unwrap_or_default().into_iter();
    let option_groups = live.option_group_memberships.unwrap_or_default().into_iter();
    let security_groups = live.vpc_security_groups.unwrap_or_default().into_iter();
    DbInstanceData {
        endpoint: address.as_ref().map(|address| format!("{address}:{}", port.unwrap_or_default())),
        address,
        allocated_storage: live.allocated_storage.unwrap_or_default(),
        auto_minor_version_upgrade: live.auto_minor_version_upgrade.unwrap_or_default(),
        availability_zone: live.availability_zone.unwrap_or_default(),
        backup_retention_period: live.backup_retention_period.unwrap_or_default(),
        ca_cert_identifier: live.ca_certificate_identifier.unwrap_or_default(),
        database_insights_mode: live.database_insights_mode.map(|mode| mode.as_str().into()).unwrap_or_default(),
        db_cluster_identifier: live.db_cluster_identifier.unwrap_or_default(),
        db_instance_arn: live.db_instance_arn.unwrap_or_default(),
        db_instance_class: live.db_instance_class.unwrap_or_default(),
        id: identifier.clone(),
        db_instance_identifier: identifier,
        // The service tells 0 here and the port in the endpoint, as soon as there is one.
        db_instance_port: live.db_instance_port.unwrap_or_default(),
        db_name: live.db_name.unwrap_or_default(),
        db_parameter_groups: parameter_groups.filter_map(|group| group.db_parameter_group_name).collect(),
        db_subnet_group: live.db_subnet_group.and_then(|group| group.db_subnet_group_name).unwrap_or_default(),
        enabled_cloudwatch_logs_exports: live.enabled_cloudwatch_logs_exports.unwrap_or_default(),
        engine: live.engine.unwrap_or_default(),
        engine_version: live.engine_version.unwrap_or_default(),
        hosted_zone_id: endpoint.and_then(|endpoint| endpoint.hosted_zone_id),
        iops: live.iops.unwrap_or_default(),
        kms_key_id: live.kms_key_id.unwrap_or_default(),
        license_model: live.license_model.unwrap_or_default(),
        master_user_secret: secret.map(|secret| vec![secret]),
        master_username: live.master_username.unwrap_or_default(),
        max_allocated_storage: live.max_allocated_storage.unwrap_or_default(),
        monitoring_interval: live.monitoring_interval.unwrap_or_default(),
        monitoring_role_arn: live.monitoring_role_arn.unwrap_or_default(),
        multi_az: live.multi_az.unwrap_or_default(),
        network_type: live.network_type.unwrap_or_default(),
        option_group_memberships: option_groups.filter_map(|group| group.option_group_name).collect(),
        port,
        preferred_backup_window: live.preferred_backup_window.unwrap_or_default(),
        preferred_maintenance_window: live.preferred_maintenance_window.unwrap_or_default(),
        publicly_accessible: live.publicly_accessible.unwrap_or_default(),
        replicate_source_db: live.read_replica_source_db_instance_identifier.unwrap_or_default(),
        resource_id: live.dbi_resource_id.unwrap_or_default(),
        storage_encrypted: live.storage_encrypted.unwrap_or_default(),
        storage_throughput: live.storage_throughput.unwrap_or_default(),
        storage_type: live.storage_type.unwrap_or_default(),
        tags: shown(aws, tags::live(live.tag_list)),
        timezone: live.timezone.unwrap_or_default(),
        vpc_security_groups: security_groups.filter_map(|group| group.vpc_security_group_id).collect(),
    }
}
