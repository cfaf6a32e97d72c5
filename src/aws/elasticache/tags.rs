//! Tags as ElastiCache has them.

use aws_sdk_elasticache::types::Tag;
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::tags::{TOKEN_TAG, TagChange};

/// Tags for a request; `None` when there are none.
pub fn request(tags: &Tags) -> Option<Vec<Tag>> {
    let tags: Vec<Tag> = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    (!tags.is_empty()).then_some(tags)
}

/// The tags of an object; `None` when it is gone.
pub async fn list(aws: &Aws, arn: &str) -> Result<Option<Tags>, ProviderError> {
    let list = aws.elasticache().list_tags_for_resource().resource_name(arn);
    match list.send().await.operation("elasticache:ListTagsForResource") {
        Ok(answer) => {
            let pair = |tag: Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
            Ok(Some(answer.tag_list.unwrap_or_default().into_iter().map(pair).collect()))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

pub async fn update(aws: &Aws, arn: &str, change: &TagChange) -> Result<(), ProviderError> {
    if !change.remove.is_empty() {
        remove(aws, arn, change.remove.clone()).await?;
    }
    if let Some(tags) = request(&change.set) {
        let add = aws.elasticache().add_tags_to_resource().resource_name(arn).set_tags(Some(tags));
        add.send().await.operation("elasticache:AddTagsToResource")?;
    }
    Ok(())
}

/// Takes the mark of its create off an object.
pub async fn unmark(aws: &Aws, arn: &str) -> Result<(), ProviderError> {
    remove(aws, arn, vec![TOKEN_TAG.to_string()]).await
}

async fn remove(aws: &Aws, arn: &str, keys: Vec<String>) -> Result<(), ProviderError> {
    let remove = aws.elasticache().remove_tags_from_resource().resource_name(arn).set_tag_keys(Some(keys));
    remove.send().await.operation("elasticache:RemoveTagsFromResource").map(drop)
}
