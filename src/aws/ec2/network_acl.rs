//! `aws_network_acl`: what may pass a subnet's border, by numbered entries.
//!
//! Every subnet has exactly one ACL: one that is taken off an ACL gets the VPC's default one. `ingress` and `egress` take
//! ownership of the entries where they are given.

pub mod default;
pub mod entry;
pub mod protocol;

use aws_sdk_ec2::types::{NetworkAcl as Live, NetworkAclAssociation, ResourceType};
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refine, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use self::entry::Entry;
use crate::batch;
use crate::clients::Aws;
use crate::ec2::{filter, tags};
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkAcl {
    arn: String,
    egress: Vec<Entry>,
    id: String,
    ingress: Vec<Entry>,
    owner_id: String,
    subnet_ids: Vec<String>,
    tags: Tags,
    tags_all: Tags,
    vpc_id: String,
}

impl Resource for NetworkAcl {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_network_acl";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .create_network_acl()
            .client_token(creation.token.id.as_ref())
            .vpc_id(&want.vpc_id)
            .tag_specifications(tags::of_new(ResourceType::NetworkAcl, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateNetworkAcl")?;
        let id = created.network_acl.and_then(|acl| acl.network_acl_id).unwrap_or_default();
        let acl = NetworkAcl { id: id.clone(), ..want.clone() };
        tags::settle_new(aws, creation, &acl, &acl.id).await?;
        update_entries(aws, &NetworkAcl { id: id.clone(), ..NetworkAcl::default() }, &acl).await?;
        move_subnets(aws, &want.subnet_ids, &id).await?;
        Ok(acl)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids: Vec<String> = have.iter().map(|acl| acl.id.clone()).collect();
        let live = named(aws, &ids).await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.network_acl_id.as_deref() == Some(&have.id))?;
            Some(have.with_live(aws, live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        update_entries(aws, have, want).await?;
        let gone: Vec<String> =
            have.subnet_ids.iter().filter(|subnet| !want.subnet_ids.contains(subnet)).cloned().collect();
        leave_subnets(aws, have, &gone).await?;
        let new: Vec<String> =
            want.subnet_ids.iter().filter(|subnet| !have.subnet_ids.contains(subnet)).cloned().collect();
        move_subnets(aws, &new, &have.id).await?;
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        // Others may have put subnets under it, too.
        let live = named(aws, std::slice::from_ref(&have.id)).await?;
        let live = live.into_iter().next().map(|live| NetworkAcl::default().with_live(aws, live));
        let Some(live) = live else { return Ok(()) };
        leave_subnets(aws, &live, &live.subnet_ids).await?;
        let call = aws.ec2().delete_network_acl().network_acl_id(&have.id);
        call.send().await.operation("ec2:DeleteNetworkAcl").map(drop)
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let pages = aws.ec2().describe_network_acls().filters(tags::marked(token)).into_paginator().items().send();
        let found = pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeNetworkAcls")?;
        let Some(live) = found.into_iter().next() else { return Ok(None) };
        let acl = want.with_live(aws, live);
        tags::unmark(aws, &acl.id).await?;
        Ok(Some(acl))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(NetworkAcl { id: id.to_string(), ..NetworkAcl::default() })
    }

    fn refine(refine: Refine<'_>) {
        entry::keep_equivalent(refine.prior, refine.planned);
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        entry::validate(config)
    }
}

impl NetworkAcl {
    fn with_live(&self, aws: &Aws, live: Live) -> NetworkAcl {
        let id = live.network_acl_id.unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let entries = live.entries.unwrap_or_default();
        let associations = live.associations.unwrap_or_default().into_iter();
        NetworkAcl {
            arn: aws.ec2_arn("network-acl", &owner_id, &id),
            egress: entry::live(&entries, true, &self.egress),
            id,
            ingress: entry::live(&entries, false, &self.ingress),
            owner_id,
            subnet_ids: associations.filter_map(|association| association.subnet_id).collect(),
            tags_all: tags::live(live.tags),
            vpc_id: live.vpc_id.unwrap_or_default(),
            ..self.clone()
        }
    }
}

/// The ACLs of these identifiers, as far as they are there.
pub async fn named(aws: &Aws, ids: &[String]) -> Result<Vec<Live>, ProviderError> {
    batch::known(ids, |ids| async move {
        let pages = aws.ec2().describe_network_acls().set_network_acl_ids(Some(ids)).into_paginator().items().send();
        pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeNetworkAcls")
    })
    .await
}

async fn update_entries(aws: &Aws, have: &NetworkAcl, want: &NetworkAcl) -> Result<(), ProviderError> {
    entry::update(aws, &have.id, false, &have.ingress, &want.ingress).await?;
    entry::update(aws, &have.id, true, &have.egress, &want.egress).await
}

/// Gives subnets another ACL: their associations are found by one call for all of them.
async fn move_subnets(aws: &Aws, subnets: &[String], acl: &str) -> Result<(), ProviderError> {
    if subnets.is_empty() {
        return Ok(());
    }
    let of_subnets = filter("association.subnet-id", subnets.iter().cloned());
    let pages = aws.ec2().describe_network_acls().filters(of_subnets).into_paginator().items().send();
    let acls = pages.collect::<Result<Vec<Live>, _>>().await.operation("ec2:DescribeNetworkAcls")?;
    let associations: Vec<NetworkAclAssociation> =
        acls.into_iter().flat_map(|acl| acl.associations.unwrap_or_default()).collect();
    for subnet in subnets {
        let Some(association) = associations.iter().find(|live| live.subnet_id.as_ref() == Some(subnet)) else {
            let message = format!("the subnet {subnet} has no network ACL to replace: is it gone?");
            return Err(ProviderError::new(ErrorKind::NotFound, "ec2:DescribeNetworkAcls", message));
        };
        if association.network_acl_id.as_deref() == Some(acl) {
            continue;
        }
        let call = aws.ec2().replace_network_acl_association().network_acl_id(acl);
        let call = call.set_association_id(association.network_acl_association_id.clone());
        call.send().await.operation("ec2:ReplaceNetworkAclAssociation")?;
    }
    Ok(())
}

/// Gives subnets the VPC's default ACL. A subnet that is gone has left already.
async fn leave_subnets(aws: &Aws, acl: &NetworkAcl, subnets: &[String]) -> Result<(), ProviderError> {
    if subnets.is_empty() {
        return Ok(());
    }
    let of_vpc = filter("vpc-id", [acl.vpc_id.as_str()]);
    let default = aws.ec2().describe_network_acls().filters(of_vpc).filters(filter("default", ["true"]));
    let default = default.send().await.operation("ec2:DescribeNetworkAcls")?.network_acls.unwrap_or_default();
    let Some(default) = default.into_iter().next().and_then(|acl| acl.network_acl_id) else {
        let message = format!("the VPC {} has no default network ACL", acl.vpc_id);
        return Err(ProviderError::new(ErrorKind::NotFound, "ec2:DescribeNetworkAcls", message));
    };
    match move_subnets(aws, subnets, &default).await {
        Err(error) if error.is_not_found() => Ok(()),
        ended => ended,
    }
}
