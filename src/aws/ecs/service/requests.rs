//! What a service is made with, and what an update of it sends: only what differs, because most of it starts a deployment.

use aws_sdk_ecs::operation::create_service::builders::CreateServiceFluentBuilder;
use aws_sdk_ecs::operation::update_service::builders::UpdateServiceFluentBuilder;
use aws_sdk_ecs::types as ecs;
use provider::Token;

use super::blocks::{
    Alarms, CapacityProvider, CircuitBreaker, Controller, LoadBalancer, Network, PlacementConstraint,
    PlacementStrategy, Registry,
};
use super::connect::{self, Connect};
use super::volumes::{Lattice, VolumeConfiguration};
use super::{EcsService, arn, tags};
use crate::ecs::given;

impl EcsService {
    pub(super) fn create_request(
        &self,
        request: CreateServiceFluentBuilder,
        token: &Token,
    ) -> CreateServiceFluentBuilder {
        let grace_s = Some(self.health_check_grace_period_seconds).filter(|seconds| *seconds != 0);
        request
            .client_token(token.id.as_ref())
            .set_availability_zone_rebalancing(given(&self.availability_zone_rebalancing).as_deref().map(Into::into))
            .set_capacity_provider_strategy(all(&self.capacity_provider_strategy, CapacityProvider::request))
            .set_cluster(given(&self.cluster))
            .set_deployment_configuration(self.deployment_configuration())
            .set_deployment_controller(self.deployment_controller.first().map(Controller::request))
            // A daemon has a task on every instance.
            .set_desired_count((!self.is_daemon()).then_some(self.desired_count))
            .enable_ecs_managed_tags(self.enable_ecs_managed_tags)
            .enable_execute_command(self.enable_execute_command)
            .set_health_check_grace_period_seconds(grace_s)
            .set_launch_type(given(&self.launch_type).as_deref().map(Into::into))
            .set_load_balancers(all(&self.load_balancer, LoadBalancer::request))
            .set_network_configuration(self.network_configuration.first().map(Network::request))
            .set_placement_constraints(all(&self.placement_constraints, PlacementConstraint::request))
            .set_placement_strategy(all(&self.ordered_placement_strategy, PlacementStrategy::request))
            .set_platform_version(given(&self.platform_version))
            .set_propagate_tags(given(&self.propagate_tags).as_deref().map(Into::into))
            .set_role(given(&self.iam_role))
            .set_scheduling_strategy(given(&self.scheduling_strategy).as_deref().map(Into::into))
            .set_service_connect_configuration(self.service_connect_configuration.first().map(Connect::request))
            .service_name(&self.name)
            .set_service_registries(all(&self.service_registries, Registry::request))
            .set_tags(tags::request(&self.tags_all))
            .set_task_definition(given(&self.task_definition))
            .set_volume_configurations(all(&self.volume_configuration, VolumeConfiguration::request))
            .set_vpc_lattice_configurations(all(&self.vpc_lattice_configurations, Lattice::request))
    }

    /// Of a new service; `None` when everything is left to ECS.
    fn deployment_configuration(&self) -> Option<ecs::DeploymentConfiguration> {
        let configuration = ecs::DeploymentConfiguration::builder()
            .set_alarms(self.alarms.first().map(Alarms::request))
            .set_deployment_circuit_breaker(self.deployment_circuit_breaker.first().map(CircuitBreaker::request))
            .set_maximum_percent(self.deployment_maximum_percent)
            .set_minimum_healthy_percent(self.deployment_minimum_healthy_percent)
            .build();
        let nothing = ecs::DeploymentConfiguration::builder().build();
        (configuration != nothing).then_some(configuration)
    }

    /// Whether an update has anything to send: tags, and what only the engine knows, aside.
    pub(super) fn differs(&self, want: &EcsService) -> bool {
        self.deploys_anew(want) || self.changes(want) != Changes::default()
    }

    /// Whether a deployment is asked for although nothing that starts one may have changed.
    fn deploys_anew(&self, want: &EcsService) -> bool {
        want.force_new_deployment == Some(true)
            && (self.force_new_deployment != want.force_new_deployment || self.triggers != want.triggers)
    }

    pub(super) fn update_request(
        &self,
        request: UpdateServiceFluentBuilder,
        want: &EcsService,
    ) -> UpdateServiceFluentBuilder {
        let changes = self.changes(want);
        request
            .cluster(self.cluster())
            .service(self.identifier())
            .set_force_new_deployment(want.force_new_deployment.filter(|force| *force))
            .set_availability_zone_rebalancing(changes.availability_zone_rebalancing)
            .set_capacity_provider_strategy(changes.capacity_provider_strategy)
            .set_deployment_configuration(changes.deployment_configuration)
            .set_desired_count(changes.desired_count)
            .set_enable_ecs_managed_tags(changes.enable_ecs_managed_tags)
            .set_enable_execute_command(changes.enable_execute_command)
            .set_health_check_grace_period_seconds(changes.health_check_grace_period_seconds)
            .set_load_balancers(changes.load_balancers)
            .set_network_configuration(changes.network_configuration)
            .set_placement_constraints(changes.placement_constraints)
            .set_placement_strategy(changes.placement_strategy)
            .set_platform_version(changes.platform_version)
            .set_propagate_tags(changes.propagate_tags)
            .set_service_connect_configuration(changes.service_connect_configuration)
            .set_service_registries(changes.service_registries)
            .set_task_definition(changes.task_definition)
            .set_volume_configurations(changes.volume_configurations)
            .set_vpc_lattice_configurations(changes.vpc_lattice_configurations)
    }

    /// What an update sends. An empty list takes away what there was.
    fn changes(&self, want: &EcsService) -> Changes {
        let rebalancing = changed(&self.availability_zone_rebalancing, &want.availability_zone_rebalancing);
        let propagation = changed(&self.propagate_tags, &want.propagate_tags);
        Changes {
            availability_zone_rebalancing: rebalancing.and_then(|name| given(name)).as_deref().map(Into::into),
            capacity_provider_strategy: changed_set(
                &self.capacity_provider_strategy,
                &want.capacity_provider_strategy,
                CapacityProvider::request,
            ),
            deployment_configuration: self.deployment_changes(want),
            desired_count: changed(&self.desired_count, &want.desired_count).copied().filter(|_| !want.is_daemon()),
            enable_ecs_managed_tags: changed(&self.enable_ecs_managed_tags, &want.enable_ecs_managed_tags).copied(),
            enable_execute_command: changed(&self.enable_execute_command, &want.enable_execute_command).copied(),
            health_check_grace_period_seconds: changed(
                &self.health_check_grace_period_seconds,
                &want.health_check_grace_period_seconds,
            )
            .copied(),
            load_balancers: changed_set(&self.load_balancer, &want.load_balancer, LoadBalancer::request),
            network_configuration: changed(&self.network_configuration, &want.network_configuration)
                .and_then(|network| network.first())
                .map(Network::request),
            placement_constraints: changed_set(
                &self.placement_constraints,
                &want.placement_constraints,
                PlacementConstraint::request,
            ),
            placement_strategy: changed(&self.ordered_placement_strategy, &want.ordered_placement_strategy)
                .map(|strategies| strategies.iter().map(PlacementStrategy::request).collect()),
            platform_version: changed(&self.platform_version, &want.platform_version).and_then(|text| given(text)),
            propagate_tags: propagation.map(|name| if name.is_empty() { "NONE" } else { name }.into()),
            service_connect_configuration: changed(
                &self.service_connect_configuration,
                &want.service_connect_configuration,
            )
            .map(|connect| connect.first().map_or_else(connect::off, Connect::request)),
            service_registries: changed(&self.service_registries, &want.service_registries)
                .map(|registries| registries.iter().map(Registry::request).collect()),
            task_definition: given(&want.task_definition)
                .filter(|_| arn::name(&self.task_definition) != arn::name(&want.task_definition)),
            volume_configurations: changed(&self.volume_configuration, &want.volume_configuration)
                .map(|volumes| volumes.iter().map(VolumeConfiguration::request).collect()),
            vpc_lattice_configurations: changed_set(
                &self.vpc_lattice_configurations,
                &want.vpc_lattice_configurations,
                Lattice::request,
            ),
        }
    }

    /// The service keeps what of its deployment configuration is not sent.
    fn deployment_changes(&self, want: &EcsService) -> Option<ecs::DeploymentConfiguration> {
        let alarms = changed(&self.alarms, &want.alarms).map(|alarms| alarms.first().cloned().unwrap_or_default());
        let breaker = changed(&self.deployment_circuit_breaker, &want.deployment_circuit_breaker)
            .map(|breaker| breaker.first().cloned().unwrap_or_default());
        let (maximum, minimum) = (want.deployment_maximum_percent, want.deployment_minimum_healthy_percent);
        let percents = (self.deployment_maximum_percent, self.deployment_minimum_healthy_percent) != (maximum, minimum);
        if alarms.is_none() && breaker.is_none() && !percents {
            return None;
        }
        Some(
            ecs::DeploymentConfiguration::builder()
                .set_alarms(alarms.as_ref().map(Alarms::request))
                .set_deployment_circuit_breaker(breaker.as_ref().map(CircuitBreaker::request))
                .set_maximum_percent(maximum.filter(|_| percents))
                .set_minimum_healthy_percent(minimum.filter(|_| percents))
                .build(),
        )
    }
}

/// Members of UpdateService that differ.
#[derive(Default, PartialEq)]
struct Changes {
    availability_zone_rebalancing: Option<ecs::AvailabilityZoneRebalancing>,
    capacity_provider_strategy: Option<Vec<ecs::CapacityProviderStrategyItem>>,
    deployment_configuration: Option<ecs::DeploymentConfiguration>,
    desired_count: Option<i32>,
    enable_ecs_managed_tags: Option<bool>,
    enable_execute_command: Option<bool>,
    health_check_grace_period_seconds: Option<i32>,
    load_balancers: Option<Vec<ecs::LoadBalancer>>,
    network_configuration: Option<ecs::NetworkConfiguration>,
    placement_constraints: Option<Vec<ecs::PlacementConstraint>>,
    placement_strategy: Option<Vec<ecs::PlacementStrategy>>,
    platform_version: Option<String>,
    propagate_tags: Option<ecs::PropagateTags>,
    service_connect_configuration: Option<ecs::ServiceConnectConfiguration>,
    service_registries: Option<Vec<ecs::ServiceRegistry>>,
    task_definition: Option<String>,
    volume_configurations: Option<Vec<ecs::ServiceVolumeConfiguration>>,
    vpc_lattice_configurations: Option<Vec<ecs::VpcLatticeConfiguration>>,
}

/// What is wanted, if it differs.
fn changed<'a, T: PartialEq>(have: &T, want: &'a T) -> Option<&'a T> {
    (have != want).then_some(want)
}

/// The requests for all, if they differ in more than their order.
fn changed_set<T: PartialEq, U>(have: &[T], want: &[T], request: impl Fn(&T) -> U) -> Option<Vec<U>> {
    let is_same = have.len() == want.len() && want.iter().all(|want| have.contains(want));
    (!is_same).then(|| want.iter().map(request).collect())
}

/// The requests for all; `None` when there are none.
fn all<T, U>(items: &[T], request: impl Fn(&T) -> U) -> Option<Vec<U>> {
    (!items.is_empty()).then(|| items.iter().map(request).collect())
}
