//! `aws_rds_cluster_instance`: a database server of an Aurora cluster.
//!
//! Storage, accounts and versions are the cluster's; a version that changes there changes here without a call.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDbInstanceInputBuilder;
use aws_sdk_rds::types::DbInstance as Live;
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::given::{changed, changed_text};
use crate::names;
use crate::rds::cluster::{self, rules};
use crate::rds::db_instance::rules::{
    Check, arn, backup_window, custom_profile, identifier, identifier_prefix, maintenance_window, refusals,
};
use crate::rds::db_instance::{describe, status};
use crate::rds::known::is_version_of;
use crate::rds::retry::retry;
use crate::rds::{given, tags};
use crate::tags::TagChange;

/// What the token's time and the service's clock may differ by.
const CLOCK_SKEW_S: i64 = 60;

/// The tiers in which instances take the place of a failed writer (Amazon RDS API Reference, `CreateDBInstance`).
const TIERS: std::ops::RangeInclusive<i64> = 0..=15;

const CHECKS: [(&str, Check); 6] = [
    ("custom_iam_instance_profile", custom_profile),
    ("identifier", instance_identifier),
    ("identifier_prefix", identifier_prefix),
    ("performance_insights_kms_key_id", arn),
    ("preferred_backup_window", backup_window),
    ("preferred_maintenance_window", maintenance_window),
];

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterInstance {
    apply_immediately: Option<bool>,
    arn: String,
    auto_minor_version_upgrade: bool,
    availability_zone: String,
    ca_cert_identifier: String,
    cluster_identifier: String,
    copy_tags_to_snapshot: bool,
    custom_iam_instance_profile: String,
    db_parameter_group_name: String,
    db_subnet_group_name: String,
    dbi_resource_id: String,
    endpoint: String,
    engine: String,
    engine_version: String,
    engine_version_actual: String,
    force_destroy: Option<bool>,
    id: String,
    identifier: String,
    identifier_prefix: String,
    instance_class: String,
    kms_key_id: String,
    monitoring_interval: i32,
    monitoring_role_arn: String,
    network_type: String,
    performance_insights_enabled: bool,
    performance_insights_kms_key_id: String,
    performance_insights_retention_period: i32,
    port: i32,
    preferred_backup_window: String,
    preferred_maintenance_window: String,
    promotion_tier: i32,
    publicly_accessible: bool,
    storage_encrypted: bool,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    writer: bool,
    #[serde(skip)]
    status: String,
    #[serde(skip)]
    moving: status::Moving,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for ClusterInstance {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_rds_cluster_instance";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(90, 90, 90);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let identifier = names::given_or_unique(&want.identifier, &want.identifier_prefix, creation.token);
        let patience = want.patience(|written| written.create.as_deref(), Self::TIMEOUTS.create);
        let live = retry(patience, || async { want.make(aws, &identifier).await.map_err(advise_where_taken) }).await?;
        let arn = live.and_then(|live| live.db_instance_arn).unwrap_or_default();
        Ok(ClusterInstance { arn, id: identifier.clone(), identifier, ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let names: Vec<&str> = have.iter().map(|instance| instance.id.as_str()).collect();
        let live = describe::named(aws, &names).await?;
        let writers = writers(aws, &live).await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| describe::is_named(live, &have.id))?;
            // An instance without a cluster is of another type.
            live.db_cluster_identifier.as_ref()?;
            let writer = live.db_instance_identifier.as_deref().is_some_and(|name| writers.contains(name));
            Some(ClusterInstance { writer, ..have.with_live(live.clone()) })
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let change = change(have, want);
        if change != ModifyDbInstanceInputBuilder::default() {
            let change =
                change.apply_immediately(want.apply_immediately.unwrap_or(false)).db_instance_identifier(&have.id);
            let patience = want.patience(|written| written.update.as_deref(), Self::TIMEOUTS.update);
            retry(patience, || async {
                change.clone().send_with(aws.rds()).await.operation("rds:ModifyDBInstance").map(drop)
            })
            .await?;
        }
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let patience = have.patience(|written| written.delete.as_deref(), Self::TIMEOUTS.delete);
        let error = match delete(aws, &have.id, patience).await {
            Err(error) if error.message.contains("last instance of the read replica DB cluster") => error,
            ended => return ended,
        };
        if have.force_destroy != Some(true) {
            return Err(error.hint(
                "set `force_destroy = true` and apply that: then the cluster is promoted before its last instance goes",
            ));
        }
        cluster::change::promote(aws, &have.cluster_identifier, patience).await?;
        delete(aws, &have.id, patience).await
    }

    fn readiness(&self, want: &Self) -> Readiness {
        self.moving.readiness(&self.status, want.apply_immediately == Some(true))
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let identifier = names::given_or_unique(&want.identifier, &want.identifier_prefix, token);
        let Some(live) = describe::named(aws, &[&identifier]).await?.pop() else { return Ok(None) };
        // Until it is there, an instance has no creation time.
        let made_at = live.instance_create_time.map(|time| time.secs());
        if made_at.is_some_and(|made_at| made_at < token.at.as_second() - CLOCK_SKEW_S) {
            let message = format!("a DB instance named `{identifier}` was there before this create");
            return Err(taken("rds:CreateDBInstance", message));
        }
        Ok(Some(want.with_live(live)))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(ClusterInstance { id: id.to_string(), ..ClusterInstance::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut found: Vec<Refusal> =
            CHECKS.into_iter().flat_map(|(attribute, check)| refusals(config, attribute, check)).collect();
        if let Some(tier) = rules::number(config, "promotion_tier").filter(|tier| !TIERS.contains(tier)) {
            let detail = format!("It is {tier}, and goes from {} to {}.", TIERS.start(), TIERS.end());
            found.push(rules::refusal(Path::attribute("promotion_tier"), detail));
        }
        let days = "performance_insights_retention_period";
        // A week, months of 31 days, or two years (Amazon RDS API Reference, `CreateDBInstance`).
        if let Some(number) = rules::number(config, days).filter(|days| ![0, 7, 731].contains(days) && days % 31 != 0) {
            let detail = format!("It is {number} days, and must be 7, a multiple of 31, or 731.");
            found.push(rules::refusal(Path::attribute(days), detail));
        }
        let seconds = rules::number(config, "monitoring_interval");
        found.extend(seconds.and_then(|seconds| rules::interval("monitoring_interval", seconds)));
        found
    }
}

fn instance_identifier(text: &str) -> Option<String> {
    identifier(text).or_else(|| rules::too_long(text))
}

impl ClusterInstance {
    /// How long to wait: what `timeouts` says, else the type's own time.
    fn patience(&self, written: impl Fn(&WrittenTimeouts) -> Option<&str>, default: Duration) -> Duration {
        let written = self.timeouts.as_ref().and_then(written);
        written.and_then(provider::adapter::parse_duration).unwrap_or(default)
    }

    async fn make(&self, aws: &Aws, identifier: &str) -> Result<Option<Live>, ProviderError> {
        let insights = self.performance_insights_enabled;
        let create = aws
            .rds()
            .create_db_instance()
            .auto_minor_version_upgrade(self.auto_minor_version_upgrade)
            .copy_tags_to_snapshot(self.copy_tags_to_snapshot)
            .db_cluster_identifier(&self.cluster_identifier)
            .db_instance_class(&self.instance_class)
            .db_instance_identifier(identifier)
            .engine(&self.engine)
            .promotion_tier(self.promotion_tier)
            .set_availability_zone(given(&self.availability_zone))
            .set_ca_certificate_identifier(given(&self.ca_cert_identifier))
            .set_custom_iam_instance_profile(given(&self.custom_iam_instance_profile))
            .set_db_parameter_group_name(given(&self.db_parameter_group_name))
            .set_db_subnet_group_name(given(&self.db_subnet_group_name))
            .set_enable_performance_insights(insights.then_some(true))
            .set_engine_version(given(&self.engine_version))
            .set_monitoring_interval((self.monitoring_interval > 0).then_some(self.monitoring_interval))
            .set_monitoring_role_arn(given(&self.monitoring_role_arn))
            .set_performance_insights_kms_key_id(given(&self.performance_insights_kms_key_id))
            .set_performance_insights_retention_period(self.insights_days())
            .set_preferred_backup_window(given(&self.preferred_backup_window))
            .set_preferred_maintenance_window(given(&self.preferred_maintenance_window))
            .set_publicly_accessible(self.publicly_accessible.then_some(true))
            .set_tags(tags::request(&self.tags_all));
        Ok(create.send().await.operation("rds:CreateDBInstance")?.db_instance)
    }

    fn insights_days(&self) -> Option<i32> {
        let days = self.performance_insights_retention_period;
        (days > 0 && self.performance_insights_enabled).then_some(days)
    }

    fn with_live(&self, live: Live) -> ClusterInstance {
        let moving = status::Moving::of(&live);
        let identifier = live.db_instance_identifier.unwrap_or_default();
        let engine_version_actual = live.engine_version.unwrap_or_default();
        let is_known = is_version_of(&engine_version_actual, &self.engine_version);
        let parameters = live.db_parameter_groups.unwrap_or_default().into_iter().next();
        let endpoint = live.endpoint;
        ClusterInstance {
            arn: live.db_instance_arn.unwrap_or_default(),
            auto_minor_version_upgrade: live.auto_minor_version_upgrade.unwrap_or_default(),
            availability_zone: live.availability_zone.unwrap_or_default(),
            ca_cert_identifier: live.ca_certificate_identifier.unwrap_or_default(),
            cluster_identifier: live.db_cluster_identifier.unwrap_or_default(),
            copy_tags_to_snapshot: live.copy_tags_to_snapshot.unwrap_or_default(),
            custom_iam_instance_profile: live.custom_iam_instance_profile.unwrap_or_default(),
            db_parameter_group_name: parameters.and_then(|group| group.db_parameter_group_name).unwrap_or_default(),
            db_subnet_group_name: live.db_subnet_group.and_then(|group| group.db_subnet_group_name).unwrap_or_default(),
            dbi_resource_id: live.dbi_resource_id.unwrap_or_default(),
            port: endpoint.as_ref().and_then(|endpoint| endpoint.port).unwrap_or_default(),
            endpoint: endpoint.and_then(|endpoint| endpoint.address).unwrap_or_default(),
            engine: live.engine.unwrap_or_default(),
            engine_version: if is_known { self.engine_version.clone() } else { engine_version_actual.clone() },
            engine_version_actual,
            id: identifier.clone(),
            identifier_prefix: names::prefix_of(&identifier).unwrap_or_default().to_string(),
            identifier,
            instance_class: self.class_over(live.db_instance_class, live.pending_modified_values.as_ref()),
            kms_key_id: live.kms_key_id.unwrap_or_default(),
            monitoring_interval: live.monitoring_interval.unwrap_or_default(),
            monitoring_role_arn: live.monitoring_role_arn.unwrap_or_default(),
            network_type: live.network_type.unwrap_or_default(),
            performance_insights_enabled: live.performance_insights_enabled.unwrap_or_default(),
            performance_insights_kms_key_id: live.performance_insights_kms_key_id.unwrap_or_default(),
            performance_insights_retention_period: live.performance_insights_retention_period.unwrap_or_default(),
            preferred_backup_window: live.preferred_backup_window.unwrap_or_default(),
            preferred_maintenance_window: live.preferred_maintenance_window.unwrap_or_default(),
            promotion_tier: live.promotion_tier.unwrap_or_default(),
            publicly_accessible: live.publicly_accessible.unwrap_or_default(),
            status: live.db_instance_status.unwrap_or_default(),
            storage_encrypted: live.storage_encrypted.unwrap_or_default(),
            tags_all: tags::live(live.tag_list),
            moving,
            ..self.clone()
        }
    }

    /// The class, also one that waits for the maintenance window: it counts as made.
    fn class_over(&self, live: Option<String>, pending: Option<&aws_sdk_rds::types::PendingModifiedValues>) -> String {
        let pending = pending.and_then(|pending| pending.db_instance_class.clone());
        pending.filter(|pending| *pending == self.instance_class).or(live).unwrap_or_default()
    }
}

/// The instances that write, of the clusters that these instances belong to: a call a cluster.
async fn writers(aws: &Aws, live: &[Live]) -> Result<BTreeSet<String>, ProviderError> {
    let clusters: BTreeMap<&str, ()> =
        live.iter().filter_map(|live| Some((live.db_cluster_identifier.as_deref()?, ()))).collect();
    let names: Vec<&str> = clusters.into_keys().collect();
    if names.is_empty() {
        return Ok(BTreeSet::new());
    }
    let clusters = cluster::describe::named(aws, &names).await?;
    let members = clusters.into_iter().flat_map(|cluster| cluster.db_cluster_members.unwrap_or_default());
    let writers = members.filter(|member| member.is_cluster_writer == Some(true));
    Ok(writers.filter_map(|writer| writer.db_instance_identifier).collect())
}

async fn delete(aws: &Aws, id: &str, patience: Duration) -> Result<(), ProviderError> {
    retry(patience, || async {
        let delete = aws.rds().delete_db_instance().db_instance_identifier(id).skip_final_snapshot(true);
        match delete.send().await.operation("rds:DeleteDBInstance") {
            Err(error) if error.message.contains("is already being deleted") => Ok(()),
            Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
            ended => ended.map(drop),
        }
    })
    .await
}

/// What to ask for to get from one to the other; nothing where only our own settings differ.
fn change(have: &ClusterInstance, want: &ClusterInstance) -> ModifyDbInstanceInputBuilder {
    let is_monitored_otherwise =
        have.monitoring_interval != want.monitoring_interval || have.monitoring_role_arn != want.monitoring_role_arn;
    let has_new_insights = have.performance_insights_enabled != want.performance_insights_enabled
        || have.performance_insights_kms_key_id != want.performance_insights_kms_key_id
        || have.performance_insights_retention_period != want.performance_insights_retention_period;
    let insights_key = given(&want.performance_insights_kms_key_id);
    let enabled = has_new_insights && want.performance_insights_enabled;
    ModifyDbInstanceInputBuilder::default()
        .set_auto_minor_version_upgrade(changed(&have.auto_minor_version_upgrade, &want.auto_minor_version_upgrade))
        .set_ca_certificate_identifier(changed_text(&have.ca_cert_identifier, &want.ca_cert_identifier))
        .set_copy_tags_to_snapshot(changed(&have.copy_tags_to_snapshot, &want.copy_tags_to_snapshot))
        .set_db_instance_class(changed_text(&have.instance_class, &want.instance_class))
        .set_db_parameter_group_name(changed_text(&have.db_parameter_group_name, &want.db_parameter_group_name))
        .set_enable_performance_insights(has_new_insights.then_some(want.performance_insights_enabled))
        .set_monitoring_interval(is_monitored_otherwise.then_some(want.monitoring_interval))
        .set_monitoring_role_arn(given(&want.monitoring_role_arn).filter(|_| is_monitored_otherwise))
        .set_performance_insights_kms_key_id(insights_key.filter(|_| enabled))
        .set_performance_insights_retention_period(want.insights_days().filter(|_| enabled))
        .set_preferred_backup_window(changed_text(&have.preferred_backup_window, &want.preferred_backup_window))
        .set_preferred_maintenance_window(changed_text(
            &have.preferred_maintenance_window,
            &want.preferred_maintenance_window,
        ))
        .set_promotion_tier(changed(&have.promotion_tier, &want.promotion_tier))
        .set_publicly_accessible(changed(&have.publicly_accessible, &want.publicly_accessible))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_clusters_is_not_asked_for() {
        let have = ClusterInstance { engine_version: "16.3".into(), ..ClusterInstance::default() };
        let want = ClusterInstance { engine_version: "16.4".into(), promotion_tier: 1, ..ClusterInstance::default() };
        assert_eq!(change(&have, &want), ModifyDbInstanceInputBuilder::default().promotion_tier(1));
    }
}
