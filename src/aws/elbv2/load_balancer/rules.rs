//! What depends on the kind of a load balancer in plans, and which configurations are refused.

use model::path::Path;
use model::value::Value;
use provider::resource::{Refine, Refusal};

use super::LoadBalancerKind;
use super::LoadBalancerKind::{Application, Gateway, Network};
use crate::elbv2::{plan, validate};
use crate::refusals;

const ENFORCEMENT: &str = "enforce_security_group_inbound_rules_on_private_link_traffic";

/// Arguments that only some kinds have: for others they are left alone.
const LIMITED: &[(&str, &[LoadBalancerKind])] = &[
    ("client_keep_alive", &[Application]),
    ("desync_mitigation_mode", &[Application]),
    ("dns_record_client_routing_policy", &[Network]),
    ("drop_invalid_header_fields", &[Application]),
    ("enable_cross_zone_load_balancing", &[Network, Gateway]),
    ("enable_http2", &[Application]),
    ("enable_tls_version_and_cipher_suite_headers", &[Application]),
    ("enable_waf_fail_open", &[Application]),
    ("enable_xff_client_port", &[Application]),
    ("enable_zonal_shift", &[Application, Network]),
    (ENFORCEMENT, &[Network]),
    ("idle_timeout", &[Application]),
    ("ipam_pools", &[Application]),
    ("minimum_load_balancer_capacity", &[Application, Network]),
    ("preserve_host_header", &[Application]),
    ("xff_header_processing_mode", &[Application]),
];

pub(super) fn refine(mut refine: Refine<'_>) {
    let Some(kind) = plan::text(refine.planned, "load_balancer_type").map(|text| LoadBalancerKind::of(&text)) else {
        return;
    };
    for (name, _) in LIMITED.iter().filter(|(_, kinds)| !kinds.contains(&kind)) {
        // What AWS chooses where nothing is configured is known after the create.
        let is_configured = refine.config.get(name).is_some_and(|value| !value.is_null());
        if *name != ENFORCEMENT || is_configured {
            plan::leave(&mut refine, name);
        }
    }
    if kind == Network {
        plan::default(&mut refine, "dns_record_client_routing_policy", Value::string("any_availability_zone"));
    }
    if kind != Application {
        plan::default(&mut refine, "enable_cross_zone_load_balancing", Value::bool(false));
    }
    for logs in ["access_logs", "connection_logs"] {
        let enabled = plan::first(refine.planned, logs).and_then(|block| block.get("enabled"));
        if enabled.is_some_and(|enabled| enabled.is_known() && enabled.reveal().as_bool() != Some(true)) {
            plan::leave_in(&mut refine, logs, "bucket");
            plan::leave_in(&mut refine, logs, "prefix");
        }
    }
    for name in replaced(&refine, kind) {
        plan::replace(&mut refine, name);
    }
}

/// Changes that a load balancer of the kind can't make in place.
fn replaced(refine: &Refine<'_>, kind: LoadBalancerKind) -> Vec<&'static str> {
    let change = |name| Change::of(refine, name);
    let mut replaced = Vec::new();
    match kind {
        Network => {
            if change("subnets").is_some_and(|change| change.after.len() <= change.before.len()) {
                replaced.push("subnets");
            }
            if change("subnet_mapping").is_some_and(|change| change.shrinks() || change.grows_otherwise()) {
                replaced.push("subnet_mapping");
            }
            if change("security_groups").is_some_and(|change| change.before.is_empty() != change.after.is_empty()) {
                replaced.push("security_groups");
            }
        }
        Application => {
            if change("subnet_mapping").is_some_and(|change| change.shrinks_otherwise() || change.grows_otherwise()) {
                replaced.push("subnet_mapping");
            }
        }
        Gateway => {}
    }
    replaced
}

/// The elements of a set before and after.
struct Change {
    before: Vec<Value>,
    after: Vec<Value>,
}

impl Change {
    /// `None` for a create, for what stays, and where what is configured is not known yet.
    fn of(refine: &Refine<'_>, name: &str) -> Option<Change> {
        let prior = refine.prior?.get(name)?;
        let planned = refine.planned.get(name)?;
        if prior == planned || !refine.config.get(name)?.is_wholly_known() {
            return None;
        }
        let items = |value: &Value| value.reveal().items().map(<[Value]>::to_vec);
        Some(Change { before: items(&prior).unwrap_or_default(), after: items(&planned)? })
    }

    fn shrinks(&self) -> bool {
        self.after.len() < self.before.len()
    }

    /// Elements go, and of those that stay some change.
    fn shrinks_otherwise(&self) -> bool {
        self.shrinks() && !self.after.iter().all(|item| self.before.contains(item))
    }

    /// Elements come, and of those that were there some change.
    fn grows_otherwise(&self) -> bool {
        self.after.len() > self.before.len() && !self.before.iter().all(|item| self.after.contains(item))
    }
}

pub(super) fn validate(config: &Value) -> Vec<Refusal> {
    let mut refusals = validate::names(config);
    if plan::text(config, "name").is_some_and(|name| name.starts_with("internal-")) {
        let detail = "A name can't begin with `internal-`: that is how AWS's own names of internal ones begin.";
        refusals.push(refusals::refusal(Path::attribute("name"), "invalid value for name", detail));
    }
    if refusals::is_missing(config, "subnet_mapping") && config.get("subnets").is_none_or(|subnets| subnets.is_null()) {
        let detail = "One of `subnets` and `subnet_mapping` must say where the load balancer is.";
        refusals.push(refusals::refusal(Path::attribute("subnets"), "Missing required argument", detail));
    }
    for (path, mapping) in refusals::blocks(config, &Path::root(), "subnet_mapping") {
        refusals.extend(address::<std::net::Ipv4Addr>(&mapping, &path, "private_ipv4_address", "an IPv4 address"));
        refusals.extend(address::<std::net::Ipv6Addr>(&mapping, &path, "ipv6_address", "an IPv6 address"));
    }
    refusals
}

fn address<A: std::str::FromStr>(mapping: &Value, path: &Path, name: &str, what: &str) -> Option<Refusal> {
    let text = plan::text(mapping, name).filter(|text| !text.is_empty() && text.parse::<A>().is_err())?;
    let path = refusals::child(path, name);
    Some(refusals::refusal(path, format!("invalid value for {name}"), format!("It must be {what}, not `{text}`.")))
}
