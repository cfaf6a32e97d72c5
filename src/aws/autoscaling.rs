//! Application Auto Scaling: how far other services' objects scale, and when.
//!
//! All its puts replace what is there of that name without a word, so creates look first.

pub mod policy;
pub mod scheduled_action;
pub mod target;

mod tracking;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_applicationautoscaling::types::ScalableDimension;
use model::value::Value;
use provider::error::ProviderError;
use provider::resource::Refusal;

use crate::refusals::{invalid, text};
use crate::retry;

/// How many names or resources one Describe call takes.
const BATCH: usize = 50;

/// How long a new service, role or target may stay unknown.
const ARRIVAL: Duration = Duration::from_secs(60);

/// What policies and actions are of: a dimension of a resource of a service.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Scaled {
    service_namespace: String,
    resource_id: String,
    scalable_dimension: String,
}

impl Scaled {
    fn dimension(&self) -> ScalableDimension {
        ScalableDimension::from(self.scalable_dimension.as_str())
    }
}

/// Objects by what they are of, each with its place in the list.
fn by_scaled<T>(objects: &[T], scaled: impl Fn(&T) -> Scaled) -> BTreeMap<Scaled, Vec<usize>> {
    let mut groups: BTreeMap<Scaled, Vec<usize>> = BTreeMap::new();
    for (index, object) in objects.iter().enumerate() {
        groups.entry(scaled(object)).or_default().push(index);
    }
    groups
}

/// Calls until what was made a moment ago has arrived.
async fn once_arrived<T, F>(call: impl Fn() -> F + Send + Sync) -> Result<T, ProviderError>
where
    F: Future<Output = Result<T, ProviderError>> + Send,
{
    retry::while_passing(ARRIVAL, is_arriving, call).await
}

fn is_arriving(error: &ProviderError) -> bool {
    let says = |part: &str| error.message.contains(part);
    match error.code.as_deref() {
        Some("ValidationException") => says("ECS service doesn't exist") || says("Unable to assume IAM role"),
        Some("ObjectNotFoundException") => says("No scalable target"),
        // The service's own role may not do yet what it is there for.
        Some("FailedResourceAccessException") => true,
        Some(_) | None => false,
    }
}

/// `NAMESPACE/RESOURCE/DIMENSION`, then a name for what has one. Resources and names may hold slashes.
fn import_parts(type_name: &str, id: &str, has_name: bool) -> Result<(Scaled, String), ProviderError> {
    let parts: Vec<&str> = id.split('/').collect();
    let namespace = parts[0];
    let dimension = parts.iter().skip(2).position(|part| part.starts_with(&format!("{namespace}:")));
    let dimension = dimension.map(|after| after + 2).filter(|at| (parts.len() > at + 1) == has_name);
    let Some(at) = dimension else {
        let form = if has_name { "NAMESPACE/RESOURCE_ID/DIMENSION/NAME" } else { "NAMESPACE/RESOURCE_ID/DIMENSION" };
        return Err(ProviderError::invalid(format!("import {type_name}"), format!("`{id}` is not of the form {form}")));
    };
    let scaled = Scaled {
        service_namespace: namespace.to_string(),
        resource_id: parts[1..at].join("/"),
        scalable_dimension: parts[at].to_string(),
    };
    Ok((scaled, parts[at + 1..].join("/")))
}

/// A dimension begins with its service; RegisterScalableTarget, `ScalableDimension`.
fn refuse_dimension(config: &Value) -> Option<Refusal> {
    let (namespace, dimension) = (text(config, "service_namespace")?, text(config, "scalable_dimension")?);
    (!dimension.starts_with(&format!("{namespace}:"))).then(|| {
        let detail = format!("A dimension of `{namespace}` begins with `{namespace}:`, and `{dimension}` does not.");
        invalid("scalable_dimension", detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_taken_apart_whatever_slashes_they_hold() {
        let part = |id: &str, has_name| {
            import_parts("aws_appautoscaling_policy", id, has_name)
                .map(|(scaled, name)| (scaled.resource_id, scaled.scalable_dimension, name))
                .map_err(|error| error.message)
        };
        let ecs = part("ecs/service/c/s/ecs:service:DesiredCount/cpu", true);
        assert_eq!(ecs, Ok(("service/c/s".into(), "ecs:service:DesiredCount".into(), "cpu".into())));
        let target = part("ecs/service/c/s/ecs:service:DesiredCount", false);
        assert_eq!(target, Ok(("service/c/s".into(), "ecs:service:DesiredCount".into(), String::new())));
        let index = part("dynamodb/table/t/index/i/dynamodb:index:ReadCapacityUnits/Scale:table/t/index/i", true);
        let expected =
            ("table/t/index/i".into(), "dynamodb:index:ReadCapacityUnits".into(), "Scale:table/t/index/i".into());
        assert_eq!(index, Ok(expected));
        assert!(part("ecs/service/c/s", false).is_err());
        assert!(part("ecs/service/c/s/ecs:service:DesiredCount", true).is_err());
    }
}
