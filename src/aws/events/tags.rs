//! Tags of rules.

use aws_sdk_eventbridge::types::Tag;
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

pub fn live(tags: Vec<Tag>) -> Tags {
    tags.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

pub async fn read(aws: &Aws, arn: &str) -> Result<Tags, ProviderError> {
    let call = aws.eventbridge().list_tags_for_resource().resource_arn(arn);
    match call.send().await.operation("events:ListTagsForResource") {
        Ok(answer) => Ok(live(answer.tags.unwrap_or_default())),
        Err(error) if error.is_not_found() => Ok(Tags::new()),
        Err(error) => Err(error),
    }
}

pub async fn update(aws: &Aws, arn: &str, have: &Tags, want: &Tags) -> Result<(), ProviderError> {
    let change = TagChange::between(have, want);
    remove(aws, arn, change.remove).await?;
    if let Some(tags) = request(&change.set) {
        let call = aws.eventbridge().tag_resource().resource_arn(arn).set_tags(Some(tags));
        call.send().await.operation("events:TagResource")?;
    }
    Ok(())
}

pub async fn remove(aws: &Aws, arn: &str, keys: Vec<String>) -> Result<(), ProviderError> {
    if !keys.is_empty() {
        let call = aws.eventbridge().untag_resource().resource_arn(arn).set_tag_keys(Some(keys));
        call.send().await.operation("events:UntagResource")?;
    }
    Ok(())
}
