//! `aws_default_subnet`: the default subnet of an availability zone, taken over; made where there is none.
//!
//! A delete lets go of it, unless `force_destroy` asks to delete it.

use aws_sdk_ec2::types::Subnet as Live;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use super::Subnet;
use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::query;
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultSubnet {
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
    /// Whether it was there before it was taken over.
    existing_default_subnet: bool,
    force_destroy: bool,
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

impl Resource for DefaultSubnet {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_default_subnet";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let existing = of_zone(aws, &want.availability_zone).await?;
        let existing_default_subnet = existing.is_some();
        let live = match existing {
            Some(live) => Some(live),
            None => {
                let create = aws.ec2().create_default_subnet().availability_zone(&want.availability_zone);
                let create = create.set_ipv6_native(want.ipv6_native.then_some(true));
                create.send().await.operation("ec2:CreateDefaultSubnet")?.subnet
            }
        };
        let live = live.unwrap_or_else(|| Live::builder().build());
        let have = Subnet::default().with_live(live);
        let subnet = DefaultSubnet { existing_default_subnet, id: have.id.clone(), ..want.clone() };
        let _durable = creation.born(&subnet).await;
        let mut wanted = subnet.subnet();
        if wanted.ipv6_cidr_block.is_empty() {
            wanted.ipv6_cidr_block = have.ipv6_cidr_block.clone();
        }
        Subnet::update(aws, &have, &wanted).await?;
        Ok(subnet)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let subnets: Vec<Subnet> = have.iter().map(Self::subnet).collect();
        let live = Subnet::read(aws, &subnets).await?;
        Ok(have.iter().zip(live).map(|(have, live)| Some(have.with_subnet(live?))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        Subnet::update(aws, &have.subnet(), &want.subnet()).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.force_destroy { Subnet::delete(aws, &have.subnet()).await } else { Ok(()) }
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        if self.state == "available" { Readiness::Settled } else { Readiness::Pending(format!("state {}", self.state)) }
    }

    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // A create that was interrupted is done again: taking over what is taken over changes nothing.
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DefaultSubnet { id: id.to_string(), ..DefaultSubnet::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        cidr::check(config, "ipv6_cidr_block", Family::V6(44..=64)).into_iter().collect()
    }
}

/// The default subnet of a zone.
async fn of_zone(aws: &Aws, zone: &str) -> Result<Option<Live>, ProviderError> {
    let filters = query::filters([("availabilityZone", zone), ("defaultForAz", "true")], &Tags::new(), &[]);
    let pages = aws.ec2().describe_subnets().set_filters(filters).into_paginator().items().send();
    Ok(pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeSubnets")?.pop())
}

impl DefaultSubnet {
    fn subnet(&self) -> Subnet {
        Subnet {
            arn: self.arn.clone(),
            assign_ipv6_address_on_creation: self.assign_ipv6_address_on_creation,
            availability_zone: self.availability_zone.clone(),
            availability_zone_id: self.availability_zone_id.clone(),
            cidr_block: self.cidr_block.clone(),
            customer_owned_ipv4_pool: self.customer_owned_ipv4_pool.clone(),
            enable_dns64: self.enable_dns64,
            enable_lni_at_device_index: self.enable_lni_at_device_index,
            enable_resource_name_dns_a_record_on_launch: self.enable_resource_name_dns_a_record_on_launch,
            enable_resource_name_dns_aaaa_record_on_launch: self.enable_resource_name_dns_aaaa_record_on_launch,
            id: self.id.clone(),
            ipv6_cidr_block: self.ipv6_cidr_block.clone(),
            ipv6_cidr_block_association_id: self.ipv6_cidr_block_association_id.clone(),
            ipv6_native: self.ipv6_native,
            map_customer_owned_ip_on_launch: self.map_customer_owned_ip_on_launch,
            map_public_ip_on_launch: self.map_public_ip_on_launch,
            outpost_arn: self.outpost_arn.clone(),
            owner_id: self.owner_id.clone(),
            private_dns_hostname_type_on_launch: self.private_dns_hostname_type_on_launch.clone(),
            tags: self.tags.clone(),
            tags_all: self.tags_all.clone(),
            timeouts: None,
            vpc_id: self.vpc_id.clone(),
            state: self.state.clone(),
        }
    }

    fn with_subnet(&self, live: Subnet) -> DefaultSubnet {
        DefaultSubnet {
            arn: live.arn,
            assign_ipv6_address_on_creation: live.assign_ipv6_address_on_creation,
            availability_zone: live.availability_zone,
            availability_zone_id: live.availability_zone_id,
            cidr_block: live.cidr_block,
            customer_owned_ipv4_pool: live.customer_owned_ipv4_pool,
            enable_dns64: live.enable_dns64,
            enable_lni_at_device_index: live.enable_lni_at_device_index,
            enable_resource_name_dns_a_record_on_launch: live.enable_resource_name_dns_a_record_on_launch,
            enable_resource_name_dns_aaaa_record_on_launch: live.enable_resource_name_dns_aaaa_record_on_launch,
            id: live.id,
            ipv6_cidr_block: live.ipv6_cidr_block,
            ipv6_cidr_block_association_id: live.ipv6_cidr_block_association_id,
            ipv6_native: live.ipv6_native,
            map_customer_owned_ip_on_launch: live.map_customer_owned_ip_on_launch,
            map_public_ip_on_launch: live.map_public_ip_on_launch,
            outpost_arn: live.outpost_arn,
            owner_id: live.owner_id,
            private_dns_hostname_type_on_launch: live.private_dns_hostname_type_on_launch,
            tags: live.tags,
            tags_all: live.tags_all,
            vpc_id: live.vpc_id,
            state: live.state,
            ..self.clone()
        }
    }
}
