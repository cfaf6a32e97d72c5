//! Entries of a network ACL: blocks as configured, and the calls that bring a list to what is wanted.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{IcmpTypeCode, NetworkAclEntry as Live, PortRange, RuleAction};
use model::path::{Path, Step};
use model::value::{Kind, Value};
use provider::error::ProviderError;
use provider::resource::Refusal;
use serde::{Deserialize, Serialize};

use super::protocol;
use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::given;
use crate::failure::Operation;

/// The entries that AWS ends every list with have the numbers from here on: nobody can configure them.
const LAST: i32 = 32_767;
/// The attributes of an ACL that hold entries.
pub const LISTS: [&str; 2] = ["ingress", "egress"];

/// An `ingress` or `egress` block.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    pub action: String,
    pub cidr_block: String,
    pub from_port: i32,
    pub icmp_code: Option<i32>,
    pub icmp_type: Option<i32>,
    pub ipv6_cidr_block: String,
    pub protocol: String,
    pub rule_no: i32,
    pub to_port: i32,
}

impl Entry {
    /// Whether both let the same traffic through; ports and ICMP types that a protocol doesn't have don't count.
    pub fn is_same(&self, other: &Entry) -> bool {
        self.rule_no == other.rule_no
            && self.action.eq_ignore_ascii_case(&other.action)
            && protocol::number(&self.protocol) == protocol::number(&other.protocol)
            && self.cidr_block == other.cidr_block
            && self.ipv6_cidr_block == other.ipv6_cidr_block
            && (!self.has_ports() || (self.from_port, self.to_port) == (other.from_port, other.to_port))
            && (!self.is_icmp() || self.icmp() == other.icmp())
    }

    pub fn is_icmp(&self) -> bool {
        matches!(protocol::number(&self.protocol), Some(1 | 58))
    }

    fn has_ports(&self) -> bool {
        matches!(protocol::number(&self.protocol), Some(6 | 17))
    }

    fn icmp(&self) -> (i32, i32) {
        (self.icmp_type.unwrap_or(0), self.icmp_code.unwrap_or(0))
    }

    fn port_range(&self) -> PortRange {
        PortRange::builder().from(self.from_port).to(self.to_port).build()
    }

    /// AWS wants a type and code of ICMP entries and takes them with others too.
    fn icmp_type_code(&self) -> Option<IcmpTypeCode> {
        let (kind, code) = self.icmp();
        self.is_icmp().then(|| IcmpTypeCode::builder().r#type(kind).code(code).build())
    }

    pub fn of(live: Live) -> Entry {
        let ports = live.port_range;
        Entry {
            action: live.rule_action.map(|action| action.as_str().to_string()).unwrap_or_default(),
            cidr_block: live.cidr_block.unwrap_or_default(),
            from_port: ports.as_ref().and_then(|ports| ports.from).unwrap_or(0),
            icmp_code: live.icmp_type_code.as_ref().and_then(|icmp| icmp.code),
            icmp_type: live.icmp_type_code.and_then(|icmp| icmp.r#type),
            ipv6_cidr_block: live.ipv6_cidr_block.unwrap_or_default(),
            protocol: live.protocol.unwrap_or_default(),
            rule_no: live.rule_number.unwrap_or(0),
            to_port: ports.and_then(|ports| ports.to).unwrap_or(0),
        }
    }
}

/// The entries of a direction that somebody made, written as `have` has those that mean the same.
pub fn live(entries: &[Live], egress: bool, have: &[Entry]) -> Vec<Entry> {
    let own = entries
        .iter()
        .filter(|live| live.egress.unwrap_or(false) == egress && live.rule_number.is_none_or(|number| number < LAST));
    let written = |live: Entry| have.iter().find(|have| have.is_same(&live)).cloned().unwrap_or(live);
    own.map(|live| written(Entry::of(live.clone()))).collect()
}

/// Sets what CreateNetworkAclEntry and ReplaceNetworkAclEntry have in common.
macro_rules! with_entry {
    ($call:expr, $acl:expr, $egress:expr, $entry:expr) => {
        $call
            .network_acl_id($acl)
            .egress($egress)
            .rule_number($entry.rule_no)
            .rule_action(RuleAction::from($entry.action.to_ascii_lowercase().as_str()))
            .protocol(protocol::as_number(&$entry.protocol))
            .set_cidr_block(given(&$entry.cidr_block))
            .set_ipv6_cidr_block(given(&$entry.ipv6_cidr_block))
            .port_range($entry.port_range())
            .set_icmp_type_code($entry.icmp_type_code())
    };
}

pub async fn create(aws: &Aws, acl: &str, egress: bool, entry: &Entry) -> Result<(), ProviderError> {
    let call = with_entry!(aws.ec2().create_network_acl_entry(), acl, egress, entry);
    call.send().await.operation("ec2:CreateNetworkAclEntry").map(drop)
}

pub async fn delete(aws: &Aws, acl: &str, egress: bool, rule_no: i32) -> Result<(), ProviderError> {
    let call = aws.ec2().delete_network_acl_entry().network_acl_id(acl).egress(egress).rule_number(rule_no);
    match call.send().await.operation("ec2:DeleteNetworkAclEntry") {
        Err(error) if error.is_not_found() => Ok(()),
        ended => ended.map(drop),
    }
}

/// Brings the entries of a direction to what is wanted: one of the same number is replaced without a gap.
pub async fn update(aws: &Aws, acl: &str, egress: bool, have: &[Entry], want: &[Entry]) -> Result<(), ProviderError> {
    let numbers: BTreeMap<i32, &Entry> = have.iter().map(|entry| (entry.rule_no, entry)).collect();
    for entry in want {
        match numbers.get(&entry.rule_no) {
            Some(have) if have.is_same(entry) => {}
            Some(_) => {
                let call = with_entry!(aws.ec2().replace_network_acl_entry(), acl, egress, entry);
                call.send().await.operation("ec2:ReplaceNetworkAclEntry")?;
            }
            None => create(aws, acl, egress, entry).await?,
        }
    }
    for number in numbers.keys().filter(|number| !want.iter().any(|entry| entry.rule_no == **number)) {
        delete(aws, acl, egress, *number).await?;
    }
    Ok(())
}

/// Keeps a prior entry in place of a planned one that means the same: the protocol by its name, what is left out as zero.
pub fn keep_equivalent(prior: Option<&Value>, planned: &mut Value) {
    for list in LISTS {
        let (Some(entries), before) = (planned.get(list), prior.and_then(|prior| prior.get(list))) else { continue };
        let Kind::Set(element, items) = entries.reveal() else { continue };
        let before = before.as_ref().and_then(|before| before.reveal().items()).unwrap_or_default();
        let kept = |item: &Value| {
            let same = before.iter().find(|before| means_the_same(before, item));
            same.cloned().unwrap_or_else(|| item.clone())
        };
        let items = items.iter().map(kept).collect();
        *planned = planned.clone().with(list, Value::set(element.clone(), items).with_marks(entries.marks()));
    }
}

fn means_the_same(prior: &Value, planned: &Value) -> bool {
    let number = |entry: &Value, name: &str| {
        entry.get(name).map_or(Some(0), |value| match value.is_null() {
            true => Some(0),
            false => value.reveal().as_i64(),
        })
    };
    let text = |entry: &Value, name: &str| {
        entry.get(name).map_or(Some(String::new()), |value| match value.is_null() {
            true => Some(String::new()),
            false => value.reveal().as_str().map(str::to_string),
        })
    };
    let is_same_number = |name: &&str| number(planned, name).is_some() && number(prior, name) == number(planned, name);
    let is_same_text = |name: &&str| text(planned, name).is_some() && text(prior, name) == text(planned, name);
    let protocol = |entry: &Value| text(entry, "protocol").and_then(|text| protocol::number(&text));
    ["rule_no", "from_port", "to_port", "icmp_code", "icmp_type"].iter().all(is_same_number)
        && ["action", "cidr_block", "ipv6_cidr_block"].iter().all(is_same_text)
        && protocol(planned).is_some()
        && protocol(prior) == protocol(planned)
}

/// Refuses entries that no ACL can have (CreateNetworkAclEntry's reference): numbers, protocols, networks, and two of one number.
pub fn validate(config: &Value) -> Vec<Refusal> {
    LISTS.iter().flat_map(|list| validate_list(config, list)).collect()
}

fn validate_list(config: &Value, list: &str) -> Vec<Refusal> {
    let Some(entries) = config.get(list) else { return Vec::new() };
    let entries = entries.reveal().items().unwrap_or_default();
    let mut refusals = Vec::new();
    let mut numbers = Vec::new();
    for entry in entries {
        let place = Path { steps: vec![Step::Attribute(list.into()), Step::Element(entry.clone())] };
        let mut refuse = |name: &str, detail: String| {
            let attribute = place.child(Step::Attribute(name.into()));
            refusals.push(Refusal { attribute, summary: format!("invalid value for {name}"), detail });
        };
        let text = |name: &str| entry.get(name).and_then(|value| value.reveal().as_str().map(str::to_string));
        if let Some(text) = text("protocol").filter(|text| protocol::number(text).is_none()) {
            refuse("protocol", format!("It must be a protocol's number, its name, or `-1` for all, not `{text}`."));
        }
        if let Some(text) = text("action").filter(|text| !["allow", "deny"].contains(&text.to_lowercase().as_str())) {
            refuse("action", format!("It must be `allow` or `deny`, not `{text}`."));
        }
        if let Some(number) = entry.get("rule_no").and_then(|number| number.reveal().as_i64()) {
            if !(1..i64::from(LAST)).contains(&number) {
                refuse("rule_no", format!("It must be a number from 1 to {}, not {number}.", LAST - 1));
            }
            if numbers.contains(&number) {
                refuse("rule_no", format!("Two entries of `{list}` have the number {number}."));
            }
            numbers.push(number);
        }
        let families = [("cidr_block", Family::V4(0..=32)), ("ipv6_cidr_block", Family::V6(0..=128))];
        for (name, family) in families {
            let is_given = text(name).is_some_and(|text| !text.is_empty());
            let refusal = cidr::check(entry, name, family).filter(|_| is_given);
            refusals.extend(
                refusal.map(|refusal| Refusal { attribute: place.child(Step::Attribute(name.into())), ..refusal }),
            );
        }
    }
    refusals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(protocol: &str) -> Entry {
        Entry {
            action: "allow".into(),
            cidr_block: "10.0.0.0/8".into(),
            from_port: 80,
            protocol: protocol.into(),
            rule_no: 100,
            to_port: 80,
            ..Entry::default()
        }
    }

    #[test]
    fn what_a_protocol_does_not_have_makes_no_difference() {
        assert!(entry("tcp").is_same(&Entry { icmp_type: Some(0), ..entry("6") }));
        assert!(!entry("tcp").is_same(&Entry { to_port: 81, ..entry("6") }));
        assert!(entry("all").is_same(&Entry { from_port: 0, to_port: 0, ..entry("-1") }));
        assert!(!entry("icmp").is_same(&Entry { icmp_type: Some(8), ..entry("1") }));
    }

    #[test]
    fn the_entry_that_ends_a_list_is_nobodys() {
        let last = Live::builder().rule_number(LAST).egress(false).build();
        assert!(live(&[last], false, &[]).is_empty());
    }
}
