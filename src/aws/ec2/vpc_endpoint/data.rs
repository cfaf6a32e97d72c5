//! `data.aws_vpc_endpoint`: an endpoint by its network and service, or by what it is besides.

use aws_sdk_ec2::types::VpcEndpoint as Live;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Resource, Tags};
use serde::{Deserialize, Serialize};

use super::{DnsEntry, DnsOptions, VpcEndpoint};
use crate::clients::Aws;
use crate::ec2::query;
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "ec2:DescribeVpcEndpoints";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcEndpointData {
    arn: String,
    cidr_blocks: Vec<String>,
    dns_entry: Vec<DnsEntry>,
    dns_options: Vec<DnsOptions>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    ip_address_type: String,
    network_interface_ids: Vec<String>,
    owner_id: String,
    policy: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    prefix_list_id: String,
    private_dns_enabled: bool,
    requester_managed: bool,
    route_table_ids: Vec<String>,
    security_group_ids: Vec<String>,
    service_name: String,
    state: String,
    subnet_ids: Vec<String>,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    vpc_endpoint_type: String,
    vpc_id: String,
}

impl DataSource for VpcEndpointData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc_endpoint";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let attributes = [
            ("vpc-endpoint-state", want.state.as_str()),
            ("vpc-id", want.vpc_id.as_str()),
            ("service-name", want.service_name.as_str()),
        ];
        let filters = query::filters(attributes, &want.tags, &want.filter);
        let call = aws.ec2().describe_vpc_endpoints().set_vpc_endpoint_ids(query::ids(&want.id)).set_filters(filters);
        let pages = call.into_paginator().items().send().collect::<Result<Vec<Live>, _>>().await;
        let found = found::only_one(pages.operation(OPERATION)?, OPERATION, "an endpoint")?;
        let named = VpcEndpoint { id: found.vpc_endpoint_id.unwrap_or_default(), ..VpcEndpoint::default() };
        let Some(live) = VpcEndpoint::read(aws, &[named]).await?.pop().flatten() else {
            return Err(ProviderError::new(ErrorKind::NotFound, OPERATION, "the endpoint has just gone"));
        };
        Ok(VpcEndpointData {
            arn: live.arn,
            cidr_blocks: live.cidr_blocks,
            dns_entry: live.dns_entry,
            dns_options: live.dns_options,
            id: live.id,
            ip_address_type: live.ip_address_type,
            network_interface_ids: live.network_interface_ids,
            owner_id: live.owner_id,
            policy: live.policy,
            prefix_list_id: live.prefix_list_id,
            private_dns_enabled: live.private_dns_enabled.unwrap_or(false),
            requester_managed: live.requester_managed,
            route_table_ids: live.route_table_ids,
            security_group_ids: live.security_group_ids,
            service_name: live.service_name,
            state: live.state,
            subnet_ids: live.subnet_ids,
            tags: shown(aws, live.tags_all),
            vpc_endpoint_type: live.vpc_endpoint_type,
            vpc_id: live.vpc_id,
            ..want.clone()
        })
    }
}
