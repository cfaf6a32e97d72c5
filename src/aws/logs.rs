//! Amazon CloudWatch Logs.

pub mod log_group;
pub mod log_group_data;
pub mod log_stream;
pub mod metric_filter;
