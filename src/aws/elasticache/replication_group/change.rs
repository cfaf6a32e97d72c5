//! Changes a group in place: more members first, then its settings, then fewer members.

use std::time::Duration;

use aws_sdk_elasticache::operation::modify_replication_group::builders::ModifyReplicationGroupInputBuilder;
use aws_sdk_elasticache::types::{AuthTokenUpdateStrategyType, ClusterMode, IpDiscovery, TransitEncryptionMode};
use provider::error::ProviderError;
use provider::resource::Resource;
use tokio::time::Instant;

use crate::clients::Aws;
use crate::elasticache::replication_group::create::flag;
use crate::elasticache::replication_group::{ReplicationGroup, Timed, live, log_delivery};
use crate::elasticache::{given, tags};
use crate::failure::Operation;
use crate::given::{changed, listed};
use crate::settling::{self, Look};
use crate::tags::TagChange;

const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(10);

pub async fn update(aws: &Aws, have: &ReplicationGroup, want: &ReplicationGroup) -> Result<(), ProviderError> {
    let patience = want.patience(Timed::Update);
    let (had, wanted) = (have.replicas(have), want.replicas(have));
    if want.num_node_groups != have.num_node_groups && want.num_node_groups > 0 {
        reshard(aws, have, want.num_node_groups, patience).await?;
    }
    if wanted > had {
        resize(aws, &have.id, Size::Increase(wanted), patience).await?;
    }
    let change = change(have, want);
    if change != ModifyReplicationGroupInputBuilder::default() {
        let at_once = want.apply_immediately.unwrap_or(false);
        modify(aws, change.apply_immediately(at_once), &have.id, patience).await?;
    }
    if let Some(change) = token(have, want) {
        modify(aws, change, &have.id, patience).await?;
    }
    if wanted < had {
        resize(aws, &have.id, Size::Decrease(wanted), patience).await?;
    }
    tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
}

/// How many replicas each shard shall have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Size {
    Increase(i32),
    Decrease(i32),
}

impl ReplicationGroup {
    /// Replicas of each shard: as they are said, or as many as all members but one.
    fn replicas(&self, have: &ReplicationGroup) -> i32 {
        if self.num_cache_clusters != have.num_cache_clusters && self.num_cache_clusters > 0 {
            self.num_cache_clusters - 1
        } else {
            self.replicas_per_node_group
        }
    }
}

async fn modify(
    aws: &Aws,
    change: ModifyReplicationGroupInputBuilder,
    id: &str,
    patience: Duration,
) -> Result<(), ProviderError> {
    let change = change.replication_group_id(id);
    in_turn(patience, || async {
        let call = change.clone().send_with(aws.elasticache());
        call.await.operation("elasticache:ModifyReplicationGroup").map(drop)
    })
    .await?;
    until_available(aws, id, patience).await
}

/// Members come and go at once: the API refuses to wait with it.
async fn resize(aws: &Aws, id: &str, size: Size, patience: Duration) -> Result<(), ProviderError> {
    in_turn(patience, || async {
        match size {
            Size::Increase(count) => {
                let call = aws.elasticache().increase_replica_count().replication_group_id(id);
                let call = call.new_replica_count(count).apply_immediately(true);
                call.send().await.operation("elasticache:IncreaseReplicaCount").map(drop)
            }
            Size::Decrease(count) => {
                let call = aws.elasticache().decrease_replica_count().replication_group_id(id);
                let call = call.new_replica_count(count).apply_immediately(true);
                call.send().await.operation("elasticache:DecreaseReplicaCount").map(drop)
            }
        }
    })
    .await?;
    until_available(aws, id, patience).await
}

async fn reshard(aws: &Aws, have: &ReplicationGroup, count: i32, patience: Duration) -> Result<(), ProviderError> {
    let live = live::named(aws, &have.id).await?;
    let shards = live.and_then(|live| live.node_groups).unwrap_or_default();
    // Where there are to be fewer, the last ones go.
    let names: Vec<String> = shards.into_iter().filter_map(|shard| shard.node_group_id).collect();
    let rest = names.get(usize::try_from(count).unwrap_or_default()..).and_then(listed);
    in_turn(patience, || async {
        let call = aws.elasticache().modify_replication_group_shard_configuration().replication_group_id(&have.id);
        let call = call.node_group_count(count).apply_immediately(true).set_node_groups_to_remove(rest.clone());
        call.send().await.operation("elasticache:ModifyReplicationGroupShardConfiguration").map(drop)
    })
    .await?;
    until_available(aws, &have.id, patience).await
}

/// Takes a group out of its global group, if it is in one.
pub async fn leave_global_group(aws: &Aws, have: &ReplicationGroup) -> Result<(), ProviderError> {
    let Some(global) = have.global_replication_group_id.as_deref().and_then(given) else { return Ok(()) };
    let patience = have.patience(Timed::Delete);
    let left = in_turn(patience, || async {
        let leave = aws.elasticache().disassociate_global_replication_group();
        let leave = leave.global_replication_group_id(&global).replication_group_id(&have.id);
        let leave = leave.replication_group_region(aws.region());
        leave.send().await.operation("elasticache:DisassociateGlobalReplicationGroup").map(drop)
    });
    match left.await {
        Err(error) if error.is_not_found() || error.message.contains("is not associated with") => Ok(()),
        Err(error) => Err(error),
        Ok(()) => until_available(aws, &have.id, patience).await,
    }
}

/// What to ask for to get from one to the other, but for members and the token.
fn change(have: &ReplicationGroup, want: &ReplicationGroup) -> ModifyReplicationGroupInputBuilder {
    let text = |have: &str, want: &str| given(want).filter(|want| want != have);
    let option =
        |have: &Option<String>, want: &Option<String>| want.as_deref().and_then(given).filter(|_| have != want);
    let has_topic = have.notification_topic_arn.as_deref().is_some_and(|arn| !arn.is_empty());
    let wants_topic = want.notification_topic_arn.as_deref().is_some_and(|arn| !arn.is_empty());
    let topic_status = match (has_topic, wants_topic) {
        (true, false) => Some("inactive"),
        (false, true) => Some("active"),
        (true, true) | (false, false) => None,
    };
    let (had, wanted) =
        (have.user_group_ids.clone().unwrap_or_default(), want.user_group_ids.clone().unwrap_or_default());
    let without = |list: &[String], other: &[String]| {
        listed(&list.iter().filter(|id| !other.contains(id)).cloned().collect::<Vec<_>>())
    };
    let encryption = changed(&have.transit_encryption_enabled, &want.transit_encryption_enabled);
    let mode = text(&have.transit_encryption_mode, &want.transit_encryption_mode);
    ModifyReplicationGroupInputBuilder::default()
        .set_auto_minor_version_upgrade(
            flag(&want.auto_minor_version_upgrade)
                .filter(|flag_| flag(&have.auto_minor_version_upgrade) != Some(*flag_)),
        )
        .set_automatic_failover_enabled(changed(&have.automatic_failover_enabled, &want.automatic_failover_enabled))
        .set_cache_node_type(text(&have.node_type, &want.node_type))
        .set_cache_parameter_group_name(option(&have.parameter_group_name, &want.parameter_group_name))
        .set_cluster_mode(text(&have.cluster_mode, &want.cluster_mode).map(|mode| ClusterMode::from(mode.as_str())))
        .set_engine(text(&have.engine, &want.engine))
        .set_engine_version(text(&have.engine_version, &want.engine_version))
        .set_ip_discovery(text(&have.ip_discovery, &want.ip_discovery).map(|kind| IpDiscovery::from(kind.as_str())))
        .set_log_delivery_configurations(log_delivery::requests(
            &have.log_delivery_configuration,
            &want.log_delivery_configuration,
        ))
        .set_multi_az_enabled(changed(&have.multi_az_enabled, &want.multi_az_enabled))
        .set_notification_topic_arn(option(&have.notification_topic_arn, &want.notification_topic_arn))
        .set_notification_topic_status(topic_status.map(str::to_string))
        .set_preferred_maintenance_window(text(&have.maintenance_window, &want.maintenance_window))
        .set_replication_group_description(text(&have.description, &want.description))
        .set_security_group_ids(changed(&have.security_group_ids, &want.security_group_ids))
        .set_snapshot_retention_limit(changed(&have.snapshot_retention_limit, &want.snapshot_retention_limit))
        .set_snapshot_window(text(&have.snapshot_window, &want.snapshot_window))
        .set_transit_encryption_enabled(encryption)
        .set_transit_encryption_mode(mode.map(|mode| TransitEncryptionMode::from(mode.as_str())))
        .set_user_group_ids_to_add(without(&wanted, &had))
        .set_user_group_ids_to_remove(without(&had, &wanted))
}

/// The change of the token, which is always made at once.
fn token(have: &ReplicationGroup, want: &ReplicationGroup) -> Option<ModifyReplicationGroupInputBuilder> {
    let of = |group: &ReplicationGroup| group.auth_token.clone().filter(|token| !token.is_empty());
    if of(have) == of(want) {
        return None;
    }
    let strategy = match of(want) {
        Some(_) => want.auth_token_update_strategy.clone().unwrap_or_else(|| "ROTATE".into()),
        None => "DELETE".into(),
    };
    let change = ModifyReplicationGroupInputBuilder::default().apply_immediately(true).set_auth_token(of(want));
    Some(change.auth_token_update_strategy(AuthTokenUpdateStrategyType::from(strategy.as_str())))
}

/// Makes a call, and makes it again while the group is busy.
pub async fn in_turn<T, F: Future<Output = Result<T, ProviderError>> + Send>(
    patience: Duration,
    call: impl Fn() -> F + Send + Sync,
) -> Result<T, ProviderError> {
    let start = Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        match call().await {
            Err(error)
                if error.code.as_deref().is_some_and(|code| code.starts_with("InvalidReplicationGroupState"))
                    && start.elapsed() < patience => {}
            ended => return ended,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

async fn until_available(aws: &Aws, id: &str, patience: Duration) -> Result<(), ProviderError> {
    settling::until_settled(ReplicationGroup::TYPE, patience, || async {
        Ok(match live::named(aws, id).await? {
            Some(live) => match live.status.unwrap_or_default() {
                status if status == "available" => Look::Settled(()),
                status => Look::Pending(format!("status {status}")),
            },
            None => Look::Gone("the group is gone"),
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_of_ours_ask_for_nothing() {
        let want = ReplicationGroup {
            apply_immediately: Some(true),
            final_snapshot_identifier: Some("last".into()),
            auto_minor_version_upgrade: "false".into(),
            ..ReplicationGroup::default()
        };
        let have = ReplicationGroup { auto_minor_version_upgrade: "0".into(), ..ReplicationGroup::default() };
        assert_eq!(change(&have, &want), ModifyReplicationGroupInputBuilder::default());
    }

    #[test]
    fn a_token_is_changed_at_once_and_alone() {
        let of = |token: &str| ReplicationGroup { auth_token: Some(token.into()), ..ReplicationGroup::default() };
        assert!(token(&of("one"), &of("one")).is_none());
        let change = token(&of("one"), &of("two")).unwrap_or_default();
        assert_eq!(change.get_auth_token_update_strategy(), &Some(AuthTokenUpdateStrategyType::Rotate));
        let change = token(&of("one"), &of("")).unwrap_or_default();
        assert_eq!(change.get_auth_token_update_strategy(), &Some(AuthTokenUpdateStrategyType::Delete));
    }

    #[test]
    fn members_are_counted_as_they_are_said() {
        let have =
            ReplicationGroup { num_cache_clusters: 2, replicas_per_node_group: 1, ..ReplicationGroup::default() };
        let by_members = ReplicationGroup { num_cache_clusters: 4, ..have.clone() };
        let by_replicas = ReplicationGroup { replicas_per_node_group: 2, ..have.clone() };
        assert_eq!((have.replicas(&have), by_members.replicas(&have), by_replicas.replicas(&have)), (1, 3, 2));
    }
}
