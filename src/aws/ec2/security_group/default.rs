//! `aws_default_security_group`: the group that AWS made with a VPC, taken over.
//!
//! It can be neither made nor deleted: a create takes over the group with all its rules and leaves only those configured,
//! and a delete lets go of it.

use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refine, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use super::SecurityGroup;
use super::rule::{self, Rule};
use crate::clients::Aws;
use crate::ec2::{query, vpc};
use crate::failure::Operation;

/// The name of the group that comes with each VPC.
const NAME: &str = "default";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultSecurityGroup {
    arn: String,
    description: String,
    egress: Vec<Rule>,
    id: String,
    ingress: Vec<Rule>,
    name: String,
    name_prefix: String,
    owner_id: String,
    revoke_rules_on_delete: bool,
    tags: Tags,
    tags_all: Tags,
    /// That of the region's default VPC where none is given.
    vpc_id: String,
}

impl Resource for DefaultSecurityGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_default_security_group";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let vpc_id = match want.vpc_id.as_str() {
            "" => vpc::default::id(aws).await?.ok_or_else(no_default_vpc)?,
            vpc_id => vpc_id.to_string(),
        };
        let filters = query::filters([("group-name", NAME), ("vpc-id", &vpc_id)], &Tags::new(), &[]);
        let pages = aws.ec2().describe_security_groups().set_filters(filters).into_paginator().items().send();
        let found = pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeSecurityGroups")?;
        let Some(live) = found.into_iter().next() else {
            let message = format!("the VPC {vpc_id} has no default security group");
            return Err(ProviderError::new(ErrorKind::NotFound, "ec2:DescribeSecurityGroups", message));
        };
        let have = SecurityGroup::default().with_live(aws, live);
        let group = DefaultSecurityGroup { id: have.id.clone(), ..want.clone() };
        let _durable = creation.born(&group).await;
        SecurityGroup::update(aws, &have, &group.group()).await?;
        Ok(group)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let groups: Vec<SecurityGroup> = have.iter().map(Self::group).collect();
        let live = SecurityGroup::read(aws, &groups).await?;
        Ok(have.iter().zip(live).map(|(have, live)| Some(have.with_group(live?))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        SecurityGroup::update(aws, &have.group(), &want.group()).await
    }

    async fn delete(_aws: &Aws, _have: &Self) -> Result<(), ProviderError> {
        Ok(())
    }

    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // A create that was interrupted is done again: taking over what is taken over changes nothing.
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DefaultSecurityGroup { id: id.to_string(), ..DefaultSecurityGroup::default() })
    }

    fn refine(refine: Refine<'_>) {
        rule::keep_equivalent(refine.prior, refine.planned);
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        ["ingress", "egress"].into_iter().flat_map(|attribute| rule::validate(config, attribute)).collect()
    }
}

fn no_default_vpc() -> ProviderError {
    ProviderError::new(ErrorKind::NotFound, "ec2:DescribeVpcs", "the region has no default VPC")
        .hint("name the VPC by `vpc_id`")
}

impl DefaultSecurityGroup {
    fn group(&self) -> SecurityGroup {
        SecurityGroup {
            arn: self.arn.clone(),
            description: self.description.clone(),
            egress: self.egress.clone(),
            id: self.id.clone(),
            ingress: self.ingress.clone(),
            name: self.name.clone(),
            name_prefix: self.name_prefix.clone(),
            owner_id: self.owner_id.clone(),
            revoke_rules_on_delete: self.revoke_rules_on_delete,
            tags: self.tags.clone(),
            tags_all: self.tags_all.clone(),
            timeouts: None,
            vpc_id: self.vpc_id.clone(),
        }
    }

    fn with_group(&self, live: SecurityGroup) -> DefaultSecurityGroup {
        DefaultSecurityGroup {
            arn: live.arn,
            description: live.description,
            egress: live.egress,
            id: live.id,
            ingress: live.ingress,
            name: live.name,
            name_prefix: live.name_prefix,
            owner_id: live.owner_id,
            revoke_rules_on_delete: self.revoke_rules_on_delete,
            tags: live.tags,
            tags_all: live.tags_all,
            vpc_id: live.vpc_id,
        }
    }
}
