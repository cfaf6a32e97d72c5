//! `aws_sns_topic`: what publishers send to and subscribers listen to.
//!
//! CreateTopic answers with a topic of that name that is there already, so `create` looks first. Nothing tells when a topic
//! was made: a new one carries the mark of its create among its tags until its identity is durable.

use std::collections::BTreeMap;
use std::time::Duration;

use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::sns::{is_policy_refused, set_topic_attribute, tags, topic_attributes};
use crate::tags::{TOKEN_TAG, marked, settle_new, take_mark};
use crate::{arn, fifo, policy, refusals, retry};

/// How long a new role may stay unknown to policies.
const ROLE_ARRIVAL: Duration = Duration::from_secs(60);

/// The longest name, in characters; CreateTopic, `Name`.
const NAME_LENGTH_MAX: usize = 256;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Topic {
    application_failure_feedback_role_arn: String,
    application_success_feedback_role_arn: String,
    application_success_feedback_sample_rate: i64,
    archive_policy: String,
    arn: String,
    beginning_archive_time: String,
    content_based_deduplication: bool,
    delivery_policy: String,
    display_name: String,
    fifo_throughput_scope: String,
    fifo_topic: bool,
    firehose_failure_feedback_role_arn: String,
    firehose_success_feedback_role_arn: String,
    firehose_success_feedback_sample_rate: i64,
    http_failure_feedback_role_arn: String,
    http_success_feedback_role_arn: String,
    http_success_feedback_sample_rate: i64,
    id: String,
    kms_master_key_id: String,
    lambda_failure_feedback_role_arn: String,
    lambda_success_feedback_role_arn: String,
    lambda_success_feedback_sample_rate: i64,
    name: String,
    name_prefix: String,
    owner: String,
    policy: String,
    signature_version: i64,
    sqs_failure_feedback_role_arn: String,
    sqs_success_feedback_role_arn: String,
    sqs_success_feedback_sample_rate: i64,
    tags: Tags,
    tags_all: Tags,
    tracing_config: String,
}

impl Resource for Topic {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_sns_topic";

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = want.new_name(creation.token);
        if let Some(arn) = find_arn(aws, &name).await? {
            return Err(taken("sns:CreateTopic", format!("there is a topic named `{name}` already: {arn}")));
        }
        let call =
            aws.sns().create_topic().name(&name).set_tags(tags::request(&marked(&want.tags_all, creation.token)));
        let call = if want.fifo_topic { call.attributes("FifoTopic", "true") } else { call };
        let arn = call.send().await.operation("sns:CreateTopic")?.topic_arn.unwrap_or_default();
        let topic = Topic { id: arn.clone(), arn, name, ..want.clone() };
        settle_new(creation, &topic, tags::remove(aws, &topic.id, vec![TOKEN_TAG.to_string()])).await?;
        let bare = Topic { fifo_topic: want.fifo_topic, ..Topic::default() };
        set_attributes(aws, &topic.id, &bare, want).await?;
        Ok(topic)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut topics = Vec::with_capacity(have.len());
        for topic in have {
            topics.push(read_one(aws, topic).await?);
        }
        Ok(topics)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        set_attributes(aws, &have.id, have, want).await?;
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        aws.sns().delete_topic().topic_arn(&have.id).send().await.operation("sns:DeleteTopic")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = want.new_name(token);
        let Some(arn) = find_arn(aws, &name).await? else { return Ok(None) };
        let Some(mut topic) = read_one(aws, &Topic { id: arn, ..want.clone() }).await? else { return Ok(None) };
        if !take_mark(&mut topic.tags_all, token) {
            let message = format!("there is a topic named `{name}` that this create did not make");
            return Err(taken("sns:CreateTopic", message));
        }
        tags::remove(aws, &topic.id, vec![TOKEN_TAG.to_string()]).await?;
        Ok(Some(topic))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        if !arn::is_arn(id) {
            let message = format!("`{id}` is not the ARN of a topic");
            return Err(ProviderError::invalid("import aws_sns_topic", message));
        }
        Ok(Topic { id: id.to_string(), ..Topic::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        match (attribute, prior.reveal().as_str(), config.reveal().as_str()) {
            ("policy", Some(prior), Some(config)) => policy::is_equivalent(prior, config),
            ("delivery_policy" | "archive_policy", Some(prior), Some(config)) => policy::is_same_json(prior, config),
            (_, Some(_) | None, Some(_) | None) => false,
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let documents = ["policy", "delivery_policy", "archive_policy"];
        let documents = documents.into_iter().filter_map(|attribute| refusals::document(config, attribute));
        let mut refusals: Vec<Refusal> = documents
            .chain(fifo::refuse_name(config, "fifo_topic", NAME_LENGTH_MAX))
            .chain(refuse_fifo(config))
            .collect();
        for attribute in FEEDBACK_ROLES {
            if let Some(role) = config.get(attribute) {
                arn::check(Path::attribute(*attribute), &role, &mut refusals);
            }
        }
        refusals
    }
}

const FEEDBACK_ROLES: &[&str] = &[
    "application_failure_feedback_role_arn",
    "application_success_feedback_role_arn",
    "firehose_failure_feedback_role_arn",
    "firehose_success_feedback_role_arn",
    "http_failure_feedback_role_arn",
    "http_success_feedback_role_arn",
    "lambda_failure_feedback_role_arn",
    "lambda_success_feedback_role_arn",
    "sqs_failure_feedback_role_arn",
    "sqs_success_feedback_role_arn",
];

impl Topic {
    fn new_name(&self, token: &Token) -> String {
        fifo::new_name(&self.name, &self.name_prefix, self.fifo_topic, token)
    }

    /// What SetTopicAttributes sets, as texts; empty where nothing is given.
    fn attributes(&self) -> BTreeMap<&'static str, String> {
        let number = |number: i64| if number == 0 { String::new() } else { number.to_string() };
        let mut attributes = BTreeMap::from([
            ("ApplicationFailureFeedbackRoleArn", self.application_failure_feedback_role_arn.clone()),
            ("ApplicationSuccessFeedbackRoleArn", self.application_success_feedback_role_arn.clone()),
            ("ApplicationSuccessFeedbackSampleRate", number(self.application_success_feedback_sample_rate)),
            ("ArchivePolicy", self.archive_policy.clone()),
            ("DeliveryPolicy", self.delivery_policy.clone()),
            ("DisplayName", self.display_name.clone()),
            ("FifoThroughputScope", self.fifo_throughput_scope.clone()),
            ("FirehoseFailureFeedbackRoleArn", self.firehose_failure_feedback_role_arn.clone()),
            ("FirehoseSuccessFeedbackRoleArn", self.firehose_success_feedback_role_arn.clone()),
            ("FirehoseSuccessFeedbackSampleRate", number(self.firehose_success_feedback_sample_rate)),
            ("HTTPFailureFeedbackRoleArn", self.http_failure_feedback_role_arn.clone()),
            ("HTTPSuccessFeedbackRoleArn", self.http_success_feedback_role_arn.clone()),
            ("HTTPSuccessFeedbackSampleRate", number(self.http_success_feedback_sample_rate)),
            ("KmsMasterKeyId", self.kms_master_key_id.clone()),
            ("LambdaFailureFeedbackRoleArn", self.lambda_failure_feedback_role_arn.clone()),
            ("LambdaSuccessFeedbackRoleArn", self.lambda_success_feedback_role_arn.clone()),
            ("LambdaSuccessFeedbackSampleRate", number(self.lambda_success_feedback_sample_rate)),
            ("Policy", self.policy.clone()),
            ("SQSFailureFeedbackRoleArn", self.sqs_failure_feedback_role_arn.clone()),
            ("SQSSuccessFeedbackRoleArn", self.sqs_success_feedback_role_arn.clone()),
            ("SQSSuccessFeedbackSampleRate", number(self.sqs_success_feedback_sample_rate)),
            ("SignatureVersion", number(self.signature_version)),
            ("TracingConfig", self.tracing_config.clone()),
        ]);
        if self.fifo_topic {
            attributes.insert("ContentBasedDeduplication", self.content_based_deduplication.to_string());
        }
        attributes
    }

    fn with_live(&self, mut live: BTreeMap<String, String>, tags_all: Tags) -> Topic {
        let mut text = |name: &str| live.remove(name).unwrap_or_default();
        let arn = text("TopicArn");
        let name = arn.rsplit(':').next().unwrap_or_default().to_string();
        let prefix = fifo::prefix_of(&name);
        let mut number = |name: &str| text(name).parse().unwrap_or_default();
        Topic {
            application_success_feedback_sample_rate: number("ApplicationSuccessFeedbackSampleRate"),
            firehose_success_feedback_sample_rate: number("FirehoseSuccessFeedbackSampleRate"),
            http_success_feedback_sample_rate: number("HTTPSuccessFeedbackSampleRate"),
            lambda_success_feedback_sample_rate: number("LambdaSuccessFeedbackSampleRate"),
            signature_version: number("SignatureVersion"),
            sqs_success_feedback_sample_rate: number("SQSSuccessFeedbackSampleRate"),
            application_failure_feedback_role_arn: text("ApplicationFailureFeedbackRoleArn"),
            application_success_feedback_role_arn: text("ApplicationSuccessFeedbackRoleArn"),
            archive_policy: policy::json_as_written(&self.archive_policy, text("ArchivePolicy")),
            beginning_archive_time: text("BeginningArchiveTime"),
            content_based_deduplication: text("ContentBasedDeduplication") == "true",
            delivery_policy: policy::json_as_written(&self.delivery_policy, text("DeliveryPolicy")),
            display_name: text("DisplayName"),
            fifo_throughput_scope: text("FifoThroughputScope"),
            fifo_topic: text("FifoTopic") == "true",
            firehose_failure_feedback_role_arn: text("FirehoseFailureFeedbackRoleArn"),
            firehose_success_feedback_role_arn: text("FirehoseSuccessFeedbackRoleArn"),
            http_failure_feedback_role_arn: text("HTTPFailureFeedbackRoleArn"),
            http_success_feedback_role_arn: text("HTTPSuccessFeedbackRoleArn"),
            kms_master_key_id: text("KmsMasterKeyId"),
            lambda_failure_feedback_role_arn: text("LambdaFailureFeedbackRoleArn"),
            lambda_success_feedback_role_arn: text("LambdaSuccessFeedbackRoleArn"),
            owner: text("Owner"),
            policy: policy::as_written(&self.policy, text("Policy")),
            sqs_failure_feedback_role_arn: text("SQSFailureFeedbackRoleArn"),
            sqs_success_feedback_role_arn: text("SQSSuccessFeedbackRoleArn"),
            tracing_config: text("TracingConfig"),
            id: arn.clone(),
            arn,
            name,
            name_prefix: prefix,
            tags_all,
            ..self.clone()
        }
    }
}

/// The ARN of the topic of a name; where the account is not to be asked for, all topics are looked through.
async fn find_arn(aws: &Aws, name: &str) -> Result<Option<String>, ProviderError> {
    let account = aws.account().await?;
    if !account.is_empty() {
        let arn = format!("arn:{}:sns:{}:{account}:{name}", aws.partition(), aws.region());
        return Ok(topic_attributes(aws, &arn).await?.map(|_| arn));
    }
    let pages = aws.sns().list_topics().into_paginator().items().send();
    let topics = pages.collect::<Result<Vec<_>, _>>().await.operation("sns:ListTopics")?;
    let mut arns = topics.into_iter().filter_map(|topic| topic.topic_arn);
    Ok(arns.find(|arn| arn.rsplit(':').next() == Some(name)))
}

async fn read_one(aws: &Aws, have: &Topic) -> Result<Option<Topic>, ProviderError> {
    let (live, tags_all) = futures::try_join!(topic_attributes(aws, &have.id), tags::read(aws, &have.id))?;
    Ok(live.map(|live| have.with_live(live, tags_all)))
}

async fn set_attributes(aws: &Aws, arn: &str, have: &Topic, want: &Topic) -> Result<(), ProviderError> {
    let before = have.attributes();
    for (name, value) in want.attributes() {
        let is_same = before.get(name).is_some_and(|before| match name {
            "Policy" => policy::is_equivalent(before, &value),
            "DeliveryPolicy" | "ArchivePolicy" => before == &value || policy::is_same_json(before, &value),
            _ => before == &value,
        });
        // A rate is a number, whether anything is sampled.
        let value = if value.is_empty() && name.ends_with("SampleRate") { "0".to_string() } else { value };
        if !is_same {
            retry::while_passing(ROLE_ARRIVAL, is_policy_refused, || set_topic_attribute(aws, arn, name, &value))
                .await?;
        }
    }
    Ok(())
}

/// What only topics in order have; CreateTopic, `ContentBasedDeduplication`, `ArchivePolicy`, `FifoThroughputScope`.
fn refuse_fifo(config: &Value) -> Option<Refusal> {
    if fifo::is_fifo(config, "fifo_topic")? {
        return None;
    }
    let deduplicates =
        config.get("content_based_deduplication").and_then(|value| value.reveal().as_bool()) == Some(true);
    let is_given = |name: &&str| refusals::text(config, name).is_some_and(|text| !text.is_empty());
    let wrong = deduplicates.then_some("content_based_deduplication");
    let attribute = wrong.or_else(|| ["archive_policy", "fifo_throughput_scope"].into_iter().find(is_given))?;
    Some(refusals::invalid(attribute, "Only FIFO topics have it: set `fifo_topic = true`."))
}
