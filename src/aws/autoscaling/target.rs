//! `aws_appautoscaling_target`: between which numbers something scales.

use std::collections::HashMap;

use aws_sdk_applicationautoscaling::types::{
    ScalableDimension, ScalableTarget as Live, ServiceNamespace, SuspendedState as LiveSuspendedState,
};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::autoscaling::{BATCH, import_parts, once_arrived, refuse_dimension};
use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::tags::TagChange;
use crate::{given, refusals, times};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    arn: String,
    id: String,
    max_capacity: i32,
    min_capacity: i32,
    resource_id: String,
    role_arn: String,
    scalable_dimension: String,
    service_namespace: String,
    suspended_state: Vec<SuspendedState>,
    tags: Tags,
    tags_all: Tags,
    #[serde(skip)]
    created: Option<aws_smithy_types::DateTime>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct SuspendedState {
    dynamic_scaling_in_suspended: bool,
    dynamic_scaling_out_suspended: bool,
    scheduled_scaling_suspended: bool,
}

impl Resource for Target {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_appautoscaling_target";
    const READ_BATCH: usize = BATCH;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let target = Target { id: want.resource_id.clone(), ..want.clone() };
        if Self::read(aws, std::slice::from_ref(&target)).await?.pop().flatten().is_some() {
            let message = format!("`{}` is a scalable target already", want.resource_id);
            return Err(taken("application-autoscaling:RegisterScalableTarget", message));
        }
        let tags: HashMap<_, _> = want.tags_all.clone().into_iter().collect();
        register(aws, want, Some(tags).filter(|tags| !tags.is_empty())).await?;
        Ok(target)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut live = Vec::new();
        let mut open: Vec<&Target> = have.iter().collect();
        while let Some(first) = open.first().copied() {
            let is_alike = |target: &&Target| {
                (&target.service_namespace, &target.scalable_dimension)
                    == (&first.service_namespace, &first.scalable_dimension)
            };
            let (alike, rest): (Vec<&Target>, Vec<&Target>) = open.into_iter().partition(is_alike);
            live.extend(describe(aws, &alike).await?);
            open = rest;
        }
        let targets = have.iter().map(|have| {
            let live = live.iter().find(|live| have.is_of(live)).cloned();
            async move {
                let Some(live) = live else { return Ok(None) };
                let tags_all = read_tags(aws, live.scalable_target_arn.as_deref()).await?;
                Ok(Some(Target { tags_all, ..have.with_live(live) }))
            }
        });
        futures::future::try_join_all(targets).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.registered() != want.registered() {
            register(aws, want, None).await?;
        }
        let change = TagChange::between(&have.tags_all, &want.tags_all);
        if !change.remove.is_empty() {
            let call = aws.application_auto_scaling().untag_resource().resource_arn(&have.arn);
            let call = call.set_tag_keys(Some(change.remove));
            call.send().await.operation("application-autoscaling:UntagResource")?;
        }
        if !change.set.is_empty() {
            let call = aws.application_auto_scaling().tag_resource().resource_arn(&have.arn);
            let call = call.set_tags(Some(change.set.into_iter().collect()));
            call.send().await.operation("application-autoscaling:TagResource")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws
            .application_auto_scaling()
            .deregister_scalable_target()
            .service_namespace(ServiceNamespace::from(have.service_namespace.as_str()))
            .resource_id(&have.resource_id)
            .scalable_dimension(ScalableDimension::from(have.scalable_dimension.as_str()));
        call.send().await.operation("application-autoscaling:DeregisterScalableTarget")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let target = Target { id: want.resource_id.clone(), ..want.clone() };
        let Some(found) = Self::read(aws, &[target]).await?.pop().flatten() else { return Ok(None) };
        if times::is_older(found.created.as_ref(), token) {
            let message = format!("`{}` was a scalable target before this create", want.resource_id);
            return Err(taken("application-autoscaling:RegisterScalableTarget", message));
        }
        Ok(Some(found))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let (scaled, _) = import_parts(Self::TYPE, id, false)?;
        Ok(Target {
            id: scaled.resource_id.clone(),
            resource_id: scaled.resource_id,
            scalable_dimension: scaled.scalable_dimension,
            service_namespace: scaled.service_namespace,
            ..Target::default()
        })
    }

    /// RegisterScalableTarget, `MinCapacity` and `MaxCapacity`.
    fn validate(config: &Value) -> Vec<Refusal> {
        let number = |attribute: &str| refusals::number(config, attribute);
        let is_negative = |attribute: &&str| number(attribute).is_some_and(|number| number < 0.0);
        let negative = ["min_capacity", "max_capacity"].into_iter().filter(is_negative);
        let negative = negative.map(|attribute| refusals::invalid(attribute, "It can't be negative."));
        let crossed = match (number("min_capacity"), number("max_capacity")) {
            (Some(min), Some(max)) if min > max => {
                let detail = format!("The most is {max}, so the least can't be {min}.");
                Some(refusals::invalid("min_capacity", detail))
            }
            (Some(_) | None, Some(_) | None) => None,
        };
        negative.chain(crossed).chain(refuse_dimension(config)).collect()
    }
}

impl Target {
    /// What RegisterScalableTarget changes.
    fn registered(&self) -> impl PartialEq {
        (self.max_capacity, self.min_capacity, self.role_arn.clone(), self.suspended_state.clone())
    }

    fn is_of(&self, live: &Live) -> bool {
        self.service_namespace == live.service_namespace.as_str()
            && self.resource_id == live.resource_id
            && self.scalable_dimension == live.scalable_dimension.as_str()
    }

    fn with_live(&self, live: Live) -> Target {
        let is_suspended = |what: Option<bool>| what.unwrap_or_default();
        let suspended = live.suspended_state.map(|state| SuspendedState {
            dynamic_scaling_in_suspended: is_suspended(state.dynamic_scaling_in_suspended),
            dynamic_scaling_out_suspended: is_suspended(state.dynamic_scaling_out_suspended),
            scheduled_scaling_suspended: is_suspended(state.scheduled_scaling_suspended),
        });
        Target {
            arn: live.scalable_target_arn.unwrap_or_default(),
            id: live.resource_id.clone(),
            max_capacity: live.max_capacity,
            min_capacity: live.min_capacity,
            resource_id: live.resource_id,
            role_arn: live.role_arn,
            suspended_state: suspended.into_iter().collect(),
            created: Some(live.creation_time),
            ..self.clone()
        }
    }
}

/// Targets of one service and dimension.
async fn describe(aws: &Aws, targets: &[&Target]) -> Result<Vec<Live>, ProviderError> {
    let Some(first) = targets.first() else { return Ok(Vec::new()) };
    let pages = aws
        .application_auto_scaling()
        .describe_scalable_targets()
        .service_namespace(ServiceNamespace::from(first.service_namespace.as_str()))
        .scalable_dimension(ScalableDimension::from(first.scalable_dimension.as_str()))
        .set_resource_ids(Some(targets.iter().map(|target| target.id.clone()).collect()))
        .into_paginator()
        .items()
        .send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("application-autoscaling:DescribeScalableTargets")
}

async fn register(aws: &Aws, want: &Target, tags: Option<HashMap<String, String>>) -> Result<(), ProviderError> {
    let suspended = want.suspended_state.first().map(|state| {
        LiveSuspendedState::builder()
            .dynamic_scaling_in_suspended(state.dynamic_scaling_in_suspended)
            .dynamic_scaling_out_suspended(state.dynamic_scaling_out_suspended)
            .scheduled_scaling_suspended(state.scheduled_scaling_suspended)
            .build()
    });
    once_arrived(|| async {
        let call = aws
            .application_auto_scaling()
            .register_scalable_target()
            .service_namespace(ServiceNamespace::from(want.service_namespace.as_str()))
            .resource_id(&want.resource_id)
            .scalable_dimension(ScalableDimension::from(want.scalable_dimension.as_str()))
            .min_capacity(want.min_capacity)
            .max_capacity(want.max_capacity)
            .set_role_arn(given::text(&want.role_arn))
            .set_suspended_state(suspended.clone())
            .set_tags(tags.clone());
        call.send().await.operation("application-autoscaling:RegisterScalableTarget")
    })
    .await?;
    Ok(())
}

async fn read_tags(aws: &Aws, arn: Option<&str>) -> Result<Tags, ProviderError> {
    let Some(arn) = arn else { return Ok(Tags::new()) };
    let call = aws.application_auto_scaling().list_tags_for_resource().resource_arn(arn);
    match call.send().await.operation("application-autoscaling:ListTagsForResource") {
        Ok(answer) => Ok(answer.tags.unwrap_or_default().into_iter().collect()),
        Err(error) if error.is_not_found() => Ok(Tags::new()),
        Err(error) => Err(error),
    }
}
