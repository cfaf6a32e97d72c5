//! A group as the API describes it, over what is known of it.

use std::collections::BTreeMap;

use aws_sdk_elasticache::types::{
    AutomaticFailoverStatus, CacheCluster, DataTieringStatus, MultiAzStatus, ReplicationGroup as Live,
};
use futures::{StreamExt, TryStreamExt};
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::elasticache::replication_group::log_delivery::LogDelivery;
use crate::elasticache::replication_group::{ReplicationGroup, version};
use crate::elasticache::tags;
use crate::failure::Operation;

/// How many calls for tags are under way at a time.
const CALLS_MAX: usize = 8;

/// The group of a name; `None` when there is none.
pub async fn named(aws: &Aws, id: &str) -> Result<Option<Live>, ProviderError> {
    let describe = aws.elasticache().describe_replication_groups().replication_group_id(id);
    match describe.send().await.operation("elasticache:DescribeReplicationGroups") {
        Ok(answer) => Ok(answer.replication_groups.unwrap_or_default().pop()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads groups: one with its first member by name, several with all there are.
pub async fn read(aws: &Aws, have: &[ReplicationGroup]) -> Result<Vec<Option<ReplicationGroup>>, ProviderError> {
    let (groups, members) = match have {
        [one] => {
            let Some(group) = named(aws, &one.id).await? else { return Ok(vec![None]) };
            let member = match first_member(&group) {
                Some(name) => member(aws, name).await?,
                None => None,
            };
            (vec![group], member.into_iter().collect())
        }
        _ => all(aws).await?,
    };
    let members: BTreeMap<&str, &CacheCluster> =
        members.iter().filter_map(|member| Some((member.cache_cluster_id.as_deref()?, member))).collect();
    let find = |have: &ReplicationGroup| {
        let group = groups.iter().find(|group| group.replication_group_id.as_deref() == Some(have.id.as_str()))?;
        let member = first_member(group).and_then(|name| members.get(name).copied());
        Some(have.with_live(group.clone(), member.cloned()))
    };
    let found: Vec<Option<ReplicationGroup>> = have.iter().map(find).collect();
    let tagged = futures::stream::iter(found).map(|group| async move {
        let Some(group) = group else { return Ok(None) };
        // A group that is on its way in or out may not tell its tags.
        match tags::list(aws, &group.arn).await {
            Ok(Some(tags_all)) => Ok(Some(ReplicationGroup { tags_all, ..group })),
            Ok(None) => Ok(Some(group)),
            Err(_) if group.status != "available" => Ok(Some(group)),
            Err(error) => Err(error),
        }
    });
    tagged.buffered(CALLS_MAX).try_collect().await
}

async fn all(aws: &Aws) -> Result<(Vec<Live>, Vec<CacheCluster>), ProviderError> {
    let groups = aws.elasticache().describe_replication_groups().into_paginator().items().send();
    let groups = groups.collect::<Result<Vec<_>, _>>().await.operation("elasticache:DescribeReplicationGroups")?;
    let members =
        aws.elasticache().describe_cache_clusters().show_cache_node_info(true).into_paginator().items().send();
    let members = members.collect::<Result<Vec<_>, _>>().await.operation("elasticache:DescribeCacheClusters")?;
    Ok((groups, members))
}

fn first_member(group: &Live) -> Option<&str> {
    group.member_clusters.as_ref()?.first().map(String::as_str)
}

async fn member(aws: &Aws, name: &str) -> Result<Option<CacheCluster>, ProviderError> {
    let describe = aws.elasticache().describe_cache_clusters().cache_cluster_id(name).show_cache_node_info(true);
    match describe.send().await.operation("elasticache:DescribeCacheClusters") {
        Ok(answer) => Ok(answer.cache_clusters.unwrap_or_default().pop()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

impl ReplicationGroup {
    fn with_live(&self, live: Live, member: Option<CacheCluster>) -> ReplicationGroup {
        let id = live.replication_group_id.unwrap_or_default();
        let shards = live.node_groups.unwrap_or_default();
        let count = |length: usize| i32::try_from(length).unwrap_or(i32::MAX);
        let first = shards.first();
        let replicas = first.and_then(|shard| shard.node_group_members.as_ref()).map_or(0, |members| members.len());
        let configuration = live.configuration_endpoint;
        let primary = first.and_then(|shard| shard.primary_endpoint.clone()).filter(|_| configuration.is_none());
        let reader = first.and_then(|shard| shard.reader_endpoint.clone()).filter(|_| configuration.is_none());
        let endpoint = configuration.as_ref().or(primary.as_ref());
        let members = live.member_clusters.unwrap_or_default();
        let seen = ReplicationGroup {
            arn: live.arn.unwrap_or_default(),
            at_rest_encryption_enabled: live.at_rest_encryption_enabled.unwrap_or_default().to_string(),
            auto_minor_version_upgrade: live.auto_minor_version_upgrade.unwrap_or_default().to_string(),
            automatic_failover_enabled: matches!(
                live.automatic_failover,
                Some(AutomaticFailoverStatus::Enabled | AutomaticFailoverStatus::Enabling)
            ),
            cluster_enabled: live.cluster_enabled.unwrap_or_default(),
            cluster_mode: live.cluster_mode.map(|mode| mode.as_str().to_string()).unwrap_or_default(),
            port: endpoint.and_then(|endpoint| endpoint.port).unwrap_or(self.port),
            configuration_endpoint_address: configuration.and_then(|endpoint| endpoint.address),
            data_tiering_enabled: live.data_tiering == Some(DataTieringStatus::Enabled),
            description: live.description.unwrap_or_default(),
            engine: live.engine.unwrap_or_else(|| self.engine.clone()),
            global_replication_group_id: live
                .global_replication_group_info
                .and_then(|info| info.global_replication_group_id),
            ip_discovery: live.ip_discovery.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            kms_key_id: live.kms_key_id.unwrap_or_default(),
            log_delivery_configuration: live
                .log_delivery_configurations
                .unwrap_or_default()
                .into_iter()
                .map(LogDelivery::live)
                .collect(),
            multi_az_enabled: live.multi_az == Some(MultiAzStatus::Enabled),
            network_type: live.network_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            node_type: live.cache_node_type.unwrap_or_default(),
            num_cache_clusters: count(members.len()),
            num_node_groups: count(shards.len()),
            member_clusters: members,
            primary_endpoint_address: primary.and_then(|endpoint| endpoint.address),
            reader_endpoint_address: reader.and_then(|endpoint| endpoint.address),
            replicas_per_node_group: count(replicas.saturating_sub(1)),
            replication_group_id: id.clone(),
            id,
            snapshot_retention_limit: live.snapshot_retention_limit.unwrap_or_default(),
            snapshot_window: live.snapshot_window.unwrap_or_default(),
            status: live.status.unwrap_or_default(),
            transit_encryption_enabled: live.transit_encryption_enabled.unwrap_or_default(),
            transit_encryption_mode: live
                .transit_encryption_mode
                .map(|mode| mode.as_str().to_string())
                .unwrap_or_default(),
            user_group_ids: live.user_group_ids.filter(|ids| !ids.is_empty()),
            ..self.clone()
        };
        match member {
            Some(member) => seen.with_member(member),
            None => seen,
        }
    }

    /// What only a member of the group tells.
    fn with_member(self, member: CacheCluster) -> ReplicationGroup {
        let actual = member.engine_version.unwrap_or_default();
        let topic = member.notification_configuration.filter(|topic| topic.topic_status.as_deref() == Some("active"));
        ReplicationGroup {
            engine_version: version::shown(&actual, &self.engine_version),
            engine_version_actual: actual,
            maintenance_window: member.preferred_maintenance_window.unwrap_or_default(),
            notification_topic_arn: topic.and_then(|topic| topic.topic_arn),
            parameter_group_name: member.cache_parameter_group.and_then(|group| group.cache_parameter_group_name),
            security_group_ids: member
                .security_groups
                .unwrap_or_default()
                .into_iter()
                .filter_map(|group| group.security_group_id)
                .collect(),
            security_group_names: member
                .cache_security_groups
                .unwrap_or_default()
                .into_iter()
                .filter_map(|group| group.cache_security_group_name)
                .collect(),
            subnet_group_name: member.cache_subnet_group_name.unwrap_or_default(),
            ..self
        }
    }
}
