//! Databases, and the groups of subnets they are in.

use provider::world::{Fate, Finding, Planned, World};

use super::{foreign_group, one_vpc, subnets, zones};

pub fn check(world: &World) -> Vec<Finding> {
    let mut found: Vec<Finding> =
        world.asked("aws_db_subnet_group").filter_map(|group| subnet_group(world, group)).collect();
    for database in world.asked("aws_db_instance") {
        found.extend(storage(database));
        found.extend(groups(world, database));
        found.extend(source(world, database));
    }
    found.extend(world.deleted("aws_db_instance").filter_map(protected));
    found.extend(world.deleted("aws_rds_cluster").filter_map(protected));
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

/// `rds:DeleteDBInstance`, `DeleteDBCluster`.
fn protected(database: &Planned) -> Option<Finding> {
    let detail = "It is protected from deletion. Set `deletion_protection` to false and apply that first.";
    database
        .is("deletion_protection")
        .then(|| database.finding("deletion_protection", "InvalidParameterCombination", detail))
}
