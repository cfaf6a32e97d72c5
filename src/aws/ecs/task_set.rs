//! `aws_ecs_task_set`: the tasks of one version of a service whose deployments are controlled from outside.
//!
//! A task set is known by its id, its service and its cluster together, and named by all three in the state.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_ecs::types as ecs;
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::adapter::parse_duration;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::arn;
use crate::clients::Aws;
use crate::ecs::service::blocks::{CapacityProvider, Network, Registry};
use crate::ecs::{given, retry, tags};
use crate::failure::Operation;
use crate::settling::{Look, until_settled};
use crate::tags::{TOKEN_TAG, TagChange, marked, settle_new, take_mark};

/// How long to wait for stability where the argument says nothing that can be read.
const STABLE_TIMEOUT: Duration = Duration::from_secs(600);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TaskSet {
    arn: String,
    capacity_provider_strategy: Vec<CapacityProvider>,
    cluster: String,
    external_id: String,
    force_delete: Option<bool>,
    id: String,
    launch_type: String,
    load_balancer: Vec<LoadBalancer>,
    network_configuration: Vec<Network>,
    platform_version: String,
    scale: Vec<Scale>,
    service: String,
    service_registries: Vec<Registry>,
    stability_status: String,
    status: String,
    tags: Tags,
    tags_all: Tags,
    task_definition: String,
    task_set_id: String,
    wait_until_stable: bool,
    wait_until_stable_timeout: Option<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct LoadBalancer {
    container_name: String,
    container_port: i32,
    load_balancer_name: String,
    target_group_arn: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Scale {
    unit: String,
    value: f64,
}

impl Resource for TaskSet {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecs_task_set";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let call = || async {
            let create = aws
                .ecs()
                .create_task_set()
                .client_token(creation.token.id.as_ref())
                .cluster(&want.cluster)
                .service(&want.service)
                .task_definition(&want.task_definition)
                .set_capacity_provider_strategy(requests(&want.capacity_provider_strategy, CapacityProvider::request))
                .set_external_id(given(&want.external_id))
                .set_launch_type(given(&want.launch_type).map(|kind| ecs::LaunchType::from(kind.as_str())))
                .set_load_balancers(requests(&want.load_balancer, LoadBalancer::request))
                .set_network_configuration(want.network_configuration.first().map(Network::request))
                .set_platform_version(given(&want.platform_version))
                .set_scale(want.scale.first().map(Scale::request))
                .set_service_registries(requests(&want.service_registries, Registry::request))
                .set_tags(tags::request(&marked(&want.tags_all, creation.token)));
            create.send().await.operation("ecs:CreateTaskSet")
        };
        let made = retry::until_accepted(call, &|what| creation.waiting(what)).await?;
        let live = made.task_set.ok_or_else(|| {
            ProviderError::new(ErrorKind::Other, "ecs:CreateTaskSet", "the answer does not hold the task set")
        })?;
        let set = TaskSet { tags_all: want.tags_all.clone(), ..want.with_live(live) };
        settle_new(creation, &set, unmark(aws, &set.arn)).await?;
        if set.wait_until_stable {
            creation.waiting("the tasks to be stable");
            until_stable(aws, &set).await?;
        }
        Ok(set)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut by_service: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
        for set in have {
            by_service.entry((&set.cluster, &set.service)).or_default().push(set.task_set_id.clone());
        }
        let reads =
            by_service.iter().map(|((cluster, service), ids)| describe(aws, cluster, service, Some(ids.clone())));
        let live: Vec<ecs::TaskSet> = futures::future::try_join_all(reads).await?.into_iter().flatten().collect();
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.id.as_deref() == Some(have.task_set_id.as_str()))?;
            Some(have.with_live(live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.scale != want.scale
            && let Some(scale) = want.scale.first()
        {
            let update = aws
                .ecs()
                .update_task_set()
                .cluster(&have.cluster)
                .service(&have.service)
                .task_set(&have.task_set_id)
                .scale(scale.request());
            update.send().await.operation("ecs:UpdateTaskSet")?;
            if want.wait_until_stable {
                until_stable(aws, want).await?;
            }
        }
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let delete = aws
            .ecs()
            .delete_task_set()
            .cluster(&have.cluster)
            .service(&have.service)
            .task_set(&have.task_set_id)
            .force(have.force_delete.unwrap_or(false));
        delete.send().await.operation("ecs:DeleteTaskSet").map(drop)
    }

    fn leaving(&self) -> Readiness {
        Readiness::Pending(format!("status {}", self.status))
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        for live in describe(aws, &want.cluster, &want.service, None).await? {
            let mut set = want.with_live(live);
            if take_mark(&mut set.tags_all, token) {
                unmark(aws, &set.arn).await?;
                return Ok(Some(set));
            }
        }
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        match id.split(',').collect::<Vec<_>>().as_slice() {
            [task_set_id, service, cluster] => Ok(TaskSet {
                id: id.to_string(),
                task_set_id: task_set_id.to_string(),
                service: service.to_string(),
                cluster: cluster.to_string(),
                ..TaskSet::default()
            }),
            _ => {
                let message = format!("`{id}` must have the form `TASK_SET,SERVICE,CLUSTER`");
                Err(ProviderError::invalid(format!("import {}", Self::TYPE), message))
            }
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let timeout = "wait_until_stable_timeout";
        let text = config.get(timeout);
        if let Some(text) =
            text.as_ref().and_then(|text| text.reveal().as_str()).filter(|text| parse_duration(text).is_none())
        {
            let detail = format!("`{text}` is no duration such as `10m`.");
            let attribute = Path::attribute(timeout);
            refusals.push(Refusal { attribute, summary: format!("invalid value for {timeout}"), detail });
        }
        for (block, name) in [("load_balancer", "target_group_arn"), ("service_registries", "registry_arn")] {
            let Some(blocks) = config.get(block) else { continue };
            blocks.each_child(|step, block_value| {
                if let Some(value) = block_value.get(name) {
                    arn::check(Path::attribute(block).child(step), &value, &mut refusals);
                }
            });
        }
        refusals
    }
}

impl TaskSet {
    fn with_live(&self, live: ecs::TaskSet) -> TaskSet {
        let task_set_id = live.id.unwrap_or_default();
        let network = live.network_configuration.and_then(|network| network.awsvpc_configuration);
        TaskSet {
            arn: live.task_set_arn.unwrap_or_default(),
            capacity_provider_strategy: blocks(live.capacity_provider_strategy),
            external_id: live.external_id.unwrap_or_default(),
            id: format!("{task_set_id},{},{}", self.service, self.cluster),
            launch_type: live.launch_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            load_balancer: blocks(live.load_balancers),
            network_configuration: network.iter().map(Network::from).collect(),
            platform_version: live.platform_version.unwrap_or_default(),
            scale: live.scale.as_ref().map(Scale::from).into_iter().collect(),
            service_registries: blocks(live.service_registries),
            stability_status: live.stability_status.map(|status| status.as_str().to_string()).unwrap_or_default(),
            status: live.status.unwrap_or_default(),
            tags_all: tags::live(live.tags),
            task_definition: self.definition_over(live.task_definition.unwrap_or_default()),
            task_set_id,
            ..self.clone()
        }
    }

    /// The task definition as it is known, where the API names the same by its ARN.
    fn definition_over(&self, live: String) -> String {
        let known = &self.task_definition;
        if !known.is_empty() && live.ends_with(&format!("task-definition/{known}")) { known.clone() } else { live }
    }
}

impl LoadBalancer {
    fn request(&self) -> ecs::LoadBalancer {
        ecs::LoadBalancer::builder()
            .container_name(&self.container_name)
            .set_container_port((self.container_port != 0).then_some(self.container_port))
            .set_load_balancer_name(given(&self.load_balancer_name))
            .set_target_group_arn(given(&self.target_group_arn))
            .build()
    }
}

impl From<&ecs::LoadBalancer> for LoadBalancer {
    fn from(live: &ecs::LoadBalancer) -> LoadBalancer {
        LoadBalancer {
            container_name: live.container_name.clone().unwrap_or_default(),
            container_port: live.container_port.unwrap_or_default(),
            load_balancer_name: live.load_balancer_name.clone().unwrap_or_default(),
            target_group_arn: live.target_group_arn.clone().unwrap_or_default(),
        }
    }
}

impl Scale {
    fn request(&self) -> ecs::Scale {
        let unit = given(&self.unit).map(|unit| ecs::ScaleUnit::from(unit.as_str()));
        ecs::Scale::builder().set_unit(unit).value(self.value).build()
    }
}

impl From<&ecs::Scale> for Scale {
    fn from(live: &ecs::Scale) -> Scale {
        Scale { unit: live.unit.as_ref().map(|unit| unit.as_str().to_string()).unwrap_or_default(), value: live.value }
    }
}

fn blocks<L, B: for<'a> From<&'a L>>(live: Option<Vec<L>>) -> Vec<B> {
    live.unwrap_or_default().iter().map(B::from).collect()
}

fn requests<B, R>(blocks: &[B], request: impl Fn(&B) -> R) -> Option<Vec<R>> {
    (!blocks.is_empty()).then(|| blocks.iter().map(request).collect())
}

/// The task sets of a service, all or those of some ids; none where the service or its cluster is gone.
async fn describe(
    aws: &Aws,
    cluster: &str,
    service: &str,
    ids: Option<Vec<String>>,
) -> Result<Vec<ecs::TaskSet>, ProviderError> {
    let describe = aws.ecs().describe_task_sets().cluster(cluster).service(service);
    let describe = describe.set_task_sets(ids).include(ecs::TaskSetField::Tags);
    match describe.send().await.operation("ecs:DescribeTaskSets") {
        Ok(answer) => Ok(answer.task_sets.unwrap_or_default()),
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

async fn unmark(aws: &Aws, arn: &str) -> Result<(), ProviderError> {
    tags::update(aws, arn, &TagChange { set: Tags::new(), remove: vec![TOKEN_TAG.to_string()] }).await
}

/// Waits until the tasks that run are those that are wanted, for as long as the argument says.
async fn until_stable(aws: &Aws, set: &TaskSet) -> Result<(), ProviderError> {
    let written = set.wait_until_stable_timeout.as_deref().and_then(parse_duration);
    until_settled(TaskSet::TYPE, written.unwrap_or(STABLE_TIMEOUT), || async {
        let live = describe(aws, &set.cluster, &set.service, Some(vec![set.task_set_id.clone()])).await?;
        let Some(live) = live.into_iter().next() else { return Ok(Look::Gone("the task set is gone")) };
        Ok(match live.stability_status {
            Some(ecs::StabilityStatus::SteadyState) => Look::Settled(()),
            Some(status) => Look::Pending(format!("stability status {status}")),
            None => Look::Pending("no stability status".into()),
        })
    })
    .await
}
