//! Tags as the API of ACM has them.

use aws_sdk_acm::types::Tag;
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given;
use crate::tags::{TOKEN_TAG, TagChange};

/// Tags for a request; `None` when there are none.
pub fn request(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    given::list(tags.iter().map(tag).map(|tag| tag.expect("the key is given")))
}

pub async fn read(aws: &Aws, arn: &str) -> Result<Tags, ProviderError> {
    let call = aws.acm().list_tags_for_certificate().certificate_arn(arn);
    match call.send().await.operation("acm:ListTagsForCertificate") {
        Ok(answer) => {
            let tags = answer.tags.unwrap_or_default();
            Ok(tags.into_iter().map(|tag| (tag.key, tag.value.unwrap_or_default())).collect())
        }
        Err(error) if error.is_not_found() => Ok(Tags::new()),
        Err(error) => Err(error),
    }
}

pub async fn update(aws: &Aws, arn: &str, have: &Tags, want: &Tags) -> Result<(), ProviderError> {
    let change = TagChange::between(have, want);
    let removed: Tags = change.remove.into_iter().map(|key| (key, String::new())).collect();
    remove(aws, arn, &removed, have).await?;
    if let Some(tags) = request(&change.set) {
        let call = aws.acm().add_tags_to_certificate().certificate_arn(arn).set_tags(Some(tags));
        call.send().await.operation("acm:AddTagsToCertificate")?;
    }
    Ok(())
}

/// Takes the mark of its create off a new certificate.
pub async fn unmark(aws: &Aws, arn: &str, token_id: &str) -> Result<(), ProviderError> {
    let mark = Tags::from([(TOKEN_TAG.to_string(), token_id.to_string())]);
    remove(aws, arn, &mark, &mark).await
}

/// Removes tags by their keys; the API wants to know the values as well.
async fn remove(aws: &Aws, arn: &str, removed: &Tags, have: &Tags) -> Result<(), ProviderError> {
    let tags: Tags = have
        .iter()
        .filter(|(key, _)| removed.contains_key(*key))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if let Some(tags) = request(&tags) {
        let call = aws.acm().remove_tags_from_certificate().certificate_arn(arn).set_tags(Some(tags));
        call.send().await.operation("acm:RemoveTagsFromCertificate")?;
    }
    Ok(())
}
