//! AWS Identity and Access Management.

pub mod policy_document;
pub mod role;
pub mod role_policy;
pub mod role_policy_attachment;

use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;

/// The document of an answer: URL-encoded on the wire.
fn decode_document(document: &str) -> String {
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
