//! `aws_sns_topic_subscription`: who listens to a topic.
//!
//! Subscribe answers with an equal subscription that is there already, so `create` looks first. People confirm a
//! subscription of theirs whenever they like, and one that nobody confirmed can't be deleted: it goes away by itself.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::{arn, policy, refusals, retry};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Subscription {
    arn: String,
    confirmation_timeout_in_minutes: Option<u64>,
    confirmation_was_authenticated: bool,
    delivery_policy: String,
    endpoint: String,
    endpoint_auto_confirms: Option<bool>,
    filter_policy: String,
    filter_policy_scope: String,
    id: String,
    owner_id: String,
    pending_confirmation: bool,
    protocol: String,
    raw_message_delivery: bool,
    redrive_policy: String,
    replay_policy: String,
    subscription_role_arn: String,
    topic_arn: String,
}

impl Resource for Subscription {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_sns_topic_subscription";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        if let Some(arn) = find_arn(aws, want).await? {
            let message = format!("`{}` listens to this topic already: {arn}", want.endpoint);
            return Err(taken("sns:Subscribe", message));
        }
        let attributes: HashMap<String, String> = want
            .attributes()
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_string(), value))
            .collect();
        let call = aws
            .sns()
            .subscribe()
            .topic_arn(&want.topic_arn)
            .protocol(&want.protocol)
            .endpoint(&want.endpoint)
            // Of one that is yet to be confirmed too.
            .return_subscription_arn(true)
            .set_attributes(Some(attributes).filter(|attributes| !attributes.is_empty()));
        let arn = call.send().await.operation("sns:Subscribe")?.subscription_arn.unwrap_or_default();
        let subscription = Subscription { id: arn.clone(), arn, ..want.clone() };
        let _durable = creation.born(&subscription).await;
        if want.endpoint_auto_confirms == Some(true) {
            creation.waiting("the endpoint to confirm it");
            until_confirmed(aws, &subscription).await?;
        }
        Ok(subscription)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut subscriptions = Vec::with_capacity(have.len());
        for subscription in have {
            subscriptions.push(read_one(aws, subscription).await?);
        }
        Ok(subscriptions)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let before = have.attributes();
        for (name, value) in want.attributes() {
            if before.get(name).is_some_and(|before| before == &value || policy::is_same_json(before, &value)) {
                continue;
            }
            let value = match (name, value.as_str()) {
                ("RawMessageDelivery", "") => Some("false".to_string()),
                // An empty policy takes filtering away; without a filter there is no scope.
                ("FilterPolicy", "") => Some("{}".to_string()),
                ("FilterPolicyScope", "") => continue,
                (_, "") => None,
                (_, value) => Some(value.to_string()),
            };
            let call = aws.sns().set_subscription_attributes().subscription_arn(&have.id).attribute_name(name);
            call.set_attribute_value(value).send().await.operation("sns:SetSubscriptionAttributes")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        match aws.sns().unsubscribe().subscription_arn(&have.id).send().await.operation("sns:Unsubscribe") {
            Err(error) if error.message.contains("pending confirmation") => Ok(()),
            ended => ended.map(drop),
        }
    }

    /// A topic has one subscription of a protocol and endpoint: to subscribe once more would find the same.
    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        match find_arn(aws, want).await? {
            Some(arn) => read_one(aws, &Subscription { id: arn, ..want.clone() }).await,
            None => Ok(None),
        }
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        if !arn::is_arn(id) {
            let message = format!("`{id}` is not the ARN of a subscription");
            return Err(ProviderError::invalid("import aws_sns_topic_subscription", message));
        }
        Ok(Subscription {
            id: id.to_string(),
            confirmation_timeout_in_minutes: Some(1),
            endpoint_auto_confirms: Some(false),
            ..Subscription::default()
        })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        let is_document = matches!(attribute, "delivery_policy" | "filter_policy" | "redrive_policy" | "replay_policy");
        match (prior.reveal().as_str(), config.reveal().as_str()) {
            (Some(prior), Some(config)) => is_document && policy::is_same_json(prior, config),
            (Some(_) | None, Some(_) | None) => false,
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let documents = ["delivery_policy", "filter_policy", "redrive_policy", "replay_policy"];
        let documents = documents.into_iter().filter_map(|attribute| refusals::document(config, attribute));
        let mut refusals: Vec<Refusal> = documents.chain(refuse_role(config)).collect();
        for attribute in ["topic_arn", "subscription_role_arn"] {
            if let Some(given) = config.get(attribute) {
                arn::check(Path::attribute(attribute), &given, &mut refusals);
            }
        }
        refusals
    }
}

impl Subscription {
    /// What SetSubscriptionAttributes sets, as texts; empty where nothing is given.
    fn attributes(&self) -> BTreeMap<&'static str, String> {
        let raw = if self.raw_message_delivery { "true" } else { "" };
        BTreeMap::from([
            ("DeliveryPolicy", self.delivery_policy.clone()),
            ("FilterPolicy", self.filter_policy.clone()),
            (
                "FilterPolicyScope",
                if self.filter_policy.is_empty() { String::new() } else { self.filter_policy_scope.clone() },
            ),
            ("RawMessageDelivery", raw.to_string()),
            ("RedrivePolicy", self.redrive_policy.clone()),
            ("ReplayPolicy", self.replay_policy.clone()),
            ("SubscriptionRoleArn", self.subscription_role_arn.clone()),
        ])
    }

    fn with_live(&self, mut live: HashMap<String, String>) -> Subscription {
        let mut text = |name: &str| live.remove(name).unwrap_or_default();
        let arn = text("SubscriptionArn");
        Subscription {
            confirmation_was_authenticated: text("ConfirmationWasAuthenticated") == "true",
            delivery_policy: policy::json_as_written(&self.delivery_policy, text("DeliveryPolicy")),
            endpoint: text("Endpoint"),
            filter_policy: policy::json_as_written(&self.filter_policy, text("FilterPolicy")),
            filter_policy_scope: text("FilterPolicyScope"),
            owner_id: text("Owner"),
            pending_confirmation: text("PendingConfirmation") == "true",
            protocol: text("Protocol"),
            raw_message_delivery: text("RawMessageDelivery") == "true",
            redrive_policy: policy::json_as_written(&self.redrive_policy, text("RedrivePolicy")),
            replay_policy: policy::json_as_written(&self.replay_policy, text("ReplayPolicy")),
            subscription_role_arn: text("SubscriptionRoleArn"),
            topic_arn: text("TopicArn"),
            id: arn.clone(),
            arn,
            ..self.clone()
        }
    }
}

/// The subscription of the wanted protocol and endpoint to the topic.
async fn find_arn(aws: &Aws, want: &Subscription) -> Result<Option<String>, ProviderError> {
    let pages = aws.sns().list_subscriptions_by_topic().topic_arn(&want.topic_arn).into_paginator().items().send();
    let live = pages.collect::<Result<Vec<_>, _>>().await.operation("sns:ListSubscriptionsByTopic")?;
    let found = live.into_iter().find(|live| {
        live.protocol.as_deref() == Some(&want.protocol) && live.endpoint.as_deref() == Some(&want.endpoint)
    });
    // One that is yet to be confirmed, or that was given up, is listed without its ARN.
    Ok(found.and_then(|live| live.subscription_arn).filter(|arn| arn::is_arn(arn)))
}

async fn read_one(aws: &Aws, have: &Subscription) -> Result<Option<Subscription>, ProviderError> {
    let call = aws.sns().get_subscription_attributes().subscription_arn(&have.id);
    match call.send().await.operation("sns:GetSubscriptionAttributes") {
        Ok(answer) => Ok(answer.attributes.map(|live| have.with_live(live))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn until_confirmed(aws: &Aws, subscription: &Subscription) -> Result<(), ProviderError> {
    let minutes = subscription.confirmation_timeout_in_minutes.unwrap_or(1);
    let unconfirmed = || {
        let message = format!("the endpoint did not confirm it within {minutes} minutes");
        ProviderError::new(ErrorKind::NotReady, "wait for aws_sns_topic_subscription", message)
    };
    let is_passing = |error: &ProviderError| error.kind == ErrorKind::NotReady;
    retry::while_passing(Duration::from_secs(minutes * 60), is_passing, || async {
        match read_one(aws, subscription).await? {
            Some(live) if !live.pending_confirmation => Ok(()),
            Some(_) | None => Err(unconfirmed()),
        }
    })
    .await
}

/// Only streams are delivered to by a role; Subscribe, `SubscriptionRoleArn`.
fn refuse_role(config: &Value) -> Option<Refusal> {
    let protocol = refusals::text(config, "protocol")?;
    let has_role = config.get("subscription_role_arn")?;
    let detail = match (protocol.as_str(), has_role.is_null()) {
        ("firehose", true) => "Subscriptions with the protocol `firehose` need it.",
        ("firehose", false) | (_, true) => return None,
        (_, false) => "Only subscriptions with the protocol `firehose` have it.",
    };
    Some(refusals::invalid("subscription_role_arn", detail))
}
