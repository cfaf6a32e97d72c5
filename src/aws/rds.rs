//! Amazon RDS: database instances, and the groups of subnets they live in.
//!
//! An instance is known by two names: the identifier that the user gives it and may change, which calls take, and the
//! resource id that AWS gives it for good, which is its `id` here.

pub mod cluster_parameter_group;
pub mod db_instance;
pub mod db_instance_data;
pub mod db_option_group;
pub mod db_parameter_group;
pub mod db_snapshot;
pub mod db_subnet_group;

mod parameter_group;
mod retry;
mod tags;

use provider::error::{ErrorKind, ProviderError};

/// The text, unless it is empty.
fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}

/// The error of a create, with what to do where the name is taken.
fn taken(error: ProviderError) -> ProviderError {
    if error.kind == ErrorKind::AlreadyExists {
        error.hint("choose another name, or take it over with `infra import`")
    } else {
        error
    }
}
