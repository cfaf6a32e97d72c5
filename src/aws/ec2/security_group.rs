//! `aws_security_group`: which traffic reaches what is in it.
//!
//! `ingress` and `egress` take ownership of a group's rules where they are given. AWS keeps single permissions (one
//! protocol, port range and source) where the configuration has blocks of several sources, so reads put permissions back
//! into the blocks they came from.

pub mod data;
pub mod default;
pub(super) mod rule;

use aws_sdk_ec2::types::{ResourceType, SecurityGroup as Live};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refine, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::security_group::rule::{Permission, Rule};
use crate::ec2::{filter, given, in_use, tags};
use crate::failure::Operation;
use crate::names;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SecurityGroup {
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
    timeouts: Option<WrittenTimeouts>,
    vpc_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
}

/// Which way a rule looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ingress,
    Egress,
}

impl Resource for SecurityGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_security_group";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(10, 10, 15);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        let created = aws
            .ec2()
            .create_security_group()
            .group_name(&name)
            .description(&want.description)
            .set_vpc_id(given(&want.vpc_id))
            .tag_specifications(tags::of_new(ResourceType::SecurityGroup, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateSecurityGroup")?;
        let group = SecurityGroup { id: created.group_id.unwrap_or_default(), name, ..want.clone() };
        tags::settle_new(aws, creation, &group, &group.id).await?;
        // AWS allows all traffic out of a new group; what is not wanted of that goes away.
        let bare = SecurityGroup { egress: vec![Rule::everything()], ingress: Vec::new(), ..group.clone() };
        update_rules(aws, &bare, &group).await?;
        Ok(group)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, filter("group-id", have.iter().map(|group| group.id.clone()))).await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.group_id.as_deref() == Some(&have.id))?;
            Some(have.with_live(aws, live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        update_rules(aws, have, want).await?;
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.revoke_rules_on_delete {
            let bare = SecurityGroup { egress: Vec::new(), ingress: Vec::new(), ..have.clone() };
            update_rules(aws, have, &bare).await?;
        }
        let deleted = in_use::retry(aws, "group-id", &have.id, || async {
            let delete = aws.ec2().delete_security_group().group_id(&have.id);
            delete.send().await.operation("ec2:DeleteSecurityGroup").map(drop)
        });
        match deleted.await {
            Err(error) if error.kind == ErrorKind::Conflict && error.hint.is_none() => {
                Err(named_by(aws, &have.id, error).await)
            }
            ended => ended,
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = describe(aws, tags::marked(token)).await?.pop() else { return Ok(None) };
        let group = want.with_live(aws, live);
        tags::unmark(aws, &group.id).await?;
        Ok(Some(group))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(SecurityGroup { id: id.to_string(), ..SecurityGroup::default() })
    }

    fn refine(refine: Refine<'_>) {
        rule::keep_equivalent(refine.prior, refine.planned);
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let name = config.get("name");
        let is_reserved =
            name.as_ref().and_then(|name| name.reveal().as_str()).is_some_and(|name| name.starts_with("sg-"));
        let reserved = is_reserved.then(|| Refusal {
            attribute: Path::attribute("name"),
            summary: "invalid value for name".into(),
            detail: "A name can't begin with `sg-`: that is how AWS's identifiers of groups begin.".into(),
        });
        let rules = ["ingress", "egress"].into_iter().flat_map(|attribute| rule::validate(config, attribute));
        reserved.into_iter().chain(rules).collect()
    }
}

impl SecurityGroup {
    fn with_live(&self, aws: &Aws, live: Live) -> SecurityGroup {
        let id = live.group_id.unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let ingress = rule::permissions(live.ip_permissions.unwrap_or_default(), &id, &owner_id);
        let egress = rule::permissions(live.ip_permissions_egress.unwrap_or_default(), &id, &owner_id);
        SecurityGroup {
            arn: live.security_group_arn.unwrap_or_else(|| aws.ec2_arn("security-group", &owner_id, &id)),
            description: live.description.unwrap_or_default(),
            egress: rule::gathered(egress, &self.egress),
            ingress: rule::gathered(ingress, &self.ingress),
            id,
            name: live.group_name.unwrap_or_default(),
            owner_id,
            tags_all: tags::live(live.tags),
            vpc_id: live.vpc_id.unwrap_or_default(),
            ..self.clone()
        }
    }
}

pub(super) async fn describe(aws: &Aws, filter: aws_sdk_ec2::types::Filter) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_security_groups().filters(filter).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeSecurityGroups")
}

/// Brings the rules to what is wanted: what is new is allowed before what is old is revoked, so that nothing is cut off.
async fn update_rules(aws: &Aws, have: &SecurityGroup, want: &SecurityGroup) -> Result<(), ProviderError> {
    let directions =
        [(Direction::Ingress, &have.ingress, &want.ingress), (Direction::Egress, &have.egress, &want.egress)];
    for (direction, had, wanted) in directions {
        let had: Vec<Permission> = had.iter().flat_map(Rule::permissions).collect();
        let wanted: Vec<Permission> = wanted.iter().flat_map(Rule::permissions).collect();
        let is_in =
            |list: &[Permission], permission: &Permission| list.iter().any(|other| other.is_same_traffic(permission));
        let added: Vec<&Permission> = wanted.iter().filter(|permission| !is_in(&had, permission)).collect();
        let removed: Vec<&Permission> = had.iter().filter(|permission| !is_in(&wanted, permission)).collect();
        let renamed: Vec<&Permission> =
            wanted.iter().filter(|permission| is_in(&had, permission) && !had.contains(permission)).collect();
        allow(aws, &have.id, direction, &added).await?;
        describe_again(aws, &have.id, direction, &renamed).await?;
        revoke(aws, &have.id, direction, &removed).await?;
    }
    Ok(())
}

async fn allow(aws: &Aws, id: &str, direction: Direction, permissions: &[&Permission]) -> Result<(), ProviderError> {
    if permissions.is_empty() {
        return Ok(());
    }
    let permissions = Some(rule::request(permissions, id));
    match direction {
        Direction::Ingress => {
            let call = aws.ec2().authorize_security_group_ingress().group_id(id).set_ip_permissions(permissions);
            call.send().await.operation("ec2:AuthorizeSecurityGroupIngress")?;
        }
        Direction::Egress => {
            let call = aws.ec2().authorize_security_group_egress().group_id(id).set_ip_permissions(permissions);
            call.send().await.operation("ec2:AuthorizeSecurityGroupEgress")?;
        }
    }
    Ok(())
}

pub(super) async fn revoke(
    aws: &Aws,
    id: &str,
    direction: Direction,
    permissions: &[&Permission],
) -> Result<(), ProviderError> {
    if permissions.is_empty() {
        return Ok(());
    }
    let permissions = Some(rule::request(permissions, id));
    let revoked = match direction {
        Direction::Ingress => {
            let call = aws.ec2().revoke_security_group_ingress().group_id(id).set_ip_permissions(permissions);
            call.send().await.operation("ec2:RevokeSecurityGroupIngress").map(drop)
        }
        Direction::Egress => {
            let call = aws.ec2().revoke_security_group_egress().group_id(id).set_ip_permissions(permissions);
            call.send().await.operation("ec2:RevokeSecurityGroupEgress").map(drop)
        }
    };
    match revoked {
        Err(error) if error.is_not_found() => Ok(()),
        ended => ended,
    }
}

/// Gives permissions that stay another description.
pub(super) async fn describe_again(
    aws: &Aws,
    id: &str,
    direction: Direction,
    permissions: &[&Permission],
) -> Result<(), ProviderError> {
    if permissions.is_empty() {
        return Ok(());
    }
    let permissions = Some(rule::request(permissions, id));
    match direction {
        Direction::Ingress => {
            let call = aws.ec2().update_security_group_rule_descriptions_ingress().group_id(id);
            call.set_ip_permissions(permissions)
                .send()
                .await
                .operation("ec2:UpdateSecurityGroupRuleDescriptionsIngress")?;
        }
        Direction::Egress => {
            let call = aws.ec2().update_security_group_rule_descriptions_egress().group_id(id);
            call.set_ip_permissions(permissions)
                .send()
                .await
                .operation("ec2:UpdateSecurityGroupRuleDescriptionsEgress")?;
        }
    }
    Ok(())
}

/// The error with the groups whose rules name this one: they hold it as interfaces do.
async fn named_by(aws: &Aws, id: &str, error: ProviderError) -> ProviderError {
    let groups = match describe(aws, filter("ip-permission.group-id", [id])).await {
        Ok(groups) => groups,
        Err(_) => return error,
    };
    let names: Vec<String> =
        groups.into_iter().filter_map(|group| group.group_id).filter(|group| group != id).collect();
    if names.is_empty() { error } else { error.hint(format!("rules of these groups name it: {}", names.join(", "))) }
}
