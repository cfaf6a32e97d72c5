//! `metric_query`: metrics, and calculations with them, that an alarm watches in place of one metric.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::types::{
    Dimension, Metric as LiveMetric, MetricDataQuery, MetricStat as LiveMetricStat, StandardUnit,
};
use serde::{Deserialize, Serialize};

use crate::given;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    account_id: String,
    expression: String,
    id: String,
    label: String,
    metric: Vec<Metric>,
    period: i32,
    return_data: bool,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Metric {
    dimensions: BTreeMap<String, String>,
    metric_name: String,
    namespace: String,
    period: i32,
    stat: String,
    unit: String,
}

/// Dimensions for a request; `None` when there are none.
pub fn dimensions(dimensions: &BTreeMap<String, String>) -> Option<Vec<Dimension>> {
    given::list(dimensions.iter().map(|(name, value)| Dimension::builder().name(name).value(value).build()))
}

pub fn live_dimensions(dimensions: Option<Vec<Dimension>>) -> BTreeMap<String, String> {
    let pair = |dimension: Dimension| Some((dimension.name?, dimension.value.unwrap_or_default()));
    dimensions.unwrap_or_default().into_iter().filter_map(pair).collect()
}

impl Query {
    pub fn request(&self) -> MetricDataQuery {
        MetricDataQuery::builder()
            .id(&self.id)
            .set_account_id(given::text(&self.account_id))
            .set_expression(given::text(&self.expression))
            .set_label(given::text(&self.label))
            .set_metric_stat(self.metric.first().map(Metric::request))
            .set_period(given::number(self.period))
            .return_data(self.return_data)
            .build()
    }

    pub fn of(live: MetricDataQuery) -> Query {
        Query {
            account_id: live.account_id.unwrap_or_default(),
            expression: live.expression.unwrap_or_default(),
            id: live.id.unwrap_or_default(),
            label: live.label.unwrap_or_default(),
            metric: live.metric_stat.map(Metric::of).into_iter().collect(),
            period: live.period.unwrap_or_default(),
            return_data: live.return_data.unwrap_or_default(),
        }
    }
}

impl Metric {
    fn request(&self) -> LiveMetricStat {
        let metric = LiveMetric::builder()
            .metric_name(&self.metric_name)
            .set_namespace(given::text(&self.namespace))
            .set_dimensions(dimensions(&self.dimensions))
            .build();
        LiveMetricStat::builder()
            .metric(metric)
            .period(self.period)
            .stat(&self.stat)
            .set_unit(given::text(&self.unit).map(|unit| StandardUnit::from(unit.as_str())))
            .build()
    }

    fn of(live: LiveMetricStat) -> Metric {
        let metric = live.metric.unwrap_or_else(|| LiveMetric::builder().build());
        Metric {
            dimensions: live_dimensions(metric.dimensions),
            metric_name: metric.metric_name.unwrap_or_default(),
            namespace: metric.namespace.unwrap_or_default(),
            period: live.period.unwrap_or_default(),
            stat: live.stat.unwrap_or_default(),
            unit: live.unit.map(|unit| unit.as_str().to_string()).unwrap_or_default(),
        }
    }
}
