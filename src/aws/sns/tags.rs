//! Tags of topics.

use aws_sdk_sns::types::Tag;
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given;
use crate::tags::TagChange;

/// Tags for a request; `None` when there are none.
pub fn request(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| {
        Tag::builder().key(key).value(value).build().expect("key and value are given")
    };
    given::list(tags.iter().map(tag))
}

pub async fn read(aws: &Aws, arn: &str) -> Result<Tags, ProviderError> {
    match aws.sns().list_tags_for_resource().resource_arn(arn).send().await.operation("sns:ListTagsForResource") {
        Ok(answer) => Ok(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect()),
        Err(error) if error.is_not_found() => Ok(Tags::new()),
        Err(error) => Err(error),
    }
}

pub async fn update(aws: &Aws, arn: &str, have: &Tags, want: &Tags) -> Result<(), ProviderError> {
    let change = TagChange::between(have, want);
    remove(aws, arn, change.remove).await?;
    if let Some(tags) = request(&change.set) {
        let call = aws.sns().tag_resource().resource_arn(arn).set_tags(Some(tags));
        call.send().await.operation("sns:TagResource")?;
    }
    Ok(())
}

pub async fn remove(aws: &Aws, arn: &str, keys: Vec<String>) -> Result<(), ProviderError> {
    if !keys.is_empty() {
        let call = aws.sns().untag_resource().resource_arn(arn).set_tag_keys(Some(keys));
        call.send().await.operation("sns:UntagResource")?;
    }
    Ok(())
}
