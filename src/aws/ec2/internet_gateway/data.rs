//! `data.aws_internet_gateway`: an internet gateway by its identifier, its VPC (as a filter), or its tags.

use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{query, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "ec2:DescribeInternetGateways";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InternetGatewayData {
    arn: String,
    attachments: Vec<Attachment>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    internet_gateway_id: String,
    owner_id: String,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Attachment {
    state: String,
    vpc_id: String,
}

impl DataSource for InternetGatewayData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_internet_gateway";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let attributes = [("internet-gateway-id", want.internet_gateway_id.as_str())];
        let filters = query::filters(attributes, &want.tags, &want.filter);
        let pages = aws.ec2().describe_internet_gateways().set_filters(filters).into_paginator().items().send();
        let found = pages.collect::<Result<Vec<_>, _>>().await.operation(OPERATION)?;
        let live = found::only_one(found, OPERATION, "an internet gateway")?;
        let id = live.internet_gateway_id.unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let attachments = live.attachments.unwrap_or_default().into_iter().map(|attachment| Attachment {
            state: attachment.state.map(|state| state.as_str().to_string()).unwrap_or_default(),
            vpc_id: attachment.vpc_id.unwrap_or_default(),
        });
        Ok(InternetGatewayData {
            arn: aws.ec2_arn("internet-gateway", &owner_id, &id),
            attachments: attachments.collect(),
            id: id.clone(),
            internet_gateway_id: id,
            owner_id,
            tags: shown(aws, tags::live(live.tags)),
            ..want.clone()
        })
    }
}
