//! Amazon Simple Notification Service. Attributes are texts by name; one call sets one of them.

pub mod subscription;
pub mod topic;
pub mod topic_policy;

mod tags;

use std::collections::BTreeMap;

use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;

/// A topic's attributes by name; `None` when it is gone.
async fn topic_attributes(aws: &Aws, arn: &str) -> Result<Option<BTreeMap<String, String>>, ProviderError> {
    match aws.sns().get_topic_attributes().topic_arn(arn).send().await.operation("sns:GetTopicAttributes") {
        Ok(answer) => Ok(Some(answer.attributes.unwrap_or_default().into_iter().collect())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn set_topic_attribute(aws: &Aws, arn: &str, name: &str, value: &str) -> Result<(), ProviderError> {
    let call = aws.sns().set_topic_attributes().topic_arn(arn).attribute_name(name).attribute_value(value);
    call.send().await.operation("sns:SetTopicAttributes")?;
    Ok(())
}

/// Whether a policy was refused, which also happens to those that name a role which is too new to be known.
fn is_policy_refused(error: &ProviderError) -> bool {
    error.message.contains("Policy statement must apply to")
        || error.message.contains("PrincipalNotFound")
        || error.message.contains("invalid principals")
}
