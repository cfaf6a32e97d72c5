//! `data.aws_cloudwatch_log_group`: a log group by its name.

use model::path::Path;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::tags::shown;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogGroup {
    arn: String,
    /// Milliseconds since 1970.
    creation_time: i64,
    id: String,
    kms_key_id: String,
    log_group_class: String,
    name: String,
    retention_in_days: i32,
    tags: Tags,
}

impl DataSource for LogGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_cloudwatch_log_group";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let logs = aws.cloudwatchlogs();
        let mut pages = logs.describe_log_groups().log_group_name_prefix(&want.name).into_paginator().items().send();
        let live = loop {
            let Some(group) = pages.next().await else {
                let message = format!("there is no log group named `{}`", want.name);
                return Err(ProviderError::new(ErrorKind::NotFound, "logs:DescribeLogGroups", message)
                    .attribute(Path::attribute("name")));
            };
            let group = group.operation("logs:DescribeLogGroups")?;
            if group.log_group_name.as_deref() == Some(want.name.as_str()) {
                break group;
            }
        };
        // The API's own ARN ends in `:*`, which stands for the streams.
        let arn = live.arn.unwrap_or_default().trim_end_matches(":*").to_string();
        let tags =
            logs.list_tags_for_resource().resource_arn(&arn).send().await.operation("logs:ListTagsForResource")?;
        Ok(LogGroup {
            arn,
            creation_time: live.creation_time.unwrap_or_default(),
            id: want.name.clone(),
            kms_key_id: live.kms_key_id.unwrap_or_default(),
            log_group_class: live.log_group_class.map(|class| class.as_str().to_string()).unwrap_or_default(),
            name: want.name.clone(),
            retention_in_days: live.retention_in_days.unwrap_or_default(),
            tags: shown(aws, tags.tags.unwrap_or_default().into_iter().collect()),
        })
    }
}
