//! Tags of EC2 objects, and the one that marks a new object.

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Tags};

use crate::clients::Aws;
use crate::ec2::filter;
use crate::failure::Operation;
use crate::tags::{self, TOKEN_TAG, TagChange};

/// The tags of a new object: those wanted, and the one with the token.
pub fn of_new(kind: ResourceType, tags: &Tags, token: &Token) -> TagSpecification {
    let mark = tag(TOKEN_TAG, &token.id);
    let tags = tags.iter().map(|(key, value)| tag(key, value)).chain([mark]).collect();
    TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()
}

/// Makes a new object's identity durable, then takes its mark off; where it is not durable the mark stays.
pub async fn settle_new<R: Sync>(
    aws: &Aws,
    creation: &Creation<'_, R>,
    object: &R,
    id: &str,
) -> Result<(), ProviderError> {
    tags::settle_new(creation, object, unmark(aws, id)).await
}

/// Takes the mark off an object.
pub async fn unmark(aws: &Aws, id: &str) -> Result<(), ProviderError> {
    unmark_all(aws, vec![id.to_string()]).await
}

/// Takes the marks off all objects of one create.
pub async fn unmark_all(aws: &Aws, ids: Vec<String>) -> Result<(), ProviderError> {
    let mark = Tag::builder().key(TOKEN_TAG).build();
    aws.ec2().delete_tags().set_resources(Some(ids)).tags(mark).send().await.operation("ec2:DeleteTags")?;
    Ok(())
}

/// Finds the object that a create marked.
pub fn marked(token: &Token) -> Filter {
    filter(&format!("tag:{TOKEN_TAG}"), [token.id.as_ref()])
}

pub fn live(tags: Option<Vec<Tag>>) -> Tags {
    let pair = |tag: Tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default());
    tags.unwrap_or_default().into_iter().map(pair).collect()
}

/// Sets and removes tags of an object.
pub async fn update(aws: &Aws, id: &str, have: &Tags, want: &Tags) -> Result<(), ProviderError> {
    let change = TagChange::between(have, want);
    if !change.remove.is_empty() {
        let tags = change.remove.iter().map(|key| Tag::builder().key(key).build()).collect();
        aws.ec2().delete_tags().resources(id).set_tags(Some(tags)).send().await.operation("ec2:DeleteTags")?;
    }
    if !change.set.is_empty() {
        let tags = change.set.iter().map(|(key, value)| tag(key, value)).collect();
        aws.ec2().create_tags().resources(id).set_tags(Some(tags)).send().await.operation("ec2:CreateTags")?;
    }
    Ok(())
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}
