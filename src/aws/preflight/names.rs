//! Names that must be unique in an account and region, given twice in one plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use provider::world::{Fate, Finding, Planned, World, is_pending};

/// Type, the attribute with its name, what its name must differ within, and the error code.
const UNIQUE: &[(&str, &str, &[&str], &str)] = &[
    ("aws_cloudwatch_log_group", "name", &[], "ResourceAlreadyExistsException"),
    ("aws_db_instance", "identifier", &[], "DBInstanceAlreadyExists"),
    ("aws_db_option_group", "name", &[], "OptionGroupAlreadyExistsFault"),
    ("aws_db_parameter_group", "name", &[], "DBParameterGroupAlreadyExists"),
    ("aws_db_snapshot", "db_snapshot_identifier", &[], "DBSnapshotAlreadyExists"),
    ("aws_db_subnet_group", "name", &[], "DBSubnetGroupAlreadyExists"),
    ("aws_dynamodb_table", "name", &[], "ResourceInUseException"),
    ("aws_ecr_repository", "name", &[], "RepositoryAlreadyExistsException"),
    ("aws_ecs_capacity_provider", "name", &[], "UpdateInProgressException"),
    ("aws_ecs_cluster", "name", &[], "InvalidParameterException"),
    ("aws_ecs_service", "name", &["cluster"], "InvalidParameterException"),
    ("aws_elasticache_replication_group", "replication_group_id", &[], "ReplicationGroupAlreadyExists"),
    ("aws_elasticache_subnet_group", "name", &[], "CacheSubnetGroupAlreadyExists"),
    ("aws_iam_instance_profile", "name", &[], "EntityAlreadyExists"),
    ("aws_iam_policy", "name", &["path"], "EntityAlreadyExists"),
    ("aws_iam_role", "name", &[], "EntityAlreadyExists"),
    ("aws_kms_alias", "name", &[], "AlreadyExistsException"),
    ("aws_lb", "name", &[], "DuplicateLoadBalancerName"),
    ("aws_lb_target_group", "name", &[], "DuplicateTargetGroupName"),
    ("aws_rds_cluster", "cluster_identifier", &[], "DBClusterAlreadyExistsFault"),
    ("aws_rds_cluster_parameter_group", "name", &[], "DBParameterGroupAlreadyExists"),
    ("aws_s3_bucket", "bucket", &[], "BucketAlreadyOwnedByYou"),
    ("aws_secretsmanager_secret", "name", &[], "ResourceExistsException"),
    ("aws_security_group", "name", &["vpc_id"], "InvalidGroup.Duplicate"),
    ("aws_sns_topic", "name", &[], "InvalidParameter"),
    ("aws_sqs_queue", "name", &[], "QueueAlreadyExists"),
    ("aws_ssm_parameter", "name", &[], "ParameterAlreadyExists"),
];

/// The error code of a create whose name is taken.
///
/// # Panics
/// The type is not in the table.
pub fn code_of(kind: &str) -> &'static str {
    let known = UNIQUE.iter().find(|(unique, ..)| *unique == kind);
    known.map(|(.., code)| *code).expect("types that are looked up by name are in the table")
}

pub fn taken_twice(world: &World) -> Vec<Finding> {
    UNIQUE.iter().flat_map(|(kind, name, within, code)| repeated(world, kind, name, within, code)).collect()
}

fn repeated(world: &World, kind: &str, name: &str, within: &[&str], code: &'static str) -> Vec<Finding> {
    let mut known: BTreeMap<Vec<Arc<str>>, Vec<&Planned>> = BTreeMap::new();
    for object in world.all(kind) {
        let names = std::iter::once(name).chain(within.iter().copied());
        let names: Option<Vec<Arc<str>>> = names.map(|name| object.text(name)).collect();
        // Names that are made up are unique.
        if let Some(names) = names.filter(|names| !is_pending(&names[0])) {
            known.entry(names).or_default().push(object);
        }
    }
    let clash = |(names, mut objects): (Vec<Arc<str>>, Vec<&Planned>)| {
        // What exists has the name; of several new ones the first gets it.
        objects.sort_by_key(|object| (object.fate == Fate::Made, object.addr.clone()));
        let (first, others) = objects.split_first()?;
        let other = others.iter().find(|object| object.fate != Fate::Stays)?;
        Some(other.finding(name, code, format!("The name {:?} is that of {} as well.", names[0], first.addr)))
    };
    known.into_iter().filter_map(clash).collect()
}
