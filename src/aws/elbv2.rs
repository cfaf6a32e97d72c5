//! Elastic Load Balancing, version 2: application, network and gateway load balancers.
//!
//! Creates answer with an object of the same name that is there already, so every create looks first. What the Describe
//! calls return is only part of an object: the rest are [`attributes`] with calls of their own.

pub mod listener;
pub mod listener_certificate;
pub mod listener_rule;
pub mod load_balancer;
pub mod priorities;
pub mod service_account;
pub mod target_group;
pub mod target_group_attachment;

mod action;
mod attributes;
mod plan;
mod tags;
mod validate;

use crate::given::text as given;

/// How many ARNs a Describe call takes.
const BATCH: usize = 20;

/// The part of an ARN behind its last `marker`: empty where the ARN has none.
fn behind(arn: &str, marker: &str) -> String {
    arn.rsplit_once(marker).map(|(_, rest)| rest.to_string()).unwrap_or_default()
}

/// An error of a create whose object is there already.
fn taken(operation: &str, what: &str) -> provider::error::ProviderError {
    use provider::error::{ErrorKind, ProviderError};
    ProviderError::new(ErrorKind::AlreadyExists, operation, format!("{what} exists already"))
        .hint("choose another name or port, or take it over with `infra import`")
}

/// Refuses an import identifier that is not an ARN with `part` in it.
fn import_arn(type_name: &str, part: &str, id: &str) -> Result<String, provider::error::ProviderError> {
    if id.starts_with("arn:") && id.contains(part) {
        return Ok(id.to_string());
    }
    let message = format!("`{id}` is not the ARN of an object of this type: it must hold `{part}`");
    Err(provider::error::ProviderError::invalid(format!("import {type_name}"), message))
}
