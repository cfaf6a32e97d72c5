//! The two kinds of configuration of a scaling policy: following a metric's target, and going in steps.

use aws_sdk_applicationautoscaling::types::{
    self as api, AdjustmentType, MetricAggregationType, MetricStatistic, MetricType,
};
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::given;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Tracking {
    customized_metric_specification: Vec<CustomizedMetric>,
    disable_scale_in: bool,
    predefined_metric_specification: Vec<PredefinedMetric>,
    scale_in_cooldown: i32,
    scale_out_cooldown: i32,
    target_value: f64,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct PredefinedMetric {
    predefined_metric_type: String,
    resource_label: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct CustomizedMetric {
    dimensions: Vec<Dimension>,
    metric_name: String,
    metrics: Vec<Query>,
    namespace: String,
    statistic: String,
    unit: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Dimension {
    name: String,
    value: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Query {
    expression: String,
    id: String,
    label: String,
    metric_stat: Vec<MetricStat>,
    return_data: bool,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct MetricStat {
    metric: Vec<Metric>,
    stat: String,
    unit: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Metric {
    dimensions: Vec<Dimension>,
    metric_name: String,
    namespace: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Steps {
    adjustment_type: String,
    cooldown: i32,
    metric_aggregation_type: String,
    min_adjustment_magnitude: i32,
    step_adjustment: Vec<Step>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Step {
    /// A number as a text, so that none differs from zero.
    metric_interval_lower_bound: String,
    metric_interval_upper_bound: String,
    scaling_adjustment: i32,
}

impl Tracking {
    pub fn request(&self) -> api::TargetTrackingScalingPolicyConfiguration {
        let customized = self.customized_metric_specification.first().map(CustomizedMetric::request);
        let predefined = self.predefined_metric_specification.first().map(|metric| {
            api::PredefinedMetricSpecification::builder()
                .predefined_metric_type(MetricType::from(metric.predefined_metric_type.as_str()))
                .set_resource_label(given::text(&metric.resource_label))
                .build()
                .expect("the metric's type is given")
        });
        api::TargetTrackingScalingPolicyConfiguration::builder()
            .set_customized_metric_specification(customized)
            .set_predefined_metric_specification(predefined)
            .disable_scale_in(self.disable_scale_in)
            // A state can't tell a cooldown of zero from none, so zero leaves it to the service.
            .set_scale_in_cooldown(given::number(self.scale_in_cooldown))
            .set_scale_out_cooldown(given::number(self.scale_out_cooldown))
            .target_value(self.target_value)
            .build()
            .expect("the target value is given")
    }

    pub fn of(live: api::TargetTrackingScalingPolicyConfiguration) -> Tracking {
        let predefined = live.predefined_metric_specification.map(|metric| PredefinedMetric {
            predefined_metric_type: metric.predefined_metric_type.as_str().to_string(),
            resource_label: metric.resource_label.unwrap_or_default(),
        });
        Tracking {
            customized_metric_specification: live
                .customized_metric_specification
                .map(CustomizedMetric::of)
                .into_iter()
                .collect(),
            disable_scale_in: live.disable_scale_in.unwrap_or_default(),
            predefined_metric_specification: predefined.into_iter().collect(),
            scale_in_cooldown: live.scale_in_cooldown.unwrap_or_default(),
            scale_out_cooldown: live.scale_out_cooldown.unwrap_or_default(),
            target_value: live.target_value,
        }
    }
}

impl CustomizedMetric {
    fn request(&self) -> api::CustomizedMetricSpecification {
        let dimension = |dimension: &Dimension| {
            api::MetricDimension::builder()
                .name(&dimension.name)
                .value(&dimension.value)
                .build()
                .expect("name and value are given")
        };
        api::CustomizedMetricSpecification::builder()
            .set_metrics(given::list(self.metrics.iter().map(Query::request)))
            .set_dimensions(given::list(self.dimensions.iter().map(dimension)))
            .set_metric_name(given::text(&self.metric_name))
            .set_namespace(given::text(&self.namespace))
            .set_statistic(given::text(&self.statistic).map(|statistic| MetricStatistic::from(statistic.as_str())))
            .set_unit(given::text(&self.unit))
            .build()
    }

    fn of(live: api::CustomizedMetricSpecification) -> CustomizedMetric {
        let dimension = |dimension: api::MetricDimension| Dimension { name: dimension.name, value: dimension.value };
        CustomizedMetric {
            dimensions: live.dimensions.unwrap_or_default().into_iter().map(dimension).collect(),
            metric_name: live.metric_name.unwrap_or_default(),
            metrics: live.metrics.unwrap_or_default().into_iter().map(Query::of).collect(),
            namespace: live.namespace.unwrap_or_default(),
            statistic: live.statistic.map(|statistic| statistic.as_str().to_string()).unwrap_or_default(),
            unit: live.unit.unwrap_or_default(),
        }
    }
}

impl Query {
    fn request(&self) -> api::TargetTrackingMetricDataQuery {
        api::TargetTrackingMetricDataQuery::builder()
            .id(&self.id)
            .set_expression(given::text(&self.expression))
            .set_label(given::text(&self.label))
            .set_metric_stat(self.metric_stat.first().map(MetricStat::request))
            .return_data(self.return_data)
            .build()
            .expect("the identifier is given")
    }

    fn of(live: api::TargetTrackingMetricDataQuery) -> Query {
        Query {
            expression: live.expression.unwrap_or_default(),
            id: live.id,
            label: live.label.unwrap_or_default(),
            metric_stat: live.metric_stat.map(MetricStat::of).into_iter().collect(),
            return_data: live.return_data.unwrap_or(true),
        }
    }
}

impl MetricStat {
    fn request(&self) -> api::TargetTrackingMetricStat {
        let dimension = |dimension: &Dimension| {
            api::TargetTrackingMetricDimension::builder()
                .name(&dimension.name)
                .value(&dimension.value)
                .build()
                .expect("name and value are given")
        };
        let metric = self.metric.first().map(|metric| {
            api::TargetTrackingMetric::builder()
                .set_dimensions(given::list(metric.dimensions.iter().map(dimension)))
                .metric_name(&metric.metric_name)
                .namespace(&metric.namespace)
                .build()
        });
        api::TargetTrackingMetricStat::builder()
            .set_metric(metric)
            .stat(&self.stat)
            .set_unit(given::text(&self.unit))
            .build()
            .expect("the statistic is given")
    }

    fn of(live: api::TargetTrackingMetricStat) -> MetricStat {
        let dimension =
            |dimension: api::TargetTrackingMetricDimension| Dimension { name: dimension.name, value: dimension.value };
        let metric = live.metric.map(|metric| Metric {
            dimensions: metric.dimensions.unwrap_or_default().into_iter().map(dimension).collect(),
            metric_name: metric.metric_name.unwrap_or_default(),
            namespace: metric.namespace.unwrap_or_default(),
        });
        MetricStat { metric: metric.into_iter().collect(), stat: live.stat, unit: live.unit.unwrap_or_default() }
    }
}

impl Steps {
    /// # Errors
    /// A bound is no number.
    pub fn request(&self) -> Result<api::StepScalingPolicyConfiguration, ProviderError> {
        let steps: Result<Vec<_>, _> = self.step_adjustment.iter().map(Step::request).collect();
        let aggregation = given::text(&self.metric_aggregation_type);
        Ok(api::StepScalingPolicyConfiguration::builder()
            .set_adjustment_type(given::text(&self.adjustment_type).map(|kind| AdjustmentType::from(kind.as_str())))
            .cooldown(self.cooldown)
            .set_metric_aggregation_type(aggregation.map(|kind| MetricAggregationType::from(kind.as_str())))
            .set_min_adjustment_magnitude(given::number(self.min_adjustment_magnitude))
            .set_step_adjustments(given::list(steps?))
            .build())
    }

    pub fn of(live: api::StepScalingPolicyConfiguration) -> Steps {
        let aggregation = live.metric_aggregation_type.map(|kind| kind.as_str().to_string());
        Steps {
            adjustment_type: live.adjustment_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            cooldown: live.cooldown.unwrap_or_default(),
            metric_aggregation_type: aggregation.unwrap_or_default(),
            min_adjustment_magnitude: live.min_adjustment_magnitude.unwrap_or_default(),
            step_adjustment: live.step_adjustments.unwrap_or_default().into_iter().map(Step::of).collect(),
        }
    }
}

impl Step {
    fn request(&self) -> Result<api::StepAdjustment, ProviderError> {
        let step = api::StepAdjustment::builder()
            .set_metric_interval_lower_bound(bound(&self.metric_interval_lower_bound)?)
            .set_metric_interval_upper_bound(bound(&self.metric_interval_upper_bound)?)
            .scaling_adjustment(self.scaling_adjustment);
        Ok(step.build().expect("the adjustment is given"))
    }

    fn of(live: api::StepAdjustment) -> Step {
        let text = |bound: Option<f64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        Step {
            metric_interval_lower_bound: text(live.metric_interval_lower_bound),
            metric_interval_upper_bound: text(live.metric_interval_upper_bound),
            scaling_adjustment: live.scaling_adjustment,
        }
    }
}

fn bound(text: &str) -> Result<Option<f64>, ProviderError> {
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| {
        ProviderError::invalid("put aws_appautoscaling_policy", format!("the bound `{text}` of a step is no number"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_steps_are_numbers_or_nothing() {
        assert_eq!(bound(""), Ok(None));
        assert_eq!(bound("0"), Ok(Some(0.0)));
        assert!(bound("x").is_err());
        let live = api::StepAdjustment::builder().metric_interval_lower_bound(10.5).scaling_adjustment(1).build();
        let step = Step::of(live.expect("the adjustment is given"));
        assert_eq!(
            (step.metric_interval_lower_bound.as_str(), step.metric_interval_upper_bound.as_str()),
            ("10.5", "")
        );
    }
}
