//! Tags of parameters, which are named by the parameter's name.

use aws_sdk_ssm::types::{ResourceTypeForTagging, Tag};
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given;
use crate::tags::TagChange;

/// Tags for a request; `None` when there are none.
pub fn request(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| {
        Tag::builder().key(key).value(value).build().expect("key and value are given")
    };
    given::list(tags.iter().map(tag))
}

pub async fn read(aws: &Aws, name: &str) -> Result<Tags, ProviderError> {
    let call = aws.ssm().list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter).resource_id(name);
    match call.send().await.operation("ssm:ListTagsForResource") {
        Ok(answer) => Ok(answer.tag_list.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect()),
        // The parameter went away in the meantime.
        Err(error) if error.is_not_found() || error.code.as_deref() == Some("InvalidResourceId") => Ok(Tags::new()),
        Err(error) => Err(error),
    }
}

pub async fn update(aws: &Aws, name: &str, have: &Tags, want: &Tags) -> Result<(), ProviderError> {
    let change = TagChange::between(have, want);
    let kind = ResourceTypeForTagging::Parameter;
    if !change.remove.is_empty() {
        let call = aws.ssm().remove_tags_from_resource().resource_type(kind.clone()).resource_id(name);
        call.set_tag_keys(Some(change.remove)).send().await.operation("ssm:RemoveTagsFromResource")?;
    }
    if let Some(tags) = request(&change.set) {
        let call = aws.ssm().add_tags_to_resource().resource_type(kind).resource_id(name);
        call.set_tags(Some(tags)).send().await.operation("ssm:AddTagsToResource")?;
    }
    Ok(())
}
