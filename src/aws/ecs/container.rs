//! Container definitions: the JSON text of a task definition's containers.
//!
//! The text in the state is the service's answer with members sorted by name, without members that have no value, containers
//! by name, and environment and secrets of each by name: `hashicorp/aws` writes it so, and so either tool finds the other's
//! text unchanged. Two texts mean the same when the service would make the same of them, as far as `hashicorp/aws` 5.100
//! sees it; a stricter comparison would replace task definitions for nothing, a more lenient one would keep stale ones.

pub mod members;
mod shape;

use std::cmp::Ordering;

use serde_json::Value as Json;

pub use self::members::Container;
use self::members::{HealthCheck, PortMapping};
pub use self::shape::Mismatch;
use self::shape::{Shape, object};

/// What the service takes when a health check doesn't say: seconds, seconds, times.
const HEALTH_CHECK_INTERVAL: i32 = 30;
const HEALTH_CHECK_TIMEOUT: i32 = 5;
const HEALTH_CHECK_RETRIES: i32 = 3;

/// Reads the JSON list of containers; nothing and null are an empty one.
///
/// # Errors
/// Text that is no JSON or no list of container definitions; the message says where.
pub fn parse(text: &str) -> Result<Vec<Container>, Mismatch> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let json: Json = serde_json::from_str(text)
        .map_err(|error| Mismatch { at: String::new(), reason: format!("it is no JSON: {error}") })?;
    let items = match &json {
        Json::Null => return Ok(Vec::new()),
        Json::Array(items) => items,
        other => return Err(Mismatch::expected("a list of container definitions", other)),
    };
    items.iter().enumerate().map(|(index, item)| container(item).map_err(|error| error.in_element(index))).collect()
}

/// A container that says anything at all.
fn container(json: &Json) -> Result<Container, Mismatch> {
    if json.as_object().is_some_and(serde_json::Map::is_empty) {
        return Err(Mismatch { at: String::new(), reason: "the container definition is empty".into() });
    }
    Container::read(json)
}

/// Containers as the service gave them, in the order they are stored in.
pub fn from_api(containers: Vec<aws_sdk_ecs::types::ContainerDefinition>) -> Vec<Container> {
    let mut containers: Vec<Container> = Shape::from_api(containers);
    for container in &mut containers {
        // The SDK does not tell a missing number of CPU units from 0, which is the same.
        container.cpu = container.cpu.filter(|cpu| *cpu != 0);
    }
    sort(&mut containers);
    containers
}

pub fn into_api(containers: Vec<Container>) -> Vec<aws_sdk_ecs::types::ContainerDefinition> {
    Shape::into_api(containers)
}

/// The text for the state.
pub fn to_text(containers: &[Container]) -> String {
    let json: Json = containers.iter().map(Shape::write).collect();
    // Line and paragraph separators stand in strings only, never in the syntax around them.
    json.to_string().replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// Whether two texts are the same JSON but for the order of members.
pub fn is_reordered(a: &str, b: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<Json>(text).ok();
    a != b && parse(a).is_some_and(|a| parse(b) == Some(a))
}

/// Whether the service makes the same of both. In an `awsvpc` network a port of the host is that of the container.
pub fn mean_the_same(a: &[Container], b: &[Container], is_awsvpc: bool) -> bool {
    canonical(a, is_awsvpc) == canonical(b, is_awsvpc)
}

fn canonical(containers: &[Container], is_awsvpc: bool) -> Vec<Json> {
    let mut containers = containers.to_vec();
    sort(&mut containers);
    containers.into_iter().map(|container| canonical_container(container, is_awsvpc)).collect()
}

/// With all defaults written or left out, the same for all.
fn canonical_container(mut container: Container, is_awsvpc: bool) -> Json {
    container.essential = Some(container.essential.unwrap_or(true));
    container.cpu = container.cpu.filter(|cpu| *cpu != 0);
    container.port_mappings.iter_mut().flatten().for_each(|mapping| canonical_mapping(mapping, is_awsvpc));
    if let Some(HealthCheck { interval, timeout, retries, .. }) = &mut container.health_check {
        interval.get_or_insert(HEALTH_CHECK_INTERVAL);
        timeout.get_or_insert(HEALTH_CHECK_TIMEOUT);
        retries.get_or_insert(HEALTH_CHECK_RETRIES);
    }
    let Json::Object(members) = container.write() else { unreachable!("a container is written as an object") };
    object(members.into_iter().filter(|(_, value)| value.as_array().is_none_or(|items| !items.is_empty())).collect())
}

fn canonical_mapping(mapping: &mut PortMapping, is_awsvpc: bool) {
    mapping.protocol = mapping.protocol.take().filter(|protocol| protocol.as_str() != "tcp");
    mapping.host_port = mapping.host_port.filter(|port| *port != 0);
    if is_awsvpc && mapping.host_port.is_none() {
        mapping.host_port = mapping.container_port;
    }
}

/// Containers by name, and environment and secrets of each by name; what has the same name keeps its order.
fn sort(containers: &mut [Container]) {
    fn by_name(a: &Option<String>, b: &Option<String>) -> Ordering {
        a.as_deref().unwrap_or_default().cmp(b.as_deref().unwrap_or_default())
    }
    containers.sort_by(|a, b| by_name(&a.name, &b.name));
    for container in containers {
        container.environment.iter_mut().for_each(|all| all.sort_by(|a, b| by_name(&a.name, &b.name)));
        container.secrets.iter_mut().for_each(|all| all.sort_by(|a, b| by_name(&a.name, &b.name)));
    }
}

#[cfg(test)]
mod tests;
