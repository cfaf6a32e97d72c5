//! `aws_default_vpc`: the region's default VPC, taken over; made where there is none.
//!
//! A delete lets go of it, unless `force_destroy` asks to delete it.

use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use super::{Vpc, describe};
use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::filter;
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultVpc {
    arn: String,
    assign_generated_ipv6_cidr_block: bool,
    cidr_block: String,
    default_network_acl_id: String,
    default_route_table_id: String,
    default_security_group_id: String,
    dhcp_options_id: String,
    enable_dns_hostnames: Option<bool>,
    enable_dns_support: Option<bool>,
    enable_network_address_usage_metrics: Option<bool>,
    /// Whether it was there before it was taken over.
    existing_default_vpc: bool,
    force_destroy: bool,
    id: String,
    instance_tenancy: String,
    ipv6_association_id: String,
    ipv6_cidr_block: String,
    ipv6_cidr_block_network_border_group: String,
    ipv6_ipam_pool_id: String,
    ipv6_netmask_length: i32,
    main_route_table_id: String,
    owner_id: String,
    tags: Tags,
    tags_all: Tags,
    #[serde(skip)]
    state: String,
}

impl Resource for DefaultVpc {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_default_vpc";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let existing = id(aws).await?;
        let existing_default_vpc = existing.is_some();
        let id = match existing {
            Some(id) => id,
            None => {
                let created = aws.ec2().create_default_vpc().send().await.operation("ec2:CreateDefaultVpc")?;
                created.vpc.and_then(|vpc| vpc.vpc_id).unwrap_or_default()
            }
        };
        let vpc = DefaultVpc { existing_default_vpc, id, ..want.clone() };
        let _durable = creation.born(&vpc).await;
        if let Some(have) = Vpc::read(aws, &[vpc.vpc()]).await?.pop().flatten() {
            let want = Vpc { instance_tenancy: have.instance_tenancy.clone(), ..vpc.vpc() };
            Vpc::update(aws, &have, &want).await?;
        }
        Ok(vpc)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let vpcs: Vec<Vpc> = have.iter().map(Self::vpc).collect();
        let live = Vpc::read(aws, &vpcs).await?;
        Ok(have.iter().zip(live).map(|(have, live)| Some(have.with_vpc(live?))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        Vpc::update(aws, &have.vpc(), &want.vpc()).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.force_destroy { Vpc::delete(aws, &have.vpc()).await } else { Ok(()) }
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        if self.state == "available" { Readiness::Settled } else { Readiness::Pending(format!("state {}", self.state)) }
    }

    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // A create that was interrupted is done again: taking over what is taken over changes nothing.
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DefaultVpc { id: id.to_string(), ..DefaultVpc::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        cidr::check(config, "ipv6_cidr_block", Family::V6(44..=60)).into_iter().collect()
    }
}

/// The region's default VPC.
pub(in crate::ec2) async fn id(aws: &Aws) -> Result<Option<String>, ProviderError> {
    Ok(describe(aws, filter("is-default", ["true"])).await?.pop().and_then(|live| live.vpc_id))
}

impl DefaultVpc {
    fn vpc(&self) -> Vpc {
        Vpc {
            arn: self.arn.clone(),
            assign_generated_ipv6_cidr_block: self.assign_generated_ipv6_cidr_block,
            cidr_block: self.cidr_block.clone(),
            default_network_acl_id: self.default_network_acl_id.clone(),
            default_route_table_id: self.default_route_table_id.clone(),
            default_security_group_id: self.default_security_group_id.clone(),
            dhcp_options_id: self.dhcp_options_id.clone(),
            enable_dns_hostnames: self.enable_dns_hostnames,
            enable_dns_support: self.enable_dns_support,
            enable_network_address_usage_metrics: self.enable_network_address_usage_metrics,
            id: self.id.clone(),
            instance_tenancy: self.instance_tenancy.clone(),
            ipv4_ipam_pool_id: None,
            ipv4_netmask_length: None,
            ipv6_association_id: self.ipv6_association_id.clone(),
            ipv6_cidr_block: self.ipv6_cidr_block.clone(),
            ipv6_cidr_block_network_border_group: self.ipv6_cidr_block_network_border_group.clone(),
            ipv6_ipam_pool_id: self.ipv6_ipam_pool_id.clone(),
            ipv6_netmask_length: self.ipv6_netmask_length,
            main_route_table_id: self.main_route_table_id.clone(),
            owner_id: self.owner_id.clone(),
            tags: self.tags.clone(),
            tags_all: self.tags_all.clone(),
            state: self.state.clone(),
        }
    }

    fn with_vpc(&self, live: Vpc) -> DefaultVpc {
        DefaultVpc {
            arn: live.arn,
            assign_generated_ipv6_cidr_block: live.assign_generated_ipv6_cidr_block,
            cidr_block: live.cidr_block,
            default_network_acl_id: live.default_network_acl_id,
            default_route_table_id: live.default_route_table_id,
            default_security_group_id: live.default_security_group_id,
            dhcp_options_id: live.dhcp_options_id,
            enable_dns_hostnames: live.enable_dns_hostnames,
            enable_dns_support: live.enable_dns_support,
            enable_network_address_usage_metrics: live.enable_network_address_usage_metrics,
            existing_default_vpc: self.existing_default_vpc,
            force_destroy: self.force_destroy,
            id: live.id,
            instance_tenancy: live.instance_tenancy,
            ipv6_association_id: live.ipv6_association_id,
            ipv6_cidr_block: live.ipv6_cidr_block,
            ipv6_cidr_block_network_border_group: live.ipv6_cidr_block_network_border_group,
            ipv6_ipam_pool_id: live.ipv6_ipam_pool_id,
            ipv6_netmask_length: live.ipv6_netmask_length,
            main_route_table_id: live.main_route_table_id,
            owner_id: live.owner_id,
            tags: live.tags,
            tags_all: live.tags_all,
            state: live.state,
        }
    }
}
