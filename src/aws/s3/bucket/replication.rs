//! Copies of a bucket's objects in other buckets, in the form of a block of the bucket itself.

use aws_sdk_s3::types::{
    AccessControlTranslation, DeleteMarkerReplication, DeleteMarkerReplicationStatus, Destination as LiveDestination,
    EncryptionConfiguration, Metrics as LiveMetrics, MetricsStatus, OwnerOverride, ReplicationConfiguration,
    ReplicationRule, ReplicationRuleAndOperator, ReplicationRuleFilter, ReplicationRuleStatus,
    ReplicationTime as LiveTime, ReplicationTimeStatus, ReplicationTimeValue, SourceSelectionCriteria,
    SseKmsEncryptedObjects, SseKmsEncryptedObjectsStatus, StorageClass,
};
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::retry::retry;
use crate::s3::{configured, given, part, tags};

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Replication {
    role: String,
    rules: Vec<Rule>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Rule {
    delete_marker_replication_status: String,
    destination: Vec<Destination>,
    filter: Vec<Filter>,
    id: String,
    prefix: String,
    priority: i32,
    source_selection_criteria: Vec<SourceSelection>,
    status: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Destination {
    access_control_translation: Vec<Translation>,
    account_id: String,
    bucket: String,
    metrics: Vec<Timed>,
    replica_kms_key_id: String,
    replication_time: Vec<Timed>,
    storage_class: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Translation {
    owner: String,
}

/// A time to be kept or watched.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Timed {
    minutes: i32,
    status: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Filter {
    prefix: String,
    tags: Tags,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct SourceSelection {
    sse_kms_encrypted_objects: Vec<Encrypted>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Encrypted {
    enabled: bool,
}

pub async fn read(aws: &Aws, bucket: &str) -> Result<Vec<Replication>, ProviderError> {
    let get = aws.s3().get_bucket_replication().bucket(bucket);
    let answer = configured(get.send().await.operation("s3:GetReplicationConfiguration"))?;
    let live = answer.and_then(|answer| answer.replication_configuration);
    let replication = |live: ReplicationConfiguration| Replication {
        role: live.role,
        rules: live.rules.into_iter().map(Rule::live).collect(),
    };
    Ok(live.map(replication).into_iter().collect())
}

pub async fn write(aws: &Aws, bucket: &str, want: Option<&Replication>) -> Result<(), ProviderError> {
    let Some(want) = want else {
        let delete = aws.s3().delete_bucket_replication().bucket(bucket);
        return part(delete.send().await.operation("s3:PutReplicationConfiguration")).map(drop);
    };
    let rules = want.rules.iter().map(Rule::request).collect();
    let configuration = ReplicationConfiguration::builder().role(&want.role).set_rules(Some(rules));
    let configuration = configuration.build().expect("role and rules are given");
    retry(|| async {
        let put = aws.s3().put_bucket_replication().bucket(bucket);
        let put = put.replication_configuration(configuration.clone());
        put.send().await.operation("s3:PutReplicationConfiguration").map(drop)
    })
    .await
}

impl Rule {
    #[expect(deprecated, reason = "older rules have a prefix in the place of a filter")]
    fn live(live: ReplicationRule) -> Rule {
        let marks = live.delete_marker_replication.and_then(|marks| marks.status);
        let marks = marks.filter(|status| *status == DeleteMarkerReplicationStatus::Enabled);
        let encrypted = live.source_selection_criteria.and_then(|criteria| criteria.sse_kms_encrypted_objects);
        let encrypted = encrypted.map(|encrypted| SourceSelection {
            sse_kms_encrypted_objects: vec![Encrypted {
                enabled: encrypted.status == SseKmsEncryptedObjectsStatus::Enabled,
            }],
        });
        Rule {
            delete_marker_replication_status: marks.map(|status| status.as_str().to_string()).unwrap_or_default(),
            destination: live.destination.map(Destination::live).into_iter().collect(),
            filter: live.filter.map(Filter::live).into_iter().collect(),
            id: live.id.unwrap_or_default(),
            prefix: live.prefix.unwrap_or_default(),
            priority: live.priority.unwrap_or_default(),
            source_selection_criteria: encrypted.into_iter().collect(),
            status: live.status.as_str().to_string(),
        }
    }

    /// Rules with a filter are of the newer form, which has a priority and says what becomes of marks of deletions.
    #[expect(deprecated, reason = "older rules have a prefix in the place of a filter")]
    fn request(&self) -> ReplicationRule {
        let encrypted = self.source_selection_criteria.first();
        let encrypted = encrypted.and_then(|criteria| criteria.sse_kms_encrypted_objects.first());
        let criteria = encrypted.map(|encrypted| {
            let status = if encrypted.enabled { "Enabled" } else { "Disabled" };
            let objects = SseKmsEncryptedObjects::builder().status(SseKmsEncryptedObjectsStatus::from(status));
            let objects = objects.build().expect("the status is given");
            SourceSelectionCriteria::builder().sse_kms_encrypted_objects(objects).build()
        });
        let rule = ReplicationRule::builder()
            .set_id(given(&self.id))
            .status(ReplicationRuleStatus::from(self.status.as_str()))
            .set_destination(self.destination.first().map(Destination::request))
            .set_source_selection_criteria(criteria);
        let rule = match self.filter.first() {
            None => rule.prefix(&self.prefix),
            Some(filter) => {
                let status = given(&self.delete_marker_replication_status).unwrap_or_else(|| "Disabled".into());
                let marks = DeleteMarkerReplication::builder();
                let marks = marks.status(DeleteMarkerReplicationStatus::from(status.as_str())).build();
                rule.filter(filter.request()).priority(self.priority).delete_marker_replication(marks)
            }
        };
        rule.build().expect("the status is given")
    }
}

impl Filter {
    fn live(live: ReplicationRuleFilter) -> Filter {
        let (prefix, list) = live.and.map(|and| (and.prefix, and.tags.unwrap_or_default())).unwrap_or_default();
        let tags = live.tag.into_iter().chain(list).map(|tag| (tag.key, tag.value)).collect();
        Filter { prefix: live.prefix.or(prefix).unwrap_or_default(), tags }
    }

    fn request(&self) -> ReplicationRuleFilter {
        match tags::list(&self.tags) {
            None => ReplicationRuleFilter::builder().prefix(&self.prefix).build(),
            Some(tags) => {
                let and = ReplicationRuleAndOperator::builder().prefix(&self.prefix).set_tags(Some(tags)).build();
                ReplicationRuleFilter::builder().and(and).build()
            }
        }
    }
}

impl Destination {
    fn live(live: LiveDestination) -> Destination {
        let translation = live.access_control_translation;
        let minutes = |value: Option<ReplicationTimeValue>| value.and_then(|value| value.minutes).unwrap_or_default();
        let metrics = |live: LiveMetrics| Timed {
            minutes: minutes(live.event_threshold),
            status: live.status.as_str().to_string(),
        };
        let time = |live: LiveTime| Timed { minutes: minutes(live.time), status: live.status.as_str().to_string() };
        let translation = translation.map(|live| Translation { owner: live.owner.as_str().to_string() });
        Destination {
            access_control_translation: translation.into_iter().collect(),
            account_id: live.account.unwrap_or_default(),
            bucket: live.bucket,
            metrics: live.metrics.map(metrics).into_iter().collect(),
            replica_kms_key_id: live
                .encryption_configuration
                .and_then(|encryption| encryption.replica_kms_key_id)
                .unwrap_or_default(),
            replication_time: live.replication_time.map(time).into_iter().collect(),
            storage_class: live.storage_class.map(|class| class.as_str().to_string()).unwrap_or_default(),
        }
    }

    fn request(&self) -> LiveDestination {
        let translation = self.access_control_translation.first().map(|translation| {
            let owner = OwnerOverride::from(translation.owner.as_str());
            AccessControlTranslation::builder().owner(owner).build().expect("the owner is given")
        });
        let encryption = given(&self.replica_kms_key_id)
            .map(|key| EncryptionConfiguration::builder().replica_kms_key_id(key).build());
        let minutes = |timed: &Timed| ReplicationTimeValue::builder().minutes(timed.minutes).build();
        let metrics = self.metrics.first().map(|timed| {
            let metrics = LiveMetrics::builder().status(MetricsStatus::from(timed.status.as_str()));
            metrics.event_threshold(minutes(timed)).build().expect("the status is given")
        });
        let time = self.replication_time.first().map(|timed| {
            let time = LiveTime::builder().status(ReplicationTimeStatus::from(timed.status.as_str()));
            time.time(minutes(timed)).build().expect("the status is given")
        });
        LiveDestination::builder()
            .bucket(&self.bucket)
            .set_account(given(&self.account_id))
            .set_storage_class(given(&self.storage_class).map(|class| StorageClass::from(class.as_str())))
            .set_access_control_translation(translation)
            .set_encryption_configuration(encryption)
            .set_metrics(metrics)
            .set_replication_time(time)
            .build()
            .expect("the bucket is given")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_back() {
        let destination = Destination {
            bucket: "arn:aws:s3:::copies".into(),
            metrics: vec![Timed { minutes: 15, status: "Enabled".into() }],
            replica_kms_key_id: "arn:aws:kms:us-east-1:123456789012:key/a".into(),
            ..Destination::default()
        };
        let rule = Rule {
            delete_marker_replication_status: "Enabled".into(),
            destination: vec![destination],
            filter: vec![Filter { prefix: "a/".into(), tags: Tags::from([("b".into(), "1".into())]) }],
            id: "copy".into(),
            priority: 3,
            status: "Enabled".into(),
            ..Rule::default()
        };
        assert_eq!(Rule::live(rule.request()), rule);
    }
}
