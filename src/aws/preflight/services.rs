//! ECS services and the task definitions they run.

use std::collections::BTreeSet;
use std::sync::Arc;

use provider::world::{Fate, Finding, Planned, World, is_pending, text, texts};
use serde_json::Value as Json;

use super::balancing::forwarded_to;
use super::{foreign_group, one_vpc, subnets};

pub fn check(world: &World) -> Vec<Finding> {
    let mut found: Vec<Finding> = world.asked("aws_ecs_task_definition").filter_map(task_definition).collect();
    for service in world.asked("aws_ecs_service") {
        found.extend(service_fits(world, service));
        found.extend(network(world, service));
        found.extend(target_groups(world, service));
    }
    found
}

pub fn containers(definition: &Planned) -> Option<Vec<Json>> {
    serde_json::from_str(&definition.text("container_definitions")?).ok()
}

/// The elements of a member; none where there is no such list.
pub fn items<'a>(container: &'a Json, member: &str) -> &'a [Json] {
    container[member].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// `ecs:RegisterTaskDefinition`: what Fargate and the network mode `awsvpc` ask of the containers.
fn task_definition(definition: &Planned) -> Option<Finding> {
    let is_fargate = definition.texts("requires_compatibilities").iter().any(|one| **one == *"FARGATE");
    let mode = definition.known("network_mode");
    let refuse = |attribute: &str, detail: String| Some(definition.finding(attribute, "ClientException", detail));
    if is_fargate && mode.as_deref() != Some("awsvpc") && definition.knows("network_mode") {
        return refuse("network_mode", "Fargate tasks need the network mode `awsvpc`.".into());
    }
    let containers = containers(definition)?;
    let name = |container: &Json| container["name"].as_str().unwrap_or_default().to_string();
    let mut names = BTreeSet::new();
    if let Some(twice) = containers.iter().map(name).find(|name| !names.insert(name.clone())) {
        return refuse("container_definitions", format!("Two containers have the name {twice:?}."));
    }
    if !containers.is_empty() && containers.iter().all(|container| container["essential"] == Json::Bool(false)) {
        return refuse("container_definitions", "At least one container must be essential.".into());
    }
    let has_role = definition.text("execution_role_arn").is_some() || !definition.knows("execution_role_arn");
    for container in &containers {
        let name = name(container);
        let ports = items(container, "portMappings");
        let differs = ports.iter().find(|port| {
            let host = port["hostPort"].as_i64().filter(|host| *host != 0);
            host.is_some() && host != port["containerPort"].as_i64()
        });
        if let (Some(port), Some("awsvpc")) = (differs, mode.as_deref()) {
            let detail = format!(
                "With the network mode `awsvpc` the host port of the container {name:?} must be its container port {}.",
                port["containerPort"]
            );
            return refuse("container_definitions", detail);
        }
        let logs_to_aws = container["logConfiguration"]["logDriver"] == "awslogs";
        let has_secrets = !items(container, "secrets").is_empty();
        if is_fargate && !has_role && (logs_to_aws || has_secrets) {
            let why = if has_secrets { "its secrets" } else { "the log driver `awslogs`" };
            let detail = format!("Fargate needs an execution role for {why} of the container {name:?}.");
            return refuse("container_definitions", detail);
        }
        if is_fargate && !has_role && container["image"].as_str().is_some_and(is_private_image) {
            let detail =
                format!("Fargate needs an execution role to pull the image of the container {name:?} from ECR.");
            return refuse("execution_role_arn", detail);
        }
        for dependency in items(container, "dependsOn") {
            let needed = dependency["containerName"].as_str().unwrap_or_default();
            if !names.contains(needed) {
                let detail = format!("The container {name:?} depends on {needed:?}, and there is no such container.");
                return refuse("container_definitions", detail);
            }
        }
    }
    let limit = definition.known("memory").and_then(|memory| memory.parse::<i64>().ok())?;
    let wanted: i64 = containers.iter().filter_map(|container| container["memoryReservation"].as_i64()).sum();
    let largest = containers.iter().filter_map(|container| container["memory"].as_i64()).max().unwrap_or(0);
    if wanted > limit || largest > limit {
        let detail = format!("The containers ask for more memory than the {limit} MiB of the task.");
        return refuse("container_definitions", detail);
    }
    None
}

/// `123456789012.dkr.ecr.eu-west-1.amazonaws.com/api:1`
fn is_private_image(image: &str) -> bool {
    let registry = image.split('/').next().unwrap_or_default();
    registry.split('.').nth(1) == Some("dkr") && registry.split('.').nth(2) == Some("ecr")
}

/// The task definition that a service runs.
fn definition_of<'a>(world: &'a World, service: &Planned) -> Option<&'a Planned> {
    let named = service.text("task_definition")?;
    world.by("aws_ecs_task_definition", &["arn", "arn_without_revision", "id"], &named).or_else(|| {
        let family = named.split(':').next().filter(|_| !named.starts_with("arn:") && !is_pending(&named))?;
        world.by("aws_ecs_task_definition", &["family"], family)
    })
}

/// `ecs:CreateService`, `UpdateService`: the containers and ports that a service names are in its task definition.
fn service_fits(world: &World, service: &Planned) -> Vec<Finding> {
    const CODE: &str = "InvalidParameterException";
    let Some(definition) = definition_of(world, service) else { return Vec::new() };
    let mode = definition.known("network_mode").unwrap_or_else(|| "bridge".into());
    let mut found = Vec::new();
    let has_network = !service.blocks("network_configuration").is_empty();
    if service.knows("network_configuration") && definition.knows("network_mode") {
        if *mode == *"awsvpc" && !has_network {
            let detail =
                format!("{} has the network mode `awsvpc`, which needs a `network_configuration`.", definition.addr);
            found.push(service.finding("network_configuration", CODE, detail));
        }
        if *mode != *"awsvpc" && has_network {
            let detail =
                format!("{} has the network mode `{mode}`, which takes no `network_configuration`.", definition.addr);
            found.push(service.finding("network_configuration", CODE, detail));
        }
    }
    let can = definition.texts("requires_compatibilities");
    if service.known("launch_type").is_some_and(|kind| *kind == *"FARGATE")
        && definition.knows("requires_compatibilities")
        && !can.iter().any(|one| **one == *"FARGATE")
    {
        let detail = format!("{} is not made for the launch type FARGATE.", definition.addr);
        found.push(service.finding("launch_type", CODE, detail));
    }
    let Some(containers) = containers(definition) else { return found };
    for balanced in service.blocks("load_balancer") {
        let (Some(name), Some(port)) =
            (text(&balanced, "container_name"), balanced.get("container_port").and_then(|port| port.reveal().as_i64()))
        else {
            continue;
        };
        let container = containers.iter().find(|container| container["name"].as_str() == Some(&name));
        let detail = match container {
            None => format!("{} has no container {name:?}.", definition.addr),
            Some(container) => {
                let ports = items(container, "portMappings");
                if ports.iter().any(|mapped| mapped["containerPort"].as_i64() == Some(port)) {
                    continue;
                }
                format!("The container {name:?} of {} does not map the port {port}.", definition.addr)
            }
        };
        found.push(service.finding("load_balancer", CODE, detail));
    }
    found
}

/// `ecs:CreateService`: subnets and security groups of one VPC.
fn network(world: &World, service: &Planned) -> Option<Finding> {
    let network = service.blocks("network_configuration").into_iter().next()?;
    let places = subnets(world, &texts(&network, "subnets"))?;
    let vpc = match one_vpc(&places) {
        Ok(vpc) => vpc?,
        Err(stray) => {
            let detail = format!("{} is in another VPC than {}.", stray.addr, places[0].addr);
            return Some(service.finding("network_configuration", "InvalidParameterException", detail));
        }
    };
    let group = foreign_group(world, &texts(&network, "security_groups"), &vpc)?;
    let detail = format!("The security group {} is in another VPC than the subnets.", group.addr);
    Some(service.finding("network_configuration", "InvalidParameterException", detail))
}

/// `ecs:CreateService`: a target group that a listener forwards to, of the kind that the network mode needs.
fn target_groups(world: &World, service: &Planned) -> Vec<Finding> {
    let mode = definition_of(world, service).and_then(|definition| definition.known("network_mode"));
    let forwarded: BTreeSet<Arc<str>> =
        world.all("aws_lb_listener").chain(world.all("aws_lb_listener_rule")).flat_map(forwarded_to).collect();
    let mut found = Vec::new();
    for balanced in service.blocks("load_balancer") {
        let group =
            text(&balanced, "target_group_arn").and_then(|arn| world.by("aws_lb_target_group", &["arn", "id"], &arn));
        let Some(group) = group else { continue };
        let target = group.known("target_type").unwrap_or_else(|| "instance".into());
        let refuse = |detail| service.finding("load_balancer", "InvalidParameterException", detail);
        if mode.as_deref() == Some("awsvpc") && *target != *"ip" {
            found.push(refuse(format!(
                "{} has the target type `{target}`, and tasks with the network mode `awsvpc` need `ip`.",
                group.addr
            )));
        }
        let is_known = group.text("arn").is_some_and(|arn| forwarded.contains(&arn))
            || group.text("id").is_some_and(|id| forwarded.contains(&id));
        if group.fate == Fate::Made && !is_known {
            found.push(refuse(format!("No listener forwards to {}, so it has no load balancer.", group.addr)));
        }
    }
    found
}
