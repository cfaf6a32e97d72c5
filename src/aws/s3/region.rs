//! Where a bucket is, and the names that follow from it.

use aws_sdk_s3::error::SdkError;
use provider::error::{ErrorKind, ProviderError};

use crate::clients::{Aws, dns_suffix_of};
use crate::failure::Operation;

/// Tells the region of a bucket in every answer to `HeadBucket`, also in refusals.
const REGION_HEADER: &str = "x-amz-bucket-region";

/// The hosted zones that aliases to websites of buckets point into, by region.
///
/// AWS General Reference, "Amazon S3 endpoints and quotas", website endpoints.
const HOSTED_ZONES: &[(&str, &str)] = &[
    ("af-south-1", "Z83WF9RJE8B12"),
    ("ap-east-1", "ZNB98KWMFR0R6"),
    ("ap-east-2", "Z064739330DAH7WJVOO93"),
    ("ap-northeast-1", "Z2M4EHUR26P7ZW"),
    ("ap-northeast-2", "Z3W03O7B5YMIYP"),
    ("ap-northeast-3", "Z2YQB5RD63NC85"),
    ("ap-south-1", "Z11RGJOFQNVJUP"),
    ("ap-south-2", "Z02976202B4EZMXIPMXF7"),
    ("ap-southeast-1", "Z3O0J2DXBE1FTB"),
    ("ap-southeast-2", "Z1WCIGYICN2BYD"),
    ("ap-southeast-3", "Z01846753K324LI26A3VV"),
    ("ap-southeast-4", "Z0312387243XT5FE14WFO"),
    ("ap-southeast-5", "Z08660063OXLMA7F1FJHU"),
    ("ap-southeast-7", "Z0031014GXUMRZG6I14G"),
    ("ca-central-1", "Z1QDHH18159H29"),
    ("ca-west-1", "Z03565811Z33SLEZTHOUL"),
    ("cn-north-1", "Z5CN8UMXT92WN"),
    ("cn-northwest-1", "Z282HJ1KT0DH03"),
    ("eu-central-1", "Z21DNDUVLTQW6Q"),
    ("eu-central-2", "Z030506016YDQGETNASS"),
    ("eu-north-1", "Z3BAZG2TWCNX0D"),
    ("eu-south-1", "Z30OZKI7KPW7MI"),
    ("eu-south-2", "Z0081959F7139GRJC19J"),
    ("eu-west-1", "Z1BKCTXD74EZPE"),
    ("eu-west-2", "Z3GKZC51ZF0DB4"),
    ("eu-west-3", "Z3R1K369G5AVDG"),
    ("il-central-1", "Z09640613K4A3MN55U7GU"),
    ("me-central-1", "Z06143092I8HRXZRUZROF"),
    ("me-south-1", "Z1MPMWCPA7YB62"),
    ("mx-central-1", "Z057606446ZNVQJJ8WOP"),
    ("sa-east-1", "Z7KQH4QJS55SO"),
    ("us-east-1", "Z3AQBSTGFYJSTF"),
    ("us-east-2", "Z2O1EMRO9K5GLX"),
    ("us-gov-east-1", "Z2NIFVYYW2VKV1"),
    ("us-gov-west-1", "Z31GFT0UA1I2HV"),
    ("us-west-1", "Z2F56UZL2M1ACD"),
    ("us-west-2", "Z3BJ6K6RIION7M"),
];

/// The first regions, whose website endpoints are written with a dash.
const DASHED: [&str; 9] = [
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "eu-west-1",
    "sa-east-1",
    "us-east-1",
    "us-gov-west-1",
    "us-west-1",
    "us-west-2",
];

/// The region a bucket is in, whichever it is; `None` when there is no such bucket.
///
/// # Errors
/// As the service: also that the bucket is somebody else's.
pub async fn find(aws: &Aws, bucket: &str) -> Result<Option<String>, ProviderError> {
    let answer = aws.s3().head_bucket().bucket(bucket).send().await;
    let told = match &answer {
        Ok(_) => None,
        Err(SdkError::ServiceError(context)) => context.raw().headers().get(REGION_HEADER).map(str::to_string),
        Err(_) => None,
    };
    let status = answer.as_ref().err().and_then(|error| error.raw_response()).map(|raw| raw.status().as_u16());
    match answer.operation("s3:HeadBucket") {
        Ok(answer) => Ok(Some(answer.bucket_region.unwrap_or_else(|| aws.region().to_string()))),
        Err(error) if error.is_not_found() => Ok(None),
        // What is elsewhere is answered with the way there, without a message.
        Err(error) => match told.filter(|told| status != Some(403) && told != aws.region()) {
            Some(told) => Ok(Some(told)),
            None => Err(error),
        },
    }
}

/// Checks that a bucket is where the provider's calls go.
///
/// # Errors
/// It is in another region.
pub fn check(aws: &Aws, bucket: &str, region: &str) -> Result<(), ProviderError> {
    if region == aws.region() {
        return Ok(());
    }
    let message = format!("the bucket `{bucket}` is in {region}, and the provider is set up for {}", aws.region());
    Err(ProviderError::new(ErrorKind::Invalid, "s3:HeadBucket", message)
        .hint(format!("give the resource a provider whose `region` is `{region}`")))
}

/// `logs.s3.amazonaws.com`
pub fn domain(aws: &Aws, bucket: &str) -> String {
    format!("{bucket}.s3.{}", aws.dns_suffix())
}

/// `logs.s3.eu-west-1.amazonaws.com`
pub fn regional_domain(bucket: &str, region: &str) -> String {
    format!("{bucket}.s3.{region}.{}", dns_suffix_of(region))
}

/// `s3-website-eu-west-1.amazonaws.com`
pub fn website_domain(region: &str) -> String {
    let separator = if DASHED.contains(&region) { '-' } else { '.' };
    format!("s3-website{separator}{region}.{}", dns_suffix_of(region))
}

/// The zone of the region's websites; empty where the region is not known.
pub fn hosted_zone(region: &str) -> &'static str {
    HOSTED_ZONES.iter().find(|(name, _)| *name == region).map_or("", |(_, zone)| zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_from_the_region() {
        assert_eq!(regional_domain("logs", "cn-north-1"), "logs.s3.cn-north-1.amazonaws.com.cn");
        assert_eq!(website_domain("us-east-1"), "s3-website-us-east-1.amazonaws.com");
        assert_eq!(website_domain("eu-central-1"), "s3-website.eu-central-1.amazonaws.com");
        assert_eq!(hosted_zone("eu-west-1"), "Z1BKCTXD74EZPE");
    }

    #[test]
    fn regions_are_sorted_and_named_once() {
        assert!(HOSTED_ZONES.is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
