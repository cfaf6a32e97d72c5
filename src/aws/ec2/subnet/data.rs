//! `data.aws_subnet` and `data.aws_subnets`: subnets by what they are.

use aws_sdk_ec2::types::{Filter, Subnet as Live};
use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use super::Subnet;
use crate::clients::Aws;
use crate::ec2::listed::{Kind, Listed};
use crate::ec2::query;
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "ec2:DescribeSubnets";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SubnetData {
    arn: String,
    assign_ipv6_address_on_creation: bool,
    availability_zone: String,
    availability_zone_id: String,
    available_ip_address_count: i32,
    cidr_block: String,
    customer_owned_ipv4_pool: String,
    default_for_az: bool,
    enable_dns64: bool,
    enable_lni_at_device_index: i32,
    enable_resource_name_dns_a_record_on_launch: bool,
    enable_resource_name_dns_aaaa_record_on_launch: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    ipv6_cidr_block: String,
    ipv6_cidr_block_association_id: String,
    ipv6_native: bool,
    map_customer_owned_ip_on_launch: bool,
    map_public_ip_on_launch: bool,
    outpost_arn: String,
    owner_id: String,
    private_dns_hostname_type_on_launch: String,
    state: String,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    vpc_id: String,
}

impl DataSource for SubnetData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_subnet";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let attributes = [
            ("availabilityZone", want.availability_zone.as_str()),
            ("availabilityZoneId", want.availability_zone_id.as_str()),
            // `false` can't be told from what is left out, and asks for nothing.
            ("defaultForAz", if want.default_for_az { "true" } else { "" }),
            ("state", want.state.as_str()),
            ("vpc-id", want.vpc_id.as_str()),
            ("cidrBlock", want.cidr_block.as_str()),
            ("ipv6-cidr-block-association.ipv6-cidr-block", want.ipv6_cidr_block.as_str()),
        ];
        let filters = query::filters(attributes, &want.tags, &want.filter);
        let live = found::only_one(describe(aws, query::ids(&want.id), filters).await?, OPERATION, "a subnet")?;
        Ok(want.with_live(aws, live))
    }
}

impl SubnetData {
    fn with_live(&self, aws: &Aws, live: Live) -> SubnetData {
        let available_ip_address_count = live.available_ip_address_count.unwrap_or(0);
        let default_for_az = live.default_for_az.unwrap_or(false);
        let subnet = Subnet::default().with_live(live);
        SubnetData {
            arn: subnet.arn,
            assign_ipv6_address_on_creation: subnet.assign_ipv6_address_on_creation,
            availability_zone: subnet.availability_zone,
            availability_zone_id: subnet.availability_zone_id,
            available_ip_address_count,
            cidr_block: subnet.cidr_block,
            customer_owned_ipv4_pool: subnet.customer_owned_ipv4_pool,
            default_for_az,
            enable_dns64: subnet.enable_dns64,
            enable_lni_at_device_index: subnet.enable_lni_at_device_index,
            enable_resource_name_dns_a_record_on_launch: subnet.enable_resource_name_dns_a_record_on_launch,
            enable_resource_name_dns_aaaa_record_on_launch: subnet.enable_resource_name_dns_aaaa_record_on_launch,
            id: subnet.id,
            ipv6_cidr_block: subnet.ipv6_cidr_block,
            ipv6_cidr_block_association_id: subnet.ipv6_cidr_block_association_id,
            ipv6_native: subnet.ipv6_native,
            map_customer_owned_ip_on_launch: subnet.map_customer_owned_ip_on_launch,
            map_public_ip_on_launch: subnet.map_public_ip_on_launch,
            outpost_arn: subnet.outpost_arn,
            owner_id: subnet.owner_id,
            private_dns_hostname_type_on_launch: subnet.private_dns_hostname_type_on_launch,
            state: subnet.state,
            tags: shown(aws, subnet.tags_all),
            vpc_id: subnet.vpc_id,
            ..self.clone()
        }
    }
}

/// All subnets that are as asked.
pub type SubnetsData = Listed<Subnets>;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Subnets {}

impl Kind for Subnets {
    const TYPE: &'static str = "aws_subnets";

    async fn ids(aws: &Aws, filters: Option<Vec<Filter>>) -> Result<Vec<String>, ProviderError> {
        let live = describe(aws, None, filters).await?;
        Ok(live.into_iter().filter_map(|live| live.subnet_id).collect())
    }
}

async fn describe(
    aws: &Aws,
    ids: Option<Vec<String>>,
    filters: Option<Vec<Filter>>,
) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_subnets().set_subnet_ids(ids).set_filters(filters).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation(OPERATION)
}
