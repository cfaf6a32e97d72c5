//! `aws_sqs_queue_policy`: who else may use a queue. A queue has one policy at most.

use std::collections::BTreeMap;
use std::time::Duration;

use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::taken;
use crate::sqs::{attributes, is_policy_refused, set_attributes};
use crate::{policy, refusals, retry};

/// How long a new role may stay unknown to policies.
const ROLE_ARRIVAL: Duration = Duration::from_secs(60);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct QueuePolicy {
    id: String,
    policy: String,
    queue_url: String,
}

impl Resource for QueuePolicy {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_sqs_queue_policy";

    fn id(&self) -> &str {
        &self.id
    }

    /// Setting a policy replaces another one without a word, so `create` looks first.
    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let queue_policy = QueuePolicy { id: want.queue_url.clone(), ..want.clone() };
        let other = read_one(aws, &queue_policy).await?;
        if other.is_some_and(|other| !policy::is_equivalent(&other.policy, &want.policy)) {
            let message = format!("the queue {} has another policy already", want.queue_url);
            return Err(taken("sqs:SetQueueAttributes", message));
        }
        put(aws, &want.queue_url, &want.policy).await?;
        Ok(queue_policy)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut policies = Vec::with_capacity(have.len());
        for policy in have {
            policies.push(read_one(aws, policy).await?);
        }
        Ok(policies)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        put(aws, &have.id, &want.policy).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        put(aws, &have.id, "").await
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        let found = read_one(aws, &QueuePolicy { id: want.queue_url.clone(), ..want.clone() }).await?;
        Ok(found.filter(|found| policy::is_equivalent(&found.policy, &want.policy)))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(QueuePolicy { id: id.to_string(), ..QueuePolicy::default() })
    }

    fn readiness(&self, want: &Self) -> Readiness {
        match policy::is_equivalent(&self.policy, &want.policy) {
            true => Readiness::Settled,
            false => Readiness::Pending("the policy to arrive everywhere".into()),
        }
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        attribute == "policy" && policy::is_equivalent_value(prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refusals::document(config, "policy").into_iter().collect()
    }
}

async fn put(aws: &Aws, url: &str, policy: &str) -> Result<(), ProviderError> {
    let attributes = BTreeMap::from([("Policy", policy.to_string())]);
    retry::while_passing(ROLE_ARRIVAL, is_policy_refused, || set_attributes(aws, url, &attributes)).await
}

async fn read_one(aws: &Aws, have: &QueuePolicy) -> Result<Option<QueuePolicy>, ProviderError> {
    let live = attributes(aws, &have.id).await?.and_then(|mut live| live.remove("Policy"));
    let live = live.filter(|live| !live.is_empty());
    Ok(live.map(|live| QueuePolicy {
        id: have.id.clone(),
        policy: policy::as_written(&have.policy, live),
        queue_url: have.id.clone(),
    }))
}
