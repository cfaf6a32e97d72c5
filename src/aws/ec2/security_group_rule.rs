//! `aws_security_group_rule`: traffic of one protocol and port range that a security group lets through.
//!
//! AWS keeps a rule for each source; the object is all of them. It has no identifier of its own: `id` is a checksum of
//! what it says. What is gone of its sources is reported as gone, so that a plan puts it back.

use aws_sdk_ec2::types::{ResourceType, SecurityGroupRule as LiveRule};
use model::path::{Path, Step};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refine, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::security_group::rule::{self, Permission, Rule, protocol_name};
use crate::ec2::security_group::{self, Direction};
use crate::ec2::vpc_security_group_rule::marked;
use crate::ec2::{filter, tags};
use crate::failure::Operation;
use crate::tags::settle_new;

/// The arguments that name where traffic comes from or goes to.
const PEERS: [&str; 5] = ["cidr_blocks", "ipv6_cidr_blocks", "prefix_list_ids", "self", "source_security_group_id"];
/// The longest description, in characters.
const DESCRIPTION_MAX: usize = 255;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SecurityGroupRule {
    cidr_blocks: Vec<String>,
    description: String,
    from_port: i32,
    id: String,
    ipv6_cidr_blocks: Vec<String>,
    prefix_list_ids: Vec<String>,
    protocol: String,
    security_group_id: String,
    /// AWS's identifier where the object is one rule to it; empty where it is several.
    security_group_rule_id: String,
    #[serde(rename = "self")]
    is_self: bool,
    /// Null in states where there is none.
    #[serde(skip_serializing_if = "String::is_empty")]
    source_security_group_id: String,
    timeouts: Option<WrittenTimeouts>,
    to_port: i32,
    r#type: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
}

impl Resource for SecurityGroupRule {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_security_group_rule";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(5, 5, 5);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let permissions = want.rule().permissions();
        let permissions = Some(rule::request(&permissions.iter().collect::<Vec<_>>(), &want.security_group_id));
        let mark = tags::of_new(ResourceType::SecurityGroupRule, &Tags::new(), creation.token);
        let created = match want.direction() {
            Direction::Ingress => {
                let call = aws.ec2().authorize_security_group_ingress().group_id(&want.security_group_id);
                let call = call.set_ip_permissions(permissions).tag_specifications(mark);
                call.send().await.operation("ec2:AuthorizeSecurityGroupIngress")?.security_group_rules
            }
            Direction::Egress => {
                let call = aws.ec2().authorize_security_group_egress().group_id(&want.security_group_id);
                let call = call.set_ip_permissions(permissions).tag_specifications(mark);
                call.send().await.operation("ec2:AuthorizeSecurityGroupEgress")?.security_group_rules
            }
        };
        let created = created.unwrap_or_default();
        let rule = want.made(&created);
        settle_new(creation, &rule, unmark(aws, &created)).await?;
        Ok(rule)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut ids: Vec<String> = have.iter().map(|rule| rule.security_group_id.clone()).collect();
        ids.sort();
        ids.dedup();
        let groups = security_group::describe(aws, filter("group-id", ids)).await?;
        let find = |have: &Self| {
            let group = groups.iter().find(|group| group.group_id.as_deref() == Some(&have.security_group_id))?;
            let live = match have.direction() {
                Direction::Ingress => group.ip_permissions.clone(),
                Direction::Egress => group.ip_permissions_egress.clone(),
            };
            let owner_id = group.owner_id.as_deref().unwrap_or_default();
            have.in_live(&rule::permissions(live.unwrap_or_default(), &have.security_group_id, owner_id))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.description == want.description {
            return Ok(());
        }
        let permissions = want.rule().permissions();
        let permissions: Vec<&Permission> = permissions.iter().collect();
        security_group::describe_again(aws, &have.security_group_id, have.direction(), &permissions).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let permissions = have.rule().permissions();
        let permissions: Vec<&Permission> = permissions.iter().collect();
        security_group::revoke(aws, &have.security_group_id, have.direction(), &permissions).await
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let rules = marked(aws, &want.security_group_id, token).await?;
        if rules.is_empty() {
            return Ok(None);
        }
        unmark(aws, &rules).await?;
        Ok(Some(want.made(&rules)))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let parts: Vec<&str> = id.split('_').collect();
        let [group, kind @ ("ingress" | "egress"), protocol, from_port, to_port, peers @ ..] = parts.as_slice() else {
            return Err(wrong_import(id));
        };
        let (Ok(from_port), Ok(to_port), false) = (from_port.parse(), to_port.parse(), peers.is_empty()) else {
            return Err(wrong_import(id));
        };
        let mut rule = SecurityGroupRule {
            from_port,
            protocol: protocol_name(protocol),
            security_group_id: (*group).to_string(),
            to_port,
            r#type: (*kind).to_string(),
            ..SecurityGroupRule::default()
        };
        for peer in peers {
            rule.add_peer(peer);
        }
        rule.id = rule.made_up_id();
        Ok(rule)
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        let name = |value: &Value| value.reveal().as_str().map(protocol_name);
        attribute == "protocol" && name(config).is_some() && name(prior) == name(config)
    }

    fn refine(refine: Refine<'_>) {
        let protocol = refine.planned.get("protocol");
        if let Some(protocol) = protocol.as_ref().and_then(|protocol| protocol.reveal().as_str()) {
            let planned = refine.planned.clone().with("protocol", Value::string(protocol_name(protocol)));
            *refine.planned = planned;
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let is_left_out = |name: &&str| config.get(name).is_none_or(|value| value.is_null());
        let no_peer = PEERS.iter().all(is_left_out).then(|| Refusal {
            attribute: Path::root(),
            summary: "Missing required argument".into(),
            detail: format!("At least one of these must be given: `{}`.", PEERS.join("`, `")),
        });
        let v4 = refuse_blocks(config, "cidr_blocks", || Family::V4(0..=32));
        let v6 = refuse_blocks(config, "ipv6_cidr_blocks", || Family::V6(0..=128));
        no_peer.into_iter().chain(v4).chain(v6).chain(refuse_description(config)).collect()
    }
}

impl SecurityGroupRule {
    fn direction(&self) -> Direction {
        if self.r#type == "egress" { Direction::Egress } else { Direction::Ingress }
    }

    /// The object as a block of a security group.
    fn rule(&self) -> Rule {
        let is_group = |id: &&String| !id.is_empty();
        Rule {
            cidr_blocks: self.cidr_blocks.clone(),
            description: self.description.clone(),
            from_port: self.from_port,
            ipv6_cidr_blocks: self.ipv6_cidr_blocks.clone(),
            prefix_list_ids: self.prefix_list_ids.clone(),
            protocol: self.protocol.clone(),
            security_groups: Some(&self.source_security_group_id)
                .filter(is_group)
                .filter(|id| **id != self.security_group_id)
                .into_iter()
                .cloned()
                .collect(),
            is_self: self.is_self || self.source_security_group_id == self.security_group_id,
            to_port: self.to_port,
        }
    }

    /// The object, once AWS made rules for it.
    fn made(&self, rules: &[LiveRule]) -> SecurityGroupRule {
        let security_group_rule_id = match rules {
            [one] => one.security_group_rule_id.clone().unwrap_or_default(),
            [] | [_, _, ..] => String::new(),
        };
        SecurityGroupRule { id: self.made_up_id(), security_group_rule_id, ..self.clone() }
    }

    /// What is there of the object; `None` when nothing is.
    fn in_live(&self, live: &[Permission]) -> Option<SecurityGroupRule> {
        let there = |permission: &Permission| live.iter().find(|live| live.is_same_traffic(permission));
        let rule = self.rule();
        let kept = rule.reduced_to(|permission| there(permission).is_some())?;
        let description = rule.permissions().iter().find_map(there).map(|live| live.description().to_string());
        let is_source_kept = !kept.security_groups.is_empty() || kept.is_self;
        Some(SecurityGroupRule {
            cidr_blocks: kept.cidr_blocks,
            description: description.unwrap_or_default(),
            ipv6_cidr_blocks: kept.ipv6_cidr_blocks,
            prefix_list_ids: kept.prefix_list_ids,
            is_self: self.is_self && kept.is_self,
            source_security_group_id: if is_source_kept {
                self.source_security_group_id.clone()
            } else {
                String::new()
            },
            ..self.clone()
        })
    }

    fn add_peer(&mut self, peer: &str) {
        if peer == "self" {
            self.is_self = true;
        } else if peer.starts_with("pl-") {
            self.prefix_list_ids.push(peer.to_string());
        } else if peer.contains(':') {
            self.ipv6_cidr_blocks.push(peer.to_string());
        } else if peer.contains("sg-") {
            self.source_security_group_id = peer.to_string();
        } else {
            self.cidr_blocks.push(peer.to_string());
        }
    }

    /// `sgrule-` and a checksum of what the object says, as states have it.
    fn made_up_id(&self) -> String {
        let rule = self.rule();
        let mut text = format!("{}-", self.security_group_id);
        for port in [self.from_port, self.to_port].into_iter().filter(|port| *port > 0) {
            text.push_str(&format!("{port}-"));
        }
        text.push_str(&format!("{}-{}-", protocol_name(&self.protocol), self.r#type));
        for peers in [rule.cidr_blocks, rule.ipv6_cidr_blocks, rule.prefix_list_ids] {
            let mut peers = peers;
            peers.sort();
            text.extend(peers.iter().map(|peer| format!("{peer}-")));
        }
        let itself = rule.is_self.then(|| self.security_group_id.clone());
        for group in rule.security_groups.into_iter().chain(itself) {
            let id = group.rsplit('/').next().unwrap_or_default();
            text.push_str(&format!("{id}--"));
        }
        format!("sgrule-{}", crc32fast::hash(text.as_bytes()))
    }
}

fn wrong_import(id: &str) -> ProviderError {
    let message = format!("`{id}` does not have the form `GROUP_TYPE_PROTOCOL_FROM_TO_SOURCE[_SOURCE..]`");
    ProviderError::invalid("import aws_security_group_rule", message)
        .hint("for example `sg-0a1b_ingress_tcp_8000_8000_10.0.3.0/24`; a source is a network, a prefix list, a group or `self`")
}

/// Takes the marks off new rules.
async fn unmark(aws: &Aws, rules: &[LiveRule]) -> Result<(), ProviderError> {
    let ids: Vec<String> = rules.iter().filter_map(|rule| rule.security_group_rule_id.clone()).collect();
    if ids.is_empty() { Ok(()) } else { tags::unmark_all(aws, ids).await }
}

fn refuse_blocks(config: &Value, attribute: &str, family: impl Fn() -> Family) -> Vec<Refusal> {
    let Some(blocks) = config.get(attribute) else { return Vec::new() };
    let blocks = blocks.reveal().items().unwrap_or_default();
    let refuse = |(index, block): (usize, &Value)| {
        let one = Value::object([(attribute.to_string(), block.clone())]);
        let refusal = cidr::check(&one, attribute, family())?;
        Some(Refusal { attribute: Path::attribute(attribute).child(Step::Index(index)), ..refusal })
    };
    blocks.iter().enumerate().filter_map(refuse).collect()
}

fn refuse_description(config: &Value) -> Option<Refusal> {
    let description = config.get("description")?;
    let text = description.reveal().as_str()?;
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    let detail = if text.chars().count() > DESCRIPTION_MAX {
        format!("It can have at most {DESCRIPTION_MAX} characters.")
    } else {
        let wrong = text.chars().find(|c| !is_allowed(*c))?;
        format!("It may hold letters, digits, spaces and `._-:/()#,@[]+=&;{{}}!$*`, not `{wrong}`.")
    };
    Some(Refusal { attribute: Path::attribute("description"), summary: "invalid value for description".into(), detail })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str) -> SecurityGroupRule {
        SecurityGroupRule::import(id).expect("the form is right")
    }

    #[test]
    fn identifiers_are_those_that_states_have() {
        let group = "sg-fbc925f945166fb55";
        for (rest, expected) in [
            ("ingress_tcp_90_90_10.0.0.0/8", "sgrule-210283755"),
            ("ingress_tcp_80_80_192.168.0.0/16_10.0.0.0/8", "sgrule-1780114545"),
            ("ingress_tcp_81_81_self", "sgrule-2730519684"),
            ("egress_all_0_0_sg-c25055fb2a873d378", "sgrule-457983254"),
        ] {
            assert_eq!(rule(&format!("{group}_{rest}")).id, expected, "{rest}");
        }
    }

    #[test]
    fn an_import_identifier_names_a_source() {
        for id in ["sg-a", "sg-a_ingress_tcp_80_80", "sg-a_in_tcp_80_80_10.0.0.0/8", "sg-a_ingress_tcp_x_80_self"] {
            assert!(SecurityGroupRule::import(id).is_err(), "{id}");
        }
    }

    #[test]
    fn a_source_that_is_gone_is_missing_from_the_object() {
        let both = rule("sg-a_ingress_tcp_80_80_10.0.0.0/8_192.168.0.0/16");
        let live = rule("sg-a_ingress_tcp_80_80_192.168.0.0/16").rule().permissions();
        let left = both.in_live(&live).expect("one is there");
        assert_eq!(left.cidr_blocks, ["192.168.0.0/16"]);
        assert!(both.in_live(&[]).is_none());
    }

    #[test]
    fn a_description_comes_from_the_live_rule() {
        let mut described = rule("sg-a_ingress_tcp_80_80_self");
        described.description = "web".into();
        let live = described.rule().permissions();
        let read = rule("sg-a_ingress_tcp_80_80_self").in_live(&live).expect("it is there");
        assert_eq!((read.description.as_str(), read.is_self), ("web", true));
    }
}
