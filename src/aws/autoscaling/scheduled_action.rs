//! `aws_appautoscaling_scheduled_action`: between which numbers something scales from a time on.

use aws_sdk_applicationautoscaling::types::{ScalableTargetAction, ScheduledAction as Live, ServiceNamespace};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::autoscaling::{BATCH, Scaled, by_scaled, import_parts, once_arrived, refuse_dimension};
use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::{given, refusals, times};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ScheduledAction {
    arn: String,
    end_time: Option<String>,
    id: String,
    name: String,
    resource_id: String,
    scalable_dimension: String,
    scalable_target_action: Vec<Capacity>,
    schedule: String,
    service_namespace: String,
    start_time: Option<String>,
    timezone: String,
    #[serde(skip)]
    created: Option<aws_smithy_types::DateTime>,
}

/// Numbers as texts, so that none differs from zero.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Capacity {
    max_capacity: String,
    min_capacity: String,
}

impl Resource for ScheduledAction {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_appautoscaling_scheduled_action";
    const READ_BATCH: usize = BATCH;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let action = want.identified();
        if Self::read(aws, std::slice::from_ref(&action)).await?.pop().flatten().is_some() {
            let message = format!("`{}` has a scheduled action named `{}` already", want.resource_id, want.name);
            return Err(taken("application-autoscaling:PutScheduledAction", message));
        }
        put(aws, want).await?;
        Ok(action)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut actions = vec![None; have.len()];
        for (scaled, places) in by_scaled(have, ScheduledAction::scaled) {
            let names = places.iter().map(|place| have[*place].name.clone()).collect();
            let live = describe(aws, &scaled, names).await?;
            for place in places {
                let live = live.iter().find(|live| live.scheduled_action_name == have[place].name);
                actions[place] = live.map(|live| have[place].with_live(live.clone()));
            }
        }
        Ok(actions)
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        put(aws, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws
            .application_auto_scaling()
            .delete_scheduled_action()
            .scheduled_action_name(&have.name)
            .service_namespace(ServiceNamespace::from(have.service_namespace.as_str()))
            .resource_id(&have.resource_id)
            .scalable_dimension(have.scaled().dimension());
        call.send().await.operation("application-autoscaling:DeleteScheduledAction")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(found) = Self::read(aws, &[want.identified()]).await?.pop().flatten() else { return Ok(None) };
        if times::is_older(found.created.as_ref(), token) {
            let message =
                format!("`{}` had a scheduled action named `{}` before this create", want.resource_id, want.name);
            return Err(taken("application-autoscaling:PutScheduledAction", message));
        }
        Ok(Some(found))
    }

    /// As for policies: `NAMESPACE/RESOURCE_ID/DIMENSION/NAME`.
    fn import(id: &str) -> Result<Self, ProviderError> {
        let (scaled, name) = import_parts(Self::TYPE, id, true)?;
        let action = ScheduledAction {
            name,
            resource_id: scaled.resource_id,
            scalable_dimension: scaled.scalable_dimension,
            service_namespace: scaled.service_namespace,
            ..ScheduledAction::default()
        };
        Ok(action.identified())
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        [refuse_schedule(config), refuse_capacity(config), refuse_dimension(config)].into_iter().flatten().collect()
    }
}

impl ScheduledAction {
    fn scaled(&self) -> Scaled {
        Scaled {
            service_namespace: self.service_namespace.clone(),
            resource_id: self.resource_id.clone(),
            scalable_dimension: self.scalable_dimension.clone(),
        }
    }

    fn identified(&self) -> ScheduledAction {
        let id = format!("{}-{}-{}", self.name, self.service_namespace, self.resource_id);
        ScheduledAction { id, ..self.clone() }
    }

    fn with_live(&self, live: Live) -> ScheduledAction {
        let text = |number: Option<i32>| number.map(|number| number.to_string()).unwrap_or_default();
        let time = |at: Option<aws_smithy_types::DateTime>| at.map(|at| times::stored(Some(&at)));
        let capacity = live.scalable_target_action.map(|action| Capacity {
            max_capacity: text(action.max_capacity),
            min_capacity: text(action.min_capacity),
        });
        let action = ScheduledAction {
            arn: live.scheduled_action_arn,
            end_time: time(live.end_time),
            name: live.scheduled_action_name,
            resource_id: live.resource_id,
            scalable_target_action: capacity.into_iter().collect(),
            schedule: live.schedule,
            start_time: time(live.start_time),
            timezone: live.timezone.unwrap_or_default(),
            created: Some(live.creation_time),
            ..self.clone()
        };
        action.identified()
    }
}

async fn describe(aws: &Aws, scaled: &Scaled, names: Vec<String>) -> Result<Vec<Live>, ProviderError> {
    let pages = aws
        .application_auto_scaling()
        .describe_scheduled_actions()
        .service_namespace(ServiceNamespace::from(scaled.service_namespace.as_str()))
        .resource_id(&scaled.resource_id)
        .scalable_dimension(scaled.dimension())
        .set_scheduled_action_names(Some(names))
        .into_paginator()
        .items()
        .send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("application-autoscaling:DescribeScheduledActions")
}

async fn put(aws: &Aws, want: &ScheduledAction) -> Result<(), ProviderError> {
    let capacity = want.scalable_target_action.first().map(|capacity| {
        ScalableTargetAction::builder()
            .set_max_capacity(capacity.max_capacity.parse().ok())
            .set_min_capacity(capacity.min_capacity.parse().ok())
            .build()
    });
    let time = |text: &Option<String>| text.as_deref().and_then(times::parsed);
    once_arrived(|| async {
        let call = aws
            .application_auto_scaling()
            .put_scheduled_action()
            .scheduled_action_name(&want.name)
            .service_namespace(ServiceNamespace::from(want.service_namespace.as_str()))
            .resource_id(&want.resource_id)
            .scalable_dimension(want.scaled().dimension())
            .schedule(&want.schedule)
            .set_timezone(given::text(&want.timezone))
            .set_start_time(time(&want.start_time))
            .set_end_time(time(&want.end_time))
            .set_scalable_target_action(capacity.clone());
        call.send().await.operation("application-autoscaling:PutScheduledAction")
    })
    .await?;
    Ok(())
}

/// PutScheduledAction, `Schedule`: `at(..)`, `rate(..)` or `cron(..)`.
fn refuse_schedule(config: &Value) -> Option<Refusal> {
    let schedule = refusals::text(config, "schedule")?;
    let is_valid = ["at(", "rate(", "cron("].iter().any(|form| schedule.starts_with(form)) && schedule.ends_with(')');
    (!is_valid).then(|| {
        let detail = "It must be `at(yyyy-mm-ddThh:mm:ss)`, `rate(value unit)` or `cron(fields)`.";
        refusals::invalid("schedule", detail)
    })
}

/// PutScheduledAction, `ScalableTargetAction`: numbers, at least one of them, in their order.
fn refuse_capacity(config: &Value) -> Option<Refusal> {
    let (path, block) = refusals::blocks(config, &Path::root(), "scalable_target_action").into_iter().next()?;
    let given = |name: &str| refusals::text(&block, name).filter(|text| !text.is_empty());
    let is_none = |name: &str| refusals::is_missing(&block, name);
    let detail = if block.is_known() && is_none("max_capacity") && is_none("min_capacity") {
        "It needs `max_capacity`, `min_capacity` or both.".to_string()
    } else {
        let number = |name: &str| given(name)?.parse::<i64>().ok();
        match (number("min_capacity"), number("max_capacity")) {
            (Some(min), Some(max)) if min > max => format!("The most is {max}, so the least can't be {min}."),
            (Some(_) | None, Some(_) | None) => return None,
        }
    };
    Some(refusals::refusal(path, "invalid capacity", detail))
}
