//! Load balancers, their listeners and rules, and target groups.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::value::Value;
use provider::world::{Fate, Finding, Planned, World, blocks, text};

use super::{foreign_group, one_vpc, subnets, zones};

pub fn check(world: &World) -> Vec<Finding> {
    let mut found: Vec<Finding> = world.asked("aws_lb").filter_map(|balancer| placement(world, balancer)).collect();
    found.extend(world.asked("aws_lb_listener").filter_map(|listener| listener_fits(world, listener)));
    found.extend(repeated(world, "aws_lb_listener", "load_balancer_arn", "port", "DuplicateListener"));
    found.extend(repeated(world, "aws_lb_listener_rule", "listener_arn", "priority", "PriorityInUse"));
    found.extend(shared_target_groups(world));
    found.extend(world.asked("aws_lb_target_group").filter_map(patience));
    found
}

/// The target groups that the actions of a listener or rule forward to.
pub(super) fn forwarded_to(object: &Planned) -> Vec<Arc<str>> {
    let actions = object.blocks("default_action").into_iter().chain(object.blocks("action"));
    let groups = |action: Value| {
        let in_forward = blocks(&action, "forward").into_iter().flat_map(|forward| blocks(&forward, "target_group"));
        let in_forward = in_forward.filter_map(|group| text(&group, "arn")).collect::<Vec<_>>();
        text(&action, "target_group_arn").into_iter().chain(in_forward)
    };
    actions.flat_map(groups).collect()
}

/// `elasticloadbalancing:CreateLoadBalancer`: subnets in two zones, one a zone, and groups of the same VPC.
fn placement(world: &World, balancer: &Planned) -> Option<Finding> {
    let kind = balancer.known("load_balancer_type").unwrap_or_else(|| "application".into());
    let mapped = balancer.blocks("subnet_mapping").iter().filter_map(|block| text(block, "subnet_id")).collect();
    let ids: Vec<Arc<str>> = if balancer.texts("subnets").is_empty() { mapped } else { balancer.texts("subnets") };
    let attribute = if balancer.texts("subnets").is_empty() { "subnet_mapping" } else { "subnets" };
    let places = subnets(world, &ids)?;
    let vpc = match one_vpc(&places) {
        Ok(vpc) => vpc,
        Err(stray) => {
            let detail = format!("{} is in another VPC than {}.", stray.addr, places[0].addr);
            return Some(balancer.finding(attribute, "InvalidConfigurationRequest", detail));
        }
    };
    if let Some(zones) = zones(&places) {
        if zones.len() < places.len() {
            let detail =
                "A load balancer takes one subnet of each availability zone, and two of these are in one zone.";
            return Some(balancer.finding(attribute, "InvalidConfigurationRequest", detail));
        }
        if *kind == *"application" && zones.len() < 2 {
            let detail = "An application load balancer needs subnets in at least two availability zones.";
            return Some(balancer.finding(attribute, "ValidationError", detail));
        }
    }
    let vpc = vpc?;
    if let Some(group) = foreign_group(world, &balancer.texts("security_groups"), &vpc) {
        let detail = format!("The security group {} is in another VPC than the subnets.", group.addr);
        return Some(balancer.finding("security_groups", "InvalidConfigurationRequest", detail));
    }
    None
}

/// `elasticloadbalancing:CreateListener`: protocols and certificates that go together.
fn listener_fits(world: &World, listener: &Planned) -> Option<Finding> {
    let balancer = world.by("aws_lb", &["arn", "id"], &listener.text("load_balancer_arn")?)?;
    let kind = balancer.known("load_balancer_type").unwrap_or_else(|| "application".into());
    if let Some(protocol) = listener.known("protocol")
        && let Some(refused) = protocol_fits(listener, balancer, &kind, &protocol)
    {
        return Some(refused);
    }
    for arn in forwarded_to(listener) {
        let Some(group) = world.by("aws_lb_target_group", &["arn", "id"], &arn) else { continue };
        let Some(own) = group.known("protocol") else { continue };
        let fits = match &*kind {
            "application" => matches!(&*own, "HTTP" | "HTTPS"),
            _ => !matches!(&*own, "HTTP" | "HTTPS" | "GENEVE"),
        };
        if !fits && group.known("target_type").is_none_or(|target| *target != *"lambda") {
            let detail = format!(
                "The target group {} has the protocol {own}, which a load balancer of the type {kind} can't use.",
                group.addr
            );
            return Some(listener.finding("default_action", "InvalidConfigurationRequest", detail));
        }
        let places = subnets(world, &balancer.texts("subnets"));
        if let (Some(Ok(Some(vpc))), Some(other)) = (places.map(|places| one_vpc(&places)), group.text("vpc_id"))
            && vpc != other
        {
            let detail = format!("The target group {} is in another VPC than {}.", group.addr, balancer.addr);
            return Some(listener.finding("default_action", "InvalidConfigurationRequest", detail));
        }
    }
    None
}

fn protocol_fits(listener: &Planned, balancer: &Planned, kind: &str, protocol: &str) -> Option<Finding> {
    let allowed: &[&str] = match kind {
        "application" => &["HTTP", "HTTPS"],
        "network" => &["TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"],
        _ => return None,
    };
    if !allowed.contains(&protocol) {
        let detail = format!(
            "{} is a load balancer of the type {kind}, whose listeners have one of the protocols {}.",
            balancer.addr,
            allowed.join(", ")
        );
        return Some(listener.finding("protocol", "InvalidConfigurationRequest", detail));
    }
    let is_secure = matches!(protocol, "HTTPS" | "TLS");
    let certificate = listener.text("certificate_arn");
    if is_secure && certificate.is_none() && listener.knows("certificate_arn") {
        let detail = format!("A listener with the protocol {protocol} needs a certificate.");
        return Some(listener.finding("certificate_arn", "ValidationError", detail));
    }
    if !is_secure && certificate.is_some() {
        let detail = format!("A listener with the protocol {protocol} takes no certificate.");
        return Some(listener.finding("certificate_arn", "InvalidConfigurationRequest", detail));
    }
    None
}

/// `elasticloadbalancing:CreateTargetGroup`: a health check is answered before the next one.
fn patience(group: &Planned) -> Option<Finding> {
    let check = group.blocks("health_check").into_iter().next()?;
    let number = |name: &str| check.get(name)?.reveal().as_i64();
    // Where a part is only known to AWS, the block is as it is written: without defaults.
    let (interval, timeout) = (number("interval").unwrap_or(30), number("timeout")?);
    let speaks_http = matches!(text(&check, "protocol").as_deref(), None | Some("HTTP" | "HTTPS"));
    (speaks_http && timeout >= interval).then(|| {
        let detail = format!("The timeout of {timeout} s must be less than the interval of {interval} s.");
        group.finding("health_check", "ValidationError", detail)
    })
}

/// Objects of which each needs a number of its own in what they belong to.
fn repeated(world: &World, kind: &str, owner: &str, number: &str, code: &'static str) -> Vec<Finding> {
    let mut known: BTreeMap<(Arc<str>, i64), Vec<&Planned>> = BTreeMap::new();
    for object in world.all(kind) {
        if let (Some(owner), Some(own)) = (object.text(owner), object.number(number)) {
            known.entry((owner, own)).or_default().push(object);
        }
    }
    let clash = |((_, own), mut objects): ((Arc<str>, i64), Vec<&Planned>)| {
        objects.sort_by_key(|object| (object.fate != Fate::Stays, object.addr.clone()));
        let (first, others) = objects.split_first()?;
        let other = others.iter().find(|object| object.fate != Fate::Stays)?;
        Some(other.finding(number, code, format!("The {number} {own} is that of {} as well.", first.addr)))
    };
    known.into_iter().filter_map(clash).collect()
}

/// `elasticloadbalancing:CreateListener`, `CreateRule`: a target group serves one load balancer.
fn shared_target_groups(world: &World) -> Vec<Finding> {
    let mut users: BTreeMap<Arc<str>, (Arc<str>, &Planned)> = BTreeMap::new();
    let mut found = Vec::new();
    let balancer_of = |object: &Planned| {
        object.text("load_balancer_arn").or_else(|| {
            let listener = world.by("aws_lb_listener", &["arn", "id"], &object.text("listener_arn")?)?;
            listener.text("load_balancer_arn")
        })
    };
    for object in world.all("aws_lb_listener").chain(world.all("aws_lb_listener_rule")) {
        let Some(balancer) = balancer_of(object) else { continue };
        for group in forwarded_to(object) {
            match users.get(&group) {
                Some((other, first)) if *other != balancer && object.fate != Fate::Stays => {
                    let attribute = if object.blocks("action").is_empty() { "default_action" } else { "action" };
                    let detail = format!("The target group serves the load balancer of {} already.", first.addr);
                    found.push(object.finding(attribute, "TargetGroupAssociationLimit", detail));
                }
                Some(_) => {}
                None => drop(users.insert(group, (balancer.clone(), object))),
            }
        }
    }
    found
}
