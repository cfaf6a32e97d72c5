//! What a cluster's status means, and the wait for calls that only an available cluster takes.

use std::time::Duration;

use aws_sdk_rds::types::{DbCluster as Live, SourceType};
use provider::error::ProviderError;
use provider::resource::{Readiness, Resource};

use crate::clients::Aws;
use crate::rds::cluster::{Cluster, describe};
use crate::settling::{self, Look};

/// How far back the events of a failed cluster are looked at.
const EVENTS_MINUTES: i32 = 60;

/// The status, and what is under way besides it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Moving {
    pub status: String,
    /// Attributes whose change is waiting to take effect.
    pub pending: Vec<&'static str>,
}

impl Moving {
    pub fn of(live: &Live) -> Moving {
        Moving { status: live.status.clone().unwrap_or_default(), pending: pending(live) }
    }

    /// `at_once`: changes were not to wait for the maintenance window, so the cluster is not ready before they took effect.
    ///
    /// Statuses are listed in the Aurora user guide, "Viewing DB cluster status in an Aurora cluster".
    pub fn readiness(&self, at_once: bool) -> Readiness {
        match self.status.as_str() {
            "available" | "stopped" if at_once && !self.pending.is_empty() => {
                Readiness::Pending(format!("changes of {}", self.pending.join(", ")))
            }
            "available" | "stopped" => Readiness::Settled,
            "failed"
            | "cloning-failed"
            | "inaccessible-encryption-credentials"
            | "inaccessible-encryption-credentials-recoverable"
            | "migration-failed" => Readiness::Failed(format!("the cluster's status is {}", self.status)),
            other if other.starts_with("incompatible-") => {
                Readiness::Failed(format!("the cluster's status is {other}"))
            }
            other => Readiness::Pending(format!("status {other}")),
        }
    }
}

fn pending(live: &Live) -> Vec<&'static str> {
    let Some(values) = &live.pending_modified_values else { return Vec::new() };
    let waiting = [
        ("allocated_storage", values.allocated_storage.is_some()),
        ("backup_retention_period", values.backup_retention_period.is_some()),
        ("ca_certificate_identifier", values.certificate_details.is_some()),
        ("cluster_identifier", values.db_cluster_identifier.is_some()),
        ("enabled_cloudwatch_logs_exports", values.pending_cloudwatch_logs_exports.is_some()),
        ("engine_version", values.engine_version.is_some()),
        ("iam_database_authentication_enabled", values.iam_database_authentication_enabled.is_some()),
        ("iops", values.iops.is_some()),
        ("master_password", values.master_user_password.is_some()),
        ("storage_type", values.storage_type.is_some()),
    ];
    waiting.into_iter().filter(|(_, is_waiting)| *is_waiting).map(|(name, _)| name).collect()
}

/// Polls until the cluster takes calls again and what was changed at once has taken effect.
pub async fn until_settled(aws: &Aws, id: &str, patience: Duration) -> Result<(), ProviderError> {
    settling::until_settled(Cluster::TYPE, patience, || async {
        let Some(live) = describe::named(aws, &[id]).await?.pop() else { return Ok(Look::Gone("the cluster is gone")) };
        Ok(match Moving::of(&live).readiness(true) {
            Readiness::Settled => Look::Settled(()),
            Readiness::Failed(why) => Look::Failed(why),
            Readiness::Pending(what) => Look::Pending(what),
        })
    })
    .await
}

/// What the service last said of a cluster.
pub async fn explain(aws: &Aws, id: &str) -> Option<String> {
    let events = aws
        .rds()
        .describe_events()
        .source_type(SourceType::DbCluster)
        .source_identifier(id)
        .duration(EVENTS_MINUTES)
        .send();
    let message = events.await.ok()?.events?.pop()?.message?;
    Some(format!("the service says: {message}"))
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::types::ClusterPendingModifiedValues;

    use super::*;

    #[test]
    fn a_cluster_is_ready_when_its_changes_took_effect() {
        let pending = ClusterPendingModifiedValues::builder().engine_version("16.4").build();
        let moving = Moving::of(&Live::builder().status("available").pending_modified_values(pending).build());
        assert_eq!(moving.readiness(true), Readiness::Pending("changes of engine_version".into()));
        assert_eq!(moving.readiness(false), Readiness::Settled);
        let upgrading = Moving::of(&Live::builder().status("upgrading").build());
        assert_eq!(upgrading.readiness(false), Readiness::Pending("status upgrading".into()));
    }
}
