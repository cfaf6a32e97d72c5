//! `aws_cloudwatch_log_group`: where log streams live, and for how long.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::types::{LogGroup as LiveLogGroup, LogGroupClass};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::given::text as given;
use crate::names;
use crate::tags::TagChange;

/// How many names one DescribeLogGroups takes: more are looked up by a prefix they share.
const IDENTIFIERS_MAX: usize = 50;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogGroup {
    arn: String,
    id: String,
    kms_key_id: String,
    log_group_class: String,
    name: String,
    name_prefix: String,
    retention_in_days: i32,
    skip_destroy: bool,
    tags: Tags,
    tags_all: Tags,
    #[serde(skip)]
    created_ms: i64,
}

impl Resource for LogGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_cloudwatch_log_group";
    const READ_BATCH: usize = IDENTIFIERS_MAX;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        aws.cloudwatchlogs()
            .create_log_group()
            .log_group_name(&name)
            .set_kms_key_id(given(&want.kms_key_id))
            .set_log_group_class(given(&want.log_group_class).map(|class| LogGroupClass::from(class.as_str())))
            .set_tags(
                Some(want.tags_all.clone().into_iter().collect())
                    .filter(|tags: &std::collections::HashMap<_, _>| !tags.is_empty()),
            )
            .send()
            .await
            .operation("logs:CreateLogGroup")?;
        let group = LogGroup { id: name.clone(), name, ..want.clone() };
        let _durable = creation.born(&group).await;
        if want.retention_in_days != 0 {
            set_retention(aws, &group.name, want.retention_in_days).await?;
        }
        Ok(group)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, have).await?;
        let mut groups = Vec::with_capacity(have.len());
        for group in have {
            groups.push(match live.get(&group.id) {
                Some(live) => Some(group.with_live(aws, live).await?),
                None => None,
            });
        }
        Ok(groups)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let logs = aws.cloudwatchlogs();
        if have.retention_in_days != want.retention_in_days {
            set_retention(aws, &have.id, want.retention_in_days).await?;
        }
        match (have.kms_key_id == want.kms_key_id, given(&want.kms_key_id)) {
            (true, _) => {}
            (false, Some(key)) => {
                let associate = logs.associate_kms_key().log_group_name(&have.id).kms_key_id(key);
                associate.send().await.operation("logs:AssociateKmsKey")?;
            }
            (false, None) => {
                let disassociate = logs.disassociate_kms_key().log_group_name(&have.id);
                disassociate.send().await.operation("logs:DisassociateKmsKey")?;
            }
        }
        let change = TagChange::between(&have.tags_all, &want.tags_all);
        if !change.remove.is_empty() {
            let untag = logs.untag_resource().resource_arn(&have.arn).set_tag_keys(Some(change.remove));
            untag.send().await.operation("logs:UntagResource")?;
        }
        if !change.set.is_empty() {
            let tag = logs.tag_resource().resource_arn(&have.arn).set_tags(Some(change.set.into_iter().collect()));
            tag.send().await.operation("logs:TagResource")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.skip_destroy {
            return Ok(());
        }
        let delete = aws.cloudwatchlogs().delete_log_group().log_group_name(&have.id);
        delete.send().await.operation("logs:DeleteLogGroup")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, token);
        let wanted = LogGroup { id: name.clone(), ..want.clone() };
        let Some(group) = Self::read(aws, &[wanted]).await?.pop().flatten() else { return Ok(None) };
        if group.created_ms < token.at.as_millisecond() - 60_000 {
            let message = format!("a log group named `{name}` was there before this create");
            return Err(taken("logs:CreateLogGroup", message));
        }
        Ok(Some(group))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(LogGroup { id: id.to_string(), ..LogGroup::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        ["name", "name_prefix"].into_iter().filter_map(|attribute| refuse_name(config, attribute)).collect()
    }
}

fn refuse_name(config: &Value, attribute: &str) -> Option<Refusal> {
    let name = config.get(attribute)?;
    let name = name.reveal().as_str()?;
    let length_max = if attribute == "name" { 512 } else { 512 - names::SUFFIX_LENGTH };
    let is_valid = name.chars().all(|c| c.is_ascii_alphanumeric() || "-_./#".contains(c))
        && (1..=length_max).contains(&name.len());
    (!is_valid).then(|| Refusal {
        attribute: Path::attribute(attribute),
        summary: format!("invalid value for {attribute}"),
        detail: format!("It must have 1 to {length_max} letters, digits or characters of `-_./#`."),
    })
}

impl LogGroup {
    async fn with_live(&self, aws: &Aws, live: &LiveLogGroup) -> Result<LogGroup, ProviderError> {
        // The API's own ARN ends in `:*`, which stands for the streams.
        let arn = live.arn.as_deref().unwrap_or_default().trim_end_matches(":*").to_string();
        let tags = aws.cloudwatchlogs().list_tags_for_resource().resource_arn(&arn);
        let tags = tags.send().await.operation("logs:ListTagsForResource")?;
        Ok(LogGroup {
            arn,
            kms_key_id: live.kms_key_id.clone().unwrap_or_default(),
            log_group_class: live.log_group_class.as_ref().map(|class| class.as_str().to_string()).unwrap_or_default(),
            name: self.id.clone(),
            retention_in_days: live.retention_in_days.unwrap_or_default(),
            tags_all: tags.tags.unwrap_or_default().into_iter().collect(),
            created_ms: live.creation_time.unwrap_or_default(),
            ..self.clone()
        })
    }
}

/// Live groups by name: one call for one group, else pages of the prefix that all names share.
async fn describe(aws: &Aws, groups: &[LogGroup]) -> Result<BTreeMap<String, LiveLogGroup>, ProviderError> {
    let prefix = common_prefix(groups.iter().map(|group| group.id.as_str()));
    let mut pages = aws
        .cloudwatchlogs()
        .describe_log_groups()
        .set_log_group_name_prefix(given(prefix))
        .into_paginator()
        .items()
        .send();
    let mut live = BTreeMap::new();
    while let Some(group) = pages.next().await {
        let group = group.operation("logs:DescribeLogGroups")?;
        let name = group.log_group_name.clone().unwrap_or_default();
        if groups.iter().any(|wanted| wanted.id == name) {
            live.insert(name, group);
        }
        if live.len() == groups.len() {
            break;
        }
    }
    Ok(live)
}

fn common_prefix<'a>(mut names: impl Iterator<Item = &'a str>) -> &'a str {
    let Some(first) = names.next() else { return "" };
    names.fold(first, |prefix, name| {
        let end = prefix.char_indices().zip(name.chars()).find(|((_, a), b)| a != b).map(|((at, _), _)| at);
        &prefix[..end.unwrap_or(prefix.len().min(name.len()))]
    })
}

async fn set_retention(aws: &Aws, name: &str, days: i32) -> Result<(), ProviderError> {
    let logs = aws.cloudwatchlogs();
    if days == 0 {
        let delete = logs.delete_retention_policy().log_group_name(name);
        delete.send().await.operation("logs:DeleteRetentionPolicy")?;
    } else {
        let put = logs.put_retention_policy().log_group_name(name).retention_in_days(days);
        put.send().await.operation("logs:PutRetentionPolicy")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_looked_up_by_the_prefix_they_share() {
        assert_eq!(common_prefix(["/ecs/api", "/ecs/web"].into_iter()), "/ecs/");
        assert_eq!(common_prefix(["/ecs/api"].into_iter()), "/ecs/api");
        assert_eq!(common_prefix(["a", "ab"].into_iter()), "a");
        assert_eq!(common_prefix(["a", "b"].into_iter()), "");
    }
}
