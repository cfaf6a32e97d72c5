//! `aws_network_acl_rule`: one entry of a network ACL.
//!
//! It is known by its ACL, its direction and its number; `id` is a checksum of these. Nothing of it changes in place.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::NetworkAclEntry as Live;
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::network_acl::entry::{self, Entry};
use crate::ec2::network_acl::{self, protocol};

/// The highest number that can be given: behind it are the entries that end a list.
const NUMBER_MAX: i64 = 32_766;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkAclRule {
    cidr_block: String,
    egress: bool,
    from_port: i32,
    icmp_code: Option<i32>,
    icmp_type: Option<i32>,
    id: String,
    ipv6_cidr_block: String,
    network_acl_id: String,
    protocol: String,
    rule_action: String,
    rule_number: i32,
    to_port: i32,
}

impl Resource for NetworkAclRule {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_network_acl_rule";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        match entry::create(aws, &want.network_acl_id, want.egress, &want.entry()).await {
            Err(error) if error.kind == ErrorKind::AlreadyExists => {
                Err(error.hint("choose another `rule_number`, or take the entry over with `infra import`"))
            }
            ended => ended.map(|()| NetworkAclRule { id: want.made_up_id(), ..want.clone() }),
        }
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut ids: Vec<String> = have.iter().map(|rule| rule.network_acl_id.clone()).collect();
        ids.sort();
        ids.dedup();
        let acls = network_acl::named(aws, &ids).await?.into_iter();
        let entries: BTreeMap<String, Vec<Live>> =
            acls.filter_map(|acl| Some((acl.network_acl_id?, acl.entries.unwrap_or_default()))).collect();
        let find = |have: &Self| {
            let is_it = |live: &&Live| {
                live.egress.unwrap_or(false) == have.egress && live.rule_number == Some(have.rule_number)
            };
            Some(have.with_live(entries.get(&have.network_acl_id)?.iter().find(is_it)?.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        entry::delete(aws, &have.network_acl_id, have.egress, have.rule_number).await
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        let wanted = NetworkAclRule { id: want.made_up_id(), ..want.clone() };
        let Some(found) = Self::read(aws, &[wanted]).await?.pop().flatten() else { return Ok(None) };
        // The API doesn't tell when an entry was made; one that says something else is somebody else's.
        if !found.entry().is_same(&want.entry()) {
            let message = format!("{} has another entry {} already", want.network_acl_id, want.rule_number);
            return Err(ProviderError::new(ErrorKind::AlreadyExists, "ec2:CreateNetworkAclEntry", message));
        }
        Ok(Some(found))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let wrong = || {
            let message = format!("`{id}` does not have the form `NETWORK_ACL_ID:RULE_NUMBER:PROTOCOL:EGRESS`");
            ProviderError::invalid("import aws_network_acl_rule", message).hint("for example `acl-0a1b:100:tcp:false`")
        };
        let parts: Vec<&str> = id.split(':').collect();
        let [acl, number, protocol, egress] = parts.as_slice() else { return Err(wrong()) };
        let (Ok(rule_number), Ok(egress)) = (number.parse(), egress.parse()) else { return Err(wrong()) };
        let rule = NetworkAclRule {
            egress,
            network_acl_id: (*acl).to_string(),
            protocol: (*protocol).to_string(),
            rule_number,
            ..NetworkAclRule::default()
        };
        Ok(NetworkAclRule { id: rule.made_up_id(), ..rule })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        let number = |value: &Value| value.reveal().as_str().and_then(protocol::number);
        attribute == "protocol" && number(config).is_some() && number(prior) == number(config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let refuse = |name: &str, detail: String| Refusal {
            attribute: Path::attribute(name),
            summary: format!("invalid value for {name}"),
            detail,
        };
        let text = |name: &str| config.get(name).and_then(|value| value.reveal().as_str().map(str::to_string));
        let protocol = text("protocol").filter(|text| protocol::number(text).is_none()).map(|text| {
            refuse("protocol", format!("It must be a protocol's number, its name, or `-1` for all, not `{text}`."))
        });
        let number = config.get("rule_number").and_then(|number| number.reveal().as_i64());
        let number = number
            .filter(|number| !(1..=NUMBER_MAX).contains(number))
            .map(|number| refuse("rule_number", format!("It must be a number from 1 to {NUMBER_MAX}, not {number}.")));
        let is_left_out = |name: &str| config.get(name).is_none_or(|value| value.is_null());
        let network = (is_left_out("cidr_block") && is_left_out("ipv6_cidr_block")).then(|| Refusal {
            attribute: Path::root(),
            summary: "Missing required argument".into(),
            detail: "One of these must be given: `cidr_block`, `ipv6_cidr_block`.".into(),
        });
        let v4 = cidr::check(config, "cidr_block", Family::V4(0..=32));
        let v6 = cidr::check(config, "ipv6_cidr_block", Family::V6(0..=128));
        let given = |name: &str| text(name).is_none_or(|text| !text.is_empty());
        let blocks = [v4.filter(|_| given("cidr_block")), v6.filter(|_| given("ipv6_cidr_block"))];
        [protocol, number, network].into_iter().chain(blocks).flatten().collect()
    }
}

impl NetworkAclRule {
    fn entry(&self) -> Entry {
        Entry {
            action: self.rule_action.clone(),
            cidr_block: self.cidr_block.clone(),
            from_port: self.from_port,
            icmp_code: self.icmp_code,
            icmp_type: self.icmp_type,
            ipv6_cidr_block: self.ipv6_cidr_block.clone(),
            protocol: self.protocol.clone(),
            rule_no: self.rule_number,
            to_port: self.to_port,
        }
    }

    fn with_live(&self, live: Live) -> NetworkAclRule {
        let live = Entry::of(live);
        let is_icmp = live.is_icmp();
        NetworkAclRule {
            cidr_block: live.cidr_block,
            from_port: live.from_port,
            icmp_code: live.icmp_code.filter(|_| is_icmp).or(self.icmp_code),
            icmp_type: live.icmp_type.filter(|_| is_icmp).or(self.icmp_type),
            ipv6_cidr_block: live.ipv6_cidr_block,
            protocol: protocol::written(&self.protocol, live.protocol),
            rule_action: live.action,
            to_port: live.to_port,
            ..self.clone()
        }
    }

    /// `nacl-` and a checksum, as states have it.
    fn made_up_id(&self) -> String {
        let text = format!("{}-{}-{}-{}-", self.network_acl_id, self.rule_number, self.egress, self.protocol);
        format!("nacl-{}", crc32fast::hash(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_those_that_states_have() {
        let rule = |id: &str| NetworkAclRule::import(id).expect("the form is right").id;
        assert_eq!(rule("acl-d4c6676837a033889:200:tcp:false"), "nacl-1393818465");
        assert_eq!(rule("acl-d4c6676837a033889:201:-1:true"), "nacl-160008368");
    }
}
