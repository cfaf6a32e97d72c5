//! `data.aws_partition`: the partition that the provider's region belongs to. Makes no call.

use provider::data_source::DataSource;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Partition {
    dns_suffix: String,
    id: String,
    partition: String,
    reverse_dns_prefix: String,
}

impl DataSource for Partition {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_partition";

    async fn read(aws: &Aws, _want: &Self) -> Result<Self, ProviderError> {
        let parts: Vec<&str> = aws.dns_suffix().rsplit('.').collect();
        Ok(Partition {
            dns_suffix: aws.dns_suffix().to_string(),
            id: aws.partition().to_string(),
            partition: aws.partition().to_string(),
            reverse_dns_prefix: parts.join("."),
        })
    }
}
