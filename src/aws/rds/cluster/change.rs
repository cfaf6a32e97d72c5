//! Changes a cluster in place: its roles and what it follows one by one, everything else in one call.

use std::time::Duration;

use aws_sdk_rds::operation::modify_db_cluster::builders::ModifyDbClusterInputBuilder;
use aws_sdk_rds::types::CloudwatchLogsExportConfiguration;
use model::path::Path;
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given::{changed, changed_text, listed, positive};
use crate::rds::cluster::{Cluster, Timed, status};
use crate::rds::known::is_version_of;
use crate::rds::retry::retry;
use crate::rds::{given, tags};
use crate::tags::TagChange;

pub async fn update(aws: &Aws, have: &Cluster, want: &Cluster) -> Result<(), ProviderError> {
    let change = change(have, want)?;
    let patience = want.patience(Timed::Update);
    if have.global_cluster_identifier != want.global_cluster_identifier {
        if !want.global_cluster_identifier.is_empty() {
            let message = "a cluster that exists can't be made a part of a global cluster";
            return Err(refused("global_cluster_identifier", message).hint(
                "make the global cluster from this one: `source_db_cluster_identifier` of `aws_rds_global_cluster`",
            ));
        }
        leave_global_cluster(aws, have).await?;
    }
    if have.replication_source_identifier != want.replication_source_identifier {
        if !want.replication_source_identifier.is_empty() {
            let message = "a cluster that exists can't be made to follow another one";
            return Err(refused("replication_source_identifier", message)
                .hint("replace it, for example with `-replace`, or remove the argument to promote a replica"));
        }
        promote(aws, &have.id, patience).await?;
    }
    if change != ModifyDbClusterInputBuilder::default() {
        let at_once = want.apply_immediately.unwrap_or(false);
        modify(aws, change.apply_immediately(at_once), &have.id, patience).await?;
    }
    for role in have.iam_roles.iter().filter(|role| !want.iam_roles.contains(role)) {
        remove_role(aws, &have.id, role, patience).await?;
    }
    for role in want.iam_roles.iter().filter(|role| !have.iam_roles.contains(role)) {
        add_role(aws, &have.id, role, patience).await?;
    }
    tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
}

/// Asks for a change; waits while the cluster is too busy to take it.
pub async fn modify(
    aws: &Aws,
    change: ModifyDbClusterInputBuilder,
    id: &str,
    patience: Duration,
) -> Result<(), ProviderError> {
    let change = change.db_cluster_identifier(id);
    retry(patience, || async { change.clone().send_with(aws.rds()).await.operation("rds:ModifyDBCluster").map(drop) })
        .await
}

pub async fn add_role(aws: &Aws, id: &str, role: &str, patience: Duration) -> Result<(), ProviderError> {
    retry(patience, || async {
        let add = aws.rds().add_role_to_db_cluster().db_cluster_identifier(id).role_arn(role);
        add.send().await.operation("rds:AddRoleToDBCluster").map(drop)
    })
    .await
}

async fn remove_role(aws: &Aws, id: &str, role: &str, patience: Duration) -> Result<(), ProviderError> {
    let removed = retry(patience, || async {
        let remove = aws.rds().remove_role_from_db_cluster().db_cluster_identifier(id).role_arn(role);
        remove.send().await.operation("rds:RemoveRoleFromDBCluster").map(drop)
    });
    match removed.await {
        Err(error) if error.is_not_found() => Ok(()),
        ended => ended,
    }
}

/// Makes a cluster one of its own that follows another one.
pub async fn promote(aws: &Aws, id: &str, patience: Duration) -> Result<(), ProviderError> {
    retry(patience, || async {
        let promote = aws.rds().promote_read_replica_db_cluster().db_cluster_identifier(id);
        promote.send().await.operation("rds:PromoteReadReplicaDBCluster").map(drop)
    })
    .await?;
    status::until_settled(aws, id, patience).await
}

/// Takes a cluster out of its global cluster, if it is in one.
pub async fn leave_global_cluster(aws: &Aws, have: &Cluster) -> Result<(), ProviderError> {
    let Some(global) = given(&have.global_cluster_identifier) else { return Ok(()) };
    let left = retry(have.patience(Timed::Update), || async {
        let leave = aws.rds().remove_from_global_cluster().db_cluster_identifier(&have.arn);
        let leave = leave.global_cluster_identifier(&global);
        leave.send().await.operation("rds:RemoveFromGlobalCluster").map(drop)
    });
    match left.await {
        Err(error) if error.is_not_found() || error.message.contains("is not found in global cluster") => Ok(()),
        ended => ended,
    }
}

/// What to ask for to get from one to the other; nothing where only our own settings differ.
///
/// # Errors
/// A difference that no call makes.
fn change(have: &Cluster, want: &Cluster) -> Result<ModifyDbClusterInputBuilder, ProviderError> {
    let change = ModifyDbClusterInputBuilder::default();
    let change = of_capacity(change, have, want);
    let change = of_engine(change, have, want);
    let change = of_operation(change, have, want);
    let change = of_monitoring(change, have, want);
    of_password(change, have, want)
}

fn of_capacity(change: ModifyDbClusterInputBuilder, have: &Cluster, want: &Cluster) -> ModifyDbClusterInputBuilder {
    let is_resized = have.allocated_storage != want.allocated_storage;
    let is_faster = have.iops != want.iops;
    let is_retyped = have.storage_type != want.storage_type;
    // Where the speed is chosen, the API wants size and speed together.
    let together = (is_resized || is_faster || is_retyped) && want.iops > 0;
    let has_scaling = have.scaling_configuration != want.scaling_configuration;
    let has_serverless = have.serverlessv2_scaling_configuration != want.serverlessv2_scaling_configuration;
    // Aurora itself is asked for by its name: the storage without the offer for much input and output.
    let storage_type = match want.storage_type.as_str() {
        "" if is_retyped && have.storage_type == "aurora-iopt1" => Some("aurora".to_string()),
        other => given(other).filter(|_| is_retyped),
    };
    change
        .set_allocated_storage(positive(want.allocated_storage).filter(|_| is_resized || together))
        .set_db_cluster_instance_class(changed_text(&have.db_cluster_instance_class, &want.db_cluster_instance_class))
        .set_iops(positive(want.iops).filter(|_| is_faster || together))
        .set_scaling_configuration(want.scaling().filter(|_| has_scaling))
        .set_serverless_v2_scaling_configuration(want.serverless_v2().filter(|_| has_serverless))
        .set_storage_type(storage_type)
}

fn of_engine(change: ModifyDbClusterInputBuilder, have: &Cluster, want: &Cluster) -> ModifyDbClusterInputBuilder {
    // `16` for a `16.3` that runs already asks for nothing; the API would take it for its latest 16.
    let runs_already = is_version_of(&have.engine_version_actual, &want.engine_version);
    let is_upgraded = have.engine_version != want.engine_version && !runs_already;
    let instance_parameters = want.db_instance_parameter_group_name.clone().filter(|_| is_upgraded);
    let parameters = changed_text(&have.db_cluster_parameter_group_name, &want.db_cluster_parameter_group_name);
    change
        .set_allow_major_version_upgrade(want.allow_major_version_upgrade.filter(|_| is_upgraded))
        .set_db_cluster_parameter_group_name(parameters)
        .set_db_instance_parameter_group_name(instance_parameters)
        .set_engine_lifecycle_support(changed_text(&have.engine_lifecycle_support, &want.engine_lifecycle_support))
        .set_engine_version(given(&want.engine_version).filter(|_| is_upgraded))
}

fn of_operation(change: ModifyDbClusterInputBuilder, have: &Cluster, want: &Cluster) -> ModifyDbClusterInputBuilder {
    let (had, wanted) = (&have.enabled_cloudwatch_logs_exports, &want.enabled_cloudwatch_logs_exports);
    let without = |list: &[String], other: &[String]| {
        let rest: Vec<String> = list.iter().filter(|kind| !other.contains(kind)).cloned().collect();
        listed(&rest)
    };
    let (enabled, disabled) = (without(wanted, had), without(had, wanted));
    let logs = (enabled.is_some() || disabled.is_some()).then(|| {
        CloudwatchLogsExportConfiguration::builder()
            .set_enable_log_types(enabled)
            .set_disable_log_types(disabled)
            .build()
    });
    let has_domain = have.domain != want.domain || have.domain_iam_role_name != want.domain_iam_role_name;
    // A cluster leaves its domain for the one named `none`: Amazon RDS API Reference, `ModifyDBCluster`.
    let domain = has_domain.then(|| given(&want.domain).unwrap_or_else(|| "none".into()));
    change
        .set_backtrack_window(changed(&have.backtrack_window, &want.backtrack_window))
        .set_backup_retention_period(changed(&have.backup_retention_period, &want.backup_retention_period))
        .set_ca_certificate_identifier(
            want.ca_certificate_identifier
                .clone()
                .filter(|_| have.ca_certificate_identifier != want.ca_certificate_identifier),
        )
        .set_cloudwatch_logs_export_configuration(logs)
        .set_copy_tags_to_snapshot(changed(&have.copy_tags_to_snapshot, &want.copy_tags_to_snapshot))
        .set_deletion_protection(changed(&have.deletion_protection, &want.deletion_protection))
        .set_domain(domain)
        .set_domain_iam_role_name(given(&want.domain_iam_role_name).filter(|_| has_domain))
        .set_enable_global_write_forwarding(changed(
            &have.enable_global_write_forwarding,
            &want.enable_global_write_forwarding,
        ))
        .set_enable_http_endpoint(changed(&have.enable_http_endpoint, &want.enable_http_endpoint))
        .set_enable_iam_database_authentication(changed(
            &have.iam_database_authentication_enabled,
            &want.iam_database_authentication_enabled,
        ))
        .set_enable_local_write_forwarding(changed(
            &have.enable_local_write_forwarding,
            &want.enable_local_write_forwarding,
        ))
        .set_network_type(changed_text(&have.network_type, &want.network_type))
        .set_port(changed(&have.port, &want.port).and_then(positive))
        .set_preferred_backup_window(changed_text(&have.preferred_backup_window, &want.preferred_backup_window))
        .set_preferred_maintenance_window(changed_text(
            &have.preferred_maintenance_window,
            &want.preferred_maintenance_window,
        ))
        .set_vpc_security_group_ids(changed(&have.vpc_security_group_ids, &want.vpc_security_group_ids))
}

fn of_monitoring(change: ModifyDbClusterInputBuilder, have: &Cluster, want: &Cluster) -> ModifyDbClusterInputBuilder {
    let is_monitored_otherwise =
        have.monitoring_interval != want.monitoring_interval || have.monitoring_role_arn != want.monitoring_role_arn;
    let has_new_mode = have.database_insights_mode != want.database_insights_mode;
    let has_new_insights = has_new_mode
        || have.performance_insights_enabled != want.performance_insights_enabled
        || have.performance_insights_kms_key_id != want.performance_insights_kms_key_id
        || have.performance_insights_retention_period != want.performance_insights_retention_period;
    let enabled = has_new_insights && want.performance_insights_enabled;
    change
        .set_database_insights_mode(want.insights_mode().filter(|_| has_new_mode))
        .set_enable_performance_insights(has_new_insights.then_some(want.performance_insights_enabled))
        .set_monitoring_interval(is_monitored_otherwise.then_some(want.monitoring_interval))
        .set_monitoring_role_arn(given(&want.monitoring_role_arn).filter(|_| is_monitored_otherwise))
        .set_performance_insights_kms_key_id(given(&want.performance_insights_kms_key_id).filter(|_| enabled))
        .set_performance_insights_retention_period(
            positive(want.performance_insights_retention_period).filter(|_| enabled),
        )
}

fn of_password(
    change: ModifyDbClusterInputBuilder,
    have: &Cluster,
    want: &Cluster,
) -> Result<ModifyDbClusterInputBuilder, ProviderError> {
    let was_managed = have.manage_master_user_password == Some(true);
    let is_managed = want.manage_master_user_password == Some(true);
    let has_new_key = have.master_user_secret_kms_key_id != want.master_user_secret_kms_key_id;
    let is_new = (want.master_password.is_some() && have.master_password != want.master_password)
        || (want.master_password_wo.is_some() && have.master_password_wo_version != want.master_password_wo_version)
        || (was_managed && !is_managed);
    let password = want.given_password().filter(|_| is_new && !is_managed);
    if was_managed && !is_managed && password.is_none() {
        let message = "`master_password` is required where `manage_master_user_password` is taken away";
        return Err(refused("master_password", message));
    }
    Ok(change
        .set_manage_master_user_password((was_managed != is_managed).then_some(is_managed))
        .set_master_user_password(password)
        .set_master_user_secret_kms_key_id(
            want.master_user_secret_kms_key_id.clone().filter(|_| is_managed && (has_new_key || !was_managed)),
        ))
}

fn refused(attribute: &str, message: &str) -> ProviderError {
    ProviderError::invalid("update aws_rds_cluster", message).attribute(Path::attribute(attribute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rds::cluster::ServerlessV2Scaling;

    fn asked(have: &Cluster, want: &Cluster) -> ModifyDbClusterInputBuilder {
        change(have, want).unwrap_or_else(|error| panic!("{error}"))
    }

    fn nothing() -> ModifyDbClusterInputBuilder {
        ModifyDbClusterInputBuilder::default()
    }

    #[test]
    fn settings_of_ours_ask_for_nothing() {
        let want = Cluster {
            apply_immediately: Some(true),
            skip_final_snapshot: Some(true),
            delete_automated_backups: Some(false),
            db_instance_parameter_group_name: Some("a".into()),
            ..Cluster::default()
        };
        assert_eq!(asked(&Cluster::default(), &want), nothing());
    }

    #[test]
    fn a_version_that_runs_already_is_not_asked_for() {
        let have =
            Cluster { engine_version: "16.3".into(), engine_version_actual: "16.3".into(), ..Cluster::default() };
        let of = |version: &str| Cluster { engine_version: version.into(), ..have.clone() };
        assert_eq!(asked(&have, &of("16")), nothing());
        assert_eq!(asked(&have, &of("16.4")), nothing().engine_version("16.4"));
    }

    #[test]
    fn capacities_are_asked_for_when_they_change() {
        let of = |min_capacity, seconds_until_auto_pause| Cluster {
            serverlessv2_scaling_configuration: vec![ServerlessV2Scaling {
                max_capacity: 4.0,
                min_capacity,
                seconds_until_auto_pause,
            }],
            ..Cluster::default()
        };
        assert_eq!(asked(&of(0.5, 0), &of(0.5, 0)), nothing());
        let change = asked(&of(0.5, 0), &of(0.0, 600)).get_serverless_v2_scaling_configuration().clone();
        assert_eq!(change.and_then(|scaling| scaling.seconds_until_auto_pause), Some(600));
    }

    #[test]
    fn a_password_that_is_no_longer_managed_must_be_given() {
        let managed = Cluster { manage_master_user_password: Some(true), ..Cluster::default() };
        assert!(change(&managed, &Cluster::default()).is_err());
        let given = Cluster { master_password: Some("one".into()), ..Cluster::default() };
        let expected = nothing().manage_master_user_password(false).master_user_password("one");
        assert_eq!(asked(&managed, &given), expected);
        assert_eq!(asked(&given, &managed), nothing().manage_master_user_password(true));
    }
}
