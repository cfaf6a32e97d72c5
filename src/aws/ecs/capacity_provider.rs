//! `aws_ecs_capacity_provider`: instances of an Auto Scaling group that ECS places tasks on.
//!
//! What of its scaling the configuration leaves out is decided by the service. A deleted provider stays visible as
//! `INACTIVE` for some time, so `read` counts that status as gone.

use aws_sdk_ecs::types::{
    self as ecs, CapacityProviderField, CapacityProviderStatus, CapacityProviderUpdateStatus, ManagedDraining,
    ManagedScalingStatus, ManagedTerminationProtection,
};
use model::path::{Path, Step};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::arn;
use crate::clients::Aws;
use crate::ecs::retry::until_accepted;
use crate::ecs::{given, tags};
use crate::failure::{Operation, taken};
use crate::tags::TagChange;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CapacityProvider {
    arn: String,
    auto_scaling_group_provider: Vec<AutoScalingGroup>,
    id: String,
    name: String,
    tags: Tags,
    tags_all: Tags,
    #[serde(skip)]
    progress: Progress,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct AutoScalingGroup {
    auto_scaling_group_arn: String,
    managed_draining: String,
    managed_scaling: Vec<ManagedScaling>,
    managed_termination_protection: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct ManagedScaling {
    instance_warmup_period: Option<i32>,
    maximum_scaling_step_size: Option<i32>,
    minimum_scaling_step_size: Option<i32>,
    status: String,
    target_capacity: Option<i32>,
}

/// How far the last create, update or delete is.
#[derive(Clone, Default)]
struct Progress {
    status: Option<CapacityProviderStatus>,
    update: Option<CapacityProviderUpdateStatus>,
    reason: String,
}

impl Resource for CapacityProvider {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecs_capacity_provider";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        if !describe(aws, &[want.name.as_str()]).await?.is_empty() {
            let message = format!("a capacity provider named `{}` exists already", want.name);
            return Err(taken("ecs:CreateCapacityProvider", message));
        }
        let created = aws
            .ecs()
            .create_capacity_provider()
            .name(&want.name)
            .set_auto_scaling_group_provider(want.auto_scaling_group_provider.first().map(AutoScalingGroup::request))
            .set_tags(tags::request(&want.tags_all))
            .send()
            .await
            .operation("ecs:CreateCapacityProvider")?;
        let arn = created.capacity_provider.and_then(|live| live.capacity_provider_arn).unwrap_or_default();
        Ok(CapacityProvider { id: arn.clone(), arn, ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids: Vec<&str> = have.iter().map(|provider| provider.id.as_str()).collect();
        let live = describe(aws, &ids).await?;
        let find = |have: &Self| live.iter().find(|live| live.arn == have.id || live.name == have.id).cloned();
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.auto_scaling_group_provider != want.auto_scaling_group_provider {
            let changes = want.auto_scaling_group_provider.first().map(AutoScalingGroup::update_request);
            let update = || async {
                let update = aws.ecs().update_capacity_provider().name(&have.name);
                let update = update.set_auto_scaling_group_provider(changes.clone());
                update.send().await.operation("ecs:UpdateCapacityProvider")
            };
            until_accepted(update, &|_| {}).await?;
        }
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        // The service knows no error for what isn't there.
        if describe(aws, &[have.id.as_str()]).await?.is_empty() {
            return Ok(());
        }
        let delete = || async {
            let delete = aws.ecs().delete_capacity_provider().capacity_provider(&have.id);
            delete.send().await.operation("ecs:DeleteCapacityProvider")
        };
        until_accepted(delete, &|_| {}).await?;
        Ok(())
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match (&self.progress.status, &self.progress.update) {
            (_, Some(CapacityProviderUpdateStatus::CreateFailed | CapacityProviderUpdateStatus::UpdateFailed)) => {
                Readiness::Failed(self.progress.reason("the change failed"))
            }
            (_, Some(CapacityProviderUpdateStatus::CreateInProgress))
            | (Some(CapacityProviderStatus::Provisioning), _) => Readiness::Pending("it to be created".into()),
            (_, Some(CapacityProviderUpdateStatus::UpdateInProgress)) => Readiness::Pending("its update".into()),
            (Some(_) | None, Some(_) | None) => Readiness::Settled,
        }
    }

    fn leaving(&self) -> Readiness {
        match self.progress.update {
            Some(CapacityProviderUpdateStatus::DeleteFailed) => {
                Readiness::Failed(self.progress.reason("the deletion failed"))
            }
            Some(_) | None => Readiness::Pending("it to be gone".into()),
        }
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // `create` refuses a name that is taken, so a provider of this name can only be its own.
        Ok(describe(aws, &[want.name.as_str()]).await?.pop())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(CapacityProvider { id: id.to_string(), ..CapacityProvider::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let Some(groups) = config.get("auto_scaling_group_provider") else { return refusals };
        groups.each_child(|step, group| {
            let path = Path::attribute("auto_scaling_group_provider").child(step);
            let path = path.child(Step::Attribute("auto_scaling_group_arn".into()));
            if let Some(group_arn) = group.get("auto_scaling_group_arn") {
                arn::check(path, &group_arn, &mut refusals);
            }
        });
        refusals
    }
}

impl Progress {
    fn reason(&self, otherwise: &str) -> String {
        if self.reason.is_empty() { otherwise.to_string() } else { self.reason.clone() }
    }
}

impl AutoScalingGroup {
    fn request(&self) -> ecs::AutoScalingGroupProvider {
        ecs::AutoScalingGroupProvider::builder()
            .auto_scaling_group_arn(&self.auto_scaling_group_arn)
            .set_managed_draining(self.draining())
            .set_managed_scaling(self.managed_scaling.first().map(ManagedScaling::request))
            .set_managed_termination_protection(self.protection())
            .build()
            .expect("the schema requires the group")
    }

    fn update_request(&self) -> ecs::AutoScalingGroupProviderUpdate {
        ecs::AutoScalingGroupProviderUpdate::builder()
            .set_managed_draining(self.draining())
            .set_managed_scaling(self.managed_scaling.first().map(ManagedScaling::request))
            .set_managed_termination_protection(self.protection())
            .build()
    }

    fn draining(&self) -> Option<ManagedDraining> {
        given(&self.managed_draining).map(|draining| ManagedDraining::from(draining.as_str()))
    }

    fn protection(&self) -> Option<ManagedTerminationProtection> {
        given(&self.managed_termination_protection).map(|protection| protection.as_str().into())
    }
}

impl ManagedScaling {
    fn request(&self) -> ecs::ManagedScaling {
        ecs::ManagedScaling::builder()
            .set_instance_warmup_period(self.instance_warmup_period)
            .set_maximum_scaling_step_size(self.maximum_scaling_step_size.filter(|size| *size != 0))
            .set_minimum_scaling_step_size(self.minimum_scaling_step_size.filter(|size| *size != 0))
            .set_status(given(&self.status).map(|status| ManagedScalingStatus::from(status.as_str())))
            .set_target_capacity(self.target_capacity.filter(|capacity| *capacity != 0))
            .build()
    }
}

/// Providers by ARN or name, at most 100; those that are unknown or gone are left out.
async fn describe(aws: &Aws, ids: &[&str]) -> Result<Vec<CapacityProvider>, ProviderError> {
    let answer = aws
        .ecs()
        .describe_capacity_providers()
        .set_capacity_providers(Some(ids.iter().map(|id| (*id).to_string()).collect()))
        .include(CapacityProviderField::Tags)
        .send()
        .await
        .operation("ecs:DescribeCapacityProviders")?;
    let is_there = |live: &ecs::CapacityProvider| live.status != Some(CapacityProviderStatus::Inactive);
    let live = answer.capacity_providers.unwrap_or_default().into_iter().filter(is_there);
    Ok(live.map(CapacityProvider::from).collect())
}

impl From<ecs::CapacityProvider> for CapacityProvider {
    fn from(live: ecs::CapacityProvider) -> CapacityProvider {
        let arn = live.capacity_provider_arn.unwrap_or_default();
        CapacityProvider {
            id: arn.clone(),
            arn,
            auto_scaling_group_provider: live.auto_scaling_group_provider.into_iter().map(Into::into).collect(),
            name: live.name.unwrap_or_default(),
            tags: Tags::new(),
            tags_all: tags::live(live.tags),
            progress: Progress {
                status: live.status,
                update: live.update_status,
                reason: live.update_status_reason.unwrap_or_default(),
            },
        }
    }
}

impl From<ecs::AutoScalingGroupProvider> for AutoScalingGroup {
    fn from(live: ecs::AutoScalingGroupProvider) -> AutoScalingGroup {
        let scaling = live.managed_scaling.map(|scaling| ManagedScaling {
            instance_warmup_period: Some(scaling.instance_warmup_period.unwrap_or_default()),
            maximum_scaling_step_size: Some(scaling.maximum_scaling_step_size.unwrap_or_default()),
            minimum_scaling_step_size: Some(scaling.minimum_scaling_step_size.unwrap_or_default()),
            status: scaling.status.map(|status| status.as_str().to_string()).unwrap_or_default(),
            target_capacity: Some(scaling.target_capacity.unwrap_or_default()),
        });
        AutoScalingGroup {
            auto_scaling_group_arn: live.auto_scaling_group_arn,
            managed_draining: live.managed_draining.map(|draining| draining.as_str().to_string()).unwrap_or_default(),
            managed_scaling: scaling.into_iter().collect(),
            managed_termination_protection: live
                .managed_termination_protection
                .map(|protection| protection.as_str().to_string())
                .unwrap_or_default(),
        }
    }
}
