//! What an instance's status means, and the wait for calls that only an available instance takes.

use std::time::Duration;

use aws_sdk_rds::types::{DbInstance as Live, SourceType};
use provider::error::ProviderError;
use provider::resource::{Readiness, Resource};

use crate::clients::Aws;
use crate::rds::db_instance::{DbInstance, describe};
use crate::settling::{self, Look};

/// How far back the events of a failed instance are looked at.
const EVENTS_MINUTES: i32 = 60;

/// What is under way besides the status.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Moving {
    /// Attributes whose change is waiting to take effect.
    pub pending: Vec<&'static str>,
    /// Security groups or parameter groups are being exchanged.
    pub groups: bool,
    /// What the service last said of an instance that failed.
    pub failure: Option<String>,
}

impl Moving {
    pub fn of(live: &Live) -> Moving {
        let is_moving = |status: Option<&String>| {
            status.is_some_and(|status| matches!(status.as_str(), "adding" | "removing" | "applying"))
        };
        let groups = live.vpc_security_groups.iter().flatten().map(|group| group.status.as_ref());
        let parameters = live.db_parameter_groups.iter().flatten().map(|group| group.parameter_apply_status.as_ref());
        Moving { pending: pending(live), groups: groups.chain(parameters).any(is_moving), failure: None }
    }

    /// `at_once`: changes were not to wait for the maintenance window, so the instance is not ready before they took effect.
    pub fn readiness(&self, status: &str, at_once: bool) -> Readiness {
        match state(status) {
            State::Failed => {
                let why = self.failure.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                Readiness::Failed(format!("the instance's status is {status}{why}"))
            }
            State::Moving => Readiness::Pending(format!("status {status}")),
            State::Steady if at_once && !self.pending.is_empty() => {
                Readiness::Pending(format!("changes of {}", self.pending.join(", ")))
            }
            State::Steady if self.groups => Readiness::Pending("security groups or parameters".into()),
            State::Steady => Readiness::Settled,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Steady,
    Moving,
    Failed,
}

/// Statuses are listed in the RDS user guide, "Viewing Amazon RDS DB instance status".
fn state(status: &str) -> State {
    match status {
        "available" | "stopped" | "storage-config-upgrade" | "storage-initialization" | "storage-optimization" => {
            State::Steady
        }
        "failed"
        | "inaccessible-encryption-credentials"
        | "inaccessible-encryption-credentials-recoverable"
        | "insufficient-capacity"
        | "restore-error" => State::Failed,
        other if other.starts_with("incompatible-") => State::Failed,
        _ => State::Moving,
    }
}

fn pending(live: &Live) -> Vec<&'static str> {
    let Some(values) = &live.pending_modified_values else { return Vec::new() };
    let waiting = [
        ("allocated_storage", values.allocated_storage.is_some()),
        ("backup_retention_period", values.backup_retention_period.is_some()),
        ("ca_cert_identifier", values.ca_certificate_identifier.is_some()),
        ("db_subnet_group_name", values.db_subnet_group_name.is_some()),
        ("dedicated_log_volume", values.dedicated_log_volume.is_some()),
        ("enabled_cloudwatch_logs_exports", values.pending_cloudwatch_logs_exports.is_some()),
        ("engine_version", values.engine_version.is_some()),
        ("iam_database_authentication_enabled", values.iam_database_authentication_enabled.is_some()),
        ("identifier", values.db_instance_identifier.is_some()),
        ("instance_class", values.db_instance_class.is_some()),
        ("iops", values.iops.is_some()),
        ("license_model", values.license_model.is_some()),
        ("multi_az", values.multi_az.is_some()),
        ("password", values.master_user_password.is_some()),
        ("port", values.port.is_some()),
        ("storage_throughput", values.storage_throughput.is_some()),
        ("storage_type", values.storage_type.is_some()),
    ];
    waiting.into_iter().filter(|(_, is_waiting)| *is_waiting).map(|(name, _)| name).collect()
}

/// Polls until the instance takes calls again and what was changed at once has taken effect.
pub async fn until_settled(aws: &Aws, id: &str, patience: Duration) -> Result<DbInstance, ProviderError> {
    settling::until_settled(DbInstance::TYPE, patience, || async {
        let Some(live) = describe::named(aws, &[id]).await?.pop() else {
            return Ok(Look::Gone("the instance is gone"));
        };
        let mut instance = DbInstance::default().with_live(live);
        explain(aws, &mut instance).await;
        Ok(match instance.moving.readiness(&instance.status, true) {
            Readiness::Settled => Look::Settled(instance),
            Readiness::Failed(why) => Look::Failed(why),
            Readiness::Pending(what) => Look::Pending(what),
        })
    })
    .await
}

/// Adds to a failed instance what the service last said of it; the status alone tells little.
pub async fn explain(aws: &Aws, instance: &mut DbInstance) {
    if state(&instance.status) != State::Failed {
        return;
    }
    let events = aws
        .rds()
        .describe_events()
        .source_type(SourceType::DbInstance)
        .source_identifier(&instance.identifier)
        .duration(EVENTS_MINUTES)
        .send();
    // Without events the status has to do: that it failed is what counts.
    let Ok(answer) = events.await else { return };
    instance.moving.failure = answer.events.unwrap_or_default().pop().and_then(|event| event.message);
}

#[cfg(test)]
mod tests {
    use aws_sdk_rds::types::PendingModifiedValues;

    use super::*;

    #[test]
    fn an_instance_is_ready_when_its_changes_took_effect() {
        let pending = PendingModifiedValues::builder().db_instance_class("db.t3.small").build();
        let live = Live::builder().pending_modified_values(pending).build();
        let moving = Moving::of(&live);
        assert_eq!(moving.readiness("available", true), Readiness::Pending("changes of instance_class".into()));
        assert_eq!(moving.readiness("available", false), Readiness::Settled);
        assert_eq!(Moving::default().readiness("storage-optimization", true), Readiness::Settled);
        assert_eq!(Moving::default().readiness("modifying", false), Readiness::Pending("status modifying".into()));
    }

    #[test]
    fn a_failed_instance_says_what_the_service_said() {
        let moving = Moving { failure: Some("no free addresses".into()), ..Moving::default() };
        let failed = Readiness::Failed("the instance's status is incompatible-network: no free addresses".into());
        assert_eq!(moving.readiness("incompatible-network", false), failed);
    }
}
