//! `data.aws_ecr_image`: an image by its tag or digest, or the newest one.

use aws_sdk_ecr::types::ImageIdentifier;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ecr::{images, repositories};
use crate::given;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    id: String,
    image_digest: String,
    /// Seconds since 1970.
    image_pushed_at: i64,
    image_size_in_bytes: i64,
    image_tag: Option<String>,
    image_tags: Vec<String>,
    image_uri: String,
    most_recent: Option<bool>,
    registry_id: String,
    repository_name: String,
}

impl DataSource for Image {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecr_image";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let tag = want.image_tag.clone().filter(|tag| !tag.is_empty());
        let is_newest = want.most_recent == Some(true);
        if want.image_digest.is_empty() && tag.is_none() && !is_newest {
            return Err(ProviderError::invalid("read data.aws_ecr_image", "nothing says which image it is")
                .hint("set one of `image_digest`, `image_tag` and `most_recent`"));
        }
        let identifier = (!want.image_digest.is_empty() || tag.is_some()).then(|| {
            let identifier = ImageIdentifier::builder().set_image_digest(given::text(&want.image_digest));
            identifier.set_image_tag(tag.clone()).build()
        });
        let registry = given::text(&want.registry_id);
        let (found, repository) = futures::try_join!(
            images(aws, registry.clone(), &want.repository_name, identifier),
            repositories(aws, registry, Some(want.repository_name.clone()))
        )?;
        let newest =
            found.into_iter().max_by_key(|image| image.image_pushed_at.map(|at| (at.secs(), at.subsec_nanos())));
        let Some(image) = newest else {
            let message = format!("the repository `{}` has no such image", want.repository_name);
            return Err(ProviderError::new(ErrorKind::NotFound, "ecr:DescribeImages", message));
        };
        let digest = image.image_digest.unwrap_or_default();
        let url = repository.into_iter().next().and_then(|repository| repository.repository_uri).unwrap_or_default();
        Ok(Image {
            id: digest.clone(),
            image_uri: format!("{url}@{digest}"),
            image_digest: digest,
            image_pushed_at: image.image_pushed_at.map(|at| at.secs()).unwrap_or_default(),
            image_size_in_bytes: image.image_size_in_bytes.unwrap_or_default(),
            image_tag: want.image_tag.clone(),
            image_tags: image.image_tags.unwrap_or_default(),
            most_recent: want.most_recent,
            registry_id: image.registry_id.unwrap_or_default(),
            repository_name: want.repository_name.clone(),
        })
    }
}
