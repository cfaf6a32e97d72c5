//! `aws_ec2_tag`: one tag of an object that is not managed here.

use aws_sdk_ec2::types::{Tag as LiveTag, TagDescription};
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::filter;
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Tag {
    /// `RESOURCE_ID,KEY`
    id: String,
    key: String,
    resource_id: String,
    value: String,
}

impl Resource for Tag {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ec2_tag";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        put(aws, want).await?;
        Ok(want.identified())
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut ids: Vec<String> = have.iter().map(|tag| tag.resource_id.clone()).collect();
        ids.sort();
        ids.dedup();
        let pages = aws.ec2().describe_tags().filters(filter("resource-id", ids)).into_paginator().items().send();
        let tags = pages.collect::<Result<Vec<TagDescription>, _>>().await.operation("ec2:DescribeTags")?;
        let find = |have: &Self| {
            let is_it = |live: &&TagDescription| {
                live.resource_id.as_deref() == Some(&have.resource_id) && live.key.as_deref() == Some(&have.key)
            };
            let live = tags.iter().find(is_it)?;
            Some(Tag { value: live.value.clone().unwrap_or_default(), ..have.clone() })
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        put(aws, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let tag = LiveTag::builder().key(&have.key).build();
        let call = aws.ec2().delete_tags().resources(&have.resource_id).tags(tag);
        call.send().await.operation("ec2:DeleteTags").map(drop)
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // Tagging is idempotent: a tag of that value is the one wanted, whoever set it.
        let found = Self::read(aws, &[want.identified()]).await?.pop().flatten();
        Ok(found.filter(|found| found.value == want.value))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let Some((resource, key)) = id.split_once(',') else {
            let message = format!("`{id}` does not have the form `RESOURCE_ID,KEY`");
            return Err(ProviderError::invalid("import aws_ec2_tag", message));
        };
        Ok(Tag { id: id.to_string(), key: key.to_string(), resource_id: resource.to_string(), value: String::new() })
    }
}

impl Tag {
    fn identified(&self) -> Tag {
        Tag { id: format!("{},{}", self.resource_id, self.key), ..self.clone() }
    }
}

async fn put(aws: &Aws, want: &Tag) -> Result<(), ProviderError> {
    let tag = LiveTag::builder().key(&want.key).value(&want.value).build();
    let call = aws.ec2().create_tags().resources(&want.resource_id).tags(tag);
    call.send().await.operation("ec2:CreateTags").map(drop)
}
