//! KMS keys of the plan that something is encrypted with.

use provider::world::{Finding, Planned, World};

/// Types whose create uses a key, the attribute that names it, and the code of the refusal.
pub const USERS: &[(&str, &str, &str)] = &[
    ("aws_cloudwatch_log_group", "kms_key_id", "InvalidParameterException"),
    ("aws_db_instance", "kms_key_id", "KMSKeyNotAccessibleFault"),
    ("aws_elasticache_replication_group", "kms_key_id", "InvalidParameterValue"),
    ("aws_rds_cluster", "kms_key_id", "KMSKeyNotAccessibleFault"),
];

/// A key that is disabled by the same configuration.
pub fn check(world: &World) -> Vec<Finding> {
    let refuse = |object: &Planned, attribute: &str, code: &'static str| {
        let key = key_of(world, &object.text(attribute)?)?;
        let is_disabled = key.value.get("is_enabled").is_some_and(|value| value.reveal().as_bool() == Some(false));
        is_disabled.then(|| object.finding(attribute, code, format!("The key {} is disabled.", key.addr)))
    };
    let users = USERS.iter();
    users
        .flat_map(|(kind, attribute, code)| world.made(kind).filter_map(|object| refuse(object, attribute, code)))
        .collect()
}

/// The key of the plan that an attribute names.
pub fn key_of<'a>(world: &'a World, named: &str) -> Option<&'a Planned> {
    world.by("aws_kms_key", &["arn", "key_id", "id"], named)
}
