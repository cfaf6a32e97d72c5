//! `data.aws_elb_service_account`: the account from which load balancers of a region write access logs. Makes no call.
//!
//! Regions opened since August 2022 have no such account: there a service principal writes the logs.

use model::path::Path;
use provider::data_source::DataSource;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceAccount {
    arn: String,
    id: String,
    region: Option<String>,
}

impl DataSource for ServiceAccount {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_elb_service_account";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let region = want.region.as_deref().unwrap_or(aws.region());
        let Some((_, account)) = ACCOUNTS.iter().find(|(known, _)| *known == region) else {
            let message = format!("load balancers of `{region}` have no account to write logs from");
            return Err(ProviderError::invalid("read aws_elb_service_account", message)
                .attribute(Path::attribute("region"))
                .hint("let the bucket's policy name the principal `{ Service = \"logdelivery.elasticloadbalancing.amazonaws.com\" }`"));
        };
        Ok(ServiceAccount {
            arn: format!("arn:{}:iam::{account}:root", aws.partition()),
            id: (*account).to_string(),
            region: want.region.clone(),
        })
    }
}

/// Regions and the accounts of Elastic Load Balancing in them, as its user guide lists them.
const ACCOUNTS: &[(&str, &str)] = &[
    ("af-south-1", "098369216593"),
    ("ap-east-1", "754344448648"),
    ("ap-northeast-1", "582318560864"),
    ("ap-northeast-2", "600734575887"),
    ("ap-northeast-3", "383597477331"),
    ("ap-south-1", "718504428378"),
    ("ap-southeast-1", "114774131450"),
    ("ap-southeast-2", "783225319266"),
    ("ap-southeast-3", "589379963580"),
    ("ca-central-1", "985666609251"),
    ("cn-north-1", "638102146993"),
    ("cn-northwest-1", "037604701340"),
    ("eu-central-1", "054676820928"),
    ("eu-north-1", "897822967062"),
    ("eu-south-1", "635631232127"),
    ("eu-west-1", "156460612806"),
    ("eu-west-2", "652711504416"),
    ("eu-west-3", "009996457667"),
    ("me-south-1", "076674570225"),
    ("sa-east-1", "507241528517"),
    ("us-east-1", "127311923021"),
    ("us-east-2", "033677994240"),
    ("us-gov-east-1", "190560391635"),
    ("us-gov-west-1", "048591011584"),
    ("us-west-1", "027434742980"),
    ("us-west-2", "797873946194"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_listed_once_and_sorted() {
        assert!(ACCOUNTS.is_sorted_by(|a, b| a.0 < b.0));
    }
}
