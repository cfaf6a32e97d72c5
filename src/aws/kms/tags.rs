//! Tags as the API of KMS has them.

use aws_sdk_kms::types::Tag;
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given;
use crate::tags::TagChange;

/// Tags for a request; `None` when there are none.
pub fn request(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| {
        Tag::builder().tag_key(key).tag_value(value).build().expect("key and value are given")
    };
    given::list(tags.iter().map(tag))
}

pub async fn read(aws: &Aws, key_id: &str) -> Result<Tags, ProviderError> {
    let pages = aws.kms().list_resource_tags().key_id(key_id).into_paginator().items().send();
    let tags = pages.collect::<Result<Vec<_>, _>>().await.operation("kms:ListResourceTags")?;
    Ok(tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value)).collect())
}

pub async fn update(aws: &Aws, key_id: &str, have: &Tags, want: &Tags) -> Result<(), ProviderError> {
    let change = TagChange::between(have, want);
    remove(aws, key_id, change.remove).await?;
    if let Some(tags) = request(&change.set) {
        let call = aws.kms().tag_resource().key_id(key_id).set_tags(Some(tags));
        call.send().await.operation("kms:TagResource")?;
    }
    Ok(())
}

pub async fn remove(aws: &Aws, key_id: &str, keys: Vec<String>) -> Result<(), ProviderError> {
    if !keys.is_empty() {
        let call = aws.kms().untag_resource().key_id(key_id).set_tag_keys(Some(keys));
        call.send().await.operation("kms:UntagResource")?;
    }
    Ok(())
}
