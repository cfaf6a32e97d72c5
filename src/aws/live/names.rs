//! Names that objects outside the stack have already.

use std::collections::BTreeSet;
use std::sync::Arc;

use aws_sdk_secretsmanager::types::{Filter as SecretFilter, FilterNameStringType, SecretListEntry};
use futures::future::join_all;
use provider::Provider;
use provider::world::{Finding, Planned, World};

use super::read;
use crate::clients::Aws;
use crate::ec2::filter;
use crate::failure::Operation;
use crate::preflight::names::code_of;
use crate::provider::AwsProvider;

/// Types whose import identifier is their name, and the attribute with it. The reads are those of a refresh, in its batches.
const BY_NAME: &[(&str, &str)] = &[
    ("aws_cloudwatch_log_group", "name"),
    ("aws_db_instance", "identifier"),
    ("aws_db_option_group", "name"),
    ("aws_db_parameter_group", "name"),
    ("aws_db_snapshot", "db_snapshot_identifier"),
    ("aws_db_subnet_group", "name"),
    ("aws_dynamodb_table", "name"),
    ("aws_ecr_repository", "name"),
    ("aws_ecs_cluster", "name"),
    ("aws_elasticache_replication_group", "replication_group_id"),
    ("aws_elasticache_subnet_group", "name"),
    ("aws_iam_instance_profile", "name"),
    ("aws_iam_role", "name"),
    ("aws_kms_alias", "name"),
    ("aws_rds_cluster", "cluster_identifier"),
    ("aws_rds_cluster_parameter_group", "name"),
    ("aws_s3_bucket", "bucket"),
    ("aws_ssm_parameter", "name"),
];

/// How many values a filter of ListSecrets takes.
const SECRETS_MAX: usize = 10;

/// How many values a filter of DescribeSecurityGroups takes.
const GROUPS_MAX: usize = 200;

pub async fn taken(provider: &AwsProvider, aws: &Aws, world: &World) -> Vec<Finding> {
    let by_name = join_all(BY_NAME.iter().map(|(kind, name)| by_name(provider, world, kind, name)));
    let (by_name, balancers, groups, secrets, security, services) = futures::join!(
        by_name,
        balancers(aws, world),
        target_groups(aws, world),
        secrets(aws, world),
        security_groups(aws, world),
        services(provider, world),
    );
    let others = [balancers, groups, secrets, security, services];
    by_name.into_iter().chain(others).flatten().collect()
}

/// New objects of a type with the names they are to have, but for names that the stack has now and gives up.
fn wanted<'a>(world: &'a World, kind: &'a str, name: &'a str) -> Vec<(&'a Planned, Arc<str>)> {
    let named = world.made(kind).filter_map(|object| Some((object, object.known(name)?)));
    named.filter(|(_, own)| !world.had(kind, &[name], own)).collect()
}

fn refuse(object: &Planned, kind: &str, attribute: &str, name: &str) -> Finding {
    let detail = format!(
        "AWS has an object named {name:?} that is not in the state. Choose another name, or take it over with `infra import`."
    );
    object.finding(attribute, code_of(kind), detail)
}

async fn by_name(provider: &AwsProvider, world: &World, kind: &str, attribute: &str) -> Vec<Finding> {
    // An earlier value may be wanted to be written over.
    let is_asked = |object: &Planned| kind != "aws_ssm_parameter" || !object.is("overwrite");
    let wanted = wanted(world, kind, attribute).into_iter().filter(|(object, _)| is_asked(object));
    let looks = wanted.map(async |(object, name)| {
        let is_there = provider.import(kind, &name).await.is_ok();
        is_there.then(|| refuse(object, kind, attribute, &name))
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// All load balancers are listed: a call by names fails where one of them is free, as all should be.
async fn balancers(aws: &Aws, world: &World) -> Vec<Finding> {
    let wanted = wanted(world, "aws_lb", "name");
    if wanted.is_empty() {
        return Vec::new();
    }
    let pages = aws.elbv2().describe_load_balancers().into_paginator().items().send();
    let live = read(pages.collect::<Result<Vec<_>, _>>().await.operation("elasticloadbalancing:DescribeLoadBalancers"));
    let names: BTreeSet<&str> = live.iter().filter_map(|live| live.load_balancer_name.as_deref()).collect();
    let taken = wanted.into_iter().filter(|(_, name)| names.contains(&**name));
    taken.map(|(object, name)| refuse(object, "aws_lb", "name", &name)).collect()
}

async fn target_groups(aws: &Aws, world: &World) -> Vec<Finding> {
    let wanted = wanted(world, "aws_lb_target_group", "name");
    if wanted.is_empty() {
        return Vec::new();
    }
    let pages = aws.elbv2().describe_target_groups().into_paginator().items().send();
    let live = read(pages.collect::<Result<Vec<_>, _>>().await.operation("elasticloadbalancing:DescribeTargetGroups"));
    let names: BTreeSet<&str> = live.iter().filter_map(|live| live.target_group_name.as_deref()).collect();
    let taken = wanted.into_iter().filter(|(_, name)| names.contains(&**name));
    taken.map(|(object, name)| refuse(object, "aws_lb_target_group", "name", &name)).collect()
}

/// A secret keeps its name until its recovery window is over.
async fn secrets(aws: &Aws, world: &World) -> Vec<Finding> {
    let wanted = wanted(world, "aws_secretsmanager_secret", "name");
    let mut found = Vec::new();
    for part in wanted.chunks(SECRETS_MAX) {
        let names = part.iter().map(|(_, name)| name.to_string()).collect();
        let by_name = SecretFilter::builder().key(FilterNameStringType::Name).set_values(Some(names)).build();
        let call = aws.secretsmanager().list_secrets().include_planned_deletion(true).filters(by_name);
        let pages = call.into_paginator().send().collect::<Result<Vec<_>, _>>().await;
        let pages = read(pages.operation("secretsmanager:ListSecrets"));
        let live: Vec<SecretListEntry> =
            pages.into_iter().flat_map(|page| page.secret_list.unwrap_or_default()).collect();
        // The filter matches beginnings.
        for (object, name) in part {
            match live.iter().find(|live| live.name.as_deref() == Some(&**name)) {
                Some(live) if live.deleted_date.is_some() => {
                    let detail = format!(
                        "The secret {name:?} is scheduled for deletion and keeps its name until then. Restore it and import it, or delete it without recovery."
                    );
                    found.push(object.finding("name", "InvalidRequestException", detail));
                }
                Some(_) => found.push(refuse(object, "aws_secretsmanager_secret", "name", name)),
                None => {}
            }
        }
    }
    found
}

async fn security_groups(aws: &Aws, world: &World) -> Vec<Finding> {
    const KIND: &str = "aws_security_group";
    let made = world.made(KIND);
    let wanted = made.filter_map(|group| Some((group, group.known("name")?, group.known("vpc_id")?)));
    // Of the stack's own groups of that name, any may be on its way out.
    let wanted: Vec<_> = wanted.filter(|(_, name, _)| !world.had(KIND, &["name"], name)).collect();
    let mut found = Vec::new();
    for part in wanted.chunks(GROUPS_MAX) {
        let names: BTreeSet<&str> = part.iter().map(|(_, name, _)| &**name).collect();
        let networks: BTreeSet<&str> = part.iter().map(|(_, _, vpc)| &**vpc).collect();
        let call = aws.ec2().describe_security_groups();
        let call = call.filters(filter("group-name", names)).filters(filter("vpc-id", networks));
        let pages = call.into_paginator().items().send();
        let live = read(pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeSecurityGroups"));
        for (group, name, vpc) in part {
            let is_it = |live: &&aws_sdk_ec2::types::SecurityGroup| {
                live.group_name.as_deref() == Some(name) && live.vpc_id.as_deref() == Some(vpc)
            };
            found.extend(live.iter().find(is_it).map(|_| refuse(group, KIND, "name", name)));
        }
    }
    found
}

async fn services(provider: &AwsProvider, world: &World) -> Vec<Finding> {
    const KIND: &str = "aws_ecs_service";
    let wanted = wanted(world, KIND, "name").into_iter();
    let placed = wanted.filter_map(|(service, name)| Some((service, name, service.known("cluster")?)));
    let looks = placed.map(async |(service, name, cluster)| {
        let id = format!("{}/{name}", crate::arn::name(&cluster));
        let is_there = provider.import(KIND, &id).await.is_ok();
        is_there.then(|| refuse(service, KIND, "name", &name))
    });
    join_all(looks).await.into_iter().flatten().collect()
}
