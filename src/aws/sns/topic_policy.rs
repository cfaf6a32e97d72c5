//! `aws_sns_topic_policy`: who else may use a topic. Every topic has a policy; a destroy puts the first one back.

use std::time::Duration;

use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::clients::Aws;
use crate::sns::{is_policy_refused, set_topic_attribute, topic_attributes};
use crate::{policy, refusals, retry};

/// How long a new role may stay unknown to policies.
const ROLE_ARRIVAL: Duration = Duration::from_secs(60);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TopicPolicy {
    arn: String,
    id: String,
    owner: String,
    policy: String,
}

impl Resource for TopicPolicy {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_sns_topic_policy";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        put(aws, &want.arn, &want.policy).await?;
        Ok(TopicPolicy { id: want.arn.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut policies = Vec::with_capacity(have.len());
        for policy in have {
            policies.push(read_one(aws, &policy.id, &policy.policy).await?);
        }
        Ok(policies)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        put(aws, &have.id, &want.policy).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        put(aws, &have.id, &first_policy(&have.id, &have.owner)).await
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        let found = read_one(aws, &want.arn, &want.policy).await?;
        Ok(found.filter(|found| policy::is_equivalent(&found.policy, &want.policy)))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(TopicPolicy { id: id.to_string(), ..TopicPolicy::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        attribute == "policy" && policy::is_equivalent_value(prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refusals::document(config, "policy").into_iter().collect()
    }
}

async fn put(aws: &Aws, arn: &str, policy: &str) -> Result<(), ProviderError> {
    retry::while_passing(ROLE_ARRIVAL, is_policy_refused, || set_topic_attribute(aws, arn, "Policy", policy)).await
}

async fn read_one(aws: &Aws, arn: &str, written: &str) -> Result<Option<TopicPolicy>, ProviderError> {
    let Some(mut live) = topic_attributes(aws, arn).await? else { return Ok(None) };
    let document = live.remove("Policy").filter(|document| !document.is_empty());
    let owner = live.remove("Owner").unwrap_or_default();
    Ok(document.map(|document| TopicPolicy {
        arn: arn.to_string(),
        id: arn.to_string(),
        owner,
        policy: policy::as_written(written, document),
    }))
}

/// The policy that SNS gives a new topic: the owner may do everything.
fn first_policy(arn: &str, owner: &str) -> String {
    let actions = [
        "GetTopicAttributes",
        "SetTopicAttributes",
        "AddPermission",
        "RemovePermission",
        "DeleteTopic",
        "Subscribe",
        "ListSubscriptionsByTopic",
        "Publish",
    ];
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": actions.map(|action| format!("SNS:{action}")),
            "Resource": arn,
            "Condition": {"StringEquals": {"AWS:SourceOwner": owner}},
        }],
    })
    .to_string()
}
