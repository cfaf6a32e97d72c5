//! Databases, and the groups of subnets they are in.

use provider::world::{Fate, Finding, Planned, World, pending};

use super::{foreign_group, one_vpc, subnets, zones};

pub fn check(world: &World) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        world.asked("aws_db_subnet_group").filter_map(|group| subnet_group(world, group)).collect();
    for database in world.asked("aws_db_instance") {
        found.extend(storage(database));
        found.extend(account(database));
        found.extend(new(database));
        found.extend(groups(world, database));
        found.extend(source(world, database));
    }
    found
}

/// `rds:CreateDBSubnetGroup`: subnets in two zones of one VPC.
fn subnet_group(world: &World, group: &Planned) -> Option<Finding> {
    let places = subnets(world, &group.texts("subnet_ids"))?;
    if let Err(stray) = one_vpc(&places) {
        let detail = format!("{} is in another VPC than {}.", stray.addr, places[0].addr);
        return Some(group.finding("subnet_ids", "InvalidSubnet", detail));
    }
    if group.knows("subnet_ids") && zones(&places)?.len() < 2 {
        let detail = "The subnets must be in at least two availability zones.";
        return Some(group.finding("subnet_ids", "DBSubnetGroupDoesNotCoverEnoughAZs", detail));
    }
    None
}

/// `rds:CreateDBInstance`: what of storage and zones goes together.
fn storage(database: &Planned) -> Option<Finding> {
    const CODE: &str = "InvalidParameterCombination";
    let (size, most) = (database.number("allocated_storage"), database.number("max_allocated_storage"));
    if let (Some(size), Some(most)) = (size, most)
        && most != 0
        && most < size
    {
        let detail = format!("The limit of {most} GiB for storage is below the {size} GiB that are allocated.");
        return Some(database.finding("max_allocated_storage", CODE, detail));
    }
    if database.is("multi_az") && database.known("availability_zone").is_some() && database.fate == Fate::Made {
        let detail = "A database in several zones can't be asked for in one.";
        return Some(database.finding("availability_zone", CODE, detail));
    }
    None
}

/// `rds:CreateDBInstance`: security groups of the VPC that the subnet group is in.
fn groups(world: &World, database: &Planned) -> Option<Finding> {
    let group = world.by("aws_db_subnet_group", &["name", "id"], &database.text("db_subnet_group_name")?)?;
    let vpc = one_vpc(&subnets(world, &group.texts("subnet_ids"))?).ok()??;
    let stray = foreign_group(world, &database.texts("vpc_security_group_ids"), &vpc)?;
    let detail = format!("The security group {} is in another VPC than {}.", stray.addr, group.addr);
    Some(database.finding("vpc_security_group_ids", "InvalidParameterCombination", detail))
}

/// `rds:CreateDBInstanceReadReplica`: a source with backups.
fn source(world: &World, replica: &Planned) -> Option<Finding> {
    let named = replica.text("replicate_source_db")?;
    let source = world.by("aws_db_instance", &["identifier", "arn", "id"], &named)?;
    (source.number("backup_retention_period") == Some(0)).then(|| {
        let detail = format!("{} keeps no backups, which a replica is made from.", source.addr);
        replica.finding("replicate_source_db", "InvalidDBInstanceState", detail)
    })
}

/// The most characters of an identifier (`rds:CreateDBInstance`).
const IDENTIFIER_LENGTH_MAX: usize = 63;

/// `rds:CreateDBInstance`, `ModifyDBInstance`: what the engines take for a password.
fn account(database: &Planned) -> Option<Finding> {
    let refuse = |detail: String| Some(database.finding("password", "InvalidParameterValue", detail));
    let before = database.before.as_ref().and_then(|before| provider::world::text(before, "password"));
    let password = database.known("password").filter(|password| Some(password) != before.as_ref())?;
    let engine = database.known("engine").unwrap_or_default();
    let most = match &*engine {
        "mysql" | "mariadb" => 41,
        engine if engine.starts_with("oracle") => 30,
        _ => 128,
    };
    if !(8..=most).contains(&password.chars().count()) {
        return refuse(format!("A password has 8 to {most} characters."));
    }
    let is_allowed = |c: char| c.is_ascii_graphic() && !"/@\"".contains(c);
    if !password.chars().all(is_allowed) {
        return refuse("A password has printable ASCII characters, but for `/`, `@`, `\"` and blanks.".into());
    }
    None
}

/// `rds:CreateDBInstance`: what an instance that is made from nothing can't be asked for.
fn new(database: &Planned) -> Option<Finding> {
    if database.fate != Fate::Made {
        return None;
    }
    if let Some(identifier) = database.known("identifier").filter(|own| own.len() > IDENTIFIER_LENGTH_MAX) {
        let length = identifier.len();
        let detail = format!("It has {length} characters; at most {IDENTIFIER_LENGTH_MAX} are allowed.");
        return Some(database.finding("identifier", "InvalidParameterValue", detail));
    }
    let is_unset = |name: &str| match database.text(name) {
        Some(text) => *text == *pending(&database.addr, name),
        None => database.knows(name),
    };
    if database.number("monitoring_interval").is_some_and(|seconds| seconds != 0) && is_unset("monitoring_role_arn") {
        let detail = "Enhanced monitoring needs a role to write its measurements with.";
        return Some(database.finding("monitoring_role_arn", "InvalidParameterCombination", detail));
    }
    let sources = ["replicate_source_db", "snapshot_identifier"];
    let is_copy = sources.iter().any(|source| !is_unset(source))
        || !database.blocks("restore_to_point_in_time").is_empty()
        || !database.blocks("s3_import").is_empty();
    if is_copy {
        return None;
    }
    let is_reserved = |user: &str, engine: &str| match engine {
        "postgres" => matches!(user, "admin" | "rdsadmin"),
        _ => user == "rdsadmin",
    };
    if let (Some(user), Some(engine)) = (database.known("username"), database.known("engine"))
        && is_reserved(&user, &engine)
    {
        let detail = format!("The engine {engine} keeps the name {user:?} for itself.");
        return Some(database.finding("username", "InvalidParameterValue", detail));
    }
    let storage = database.known("storage_type").filter(|kind| matches!(&**kind, "gp2" | "standard"));
    if let (Some(kind), Some(1..)) = (storage, database.number("iops")) {
        let detail = format!("Storage of the type {kind} takes no `iops`.");
        return Some(database.finding("iops", "InvalidParameterCombination", detail));
    }
    let has_key = database.text("kms_key_id").is_some() && !is_unset("kms_key_id");
    (has_key && !database.is("storage_encrypted") && database.knows("storage_encrypted")).then(|| {
        let detail = "A key is of use for encrypted storage: set `storage_encrypted`.";
        database.finding("storage_encrypted", "InvalidParameterCombination", detail)
    })
}
