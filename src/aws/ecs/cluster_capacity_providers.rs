//! `aws_ecs_cluster_capacity_providers`: which capacity providers a cluster uses, and how its tasks are spread by default.
//!
//! It is a part of the cluster and no object of its own: deleting it leaves the cluster without providers. One call
//! replaces all, and the cluster is busy until they are attached.

use std::time::Duration;

use aws_sdk_ecs::types::{CapacityProviderStrategyItem, Cluster};
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refusal, Resource};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

use crate::clients::Aws;
use crate::ecs::names;
use crate::ecs::retry::until_accepted;
use crate::failure::Operation;

/// How long providers may take to leave a cluster: their tasks drain before.
const PATIENCE: Duration = Duration::from_secs(20 * 60);
const PAUSE: Duration = Duration::from_secs(3);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClusterCapacityProviders {
    capacity_providers: Vec<String>,
    cluster_name: String,
    default_capacity_provider_strategy: Vec<Strategy>,
    id: String,
    #[serde(skip)]
    attachments_status: String,
}

#[derive(Clone, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(default)]
struct Strategy {
    base: i32,
    capacity_provider: String,
    weight: i32,
}

impl Resource for ClusterCapacityProviders {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecs_cluster_capacity_providers";
    const READ_BATCH: usize = 100;
    /// The cluster that `read` looks at stays.
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let wanted = ClusterCapacityProviders { id: want.cluster_name.clone(), ..want.clone() };
        wanted.put(aws, &|what| creation.waiting(what)).await?;
        Ok(wanted)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let names = have.iter().map(|providers| providers.id.clone()).collect();
        let clusters = describe(aws, names).await?;
        let find = |have: &Self| {
            let cluster = clusters.iter().find(|cluster| cluster.cluster_name.as_deref() == Some(have.id.as_str()))?;
            Some(ClusterCapacityProviders::from(cluster.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        want.put(aws, &|_| {}).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let none = ClusterCapacityProviders { cluster_name: have.id.clone(), ..ClusterCapacityProviders::default() };
        let start = Instant::now();
        loop {
            let live = Self::read(aws, std::slice::from_ref(have)).await?.pop().flatten();
            let Some(live) = live else { return Ok(()) };
            let is_bare = live.capacity_providers.is_empty() && live.default_capacity_provider_strategy.is_empty();
            match live.attachments_status.as_str() {
                "UPDATE_FAILED" | "UPDATE_COMPLETE" | "" if is_bare => return Ok(()),
                "UPDATE_IN_PROGRESS" => {}
                _ => match none.put(aws, &|_| {}).await {
                    // Tasks that are being stopped hold a provider for a while.
                    Err(error) if error.kind == ErrorKind::Conflict && start.elapsed() < PATIENCE => {}
                    put => {
                        put?;
                        continue;
                    }
                },
            }
            if start.elapsed() >= PATIENCE {
                let message = format!("the cluster `{}` still has capacity providers after 20 minutes", have.id);
                return Err(ProviderError::new(
                    ErrorKind::NotReady,
                    "delete aws_ecs_cluster_capacity_providers",
                    message,
                ));
            }
            sleep(PAUSE).await;
        }
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match self.attachments_status.as_str() {
            "UPDATE_IN_PROGRESS" => Readiness::Pending("the capacity providers to be attached".into()),
            "UPDATE_FAILED" => Readiness::Failed("the capacity providers could not be attached".into()),
            _ => Readiness::Settled,
        }
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // One call sets all: what is there as wanted is what the create made, whoever made it.
        let wanted = ClusterCapacityProviders { id: want.cluster_name.clone(), ..want.clone() };
        let live = Self::read(aws, std::slice::from_ref(&wanted)).await?.pop().flatten();
        Ok(live.filter(|live| live.is_same(&wanted)))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(ClusterCapacityProviders { id: id.to_string(), ..ClusterCapacityProviders::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        names::check(config, "cluster_name").into_iter().collect()
    }
}

impl ClusterCapacityProviders {
    async fn put(&self, aws: &Aws, waiting: &(dyn Fn(&str) + Sync)) -> Result<(), ProviderError> {
        let strategy: Vec<CapacityProviderStrategyItem> =
            self.default_capacity_provider_strategy.iter().map(Strategy::request).collect();
        let put = || async {
            aws.ecs()
                .put_cluster_capacity_providers()
                .cluster(&self.cluster_name)
                .set_capacity_providers(Some(self.capacity_providers.clone()))
                .set_default_capacity_provider_strategy(Some(strategy.clone()))
                .send()
                .await
                .operation("ecs:PutClusterCapacityProviders")
        };
        until_accepted(put, waiting).await?;
        Ok(())
    }

    /// Whether both ask for the same, in any order.
    fn is_same(&self, other: &Self) -> bool {
        let holds = |a: &Self, b: &Self| {
            a.capacity_providers.iter().all(|name| b.capacity_providers.contains(name))
                && a.default_capacity_provider_strategy
                    .iter()
                    .all(|item| b.default_capacity_provider_strategy.contains(item))
        };
        holds(self, other) && holds(other, self)
    }
}

impl Strategy {
    fn request(&self) -> CapacityProviderStrategyItem {
        CapacityProviderStrategyItem::builder()
            .base(self.base)
            .capacity_provider(&self.capacity_provider)
            .weight(self.weight)
            .build()
            .expect("the schema requires the provider")
    }
}

/// Clusters by name, at most 100; those that are unknown or gone are left out.
async fn describe(aws: &Aws, names: Vec<String>) -> Result<Vec<Cluster>, ProviderError> {
    let describe = aws.ecs().describe_clusters().set_clusters(Some(names));
    let answer = describe
        .include(aws_sdk_ecs::types::ClusterField::Attachments)
        .send()
        .await
        .operation("ecs:DescribeClusters")?;
    let is_there = |cluster: &Cluster| cluster.status.as_deref() != Some("INACTIVE");
    Ok(answer.clusters.unwrap_or_default().into_iter().filter(is_there).collect())
}

impl From<Cluster> for ClusterCapacityProviders {
    fn from(live: Cluster) -> ClusterCapacityProviders {
        let name = live.cluster_name.unwrap_or_default();
        let strategy = live.default_capacity_provider_strategy.unwrap_or_default().into_iter().map(|item| Strategy {
            base: item.base,
            capacity_provider: item.capacity_provider,
            weight: item.weight,
        });
        ClusterCapacityProviders {
            capacity_providers: live.capacity_providers.unwrap_or_default(),
            cluster_name: name.clone(),
            default_capacity_provider_strategy: strategy.collect(),
            id: name,
            attachments_status: live.attachments_status.unwrap_or_default(),
        }
    }
}
