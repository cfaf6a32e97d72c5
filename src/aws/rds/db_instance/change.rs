//! Changes an instance in place: promotes a replica, and asks for everything that differs in one call.

use std::time::Duration;

use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDbInstanceInputBuilder;
use aws_sdk_rds::types::{CloudwatchLogsExportConfiguration, ReplicaMode};
use model::path::Path;
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given::{changed, changed_text, listed, positive};
use crate::rds::db_instance::create::insights_mode;
use crate::rds::db_instance::live::is_same_source;
use crate::rds::db_instance::{DbInstance, Timed, status};
use crate::rds::known::is_version_of;
use crate::rds::retry::retry;
use crate::rds::{given, tags};
use crate::{names, tags::TagChange};

/// Storage types whose operations a second are asked for, whatever their size.
const PROVISIONED: [&str; 2] = ["io1", "io2"];

/// From this size on (GiB), gp3 storage has operations and throughput to choose; Oracle's from half of it on.
const GP3_CHOICE_MIN_GIB: i32 = 400;
const GP3_CHOICE_ORACLE_MIN_GIB: i32 = 200;

pub async fn update(aws: &Aws, have: &DbInstance, want: &DbInstance) -> Result<(), ProviderError> {
    let change = change(have, want)?;
    let is_promoted = !have.replicate_source_db.is_empty() && want.replicate_source_db.is_empty();
    let is_changed = change != ModifyDbInstanceInputBuilder::default();
    if (is_promoted || is_changed) && want.blue_green_update.iter().any(|update| update.enabled == Some(true)) {
        let message = "updates by a blue/green deployment are not supported yet";
        return Err(refused("blue_green_update", message)
            .hint("remove `blue_green_update` to change the instance in place, with the interruption this may bring"));
    }
    // The ARN changes with the identifier, so tags come first.
    tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await?;
    let patience = want.patience(Timed::Update);
    if is_promoted {
        promote(aws, have, want, patience).await?;
    }
    if is_changed {
        let at_once = want.apply_immediately.unwrap_or(false);
        modify(aws, change.apply_immediately(at_once), &have.identifier, patience).await?;
    }
    Ok(())
}

/// Asks for a change; waits while the instance is too busy to take it.
pub async fn modify(
    aws: &Aws,
    change: ModifyDbInstanceInputBuilder,
    identifier: &str,
    patience: Duration,
) -> Result<(), ProviderError> {
    let change = change.db_instance_identifier(identifier);
    retry(patience, || async { change.clone().send_with(aws.rds()).await.operation("rds:ModifyDBInstance").map(drop) })
        .await
}

async fn promote(aws: &Aws, have: &DbInstance, want: &DbInstance, patience: Duration) -> Result<(), ProviderError> {
    retry(patience, || async {
        let promote = aws
            .rds()
            .promote_read_replica()
            .db_instance_identifier(&have.identifier)
            .set_backup_retention_period(want.backup_retention_period)
            .set_preferred_backup_window(given(&want.backup_window));
        promote.send().await.operation("rds:PromoteReadReplica").map(drop)
    })
    .await?;
    status::until_settled(aws, &have.id, patience).await.map(drop)
}

/// What to ask for to get from one to the other; nothing where only our own settings differ.
///
/// # Errors
/// A difference that no call makes.
fn change(have: &DbInstance, want: &DbInstance) -> Result<ModifyDbInstanceInputBuilder, ProviderError> {
    if !want.replicate_source_db.is_empty() && !is_same_source(&have.replicate_source_db, &want.replicate_source_db) {
        let message = "an instance can't be made to follow another source";
        return Err(refused("replicate_source_db", message)
            .hint("replace it, for example with `-replace`, or remove `replicate_source_db` to promote a replica"));
    }
    let change = ModifyDbInstanceInputBuilder::default();
    let change = of_storage(change, have, want);
    let change = of_engine(change, have, want);
    let change = of_network(change, have, want);
    let change = of_operation(change, have, want);
    let change = of_monitoring(change, have, want);
    let change = of_domain(change, have, want);
    of_password(change, have, want)
}

fn of_storage(
    change: ModifyDbInstanceInputBuilder,
    have: &DbInstance,
    want: &DbInstance,
) -> ModifyDbInstanceInputBuilder {
    let is_resized = have.allocated_storage != want.allocated_storage;
    let is_retyped = have.storage_type != want.storage_type;
    let is_faster = have.iops != want.iops;
    let is_wider = have.storage_throughput != want.storage_throughput;
    // Where the speed is chosen, the API wants size and speed together.
    let together = (is_resized || is_retyped || is_faster || is_wider) && has_chosen_speed(want);
    let limit = match want.max_allocated_storage {
        _ if have.max_allocated_storage == want.max_allocated_storage => None,
        // Storage that may not grow is said by a limit that is its size.
        0 => positive(want.allocated_storage),
        limit => Some(limit),
    };
    change
        .set_allocated_storage(positive(want.allocated_storage).filter(|_| is_resized || together))
        .set_iops(positive(want.iops).filter(|_| is_faster || together))
        .set_max_allocated_storage(limit)
        .set_storage_throughput(
            positive(want.storage_throughput).filter(|_| is_wider || (together && want.storage_type == "gp3")),
        )
        .set_storage_type(given(&want.storage_type).filter(|_| is_retyped))
}

/// Whether the storage's operations a second are for the user to choose.
fn has_chosen_speed(want: &DbInstance) -> bool {
    let choice_min_gib = if want.engine.starts_with("oracle") { GP3_CHOICE_ORACLE_MIN_GIB } else { GP3_CHOICE_MIN_GIB };
    PROVISIONED.contains(&want.storage_type.as_str())
        || (want.storage_type == "gp3" && want.allocated_storage >= choice_min_gib)
}

fn of_engine(
    change: ModifyDbInstanceInputBuilder,
    have: &DbInstance,
    want: &DbInstance,
) -> ModifyDbInstanceInputBuilder {
    // `16` for a `16.3` that runs already asks for nothing; the API would take it for its latest 16.
    let runs_already = is_version_of(&have.engine_version_actual, &want.engine_version);
    let is_upgraded = have.engine_version != want.engine_version && !runs_already;
    change
        .set_allow_major_version_upgrade(want.allow_major_version_upgrade.filter(|_| is_upgraded))
        .set_auto_minor_version_upgrade(changed(&have.auto_minor_version_upgrade, &want.auto_minor_version_upgrade))
        .set_db_instance_class(changed_text(&have.instance_class, &want.instance_class))
        .set_db_parameter_group_name(changed_text(&have.parameter_group_name, &want.parameter_group_name))
        .set_engine_lifecycle_support(changed_text(&have.engine_lifecycle_support, &want.engine_lifecycle_support))
        .set_engine_version(given(&want.engine_version).filter(|_| is_upgraded))
        .set_license_model(changed_text(&have.license_model, &want.license_model))
        .set_option_group_name(changed_text(&have.option_group_name, &want.option_group_name))
        .set_replica_mode(
            changed_text(&have.replica_mode, &want.replica_mode).map(|mode| ReplicaMode::from(mode.as_str())),
        )
}

fn of_network(
    change: ModifyDbInstanceInputBuilder,
    have: &DbInstance,
    want: &DbInstance,
) -> ModifyDbInstanceInputBuilder {
    let groups = changed(&have.vpc_security_group_ids, &want.vpc_security_group_ids);
    change
        .set_db_port_number(changed(&have.port, &want.port))
        .set_db_subnet_group_name(changed_text(&have.db_subnet_group_name, &want.db_subnet_group_name))
        .set_enable_customer_owned_ip(changed(&have.customer_owned_ip_enabled, &want.customer_owned_ip_enabled))
        .set_multi_az(changed(&have.multi_az, &want.multi_az))
        .set_network_type(changed_text(&have.network_type, &want.network_type))
        .set_new_db_instance_identifier(renamed(have, want))
        .set_publicly_accessible(changed(&have.publicly_accessible, &want.publicly_accessible))
        .set_vpc_security_group_ids(groups)
}

/// The new identifier, if there is to be another one.
///
/// A new prefix gives a new name: its digits are those of the resource id, which no other instance has.
fn renamed(have: &DbInstance, want: &DbInstance) -> Option<String> {
    if let Some(identifier) = changed_text(&have.identifier, &want.identifier) {
        return Some(identifier);
    }
    let prefix = changed_text(&have.identifier_prefix, &want.identifier_prefix)?;
    let digits: String = have.resource_id.bytes().map(|byte| format!("{byte:02x}")).collect();
    let start = digits.len().saturating_sub(names::SUFFIX_LENGTH);
    Some(format!("{prefix}{:0>length$}", &digits[start..], length = names::SUFFIX_LENGTH))
}

fn of_operation(
    change: ModifyDbInstanceInputBuilder,
    have: &DbInstance,
    want: &DbInstance,
) -> ModifyDbInstanceInputBuilder {
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
    let is_backed_up_otherwise = have.backup_retention_period != want.backup_retention_period;
    change
        .set_backup_retention_period(want.backup_retention_period.filter(|_| is_backed_up_otherwise))
        .set_ca_certificate_identifier(changed_text(&have.ca_cert_identifier, &want.ca_cert_identifier))
        .set_cloudwatch_logs_export_configuration(logs)
        .set_copy_tags_to_snapshot(changed(&have.copy_tags_to_snapshot, &want.copy_tags_to_snapshot))
        .set_dedicated_log_volume(changed(&have.dedicated_log_volume, &want.dedicated_log_volume))
        .set_deletion_protection(changed(&have.deletion_protection, &want.deletion_protection))
        .set_preferred_backup_window(changed_text(&have.backup_window, &want.backup_window))
        .set_preferred_maintenance_window(changed_text(&have.maintenance_window, &want.maintenance_window))
}

fn of_monitoring(
    change: ModifyDbInstanceInputBuilder,
    have: &DbInstance,
    want: &DbInstance,
) -> ModifyDbInstanceInputBuilder {
    let is_monitored_otherwise =
        have.monitoring_interval != want.monitoring_interval || have.monitoring_role_arn != want.monitoring_role_arn;
    let has_new_mode = have.database_insights_mode != want.database_insights_mode;
    let has_new_insights = has_new_mode
        || have.performance_insights_enabled != want.performance_insights_enabled
        || have.performance_insights_kms_key_id != want.performance_insights_kms_key_id
        || have.performance_insights_retention_period != want.performance_insights_retention_period;
    let enabled = has_new_insights && want.performance_insights_enabled;
    change
        .set_database_insights_mode(insights_mode(want).filter(|_| has_new_mode))
        .set_enable_performance_insights(has_new_insights.then_some(want.performance_insights_enabled))
        .set_monitoring_interval(is_monitored_otherwise.then_some(want.monitoring_interval))
        .set_monitoring_role_arn(given(&want.monitoring_role_arn).filter(|_| is_monitored_otherwise))
        .set_performance_insights_kms_key_id(given(&want.performance_insights_kms_key_id).filter(|_| enabled))
        .set_performance_insights_retention_period(
            positive(want.performance_insights_retention_period).filter(|_| enabled),
        )
}

fn of_domain(
    change: ModifyDbInstanceInputBuilder,
    have: &DbInstance,
    want: &DbInstance,
) -> ModifyDbInstanceInputBuilder {
    if domain(have) == domain(want) {
        return change;
    }
    if given(&want.domain).is_none() && given(&want.domain_auth_secret_arn).is_none() {
        return change.disable_domain(true);
    }
    change
        .set_domain(given(&want.domain))
        .set_domain_auth_secret_arn(given(&want.domain_auth_secret_arn))
        .set_domain_dns_ips(listed(&want.domain_dns_ips))
        .set_domain_fqdn(given(&want.domain_fqdn))
        .set_domain_iam_role_name(given(&want.domain_iam_role_name))
        .set_domain_ou(given(&want.domain_ou))
}

/// All of what an instance's domain is. The name of one in AWS's own directory is computed, and no part of it.
fn domain(instance: &DbInstance) -> (&str, &str, &[String], &str, &str, &str) {
    let name = if instance.domain.is_empty() { instance.domain_fqdn.as_str() } else { "" };
    (
        &instance.domain,
        &instance.domain_auth_secret_arn,
        &instance.domain_dns_ips,
        name,
        &instance.domain_iam_role_name,
        &instance.domain_ou,
    )
}

fn of_password(
    change: ModifyDbInstanceInputBuilder,
    have: &DbInstance,
    want: &DbInstance,
) -> Result<ModifyDbInstanceInputBuilder, ProviderError> {
    let was_managed = have.manage_master_user_password == Some(true);
    let is_managed = want.manage_master_user_password == Some(true);
    let has_new_key = have.master_user_secret_kms_key_id != want.master_user_secret_kms_key_id;
    let is_new = (want.password.is_some() && have.password != want.password)
        || (want.password_wo.is_some() && have.password_wo_version != want.password_wo_version)
        || (was_managed && !is_managed);
    let password = want.given_password().filter(|_| is_new && !is_managed);
    if was_managed && !is_managed && password.is_none() {
        let message = "`password` is required where `manage_master_user_password` is taken away";
        return Err(refused("password", message));
    }
    let is_authenticated =
        changed(&have.iam_database_authentication_enabled, &want.iam_database_authentication_enabled);
    Ok(change
        .set_enable_iam_database_authentication(is_authenticated)
        .set_manage_master_user_password((was_managed != is_managed).then_some(is_managed))
        .set_master_user_password(password)
        .set_master_user_secret_kms_key_id(
            want.master_user_secret_kms_key_id.clone().filter(|_| is_managed && (has_new_key || !was_managed)),
        ))
}

fn refused(attribute: &str, message: &str) -> ProviderError {
    ProviderError::invalid("update aws_db_instance", message).attribute(Path::attribute(attribute))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(have: &DbInstance, want: &DbInstance) -> ModifyDbInstanceInputBuilder {
        change(have, want).unwrap_or_else(|error| panic!("{error}"))
    }

    fn nothing() -> ModifyDbInstanceInputBuilder {
        ModifyDbInstanceInputBuilder::default()
    }

    fn stored(storage_type: &str, allocated_storage: i32, iops: i32, storage_throughput: i32) -> DbInstance {
        DbInstance {
            allocated_storage,
            iops,
            storage_throughput,
            storage_type: storage_type.into(),
            ..DbInstance::default()
        }
    }

    #[test]
    fn settings_of_ours_ask_for_nothing() {
        let want = DbInstance {
            apply_immediately: Some(true),
            skip_final_snapshot: Some(true),
            final_snapshot_identifier: Some("last".into()),
            delete_automated_backups: Some(false),
            ..DbInstance::default()
        };
        assert_eq!(asked(&DbInstance::default(), &want), nothing());
    }

    #[test]
    fn a_version_that_runs_already_is_not_asked_for() {
        let have =
            DbInstance { engine_version: "16.3".into(), engine_version_actual: "16.3".into(), ..DbInstance::default() };
        let of = |version: &str| DbInstance { engine_version: version.into(), ..have.clone() };
        assert_eq!(asked(&have, &of("16")), nothing());
        assert_eq!(asked(&have, &of("16.4")), nothing().engine_version("16.4"));
    }

    #[test]
    fn size_and_speed_are_asked_for_together_where_the_speed_is_chosen() {
        let change = asked(&stored("io1", 100, 1000, 0), &stored("io1", 100, 2000, 0));
        assert_eq!(change, nothing().allocated_storage(100).iops(2000));
        let change = asked(&stored("gp3", 400, 12000, 500), &stored("gp3", 500, 12000, 500));
        assert_eq!(change, nothing().allocated_storage(500).iops(12000).storage_throughput(500));
        let change = asked(&stored("gp3", 20, 3000, 125), &stored("gp3", 30, 3000, 125));
        assert_eq!(change, nothing().allocated_storage(30));
        let change = asked(&stored("gp2", 20, 0, 0), &stored("gp3", 20, 0, 0));
        assert_eq!(change, nothing().storage_type("gp3"));
    }

    #[test]
    fn storage_stops_growing_at_its_size() {
        let have = DbInstance { max_allocated_storage: 100, ..stored("gp2", 20, 0, 0) };
        assert_eq!(asked(&have, &stored("gp2", 20, 0, 0)), nothing().max_allocated_storage(20));
    }

    #[test]
    fn a_new_prefix_makes_a_name_that_tells_the_prefix() {
        let have = DbInstance {
            identifier: "old".into(),
            resource_id: "db-OC2464EK7ZKPXHW3SWK2PFKTOL".into(),
            ..DbInstance::default()
        };
        let want = DbInstance { identifier_prefix: "new-".into(), ..have.clone() };
        let name = renamed(&have, &want).unwrap_or_default();
        assert_eq!(names::prefix_of(&name), Some("new-"));
    }

    #[test]
    fn a_password_is_sent_when_it_or_its_version_changes() {
        let given = |password: &str| DbInstance { password: Some(password.into()), ..DbInstance::default() };
        assert_eq!(asked(&given("one"), &given("one")), nothing());
        assert_eq!(asked(&given("one"), &given("two")), nothing().master_user_password("two"));
        let write_only = |version| DbInstance {
            password_wo: Some("three".into()),
            password_wo_version: Some(version),
            ..DbInstance::default()
        };
        let have = DbInstance { password_wo: None, ..write_only(1) };
        assert_eq!(asked(&have, &write_only(1)), nothing());
        assert_eq!(asked(&have, &write_only(2)), nothing().master_user_password("three"));
    }

    #[test]
    fn a_password_that_is_no_longer_managed_must_be_given() {
        let managed = DbInstance { manage_master_user_password: Some(true), ..DbInstance::default() };
        assert!(change(&managed, &DbInstance::default()).is_err());
        let given = DbInstance { password: Some("one".into()), ..DbInstance::default() };
        let expected = nothing().manage_master_user_password(false).master_user_password("one");
        assert_eq!(asked(&managed, &given), expected);
        assert_eq!(asked(&given, &managed), nothing().manage_master_user_password(true));
    }

    #[test]
    fn an_instance_leaves_its_domain() {
        let have = DbInstance { domain: "d-1".into(), domain_iam_role_name: "role".into(), ..DbInstance::default() };
        assert_eq!(asked(&have, &DbInstance::default()), nothing().disable_domain(true));
    }

    #[test]
    fn an_instance_can_not_follow_another_source() {
        let of = |source: &str| DbInstance { replicate_source_db: source.into(), ..DbInstance::default() };
        assert!(change(&of("a"), &of("b")).is_err());
        assert_eq!(asked(&of("arn:aws:rds:eu-west-1:123456789012:db:a"), &of("a")), nothing());
        assert_eq!(asked(&of("a"), &of("")), nothing());
    }
}
