//! `data.aws_region`: the provider's region, or another by name or endpoint. Makes no call.

use model::path::Path;
use provider::data_source::DataSource;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::{Aws, dns_suffix_of};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Region {
    description: String,
    endpoint: String,
    id: String,
    name: String,
}

impl DataSource for Region {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_region";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let by_endpoint = want.endpoint.strip_prefix("ec2.").and_then(|rest| rest.split('.').next());
        let name = match (want.name.as_str(), by_endpoint) {
            ("", None) => aws.region(),
            ("", Some(name)) => name,
            (name, _) => name,
        };
        let description = DESCRIPTIONS.iter().find(|(known, _)| *known == name).map(|(_, description)| *description);
        let Some(description) = description else {
            return Err(ProviderError::invalid("read aws_region", format!("there is no region named `{name}`"))
                .attribute(Path::attribute("name")));
        };
        let endpoint = format!("ec2.{name}.{}", dns_suffix_of(name));
        if !want.endpoint.is_empty() && want.endpoint != endpoint {
            let message = format!("the endpoint of {name} is `{endpoint}`, not `{}`", want.endpoint);
            return Err(ProviderError::invalid("read aws_region", message).attribute(Path::attribute("endpoint")));
        }
        Ok(Region { description: description.to_string(), endpoint, id: name.to_string(), name: name.to_string() })
    }
}

/// Names of regions and what AWS calls them.
const DESCRIPTIONS: &[(&str, &str)] = &[
    ("af-south-1", "Africa (Cape Town)"),
    ("ap-east-1", "Asia Pacific (Hong Kong)"),
    ("ap-east-2", "Asia Pacific (Taipei)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-northeast-2", "Asia Pacific (Seoul)"),
    ("ap-northeast-3", "Asia Pacific (Osaka)"),
    ("ap-south-1", "Asia Pacific (Mumbai)"),
    ("ap-south-2", "Asia Pacific (Hyderabad)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("ap-southeast-3", "Asia Pacific (Jakarta)"),
    ("ap-southeast-4", "Asia Pacific (Melbourne)"),
    ("ap-southeast-5", "Asia Pacific (Malaysia)"),
    ("ap-southeast-7", "Asia Pacific (Thailand)"),
    ("ca-central-1", "Canada (Central)"),
    ("ca-west-1", "Canada West (Calgary)"),
    ("cn-north-1", "China (Beijing)"),
    ("cn-northwest-1", "China (Ningxia)"),
    ("eu-central-1", "Europe (Frankfurt)"),
    ("eu-central-2", "Europe (Zurich)"),
    ("eu-north-1", "Europe (Stockholm)"),
    ("eu-south-1", "Europe (Milan)"),
    ("eu-south-2", "Europe (Spain)"),
    ("eu-west-1", "Europe (Ireland)"),
    ("eu-west-2", "Europe (London)"),
    ("eu-west-3", "Europe (Paris)"),
    ("il-central-1", "Israel (Tel Aviv)"),
    ("me-central-1", "Middle East (UAE)"),
    ("me-south-1", "Middle East (Bahrain)"),
    ("mx-central-1", "Mexico (Central)"),
    ("sa-east-1", "South America (Sao Paulo)"),
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-gov-east-1", "AWS GovCloud (US-East)"),
    ("us-gov-west-1", "AWS GovCloud (US-West)"),
    ("us-iso-east-1", "US ISO East"),
    ("us-iso-west-1", "US ISO WEST"),
    ("us-isob-east-1", "US ISOB East (Ohio)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_listed_once_and_sorted() {
        assert!(DESCRIPTIONS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
