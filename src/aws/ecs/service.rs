//! `aws_ecs_service`: tasks of one definition, kept running in a cluster.
//!
//! - A deleted service drains and then stays visible as `INACTIVE` for some time, which counts as gone.
//! - Service Connect, volumes and VPC Lattice are not shown with the service but with its newest deployment.
//! - Cluster, task definition and role are stored as they were written: by ARN or by name.
//! - With `wait_for_steady_state` an apply ends when the rollout does, and says why one failed; else as soon as the service
//!   is there.

pub mod blocks;
pub mod ownership;

mod connect;
mod plan;
mod requests;
mod rollout;
mod volumes;

use std::collections::BTreeMap;

use aws_sdk_ecs::types as ecs;
use futures::future;
use model::value::Value;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refine, Refusal, Resource, Tags};
use provider::{PlanAnswer, PlanRequest, Token};
use serde::{Deserialize, Serialize};

use self::blocks::{
    Alarms, CapacityProvider, CircuitBreaker, Controller, LoadBalancer, Network, PlacementConstraint,
    PlacementStrategy, Registry,
};
use self::connect::Connect;
use self::rollout::Rollout;
use self::volumes::{Lattice, VolumeConfiguration};
use crate::arn;
use crate::clients::Aws;
use crate::ecs::retry::until_accepted;
use crate::ecs::tags;
use crate::failure::{self, Operation};
use crate::tags::TagChange;

/// How many services of one cluster DescribeServices takes.
const DESCRIBED_AT_ONCE: usize = 10;

/// A service made up to so much earlier than its token may still be its own: clocks differ.
const CLOCK_SKEW_S: i64 = 60;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EcsService {
    alarms: Vec<Alarms>,
    availability_zone_rebalancing: String,
    capacity_provider_strategy: Vec<CapacityProvider>,
    cluster: String,
    deployment_circuit_breaker: Vec<CircuitBreaker>,
    deployment_controller: Vec<Controller>,
    deployment_maximum_percent: Option<i32>,
    deployment_minimum_healthy_percent: Option<i32>,
    desired_count: i32,
    enable_ecs_managed_tags: bool,
    enable_execute_command: bool,
    force_delete: Option<bool>,
    force_new_deployment: Option<bool>,
    health_check_grace_period_seconds: i32,
    iam_role: String,
    id: String,
    launch_type: String,
    load_balancer: Vec<LoadBalancer>,
    name: String,
    network_configuration: Vec<Network>,
    ordered_placement_strategy: Vec<PlacementStrategy>,
    placement_constraints: Vec<PlacementConstraint>,
    platform_version: String,
    propagate_tags: String,
    scheduling_strategy: String,
    service_connect_configuration: Vec<Connect>,
    service_registries: Vec<Registry>,
    tags: Tags,
    tags_all: Tags,
    task_definition: String,
    timeouts: Option<Timeouts>,
    triggers: BTreeMap<String, String>,
    volume_configuration: Vec<VolumeConfiguration>,
    vpc_lattice_configurations: Vec<Lattice>,
    wait_for_steady_state: Option<bool>,
    /// Named by an import: nothing says yet how references are written.
    #[serde(skip)]
    is_import: bool,
    #[serde(skip)]
    rollout: Rollout,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Timeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for EcsService {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecs_service";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let request = || want.create_request(aws.ecs().create_service(), creation.token);
        let waiting = |reason: &str| creation.waiting(reason);
        let created = until_accepted(|| async { request().send().await.operation("ecs:CreateService") }, &waiting);
        let created = created.await.map_err(|error| taken(error, &want.name))?;
        let arn = created.service.and_then(|service| service.service_arn).unwrap_or_default();
        Ok(EcsService { id: arn, ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut clusters: BTreeMap<&str, (&str, Vec<String>)> = BTreeMap::new();
        for service in have {
            let cluster = service.cluster();
            let (_, services) = clusters.entry(arn::name(cluster)).or_insert((cluster, Vec::new()));
            services.push(service.identifier().to_string());
        }
        let calls = clusters.values().flat_map(|(cluster, names)| {
            names.chunks(DESCRIBED_AT_ONCE).map(|names| describe(aws, cluster, names.to_vec()))
        });
        let calls: Vec<_> = calls.collect();
        let live: Vec<ecs::Service> = future::try_join_all(calls).await?.into_iter().flatten().collect();
        Ok(have.iter().map(|have| live.iter().find(|live| have.is(live)).map(|live| have.as_it_is(live))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.differs(want) {
            let request = || have.update_request(aws.ecs().update_service(), want);
            let updated = until_accepted(|| async { request().send().await.operation("ecs:UpdateService") }, &|_| {});
            updated.await.map_err(controlled_elsewhere)?;
        }
        tags::update(aws, &have.id, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let force = have.force_delete == Some(true);
        if !force && !have.is_daemon() {
            let scale = aws.ecs().update_service().cluster(have.cluster()).service(have.identifier()).desired_count(0);
            match scale.send().await.operation("ecs:UpdateService") {
                Ok(_) => {}
                // It drains already, or is gone.
                Err(error) if error.is_not_found() => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        let delete = || aws.ecs().delete_service().cluster(have.cluster()).service(have.identifier()).force(force);
        until_accepted(|| async { delete().send().await.operation("ecs:DeleteService") }, &|_| {}).await?;
        Ok(())
    }

    fn readiness(&self, want: &Self) -> Readiness {
        match self.rollout.status.as_str() {
            "ACTIVE" if want.wait_for_steady_state == Some(true) => self.rollout.readiness(&want.task_definition),
            "ACTIVE" => Readiness::Settled,
            "DRAINING" | "INACTIVE" => Readiness::Failed("the service was deleted meanwhile".into()),
            status => Readiness::Pending(format!("status {status}")),
        }
    }

    async fn explain(aws: &Aws, live: &Self) -> Option<String> {
        live.rollout.explain(aws, live.cluster(), &live.name, &live.load_balancer).await
    }

    fn leaving(&self) -> Readiness {
        match self.rollout.running {
            0 => Readiness::Pending("it to be gone".into()),
            1 => Readiness::Pending("1 task to stop".into()),
            running => Readiness::Pending(format!("{running} tasks to stop")),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let live = describe(aws, want.cluster(), vec![want.name.clone()]).await?;
        let Some(live) = live.into_iter().find(|live| live.status.as_deref() == Some("ACTIVE")) else {
            return Ok(None);
        };
        if live.created_at.is_some_and(|at| at.secs() < token.at.as_second() - CLOCK_SKEW_S) {
            return Err(exists(&want.name));
        }
        Ok(Some(want.as_it_is(&live)))
    }

    /// `CLUSTER/SERVICE` by their names; also the service's ARN.
    fn import(id: &str) -> Result<Self, ProviderError> {
        let names = if arn::is_arn(id) { id.split_once(":service/").map(|(_, names)| names) } else { Some(id) };
        match names.map(|names| names.split('/').collect::<Vec<&str>>()).as_deref() {
            Some([cluster, name]) if !cluster.is_empty() && !name.is_empty() => Ok(EcsService {
                cluster: (*cluster).to_string(),
                name: (*name).to_string(),
                is_import: true,
                ..EcsService::default()
            }),
            Some(_) | None => {
                let message = format!("wrong format of identifier: {id}, expecting 'cluster-name/service-name'");
                Err(ProviderError::invalid("import aws_ecs_service", message))
            }
        }
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        plan::equivalent(attribute, prior, config)
    }

    async fn keep(aws: &Aws, request: &PlanRequest<'_>, answer: &mut PlanAnswer) {
        ownership::keep(aws, request, answer).await;
    }

    fn refine(refine: Refine<'_>) {
        plan::refine(refine);
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        plan::validate(config)
    }
}

/// Services of a cluster by name or ARN, at most ten. Those that are gone are left out, and so are all of a cluster that is.
async fn describe(aws: &Aws, cluster: &str, services: Vec<String>) -> Result<Vec<ecs::Service>, ProviderError> {
    let describe = aws.ecs().describe_services().cluster(cluster).set_services(Some(services));
    let answer = match describe.include(ecs::ServiceField::Tags).send().await.operation("ecs:DescribeServices") {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let is_there = |service: &ecs::Service| service.status.as_deref() != Some("INACTIVE");
    Ok(answer.services.unwrap_or_default().into_iter().filter(is_there).collect())
}

/// The service answers a create of a name that is taken with words only.
fn taken(error: ProviderError, name: &str) -> ProviderError {
    if error.message.contains("not idempotent") {
        ProviderError { code: error.code, request_id: error.request_id, ..exists(name) }
    } else {
        error
    }
}

fn exists(name: &str) -> ProviderError {
    let message = format!("a service named `{name}` exists already in this cluster");
    failure::taken("ecs:CreateService", message)
}

/// What CodeDeploy or another system deploys, an update may not change.
fn controlled_elsewhere(error: ProviderError) -> ProviderError {
    if error.kind == ErrorKind::Invalid && error.message.contains("deployment controller") {
        error.hint(
            "let the deployment controller make this change, and name the argument in `lifecycle { ignore_changes }`",
        )
    } else {
        error
    }
}

impl EcsService {
    /// The cluster as the API takes it: an ARN or a name.
    fn cluster(&self) -> &str {
        match (self.cluster.is_empty(), self.id.rsplit('/').nth(1)) {
            (false, _) => &self.cluster,
            (true, Some(cluster)) if self.id.matches('/').count() == 2 => cluster,
            (true, _) => "default",
        }
    }

    /// The service as the API takes it.
    fn identifier(&self) -> &str {
        if self.id.is_empty() { &self.name } else { &self.id }
    }

    fn is_daemon(&self) -> bool {
        self.scheduling_strategy == "DAEMON"
    }

    fn is(&self, live: &ecs::Service) -> bool {
        if self.id.is_empty() {
            let cluster = live.cluster_arn.as_deref().unwrap_or_default();
            live.service_name.as_deref() == Some(&self.name) && arn::name(cluster) == arn::name(self.cluster())
        } else {
            live.service_arn.as_deref() == Some(&self.id)
        }
    }

    /// The live service; references are written as `self` writes them, and what the service does not keep is taken from it.
    fn as_it_is(&self, live: &ecs::Service) -> EcsService {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let cluster_arn = text(&live.cluster_arn);
        let by_arn = |reference: &str| self.is_import || arn::is_arn(reference);
        let cluster = if by_arn(&self.cluster) { cluster_arn } else { arn::name(&cluster_arn).to_string() };
        let definition = text(&live.task_definition);
        let task_definition =
            if by_arn(&self.task_definition) { definition } else { arn::name(&definition).to_string() };
        let role = text(&live.role_arn);
        let iam_role = if arn::is_arn(&self.iam_role) { role } else { role_name(&role) };
        let configuration = live.deployment_configuration.as_ref();
        let newest = live.deployments().iter().find(|deployment| deployment.status.as_deref() == Some("PRIMARY"));
        EcsService {
            alarms: configuration.and_then(|all| all.alarms.as_ref()).map(Alarms::from).into_iter().collect(),
            availability_zone_rebalancing: name_of(live.availability_zone_rebalancing.as_ref()),
            capacity_provider_strategy: live.capacity_provider_strategy().iter().map(CapacityProvider::from).collect(),
            cluster,
            deployment_circuit_breaker: configuration
                .and_then(|all| all.deployment_circuit_breaker.as_ref())
                .map(CircuitBreaker::from)
                .into_iter()
                .collect(),
            deployment_controller: vec![Controller::of(live.deployment_controller.as_ref())],
            deployment_maximum_percent: configuration.and_then(|all| all.maximum_percent),
            deployment_minimum_healthy_percent: configuration.and_then(|all| all.minimum_healthy_percent),
            desired_count: live.desired_count,
            enable_ecs_managed_tags: live.enable_ecs_managed_tags,
            enable_execute_command: live.enable_execute_command,
            health_check_grace_period_seconds: live.health_check_grace_period_seconds.unwrap_or(0),
            iam_role,
            id: text(&live.service_arn),
            launch_type: name_of(live.launch_type.as_ref()),
            load_balancer: live.load_balancers().iter().map(LoadBalancer::from).collect(),
            name: text(&live.service_name),
            network_configuration: live
                .network_configuration
                .as_ref()
                .and_then(|network| network.awsvpc_configuration.as_ref())
                .map(Network::from)
                .into_iter()
                .collect(),
            ordered_placement_strategy: live.placement_strategy().iter().map(PlacementStrategy::from).collect(),
            placement_constraints: live.placement_constraints().iter().map(PlacementConstraint::from).collect(),
            platform_version: text(&live.platform_version),
            propagate_tags: name_of(live.propagate_tags.as_ref()),
            scheduling_strategy: name_of(live.scheduling_strategy.as_ref()),
            service_connect_configuration: newest
                .and_then(|newest| newest.service_connect_configuration.as_ref())
                // One that was taken away stays as one that is off.
                .filter(|connect| connect.enabled || !self.service_connect_configuration.is_empty())
                .map(Connect::from)
                .into_iter()
                .collect(),
            service_registries: live.service_registries().iter().map(Registry::from).collect(),
            tags_all: tags::live(live.tags.clone()),
            task_definition,
            volume_configuration: newest
                .map(|newest| newest.volume_configurations().iter().map(VolumeConfiguration::from).collect())
                .unwrap_or_default(),
            vpc_lattice_configurations: newest
                .map(|newest| newest.vpc_lattice_configurations().iter().map(Lattice::from).collect())
                .unwrap_or_default(),
            is_import: false,
            rollout: Rollout::from(live),
            ..self.clone()
        }
    }
}

/// A role by its name; one with a path by path and name: `/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS`.
fn role_name(role: &str) -> String {
    let name = arn::name(role);
    if name.contains('/') { format!("/{name}") } else { name.to_string() }
}

fn name_of<E: AsRef<str>>(name: Option<&E>) -> String {
    name.map(|name| name.as_ref().to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
