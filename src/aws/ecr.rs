//! Amazon Elastic Container Registry: repositories of images, and their policies.

pub mod image_data;
pub mod lifecycle_policy;
pub mod repository;
pub mod repository_data;
pub mod repository_policy;

use aws_sdk_ecr::types::{ImageDetail, ImageIdentifier, Repository, Tag};
use provider::error::ProviderError;
use provider::resource::Tags;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given;

/// Tags for a request; `None` when there are none.
fn tags(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| {
        Tag::builder().key(key).value(value).build().expect("key and value are given")
    };
    given::list(tags.iter().map(tag))
}

async fn read_tags(aws: &Aws, arn: &str) -> Result<Tags, ProviderError> {
    let call = aws.ecr().list_tags_for_resource().resource_arn(arn);
    match call.send().await.operation("ecr:ListTagsForResource") {
        Ok(answer) => Ok(answer.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)).collect()),
        Err(error) if error.is_not_found() => Ok(Tags::new()),
        Err(error) => Err(error),
    }
}

/// Repositories of the registry: one by its name, which is an error where there is none, or all.
async fn repositories(
    aws: &Aws,
    registry_id: Option<String>,
    name: Option<String>,
) -> Result<Vec<Repository>, ProviderError> {
    // The API takes no page size together with names.
    let page = name.is_none().then_some(1000);
    let call = aws.ecr().describe_repositories().set_registry_id(registry_id).set_max_results(page);
    let pages = call.set_repository_names(name.map(|name| vec![name])).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ecr:DescribeRepositories")
}

/// Images of a repository: one by its tag or digest, or all.
async fn images(
    aws: &Aws,
    registry_id: Option<String>,
    repository: &str,
    image: Option<ImageIdentifier>,
) -> Result<Vec<ImageDetail>, ProviderError> {
    let call = aws.ecr().describe_images().set_registry_id(registry_id).repository_name(repository);
    let pages = call.set_image_ids(image.map(|image| vec![image])).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ecr:DescribeImages")
}
