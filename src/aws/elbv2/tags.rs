//! Tags as the ELBv2 API has them: read and changed by calls of their own, 20 objects at a time.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::Tag;
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::batch;
use crate::clients::Aws;
use crate::elbv2::BATCH;
use crate::failure::Operation;
use crate::tags::TagChange;

/// Tags for a request; `None` when there are none.
pub fn request(tags: &Tags) -> Option<Vec<Tag>> {
    let tags: Vec<Tag> = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    (!tags.is_empty()).then_some(tags)
}

/// The tags of objects, at most 20, by ARN.
pub async fn read(aws: &Aws, arns: &[String]) -> Result<BTreeMap<String, Tags>, ProviderError> {
    let described = batch::known(arns, |arns| async move {
        let answer = aws.elbv2().describe_tags().set_resource_arns(Some(arns)).send().await;
        Ok(answer.operation("elasticloadbalancing:DescribeTags")?.tag_descriptions.unwrap_or_default())
    });
    let pair = |tag: Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    let tags = described.await?.into_iter().map(|described| {
        let tags = described.tags.unwrap_or_default().into_iter().map(pair).collect();
        (described.resource_arn.unwrap_or_default(), tags)
    });
    Ok(tags.collect())
}

/// The objects, by ARN, that have all of these tags: all of them where no tags are asked for.
pub async fn having(aws: &Aws, mut arns: Vec<String>, wanted: &Tags) -> Result<Vec<String>, ProviderError> {
    if wanted.is_empty() {
        return Ok(arns);
    }
    let mut known = BTreeMap::new();
    for arns in arns.chunks(BATCH) {
        known.extend(read(aws, arns).await?);
    }
    let has_tags = |arn: &String| {
        known.get(arn).is_some_and(|tags| wanted.iter().all(|(key, value)| tags.get(key) == Some(value)))
    };
    arns.retain(has_tags);
    Ok(arns)
}

/// Sets and removes tags of an object.
pub async fn update(aws: &Aws, arn: &str, have: &Tags, want: &Tags) -> Result<(), ProviderError> {
    let change = TagChange::between(have, want);
    if !change.remove.is_empty() {
        let call = aws.elbv2().remove_tags().resource_arns(arn).set_tag_keys(Some(change.remove.clone()));
        call.send().await.operation("elasticloadbalancing:RemoveTags")?;
    }
    if let Some(tags) = request(&change.set) {
        let call = aws.elbv2().add_tags().resource_arns(arn).set_tags(Some(tags));
        call.send().await.operation("elasticloadbalancing:AddTags")?;
    }
    Ok(())
}
