//! All types of the table held against what `hashicorp/aws` 5.100 was seen to plan and to refuse.

use std::collections::BTreeMap;
use std::path::Path;

use provider::PlanRequest;
use provider::planner::Planned;
use provider::planner::conformance::{Behaviour, Outcome, Suite};

use crate::table::RESOURCES;

/// Why a value is refused that the provider lets through to the service.
const LENGTH: &str = "the service refuses names of this length";
const MISSING: &str = "the service refuses it without what is missing here";
const NAME: &str = "the service refuses such names";
const RANGE: &str = "the service refuses values beyond its limits";

/// Where a type answers otherwise on purpose, or is not there yet: type, the outcome's name, and why.
#[rustfmt::skip]
const KNOWN: &[(&str, &str, &str)] = &[
    ("aws_lb_listener_rule", "condition = [{}]", "AWS refuses it, and `hashicorp/aws` does so in the apply"),
    (
        "aws_lb_listener_rule",
        r#"condition = [{"host_header":[{"values":["a"]}],"path_pattern":[{"values":["/a"]}]}]"#,
        "AWS refuses it, and `hashicorp/aws` does so in the apply",
    ),
    (
        "aws_lb_listener_rule",
        r#"condition = [{"http_request_method":[{"values":["get"]}]}]"#,
        "AWS takes methods in capital letters only",
    ),
    ("aws_lb_target_group_attachment", "port = 65536", "there is no such port"),
    ("aws_security_group_rule", "cidr list reordered", "the observation does not count another order as a change"),
    ("aws_acm_certificate", r#"wildcard with SAN"#, "planned as observed: values with unknown parts are not compared"),
    ("aws_acm_certificate", r#"domain_name = {"repeat":"x","times":254}"#, "RequestCertificate takes 253 characters"),
    ("aws_appautoscaling_policy", r#"no policy_type"#, "a policy in steps needs its block, which this one lacks"),
    ("aws_appautoscaling_policy", r#"policy_type = "x""#, "PutScalingPolicy wants the configuration of the type, with a metric"),
    ("aws_appautoscaling_policy", r#"target_tracking_scaling_policy_configuration = [{"target_value":50}]"#, "PutScalingPolicy wants the configuration of the type, with a metric"),
    ("aws_appautoscaling_policy", r#"target_tracking_scaling_policy_configuration = null"#, "PutScalingPolicy wants the configuration of the type, with a metric"),
    ("aws_appautoscaling_policy", r#"service_namespace = "x""#, "dimensions begin with their service's namespace"),
    ("aws_appautoscaling_target", r#"min_capacity = -1"#, "RegisterScalableTarget wants zero, the least and the most in this order"),
    ("aws_appautoscaling_target", r#"max_capacity = 0"#, "RegisterScalableTarget wants zero, the least and the most in this order"),
    ("aws_appautoscaling_target", r#"min_capacity = 9"#, "RegisterScalableTarget wants zero, the least and the most in this order"),
    ("aws_appautoscaling_target", r#"service_namespace = "x""#, "dimensions begin with their service's namespace"),
    ("aws_appautoscaling_target", r#"scalable_dimension = "x""#, "dimensions begin with their service's namespace"),
    ("aws_cloudwatch_metric_alarm", r#"datapoints_to_alarm = 3"#, "PutMetricAlarm takes no more points than periods"),
    ("aws_cloudwatch_metric_alarm", r#"metric_name = null"#, "PutMetricAlarm wants a metric or queries"),
    ("aws_ecr_lifecycle_policy", r#"policy = "{}""#, "PutLifecyclePolicy wants rules"),
    ("aws_ecr_lifecycle_policy", r#"policy = "{\"rules\":[]}""#, "PutLifecyclePolicy wants rules"),
    ("aws_ecr_repository", r#"name = """#, "CreateRepository has a pattern for names"),
    ("aws_ecr_repository", r#"name = "A""#, "CreateRepository has a pattern for names"),
    ("aws_ecr_repository", r#"name = "a""#, "CreateRepository has a pattern for names"),
    ("aws_ecr_repository", r#"name = "a//b""#, "CreateRepository has a pattern for names"),
    ("aws_ecr_repository", r#"name = "a__b""#, "CreateRepository has a pattern for names"),
    ("aws_ecr_repository", r#"name = "-ab""#, "CreateRepository has a pattern for names"),
    ("aws_ecr_repository", r#"name = {"repeat":"x","times":257}"#, "CreateRepository has a pattern for names"),
    ("aws_secretsmanager_secret_version", r#"secret_string = null"#, "PutSecretValue wants a value"),
    ("aws_secretsmanager_secret_version", r#"secret_string = """#, "PutSecretValue wants a value"),
    ("aws_sns_topic", r#"FIFO without suffix"#, "refused before the plan"),
    ("aws_sns_topic", r#"dedup without FIFO"#, "refused before the plan"),
    ("aws_sqs_queue", r#"FIFO without suffix"#, "refused before the plan"),
    ("aws_sqs_queue", r#"receive_wait_time_seconds = 21"#, "CreateQueue takes 20 seconds"),
    ("aws_ssm_parameter", r#"value to insecure_value"#, "a configured value is known"),
    ("aws_ssm_parameter", r#"name = "a b""#, "PutParameter has rules for names"),
    ("aws_ssm_parameter", r#"name = "aws/x""#, "PutParameter has rules for names"),
    ("aws_ssm_parameter", r#"name = "ssm/x""#, "PutParameter has rules for names"),
    ("aws_ssm_parameter", r#"name = "/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/x/""#, "PutParameter has rules for names"),
    ("aws_db_proxy", r#"name = {"repeat":"x","times":64}"#, LENGTH),
    ("aws_db_proxy", "idle_client_timeout = 28801", RANGE),
    ("aws_dynamodb_table", r#"name = """#, NAME),
    ("aws_dynamodb_table", r#"name = "ab""#, NAME),
    ("aws_dynamodb_table", r#"name = "a b""#, NAME),
    ("aws_dynamodb_table", r#"name = {"repeat":"x","times":256}"#, LENGTH),
    ("aws_dynamodb_table", r#"global_secondary_index = [{"hash_key":"a","name":"g","projection_type":"INCLUDE"}]"#, MISSING),
    ("aws_elasticache_subnet_group", "subnet_ids = []", MISSING),
    ("aws_elasticache_subnet_group", r#"name = "a b""#, NAME),
    ("aws_rds_cluster", r#"cluster_identifier = {"repeat":"x","times":64}"#, LENGTH),
    ("aws_rds_cluster", r#"serverlessv2_scaling_configuration = [{"max_capacity":1,"min_capacity":0.3}]"#, RANGE),
    ("aws_rds_cluster", r#"serverlessv2_scaling_configuration = [{"max_capacity":1,"min_capacity":4}]"#, RANGE),
    ("aws_rds_cluster", r#"final_snapshot_identifier = "1a""#, NAME),
    ("aws_rds_cluster", r#"availability_zones = ["us-east-1a","us-east-1b","us-east-1c","us-east-1d"]"#, RANGE),
    ("aws_rds_cluster_instance", r#"identifier = {"repeat":"x","times":64}"#, LENGTH),
    ("aws_rds_cluster_instance", "promotion_tier = 16", RANGE),
    ("aws_rds_cluster_instance", "promotion_tier = -1", RANGE),
    ("aws_rds_cluster_instance", "monitoring_interval = 20", RANGE),
    ("aws_route53_record", "ttl = null", MISSING),
    ("aws_route53_record", "ttl = -1", RANGE),
    ("aws_route53_record", r#"set_identifier = "a""#, MISSING),
    ("aws_route53_record", "records = []", MISSING),
    ("aws_s3_bucket", r#"bucket = "ab""#, NAME),
    ("aws_s3_bucket", r#"bucket = "A-bucket""#, NAME),
    ("aws_s3_bucket", r#"bucket = "a_b""#, NAME),
    ("aws_s3_bucket", r#"bucket = "192.168.0.1""#, NAME),
    ("aws_s3_bucket", r#"bucket = "-abc""#, NAME),
    ("aws_s3_bucket", r#"bucket = "abc-""#, NAME),
    ("aws_s3_bucket", r#"bucket = "a..b""#, NAME),
    ("aws_s3_bucket", r#"bucket = "xn--abc""#, NAME),
    ("aws_s3_bucket", r#"bucket = "abc-s3alias""#, NAME),
];

/// The answers of a type with its own rules; `None` where nothing was observed of it.
fn outcomes(type_name: &str) -> Option<Vec<Outcome>> {
    let entry = RESOURCES.iter().find(|entry| entry.type_name == type_name)?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |kind: &str| std::fs::read_to_string(folder.join(kind).join(format!("{type_name}.json")));
    let observations = read("conformance").ok()?;
    let facts = read("schema").expect("a type in the table has facts");
    let suite = Suite::parse(&facts, &observations).unwrap_or_else(|error| panic!("{type_name}: {error}"));
    let plan = |request: &PlanRequest<'_>| {
        let answer = entry.plan(request, &BTreeMap::new()).unwrap_or_else(|error| panic!("{type_name}: {error}"));
        Planned { planned: answer.planned, replace: answer.replace }
    };
    let validate = |config: &model::value::Value| entry.validate(config);
    let outcomes = suite.run(&Behaviour { plan: &plan, validate: &validate });
    Some(outcomes.unwrap_or_else(|error| panic!("{type_name}: {error}")))
}

#[test]
fn types_plan_and_refuse_as_the_provider_does() {
    let mut surprises = Vec::new();
    let mut asked = 0;
    for entry in RESOURCES.iter() {
        let type_name = entry.type_name;
        for Outcome { name, observed, answered } in outcomes(type_name).unwrap_or_default() {
            asked += 1;
            let known = KNOWN.iter().find(|(of, outcome, _)| *of == type_name && *outcome == name);
            // What the provider refuses only when it plans may as well be refused before.
            let agrees = observed == answered || (observed == "refused by the plan" && answered == "refused");
            match (agrees, known) {
                (true, None) | (false, Some(_)) => {}
                (false, None) => {
                    surprises.push(format!("{type_name}, {name}:\n   observed: {observed}\n   answered: {answered}"));
                }
                (true, Some((_, _, why))) => {
                    surprises.push(format!("{type_name}, {name}: agrees, but is known: {why}"))
                }
            }
        }
    }
    assert!(surprises.is_empty(), "{} of {asked}\n{}", surprises.len(), surprises.join("\n"));
    assert!(asked > 100, "only {asked} observations were found");
}
