//! Who uses a target group that can't be deleted.

use aws_sdk_elasticloadbalancingv2::types::Action;
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;

/// Who uses the group, in words; nobody where that can't be read: it is only told beside an error that says so.
pub(super) async fn of(aws: &Aws, arn: &str) -> Vec<String> {
    users(aws, arn).await.unwrap_or_default()
}

/// The listeners whose default action uses the group; else, rules being many, the load balancers whose rules do.
async fn users(aws: &Aws, arn: &str) -> Result<Vec<String>, ProviderError> {
    let answer = aws.elbv2().describe_target_groups().target_group_arns(arn).send().await;
    let groups = answer.operation("elasticloadbalancing:DescribeTargetGroups")?.target_groups.unwrap_or_default();
    let balancers = groups.into_iter().filter_map(|group| group.load_balancer_arns).flatten();
    let mut users = Vec::new();
    for balancer in balancers {
        let pages = aws.elbv2().describe_listeners().load_balancer_arn(&balancer).into_paginator().items().send();
        let listeners = pages.collect::<Result<Vec<_>, _>>().await;
        let listeners = listeners.operation("elasticloadbalancing:DescribeListeners")?;
        let using: Vec<String> = listeners
            .into_iter()
            .filter(|listener| listener.default_actions().iter().any(|action| uses(action, arn)))
            .filter_map(|listener| listener.listener_arn)
            .map(|listener| format!("the listener {listener}"))
            .collect();
        if using.is_empty() {
            users.push(format!("a rule of the load balancer {balancer}"));
        }
        users.extend(using);
    }
    Ok(users)
}

fn uses(action: &Action, arn: &str) -> bool {
    let forward = action.forward_config().map(|forward| forward.target_groups()).unwrap_or_default();
    action.target_group_arn() == Some(arn) || forward.iter().any(|group| group.target_group_arn() == Some(arn))
}
