//! The containers of a task definition, one by one and in what they need of each other.

use std::collections::{BTreeMap, BTreeSet};

use provider::world::{Finding, Planned, World, text};
use serde_json::Value as Json;

use super::services::{containers, items};

/// `ecs:RegisterTaskDefinition`.
pub fn check(world: &World) -> Vec<Finding> {
    let refuse = |definition: &Planned| {
        let found = fault(definition, &containers(definition)?)?;
        Some(definition.finding("container_definitions", "ClientException", found))
    };
    world.asked("aws_ecs_task_definition").filter_map(refuse).collect()
}

fn fault(definition: &Planned, containers: &[Json]) -> Option<String> {
    let is_fargate = definition.texts("requires_compatibilities").iter().any(|one| **one == *"FARGATE");
    let volumes: BTreeSet<_> = definition.blocks("volume").iter().filter_map(|volume| text(volume, "name")).collect();
    let knows_volumes = definition.knows("volume");
    let has_task_memory = definition.text("memory").is_some() || !definition.knows("memory");
    for container in containers {
        let name = name(container);
        for port in items(container, "portMappings") {
            let wrong = ["containerPort", "hostPort"]
                .into_iter()
                .find(|member| port[*member].as_i64().is_some_and(|port| !(0..=65535).contains(&port)));
            if let Some(member) = wrong {
                return Some(format!(
                    "The {member} {} of the container {name:?} is not between 0 and 65535.",
                    port[member]
                ));
            }
        }
        let mounts = items(container, "mountPoints").iter().filter_map(|mount| mount["sourceVolume"].as_str());
        if let Some(missing) =
            mounts.into_iter().find(|source| knows_volumes && !volumes.iter().any(|own| **own == **source))
        {
            return Some(format!(
                "The container {name:?} mounts the volume {missing:?}, and there is no such `volume`."
            ));
        }
        let has_memory = container["memory"].as_i64().is_some() || container["memoryReservation"].as_i64().is_some();
        if !has_task_memory && !has_memory {
            return Some(format!(
                "The container {name:?} needs `memory` or `memoryReservation`, as the task has no memory of its own."
            ));
        }
        if let Some(twice) = variable_twice(container) {
            return Some(format!("The container {name:?} gets the variable {twice:?} twice."));
        }
        if is_fargate && container["privileged"] == Json::Bool(true) {
            return Some(format!("The container {name:?} is privileged, which Fargate does not allow."));
        }
        for dependency in items(container, "dependsOn") {
            let needed = dependency["containerName"].as_str().unwrap_or_default();
            let needed_one = containers.iter().find(|other| other["name"].as_str() == Some(needed));
            let has_check = needed_one.is_none_or(|other| other["healthCheck"].is_object());
            if dependency["condition"] == "HEALTHY" && !has_check {
                return Some(format!(
                    "The container {name:?} waits until {needed:?} is healthy, which has no health check."
                ));
            }
        }
    }
    cycle(containers).map(|name| format!("The container {name:?} depends on itself, by way of others."))
}

fn name(container: &Json) -> &str {
    container["name"].as_str().unwrap_or_default()
}

/// Variables come from the environment and from secrets. The environment alone may repeat one: the last counts.
fn variable_twice(container: &Json) -> Option<String> {
    let named = |member: &str| -> Vec<&str> {
        items(container, member).iter().filter_map(|variable| variable["name"].as_str()).collect()
    };
    let environment: BTreeSet<&str> = named("environment").into_iter().collect();
    let mut secrets = BTreeSet::new();
    let twice = named("secrets").into_iter().find(|name| environment.contains(name) || !secrets.insert(*name));
    twice.map(str::to_string)
}

/// A container that its own dependencies lead back to.
fn cycle(containers: &[Json]) -> Option<&str> {
    let needs: BTreeMap<&str, Vec<&str>> = containers
        .iter()
        .map(|container| {
            let needed = items(container, "dependsOn").iter().filter_map(|one| one["containerName"].as_str());
            (name(container), needed.collect())
        })
        .collect();
    needs.keys().copied().find(|start| {
        let (mut open, mut seen) = (needs[start].clone(), BTreeSet::new());
        while let Some(next) = open.pop() {
            if next == *start {
                return true;
            }
            if seen.insert(next) {
                open.extend(needs.get(next).into_iter().flatten());
            }
        }
        false
    })
}
