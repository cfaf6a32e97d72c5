//! `data.aws_security_group` and `data.aws_security_groups`: security groups by what they are.

use aws_sdk_ec2::types::{Filter, SecurityGroup as Live};
use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{query, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "ec2:DescribeSecurityGroups";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SecurityGroupData {
    arn: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    name: String,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    vpc_id: String,
}

impl DataSource for SecurityGroupData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_security_group";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let attributes = [("group-name", want.name.as_str()), ("vpc-id", want.vpc_id.as_str())];
        let filters = query::filters(attributes, &want.tags, &want.filter);
        let found = describe(aws, query::ids(&want.id), filters).await?;
        let live = found::only_one(found, OPERATION, "a security group")?;
        Ok(SecurityGroupData {
            arn: arn(aws, &live),
            description: live.description.unwrap_or_default(),
            id: live.group_id.unwrap_or_default(),
            name: live.group_name.unwrap_or_default(),
            tags: shown(aws, tags::live(live.tags)),
            vpc_id: live.vpc_id.unwrap_or_default(),
            ..want.clone()
        })
    }
}

/// All groups that are as asked; the lists are in the same order.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SecurityGroupsData {
    arns: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    ids: Vec<String>,
    /// As asked for.
    #[serde(skip_serializing_if = "Tags::is_empty")]
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    vpc_ids: Vec<String>,
}

impl DataSource for SecurityGroupsData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_security_groups";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let live = describe(aws, None, query::filters([], &want.tags, &want.filter)).await?;
        Ok(SecurityGroupsData {
            arns: live.iter().map(|live| arn(aws, live)).collect(),
            id: aws.region().to_string(),
            ids: live.iter().map(|live| live.group_id.clone().unwrap_or_default()).collect(),
            vpc_ids: live.iter().map(|live| live.vpc_id.clone().unwrap_or_default()).collect(),
            ..want.clone()
        })
    }
}

fn arn(aws: &Aws, live: &Live) -> String {
    let owner_id = live.owner_id.as_deref().unwrap_or_default();
    let id = live.group_id.as_deref().unwrap_or_default();
    live.security_group_arn.clone().unwrap_or_else(|| aws.ec2_arn("security-group", owner_id, id))
}

async fn describe(
    aws: &Aws,
    ids: Option<Vec<String>>,
    filters: Option<Vec<Filter>>,
) -> Result<Vec<Live>, ProviderError> {
    let call = aws.ec2().describe_security_groups().set_group_ids(ids).set_filters(filters);
    call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.operation(OPERATION)
}
