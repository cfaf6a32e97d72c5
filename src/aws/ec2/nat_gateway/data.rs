//! `data.aws_nat_gateway` and `data.aws_nat_gateways`: a NAT gateway by its identifier, its subnet, its VPC, or what it is besides.

use aws_sdk_ec2::types::Filter;
use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::listed::{Kind, Listed};
use crate::ec2::{query, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "ec2:DescribeNatGateways";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NatGatewayData {
    allocation_id: Option<String>,
    association_id: Option<String>,
    connectivity_type: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    network_interface_id: Option<String>,
    private_ip: Option<String>,
    public_ip: Option<String>,
    secondary_allocation_ids: Vec<String>,
    secondary_private_ip_address_count: i32,
    secondary_private_ip_addresses: Vec<String>,
    state: String,
    subnet_id: String,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    vpc_id: String,
}

impl DataSource for NatGatewayData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_nat_gateway";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let attributes =
            [("state", want.state.as_str()), ("subnet-id", want.subnet_id.as_str()), ("vpc-id", want.vpc_id.as_str())];
        let filters = query::filters(attributes, &want.tags, &want.filter);
        let call = aws.ec2().describe_nat_gateways().set_nat_gateway_ids(query::ids(&want.id)).set_filter(filters);
        let found = call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.operation(OPERATION)?;
        let live = found::only_one(found, OPERATION, "a NAT gateway")?;
        let mut gateway = NatGatewayData {
            connectivity_type: live.connectivity_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            id: live.nat_gateway_id.unwrap_or_default(),
            state: live.state.map(|state| state.as_str().to_string()).unwrap_or_default(),
            subnet_id: live.subnet_id.unwrap_or_default(),
            tags: shown(aws, tags::live(live.tags)),
            vpc_id: live.vpc_id.unwrap_or_default(),
            ..want.clone()
        };
        let addresses = live.nat_gateway_addresses.unwrap_or_default();
        // An only address is the first one, whether the answer says so or not.
        let is_alone = addresses.len() == 1;
        for address in addresses {
            if address.is_primary.unwrap_or(false) || is_alone {
                gateway.allocation_id = Some(address.allocation_id.unwrap_or_default());
                gateway.association_id = Some(address.association_id.unwrap_or_default());
                gateway.network_interface_id = Some(address.network_interface_id.unwrap_or_default());
                gateway.private_ip = Some(address.private_ip.unwrap_or_default());
                gateway.public_ip = Some(address.public_ip.unwrap_or_default());
            } else {
                gateway.secondary_allocation_ids.extend(address.allocation_id);
                gateway.secondary_private_ip_addresses.extend(address.private_ip);
                gateway.secondary_private_ip_address_count += 1;
            }
        }
        Ok(gateway)
    }
}

/// All NAT gateways that are as asked.
pub type NatGatewaysData = Listed<NatGateways>;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NatGateways {
    vpc_id: Option<String>,
}

impl Kind for NatGateways {
    const TYPE: &'static str = "aws_nat_gateways";

    fn attributes(&self) -> Vec<(&'static str, &str)> {
        vec![("vpc-id", self.vpc_id.as_deref().unwrap_or_default())]
    }

    async fn ids(aws: &Aws, filters: Option<Vec<Filter>>) -> Result<Vec<String>, ProviderError> {
        let pages = aws.ec2().describe_nat_gateways().set_filter(filters).into_paginator().items().send();
        let found = pages.collect::<Result<Vec<_>, _>>().await.operation(OPERATION)?;
        Ok(found.into_iter().filter_map(|live| live.nat_gateway_id).collect())
    }
}
