//! `aws_vpc_ipv4_cidr_block_association`: one more range of addresses of a VPC.

use aws_sdk_ec2::types::{VpcCidrBlockAssociation as Live, VpcCidrBlockStateCode};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::{filter, given};
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcIpv4CidrBlockAssociation {
    cidr_block: String,
    id: String,
    ipv4_ipam_pool_id: Option<String>,
    ipv4_netmask_length: Option<i32>,
    timeouts: Option<WrittenTimeouts>,
    vpc_id: String,
    #[serde(skip)]
    state: Option<VpcCidrBlockStateCode>,
    #[serde(skip)]
    message: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
}

impl Resource for VpcIpv4CidrBlockAssociation {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc_ipv4_cidr_block_association";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(10, 10, 10);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let call = aws.ec2().associate_vpc_cidr_block().vpc_id(&want.vpc_id).set_cidr_block(given(&want.cidr_block));
        let call = call.set_ipv4_ipam_pool_id(want.ipv4_ipam_pool_id.clone());
        let answer = call.set_ipv4_netmask_length(want.ipv4_netmask_length).send().await;
        let live = answer.operation("ec2:AssociateVpcCidrBlock")?.cidr_block_association;
        Ok(want.with_live(&want.vpc_id, live.unwrap_or_else(|| Live::builder().build())))
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids: Vec<&str> = have.iter().map(|association| association.id.as_str()).collect();
        let live = describe(aws, filter("cidr-block-association.association-id", ids)).await?;
        let find = |have: &Self| {
            let (vpc, live) = live.iter().find(|(_, live)| live.association_id.as_deref() == Some(&have.id))?;
            Some(have.with_live(vpc, live.clone())).filter(|live| !live.is_gone())
        };
        Ok(have.iter().map(find).collect())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.ec2().disassociate_vpc_cidr_block().association_id(&have.id);
        call.send().await.operation("ec2:DisassociateVpcCidrBlock").map(drop)
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match &self.state {
            Some(VpcCidrBlockStateCode::Failed | VpcCidrBlockStateCode::Failing) => {
                Readiness::Failed(format!("the block could not be added: {}", self.message))
            }
            Some(VpcCidrBlockStateCode::Associated) | None => Readiness::Settled,
            Some(state) => Readiness::Pending(format!("state {}", state.as_str())),
        }
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // A block is in a VPC once at most, so one that is there is the one wanted, whoever added it.
        let live = describe(aws, filter("vpc-id", [want.vpc_id.as_str()])).await?;
        let is_it = |live: &Live| !want.cidr_block.is_empty() && live.cidr_block.as_ref() == Some(&want.cidr_block);
        let found = live.into_iter().find(|(_, live)| is_it(live));
        Ok(found.map(|(vpc, live)| want.with_live(&vpc, live)).filter(|found| !found.is_gone()))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(VpcIpv4CidrBlockAssociation { id: id.to_string(), ..VpcIpv4CidrBlockAssociation::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let is_left_out = |name: &str| config.get(name).is_none_or(|value| value.is_null());
        let alone = (!is_left_out("ipv4_netmask_length") && is_left_out("ipv4_ipam_pool_id")).then(|| Refusal {
            attribute: Path::attribute("ipv4_netmask_length"),
            summary: "Missing required argument".into(),
            detail: "`ipv4_netmask_length` needs an `ipv4_ipam_pool_id`.".into(),
        });
        let nothing = (is_left_out("cidr_block") && is_left_out("ipv4_ipam_pool_id")).then(|| Refusal {
            attribute: Path::attribute("cidr_block"),
            summary: "Missing required argument".into(),
            detail: "One of these must be given: `cidr_block`, `ipv4_ipam_pool_id`.".into(),
        });
        [alone, nothing, cidr::check(config, "cidr_block", Family::V4(16..=28))].into_iter().flatten().collect()
    }
}

impl VpcIpv4CidrBlockAssociation {
    fn is_gone(&self) -> bool {
        self.state == Some(VpcCidrBlockStateCode::Disassociated)
    }

    fn with_live(&self, vpc_id: &str, live: Live) -> VpcIpv4CidrBlockAssociation {
        let state = live.cidr_block_state;
        VpcIpv4CidrBlockAssociation {
            cidr_block: live.cidr_block.unwrap_or_default(),
            id: live.association_id.unwrap_or_default(),
            message: state.as_ref().and_then(|state| state.status_message.clone()).unwrap_or_default(),
            state: state.and_then(|state| state.state),
            vpc_id: vpc_id.to_string(),
            ..self.clone()
        }
    }
}

/// The associations of the VPCs that a filter finds, with the VPCs' identifiers.
async fn describe(aws: &Aws, filter: aws_sdk_ec2::types::Filter) -> Result<Vec<(String, Live)>, ProviderError> {
    let pages = aws.ec2().describe_vpcs().filters(filter).into_paginator().items().send();
    let vpcs = pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeVpcs")?;
    let associations = vpcs.into_iter().flat_map(|vpc| {
        let id = vpc.vpc_id.unwrap_or_default();
        vpc.cidr_block_association_set.unwrap_or_default().into_iter().map(move |live| (id.clone(), live))
    });
    Ok(associations.collect())
}
