//! Tags as Cloud Map has them.

use aws_sdk_servicediscovery::types::Tag;
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::tags::TagChange;

/// Tags for a request; `None` when there are none.
pub fn request(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build().expect("both are given");
    let tags: Vec<Tag> = tags.iter().map(tag).collect();
    (!tags.is_empty()).then_some(tags)
}

/// The tags of an object; `None` when it is gone.
pub async fn list(aws: &Aws, arn: &str) -> Result<Option<Tags>, ProviderError> {
    let list = aws.service_discovery().list_tags_for_resource().resource_arn(arn);
    match list.send().await.operation("servicediscovery:ListTagsForResource") {
        Ok(answer) => Ok(Some(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

pub async fn update(aws: &Aws, arn: &str, change: &TagChange) -> Result<(), ProviderError> {
    if !change.remove.is_empty() {
        let untag = aws.service_discovery().untag_resource().resource_arn(arn);
        let untag = untag.set_tag_keys(Some(change.remove.clone()));
        untag.send().await.operation("servicediscovery:UntagResource")?;
    }
    if let Some(tags) = request(&change.set) {
        let tag = aws.service_discovery().tag_resource().resource_arn(arn).set_tags(Some(tags));
        tag.send().await.operation("servicediscovery:TagResource")?;
    }
    Ok(())
}
