//! What has calls of its own: recovery to a point in time, the expiry of items, and tags.

use aws_sdk_dynamodb::types::{
    PointInTimeRecoverySpecification, PointInTimeRecoveryStatus, Tag, TimeToLiveSpecification, TimeToLiveStatus,
};
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::dynamodb::table::{Table, Timed, change};
use crate::failure::Operation;
use crate::tags::TagChange;

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Recovery {
    enabled: bool,
    recovery_period_in_days: i32,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct TimeToLive {
    attribute_name: String,
    enabled: bool,
}

/// How items expire, and whether a change of that is under way.
pub struct Expiry {
    pub ttl: TimeToLive,
    pub is_moving: bool,
}

/// Brings all three from what there is to what is wanted.
pub async fn update(aws: &Aws, have: &Table, want: &Table, timed: Timed) -> Result<(), ProviderError> {
    let patience = want.patience(timed);
    if have.point_in_time_recovery != want.point_in_time_recovery
        && let Some(recovery) = want.point_in_time_recovery.first()
    {
        let days =
            (recovery.enabled && recovery.recovery_period_in_days > 0).then_some(recovery.recovery_period_in_days);
        let specification = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(recovery.enabled)
            .set_recovery_period_in_days(days)
            .build()
            .expect("whether it is enabled is given");
        change::in_turn(patience, || async {
            let update = aws.dynamodb().update_continuous_backups().table_name(&want.name);
            let update = update.point_in_time_recovery_specification(specification.clone());
            update.send().await.operation("dynamodb:UpdateContinuousBackups").map(drop)
        })
        .await?;
    }
    if have.ttl != want.ttl {
        for step in TimeToLive::steps(have.ttl.first(), want.ttl.first()) {
            let specification = step.request();
            change::in_turn(patience, || async {
                let update = aws.dynamodb().update_time_to_live().table_name(&want.name);
                let update = update.time_to_live_specification(specification.clone());
                update.send().await.operation("dynamodb:UpdateTimeToLive").map(drop)
            })
            .await?;
        }
    }
    update_tags(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
}

impl TimeToLive {
    /// What to ask for: items that expire by another attribute stop expiring first.
    fn steps(have: Option<&TimeToLive>, want: Option<&TimeToLive>) -> Vec<TimeToLive> {
        let off = |had: &TimeToLive| TimeToLive { enabled: false, ..had.clone() };
        let on = |want: &TimeToLive| want.enabled && !want.attribute_name.is_empty();
        match (have.filter(|have| have.enabled), want.filter(|want| on(want))) {
            (None, None) => Vec::new(),
            (None, Some(want)) => vec![want.clone()],
            (Some(have), None) => vec![off(have)],
            (Some(have), Some(want)) if have.attribute_name == want.attribute_name => Vec::new(),
            (Some(have), Some(want)) => vec![off(have), want.clone()],
        }
    }

    fn request(&self) -> TimeToLiveSpecification {
        let specification = TimeToLiveSpecification::builder().enabled(self.enabled);
        specification.attribute_name(&self.attribute_name).build().expect("both are given")
    }
}

pub async fn recovery(aws: &Aws, table: &str) -> Result<Option<Recovery>, ProviderError> {
    let describe = aws.dynamodb().describe_continuous_backups().table_name(table);
    let answer = match describe.send().await.operation("dynamodb:DescribeContinuousBackups") {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() || is_unknown(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let recovery = answer.continuous_backups_description.and_then(|backups| backups.point_in_time_recovery_description);
    Ok(recovery.map(|recovery| Recovery {
        enabled: recovery.point_in_time_recovery_status == Some(PointInTimeRecoveryStatus::Enabled),
        recovery_period_in_days: recovery.recovery_period_in_days.unwrap_or_default(),
    }))
}

pub async fn expiry(aws: &Aws, table: &str) -> Result<Option<Expiry>, ProviderError> {
    let describe = aws.dynamodb().describe_time_to_live().table_name(table);
    let answer = match describe.send().await.operation("dynamodb:DescribeTimeToLive") {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() || is_unknown(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let live = answer.time_to_live_description;
    let status = live.as_ref().and_then(|live| live.time_to_live_status.clone());
    Ok(Some(Expiry {
        is_moving: matches!(status, Some(TimeToLiveStatus::Enabling | TimeToLiveStatus::Disabling)),
        ttl: TimeToLive {
            attribute_name: live.and_then(|live| live.attribute_name).unwrap_or_default(),
            enabled: status == Some(TimeToLiveStatus::Enabled),
        },
    }))
}

/// Whether the service speaks DynamoDB's language without knowing this call.
fn is_unknown(error: &ProviderError) -> bool {
    error.code.as_deref() == Some("UnknownOperationException")
}

pub fn tags_request(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build().expect("both are given");
    let tags: Vec<Tag> = tags.iter().map(tag).collect();
    (!tags.is_empty()).then_some(tags)
}

/// The tags of a table; `None` when it is gone.
pub async fn tags(aws: &Aws, arn: &str) -> Result<Option<Tags>, ProviderError> {
    let mut tags = Tags::new();
    let mut next = None;
    loop {
        let list = aws.dynamodb().list_tags_of_resource().resource_arn(arn).set_next_token(next);
        let page = match list.send().await.operation("dynamodb:ListTagsOfResource") {
            Ok(page) => page,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        tags.extend(page.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
        next = page.next_token;
        if next.is_none() {
            return Ok(Some(tags));
        }
    }
}

async fn update_tags(aws: &Aws, arn: &str, change: &TagChange) -> Result<(), ProviderError> {
    if !change.remove.is_empty() {
        let untag = aws.dynamodb().untag_resource().resource_arn(arn).set_tag_keys(Some(change.remove.clone()));
        untag.send().await.operation("dynamodb:UntagResource")?;
    }
    if let Some(tags) = tags_request(&change.set) {
        let tag = aws.dynamodb().tag_resource().resource_arn(arn).set_tags(Some(tags));
        tag.send().await.operation("dynamodb:TagResource")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_stop_expiring_by_one_attribute_before_they_expire_by_another() {
        let by = |name: &str, enabled| TimeToLive { attribute_name: name.into(), enabled };
        assert_eq!(TimeToLive::steps(Some(&by("a", true)), Some(&by("b", true))), [by("a", false), by("b", true)]);
        assert_eq!(TimeToLive::steps(Some(&by("a", true)), Some(&by("a", false))), [by("a", false)]);
        assert_eq!(TimeToLive::steps(Some(&by("", false)), Some(&by("a", true))), [by("a", true)]);
        assert!(TimeToLive::steps(Some(&by("", false)), None).is_empty());
    }
}
