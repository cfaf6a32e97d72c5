//! Tags as the RDS API has them.

use aws_sdk_rds::types::Tag;
use provider::error::ProviderError;
use provider::resource::{Creation, Tags};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::tags::{self, TOKEN_TAG, TagChange};

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
        remove(aws, arn, change.remove.clone()).await?;
    }
    if let Some(tags) = request(&change.set) {
        let add = aws.rds().add_tags_to_resource().resource_name(arn).set_tags(Some(tags));
        add.send().await.operation("rds:AddTagsToResource")?;
    }
    Ok(())
}

async fn remove(aws: &Aws, arn: &str, keys: Vec<String>) -> Result<(), ProviderError> {
    let remove = aws.rds().remove_tags_from_resource().resource_name(arn).set_tag_keys(Some(keys));
    remove.send().await.operation("rds:RemoveTagsFromResource")?;
    Ok(())
}

/// Makes a new object's identity durable, then takes the mark of its create off; where it is not durable the mark stays.
pub async fn settle_new<R: Sync>(
    aws: &Aws,
    creation: &Creation<'_, R>,
    object: &R,
    arn: &str,
) -> Result<(), ProviderError> {
    tags::settle_new(creation, object, unmark(aws, arn)).await
}

/// Takes the mark of its create off an object.
pub async fn unmark(aws: &Aws, arn: &str) -> Result<(), ProviderError> {
    remove(aws, arn, vec![TOKEN_TAG.to_string()]).await
}

/// The tags of an object whose description does not hold them; `None` when the object is gone.
pub async fn list(aws: &Aws, arn: &str) -> Result<Option<Tags>, ProviderError> {
    match aws.rds().list_tags_for_resource().resource_name(arn).send().await.operation("rds:ListTagsForResource") {
        Ok(answer) => Ok(Some(live(answer.tag_list))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
