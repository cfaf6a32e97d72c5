//! Tags as the IAM API has them.

use aws_sdk_iam::types::Tag;
use provider::resource::Tags;

/// Tags for a request; `None` when there are none.
pub fn request(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| {
        Tag::builder().key(key).value(value).build().expect("key and value are given")
    };
    let tags: Vec<Tag> = tags.iter().map(tag).collect();
    (!tags.is_empty()).then_some(tags)
}

pub fn live(tags: Option<Vec<Tag>>) -> Tags {
    tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect()
}
