//! `aws_vpc_dhcp_options_association`: which DHCP options a network uses.
//!
//! Every network uses some: a delete gives it the default ones. It is imported by the network's identifier.

use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::dhcp_options::DEFAULT;
use crate::ec2::filter;
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DhcpOptionsAssociation {
    dhcp_options_id: String,
    /// `OPTIONS_ID-VPC_ID`
    id: String,
    vpc_id: String,
}

impl Resource for DhcpOptionsAssociation {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc_dhcp_options_association";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        associate(aws, &want.vpc_id, &want.dhcp_options_id).await?;
        Ok(want.with(&want.dhcp_options_id))
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let vpcs = filter("vpc-id", have.iter().map(|association| association.vpc_id.clone()));
        let vpcs = aws.ec2().describe_vpcs().filters(vpcs).into_paginator().items().send();
        let vpcs = vpcs.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeVpcs")?;
        let find = |have: &Self| {
            let vpc = vpcs.iter().find(|vpc| vpc.vpc_id.as_deref() == Some(&have.vpc_id))?;
            let options = vpc.dhcp_options_id.as_deref().filter(|options| *options != DEFAULT)?;
            // An import names only the network; an update gives it other options.
            Some(have.with(options))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        associate(aws, &want.vpc_id, &want.dhcp_options_id).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        associate(aws, &have.vpc_id, DEFAULT).await
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // Associating is idempotent: options that the network uses are those wanted, whoever gave them.
        let found = Self::read(aws, std::slice::from_ref(want)).await?.pop().flatten();
        Ok(found.filter(|found| found.dhcp_options_id == want.dhcp_options_id))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        if !id.starts_with("vpc-") {
            let message = format!("`{id}` is not the identifier of a VPC");
            return Err(ProviderError::invalid("import aws_vpc_dhcp_options_association", message));
        }
        Ok(DhcpOptionsAssociation { vpc_id: id.to_string(), ..DhcpOptionsAssociation::default() })
    }
}

impl DhcpOptionsAssociation {
    fn with(&self, options: &str) -> DhcpOptionsAssociation {
        DhcpOptionsAssociation {
            dhcp_options_id: options.to_string(),
            id: format!("{options}-{}", self.vpc_id),
            vpc_id: self.vpc_id.clone(),
        }
    }
}

pub(super) async fn associate(aws: &Aws, vpc: &str, options: &str) -> Result<(), ProviderError> {
    let call = aws.ec2().associate_dhcp_options().vpc_id(vpc).dhcp_options_id(options);
    call.send().await.operation("ec2:AssociateDhcpOptions").map(drop)
}
