//! `data.aws_ecr_repository`: a repository by its name, and the tags of its newest image.

use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ecr::repository::{Encryption, Scanning};
use crate::ecr::{images, read_tags, repositories};
use crate::given;
use crate::tags::shown;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Repository {
    arn: String,
    encryption_configuration: Vec<Encryption>,
    id: String,
    image_scanning_configuration: Vec<Scanning>,
    image_tag_mutability: String,
    most_recent_image_tags: Vec<String>,
    name: String,
    registry_id: String,
    repository_url: String,
    tags: Tags,
}

impl DataSource for Repository {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecr_repository";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let registry = given::text(&want.registry_id);
        let live = repositories(aws, registry.clone(), Some(want.name.clone())).await?.pop().ok_or_else(|| {
            let message = format!("there is no repository named `{}`", want.name);
            ProviderError::new(ErrorKind::NotFound, "ecr:DescribeRepositories", message)
        })?;
        let arn = live.repository_arn.unwrap_or_default();
        let (tags, images) = futures::try_join!(read_tags(aws, &arn), images(aws, registry, &want.name, None))?;
        let newest =
            images.into_iter().max_by_key(|image| image.image_pushed_at.map(|at| (at.secs(), at.subsec_nanos())));
        Ok(Repository {
            arn,
            encryption_configuration: live.encryption_configuration.map(Encryption::of).into_iter().collect(),
            id: want.name.clone(),
            image_scanning_configuration: live.image_scanning_configuration.map(Scanning::of).into_iter().collect(),
            image_tag_mutability: live.image_tag_mutability.map(|text| text.as_str().to_string()).unwrap_or_default(),
            most_recent_image_tags: newest.and_then(|image| image.image_tags).unwrap_or_default(),
            name: want.name.clone(),
            registry_id: live.registry_id.unwrap_or_default(),
            repository_url: live.repository_uri.unwrap_or_default(),
            tags: shown(aws, tags),
        })
    }
}
