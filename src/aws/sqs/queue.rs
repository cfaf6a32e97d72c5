//! `aws_sqs_queue`: messages that wait for somebody.
//!
//! CreateQueue answers with an equal queue that is there already, so `create` looks first. The name of a deleted queue is
//! free again after a minute, which a create waits for.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_smithy_types::DateTime;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::sqs::{attributes, is_policy_refused, request, set_attributes};
use crate::tags::TagChange;
use crate::{fifo, given, policy, refusals, retry, times};

/// How long the name of a deleted queue stays taken; CreateQueue, `QueueDeletedRecently`.
const DELETED_RECENTLY: Duration = Duration::from_secs(75);

/// How long a new role may stay unknown to policies.
const ROLE_ARRIVAL: Duration = Duration::from_secs(60);

/// The longest name, in characters; CreateQueue, `QueueName`.
const NAME_LENGTH_MAX: usize = 80;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Queue {
    arn: String,
    content_based_deduplication: bool,
    deduplication_scope: String,
    delay_seconds: i64,
    fifo_queue: bool,
    fifo_throughput_limit: String,
    id: String,
    kms_data_key_reuse_period_seconds: i64,
    kms_master_key_id: String,
    max_message_size: i64,
    message_retention_seconds: i64,
    name: String,
    name_prefix: String,
    policy: String,
    receive_wait_time_seconds: i64,
    redrive_allow_policy: String,
    redrive_policy: String,
    sqs_managed_sse_enabled: Option<bool>,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    url: String,
    visibility_timeout_seconds: i64,
    #[serde(skip)]
    created: Option<DateTime>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for Queue {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_sqs_queue";
    const TIMEOUTS: Timeouts = Timeouts::minutes(3, 3, 3);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = want.new_name(creation.token);
        if let Some(url) = url(aws, &name).await? {
            return Err(taken("sqs:CreateQueue", format!("there is a queue named `{name}` already: {url}")));
        }
        let patience = DELETED_RECENTLY.max(ROLE_ARRIVAL);
        let is_passing = |error: &ProviderError| {
            is_policy_refused(error) || error.code.as_deref().is_some_and(|code| code.contains("QueueDeletedRecently"))
        };
        let created = retry::while_passing(patience, is_passing, || async {
            let call = aws.sqs().create_queue().queue_name(&name).set_attributes(Some(request(&want.attributes())));
            let tags = Some(want.tags_all.clone().into_iter().collect());
            call.set_tags(tags.filter(|_| !want.tags_all.is_empty())).send().await.operation("sqs:CreateQueue")
        });
        let url = created.await?.queue_url.unwrap_or_default();
        Ok(Queue { id: url.clone(), url, name, ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut queues = Vec::with_capacity(have.len());
        for queue in have {
            queues.push(read_one(aws, queue).await?);
        }
        Ok(queues)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let changed = want.changed(have);
        retry::while_passing(ROLE_ARRIVAL, is_policy_refused, || set_attributes(aws, &have.id, &changed)).await?;
        let change = TagChange::between(&have.tags_all, &want.tags_all);
        if !change.remove.is_empty() {
            let call = aws.sqs().untag_queue().queue_url(&have.id).set_tag_keys(Some(change.remove));
            call.send().await.operation("sqs:UntagQueue")?;
        }
        if !change.set.is_empty() {
            let call = aws.sqs().tag_queue().queue_url(&have.id).set_tags(Some(change.set.into_iter().collect()));
            call.send().await.operation("sqs:TagQueue")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        aws.sqs().delete_queue().queue_url(&have.id).send().await.operation("sqs:DeleteQueue")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = want.new_name(token);
        let Some(url) = url(aws, &name).await? else { return Ok(None) };
        let Some(queue) = read_one(aws, &Queue { id: url, ..want.clone() }).await? else { return Ok(None) };
        if times::is_older(queue.created.as_ref(), token) {
            let message = format!("a queue named `{name}` was there before this create");
            return Err(taken("sqs:CreateQueue", message));
        }
        Ok(Some(queue))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        if !id.contains("://") {
            let message = format!("`{id}` is not the URL of a queue");
            return Err(ProviderError::invalid("import aws_sqs_queue", message));
        }
        Ok(Queue { id: id.to_string(), ..Queue::default() })
    }

    fn readiness(&self, want: &Self) -> Readiness {
        match want.changed(self).keys().next() {
            Some(name) => Readiness::Pending(format!("its {name} to arrive everywhere")),
            None => Readiness::Settled,
        }
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        match attribute {
            "policy" => policy::is_equivalent_value(prior, config),
            "redrive_policy" | "redrive_allow_policy" => match (prior.reveal().as_str(), config.reveal().as_str()) {
                (Some(prior), Some(config)) => is_same_redrive(prior, config),
                (Some(_) | None, Some(_) | None) => false,
            },
            _ => false,
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let own = [
            fifo::refuse_name(config, "fifo_queue", NAME_LENGTH_MAX),
            refuse_fifo(config),
            refusals::document(config, "policy"),
            refusals::document(config, "redrive_policy"),
            refusals::document(config, "redrive_allow_policy"),
            refuse_wait(config),
        ];
        own.into_iter().flatten().collect()
    }
}

impl Queue {
    fn new_name(&self, token: &Token) -> String {
        fifo::new_name(&self.name, &self.name_prefix, self.fifo_queue, token)
    }

    /// The attributes of a new queue: those that are given.
    fn attributes(&self) -> BTreeMap<&'static str, String> {
        let mut attributes = BTreeMap::from([
            ("DelaySeconds", self.delay_seconds.to_string()),
            ("MaximumMessageSize", self.max_message_size.to_string()),
            ("MessageRetentionPeriod", self.message_retention_seconds.to_string()),
            ("ReceiveMessageWaitTimeSeconds", self.receive_wait_time_seconds.to_string()),
            ("VisibilityTimeout", self.visibility_timeout_seconds.to_string()),
        ]);
        let texts = [
            ("DeduplicationScope", &self.deduplication_scope),
            ("FifoThroughputLimit", &self.fifo_throughput_limit),
            ("KmsMasterKeyId", &self.kms_master_key_id),
            ("Policy", &self.policy),
            ("RedriveAllowPolicy", &self.redrive_allow_policy),
            ("RedrivePolicy", &self.redrive_policy),
        ];
        attributes.extend(texts.into_iter().filter_map(|(name, text)| Some((name, given::text(text)?))));
        // A queue that is none in order takes no word about it.
        if self.fifo_queue {
            attributes.insert("FifoQueue", "true".into());
            attributes.insert("ContentBasedDeduplication", self.content_based_deduplication.to_string());
        }
        if self.kms_data_key_reuse_period_seconds != 0 {
            let period = self.kms_data_key_reuse_period_seconds.to_string();
            attributes.insert("KmsDataKeyReusePeriodSeconds", period);
        }
        // A key of one's own excludes the service's: naming both is an error.
        if let Some(is_managed) = self.sqs_managed_sse_enabled.filter(|_| self.kms_master_key_id.is_empty()) {
            attributes.insert("SqsManagedSseEnabled", is_managed.to_string());
        }
        attributes
    }

    /// What has to be set to get from another queue to this one; what is given up is empty.
    fn changed(&self, have: &Queue) -> BTreeMap<&'static str, String> {
        let before = have.attributes();
        let mut changed = self.attributes();
        changed.retain(|name, value| {
            let is_same = before.get(name).is_some_and(|before| match *name {
                "Policy" => policy::is_equivalent(before, value),
                "RedrivePolicy" | "RedriveAllowPolicy" => is_same_redrive(before, value),
                _ => before == value,
            });
            !is_same && *name != "FifoQueue"
        });
        let wanted = self.attributes();
        for name in ["KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy"] {
            if before.contains_key(name) && !wanted.contains_key(name) {
                changed.insert(name, String::new());
            }
        }
        changed
    }

    fn with_live(&self, mut live: BTreeMap<String, String>, tags_all: Tags) -> Queue {
        let mut text = |name: &str| live.remove(name).unwrap_or_default();
        let arn = text("QueueArn");
        let name = arn.rsplit(':').next().unwrap_or_default().to_string();
        let prefix = fifo::prefix_of(&name);
        let mut number = |name: &str| text(name).parse().unwrap_or_default();
        let created = match number("CreatedTimestamp") {
            0 => None,
            seconds => Some(DateTime::from_secs(seconds)),
        };
        Queue {
            delay_seconds: number("DelaySeconds"),
            kms_data_key_reuse_period_seconds: number("KmsDataKeyReusePeriodSeconds"),
            max_message_size: number("MaximumMessageSize"),
            message_retention_seconds: number("MessageRetentionPeriod"),
            receive_wait_time_seconds: number("ReceiveMessageWaitTimeSeconds"),
            visibility_timeout_seconds: number("VisibilityTimeout"),
            content_based_deduplication: text("ContentBasedDeduplication") == "true",
            deduplication_scope: text("DeduplicationScope"),
            fifo_queue: text("FifoQueue") == "true",
            fifo_throughput_limit: text("FifoThroughputLimit"),
            kms_master_key_id: text("KmsMasterKeyId"),
            policy: policy::as_written(&self.policy, text("Policy")),
            redrive_allow_policy: redrive_as_written(&self.redrive_allow_policy, text("RedriveAllowPolicy")),
            redrive_policy: redrive_as_written(&self.redrive_policy, text("RedrivePolicy")),
            sqs_managed_sse_enabled: Some(text("SqsManagedSseEnabled") == "true"),
            arn,
            name,
            name_prefix: prefix,
            url: self.id.clone(),
            tags_all,
            created,
            ..self.clone()
        }
    }
}

/// The URL of the queue of a name.
async fn url(aws: &Aws, name: &str) -> Result<Option<String>, ProviderError> {
    match aws.sqs().get_queue_url().queue_name(name).send().await.operation("sqs:GetQueueUrl") {
        Ok(answer) => Ok(answer.queue_url),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn read_one(aws: &Aws, have: &Queue) -> Result<Option<Queue>, ProviderError> {
    let tags = async {
        match aws.sqs().list_queue_tags().queue_url(&have.id).send().await.operation("sqs:ListQueueTags") {
            Ok(answer) => Ok(answer.tags.unwrap_or_default().into_iter().collect()),
            Err(error) if error.is_not_found() => Ok(Tags::new()),
            Err(error) => Err(error),
        }
    };
    let (live, tags) = futures::try_join!(attributes(aws, &have.id), tags)?;
    Ok(live.map(|live| have.with_live(live, tags)))
}

/// A live redrive policy as it was written before, where both say the same.
fn redrive_as_written(written: &str, live: String) -> String {
    if is_same_redrive(written, &live) { written.to_string() } else { live }
}

/// Whether two redrive policies are the same: the service writes numbers as numbers, whether they were given as texts.
fn is_same_redrive(a: &str, b: &str) -> bool {
    let parsed = |text: &str| {
        let mut policy: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).ok()?;
        if let Some(count) = policy.get_mut("maxReceiveCount") {
            let text = count.as_str().map_or_else(|| count.to_string(), str::to_string);
            *count = serde_json::Value::String(text);
        }
        Some(policy)
    };
    a == b || parsed(a).is_some_and(|a| parsed(b) == Some(a))
}

/// What only queues in order have; CreateQueue, `ContentBasedDeduplication`, `DeduplicationScope`, `FifoThroughputLimit`.
fn refuse_fifo(config: &Value) -> Option<Refusal> {
    let is_fifo = fifo::is_fifo(config, "fifo_queue")?;
    let deduplicates =
        config.get("content_based_deduplication").and_then(|value| value.reveal().as_bool()) == Some(true);
    let is_given = |name: &&str| refusals::text(config, name).is_some_and(|text| !text.is_empty());
    let wrong = deduplicates.then_some("content_based_deduplication");
    let wrong = wrong.or_else(|| ["deduplication_scope", "fifo_throughput_limit"].into_iter().find(is_given));
    if let (Some(attribute), false) = (wrong, is_fifo) {
        return Some(refusals::invalid(attribute, "Only FIFO queues have it: set `fifo_queue = true`."));
    }
    let scope = config.get("deduplication_scope")?;
    let is_by_group = refusals::text(config, "fifo_throughput_limit").as_deref() == Some("perMessageGroupId");
    (is_by_group && scope.is_known() && scope.reveal().as_str() != Some("messageGroup")).then(|| {
        let detail = "`perMessageGroupId` goes with `deduplication_scope = \"messageGroup\"` only.";
        refusals::invalid("fifo_throughput_limit", detail)
    })
}

/// CreateQueue, `ReceiveMessageWaitTimeSeconds`.
fn refuse_wait(config: &Value) -> Option<Refusal> {
    let seconds = refusals::number(config, "receive_wait_time_seconds")?;
    (!(0.0..=20.0).contains(&seconds))
        .then(|| refusals::invalid("receive_wait_time_seconds", "It must be from 0 to 20 seconds."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redrive_policies_are_compared_by_what_they_say() {
        let given = r#"{"maxReceiveCount":"4","deadLetterTargetArn":"a"}"#;
        assert!(is_same_redrive(given, r#"{"deadLetterTargetArn":"a","maxReceiveCount":4}"#));
        assert!(!is_same_redrive(given, r#"{"deadLetterTargetArn":"a","maxReceiveCount":5}"#));
    }

    #[test]
    fn what_is_given_up_is_set_to_nothing() {
        let have = Queue { kms_master_key_id: "alias/a".into(), policy: "{}".into(), ..Queue::default() };
        let want = Queue { policy: "{}".into(), delay_seconds: 5, ..Queue::default() };
        let expected = BTreeMap::from([("DelaySeconds", "5".to_string()), ("KmsMasterKeyId", String::new())]);
        assert_eq!(want.changed(&have), expected);
    }
}
