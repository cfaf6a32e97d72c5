//! Subnets, routes and rules of security groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use ipnet::Ipv4Net;
use model::value::Value;
use provider::world::{Fate, Finding, Planned, World, text};

pub fn check(world: &World) -> Vec<Finding> {
    let mut found = cidr_blocks(world);
    found.extend(routes(world));
    found.extend(associations(world));
    found.extend(groups(world));
    found.extend(world.asked("aws_nat_gateway").filter_map(|gateway| allocation(world, gateway)));
    found
}

fn cidr(object: &Planned) -> Option<Ipv4Net> {
    object.text("cidr_block")?.parse().ok()
}

/// `ec2:CreateSubnet`: a subnet lies within its VPC and overlaps no other one.
fn cidr_blocks(world: &World) -> Vec<Finding> {
    let mut found = Vec::new();
    let size = |net: &Ipv4Net| (16..=28).contains(&net.prefix_len());
    let mut siblings: BTreeMap<Arc<str>, Vec<(&Planned, Ipv4Net)>> = BTreeMap::new();
    for subnet in world.all("aws_subnet") {
        let (Some(net), Some(vpc)) = (cidr(subnet), subnet.text("vpc_id")) else { continue };
        if subnet.fate == Fate::Made {
            if !size(&net) {
                let detail = "The size of the CIDR block of a subnet must be between /16 and /28.";
                found.push(subnet.finding("cidr_block", "InvalidSubnet.Range", detail));
                continue;
            }
            let around = world.by("aws_vpc", &["id"], &vpc);
            // Blocks that are associated beside it are other objects.
            let has_more = world
                .all("aws_vpc_ipv4_cidr_block_association")
                .any(|other| other.text("vpc_id").is_some_and(|other| other == vpc));
            if let Some((around, range)) = around.and_then(|around| Some((around, cidr(around)?)))
                && !range.contains(&net)
                && !has_more
            {
                let detail = format!("{net} is not within {range}, the CIDR block of {}.", around.addr);
                found.push(subnet.finding("cidr_block", "InvalidSubnet.Range", detail));
                continue;
            }
        }
        siblings.entry(vpc).or_default().push((subnet, net));
    }
    for subnets in siblings.into_values() {
        for (index, (subnet, net)) in subnets.iter().enumerate() {
            let mut others = subnets.iter().enumerate().filter(|(other, _)| *other != index);
            let overlap = others.find(|(other, (sibling, range))| {
                // It is told once, of the one that comes later.
                let comes_later = sibling.fate != Fate::Made || *other < index;
                comes_later && (range.contains(net) || net.contains(range))
            });
            if let (Some((_, (sibling, range))), Fate::Made) = (overlap, subnet.fate) {
                let detail = format!("{net} overlaps {range}, the CIDR block of {} in the same VPC.", sibling.addr);
                found.push(subnet.finding("cidr_block", "InvalidSubnet.Conflict", detail));
            }
        }
    }
    found
}

/// `ec2:CreateSecurityGroup`, `AuthorizeSecurityGroupIngress`, `..Egress`: plain descriptions, and ranges of ports that begin
/// below their end.
fn groups(world: &World) -> Vec<Finding> {
    let is_reversed = |rule: &Value| {
        let number = |name: &str| rule.get(name)?.reveal().as_i64();
        let protocol = text(rule, "protocol").or_else(|| text(rule, "ip_protocol"));
        let has_ports = matches!(protocol.as_deref(), Some("tcp" | "udp" | "6" | "17"));
        has_ports && number("from_port").zip(number("to_port")).is_some_and(|(from, to)| from > to)
    };
    let refuse = |object: &Planned, attribute: &str| {
        object.finding(attribute, "InvalidParameterValue", "The range of ports begins above its end.")
    };
    let mut found = Vec::new();
    for group in world.made("aws_security_group") {
        let is_allowed = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
        if group.known("description").is_some_and(|text| !text.chars().all(is_allowed)) {
            let detail = "A description has ASCII letters, digits, blanks and the characters `._-:/()#,@[]+=&;{}!$*`.";
            found.push(group.finding("description", "InvalidParameterValue", detail));
        }
    }
    for group in world.asked("aws_security_group").chain(world.asked("aws_default_security_group")) {
        let reversed = ["ingress", "egress"].into_iter().find(|rules| group.blocks(rules).iter().any(is_reversed));
        found.extend(reversed.map(|rules| refuse(group, rules)));
    }
    for kind in ["aws_security_group_rule", "aws_vpc_security_group_egress_rule", "aws_vpc_security_group_ingress_rule"]
    {
        let reversed = world.asked(kind).filter(|rule| is_reversed(&rule.value));
        found.extend(reversed.map(|rule| refuse(rule, "from_port")));
    }
    found
}

/// `ec2:CreateRoute`: one route for each destination of a table.
fn routes(world: &World) -> Vec<Finding> {
    let mut known: BTreeMap<(Arc<str>, Arc<str>), &Planned> = BTreeMap::new();
    let mut found = Vec::new();
    for table in world.all("aws_route_table") {
        let Some(id) = table.text("id") else { continue };
        for route in table.blocks("route") {
            if let Some(destination) = destination(&route) {
                known.insert((id.clone(), destination), table);
            }
        }
    }
    for route in world.all("aws_route") {
        let (Some(table), Some(to)) = (route.text("route_table_id"), destination(&route.value)) else { continue };
        if let Some(other) = known.get(&(table.clone(), to.clone()))
            && route.fate == Fate::Made
        {
            let detail = format!("The table has a route to {to} already, from {}.", other.addr);
            found.push(route.finding("route_table_id", "RouteAlreadyExists", detail));
        }
        known.entry((table, to)).or_insert(route);
    }
    found
}

fn destination(route: &Value) -> Option<Arc<str>> {
    let names = ["destination_cidr_block", "cidr_block", "destination_ipv6_cidr_block", "ipv6_cidr_block"];
    names.iter().find_map(|name| text(route, name))
}

/// `ec2:AssociateRouteTable`: a subnet has one route table.
fn associations(world: &World) -> Vec<Finding> {
    let mut known: BTreeMap<Arc<str>, &Planned> = BTreeMap::new();
    let mut found = Vec::new();
    for association in world.all("aws_route_table_association") {
        let Some(subnet) = association.text("subnet_id") else { continue };
        match known.get(&subnet) {
            Some(other) if association.fate == Fate::Made => {
                let detail = format!("The subnet is associated with a route table by {} already.", other.addr);
                found.push(association.finding("subnet_id", "Resource.AlreadyAssociated", detail));
            }
            Some(_) | None => drop(known.insert(subnet, association)),
        }
    }
    found
}

/// `ec2:CreateNatGateway`: an address serves one gateway.
fn allocation(world: &World, gateway: &Planned) -> Option<Finding> {
    let allocation = gateway.text("allocation_id")?;
    let is_other =
        |other: &&Planned| other.addr < gateway.addr && other.text("allocation_id") == Some(allocation.clone());
    let other = world.all("aws_nat_gateway").find(is_other)?;
    let detail = format!("The address is used by {} as well.", other.addr);
    Some(gateway.finding("allocation_id", "Resource.AlreadyAssociated", detail))
}
