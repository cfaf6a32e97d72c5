//! Every correction, seen from a client: what moto answers without it, and what it answers with it.
//!
//! The observations are made by `corrections.py` with boto3, which comes with moto. A test compares three of them: with
//! only its correction active, with all of them, and with all others.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::OnceLock;

use sandbox::environment::{Environment, user_cache_dir};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Seen {
    /// By correction, and by `alone`, `all` and `without`.
    corrections: BTreeMap<String, BTreeMap<String, Value>>,
    /// What has no counterpart in moto, by name.
    scenarios: BTreeMap<String, Value>,
}

fn seen() -> &'static Seen {
    static SEEN: OnceLock<Seen> = OnceLock::new();
    SEEN.get_or_init(|| {
        let cache = user_cache_dir().expect("tests run with a home");
        let environment = Environment::prepare(&cache, &mut |_| {}).expect("the emulator can be installed");
        let output = Command::new(&environment.python)
            .args(["-E", "-s", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corrections.py")])
            .arg(environment.launcher.parent().expect("the launcher lies in a folder"))
            .output()
            .expect("the environment's Python can be run");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("the observations are JSON")
    })
}

#[track_caller]
fn assert_corrected(name: &str, wrong: &Value, right: &Value) {
    let seen = &seen().corrections[name];
    assert_eq!(seen["without"], *wrong, "without `{name}`");
    assert_eq!(seen["alone"], *right, "with only `{name}`");
    assert_eq!(seen["all"], *right, "with every correction");
}

#[track_caller]
fn assert_seen(name: &str, expected: &Value) {
    assert_eq!(seen().scenarios[name], *expected);
}

/// One test for all: the observations take half a minute, and a runner with a process for each test would make them each time.
#[test]
fn corrections_do_what_they_say() {
    let wrong: Vec<&str> =
        CHECKS.iter().filter(|(_, check)| std::panic::catch_unwind(check).is_err()).map(|(name, _)| *name).collect();
    assert!(wrong.is_empty(), "these do not hold, for the reasons above: {wrong:#?}");
}

/// A check and its name.
macro_rules! checks {
    ($($name:ident),* $(,)?) => {
        const CHECKS: &[(&str, fn())] = &[$((stringify!($name), $name)),*];
    };
}

checks![
    every_correction_has_a_test_here,
    an_access_key_of_twelve_digits_is_the_account,
    what_is_not_implemented_answers_501_in_the_protocols_format,
    a_rule_for_a_group_has_its_description_and_is_the_same_without,
    authorizing_makes_all_rules_or_none_and_answers_with_all,
    a_rule_for_a_group_and_all_protocols_can_be_changed,
    a_service_without_network_has_none_and_security_groups_are_optional,
    a_task_runs_in_a_network_without_memory_of_its_containers,
    a_service_keeps_what_it_was_created_with,
    a_service_is_not_created_over_another_of_its_name,
    a_cluster_is_kept_while_it_is_used_and_unknown_when_deleted,
    a_rollout_ends_with_truthful_counts_events_and_tasks,
    a_log_group_shows_its_class,
    a_replication_group_is_made_of_clusters_whose_number_changes,
    deleted_caches_are_gone,
    what_the_network_is_used_for_keeps_it,
    the_subnet_group_of_an_instance_is_kept,
    deleting_an_instance_needs_a_word_about_its_snapshot,
    a_protected_load_balancer_is_not_deleted,
    load_balancers_groups_and_listeners_are_made_once,
    rules_swap_their_priorities,
    a_nat_gateway_is_made_once_a_token_and_an_unknown_one_is_an_error,
    a_service_refers_to_what_is_there,
    a_subnet_group_is_not_replaced_by_creating_it,
    a_changed_subnet_group_is_still_there,
    each_instance_has_a_resource_id_of_its_own,
    windows_that_touch_are_accepted_and_those_that_overlap_are_not,
    an_instance_keeps_its_fields_and_has_the_defaults_of_aws,
    performance_insights_are_shown,
    a_read_replica_is_no_copy_of_its_source,
    parameters_of_the_user_say_so_and_can_be_reset,
    a_proxy_can_be_changed,
    only_a_serverless_cluster_has_a_scaling_configuration,
    a_zone_of_a_vpc_is_private,
    answers_about_parts_of_buckets_have_the_names_of_the_api,
    a_bucket_keeps_who_pays_for_requests,
    a_scalable_target_has_tags,
    a_redrive_policy_is_shown_as_it_was_given,
    alarms_are_described_in_cbor,
    a_first_deployment_brings_its_tasks_up_one_after_the_other,
    a_new_task_definition_drains_the_deployment_before_it,
    only_some_updates_replace_the_tasks,
    scaling_changes_the_deployment_that_is_there,
    tasks_that_cannot_start_fail_again_and_again_without_a_breaker,
    the_circuit_breaker_fails_a_deployment_whose_tasks_do_not_start,
    a_failed_deployment_is_rolled_back_to_the_one_before,
    a_deleted_service_drains_and_is_inactive_then,
];

fn every_correction_has_a_test_here() {
    let tests = include_str!("corrections.rs");
    for name in seen().corrections.keys().chain(seen().scenarios.keys()) {
        assert!(tests.contains(&format!("\"{name}\",")), "`{name}` has none");
    }
}

fn an_access_key_of_twelve_digits_is_the_account() {
    assert_corrected("account-by-access-key", &json!(["123456789012", 1]), &json!(["333333333333", 0]));
}

fn what_is_not_implemented_answers_501_in_the_protocols_format() {
    assert_corrected(
        "not-implemented",
        &json!(["500 500", "ResponseParserError", "500 500", "404 404", "500 500"]),
        &json!([
            "501 NotImplemented",
            "501 NotImplemented",
            "501 NotImplemented",
            "501 NotImplemented",
            "501 NotImplemented"
        ]),
    );
}

fn a_rule_for_a_group_has_its_description_and_is_the_same_without() {
    assert_corrected(
        "ec2-rule-description",
        &json!([[null], "none", "none"]),
        &json!([["the database"], "400 InvalidPermission.Duplicate", "none"]),
    );
}

fn authorizing_makes_all_rules_or_none_and_answers_with_all() {
    assert_corrected(
        "ec2-authorize-answer",
        &json!([1, "400 InvalidPermission.Duplicate", 3]),
        &json!([2, "400 InvalidPermission.Duplicate", 2]),
    );
}

fn a_rule_for_a_group_and_all_protocols_can_be_changed() {
    assert_corrected("ec2-modify-rules", &json!(["400 InvalidParameterValue", "tcp"]), &json!(["none", "-1"]));
}

fn a_service_without_network_has_none_and_security_groups_are_optional() {
    assert_corrected(
        "ecs-network-configuration",
        &json!([true, "501 NotImplemented", null]),
        &json!([false, "none", []]),
    );
}

fn a_task_runs_in_a_network_without_memory_of_its_containers() {
    assert_corrected("ecs-run-task", &json!("501 NotImplemented"), &json!("none"));
}

fn a_service_keeps_what_it_was_created_with() {
    assert_corrected(
        "ecs-service-fields",
        &json!([[null, null], null, [null, null, null, null]]),
        &json!([[150, 100], {"enable": false, "rollback": false}, [true, true, 30, "DISABLED"]]),
    );
}

fn a_service_is_not_created_over_another_of_its_name() {
    assert_corrected(
        "ecs-service-exists",
        &json!(["none", "none", 5]),
        &json!(["none", "400 InvalidParameterException", 1]),
    );
}

fn a_cluster_is_kept_while_it_is_used_and_unknown_when_deleted() {
    assert_corrected(
        "ecs-cluster-life",
        &json!(["none", "none", "none", 2]),
        &json!([
            "400 InvalidParameterException",
            "400 ClusterContainsServicesException",
            "400 ClusterNotFoundException",
            1
        ]),
    );
}

fn a_rollout_ends_with_truthful_counts_events_and_tasks() {
    assert_corrected(
        "ecs-rollout",
        &json!([
            [["PRIMARY", "IN_PROGRESS", 0, 0]],
            [[["PRIMARY", "IN_PROGRESS", 0, 0]], true, 0],
            false,
            ["INACTIVE", 0, 1]
        ]),
        &json!([
            [["PRIMARY", "COMPLETED", 2, 0]],
            [[["PRIMARY", "COMPLETED", 2, 0]], false, 2],
            true,
            ["INACTIVE", 0, 0]
        ]),
    );
}

fn a_log_group_shows_its_class() {
    assert_corrected("logs-group-class", &json!([null, null]), &json!(["STANDARD", "INFREQUENT_ACCESS"]));
}

fn a_replication_group_is_made_of_clusters_whose_number_changes() {
    assert_corrected(
        "elasticache-members",
        &json!([["g-001"], [], "501 NotImplemented", [], "501 NotImplemented", []]),
        &json!([["g-001", "g-002"], ["g-001", "g-002"], "none", ["g-001", "g-002", "g-003"], "none", ["g-001"]]),
    );
}

fn deleted_caches_are_gone() {
    assert_corrected("elasticache-deletion", &json!([1, 2, "501 NotImplemented"]), &json!([0, 0, "none"]));
}

fn what_the_network_is_used_for_keeps_it() {
    assert_corrected(
        "ec2-in-use",
        &json!([{"group referred to": "none", "group of a service": "none", "address": "none", "attachment": "none", "subnet": "none", "vpc": "none"}, {"group of a service": "400 InvalidGroup.NotFound", "group referred to": "400 InvalidGroup.NotFound", "address": "400 InvalidAllocationID.NotFound", "attachment": "400 Gateway.NotAttached", "gateway": "none", "subnet": "400 InvalidSubnetID.NotFound", "vpc": "400 InvalidVpcID.NotFound"}]),
        &json!([{"group referred to": "400 DependencyViolation", "group of a service": "400 DependencyViolation", "address": "400 InvalidIPAddress.InUse", "attachment": "400 DependencyViolation", "subnet": "400 DependencyViolation", "vpc": "400 DependencyViolation"}, {"group of a service": "none", "group referred to": "none", "address": "none", "attachment": "none", "gateway": "none", "subnet": "none", "vpc": "none"}]),
    );
}

fn the_subnet_group_of_an_instance_is_kept() {
    assert_corrected(
        "rds-subnet-group-in-use",
        &json!(["none", "404 DBSubnetGroupNotFoundFault"]),
        &json!(["400 InvalidDBSubnetGroupStateFault", "none"]),
    );
}

fn deleting_an_instance_needs_a_word_about_its_snapshot() {
    assert_corrected(
        "rds-final-snapshot",
        &json!(["none", "404 DBInstanceNotFound", "none", "404 DBInstanceNotFound"]),
        &json!(["400 InvalidParameterCombination", "none", "400 DBSnapshotAlreadyExists", "none"]),
    );
}

fn a_protected_load_balancer_is_not_deleted() {
    assert_corrected("elbv2-protection", &json!(["none", 0]), &json!(["400 OperationNotPermitted", 1]));
}

fn load_balancers_groups_and_listeners_are_made_once() {
    assert_corrected(
        "elbv2-created-again",
        &json!([
            "none",
            "none",
            3,
            "400 DuplicateTargetGroupName",
            "400 DuplicateTargetGroupName",
            "none",
            "none",
            4,
            "none"
        ]),
        &json!([
            "none",
            "400 DuplicateLoadBalancerName",
            1,
            "none",
            "400 DuplicateTargetGroupName",
            "none",
            "400 DuplicateListener",
            2,
            "400 DuplicateListener"
        ]),
    );
}

fn rules_swap_their_priorities() {
    assert_corrected(
        "elbv2-reordered-rules",
        &json!(["400 PriorityInUse", "400 PriorityInUse", ["1"]]),
        &json!(["none", "400 PriorityInUse", ["2"]]),
    );
}

fn a_nat_gateway_is_made_once_a_token_and_an_unknown_one_is_an_error() {
    assert_corrected(
        "ec2-nat-gateways",
        &json!([["none", "400 Resource.AlreadyAssociated"], null, "none", "501 NotImplemented"]),
        &json!([["none", "none"], "public", "400 NatGatewayNotFound", "400 NatGatewayNotFound"]),
    );
}

fn a_service_refers_to_what_is_there() {
    assert_corrected(
        "ecs-service-checks",
        &json!(["none", "none", "none", "none", "none", "none"]),
        &json!([
            "400 InvalidParameterException",
            "400 InvalidParameterException",
            "none",
            "400 InvalidParameterException",
            "400 InvalidParameterException",
            "400 ClientException"
        ]),
    );
}

fn a_subnet_group_is_not_replaced_by_creating_it() {
    assert_corrected(
        "rds-subnet-group-exists",
        &json!(["none", "second"]),
        &json!(["400 DBSubnetGroupAlreadyExists", "first"]),
    );
}

fn a_changed_subnet_group_is_still_there() {
    assert_corrected("rds-subnet-group-stays", &json!([]), &json!(["second"]));
}

fn each_instance_has_a_resource_id_of_its_own() {
    assert_corrected("rds-resource-id", &json!(true), &json!(false));
}

fn windows_that_touch_are_accepted_and_those_that_overlap_are_not() {
    assert_corrected(
        "rds-windows",
        &json!([
            "400 InvalidParameterValue",
            "400 InvalidParameterValue",
            "400 InvalidParameterValue",
            "400 InvalidParameterValue",
            "400 InvalidParameterValue"
        ]),
        &json!(["none", "none", "400 InvalidParameterValue", "400 InvalidParameterValue", "none"]),
    );
}

fn an_instance_keeps_its_fields_and_has_the_defaults_of_aws() {
    assert_corrected(
        "rds-instance-fields",
        &json!([[null, null, null, "rds-ca-default", "general-public-license", null], "default_kms_key_id", false]),
        &json!([["DUAL", "region", "standard", "rds-ca-rsa2048-g1", "postgresql-license", 3000], "arn", true]),
    );
}

fn performance_insights_are_shown() {
    assert_corrected(
        "rds-performance-insights",
        &json!([[null, null], [null, null]]),
        &json!([[true, 7], [false, null]]),
    );
}

fn a_read_replica_is_no_copy_of_its_source() {
    assert_corrected(
        "rds-read-replica",
        &json!([7, [{"Key": "a", "Value": "b"}], true, "source"]),
        &json!([0, [], false, null]),
    );
}

fn parameters_of_the_user_say_so_and_can_be_reset() {
    assert_corrected(
        "rds-parameter-source",
        &json!([[[null], [null]], "501 NotImplemented", 1]),
        &json!([[["user"], []], "none", 0]),
    );
}

fn a_proxy_can_be_changed() {
    assert_corrected("rds-modify-proxy", &json!(["501 NotImplemented", 1800]), &json!(["none", 60]));
}

fn only_a_serverless_cluster_has_a_scaling_configuration() {
    assert_corrected("rds-cluster-scaling", &json!(true), &json!(false));
}

fn a_zone_of_a_vpc_is_private() {
    assert_corrected("route53-private-zone", &json!([false, false, 0]), &json!([true, false, 1]));
}

fn answers_about_parts_of_buckets_have_the_names_of_the_api() {
    assert_corrected("s3-answer-names", &json!("GetBucketVersioningResponse"), &json!("VersioningConfiguration"));
}

fn a_bucket_keeps_who_pays_for_requests() {
    assert_corrected("s3-request-payment", &json!("ListBucketResult"), &json!("RequestPaymentConfiguration"));
}

fn a_scalable_target_has_tags() {
    assert_corrected(
        "autoscaling-tags",
        &json!([["501 NotImplemented", "501 NotImplemented"], null]),
        &json!([["none", "none"], {"b": "2", "c": "3"}]),
    );
}

fn a_redrive_policy_is_shown_as_it_was_given() {
    assert_corrected("sqs-redrive-policy", &json!(false), &json!(true));
}

fn alarms_are_described_in_cbor() {
    assert_corrected("cloudwatch-cbor", &json!(false), &json!(true));
}

fn a_first_deployment_brings_its_tasks_up_one_after_the_other() {
    assert_seen(
        "first_deployment",
        &json!([
            [
                [["PRIMARY", "IN_PROGRESS", 0, 0]],
                [["PRIMARY", "IN_PROGRESS", 1, 0], 3],
                [["PRIMARY", "IN_PROGRESS", 2, 0], 2],
                [["PRIMARY", "IN_PROGRESS", 3, 0], 1],
                [["PRIMARY", "IN_PROGRESS", 4, 0], 0],
                [["PRIMARY", "COMPLETED", 4, 0], 0],
                [["PRIMARY", "COMPLETED", 4, 0], 0]
            ],
            [
                "(service app) has started 1 tasks",
                "(service app) has started 1 tasks",
                "(service app) has started 1 tasks",
                "(service app) has started 1 tasks",
                "(service app) (deployment ) deployment completed.",
                "(service app) has reached a steady state."
            ]
        ]),
    );
}

fn a_new_task_definition_drains_the_deployment_before_it() {
    assert_seen(
        "new_task_definition",
        &json!([
            [["PRIMARY", "IN_PROGRESS", 0, 0], ["ACTIVE", "COMPLETED", 2, 0]],
            [["PRIMARY", "IN_PROGRESS", 1, 0], ["ACTIVE", "COMPLETED", 1, 0]],
            [["PRIMARY", "IN_PROGRESS", 2, 0], ["ACTIVE", "COMPLETED", 0, 0]],
            [["PRIMARY", "COMPLETED", 2, 0]]
        ]),
    );
}

fn only_some_updates_replace_the_tasks() {
    assert_seen("updates_that_replace_nothing", &json!([1, 1, 1, 1, 2]));
}

fn scaling_changes_the_deployment_that_is_there() {
    assert_seen(
        "scaling",
        &json!([[["PRIMARY", "COMPLETED", 2, 0]], [["PRIMARY", "COMPLETED", 4, 0]], [["PRIMARY", "COMPLETED", 6, 0]]]),
    );
}

fn tasks_that_cannot_start_fail_again_and_again_without_a_breaker() {
    assert_seen(
        "failing_without_breaker",
        &json!([
            [
                [["PRIMARY", "IN_PROGRESS", 0, 3]],
                [["PRIMARY", "IN_PROGRESS", 0, 6]],
                [["PRIMARY", "IN_PROGRESS", 0, 9]]
            ],
            9,
            "TaskFailedToStart",
            "CannotPullContainerError"
        ]),
    );
}

fn the_circuit_breaker_fails_a_deployment_whose_tasks_do_not_start() {
    assert_seen(
        "failing_with_breaker",
        &json!([
            [["PRIMARY", "FAILED", 0, 3]],
            "ECS deployment circuit breaker: tasks failed to start.",
            "deployment failed: tasks failed to start."
        ]),
    );
}

fn a_failed_deployment_is_rolled_back_to_the_one_before() {
    assert_seen(
        "rolled_back",
        &json!([
            [
                [["PRIMARY", "IN_PROGRESS", 0, 1], ["ACTIVE", "COMPLETED", 2, 0]],
                [["PRIMARY", "IN_PROGRESS", 2, 0], ["ACTIVE", "FAILED", 0, 3]],
                [["PRIMARY", "COMPLETED", 2, 0]]
            ],
            true
        ]),
    );
}

fn a_deleted_service_drains_and_is_inactive_then() {
    assert_seen(
        "deletion",
        &json!([
            "400 InvalidParameterException",
            ["DRAINING", ["DRAINING", 1], ["INACTIVE", 0]],
            "400 InvalidParameterException",
            "400 ServiceNotActiveException",
            "none"
        ]),
    );
}
