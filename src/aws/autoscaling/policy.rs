//! `aws_appautoscaling_policy`: when something scales, and by how much.

use aws_sdk_applicationautoscaling::types::{PolicyType, ScalingPolicy as Live, ServiceNamespace};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refine, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::autoscaling::tracking::{Steps, Tracking};
use crate::autoscaling::{BATCH, Scaled, by_scaled, import_parts, once_arrived, refuse_dimension};
use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::{given, refusals, times};

const STEP: &str = "StepScaling";
const TRACKING: &str = "TargetTrackingScaling";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    alarm_arns: Vec<String>,
    arn: String,
    id: String,
    name: String,
    policy_type: String,
    resource_id: String,
    scalable_dimension: String,
    service_namespace: String,
    step_scaling_policy_configuration: Vec<Steps>,
    target_tracking_scaling_policy_configuration: Vec<Tracking>,
    #[serde(skip)]
    created: Option<aws_smithy_types::DateTime>,
}

impl Resource for Policy {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_appautoscaling_policy";
    const READ_BATCH: usize = BATCH;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let policy = Policy { id: want.name.clone(), ..want.clone() };
        if Self::read(aws, std::slice::from_ref(&policy)).await?.pop().flatten().is_some() {
            let message = format!("`{}` has a policy named `{}` already", want.resource_id, want.name);
            return Err(taken("application-autoscaling:PutScalingPolicy", message));
        }
        put(aws, want).await?;
        Ok(policy)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut policies = vec![None; have.len()];
        for (scaled, places) in by_scaled(have, Policy::scaled) {
            let names = places.iter().map(|place| have[*place].name.clone()).collect();
            let live = describe(aws, &scaled, names).await?;
            for place in places {
                let live = live.iter().find(|live| live.policy_name == have[place].name);
                policies[place] = live.map(|live| have[place].with_live(live.clone()));
            }
        }
        Ok(policies)
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        put(aws, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws
            .application_auto_scaling()
            .delete_scaling_policy()
            .policy_name(&have.name)
            .service_namespace(ServiceNamespace::from(have.service_namespace.as_str()))
            .resource_id(&have.resource_id)
            .scalable_dimension(have.scaled().dimension());
        call.send().await.operation("application-autoscaling:DeleteScalingPolicy")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let policy = Policy { id: want.name.clone(), ..want.clone() };
        let Some(found) = Self::read(aws, &[policy]).await?.pop().flatten() else { return Ok(None) };
        if times::is_older(found.created.as_ref(), token) {
            let message = format!("`{}` had a policy named `{}` before this create", want.resource_id, want.name);
            return Err(taken("application-autoscaling:PutScalingPolicy", message));
        }
        Ok(Some(found))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let (scaled, name) = import_parts(Self::TYPE, id, true)?;
        Ok(Policy {
            id: name.clone(),
            name,
            resource_id: scaled.resource_id,
            scalable_dimension: scaled.scalable_dimension,
            service_namespace: scaled.service_namespace,
            ..Policy::default()
        })
    }

    fn refine(refine: Refine<'_>) {
        if refusals::is_missing(refine.planned, "policy_type") {
            *refine.planned = refine.planned.clone().with("policy_type", Value::string(STEP));
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refuse_configuration(config).into_iter().chain(refuse_metric(config)).chain(refuse_dimension(config)).collect()
    }
}

impl Policy {
    fn scaled(&self) -> Scaled {
        Scaled {
            service_namespace: self.service_namespace.clone(),
            resource_id: self.resource_id.clone(),
            scalable_dimension: self.scalable_dimension.clone(),
        }
    }

    fn with_live(&self, live: Live) -> Policy {
        let steps = live.step_scaling_policy_configuration.map(Steps::of);
        let tracking = live.target_tracking_scaling_policy_configuration.map(Tracking::of);
        Policy {
            alarm_arns: live.alarms.unwrap_or_default().into_iter().map(|alarm| alarm.alarm_arn).collect(),
            arn: live.policy_arn,
            id: live.policy_name.clone(),
            name: live.policy_name,
            policy_type: live.policy_type.as_str().to_string(),
            resource_id: live.resource_id,
            step_scaling_policy_configuration: steps.into_iter().collect(),
            target_tracking_scaling_policy_configuration: tracking.into_iter().collect(),
            created: Some(live.creation_time),
            ..self.clone()
        }
    }
}

async fn describe(aws: &Aws, scaled: &Scaled, names: Vec<String>) -> Result<Vec<Live>, ProviderError> {
    let pages = aws
        .application_auto_scaling()
        .describe_scaling_policies()
        .service_namespace(ServiceNamespace::from(scaled.service_namespace.as_str()))
        .resource_id(&scaled.resource_id)
        .scalable_dimension(scaled.dimension())
        .set_policy_names(Some(names))
        .into_paginator()
        .items()
        .send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("application-autoscaling:DescribeScalingPolicies")
}

async fn put(aws: &Aws, want: &Policy) -> Result<(), ProviderError> {
    let steps = want.step_scaling_policy_configuration.first().map(Steps::request).transpose()?;
    let tracking = want.target_tracking_scaling_policy_configuration.first().map(Tracking::request);
    once_arrived(|| async {
        let call = aws
            .application_auto_scaling()
            .put_scaling_policy()
            .policy_name(&want.name)
            .service_namespace(ServiceNamespace::from(want.service_namespace.as_str()))
            .resource_id(&want.resource_id)
            .scalable_dimension(want.scaled().dimension())
            .set_policy_type(given::text(&want.policy_type).map(|kind| PolicyType::from(kind.as_str())))
            .set_step_scaling_policy_configuration(steps.clone())
            .set_target_tracking_scaling_policy_configuration(tracking.clone());
        call.send().await.operation("application-autoscaling:PutScalingPolicy")
    })
    .await?;
    Ok(())
}

/// Each type of policy has its configuration, and not the other's; PutScalingPolicy.
fn refuse_configuration(config: &Value) -> Option<Refusal> {
    let kind = match refusals::is_missing(config, "policy_type") {
        true => STEP.to_string(),
        false => refusals::text(config, "policy_type")?,
    };
    let steps = "step_scaling_policy_configuration";
    let tracking = "target_tracking_scaling_policy_configuration";
    let (needed, other) = match kind.as_str() {
        STEP => (steps, tracking),
        TRACKING => (tracking, steps),
        _ => {
            let detail = format!("It is `{STEP}` or `{TRACKING}`, not `{kind}`.");
            return Some(refusals::invalid("policy_type", detail));
        }
    };
    let refuse =
        |detail: String| Some(refusals::refusal(Path::attribute("policy_type"), "the policy is not whole", detail));
    if refusals::is_missing(config, needed) {
        return refuse(format!("A policy of the type `{kind}` needs a block `{needed}`."));
    }
    if !refusals::is_missing(config, other) {
        return refuse(format!("A policy of the type `{kind}` can't have a block `{other}`."));
    }
    None
}

/// A target is of one metric, of the service's own or of another; PutScalingPolicy.
fn refuse_metric(config: &Value) -> Vec<Refusal> {
    let blocks = refusals::blocks(config, &Path::root(), "target_tracking_scaling_policy_configuration");
    let refuse = |(path, block): (Path, Value)| {
        let is_missing = |name: &str| refusals::is_missing(&block, name);
        let is_one = is_missing("predefined_metric_specification") != is_missing("customized_metric_specification");
        (block.is_known() && !is_one).then(|| {
            let detail =
                "It needs one of the blocks `predefined_metric_specification` and `customized_metric_specification`.";
            refusals::refusal(path, "the policy follows no one metric", detail)
        })
    };
    blocks.into_iter().filter_map(refuse).collect()
}
