//! Tags of hosted zones: read ten zones a call.

use aws_sdk_route53::types::{Tag, TagResourceType};
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::route53::change::in_turn;
use crate::tags::TagChange;

/// How many zones one call reads the tags of, and how many tags one call sets or removes.
const CALL_MAX: usize = 10;

/// The tags of each of these zones, in order.
pub async fn read(aws: &Aws, zones: &[&str]) -> Result<Vec<Tags>, ProviderError> {
    let mut found = Vec::with_capacity(zones.len());
    for zones in zones.chunks(CALL_MAX) {
        let list = aws.route53().list_tags_for_resources().resource_type(TagResourceType::Hostedzone);
        let list = list.set_resource_ids(Some(zones.iter().map(ToString::to_string).collect()));
        let answer = list.send().await.operation("route53:ListTagsForResources")?;
        let tags = |zone: &&str| {
            let set = answer.resource_tag_sets.iter().find(|set| set.resource_id.as_deref() == Some(*zone));
            let tags = set.and_then(|set| set.tags.clone()).unwrap_or_default();
            tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect()
        };
        found.extend(zones.iter().map(tags));
    }
    Ok(found)
}

pub async fn update(aws: &Aws, zone: &str, change: &TagChange) -> Result<(), ProviderError> {
    let set: Vec<Tag> = change.set.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    let removals = change.remove.chunks(CALL_MAX).map(|keys| (Vec::new(), keys.to_vec()));
    let additions = set.chunks(CALL_MAX).map(|tags| (tags.to_vec(), Vec::new()));
    for (tags, keys) in removals.chain(additions) {
        in_turn(|| async {
            let change = aws.route53().change_tags_for_resource().resource_type(TagResourceType::Hostedzone);
            let change = change.resource_id(zone).set_add_tags(some(&tags)).set_remove_tag_keys(some(&keys));
            change.send().await.operation("route53:ChangeTagsForResource").map(drop)
        })
        .await?;
    }
    Ok(())
}

fn some<T: Clone>(items: &[T]) -> Option<Vec<T>> {
    (!items.is_empty()).then(|| items.to_vec())
}
