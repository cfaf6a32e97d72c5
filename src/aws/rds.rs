//! Amazon RDS: database instances, and the groups of subnets they live in.
//!
//! An instance is known by two names: the identifier that the user gives it and may change, which calls take, and the
//! resource id that AWS gives it for good, which is its `id` here.

pub mod cluster;
pub mod cluster_instance;
pub mod cluster_parameter_group;
pub mod db_instance;
pub mod db_instance_data;
pub mod db_option_group;
pub mod db_parameter_group;
pub mod db_proxy;
pub mod db_proxy_default_target_group;
pub mod db_proxy_target;
pub mod db_snapshot;
pub mod db_subnet_group;

mod known;
mod parameter_group;
mod retry;
mod tags;

use provider::error::ProviderError;

use crate::failure::taken;
use crate::given::text as given;

/// The error of a create that finds an object under its name without its mark; `what` is the object with an article.
fn not_ours(operation: &str, what: &str, name: &str) -> ProviderError {
    taken(operation, format!("there is {what} named `{name}` that this create did not make"))
}
