//! Rules of a security group: blocks as configured, single permissions as AWS keeps them, and the way between.

use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair};
use ipnet::IpNet;
use model::path::{Path, Step};
use model::value::{Kind, Value};
use provider::resource::Refusal;
use serde::{Deserialize, Serialize};

/// An `ingress` or `egress` block.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    pub cidr_blocks: Vec<String>,
    pub description: String,
    pub from_port: i32,
    pub ipv6_cidr_blocks: Vec<String>,
    pub prefix_list_ids: Vec<String>,
    pub protocol: String,
    pub security_groups: Vec<String>,
    #[serde(rename = "self")]
    pub is_self: bool,
    pub to_port: i32,
}

/// One kind of traffic from or to one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Permission {
    protocol: String,
    from_port: i32,
    to_port: i32,
    peer: Peer,
    description: String,
}

/// Where traffic comes from or goes to.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Peer {
    V4(String),
    V6(String),
    PrefixList(String),
    /// By identifier, or `ACCOUNT/ID` for one of another account.
    Group(String),
    /// The group itself.
    Itself,
}

impl Rule {
    /// What AWS gives a new group for its egress.
    pub fn everything() -> Rule {
        Rule { cidr_blocks: vec!["0.0.0.0/0".into()], protocol: "-1".into(), ..Rule::default() }
    }

    /// The permissions that the block stands for.
    pub fn permissions(&self) -> Vec<Permission> {
        let v4 = self.cidr_blocks.iter().cloned().map(Peer::V4);
        let v6 = self.ipv6_cidr_blocks.iter().cloned().map(Peer::V6);
        let lists = self.prefix_list_ids.iter().cloned().map(Peer::PrefixList);
        let groups = self.security_groups.iter().cloned().map(Peer::Group);
        let itself = self.is_self.then_some(Peer::Itself);
        let protocol = protocol_name(&self.protocol);
        let (from_port, to_port) = if protocol == "-1" { (0, 0) } else { (self.from_port, self.to_port) };
        v4.chain(v6)
            .chain(lists)
            .chain(groups)
            .chain(itself)
            .map(|peer| Permission {
                protocol: protocol.clone(),
                from_port,
                to_port,
                peer,
                description: self.description.clone(),
            })
            .collect()
    }

    /// The block reduced to the permissions that are there; `None` when none is.
    pub fn reduced_to(&self, is_there: impl Fn(&Permission) -> bool) -> Option<Rule> {
        let kept: Vec<Permission> = self.permissions().into_iter().filter(|permission| is_there(permission)).collect();
        let mut rule = Rule {
            description: self.description.clone(),
            from_port: self.from_port,
            protocol: self.protocol.clone(),
            to_port: self.to_port,
            ..Rule::default()
        };
        for permission in &kept {
            rule.add(&permission.peer);
        }
        (!kept.is_empty()).then_some(rule)
    }

    fn add(&mut self, peer: &Peer) {
        match peer {
            Peer::V4(block) => self.cidr_blocks.push(block.clone()),
            Peer::V6(block) => self.ipv6_cidr_blocks.push(block.clone()),
            Peer::PrefixList(id) => self.prefix_list_ids.push(id.clone()),
            Peer::Group(id) => self.security_groups.push(id.clone()),
            Peer::Itself => self.is_self = true,
        }
    }
}

impl Permission {
    pub fn description(&self) -> &str {
        &self.description
    }

    /// Whether it allows the same, whatever the description.
    pub fn is_same_traffic(&self, other: &Permission) -> bool {
        self.protocol == other.protocol
            && self.from_port == other.from_port
            && self.to_port == other.to_port
            && self.peer == other.peer
    }
}

/// The permissions of an answer.
pub fn permissions(live: Vec<IpPermission>, group_id: &str, owner_id: &str) -> Vec<Permission> {
    live.into_iter().flat_map(|live| of_one(live, group_id, owner_id)).collect()
}

fn of_one(live: IpPermission, group_id: &str, owner_id: &str) -> Vec<Permission> {
    let protocol = protocol_name(&live.ip_protocol.unwrap_or_default());
    let ports = if protocol == "-1" { (0, 0) } else { (live.from_port.unwrap_or(0), live.to_port.unwrap_or(0)) };
    let v4 =
        live.ip_ranges.unwrap_or_default().into_iter().map(|range| (range.cidr_ip.map(Peer::V4), range.description));
    let v6 = live
        .ipv6_ranges
        .unwrap_or_default()
        .into_iter()
        .map(|range| (range.cidr_ipv6.map(Peer::V6), range.description));
    let lists = live.prefix_list_ids.unwrap_or_default().into_iter();
    let lists = lists.map(|list| (list.prefix_list_id.map(Peer::PrefixList), list.description));
    let groups = live.user_id_group_pairs.unwrap_or_default().into_iter().map(|pair| {
        let peer = pair.group_id.map(|id| match pair.user_id {
            _ if id == group_id => Peer::Itself,
            Some(user) if !user.is_empty() && user != owner_id => Peer::Group(format!("{user}/{id}")),
            Some(_) | None => Peer::Group(id),
        });
        (peer, pair.description)
    });
    v4.chain(v6)
        .chain(lists)
        .chain(groups)
        .filter_map(|(peer, description)| {
            Some(Permission {
                protocol: protocol.clone(),
                from_port: ports.0,
                to_port: ports.1,
                peer: peer?,
                description: description.unwrap_or_default(),
            })
        })
        .collect()
}

/// Permissions put back into the blocks they came from; those of no known block make blocks by traffic and description.
pub fn gathered(mut live: Vec<Permission>, known: &[Rule]) -> Vec<Rule> {
    let mut rules: Vec<Rule> =
        known.iter().filter_map(|rule| rule.reduced_to(|permission| live.contains(permission))).collect();
    let claimed: Vec<Permission> = rules.iter().flat_map(Rule::permissions).collect();
    live.retain(|permission| !claimed.contains(permission));
    let first_new = rules.len();
    for permission in live {
        let fits = |rule: &&mut Rule| {
            rule.protocol == permission.protocol
                && rule.from_port == permission.from_port
                && rule.to_port == permission.to_port
                && rule.description == permission.description
        };
        match rules[first_new..].iter_mut().find(fits) {
            Some(rule) => rule.add(&permission.peer),
            None => {
                let mut rule = Rule {
                    description: permission.description.clone(),
                    from_port: permission.from_port,
                    protocol: permission.protocol.clone(),
                    to_port: permission.to_port,
                    ..Rule::default()
                };
                rule.add(&permission.peer);
                rules.push(rule);
            }
        }
    }
    rules
}

/// Permissions as a request has them.
pub fn request(permissions: &[&Permission], group_id: &str) -> Vec<IpPermission> {
    permissions.iter().map(|permission| request_one(permission, group_id)).collect()
}

fn request_one(permission: &Permission, group_id: &str) -> IpPermission {
    let description = Some(permission.description.clone()).filter(|text| !text.is_empty());
    let request = IpPermission::builder().ip_protocol(&permission.protocol);
    let request = if permission.protocol == "-1" {
        request
    } else {
        request.from_port(permission.from_port).to_port(permission.to_port)
    };
    let pair = UserIdGroupPair::builder().set_description(description.clone());
    match &permission.peer {
        Peer::V4(block) => request.ip_ranges(IpRange::builder().cidr_ip(block).set_description(description).build()),
        Peer::V6(block) => {
            request.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(block).set_description(description).build())
        }
        Peer::PrefixList(id) => {
            request.prefix_list_ids(PrefixListId::builder().prefix_list_id(id).set_description(description).build())
        }
        Peer::Group(id) => request.user_id_group_pairs(match id.split_once('/') {
            Some((user, id)) => pair.user_id(user).group_id(id).build(),
            None => pair.group_id(id).build(),
        }),
        Peer::Itself => request.user_id_group_pairs(pair.group_id(group_id).build()),
    }
    .build()
}

/// A protocol as states have it: a name in small letters for those that AWS names, else the number; `-1` for all.
pub fn protocol_name(protocol: &str) -> String {
    let protocol = protocol.to_lowercase();
    match protocol.as_str() {
        "all" | "-1" | "" => "-1",
        "1" => "icmp",
        "6" => "tcp",
        "17" => "udp",
        "58" => "icmpv6",
        other => other,
    }
    .to_string()
}

/// Keeps a prior rule in place of a planned one that means the same: the protocol by its number, in capitals, or `all`.
pub fn keep_equivalent(prior: Option<&Value>, planned: &mut Value) {
    for attribute in ["ingress", "egress"] {
        let (Some(rules), before) = (planned.get(attribute), prior.and_then(|prior| prior.get(attribute))) else {
            continue;
        };
        let Kind::Set(element, items) = rules.reveal() else { continue };
        let before = before.as_ref().and_then(|before| before.reveal().items()).unwrap_or_default();
        let kept = |item: &Value| {
            let canonical = canonical(item);
            before.iter().find(|before| before.same(&canonical)).cloned().unwrap_or(canonical)
        };
        let items = items.iter().map(kept).collect();
        *planned = planned.clone().with(attribute, Value::set(element.clone(), items).with_marks(rules.marks()));
    }
}

/// The rule with its protocol as states have it.
fn canonical(rule: &Value) -> Value {
    let protocol = rule.get("protocol");
    match protocol.as_ref().and_then(|protocol| protocol.reveal().as_str()) {
        Some(protocol) => rule.clone().with("protocol", Value::string(protocol_name(protocol))),
        None => rule.clone(),
    }
}

/// Refuses blocks that are no networks of their family.
pub fn validate(config: &Value, attribute: &str) -> Vec<Refusal> {
    let Some(rules) = config.get(attribute) else { return Vec::new() };
    let rules = rules.reveal().items().unwrap_or_default();
    rules
        .iter()
        .flat_map(|rule| {
            let v4 = refuse_blocks(rule, attribute, "cidr_blocks", |network| matches!(network, IpNet::V4(_)));
            let v6 = refuse_blocks(rule, attribute, "ipv6_cidr_blocks", |network| matches!(network, IpNet::V6(_)));
            v4.into_iter().chain(v6)
        })
        .collect()
}

fn refuse_blocks(rule: &Value, attribute: &str, name: &str, is_of_family: fn(&IpNet) -> bool) -> Vec<Refusal> {
    let Some(blocks) = rule.get(name) else { return Vec::new() };
    let is_valid = |block: &str| {
        block.parse::<IpNet>().is_ok_and(|network| is_of_family(&network) && network.addr() == network.network())
    };
    let blocks = blocks.reveal().items().unwrap_or_default().iter();
    let wrong = blocks.filter_map(|block| block.reveal().as_str()).filter(|block| !is_valid(block));
    let family = if name == "cidr_blocks" { "IPv4" } else { "IPv6" };
    wrong
        .map(|block| Refusal {
            attribute: Path {
                steps: vec![
                    Step::Attribute(attribute.into()),
                    Step::Element(rule.clone()),
                    Step::Attribute(name.into()),
                ],
            },
            summary: format!("\"{block}\" is not a valid CIDR block"),
            detail: format!("`{name}` takes {family} networks without bits set beyond their prefix."),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(cidr_blocks: &[&str], description: &str) -> Rule {
        Rule {
            cidr_blocks: cidr_blocks.iter().map(ToString::to_string).collect(),
            description: description.into(),
            from_port: 80,
            to_port: 80,
            protocol: "tcp".into(),
            ..Rule::default()
        }
    }

    #[test]
    fn permissions_go_back_into_the_blocks_they_came_from() {
        let known = [rule(&["10.0.0.0/8", "172.16.0.0/12"], "a"), rule(&["192.168.0.0/16"], "b")];
        let mut live: Vec<Permission> = known.iter().flat_map(Rule::permissions).collect();
        live.reverse();
        assert!(gathered(live, &known) == known);
    }

    #[test]
    fn permissions_of_no_known_block_make_blocks_of_their_own() {
        let known = [rule(&["10.0.0.0/8"], "a")];
        let foreign = rule(&["0.0.0.0/0"], "opened by hand");
        let live = known.iter().chain([&foreign]).flat_map(Rule::permissions).collect();
        assert!(gathered(live, &known) == [known[0].clone(), foreign]);
    }

    #[test]
    fn a_block_loses_the_permissions_that_are_gone() {
        let known = [rule(&["10.0.0.0/8", "172.16.0.0/12"], "a")];
        let live = rule(&["172.16.0.0/12"], "a").permissions();
        assert!(gathered(live, &known) == [rule(&["172.16.0.0/12"], "a")]);
    }

    #[test]
    fn protocols_have_one_name() {
        assert_eq!(["6", "TCP", "all", "-1", "50"].map(protocol_name), ["tcp", "tcp", "-1", "-1", "50"]);
    }
}
