//! `data.aws_s3_bucket`: a bucket by its name, in whichever region it is.

use aws_sdk_s3::config::{Builder, Region};
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::{configured, region};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketData {
    arn: String,
    bucket: String,
    bucket_domain_name: String,
    bucket_regional_domain_name: String,
    hosted_zone_id: String,
    id: String,
    region: String,
    website_domain: Option<String>,
    website_endpoint: Option<String>,
}

impl DataSource for BucketData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_s3_bucket";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let name = want.bucket.as_str();
        let region = region::find(aws, name).await?.ok_or_else(|| {
            let message = format!("there is no bucket named `{name}`");
            ProviderError::new(ErrorKind::NotFound, "s3:HeadBucket", message)
        })?;
        let there = Builder::new().region(Region::new(region.clone()));
        let get = aws.s3().get_bucket_website().bucket(name).customize().config_override(there);
        let has_website = configured(get.send().await.operation("s3:GetBucketWebsite"))?.is_some();
        let website_domain = has_website.then(|| region::website_domain(&region));
        Ok(BucketData {
            arn: format!("arn:{}:s3:::{name}", aws.partition()),
            bucket: name.to_string(),
            bucket_domain_name: region::domain(aws, name),
            bucket_regional_domain_name: region::regional_domain(name, &region),
            hosted_zone_id: region::hosted_zone(&region).to_string(),
            id: name.to_string(),
            website_endpoint: website_domain.as_ref().map(|domain| format!("{name}.{domain}")),
            website_domain,
            region,
        })
    }
}
