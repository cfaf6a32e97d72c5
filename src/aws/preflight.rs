//! What AWS would refuse of a plan, told from all its objects together: each rule with the error code that AWS answers with.
//!
//! A rule speaks only of what it knows: where an object that another one names is not in the plan, as when it comes from a data
//! source, or an attribute is only known to AWS, it is silent. The rules are those of the API references of the services, under
//! the errors of the operation that is named with each.

pub mod keys;
pub mod names;
pub mod roles;
pub mod services;

mod balancing;
mod certificates;
mod containers;
mod databases;
mod deletions;
mod deployments;
mod network;
mod sizes;
mod windows;

use std::collections::BTreeSet;
use std::sync::Arc;

use provider::world::{Finding, Planned, World};

/// All that is found, in no particular order.
pub fn check(world: &World) -> Vec<Finding> {
    let rules = [
        names::taken_twice,
        network::check,
        balancing::check,
        certificates::check,
        services::check,
        containers::check,
        sizes::check,
        deployments::check,
        roles::check,
        databases::check,
        windows::check,
        deletions::check,
        keys::check,
    ];
    rules.iter().flat_map(|rule| rule(world)).collect()
}

/// The subnets of the plan with these ids; `None` where one is not in the plan.
fn subnets<'a>(world: &'a World, ids: &[Arc<str>]) -> Option<Vec<&'a Planned>> {
    let found: Option<Vec<&Planned>> = ids.iter().map(|id| subnet(world, id)).collect();
    found.filter(|found| !found.is_empty())
}

fn subnet<'a>(world: &'a World, id: &str) -> Option<&'a Planned> {
    ["aws_subnet", "aws_default_subnet"].iter().find_map(|kind| world.by(kind, &["id"], id))
}

fn security_group<'a>(world: &'a World, id: &str) -> Option<&'a Planned> {
    ["aws_security_group", "aws_default_security_group"].iter().find_map(|kind| world.by(kind, &["id"], id))
}

/// The VPC that all of some subnets are in; an error is one that is in another than the first.
fn one_vpc<'a>(subnets: &[&'a Planned]) -> Result<Option<Arc<str>>, &'a Planned> {
    let mut vpc = None;
    for subnet in subnets {
        let Some(own) = subnet.text("vpc_id") else { return Ok(None) };
        match &vpc {
            None => vpc = Some(own),
            Some(first) if *first == own => {}
            Some(_) => return Err(subnet),
        }
    }
    Ok(vpc)
}

/// The availability zones of subnets, where all are known.
fn zones(subnets: &[&Planned]) -> Option<BTreeSet<Arc<str>>> {
    subnets.iter().map(|subnet| subnet.known("availability_zone")).collect()
}

/// The first security group that is known to be in another VPC.
fn foreign_group<'a>(world: &'a World, groups: &[Arc<str>], vpc: &str) -> Option<&'a Planned> {
    let groups = groups.iter().filter_map(|id| security_group(world, id));
    groups.into_iter().find(|group| group.text("vpc_id").is_some_and(|own| *own != *vpc))
}
