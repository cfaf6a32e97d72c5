//! Amazon CloudWatch: what watches metrics.

pub mod dashboard;
pub mod metric_alarm;

mod query;
