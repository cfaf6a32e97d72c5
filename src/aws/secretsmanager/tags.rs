//! Tags as the API of Secrets Manager has them.

use aws_sdk_secretsmanager::types::Tag;
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given;
use crate::tags::TagChange;

/// Tags for a request; `None` when there are none.
pub fn request(tags: &Tags) -> Option<Vec<Tag>> {
    given::list(tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()))
}

pub fn live(tags: Option<Vec<Tag>>) -> Tags {
    let pair = |tag: Tag| Some((tag.key?, tag.value.unwrap_or_default()));
    tags.unwrap_or_default().into_iter().filter_map(pair).collect()
}

pub async fn update(aws: &Aws, secret_id: &str, have: &Tags, want: &Tags) -> Result<(), ProviderError> {
    let change = TagChange::between(have, want);
    if !change.remove.is_empty() {
        let untag = aws.secretsmanager().untag_resource().secret_id(secret_id).set_tag_keys(Some(change.remove));
        untag.send().await.operation("secretsmanager:UntagResource")?;
    }
    if let Some(tags) = request(&change.set) {
        let tag = aws.secretsmanager().tag_resource().secret_id(secret_id).set_tags(Some(tags));
        tag.send().await.operation("secretsmanager:TagResource")?;
    }
    Ok(())
}
