//! AWS Identity and Access Management.

pub mod group;
pub mod instance_profile;
pub mod openid_connect_provider;
pub mod policy;
pub mod policy_data;
pub mod policy_document;
pub mod role;
pub mod role_data;
pub mod role_policies_exclusive;
pub mod role_policy;
pub mod role_policy_attachment;
pub mod service_linked_role;
pub mod user;

mod tags;
mod validate;

use aws_smithy_types::DateTime;
use jiff::Timestamp;
use provider::Token;
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given::text as given;

/// What the token's time and the service's clock may differ by.
const CLOCK_SKEW_S: i64 = 60;

/// The document of an answer: URL-encoded on the wire.
pub fn decode_document(document: &str) -> String {
    percent_encoding::percent_decode_str(document).decode_utf8_lossy().into_owned()
}

/// The names of a role's inline policies.
async fn inline_policy_names(aws: &Aws, role: &str) -> Result<Vec<String>, ProviderError> {
    let pages = aws.iam().list_role_policies().role_name(role).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("iam:ListRolePolicies")
}

/// The document of an inline policy; `None` when the role or the policy is gone.
async fn inline_policy(aws: &Aws, role: &str, name: &str) -> Result<Option<String>, ProviderError> {
    let answer =
        aws.iam().get_role_policy().role_name(role).policy_name(name).send().await.operation("iam:GetRolePolicy");
    match answer {
        Ok(answer) => Ok(Some(decode_document(&answer.policy_document))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The ARNs of the managed policies attached to a role; `None` when the role is gone.
async fn attached_policy_arns(aws: &Aws, role: &str) -> Result<Option<Vec<String>>, ProviderError> {
    let pages = aws.iam().list_attached_role_policies().role_name(role).into_paginator().items().send();
    match pages.collect::<Result<Vec<_>, _>>().await.operation("iam:ListAttachedRolePolicies") {
        Ok(policies) => Ok(Some(policies.into_iter().filter_map(|policy| policy.policy_arn).collect())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A time of an answer as it is stored: RFC 3339 in UTC, in whole seconds.
fn timestamp(at: &DateTime) -> String {
    Timestamp::from_second(at.secs()).map(|at| at.to_string()).unwrap_or_default()
}

/// Whether an object was there before the create with this token began, however the clocks differ.
fn is_older(create_date: &str, token: &Token) -> bool {
    create_date.parse::<Timestamp>().is_ok_and(|at| at.as_second() < token.at.as_second() - CLOCK_SKEW_S)
}
