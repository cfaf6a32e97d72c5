//! `aws_cloudwatch_log_stream`: what one source writes into a log group.

use aws_sdk_cloudwatchlogs::types::LogStream as Live;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::refusals;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LogStream {
    arn: String,
    id: String,
    log_group_name: String,
    name: String,
    #[serde(skip)]
    created_ms: i64,
}

impl Resource for LogStream {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_cloudwatch_log_stream";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let call = aws.cloudwatchlogs().create_log_stream().log_group_name(&want.log_group_name);
        let call = call.log_stream_name(&want.name);
        call.send().await.operation("logs:CreateLogStream").map_err(advise_where_taken)?;
        Ok(LogStream { id: want.name.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut streams = Vec::with_capacity(have.len());
        for stream in have {
            streams.push(read_one(aws, stream).await?);
        }
        Ok(streams)
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.cloudwatchlogs().delete_log_stream().log_group_name(&have.log_group_name);
        call.log_stream_name(&have.name).send().await.operation("logs:DeleteLogStream")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(stream) = read_one(aws, want).await? else { return Ok(None) };
        if stream.created_ms < token.at.as_millisecond() - 60_000 {
            let message = format!("a log stream named `{}` was there before this create", want.name);
            return Err(taken("logs:CreateLogStream", message));
        }
        Ok(Some(stream))
    }

    /// `GROUP:STREAM`; names of groups hold no colon.
    fn import(id: &str) -> Result<Self, ProviderError> {
        let Some((group, name)) = id.split_once(':').filter(|(group, name)| !group.is_empty() && !name.is_empty())
        else {
            let message = format!("`{id}` is not of the form GROUP:STREAM");
            return Err(ProviderError::invalid("import aws_cloudwatch_log_stream", message));
        };
        Ok(LogStream {
            id: name.to_string(),
            log_group_name: group.to_string(),
            name: name.to_string(),
            ..LogStream::default()
        })
    }

    /// CreateLogStream, `logStreamName`.
    fn validate(config: &Value) -> Vec<Refusal> {
        let is_allowed = |c: char| c != ':' && c != '*';
        refusals::characters(config, "name", 1..=512, is_allowed, "any but `:` and `*`").into_iter().collect()
    }
}

async fn read_one(aws: &Aws, have: &LogStream) -> Result<Option<LogStream>, ProviderError> {
    let call = aws.cloudwatchlogs().describe_log_streams().log_group_name(&have.log_group_name);
    let mut pages = call.log_stream_name_prefix(&have.name).into_paginator().items().send();
    while let Some(live) = pages.next().await {
        let live: Live = match live.operation("logs:DescribeLogStreams") {
            Ok(live) => live,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        if live.log_stream_name.as_deref() == Some(&have.name) {
            return Ok(Some(LogStream {
                arn: live.arn.unwrap_or_default(),
                id: have.name.clone(),
                created_ms: live.creation_time.unwrap_or_default(),
                ..have.clone()
            }));
        }
    }
    Ok(None)
}
