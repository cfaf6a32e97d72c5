//! `data.aws_network_interface` and `data.aws_network_interfaces`: what is attached to networks, such as load balancers.

use aws_sdk_ec2::types::{Filter, NetworkInterface as Live, NetworkInterfaceAssociation, NetworkInterfaceAttachment};
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

const OPERATION: &str = "ec2:DescribeNetworkInterfaces";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkInterface {
    arn: String,
    association: Vec<Association>,
    attachment: Vec<Attachment>,
    availability_zone: String,
    description: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    interface_type: String,
    ipv6_addresses: Vec<String>,
    mac_address: String,
    outpost_arn: String,
    owner_id: String,
    private_dns_name: String,
    private_ip: String,
    private_ips: Vec<String>,
    requester_id: String,
    security_groups: Vec<String>,
    subnet_id: String,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    vpc_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Association {
    allocation_id: String,
    association_id: String,
    carrier_ip: String,
    customer_owned_ip: String,
    ip_owner_id: String,
    public_dns_name: String,
    public_ip: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Attachment {
    attachment_id: String,
    device_index: i32,
    instance_id: String,
    instance_owner_id: String,
}

impl DataSource for NetworkInterface {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_network_interface";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let filters = query::filters([], &want.tags, &want.filter);
        let live = found::only_one(describe(aws, query::ids(&want.id), filters).await?, OPERATION, "an interface")?;
        let id = live.network_interface_id.unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let addresses = live.private_ip_addresses.unwrap_or_default().into_iter();
        let v6 = live.ipv6_addresses.unwrap_or_default().into_iter();
        let groups = live.groups.unwrap_or_default().into_iter();
        Ok(NetworkInterface {
            arn: aws.ec2_arn("network-interface", &owner_id, &id),
            association: live.association.map(Association::from).into_iter().collect(),
            attachment: live.attachment.map(Attachment::from).into_iter().collect(),
            availability_zone: live.availability_zone.unwrap_or_default(),
            description: live.description.unwrap_or_default(),
            id,
            interface_type: live.interface_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            ipv6_addresses: v6.filter_map(|address| address.ipv6_address).collect(),
            mac_address: live.mac_address.unwrap_or_default(),
            outpost_arn: live.outpost_arn.unwrap_or_default(),
            owner_id,
            private_dns_name: live.private_dns_name.unwrap_or_default(),
            private_ip: live.private_ip_address.unwrap_or_default(),
            private_ips: addresses.filter_map(|address| address.private_ip_address).collect(),
            requester_id: live.requester_id.unwrap_or_default(),
            security_groups: groups.filter_map(|group| group.group_id).collect(),
            subnet_id: live.subnet_id.unwrap_or_default(),
            tags: shown(aws, tags::live(live.tag_set)),
            vpc_id: live.vpc_id.unwrap_or_default(),
            ..want.clone()
        })
    }
}

impl From<NetworkInterfaceAssociation> for Association {
    fn from(live: NetworkInterfaceAssociation) -> Association {
        Association {
            allocation_id: live.allocation_id.unwrap_or_default(),
            association_id: live.association_id.unwrap_or_default(),
            carrier_ip: live.carrier_ip.unwrap_or_default(),
            customer_owned_ip: live.customer_owned_ip.unwrap_or_default(),
            ip_owner_id: live.ip_owner_id.unwrap_or_default(),
            public_dns_name: live.public_dns_name.unwrap_or_default(),
            public_ip: live.public_ip.unwrap_or_default(),
        }
    }
}

impl From<NetworkInterfaceAttachment> for Attachment {
    fn from(live: NetworkInterfaceAttachment) -> Attachment {
        Attachment {
            attachment_id: live.attachment_id.unwrap_or_default(),
            device_index: live.device_index.unwrap_or(0),
            instance_id: live.instance_id.unwrap_or_default(),
            instance_owner_id: live.instance_owner_id.unwrap_or_default(),
        }
    }
}

/// All interfaces that are as asked.
pub type NetworkInterfaces = Listed<Interfaces>;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Interfaces {}

impl Kind for Interfaces {
    const TYPE: &'static str = "aws_network_interfaces";

    async fn ids(aws: &Aws, filters: Option<Vec<Filter>>) -> Result<Vec<String>, ProviderError> {
        let live = describe(aws, None, filters).await?;
        Ok(live.into_iter().filter_map(|live| live.network_interface_id).collect())
    }
}

async fn describe(
    aws: &Aws,
    ids: Option<Vec<String>>,
    filters: Option<Vec<Filter>>,
) -> Result<Vec<Live>, ProviderError> {
    let call = aws.ec2().describe_network_interfaces().set_network_interface_ids(ids).set_filters(filters);
    call.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.operation(OPERATION)
}
