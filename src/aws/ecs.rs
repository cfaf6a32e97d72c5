//! Amazon ECS.

pub mod capacity_provider;
pub mod cluster;
pub mod cluster_capacity_providers;
pub mod cluster_data;
pub mod service;
pub mod service_data;
pub mod task_definition;
pub mod task_definition_data;
pub mod task_set;

mod container;
mod names;
mod retry;
mod tags;

use crate::given::text as given;
