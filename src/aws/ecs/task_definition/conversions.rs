//! Between a task definition's struct and the SDK's types.

use aws_sdk_ecs::operation::register_task_definition::builders::RegisterTaskDefinitionFluentBuilder;
use aws_sdk_ecs::types as ecs;
use provider::error::ProviderError;

use super::{
    EphemeralStorage, InferenceAccelerator, PlacementConstraint, ProxyConfiguration, RuntimePlatform, TaskDefinition,
    Volume,
};
use crate::ecs::{container, given, tags};

#[expect(deprecated, reason = "inference accelerators: the service refuses new ones, and shows old ones")]
impl TaskDefinition {
    /// Puts everything into the request that registers it.
    ///
    /// # Errors
    /// The container definitions are none: they were not known when they could have been checked.
    pub(super) fn register(
        &self,
        request: RegisterTaskDefinitionFluentBuilder,
    ) -> Result<RegisterTaskDefinitionFluentBuilder, ProviderError> {
        let containers = container::parse(&self.container_definitions).map_err(|mismatch| {
            let message = format!("the container definitions are invalid: {mismatch}");
            ProviderError::invalid("ecs:RegisterTaskDefinition", message)
                .attribute(model::path::Path::attribute("container_definitions"))
        })?;
        Ok(request
            .family(&self.family)
            .set_container_definitions(Some(container::into_api(containers)))
            .set_cpu(given(&self.cpu))
            .set_enable_fault_injection(self.enable_fault_injection.then_some(true))
            .set_ephemeral_storage(self.ephemeral_storage.first().map(EphemeralStorage::request))
            .set_execution_role_arn(given(&self.execution_role_arn))
            .set_inference_accelerators(all(&self.inference_accelerator, InferenceAccelerator::request))
            .set_ipc_mode(given(&self.ipc_mode).as_deref().map(ecs::IpcMode::from))
            .set_memory(given(&self.memory))
            .set_network_mode(given(&self.network_mode).as_deref().map(ecs::NetworkMode::from))
            .set_pid_mode(given(&self.pid_mode).as_deref().map(ecs::PidMode::from))
            .set_placement_constraints(all(&self.placement_constraints, PlacementConstraint::request))
            .set_proxy_configuration(self.proxy_configuration.first().map(ProxyConfiguration::request))
            .set_requires_compatibilities(all(&self.requires_compatibilities, |name| name.as_str().into()))
            .set_runtime_platform(self.runtime_platform.first().map(RuntimePlatform::request))
            .set_tags(tags::request(&self.tags_all))
            .set_task_role_arn(given(&self.task_role_arn))
            .set_volumes(all(&self.volume, Volume::request)))
    }

    /// The live revision; what the service knows nothing of is taken from `have`.
    pub(in crate::ecs) fn of(
        live: ecs::TaskDefinition,
        live_tags: Option<Vec<ecs::Tag>>,
        have: &TaskDefinition,
    ) -> TaskDefinition {
        let arn = live.task_definition_arn.unwrap_or_default();
        let family = live.family.unwrap_or_default();
        let containers = container::from_api(live.container_definitions.unwrap_or_default());
        TaskDefinition {
            arn_without_revision: arn.rsplit_once(':').map(|(arn, _)| arn.to_string()).unwrap_or_default(),
            arn,
            container_definitions: container::to_text(&containers),
            cpu: live.cpu.unwrap_or_default(),
            enable_fault_injection: live.enable_fault_injection.unwrap_or(false),
            ephemeral_storage: live
                .ephemeral_storage
                .map(|storage| EphemeralStorage { size_in_gib: storage.size_in_gib })
                .into_iter()
                .collect(),
            execution_role_arn: live.execution_role_arn.unwrap_or_default(),
            id: family.clone(),
            family,
            inference_accelerator: from_all(live.inference_accelerators),
            ipc_mode: live.ipc_mode.map(|mode| mode.as_str().to_string()).unwrap_or_default(),
            memory: live.memory.unwrap_or_default(),
            network_mode: live.network_mode.map(|mode| mode.as_str().to_string()).unwrap_or_default(),
            pid_mode: live.pid_mode.map(|mode| mode.as_str().to_string()).unwrap_or_default(),
            placement_constraints: from_all(live.placement_constraints),
            proxy_configuration: live.proxy_configuration.into_iter().map(ProxyConfiguration::from).collect(),
            requires_compatibilities: live
                .requires_compatibilities
                .unwrap_or_default()
                .iter()
                .map(|name| name.as_str().to_string())
                .collect(),
            revision: live.revision,
            runtime_platform: live.runtime_platform.into_iter().map(RuntimePlatform::from).collect(),
            skip_destroy: have.skip_destroy,
            tags: have.tags.clone(),
            tags_all: tags::live(live_tags),
            task_role_arn: live.task_role_arn.unwrap_or_default(),
            track_latest: have.track_latest,
            volume: from_all(live.volumes),
        }
    }

    /// Whether the service makes this revision of `want`: what `want` leaves to it may be anything.
    pub(super) fn is_made_of(&self, want: &TaskDefinition) -> bool {
        let parse = |definition: &TaskDefinition| container::parse(&definition.container_definitions).ok();
        let is_awsvpc = self.network_mode == "awsvpc";
        let same_containers = match (parse(self), parse(want)) {
            (Some(live), Some(want)) => container::mean_the_same(&live, &want, is_awsvpc),
            (None, _) | (_, None) => false,
        };
        let same_volumes = self.volume.len() == want.volume.len()
            && want.volume.iter().all(|want| self.volume.iter().any(|live| live.is_made_of(want)));
        same_containers
            && same_volumes
            && self.family == want.family
            && self.cpu == want.cpu
            && self.memory == want.memory
            && self.ephemeral_storage == want.ephemeral_storage
            && self.execution_role_arn == want.execution_role_arn
            && self.task_role_arn == want.task_role_arn
            && self.ipc_mode == want.ipc_mode
            && self.pid_mode == want.pid_mode
            && (want.network_mode.is_empty() || self.network_mode == want.network_mode)
            && (!want.enable_fault_injection || self.enable_fault_injection)
            && self.proxy_configuration == want.proxy_configuration
            && self.runtime_platform == want.runtime_platform
            && same_set(&self.inference_accelerator, &want.inference_accelerator)
            && same_set(&self.placement_constraints, &want.placement_constraints)
            && same_set(&self.requires_compatibilities, &want.requires_compatibilities)
    }
}

fn same_set<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && a.iter().all(|item| b.contains(item))
}

/// The requests of all; `None` when there are none.
fn all<T, U>(items: &[T], request: impl Fn(&T) -> U) -> Option<Vec<U>> {
    (!items.is_empty()).then(|| items.iter().map(request).collect())
}

fn from_all<T, U: From<T>>(live: Option<Vec<T>>) -> Vec<U> {
    live.unwrap_or_default().into_iter().map(U::from).collect()
}

impl EphemeralStorage {
    fn request(&self) -> ecs::EphemeralStorage {
        ecs::EphemeralStorage::builder().size_in_gib(self.size_in_gib).build()
    }
}

#[expect(deprecated, reason = "the service refuses new ones, and shows old ones")]
impl InferenceAccelerator {
    fn request(&self) -> ecs::InferenceAccelerator {
        let accelerator =
            ecs::InferenceAccelerator::builder().device_name(&self.device_name).device_type(&self.device_type);
        accelerator.build().expect("name and type are given")
    }
}

#[expect(deprecated, reason = "the service refuses new ones, and shows old ones")]
impl From<ecs::InferenceAccelerator> for InferenceAccelerator {
    fn from(live: ecs::InferenceAccelerator) -> InferenceAccelerator {
        InferenceAccelerator { device_name: live.device_name, device_type: live.device_type }
    }
}

impl PlacementConstraint {
    fn request(&self) -> ecs::TaskDefinitionPlacementConstraint {
        ecs::TaskDefinitionPlacementConstraint::builder()
            .set_expression(given(&self.expression))
            .r#type(self.r#type.as_str().into())
            .build()
    }
}

impl From<ecs::TaskDefinitionPlacementConstraint> for PlacementConstraint {
    fn from(live: ecs::TaskDefinitionPlacementConstraint) -> PlacementConstraint {
        PlacementConstraint {
            expression: live.expression.unwrap_or_default(),
            r#type: live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
        }
    }
}

impl ProxyConfiguration {
    fn request(&self) -> ecs::ProxyConfiguration {
        let property = |(name, value): (&String, &String)| ecs::KeyValuePair::builder().name(name).value(value).build();
        let properties: Vec<ecs::KeyValuePair> = self.properties.iter().map(property).collect();
        ecs::ProxyConfiguration::builder()
            .container_name(&self.container_name)
            .set_properties((!properties.is_empty()).then_some(properties))
            .set_type(given(&self.r#type).as_deref().map(ecs::ProxyConfigurationType::from))
            .build()
            .expect("the container is given")
    }
}

impl From<ecs::ProxyConfiguration> for ProxyConfiguration {
    fn from(live: ecs::ProxyConfiguration) -> ProxyConfiguration {
        let properties = live.properties.unwrap_or_default().into_iter();
        ProxyConfiguration {
            container_name: live.container_name,
            properties: properties
                .map(|property| (property.name.unwrap_or_default(), property.value.unwrap_or_default()))
                .collect(),
            r#type: live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
        }
    }
}

impl RuntimePlatform {
    fn request(&self) -> ecs::RuntimePlatform {
        ecs::RuntimePlatform::builder()
            .set_cpu_architecture(given(&self.cpu_architecture).as_deref().map(ecs::CpuArchitecture::from))
            .set_operating_system_family(given(&self.operating_system_family).as_deref().map(ecs::OsFamily::from))
            .build()
    }
}

impl From<ecs::RuntimePlatform> for RuntimePlatform {
    fn from(live: ecs::RuntimePlatform) -> RuntimePlatform {
        let text = |text: Option<String>| text.unwrap_or_default();
        RuntimePlatform {
            cpu_architecture: text(live.cpu_architecture.map(|name| name.as_str().to_string())),
            operating_system_family: text(live.operating_system_family.map(|name| name.as_str().to_string())),
        }
    }
}
