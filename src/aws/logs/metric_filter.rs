//! `aws_cloudwatch_log_metric_filter`: makes a metric of what is written into a log group.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::types::{MetricFilter as Live, MetricTransformation as LiveTransformation, StandardUnit};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::{given, refusals};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MetricFilter {
    id: String,
    log_group_name: String,
    metric_transformation: Vec<Transformation>,
    name: String,
    pattern: String,
    #[serde(skip)]
    created_ms: i64,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Transformation {
    /// A number as a text, so that none differs from zero.
    default_value: String,
    dimensions: BTreeMap<String, String>,
    name: String,
    namespace: String,
    unit: String,
    value: String,
}

impl Resource for MetricFilter {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_cloudwatch_log_metric_filter";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    /// PutMetricFilter replaces a filter of that name without a word, so `create` looks first.
    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        if read_one(aws, want).await?.is_some() {
            let message = format!("the log group `{}` has a filter named `{}` already", want.log_group_name, want.name);
            return Err(taken("logs:PutMetricFilter", message));
        }
        put(aws, want).await?;
        Ok(MetricFilter { id: want.name.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut filters = Vec::with_capacity(have.len());
        for filter in have {
            filters.push(read_one(aws, filter).await?);
        }
        Ok(filters)
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        put(aws, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.cloudwatchlogs().delete_metric_filter().log_group_name(&have.log_group_name);
        call.filter_name(&have.name).send().await.operation("logs:DeleteMetricFilter")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(filter) = read_one(aws, want).await? else { return Ok(None) };
        if filter.created_ms < token.at.as_millisecond() - 60_000 {
            let message = format!("a filter named `{}` was there before this create", want.name);
            return Err(taken("logs:PutMetricFilter", message));
        }
        Ok(Some(filter))
    }

    /// `GROUP:FILTER`; names of groups hold no colon.
    fn import(id: &str) -> Result<Self, ProviderError> {
        let Some((group, name)) = id.split_once(':').filter(|(group, name)| !group.is_empty() && !name.is_empty())
        else {
            let message = format!("`{id}` is not of the form GROUP:FILTER");
            return Err(ProviderError::invalid("import aws_cloudwatch_log_metric_filter", message));
        };
        Ok(MetricFilter {
            id: name.to_string(),
            log_group_name: group.to_string(),
            name: name.to_string(),
            ..MetricFilter::default()
        })
    }

    /// PutMetricFilter, `filterName` and `metricTransformations`.
    fn validate(config: &Value) -> Vec<Refusal> {
        let is_allowed = |c: char| c != ':' && c != '*';
        let name = refusals::characters(config, "name", 1..=512, is_allowed, "any but `:` and `*`");
        let transformations = refusals::blocks(config, &Path::root(), "metric_transformation");
        let clashes = transformations.into_iter().filter_map(|(path, block)| {
            let has_both =
                !refusals::is_missing(&block, "default_value") && !refusals::is_missing(&block, "dimensions");
            let detail = "A metric with dimensions has no default value.";
            has_both.then(|| {
                refusals::refusal(refusals::child(&path, "default_value"), "invalid value for default_value", detail)
            })
        });
        name.into_iter().chain(clashes).collect()
    }
}

impl Transformation {
    fn request(&self) -> LiveTransformation {
        let dimensions = Some(self.dimensions.clone().into_iter().collect()).filter(|_| !self.dimensions.is_empty());
        LiveTransformation::builder()
            .set_default_value(self.default_value.parse().ok())
            .set_dimensions(dimensions)
            .metric_name(&self.name)
            .metric_namespace(&self.namespace)
            .metric_value(&self.value)
            .set_unit(given::text(&self.unit).map(|unit| StandardUnit::from(unit.as_str())))
            .build()
            .expect("name, namespace and value are given")
    }

    fn of(live: LiveTransformation) -> Transformation {
        Transformation {
            default_value: live.default_value.map(|number| number.to_string()).unwrap_or_default(),
            dimensions: live.dimensions.unwrap_or_default().into_iter().collect(),
            name: live.metric_name,
            namespace: live.metric_namespace,
            unit: live.unit.map_or_else(|| "None".to_string(), |unit| unit.as_str().to_string()),
            value: live.metric_value,
        }
    }
}

async fn put(aws: &Aws, want: &MetricFilter) -> Result<(), ProviderError> {
    let call = aws.cloudwatchlogs().put_metric_filter().log_group_name(&want.log_group_name).filter_name(&want.name);
    let call = call.filter_pattern(&want.pattern);
    let call =
        call.set_metric_transformations(Some(want.metric_transformation.iter().map(Transformation::request).collect()));
    call.send().await.operation("logs:PutMetricFilter")?;
    Ok(())
}

async fn read_one(aws: &Aws, have: &MetricFilter) -> Result<Option<MetricFilter>, ProviderError> {
    let call = aws.cloudwatchlogs().describe_metric_filters().log_group_name(&have.log_group_name);
    let mut pages = call.filter_name_prefix(&have.name).into_paginator().items().send();
    while let Some(live) = pages.next().await {
        let live: Live = match live.operation("logs:DescribeMetricFilters") {
            Ok(live) => live,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        if live.filter_name.as_deref() == Some(&have.name) {
            let transformations = live.metric_transformations.unwrap_or_default();
            return Ok(Some(MetricFilter {
                id: have.name.clone(),
                metric_transformation: transformations.into_iter().map(Transformation::of).collect(),
                pattern: live.filter_pattern.unwrap_or_default(),
                created_ms: live.creation_time.unwrap_or_default(),
                ..have.clone()
            }));
        }
    }
    Ok(None)
}
