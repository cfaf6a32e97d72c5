//! Tags as the ECS API has them.

use aws_sdk_ecs::types::Tag;
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::tags::TagChange;

/// Tags for a request; `None` when there are none.
pub fn request(tags: &Tags) -> Option<Vec<Tag>> {
    let tags: Vec<Tag> = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    (!tags.is_empty()).then_some(tags)
}

pub fn live(tags: Option<Vec<Tag>>) -> Tags {
    let pair = |tag: Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    tags.unwrap_or_default().into_iter().map(pair).collect()
}

/// Sets and removes tags of an object.
pub async fn update(aws: &Aws, arn: &str, change: &TagChange) -> Result<(), ProviderError> {
    if !change.remove.is_empty() {
        let keys = Some(change.remove.clone());
        aws.ecs().untag_resource().resource_arn(arn).set_tag_keys(keys).send().await.operation("ecs:UntagResource")?;
    }
    if let Some(tags) = request(&change.set) {
        aws.ecs().tag_resource().resource_arn(arn).set_tags(Some(tags)).send().await.operation("ecs:TagResource")?;
    }
    Ok(())
}
