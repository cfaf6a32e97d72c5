//! `data.aws_ecs_task_definition`: a revision, or the newest active one of a family.

use model::path::Path;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ecs::task_definition::volumes::Volume;
use crate::ecs::task_definition::{
    EphemeralStorage, InferenceAccelerator, PlacementConstraint, ProxyConfiguration, RuntimePlatform, TaskDefinition,
};
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskDefinitionData {
    arn: String,
    arn_without_revision: String,
    container_definitions: String,
    cpu: String,
    enable_fault_injection: bool,
    ephemeral_storage: Vec<EphemeralStorage>,
    execution_role_arn: String,
    family: String,
    id: String,
    inference_accelerator: Vec<InferenceAccelerator>,
    ipc_mode: String,
    memory: String,
    network_mode: String,
    pid_mode: String,
    placement_constraints: Vec<PlacementConstraint>,
    proxy_configuration: Vec<ProxyConfiguration>,
    requires_compatibilities: Vec<String>,
    revision: i32,
    runtime_platform: Vec<RuntimePlatform>,
    status: String,
    /// A family, `FAMILY:REVISION` or an ARN.
    task_definition: String,
    task_role_arn: String,
    volume: Vec<Volume>,
}

impl DataSource for TaskDefinitionData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecs_task_definition";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let describe = aws.ecs().describe_task_definition().task_definition(&want.task_definition);
        let answer = describe.send().await.operation("ecs:DescribeTaskDefinition");
        let answer = answer.map_err(|error| error.attribute(Path::attribute("task_definition")))?;
        let live = answer.task_definition.ok_or_else(|| {
            let message = format!("there is no task definition `{}`", want.task_definition);
            ProviderError::new(ErrorKind::NotFound, "ecs:DescribeTaskDefinition", message)
        })?;
        let status = live.status.as_ref().map(|status| status.as_str().to_string()).unwrap_or_default();
        let live = TaskDefinition::of(live, None, &TaskDefinition::default());
        Ok(TaskDefinitionData {
            id: live.arn.clone(),
            arn: live.arn,
            arn_without_revision: live.arn_without_revision,
            container_definitions: live.container_definitions,
            cpu: live.cpu,
            enable_fault_injection: live.enable_fault_injection,
            ephemeral_storage: live.ephemeral_storage,
            execution_role_arn: live.execution_role_arn,
            family: live.family,
            inference_accelerator: live.inference_accelerator,
            ipc_mode: live.ipc_mode,
            memory: live.memory,
            network_mode: live.network_mode,
            pid_mode: live.pid_mode,
            placement_constraints: live.placement_constraints,
            proxy_configuration: live.proxy_configuration,
            requires_compatibilities: live.requires_compatibilities,
            revision: live.revision,
            runtime_platform: live.runtime_platform,
            status,
            task_definition: want.task_definition.clone(),
            task_role_arn: live.task_role_arn,
            volume: live.volume,
        })
    }
}
