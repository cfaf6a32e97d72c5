//! How ECS services are deployed and placed.

use provider::world::{Finding, Planned, World, is_on, text};

const CODE: &str = "InvalidParameterException";

pub fn check(world: &World) -> Vec<Finding> {
    world.asked("aws_ecs_service").filter_map(service).collect()
}

/// `ecs:CreateService`, `UpdateService`.
fn service(service: &Planned) -> Option<Finding> {
    let refuse = |attribute: &str, detail: &str| Some(service.finding(attribute, CODE, detail));
    let is_fargate = service.known("launch_type").is_some_and(|kind| *kind == *"FARGATE");
    let is_daemon = service.known("scheduling_strategy").is_some_and(|strategy| *strategy == *"DAEMON");
    if is_fargate && is_daemon {
        return refuse("scheduling_strategy", "Fargate runs no daemons: there are no instances to run one on each.");
    }
    if service.known("launch_type").is_some() && !service.blocks("capacity_provider_strategy").is_empty() {
        return refuse("launch_type", "A service has a launch type or a strategy of capacity providers, not both.");
    }
    for placement in ["placement_constraints", "ordered_placement_strategy"] {
        if is_fargate && !service.blocks(placement).is_empty() {
            return refuse(placement, "Tasks of the launch type FARGATE are on no instance that could be chosen.");
        }
    }
    let controller = service.blocks("deployment_controller").first().and_then(|block| text(block, "type"));
    let is_own = controller.is_none_or(|kind| *kind == *"ECS");
    let breaker = service.blocks("deployment_circuit_breaker");
    let is_broken = breaker.iter().any(|block| is_on(block, "enable") || is_on(block, "rollback"));
    if !is_own && is_broken {
        return refuse(
            "deployment_circuit_breaker",
            "Only deployments of the controller `ECS` have a circuit breaker.",
        );
    }
    let most = service.number("deployment_maximum_percent");
    let least = service.number("deployment_minimum_healthy_percent");
    if let (Some(most), Some(least), true) = (most, least, is_own && !is_daemon)
        && most <= least
    {
        let detail = "With at most as many tasks as must stay healthy, a deployment could replace none of them.";
        return refuse("deployment_maximum_percent", detail);
    }
    None
}
