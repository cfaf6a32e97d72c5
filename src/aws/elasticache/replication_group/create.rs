//! Makes a group.

use aws_sdk_elasticache::types::{ClusterMode, IpDiscovery, NetworkType, TransitEncryptionMode};
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::elasticache::replication_group::{ReplicationGroup, log_delivery};
use crate::elasticache::{given, tags};
use crate::failure::{Operation, advise_where_taken};
use crate::given::listed;

pub async fn create(aws: &Aws, want: &ReplicationGroup) -> Result<ReplicationGroup, ProviderError> {
    let is_global = want.global_replication_group_id.as_deref().is_some_and(|id| !id.is_empty());
    let is_sharded = want.num_node_groups > 0 && want.num_cache_clusters == 0;
    let create = aws
        .elasticache()
        .create_replication_group()
        .replication_group_id(&want.replication_group_id)
        .replication_group_description(&want.description)
        .automatic_failover_enabled(want.automatic_failover_enabled)
        .multi_az_enabled(want.multi_az_enabled)
        .set_at_rest_encryption_enabled(flag(&want.at_rest_encryption_enabled))
        .set_auth_token(want.auth_token.as_deref().and_then(given))
        .set_auto_minor_version_upgrade(flag(&want.auto_minor_version_upgrade))
        .set_cache_node_type(given(&want.node_type))
        .set_cache_parameter_group_name(want.parameter_group_name.as_deref().and_then(given))
        .set_cache_security_group_names(listed(&want.security_group_names))
        .set_cache_subnet_group_name(given(&want.subnet_group_name))
        .set_cluster_mode(given(&want.cluster_mode).map(|mode| ClusterMode::from(mode.as_str())))
        .set_data_tiering_enabled(want.data_tiering_enabled.then_some(true))
        // What belongs to a global group has its engine.
        .set_engine(given(&want.engine).filter(|_| !is_global))
        .set_engine_version(given(&want.engine_version).filter(|_| !is_global))
        .set_global_replication_group_id(want.global_replication_group_id.as_deref().and_then(given))
        .set_ip_discovery(given(&want.ip_discovery).map(|kind| IpDiscovery::from(kind.as_str())))
        .set_kms_key_id(given(&want.kms_key_id))
        .set_log_delivery_configurations(log_delivery::requests(&[], &want.log_delivery_configuration))
        .set_network_type(given(&want.network_type).map(|kind| NetworkType::from(kind.as_str())))
        .set_notification_topic_arn(want.notification_topic_arn.as_deref().and_then(given))
        .set_num_cache_clusters((want.num_cache_clusters > 0).then_some(want.num_cache_clusters))
        .set_num_node_groups((want.num_node_groups > 0 && is_sharded).then_some(want.num_node_groups))
        .set_port((want.port > 0).then_some(want.port))
        .set_preferred_cache_cluster_azs(want.preferred_cache_cluster_azs.as_deref().and_then(listed))
        .set_preferred_maintenance_window(given(&want.maintenance_window))
        .set_replicas_per_node_group(
            (is_sharded || want.replicas_per_node_group > 0).then_some(want.replicas_per_node_group),
        )
        .set_security_group_ids(listed(&want.security_group_ids))
        .set_snapshot_arns(want.snapshot_arns.as_deref().and_then(listed))
        .set_snapshot_name(want.snapshot_name.as_deref().and_then(given))
        .set_snapshot_retention_limit((want.snapshot_retention_limit > 0).then_some(want.snapshot_retention_limit))
        .set_snapshot_window(given(&want.snapshot_window))
        .set_tags(tags::request(&want.tags_all))
        .set_transit_encryption_enabled(want.transit_encryption_enabled.then_some(true))
        .set_transit_encryption_mode(
            given(&want.transit_encryption_mode).map(|mode| TransitEncryptionMode::from(mode.as_str())),
        )
        .set_user_group_ids(want.user_group_ids.as_deref().and_then(listed));
    let made = create.send().await.operation("elasticache:CreateReplicationGroup").map_err(advise_where_taken)?;
    let arn = made.replication_group.and_then(|group| group.arn).unwrap_or_default();
    Ok(ReplicationGroup { arn, id: want.replication_group_id.clone(), ..want.clone() })
}

/// A truth that is written as a text; `None` where nothing is.
pub fn flag(text: &str) -> Option<bool> {
    match text {
        "" => None,
        text => Some(matches!(text, "true" | "1")),
    }
}
