//! One rule, as the state has it and as the API has it.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, ExpirationStatus, LifecycleExpiration, LifecycleRule, LifecycleRuleAndOperator,
    LifecycleRuleFilter, NoncurrentVersionExpiration, NoncurrentVersionTransition, Tag as LiveTag, Transition,
    TransitionStorageClass,
};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::s3::{given, parse_time, tags, timestamp};

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    abort_incomplete_multipart_upload: Vec<Abort>,
    expiration: Vec<Expiration>,
    filter: Vec<Filter>,
    pub id: String,
    noncurrent_version_expiration: Vec<OldExpiration>,
    noncurrent_version_transition: Vec<OldMove>,
    prefix: String,
    pub status: String,
    transition: Vec<Move>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Abort {
    days_after_initiation: Option<i32>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Expiration {
    date: Option<String>,
    days: i32,
    expired_object_delete_marker: bool,
}

/// The condition of a rule. Only one is given; null where it is another one.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Filter {
    and: Vec<And>,
    object_size_greater_than: Option<i64>,
    object_size_less_than: Option<i64>,
    prefix: Option<String>,
    tag: Vec<Tag>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct And {
    object_size_greater_than: i64,
    object_size_less_than: i64,
    prefix: String,
    tags: Option<Tags>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Tag {
    key: String,
    value: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct OldExpiration {
    newer_noncurrent_versions: Option<i32>,
    noncurrent_days: i32,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct OldMove {
    newer_noncurrent_versions: Option<i32>,
    noncurrent_days: i32,
    storage_class: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Move {
    date: Option<String>,
    days: Option<i32>,
    storage_class: String,
}

impl Rule {
    #[expect(deprecated, reason = "older rules have a prefix in the place of a filter")]
    pub fn live(live: LifecycleRule) -> Rule {
        let abort = live.abort_incomplete_multipart_upload;
        let expiration = |live: LifecycleExpiration| Expiration {
            date: live.date.as_ref().map(timestamp),
            days: live.days.unwrap_or_default(),
            expired_object_delete_marker: live.expired_object_delete_marker.unwrap_or_default(),
        };
        let old_expiration = |live: NoncurrentVersionExpiration| OldExpiration {
            newer_noncurrent_versions: live.newer_noncurrent_versions,
            noncurrent_days: live.noncurrent_days.unwrap_or_default(),
        };
        let old_move = |live: NoncurrentVersionTransition| OldMove {
            newer_noncurrent_versions: live.newer_noncurrent_versions,
            noncurrent_days: live.noncurrent_days.unwrap_or_default(),
            storage_class: live.storage_class.map(|class| class.as_str().to_string()).unwrap_or_default(),
        };
        let moved = |live: Transition| Move {
            days: if live.date.is_some() { live.days } else { Some(live.days.unwrap_or_default()) },
            date: live.date.as_ref().map(timestamp),
            storage_class: live.storage_class.map(|class| class.as_str().to_string()).unwrap_or_default(),
        };
        let old_moves = live.noncurrent_version_transitions.unwrap_or_default();
        Rule {
            abort_incomplete_multipart_upload: abort
                .map(|abort| Abort { days_after_initiation: abort.days_after_initiation })
                .into_iter()
                .collect(),
            expiration: live.expiration.map(expiration).into_iter().collect(),
            filter: live.filter.map(Filter::live).into_iter().collect(),
            id: live.id.unwrap_or_default(),
            noncurrent_version_expiration: live.noncurrent_version_expiration.map(old_expiration).into_iter().collect(),
            noncurrent_version_transition: old_moves.into_iter().map(old_move).collect(),
            prefix: live.prefix.unwrap_or_default(),
            status: live.status.as_str().to_string(),
            transition: live.transitions.unwrap_or_default().into_iter().map(moved).collect(),
        }
    }

    #[expect(deprecated, reason = "older rules have a prefix in the place of a filter")]
    pub fn request(&self) -> LifecycleRule {
        let abort = self.abort_incomplete_multipart_upload.first().map(|abort| {
            AbortIncompleteMultipartUpload::builder().set_days_after_initiation(abort.days_after_initiation).build()
        });
        let old_expiration = self.noncurrent_version_expiration.first().map(|old| {
            NoncurrentVersionExpiration::builder()
                .set_newer_noncurrent_versions(old.newer_noncurrent_versions)
                .noncurrent_days(old.noncurrent_days)
                .build()
        });
        let rule = LifecycleRule::builder()
            .id(&self.id)
            .status(ExpirationStatus::from(self.status.as_str()))
            .set_expiration(self.expiration.first().map(Expiration::request))
            .set_transitions(some(self.transition.iter().map(Move::request).collect()))
            .set_noncurrent_version_expiration(old_expiration)
            .set_noncurrent_version_transitions(some(
                self.noncurrent_version_transition.iter().map(OldMove::request).collect(),
            ))
            .set_abort_incomplete_multipart_upload(abort);
        let rule = match self.filter.first() {
            Some(filter) => rule.filter(filter.request()),
            // The older form of a rule: a prefix, also an empty one, in the place of a filter.
            None => rule.prefix(&self.prefix),
        };
        rule.build().expect("the status is given")
    }
}

impl Expiration {
    fn request(&self) -> LifecycleExpiration {
        LifecycleExpiration::builder()
            .set_date(self.date.as_deref().and_then(parse_time))
            .set_days((self.days > 0).then_some(self.days))
            .set_expired_object_delete_marker(self.expired_object_delete_marker.then_some(true))
            .build()
    }
}

impl Move {
    fn request(&self) -> Transition {
        let date = self.date.as_deref().and_then(parse_time);
        Transition::builder()
            .set_days(if date.is_some() { None } else { Some(self.days.unwrap_or_default()) })
            .set_date(date)
            .storage_class(TransitionStorageClass::from(self.storage_class.as_str()))
            .build()
    }
}

impl OldMove {
    fn request(&self) -> NoncurrentVersionTransition {
        NoncurrentVersionTransition::builder()
            .set_newer_noncurrent_versions(self.newer_noncurrent_versions)
            .noncurrent_days(self.noncurrent_days)
            .storage_class(TransitionStorageClass::from(self.storage_class.as_str()))
            .build()
    }
}

impl Filter {
    fn live(live: LifecycleRuleFilter) -> Filter {
        let is_empty = live.and.is_none()
            && live.tag.is_none()
            && live.object_size_greater_than.is_none()
            && live.object_size_less_than.is_none();
        let and = |live: LifecycleRuleAndOperator| And {
            object_size_greater_than: live.object_size_greater_than.unwrap_or_default(),
            object_size_less_than: live.object_size_less_than.unwrap_or_default(),
            prefix: live.prefix.unwrap_or_default(),
            tags: live.tags.map(|tags| tags.into_iter().map(|tag| (tag.key, tag.value)).collect::<BTreeMap<_, _>>()),
        };
        Filter {
            and: live.and.map(and).into_iter().collect(),
            object_size_greater_than: live.object_size_greater_than,
            object_size_less_than: live.object_size_less_than,
            prefix: if is_empty { Some(live.prefix.unwrap_or_default()) } else { live.prefix },
            tag: live.tag.map(|tag| Tag { key: tag.key, value: tag.value }).into_iter().collect(),
        }
    }

    fn request(&self) -> LifecycleRuleFilter {
        let tag = self
            .tag
            .first()
            .map(|tag| LiveTag::builder().key(&tag.key).value(&tag.value).build().expect("both are given"));
        let and = self.and.first().map(|and| {
            LifecycleRuleAndOperator::builder()
                .set_object_size_greater_than(
                    (and.object_size_greater_than > 0).then_some(and.object_size_greater_than),
                )
                .set_object_size_less_than((and.object_size_less_than > 0).then_some(and.object_size_less_than))
                .set_prefix(given(&and.prefix))
                .set_tags(and.tags.as_ref().and_then(tags::list))
                .build()
        });
        LifecycleRuleFilter::builder()
            .set_and(and)
            .set_object_size_greater_than(self.object_size_greater_than)
            .set_object_size_less_than(self.object_size_less_than)
            .set_prefix(self.prefix.clone())
            .set_tag(tag)
            .build()
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
        let filters = [
            Filter { prefix: Some(String::new()), ..Filter::default() },
            Filter { object_size_less_than: Some(500), ..Filter::default() },
            Filter { tag: vec![Tag { key: "a".into(), value: "1".into() }], ..Filter::default() },
            Filter {
                and: vec![And {
                    object_size_greater_than: 5,
                    tags: Some(Tags::from([("a".into(), "1".into())])),
                    ..And::default()
                }],
                ..Filter::default()
            },
        ];
        for filter in filters {
            let rule = Rule {
                id: "a".into(),
                status: "Enabled".into(),
                filter: vec![filter],
                expiration: vec![Expiration { days: 90, ..Expiration::default() }],
                transition: vec![
                    Move { days: Some(30), storage_class: "STANDARD_IA".into(), ..Move::default() },
                    Move { date: Some("2030-01-01T00:00:00Z".into()), storage_class: "GLACIER".into(), days: None },
                ],
                ..Rule::default()
            };
            assert_eq!(Rule::live(rule.request()), rule);
        }
        let older = Rule { id: "a".into(), status: "Disabled".into(), prefix: "logs/".into(), ..Rule::default() };
        assert_eq!(Rule::live(older.request()), older);
    }
}
