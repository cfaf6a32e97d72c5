//! Who uses a target group that can't be deleted.

use aws_sdk_elasticloadbalancingv2::types::Action;
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;

/// The error with what uses the group; as it is where that can't be read: the first error is the one that counts.
pub(super) async fn explained(aws: &Aws, arn: &str, error: ProviderError) -> ProviderError {
    match users(aws, arn).await {
        Ok(users) if !users.is_empty() => error.hint(format!("it is used by {}", users.join(", "))),
        Ok(_) | Err(_) => error,
    }
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
