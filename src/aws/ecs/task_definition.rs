//! `aws_ecs_task_definition`: the containers that a task runs.
//!
//! A revision is never changed: whatever differs is registered as the next revision of the family, and the former one is
//! deregistered, after which it counts as gone although the service still shows it. The `id` is the family; the revision is
//! in the ARN. Revisions have neither names nor client tokens, so an interrupted registration is found by its content.

mod conversions;
pub mod volumes;

use std::collections::BTreeMap;

use aws_sdk_ecs::types as ecs;
use futures::stream::{self, StreamExt, TryStreamExt};
use model::path::{Path, Step};
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refine, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::arn;
use crate::clients::Aws;
use crate::ecs::task_definition::volumes::Volume;
use crate::ecs::{container, names, tags};
use crate::failure::Operation;
use crate::tags::TagChange;

/// How many revisions are read at a time: the API gives one a call, and the account's bucket holds 50.
const READS_AT_A_TIME: usize = 8;

/// A revision registered up to so much before a token may still be its own.
const CLOCK_SKEW_S: i64 = 60;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskDefinition {
    pub(super) arn: String,
    pub(super) arn_without_revision: String,
    pub(super) container_definitions: String,
    pub(super) cpu: String,
    pub(super) enable_fault_injection: bool,
    pub(super) ephemeral_storage: Vec<EphemeralStorage>,
    pub(super) execution_role_arn: String,
    pub(super) family: String,
    id: String,
    pub(super) inference_accelerator: Vec<InferenceAccelerator>,
    pub(super) ipc_mode: String,
    pub(super) memory: String,
    pub(super) network_mode: String,
    pub(super) pid_mode: String,
    pub(super) placement_constraints: Vec<PlacementConstraint>,
    pub(super) proxy_configuration: Vec<ProxyConfiguration>,
    pub(super) requires_compatibilities: Vec<String>,
    pub(super) revision: i32,
    pub(super) runtime_platform: Vec<RuntimePlatform>,
    skip_destroy: bool,
    tags: Tags,
    tags_all: Tags,
    pub(super) task_role_arn: String,
    track_latest: bool,
    pub(super) volume: Vec<Volume>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct EphemeralStorage {
    size_in_gib: i32,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct InferenceAccelerator {
    device_name: String,
    device_type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct PlacementConstraint {
    expression: String,
    r#type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ProxyConfiguration {
    container_name: String,
    properties: BTreeMap<String, String>,
    r#type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct RuntimePlatform {
    cpu_architecture: String,
    operating_system_family: String,
}

impl Resource for TaskDefinition {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecs_task_definition";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let registered = want.register(aws.ecs().register_task_definition())?;
        let registered = registered.send().await.operation("ecs:RegisterTaskDefinition")?;
        let live = registered.task_definition.ok_or_else(|| {
            ProviderError::new(ErrorKind::Other, "ecs:RegisterTaskDefinition", "the answer has no task definition")
        })?;
        Ok(TaskDefinition::of(live, registered.tags, want))
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let reads: Vec<_> = have.iter().map(|have| read_one(aws, have)).collect();
        stream::iter(reads).buffered(READS_AT_A_TIME).try_collect().await
    }

    /// `skip_destroy` and `track_latest` are the engine's business alone.
    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.skip_destroy {
            return Ok(());
        }
        let deregister = aws.ecs().deregister_task_definition().task_definition(&have.arn);
        match deregister.send().await.operation("ecs:DeregisterTaskDefinition") {
            Err(error) if error.kind == ErrorKind::Invalid && describe(aws, &have.arn).await?.is_none() => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Ok(()),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let newest = aws
            .ecs()
            .list_task_definitions()
            .family_prefix(&want.family)
            .status(ecs::TaskDefinitionStatus::Active)
            .sort(ecs::SortOrder::Desc)
            .max_results(10)
            .send()
            .await
            .operation("ecs:ListTaskDefinitions")?;
        for (index, arn) in newest.task_definition_arns.unwrap_or_default().iter().enumerate() {
            let Some(live) = describe(aws, arn).await? else { continue };
            // Clocks differ: what is only a little older than the token may still be its own. Without a time, only the
            // newest one can be.
            let is_young = match live.definition.registered_at {
                Some(at) => at.secs() >= token.at.as_second() - CLOCK_SKEW_S,
                None => index == 0,
            };
            if !is_young {
                break;
            }
            let live = TaskDefinition::of(live.definition, live.tags, want);
            if live.is_made_of(want) {
                return Ok(Some(live));
            }
        }
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let is_revision = arn::is_arn(id) && id.contains(":task-definition/") && arn::name(id).contains(':');
        if !is_revision {
            let message = format!("`{id}` is not the ARN of a task definition with its revision");
            return Err(ProviderError::invalid("import aws_ecs_task_definition", message)
                .hint("use an ARN such as `arn:aws:ecs:us-east-1:123456789012:task-definition/FAMILY:1`"));
        }
        Ok(TaskDefinition { arn: id.to_string(), ..TaskDefinition::default() })
    }

    /// Container definitions that mean the same are no change; whether they do depends on the network mode.
    fn refine(refine: Refine<'_>) {
        const ATTRIBUTE: &str = "container_definitions";
        let Some(prior) = refine.prior else { return };
        let (Some(before), Some(after)) = (prior.get(ATTRIBUTE), refine.planned.get(ATTRIBUTE)) else { return };
        if before == after || !after.is_known() {
            return;
        }
        let is_awsvpc = refine.planned.get("network_mode").is_some_and(|mode| mode.reveal().as_str() == Some("awsvpc"));
        let parse = |value: &Value| container::parse(value.reveal().as_str().unwrap_or_default()).ok();
        let (Some(old), Some(new)) = (parse(&before), parse(&after)) else { return };
        if container::mean_the_same(&old, &new, is_awsvpc) {
            *refine.planned = refine.planned.clone().with(ATTRIBUTE, before);
            refine.replace.retain(|path| *path != Path::attribute(ATTRIBUTE));
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        refusals.extend(names::check(config, "family"));
        validate_containers(config, &mut refusals);
        for attribute in ["execution_role_arn", "task_role_arn"] {
            if let Some(value) = config.get(attribute) {
                arn::check(Path::attribute(attribute), &value, &mut refusals);
            }
        }
        validate_volumes(config, &mut refusals);
        refusals
    }
}

/// A revision that is not gone, with its tags.
struct Live {
    definition: ecs::TaskDefinition,
    tags: Option<Vec<ecs::Tag>>,
}

async fn read_one(aws: &Aws, have: &TaskDefinition) -> Result<Option<TaskDefinition>, ProviderError> {
    let name = if have.track_latest && !have.family.is_empty() { &have.family } else { &have.arn };
    let live = describe(aws, name).await?.map(|live| TaskDefinition::of(live.definition, live.tags, have));
    Ok(live.map(|mut live| {
        // Options and labels come in another order each time, so `hashicorp/aws` stores them in any.
        if container::is_reordered(&have.container_definitions, &live.container_definitions) {
            live.container_definitions.clone_from(&have.container_definitions);
        }
        live
    }))
}

/// The revision of an ARN, or the newest active one of a family.
async fn describe(aws: &Aws, name: &str) -> Result<Option<Live>, ProviderError> {
    let describe = aws.ecs().describe_task_definition().task_definition(name).include(ecs::TaskDefinitionField::Tags);
    let answer = match describe.send().await.operation("ecs:DescribeTaskDefinition") {
        Ok(answer) => answer,
        // The service has no code of its own for what it doesn't know.
        Err(error) if error.is_not_found() || error.message.contains("Unable to describe task definition") => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let active = |definition: &ecs::TaskDefinition| definition.status == Some(ecs::TaskDefinitionStatus::Active);
    Ok(answer.task_definition.filter(active).map(|definition| Live { definition, tags: answer.tags }))
}

fn validate_containers(config: &Value, refusals: &mut Vec<Refusal>) {
    let Some(text) = config.get("container_definitions") else { return };
    let Some(Err(mismatch)) = text.reveal().as_str().map(container::parse) else { return };
    refusals.push(Refusal {
        attribute: Path::attribute("container_definitions"),
        summary: "ECS Task Definition container_definitions is invalid".into(),
        detail: format!("The text must be a JSON list of container definitions: {mismatch}."),
    });
}

fn validate_volumes(config: &Value, refusals: &mut Vec<Refusal>) {
    let Some(volumes) = config.get("volume") else { return };
    let root = Path::attribute("volume");
    volumes.each_child(|step, volume| {
        let path = root.child(step);
        nested(volume, &path, "efs_volume_configuration", &mut |path, efs| {
            let path = path.child(Step::Attribute("transit_encryption_port".into()));
            let port = efs.get("transit_encryption_port").and_then(|port| port.reveal().as_i64());
            if let Some(port) = port.filter(|port| !(0..=65535).contains(port)) {
                refusals.push(Refusal {
                    summary: format!("expected {} to be a valid port number or 0, got: {port}", path.names()),
                    detail: "A port is a number from 1 to 65535; 0 leaves it to the service.".into(),
                    attribute: path,
                });
            }
        });
        nested(volume, &path, "fsx_windows_file_server_volume_configuration", &mut |path, fsx| {
            nested(fsx, &path, "authorization_config", &mut |path, authorization| {
                if let Some(parameter) = authorization.get("credentials_parameter") {
                    let path = path.child(Step::Attribute("credentials_parameter".into()));
                    arn::check(path, &parameter, refusals);
                }
            });
        });
    });
}

/// Visits the blocks of a name in a block.
fn nested(value: &Value, path: &Path, name: &str, visit: &mut dyn FnMut(Path, &Value)) {
    let path = path.child(Step::Attribute(name.into()));
    if let Some(blocks) = value.get(name) {
        blocks.each_child(|step, block| visit(path.child(step), block));
    }
}
