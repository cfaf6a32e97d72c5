//! Ports and priorities that listeners and rules outside the stack have, and target groups that those forward to.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::join_all;
use provider::world::{Finding, Planned, World};

use super::read;
use crate::batch;
use crate::clients::Aws;
use crate::failure::Operation;

pub async fn check(aws: &Aws, world: &World) -> Vec<Finding> {
    let (mut found, ports, groups) =
        futures::join!(priorities(aws, world), ports(aws, world), target_groups(aws, world));
    found.extend(ports);
    found.extend(groups);
    found
}

/// Objects that are made or changed in something that exists, by that.
fn within<'a>(world: &'a World, kind: &'a str, owner: &str) -> BTreeMap<Arc<str>, Vec<&'a Planned>> {
    let mut by_owner: BTreeMap<Arc<str>, Vec<&Planned>> = BTreeMap::new();
    for object in world.asked(kind) {
        if let Some(owner) = object.known(owner) {
            by_owner.entry(owner).or_default().push(object);
        }
    }
    by_owner
}

/// `elasticloadbalancing:CreateRule`, `SetRulePriorities`.
async fn priorities(aws: &Aws, world: &World) -> Vec<Finding> {
    const KIND: &str = "aws_lb_listener_rule";
    let looks = within(world, KIND, "listener_arn").into_iter().map(async |(listener, rules)| {
        let wanted: Vec<(&Planned, i64)> =
            rules.into_iter().filter_map(|rule| Some((rule, rule.number("priority")?))).collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let pages = aws.elbv2().describe_rules().listener_arn(&*listener).into_paginator().items().send();
        let live = read(pages.collect::<Result<Vec<_>, _>>().await.operation("elasticloadbalancing:DescribeRules"));
        let strangers: Vec<i64> = live
            .iter()
            .filter(|live| !world.had(KIND, &["arn", "id"], live.rule_arn().unwrap_or_default()))
            .filter_map(|live| live.priority.as_deref()?.parse().ok())
            .collect();
        let taken = wanted.into_iter().filter(|(_, priority)| strangers.contains(priority));
        let refuse = |(rule, priority): (&Planned, i64)| {
            let detail = format!("A rule of the listener that is not in the state has the priority {priority}.");
            rule.finding("priority", "PriorityInUse", detail)
        };
        taken.map(refuse).collect()
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// `elasticloadbalancing:CreateListener`, `ModifyListener`.
async fn ports(aws: &Aws, world: &World) -> Vec<Finding> {
    const KIND: &str = "aws_lb_listener";
    let looks = within(world, KIND, "load_balancer_arn").into_iter().map(async |(balancer, listeners)| {
        let pages = aws.elbv2().describe_listeners().load_balancer_arn(&*balancer).into_paginator().items().send();
        let live = read(pages.collect::<Result<Vec<_>, _>>().await.operation("elasticloadbalancing:DescribeListeners"));
        let strangers: Vec<i64> = live
            .iter()
            .filter(|live| !world.had(KIND, &["arn", "id"], live.listener_arn().unwrap_or_default()))
            .filter_map(|live| live.port.map(i64::from))
            .collect();
        let refuse = |listener: &Planned| {
            let port = listener.number("port").filter(|port| strangers.contains(port))?;
            let detail = format!("A listener of the load balancer that is not in the state has the port {port}.");
            Some(listener.finding("port", "DuplicateListener", detail))
        };
        listeners.into_iter().filter_map(refuse).collect::<Vec<_>>()
    });
    join_all(looks).await.into_iter().flatten().collect()
}

/// `elasticloadbalancing:DeleteTargetGroup`: nothing forwards to it. What of the stack does is changed before it goes.
async fn target_groups(aws: &Aws, world: &World) -> Vec<Finding> {
    let deleted = world.deleted("aws_lb_target_group").filter_map(|group| Some((group, group.known("arn")?)));
    let deleted: Vec<_> = deleted.filter(|(group, arn)| !world.held_by_another(&group.addr, arn)).collect();
    let arns: Vec<String> = deleted.iter().map(|(_, arn)| arn.to_string()).collect();
    let live = read(
        batch::known(&arns, |arns| async move {
            let answer = aws.elbv2().describe_target_groups().set_target_group_arns(Some(arns)).send().await;
            let answer = answer.operation("elasticloadbalancing:DescribeTargetGroups")?;
            Ok(answer.target_groups.unwrap_or_default())
        })
        .await,
    );
    let refuse = |(group, arn): (&Planned, Arc<str>)| {
        let live = live.iter().find(|live| live.target_group_arn.as_deref() == Some(&*arn))?;
        let balancer = live.load_balancer_arns().first()?;
        let detail = format!("A listener or rule that is not in the state forwards to it, at {balancer}.");
        Some(group.finding("arn", "ResourceInUse", detail))
    };
    deleted.into_iter().filter_map(refuse).collect()
}
