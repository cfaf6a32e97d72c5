//! What keeps objects from being deleted that is not in the state: users of a security group, contents, names of snapshots.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_ec2::types::SecurityGroup;
use futures::future::join_all;
use provider::Provider;
use provider::world::{Finding, Planned, World, is_on, text};

use super::read;
use crate::clients::Aws;
use crate::ec2::filter;
use crate::failure::Operation;
use crate::provider::AwsProvider;

/// How many values a filter of EC2 takes.
const VALUES_MAX: usize = 200;

pub async fn check(provider: &AwsProvider, aws: &Aws, world: &World) -> Vec<Finding> {
    let (mut found, groups, repositories, buckets, clusters) = futures::join!(
        snapshots(provider, world),
        security_groups(aws, world),
        repositories(aws, world),
        buckets(aws, world),
        clusters(aws, world),
    );
    found.extend([groups, repositories, buckets, clusters].into_iter().flatten());
    found
}

/// `rds:DeleteDBInstance`: the name of the final snapshot is free.
async fn snapshots(provider: &AwsProvider, world: &World) -> Vec<Finding> {
    let looks = world.leaving("aws_db_instance").map(async |database| {
        let before = database.before.as_ref()?;
        let name = text(before, "final_snapshot_identifier").filter(|_| !is_on(before, "skip_final_snapshot"))?;
        provider.import("aws_db_snapshot", &name).await.ok()?;
        let detail = format!(
            "The final snapshot that its deletion takes is to be named {name:?}, and there is a snapshot of that name. Change `final_snapshot_identifier` and apply that before it goes."
        );
        Some(database.finding("final_snapshot_identifier", "DBSnapshotAlreadyExists", detail))
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// `ec2:DeleteSecurityGroup`: no network interface has the group, and no rule of another group names it.
///
/// Where an object of the stack has the group, the interfaces may be that one's.
async fn security_groups(aws: &Aws, world: &World) -> Vec<Finding> {
    let leaving = world.leaving("aws_security_group");
    let leaving = leaving.filter_map(|group| Some((group, text(group.before.as_ref()?, "id")?)));
    let leaving: Vec<(&Planned, Arc<str>)> =
        leaving.filter(|(group, id)| !world.held_by_another(&group.addr, id)).collect();
    let mut found = Vec::new();
    for part in leaving.chunks(VALUES_MAX) {
        let ids = || part.iter().map(|(_, id)| id.to_string());
        let interfaces = aws.ec2().describe_network_interfaces().filters(filter("group-id", ids()));
        let interfaces = interfaces.into_paginator().items().send();
        let rules = aws.ec2().describe_security_groups().filters(filter("ip-permission.group-id", ids()));
        let rules = rules.into_paginator().items().send();
        let (interfaces, rules) =
            futures::join!(interfaces.collect::<Result<Vec<_>, _>>(), rules.collect::<Result<Vec<_>, _>>());
        let interfaces = read(interfaces.operation("ec2:DescribeNetworkInterfaces"));
        let rules: Vec<SecurityGroup> = read(rules.operation("ec2:DescribeSecurityGroups"));
        let mut users: BTreeMap<&str, String> = BTreeMap::new();
        for other in &rules {
            let named = other.ip_permissions().iter().flat_map(|rule| rule.user_id_group_pairs());
            for id in named.filter_map(|pair| pair.group_id()).filter(|id| other.group_id() != Some(*id)) {
                users.insert(id, format!("a rule of the security group {}", other.group_id().unwrap_or_default()));
            }
        }
        for interface in &interfaces {
            let described = interface.description().filter(|described| !described.is_empty());
            let described = described.map(|described| format!(" ({described})")).unwrap_or_default();
            let name = interface.network_interface_id().unwrap_or_default();
            for id in interface.groups().iter().filter_map(|group| group.group_id()) {
                users.insert(id, format!("the network interface {name}{described}"));
            }
        }
        let refuse = |(group, id): &(&Planned, Arc<str>)| {
            let user = users.get(&**id)?;
            let detail = format!("It can't be deleted: {user}, which is not in the state, has it.");
            Some(group.finding("name", "DependencyViolation", detail))
        };
        found.extend(part.iter().filter_map(refuse));
    }
    found
}

/// The name of an object that leaves and takes nothing with it that is in it.
fn name_of(object: &Planned, name: &str, takes_all: &str) -> Option<String> {
    let before = object.before.as_ref()?;
    text(before, name).filter(|_| !is_on(before, takes_all)).map(|name| name.to_string())
}

/// `ecr:DeleteRepository`: no images are in it.
async fn repositories(aws: &Aws, world: &World) -> Vec<Finding> {
    let looks = world.leaving("aws_ecr_repository").map(async |repository| {
        let name = name_of(repository, "name", "force_delete")?;
        let answer = aws.ecr().list_images().repository_name(&name).max_results(1).send().await;
        let is_empty = answer.operation("ecr:ListImages").ok()?.image_ids().is_empty();
        let detail = "It holds images. Delete them, or set `force_delete` and apply that before it goes.";
        (!is_empty).then(|| repository.finding("force_delete", "RepositoryNotEmptyException", detail))
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// `s3:DeleteBucket`: no objects are in it, nor versions of any.
async fn buckets(aws: &Aws, world: &World) -> Vec<Finding> {
    let looks = world.leaving("aws_s3_bucket").map(async |bucket| {
        let name = name_of(bucket, "bucket", "force_destroy")?;
        let answer = aws.s3().list_object_versions().bucket(&name).max_keys(1).send().await;
        let answer = answer.operation("s3:ListBucketVersions").ok()?;
        let is_empty = answer.versions().is_empty() && answer.delete_markers().is_empty();
        let detail =
            "It holds objects or versions of objects. Empty it, or set `force_destroy` and apply that before it goes.";
        (!is_empty).then(|| bucket.finding("force_destroy", "BucketNotEmpty", detail))
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// `ecs:DeleteCluster`: no services are in it. Those of the stack go before it.
async fn clusters(aws: &Aws, world: &World) -> Vec<Finding> {
    let looks = world.leaving("aws_ecs_cluster").map(async |cluster| {
        let name = text(cluster.before.as_ref()?, "name")?;
        let pages = aws.ecs().list_services().cluster(&*name).into_paginator().items().send();
        let live = read(pages.collect::<Result<Vec<_>, _>>().await.operation("ecs:ListServices"));
        let stranger = live.iter().find(|arn| !world.had("aws_ecs_service", &["id", "arn"], arn))?;
        let detail = format!("It can't be deleted: the service {stranger}, which is not in the state, runs in it.");
        Some(cluster.finding("name", "ClusterContainsServicesException", detail))
    });
    join_all(looks).await.into_iter().flatten().collect()
}
