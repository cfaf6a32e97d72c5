//! Amazon CloudWatch Logs.

pub mod log_group;
pub mod log_group_data;
