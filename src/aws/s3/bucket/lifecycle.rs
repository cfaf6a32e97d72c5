//! When objects of a bucket move to cheaper storage or go away, in the form of blocks of the bucket itself.

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleAndOperator, LifecycleRuleFilter, NoncurrentVersionExpiration, NoncurrentVersionTransition, Tag,
    Transition, TransitionStorageClass,
};
use aws_smithy_types::DateTime;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given::positive;
use crate::s3::retry::retry;
use crate::s3::{configured, given, parse_time, part, tags, timestamp};

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    abort_incomplete_multipart_upload_days: i32,
    enabled: bool,
    expiration: Vec<Expiration>,
    id: String,
    noncurrent_version_expiration: Vec<OldExpiration>,
    noncurrent_version_transition: Vec<OldMove>,
    prefix: String,
    tags: Tags,
    transition: Vec<Move>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Expiration {
    date: String,
    days: i32,
    expired_object_delete_marker: bool,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct OldExpiration {
    days: i32,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct OldMove {
    days: i32,
    storage_class: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Move {
    date: String,
    days: i32,
    storage_class: String,
}

pub async fn read(aws: &Aws, bucket: &str) -> Result<Vec<Rule>, ProviderError> {
    let get = aws.s3().get_bucket_lifecycle_configuration().bucket(bucket);
    let answer = configured(get.send().await.operation("s3:GetLifecycleConfiguration"))?;
    Ok(answer.and_then(|answer| answer.rules).unwrap_or_default().into_iter().map(Rule::live).collect())
}

pub async fn write(aws: &Aws, bucket: &str, rules: &[Rule]) -> Result<(), ProviderError> {
    if rules.is_empty() {
        let delete = aws.s3().delete_bucket_lifecycle().bucket(bucket);
        return part(delete.send().await.operation("s3:PutLifecycleConfiguration")).map(drop);
    }
    let rules = rules.iter().map(Rule::request).collect();
    let configuration =
        BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().expect("the rules are given");
    retry(|| async {
        let put = aws.s3().put_bucket_lifecycle_configuration().bucket(bucket);
        let put = put.lifecycle_configuration(configuration.clone());
        put.send().await.operation("s3:PutLifecycleConfiguration").map(drop)
    })
    .await
}

/// The day of a time, as these blocks have it.
fn day(at: &DateTime) -> String {
    timestamp(at).chars().take("2030-01-01".len()).collect()
}

/// An object leaves by a day or by its age: age zero counts where no day is given.
fn age(days: i32, date: &str) -> Option<i32> {
    (days > 0 || date.is_empty()).then_some(days)
}

impl Rule {
    #[expect(deprecated, reason = "older rules have a prefix in the place of a filter")]
    fn live(live: LifecycleRule) -> Rule {
        let filter = live.filter.unwrap_or_else(|| LifecycleRuleFilter::builder().build());
        let (and_prefix, and_tags) =
            filter.and.map(|and| (and.prefix, and.tags.unwrap_or_default())).unwrap_or_default();
        let tags = filter.tag.into_iter().chain(and_tags).map(|tag: Tag| (tag.key, tag.value)).collect();
        let expiration = live.expiration.map(|live| Expiration {
            date: live.date.as_ref().map(day).unwrap_or_default(),
            days: live.days.unwrap_or_default(),
            expired_object_delete_marker: live.expired_object_delete_marker.unwrap_or_default(),
        });
        let old_expiration = live
            .noncurrent_version_expiration
            .map(|live| OldExpiration { days: live.noncurrent_days.unwrap_or_default() });
        let old_move = |live: NoncurrentVersionTransition| OldMove {
            days: live.noncurrent_days.unwrap_or_default(),
            storage_class: live.storage_class.map(|class| class.as_str().to_string()).unwrap_or_default(),
        };
        let moved = |live: Transition| Move {
            date: live.date.as_ref().map(day).unwrap_or_default(),
            days: live.days.unwrap_or_default(),
            storage_class: live.storage_class.map(|class| class.as_str().to_string()).unwrap_or_default(),
        };
        Rule {
            abort_incomplete_multipart_upload_days: live
                .abort_incomplete_multipart_upload
                .and_then(|abort| abort.days_after_initiation)
                .unwrap_or_default(),
            enabled: live.status == ExpirationStatus::Enabled,
            expiration: expiration.into_iter().collect(),
            id: live.id.unwrap_or_default(),
            noncurrent_version_expiration: old_expiration.into_iter().collect(),
            noncurrent_version_transition: live
                .noncurrent_version_transitions
                .unwrap_or_default()
                .into_iter()
                .map(old_move)
                .collect(),
            prefix: filter.prefix.or(and_prefix).or(live.prefix).unwrap_or_default(),
            tags,
            transition: live.transitions.unwrap_or_default().into_iter().map(moved).collect(),
        }
    }

    fn request(&self) -> LifecycleRule {
        let status = if self.enabled { ExpirationStatus::Enabled } else { ExpirationStatus::Disabled };
        let expiration = self.expiration.first().map(|expiration| {
            let by_mark = expiration.expired_object_delete_marker;
            LifecycleExpiration::builder()
                .set_date(parse_time(&expiration.date))
                .set_days(age(expiration.days, &expiration.date).filter(|days| *days > 0 || !by_mark))
                .set_expired_object_delete_marker(by_mark.then_some(true))
                .build()
        });
        let old_expiration = self
            .noncurrent_version_expiration
            .first()
            .map(|old| NoncurrentVersionExpiration::builder().set_noncurrent_days(positive(old.days)).build());
        let old_moves = self.noncurrent_version_transition.iter().map(|old| {
            NoncurrentVersionTransition::builder()
                .noncurrent_days(old.days)
                .storage_class(TransitionStorageClass::from(old.storage_class.as_str()))
                .build()
        });
        let moves = self.transition.iter().map(|moved| {
            Transition::builder()
                .set_date(parse_time(&moved.date))
                .set_days(age(moved.days, &moved.date))
                .storage_class(TransitionStorageClass::from(moved.storage_class.as_str()))
                .build()
        });
        let abort = positive(self.abort_incomplete_multipart_upload_days)
            .map(|days| AbortIncompleteMultipartUpload::builder().days_after_initiation(days).build());
        LifecycleRule::builder()
            .set_id(given(&self.id))
            .filter(self.filter())
            .status(status)
            .set_expiration(expiration)
            .set_transitions(some(moves.collect()))
            .set_noncurrent_version_expiration(old_expiration)
            .set_noncurrent_version_transitions(some(old_moves.collect()))
            .set_abort_incomplete_multipart_upload(abort)
            .build()
            .expect("the status is given")
    }

    fn filter(&self) -> LifecycleRuleFilter {
        match tags::list(&self.tags) {
            None => LifecycleRuleFilter::builder().prefix(&self.prefix).build(),
            Some(tags) => {
                let and = LifecycleRuleAndOperator::builder().prefix(&self.prefix).set_tags(Some(tags)).build();
                LifecycleRuleFilter::builder().and(and).build()
            }
        }
    }
}

fn some<T>(items: Vec<T>) -> Option<Vec<T>> {
    (!items.is_empty()).then_some(items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_come_back() {
        let rule = Rule {
            enabled: true,
            id: "old".into(),
            prefix: "logs/".into(),
            tags: Tags::from([("a".into(), "1".into())]),
            expiration: vec![Expiration { date: "2030-01-01".into(), ..Expiration::default() }],
            transition: vec![Move { days: 0, storage_class: "GLACIER".into(), ..Move::default() }],
            ..Rule::default()
        };
        assert_eq!(Rule::live(rule.request()), rule);
    }
}
