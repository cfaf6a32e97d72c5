//! `aws_cloudwatch_metric_alarm`: tells when a metric, or a calculation with some, leaves its bounds.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{AlarmType, ComparisonOperator, MetricAlarm as Live, StandardUnit, Statistic, Tag};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::arn;
use crate::clients::Aws;
use crate::cloudwatch::query::{Query, dimensions, live_dimensions};
use crate::failure::{Operation, taken};
use crate::tags::TagChange;
use crate::{given, refusals, times};

/// How many actions of a kind an alarm has at most; PutMetricAlarm, `AlarmActions`.
const ACTIONS_MAX: usize = 5;

const DAY_S: f64 = 86_400.0;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MetricAlarm {
    actions_enabled: bool,
    alarm_actions: Vec<String>,
    alarm_description: String,
    alarm_name: String,
    arn: String,
    comparison_operator: String,
    datapoints_to_alarm: i32,
    dimensions: BTreeMap<String, String>,
    evaluate_low_sample_count_percentiles: String,
    evaluation_periods: i32,
    extended_statistic: String,
    id: String,
    insufficient_data_actions: Vec<String>,
    metric_name: String,
    metric_query: Vec<Query>,
    namespace: String,
    ok_actions: Vec<String>,
    period: i32,
    statistic: String,
    tags: Tags,
    tags_all: Tags,
    threshold: f64,
    threshold_metric_id: String,
    treat_missing_data: String,
    unit: String,
    #[serde(skip)]
    configured: Option<aws_smithy_types::DateTime>,
}

impl Resource for MetricAlarm {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_cloudwatch_metric_alarm";
    /// DescribeAlarms, `AlarmNames`.
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    /// PutMetricAlarm changes an alarm of that name without a word, so `create` looks first.
    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        if !describe(aws, vec![want.alarm_name.clone()]).await?.is_empty() {
            let message = format!("there is an alarm named `{}` already", want.alarm_name);
            return Err(taken("cloudwatch:PutMetricAlarm", message));
        }
        put(aws, want, tags(&want.tags_all)).await?;
        Ok(MetricAlarm { id: want.alarm_name.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, have.iter().map(|alarm| alarm.id.clone()).collect()).await?;
        let alarms = have.iter().map(|have| {
            let live = live.iter().find(|live| live.alarm_name.as_deref() == Some(&have.id)).cloned();
            async move {
                let Some(live) = live else { return Ok(None) };
                let tags_all = read_tags(aws, live.alarm_arn.as_deref().unwrap_or_default()).await?;
                Ok(Some(MetricAlarm { tags_all, ..have.with_live(live) }))
            }
        });
        futures::future::try_join_all(alarms).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        put(aws, want, None).await?;
        let change = TagChange::between(&have.tags_all, &want.tags_all);
        if !change.remove.is_empty() {
            let call = aws.cloudwatch().untag_resource().resource_arn(&have.arn).set_tag_keys(Some(change.remove));
            call.send().await.operation("cloudwatch:UntagResource")?;
        }
        if let Some(tags) = tags(&change.set) {
            let call = aws.cloudwatch().tag_resource().resource_arn(&have.arn).set_tags(Some(tags));
            call.send().await.operation("cloudwatch:TagResource")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        aws.cloudwatch().delete_alarms().alarm_names(&have.id).send().await.operation("cloudwatch:DeleteAlarms")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let alarm = MetricAlarm { id: want.alarm_name.clone(), ..want.clone() };
        let Some(found) = Self::read(aws, &[alarm]).await?.pop().flatten() else { return Ok(None) };
        if times::is_older(found.configured.as_ref(), token) {
            let message = format!("an alarm named `{}` was there before this create", want.alarm_name);
            return Err(taken("cloudwatch:PutMetricAlarm", message));
        }
        Ok(Some(found))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(MetricAlarm { id: id.to_string(), ..MetricAlarm::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let actions = ["alarm_actions", "ok_actions", "insufficient_data_actions"];
        let mut refusals: Vec<Refusal> =
            actions.into_iter().flat_map(|attribute| refuse_actions(config, attribute)).collect();
        refusals.extend(refuse_incomplete(config));
        refusals.extend(refuse_long(config));
        refusals.extend(refuse_statistic(config));
        refusals
    }
}

impl MetricAlarm {
    fn with_live(&self, live: Live) -> MetricAlarm {
        let name = live.alarm_name.unwrap_or_default();
        MetricAlarm {
            actions_enabled: live.actions_enabled.unwrap_or_default(),
            alarm_actions: live.alarm_actions.unwrap_or_default(),
            alarm_description: live.alarm_description.unwrap_or_default(),
            id: name.clone(),
            alarm_name: name,
            arn: live.alarm_arn.unwrap_or_default(),
            comparison_operator: live.comparison_operator.map(|text| text.as_str().to_string()).unwrap_or_default(),
            datapoints_to_alarm: live.datapoints_to_alarm.unwrap_or_default(),
            dimensions: live_dimensions(live.dimensions),
            evaluate_low_sample_count_percentiles: live.evaluate_low_sample_count_percentile.unwrap_or_default(),
            evaluation_periods: live.evaluation_periods.unwrap_or_default(),
            extended_statistic: live.extended_statistic.unwrap_or_default(),
            insufficient_data_actions: live.insufficient_data_actions.unwrap_or_default(),
            metric_name: live.metric_name.unwrap_or_default(),
            metric_query: live.metrics.unwrap_or_default().into_iter().map(Query::of).collect(),
            namespace: live.namespace.unwrap_or_default(),
            ok_actions: live.ok_actions.unwrap_or_default(),
            period: live.period.unwrap_or_default(),
            statistic: live.statistic.map(|text| text.as_str().to_string()).unwrap_or_default(),
            threshold: live.threshold.unwrap_or_default(),
            threshold_metric_id: live.threshold_metric_id.unwrap_or_default(),
            treat_missing_data: live.treat_missing_data.unwrap_or_else(|| "missing".to_string()),
            unit: live.unit.map(|text| text.as_str().to_string()).unwrap_or_default(),
            configured: live.alarm_configuration_updated_timestamp,
            ..self.clone()
        }
    }
}

async fn describe(aws: &Aws, names: Vec<String>) -> Result<Vec<Live>, ProviderError> {
    let call = aws.cloudwatch().describe_alarms().set_alarm_names(Some(names)).alarm_types(AlarmType::MetricAlarm);
    let pages = call.max_records(100).into_paginator().send().collect::<Result<Vec<_>, _>>().await;
    let pages = pages.operation("cloudwatch:DescribeAlarms")?;
    Ok(pages.into_iter().flat_map(|page| page.metric_alarms.unwrap_or_default()).collect())
}

async fn put(aws: &Aws, want: &MetricAlarm, tags: Option<Vec<Tag>>) -> Result<(), ProviderError> {
    let has_threshold = want.threshold_metric_id.is_empty();
    aws.cloudwatch()
        .put_metric_alarm()
        .alarm_name(&want.alarm_name)
        .actions_enabled(want.actions_enabled)
        .set_alarm_actions(given::list(want.alarm_actions.iter().cloned()))
        .set_alarm_description(given::text(&want.alarm_description))
        .comparison_operator(ComparisonOperator::from(want.comparison_operator.as_str()))
        .set_datapoints_to_alarm(given::number(want.datapoints_to_alarm))
        .set_dimensions(dimensions(&want.dimensions))
        .set_evaluate_low_sample_count_percentile(given::text(&want.evaluate_low_sample_count_percentiles))
        .evaluation_periods(want.evaluation_periods)
        .set_extended_statistic(given::text(&want.extended_statistic))
        .set_insufficient_data_actions(given::list(want.insufficient_data_actions.iter().cloned()))
        .set_metric_name(given::text(&want.metric_name))
        .set_metrics(given::list(want.metric_query.iter().map(Query::request)))
        .set_namespace(given::text(&want.namespace))
        .set_ok_actions(given::list(want.ok_actions.iter().cloned()))
        .set_period(given::number(want.period))
        .set_statistic(given::text(&want.statistic).map(|statistic| Statistic::from(statistic.as_str())))
        .set_tags(tags)
        .set_threshold(has_threshold.then_some(want.threshold))
        .set_threshold_metric_id(given::text(&want.threshold_metric_id))
        .set_treat_missing_data(given::text(&want.treat_missing_data))
        .set_unit(given::text(&want.unit).map(|unit| StandardUnit::from(unit.as_str())))
        .send()
        .await
        .operation("cloudwatch:PutMetricAlarm")?;
    Ok(())
}

fn tags(tags: &Tags) -> Option<Vec<Tag>> {
    given::list(tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()))
}

async fn read_tags(aws: &Aws, arn: &str) -> Result<Tags, ProviderError> {
    let call = aws.cloudwatch().list_tags_for_resource().resource_arn(arn);
    let pair = |tag: Tag| Some((tag.key?, tag.value.unwrap_or_default()));
    match call.send().await.operation("cloudwatch:ListTagsForResource") {
        Ok(answer) => Ok(answer.tags.unwrap_or_default().into_iter().filter_map(pair).collect()),
        Err(error) if error.is_not_found() => Ok(Tags::new()),
        Err(error) => Err(error),
    }
}

/// Actions are ARNs, or what EC2 does to an instance, whose ARN has no account; PutMetricAlarm, `AlarmActions`.
fn refuse_actions(config: &Value, attribute: &str) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let Some(actions) = config.get(attribute) else { return refusals };
    if actions.reveal().length().is_some_and(|length| length > ACTIONS_MAX) {
        refusals.push(refusals::invalid(attribute, format!("An alarm has at most {ACTIONS_MAX} actions of a kind.")));
    }
    for action in actions.reveal().items().unwrap_or_default() {
        let is_automation = action.reveal().as_str().is_some_and(|text| text.split(':').nth(2) == Some("automate"));
        if !is_automation {
            arn::check(Path::attribute(attribute), action, &mut refusals);
        }
    }
    refusals
}

/// An alarm watches one metric or queries; PutMetricAlarm, `MetricName`, `Namespace`, `Period`.
fn refuse_incomplete(config: &Value) -> Option<Refusal> {
    let is_missing = |name: &str| refusals::is_missing(config, name);
    if !is_missing("metric_query") {
        return None;
    }
    let missing = if is_missing("statistic") && is_missing("extended_statistic") {
        "`statistic` or `extended_statistic`".to_string()
    } else {
        let missing = ["metric_name", "namespace", "period"].into_iter().find(|name| is_missing(name))?;
        format!("`{missing}`")
    };
    let detail = format!("An alarm without blocks `metric_query` needs {missing}.");
    Some(refusals::refusal(Path::attribute("alarm_name"), "the alarm watches no metric", detail))
}

/// How far back an alarm looks: PutMetricAlarm, `EvaluationPeriods` and `DatapointsToAlarm`.
fn refuse_long(config: &Value) -> Option<Refusal> {
    let number = |name: &str| refusals::number(config, name);
    let periods = number("evaluation_periods")?;
    if let Some(points) = number("datapoints_to_alarm").filter(|points| *points > periods) {
        let detail = format!("Of {periods} periods there can't be {points} that are out of bounds.");
        return Some(refusals::invalid("datapoints_to_alarm", detail));
    }
    let period = number("period")?;
    let max = if period < 3600.0 { DAY_S } else { 7.0 * DAY_S };
    (periods * period > max).then(|| {
        let detail = format!("{periods} periods of {period} s are more than the {max} s that an alarm looks back.");
        refusals::invalid("evaluation_periods", detail)
    })
}

fn refuse_statistic(config: &Value) -> Option<Refusal> {
    let statistic = refusals::text(config, "extended_statistic").filter(|statistic| !statistic.is_empty())?;
    (!is_extended_statistic(&statistic)).then(|| {
        let detail = "It is a percentile such as `p99.9`, a trimmed mean such as `tm90` or `TM(10%:90%)`, or `IQM`.";
        refusals::invalid("extended_statistic", detail)
    })
}

/// CloudWatch's statistics definitions: `p99.9`, `tm90`, `TC(0.5:10)`, `IQM`.
fn is_extended_statistic(text: &str) -> bool {
    let is_percent = |text: &str| {
        text.chars().all(|c| c.is_ascii_digit() || c == '.')
            && text.parse::<f64>().is_ok_and(|number| (0.0..=100.0).contains(&number))
    };
    let is_bound = |text: &str| {
        let number = text.strip_suffix('%').unwrap_or(text);
        text.is_empty() || (number.chars().all(|c| c.is_ascii_digit() || c == '.') && number.parse::<f64>().is_ok())
    };
    let short = ["tm", "wm", "tc", "ts", "p"].into_iter().find_map(|kind| text.strip_prefix(kind));
    let long = ["TM", "WM", "TC", "TS", "PR"].into_iter().find_map(|kind| text.strip_prefix(kind));
    let bounds = long.and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')')?.split_once(':'));
    text == "IQM"
        || short.is_some_and(is_percent)
        || bounds.is_some_and(|(low, high)| is_bound(low) && is_bound(high) && (low, high) != ("", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extended_statistics_are_known_by_their_form() {
        for right in ["p99", "p99.9", "p100", "tm90", "wm5", "TM(10%:90%)", "PR(:300)", "TS(80%:)", "IQM"] {
            assert!(is_extended_statistic(right), "{right}");
        }
        for wrong in ["p101", "avg", "p", "TM()", "TM(:)", "TM(a:b)", "99"] {
            assert!(!is_extended_statistic(wrong), "{wrong}");
        }
    }
}
