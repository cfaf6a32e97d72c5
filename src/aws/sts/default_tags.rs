//! `data.aws_default_tags`: the provider's own default tags. Makes no call.

use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::{Cloud, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::tags::shown;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultTags {
    id: String,
    tags: Tags,
}

impl DataSource for DefaultTags {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_default_tags";

    async fn read(aws: &Aws, _want: &Self) -> Result<Self, ProviderError> {
        Ok(DefaultTags { id: aws.partition().to_string(), tags: shown(aws, aws.default_tags().clone()) })
    }
}
