//! `aws_vpc_security_group_ingress_rule` and `aws_vpc_security_group_egress_rule`: one rule of a security group.
//!
//! Both have the same attributes and differ only in the calls that make and revoke them. A rule has an identifier, so it is
//! changed in place even where its source changes, as long as the source stays of the same kind.

use std::marker::PhantomData;

use aws_sdk_ec2::types::{
    IpPermission, IpRange, Ipv6Range, PrefixListId, ResourceType, SecurityGroupRule as Live, SecurityGroupRuleRequest,
    SecurityGroupRuleUpdate, UserIdGroupPair,
};
use ipnet::IpNet;
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::security_group::{Direction, rule::protocol_name};
use crate::ec2::{filter, given, tags};
use crate::failure::Operation;
use crate::tags::TOKEN_TAG;

/// The arguments of which exactly one names where traffic comes from or goes to.
const PEERS: [&str; 4] = ["cidr_ipv4", "cidr_ipv6", "prefix_list_id", "referenced_security_group_id"];

pub type IngressRule = VpcSecurityGroupRule<Ingress>;
pub type EgressRule = VpcSecurityGroupRule<Egress>;

/// The direction of a type of rules.
pub trait Way: Clone + Default + Send + Sync + 'static {
    const TYPE: &'static str;
    const DIRECTION: Direction;
}

#[derive(Clone, Copy, Default)]
pub struct Ingress;

#[derive(Clone, Copy, Default)]
pub struct Egress;

impl Way for Ingress {
    const TYPE: &'static str = "aws_vpc_security_group_ingress_rule";
    const DIRECTION: Direction = Direction::Ingress;
}

impl Way for Egress {
    const TYPE: &'static str = "aws_vpc_security_group_egress_rule";
    const DIRECTION: Direction = Direction::Egress;
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, bound = "")]
pub struct VpcSecurityGroupRule<W: Way> {
    arn: String,
    cidr_ipv4: String,
    cidr_ipv6: String,
    description: String,
    from_port: Option<i32>,
    id: String,
    ip_protocol: String,
    prefix_list_id: String,
    /// By identifier, or `ACCOUNT/ID` for one of another account.
    referenced_security_group_id: String,
    security_group_id: String,
    security_group_rule_id: String,
    tags: Tags,
    tags_all: Tags,
    to_port: Option<i32>,
    #[serde(skip)]
    way: PhantomData<W>,
}

impl<W: Way> Resource for VpcSecurityGroupRule<W> {
    type Cloud = Aws;

    const TYPE: &'static str = W::TYPE;
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let marked = tags::of_new(ResourceType::SecurityGroupRule, &want.tags_all, creation.token);
        let created = match W::DIRECTION {
            Direction::Ingress => {
                let call = aws.ec2().authorize_security_group_ingress().group_id(&want.security_group_id);
                let call = call.ip_permissions(want.permission()).tag_specifications(marked);
                call.send().await.operation("ec2:AuthorizeSecurityGroupIngress")?.security_group_rules
            }
            Direction::Egress => {
                let call = aws.ec2().authorize_security_group_egress().group_id(&want.security_group_id);
                let call = call.ip_permissions(want.permission()).tag_specifications(marked);
                call.send().await.operation("ec2:AuthorizeSecurityGroupEgress")?.security_group_rules
            }
        };
        let live = created.unwrap_or_default().pop().unwrap_or_else(|| Live::builder().build());
        let rule = want.with_live(aws, aws.account().await?, live);
        tags::settle_new(aws, creation, &rule, &rule.id).await?;
        Ok(rule)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids = have.iter().map(|rule| rule.id.clone());
        let live = describe(aws, filter("security-group-rule-id", ids)).await?;
        // The API tells the account of a referenced group, and states do only where it is another one.
        let account = aws.account().await?;
        let find = |have: &Self| {
            let is_it = |live: &&Live| {
                live.security_group_rule_id.as_deref() == Some(&have.id)
                    && live.is_egress.unwrap_or(false) == (W::DIRECTION == Direction::Egress)
            };
            Some(have.with_live(aws, account, live.iter().find(is_it)?.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.request() != want.request() {
            let update = SecurityGroupRuleUpdate::builder()
                .security_group_rule_id(&have.id)
                .security_group_rule(want.request())
                .build();
            let call = aws.ec2().modify_security_group_rules().group_id(&have.security_group_id);
            call.security_group_rules(update).send().await.operation("ec2:ModifySecurityGroupRules")?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        match W::DIRECTION {
            Direction::Ingress => {
                let call = aws.ec2().revoke_security_group_ingress().group_id(&have.security_group_id);
                let call = call.security_group_rule_ids(&have.id);
                call.send().await.operation("ec2:RevokeSecurityGroupIngress")?;
            }
            Direction::Egress => {
                let call = aws.ec2().revoke_security_group_egress().group_id(&have.security_group_id);
                let call = call.security_group_rule_ids(&have.id);
                call.send().await.operation("ec2:RevokeSecurityGroupEgress")?;
            }
        }
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = marked(aws, &want.security_group_id, token).await?.pop() else { return Ok(None) };
        let rule = want.with_live(aws, aws.account().await?, live);
        tags::unmark(aws, &rule.id).await?;
        Ok(Some(rule))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(VpcSecurityGroupRule { id: id.to_string(), ..VpcSecurityGroupRule::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let v4 = cidr::check(config, "cidr_ipv4", Family::V4(0..=32));
        let v6 = cidr::check(config, "cidr_ipv6", Family::V6(0..=128));
        let is_left_out = |name: &&str| config.get(name).is_none_or(|value| value.is_null());
        let no_peer = PEERS.iter().all(is_left_out).then(|| Refusal {
            attribute: Path::root(),
            summary: "Missing required argument".into(),
            detail: format!("Exactly one of these must be given: `{}`.", PEERS.join("`, `")),
        });
        [v4, v6, no_peer].into_iter().flatten().collect()
    }
}

impl<W: Way> VpcSecurityGroupRule<W> {
    /// The rule as ModifySecurityGroupRules has it: every member counts, what is left out is taken away.
    fn request(&self) -> SecurityGroupRuleRequest {
        let group = self.referenced_security_group_id.rsplit('/').next().unwrap_or_default();
        SecurityGroupRuleRequest::builder()
            .ip_protocol(protocol_name(&self.ip_protocol))
            .set_from_port(self.from_port)
            .set_to_port(self.to_port)
            .set_cidr_ipv4(given(&self.cidr_ipv4))
            .set_cidr_ipv6(given(&self.cidr_ipv6))
            .set_prefix_list_id(given(&self.prefix_list_id))
            .set_referenced_group_id(given(group))
            .set_description(given(&self.description))
            .build()
    }

    fn permission(&self) -> IpPermission {
        let description = given(&self.description);
        let ranges = given(&self.cidr_ipv4)
            .map(|cidr| vec![IpRange::builder().cidr_ip(cidr).set_description(description.clone()).build()]);
        let ranges_v6 = given(&self.cidr_ipv6)
            .map(|cidr| vec![Ipv6Range::builder().cidr_ipv6(cidr).set_description(description.clone()).build()]);
        let lists = given(&self.prefix_list_id)
            .map(|id| vec![PrefixListId::builder().prefix_list_id(id).set_description(description.clone()).build()]);
        let groups = given(&self.referenced_security_group_id).map(|id| {
            let pair = UserIdGroupPair::builder().set_description(description.clone());
            vec![match id.split_once('/') {
                Some((account, id)) => pair.user_id(account).group_id(id).build(),
                None => pair.group_id(id).build(),
            }]
        });
        IpPermission::builder()
            .ip_protocol(protocol_name(&self.ip_protocol))
            .set_from_port(self.from_port)
            .set_to_port(self.to_port)
            .set_ip_ranges(ranges)
            .set_ipv6_ranges(ranges_v6)
            .set_prefix_list_ids(lists)
            .set_user_id_group_pairs(groups)
            .build()
    }

    fn with_live(&self, aws: &Aws, account: &str, live: Live) -> Self {
        let id = live.security_group_rule_id.unwrap_or_default();
        let group = live.referenced_group_info.map(|group| {
            let id = group.group_id.unwrap_or_default();
            match group.user_id {
                Some(user) if !user.is_empty() && user != account => format!("{user}/{id}"),
                Some(_) | None => id,
            }
        });
        let protocol = protocol_name(&live.ip_protocol.unwrap_or_default());
        let has_ports = protocol != "-1";
        VpcSecurityGroupRule {
            arn: aws.ec2_arn("security-group-rule", account, &id),
            cidr_ipv4: live.cidr_ipv4.unwrap_or_default(),
            cidr_ipv6: same_network(&self.cidr_ipv6, live.cidr_ipv6.unwrap_or_default()),
            description: live.description.unwrap_or_default(),
            from_port: port(self.from_port, live.from_port, has_ports),
            ip_protocol: if protocol_name(&self.ip_protocol) == protocol && !self.ip_protocol.is_empty() {
                self.ip_protocol.clone()
            } else {
                protocol
            },
            prefix_list_id: live.prefix_list_id.unwrap_or_default(),
            referenced_security_group_id: group.unwrap_or_default(),
            security_group_id: live.group_id.unwrap_or_default(),
            security_group_rule_id: id.clone(),
            id,
            tags_all: tags::live(live.tags),
            to_port: port(self.to_port, live.to_port, has_ports),
            ..self.clone()
        }
    }
}

/// AWS says -1 where a rule has no ports; whoever wrote the rule left them out or not. A rule of all protocols has none,
/// whatever is written.
fn port(have: Option<i32>, live: Option<i32>, has_ports: bool) -> Option<i32> {
    match (have, live) {
        (None, Some(-1)) => None,
        (Some(have), _) if !has_ports => Some(have),
        (_, live) => live,
    }
}

/// The address as it is written, where the live one is the same.
fn same_network(have: &str, live: String) -> String {
    match (have.parse::<IpNet>(), live.parse::<IpNet>()) {
        (Ok(written), Ok(network)) if written == network => have.to_string(),
        _ => live,
    }
}

/// The rules of a group that a create marked.
///
/// Asked for by group: it is the one filter by which all rules of a create are found at once.
pub(super) async fn marked(aws: &Aws, group_id: &str, token: &Token) -> Result<Vec<Live>, ProviderError> {
    let is_marked = |rule: &Live| {
        let tags = rule.tags.as_deref().unwrap_or_default();
        tags.iter().any(|tag| tag.key.as_deref() == Some(TOKEN_TAG) && tag.value.as_deref() == Some(&token.id))
    };
    let mut rules = match describe(aws, filter("group-id", [group_id])).await {
        Ok(rules) => rules,
        Err(error) if error.is_not_found() => Vec::new(),
        Err(error) => return Err(error),
    };
    rules.retain(is_marked);
    Ok(rules)
}

async fn describe(aws: &Aws, filter: aws_sdk_ec2::types::Filter) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_security_group_rules().filters(filter).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeSecurityGroupRules")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_that_are_left_out_stay_left_out() {
        assert_eq!(port(None, Some(-1), false), None);
        assert_eq!(port(None, Some(80), true), Some(80));
        assert_eq!(port(Some(-1), Some(-1), true), Some(-1));
        assert_eq!(port(Some(0), Some(-1), false), Some(0));
        assert_eq!(port(Some(80), Some(81), true), Some(81));
    }

    #[test]
    fn a_network_stays_as_it_is_written() {
        assert_eq!(same_network("2001:DB8::/32", "2001:db8::/32".into()), "2001:DB8::/32");
        assert_eq!(same_network("2001:db9::/32", "2001:db8::/32".into()), "2001:db8::/32");
    }
}
