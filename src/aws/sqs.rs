//! Amazon Simple Queue Service. A queue's attributes are texts by name, and take up to a minute to reach all of the service.

pub mod queue;
pub mod queue_policy;

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sqs::types::QueueAttributeName;
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;

/// A queue's attributes by name; `None` when it is gone.
async fn attributes(aws: &Aws, url: &str) -> Result<Option<BTreeMap<String, String>>, ProviderError> {
    let call = aws.sqs().get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    match call.send().await.operation("sqs:GetQueueAttributes") {
        Ok(answer) => {
            let attributes = answer.attributes.unwrap_or_default();
            Ok(Some(attributes.into_iter().map(|(name, value)| (name.as_str().to_string(), value)).collect()))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Attributes for a request.
fn request(attributes: &BTreeMap<&'static str, String>) -> HashMap<QueueAttributeName, String> {
    attributes.iter().map(|(name, value)| (QueueAttributeName::from(*name), value.clone())).collect()
}

async fn set_attributes(
    aws: &Aws,
    url: &str,
    attributes: &BTreeMap<&'static str, String>,
) -> Result<(), ProviderError> {
    if !attributes.is_empty() {
        let call = aws.sqs().set_queue_attributes().queue_url(url).set_attributes(Some(request(attributes)));
        call.send().await.operation("sqs:SetQueueAttributes")?;
    }
    Ok(())
}

/// Whether a policy was refused, which also happens to those that name a role which is too new to be known.
fn is_policy_refused(error: &ProviderError) -> bool {
    error.message.contains("Invalid value for the parameter Policy")
}
