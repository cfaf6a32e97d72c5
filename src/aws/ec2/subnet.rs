//! `aws_subnet`: a part of a VPC in one availability zone.

pub mod data;
pub mod default;

use aws_sdk_ec2::types::{AttributeBooleanValue, HostnameType, ResourceType, Subnet as Live, SubnetCidrBlockStateCode};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::arn;
use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::{filter, given, in_use, tags};
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Subnet {
    arn: String,
    assign_ipv6_address_on_creation: bool,
    availability_zone: String,
    availability_zone_id: String,
    cidr_block: String,
    customer_owned_ipv4_pool: String,
    enable_dns64: bool,
    enable_lni_at_device_index: i32,
    enable_resource_name_dns_a_record_on_launch: bool,
    enable_resource_name_dns_aaaa_record_on_launch: bool,
    id: String,
    ipv6_cidr_block: String,
    ipv6_cidr_block_association_id: String,
    ipv6_native: bool,
    map_customer_owned_ip_on_launch: bool,
    map_public_ip_on_launch: bool,
    outpost_arn: String,
    owner_id: String,
    private_dns_hostname_type_on_launch: String,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc_id: String,
    #[serde(skip)]
    state: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
}

impl Resource for Subnet {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_subnet";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .create_subnet()
            .vpc_id(&want.vpc_id)
            .set_cidr_block(given(&want.cidr_block))
            .set_availability_zone(given(&want.availability_zone))
            .set_availability_zone_id(given(&want.availability_zone_id))
            .set_ipv6_cidr_block(given(&want.ipv6_cidr_block))
            .set_ipv6_native(want.ipv6_native.then_some(true))
            .set_outpost_arn(given(&want.outpost_arn))
            .tag_specifications(tags::of_new(ResourceType::Subnet, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateSubnet")?;
        let id = created.subnet.and_then(|subnet| subnet.subnet_id).unwrap_or_default();
        let subnet = Subnet { id, ..want.clone() };
        tags::settle_new(aws, creation, &subnet, &subnet.id).await?;
        let fresh = Subnet {
            id: subnet.id.clone(),
            private_dns_hostname_type_on_launch: want.private_dns_hostname_type_on_launch.clone(),
            ..Subnet::default()
        };
        update_switches(aws, &fresh, want).await?;
        Ok(subnet)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, filter("subnet-id", have.iter().map(|subnet| subnet.id.clone()))).await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.subnet_id.as_deref() == Some(&have.id))?;
            Some(have.with_live(live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        // An address can only be assigned on creation while there is an IPv6 block: the block goes on first and off last.
        let leaves_ipv6 = have.ipv6_cidr_block != want.ipv6_cidr_block && want.ipv6_cidr_block.is_empty();
        if have.ipv6_cidr_block != want.ipv6_cidr_block && !leaves_ipv6 {
            update_ipv6(aws, have, want).await?;
        }
        update_switches(aws, have, want).await?;
        if leaves_ipv6 {
            update_ipv6(aws, have, want).await?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        in_use::retry(aws, "subnet-id", &have.id, || async {
            aws.ec2().delete_subnet().subnet_id(&have.id).send().await.operation("ec2:DeleteSubnet").map(drop)
        })
        .await
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        if self.state == "available" { Readiness::Settled } else { Readiness::Pending(format!("state {}", self.state)) }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = describe(aws, tags::marked(token)).await?.pop() else { return Ok(None) };
        let subnet = want.with_live(live);
        tags::unmark(aws, &subnet.id).await?;
        Ok(Some(subnet))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Subnet { id: id.to_string(), ..Subnet::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let v4 = cidr::check(config, "cidr_block", Family::V4(0..=32));
        let v6 = cidr::check(config, "ipv6_cidr_block", Family::V6(44..=64));
        let is_set = |name: &str| config.get(name).is_some_and(|value| !value.is_null());
        let pool_needed = (is_set("map_customer_owned_ip_on_launch")
            && !(is_set("customer_owned_ipv4_pool") && is_set("outpost_arn")))
        .then(|| Refusal {
            attribute: Path::attribute("map_customer_owned_ip_on_launch"),
            summary: "Missing required argument".into(),
            detail: "`map_customer_owned_ip_on_launch` needs `customer_owned_ipv4_pool` and `outpost_arn`.".into(),
        });
        let device = config.get("enable_lni_at_device_index").and_then(|index| index.reveal().as_i64());
        let device = device.filter(|index| *index < 1).map(|_| Refusal {
            attribute: Path::attribute("enable_lni_at_device_index"),
            summary: "invalid value for enable_lni_at_device_index".into(),
            detail: "The index of a device is at least 1.".into(),
        });
        let mut refusals: Vec<Refusal> = [v4, v6, pool_needed, device].into_iter().flatten().collect();
        if let Some(outpost) = config.get("outpost_arn") {
            arn::check(Path::attribute("outpost_arn"), &outpost, &mut refusals);
        }
        refusals
    }
}

impl Subnet {
    fn with_live(&self, live: Live) -> Subnet {
        let ipv6 = live.ipv6_cidr_block_association_set.unwrap_or_default().into_iter().find(|association| {
            let state = association.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref());
            matches!(state, Some(SubnetCidrBlockStateCode::Associated | SubnetCidrBlockStateCode::Associating))
        });
        let names = live.private_dns_name_options_on_launch;
        let name_records = |record: fn(&aws_sdk_ec2::types::PrivateDnsNameOptionsOnLaunch) -> Option<bool>| {
            names.as_ref().and_then(record).unwrap_or(false)
        };
        Subnet {
            arn: live.subnet_arn.unwrap_or_default(),
            assign_ipv6_address_on_creation: live.assign_ipv6_address_on_creation.unwrap_or(false),
            availability_zone: live.availability_zone.unwrap_or_default(),
            availability_zone_id: live.availability_zone_id.unwrap_or_default(),
            cidr_block: live.cidr_block.unwrap_or_default(),
            customer_owned_ipv4_pool: live.customer_owned_ipv4_pool.unwrap_or_default(),
            enable_dns64: live.enable_dns64.unwrap_or(false),
            enable_lni_at_device_index: live.enable_lni_at_device_index.unwrap_or(0),
            enable_resource_name_dns_a_record_on_launch: name_records(|names| names.enable_resource_name_dns_a_record),
            enable_resource_name_dns_aaaa_record_on_launch: name_records(|names| {
                names.enable_resource_name_dns_aaaa_record
            }),
            private_dns_hostname_type_on_launch: names
                .as_ref()
                .and_then(|names| names.hostname_type.as_ref())
                .map(|kind| kind.as_str().to_string())
                .unwrap_or_default(),
            id: live.subnet_id.unwrap_or_default(),
            ipv6_cidr_block: ipv6.as_ref().and_then(|ipv6| ipv6.ipv6_cidr_block.clone()).unwrap_or_default(),
            ipv6_cidr_block_association_id: ipv6.and_then(|ipv6| ipv6.association_id).unwrap_or_default(),
            ipv6_native: live.ipv6_native.unwrap_or(false),
            map_customer_owned_ip_on_launch: live.map_customer_owned_ip_on_launch.unwrap_or(false),
            map_public_ip_on_launch: live.map_public_ip_on_launch.unwrap_or(false),
            outpost_arn: live.outpost_arn.unwrap_or_default(),
            owner_id: live.owner_id.unwrap_or_default(),
            tags_all: tags::live(live.tags),
            vpc_id: live.vpc_id.unwrap_or_default(),
            state: live.state.map(|state| state.as_str().to_string()).unwrap_or_default(),
            ..self.clone()
        }
    }
}

async fn describe(aws: &Aws, filter: aws_sdk_ec2::types::Filter) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_subnets().filters(filter).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeSubnets")
}

/// Sets what differs: the API takes one attribute a call.
async fn update_switches(aws: &Aws, have: &Subnet, want: &Subnet) -> Result<(), ProviderError> {
    let modify = || aws.ec2().modify_subnet_attribute().subnet_id(&have.id);
    let value = |value: bool| AttributeBooleanValue::builder().value(value).build();
    let mut calls = Vec::new();
    if have.enable_dns64 != want.enable_dns64 {
        calls.push(modify().enable_dns64(value(want.enable_dns64)));
    }
    if have.enable_lni_at_device_index != want.enable_lni_at_device_index && want.enable_lni_at_device_index > 0 {
        calls.push(modify().enable_lni_at_device_index(want.enable_lni_at_device_index));
    }
    if have.enable_resource_name_dns_a_record_on_launch != want.enable_resource_name_dns_a_record_on_launch {
        let record = value(want.enable_resource_name_dns_a_record_on_launch);
        calls.push(modify().enable_resource_name_dns_a_record_on_launch(record));
    }
    if have.enable_resource_name_dns_aaaa_record_on_launch != want.enable_resource_name_dns_aaaa_record_on_launch {
        let record = value(want.enable_resource_name_dns_aaaa_record_on_launch);
        calls.push(modify().enable_resource_name_dns_aaaa_record_on_launch(record));
    }
    if have.map_public_ip_on_launch != want.map_public_ip_on_launch {
        calls.push(modify().map_public_ip_on_launch(value(want.map_public_ip_on_launch)));
    }
    if have.map_customer_owned_ip_on_launch != want.map_customer_owned_ip_on_launch
        || have.customer_owned_ipv4_pool != want.customer_owned_ipv4_pool
    {
        let call = modify().map_customer_owned_ip_on_launch(value(want.map_customer_owned_ip_on_launch));
        calls.push(call.set_customer_owned_ipv4_pool(given(&want.customer_owned_ipv4_pool)));
    }
    if have.private_dns_hostname_type_on_launch != want.private_dns_hostname_type_on_launch
        && !want.private_dns_hostname_type_on_launch.is_empty()
    {
        let kind = HostnameType::from(want.private_dns_hostname_type_on_launch.as_str());
        calls.push(modify().private_dns_hostname_type_on_launch(kind));
    }
    if have.assign_ipv6_address_on_creation != want.assign_ipv6_address_on_creation {
        calls.push(modify().assign_ipv6_address_on_creation(value(want.assign_ipv6_address_on_creation)));
    }
    for call in calls {
        call.send().await.operation("ec2:ModifySubnetAttribute")?;
    }
    Ok(())
}

async fn update_ipv6(aws: &Aws, have: &Subnet, want: &Subnet) -> Result<(), ProviderError> {
    if let Some(association) = given(&have.ipv6_cidr_block_association_id) {
        let disassociate = aws.ec2().disassociate_subnet_cidr_block().association_id(association);
        disassociate.send().await.operation("ec2:DisassociateSubnetCidrBlock")?;
    }
    if let Some(block) = given(&want.ipv6_cidr_block) {
        let associate = aws.ec2().associate_subnet_cidr_block().subnet_id(&have.id).ipv6_cidr_block(block);
        associate.send().await.operation("ec2:AssociateSubnetCidrBlock")?;
    }
    Ok(())
}
