//! `aws_default_network_acl`: the network ACL that AWS made with a VPC, taken over.
//!
//! It can be neither made nor deleted: a create takes over the ACL and leaves only the entries configured, a delete lets go
//! of it. Subnets are moved to it and never off it: there is no other ACL that would have to take them.

use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refine, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use super::entry::{self, Entry};
use super::{NetworkAcl, named};
use crate::clients::Aws;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultNetworkAcl {
    arn: String,
    default_network_acl_id: String,
    egress: Vec<Entry>,
    id: String,
    ingress: Vec<Entry>,
    owner_id: String,
    subnet_ids: Vec<String>,
    tags: Tags,
    tags_all: Tags,
    vpc_id: String,
}

impl Resource for DefaultNetworkAcl {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_default_network_acl";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let id = want.default_network_acl_id.clone();
        let Some(live) = named(aws, std::slice::from_ref(&id)).await?.pop() else {
            let message = format!("there is no network ACL {id}");
            return Err(ProviderError::new(ErrorKind::NotFound, "ec2:DescribeNetworkAcls", message));
        };
        let acl = DefaultNetworkAcl { id, ..want.clone() };
        let _durable = creation.born(&acl).await;
        update(aws, NetworkAcl::default().with_live(aws, live), acl.acl()).await?;
        Ok(acl)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let acls: Vec<NetworkAcl> = have.iter().map(Self::acl).collect();
        let live = NetworkAcl::read(aws, &acls).await?;
        Ok(live.into_iter().map(|live| Some(DefaultNetworkAcl::from(live?))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        update(aws, have.acl(), want.acl()).await
    }

    async fn delete(_aws: &Aws, _have: &Self) -> Result<(), ProviderError> {
        Ok(())
    }

    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // A create that was interrupted is done again: taking over what is taken over changes nothing.
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DefaultNetworkAcl { id: id.to_string(), ..DefaultNetworkAcl::default() })
    }

    fn refine(refine: Refine<'_>) {
        entry::keep_equivalent(refine.prior, refine.planned);
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        entry::validate(config)
    }
}

async fn update(aws: &Aws, have: NetworkAcl, mut want: NetworkAcl) -> Result<(), ProviderError> {
    want.subnet_ids.extend(have.subnet_ids.clone());
    NetworkAcl::update(aws, &have, &want).await
}

impl DefaultNetworkAcl {
    fn acl(&self) -> NetworkAcl {
        NetworkAcl {
            arn: self.arn.clone(),
            egress: self.egress.clone(),
            id: self.id.clone(),
            ingress: self.ingress.clone(),
            owner_id: self.owner_id.clone(),
            subnet_ids: self.subnet_ids.clone(),
            tags: self.tags.clone(),
            tags_all: self.tags_all.clone(),
            vpc_id: self.vpc_id.clone(),
        }
    }
}

impl From<NetworkAcl> for DefaultNetworkAcl {
    fn from(live: NetworkAcl) -> DefaultNetworkAcl {
        DefaultNetworkAcl {
            arn: live.arn,
            default_network_acl_id: live.id.clone(),
            egress: live.egress,
            id: live.id,
            ingress: live.ingress,
            owner_id: live.owner_id,
            subnet_ids: live.subnet_ids,
            tags: live.tags,
            tags_all: live.tags_all,
            vpc_id: live.vpc_id,
        }
    }
}
