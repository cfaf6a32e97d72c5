//! What depends on a target group's kind in plans, and which configurations are refused.

use model::path::Path;
use model::value::Value;
use provider::resource::{Refine, Refusal};

use crate::elbv2::{plan, validate};
use crate::refusals;

pub(super) fn refine(mut refine: Refine<'_>) {
    let protocol = plan::text(refine.planned, "protocol").unwrap_or_default();
    if matches!(protocol.as_str(), "TCP" | "UDP" | "TCP_UDP" | "TLS" | "GENEVE") {
        plan::leave_in(&mut refine, "stickiness", "cookie_duration");
    }
    if refine.prior.is_none() {
        return;
    }
    // What a group does not have is left as it is: AWS has nothing to compare it with.
    if plan::text(refine.planned, "target_type").as_deref() == Some("lambda") {
        for name in
            ["port", "protocol", "protocol_version", "stickiness", "target_failover", "target_group_health", "vpc_id"]
        {
            plan::leave(&mut refine, name);
        }
        plan::leave_in(&mut refine, "health_check", "port");
        plan::leave_in(&mut refine, "health_check", "protocol");
    } else if !matches!(protocol.as_str(), "HTTP" | "HTTPS") {
        plan::leave(&mut refine, "protocol_version");
    }
}

pub(super) fn validate(config: &Value) -> Vec<Refusal> {
    let mut refusals = validate::names(config);
    if plan::text(config, "name").is_some_and(|name| name.is_empty()) {
        refusals.push(invalid(Path::attribute("name"), "name", "It can't be empty."));
    }
    refusals.extend(required(config));
    let delay = plan::text(config, "deregistration_delay").filter(|delay| !delay.is_empty());
    if let Some(delay) = delay.filter(|delay| !is_number(delay, 0, 3600)) {
        let detail = format!("It must be a number of seconds from 0 to 3600, not `{delay}`.");
        refusals.push(invalid(Path::attribute("deregistration_delay"), "deregistration_delay", &detail));
    }
    let flags = ["", "1", "t", "T", "true", "True", "TRUE", "0", "f", "F", "false", "False", "FALSE"];
    if let Some(text) = plan::text(config, "preserve_client_ip").filter(|text| !flags.contains(&text.as_str())) {
        let detail = format!("It must be `true` or `false`, not `{text}`.");
        refusals.push(invalid(Path::attribute("preserve_client_ip"), "preserve_client_ip", &detail));
    }
    for (path, check) in refusals::blocks(config, &Path::root(), "health_check") {
        refusals.extend(health_check(config, &path, &check));
    }
    for (path, health) in refusals::blocks(config, &Path::root(), "target_group_health") {
        refusals.extend(health_minimums(&path, &health));
    }
    refusals
}

/// All groups but those for Lambda functions need to know how to reach their targets.
fn required(config: &Value) -> Vec<Refusal> {
    let target_type = match config.get("target_type") {
        Some(kind) if !kind.is_known() => return Vec::new(),
        Some(kind) => kind.reveal().as_str().unwrap_or("instance").to_string(),
        None => "instance".to_string(),
    };
    if target_type == "lambda" {
        return Vec::new();
    }
    let missing = ["port", "protocol", "vpc_id"].into_iter();
    let missing = missing.filter(|name| config.get(name).is_none_or(|value| value.is_null()));
    let refusal = |name: &str| {
        let detail = format!("`{name}` must be given when `target_type` is `{target_type}`.");
        refusals::refusal(Path::attribute(name), "Missing required argument", detail)
    };
    missing.map(refusal).collect()
}

fn health_check(config: &Value, at: &Path, check: &Value) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let port = plan::text(check, "port");
    if let Some(port) = port.filter(|port| port != "traffic-port" && !is_number(port, 1, 65536)) {
        let detail = format!("It must be a port, or `traffic-port`, not `{port}`.");
        refusals.push(invalid(refusals::child(at, "port"), "port", &detail));
    }
    if plan::text(check, "path").is_some_and(|path| !path.starts_with('/')) {
        refusals.push(invalid(refusals::child(at, "path"), "path", "It must begin with `/`."));
    }
    let is_tcp = plan::text(check, "protocol").is_some_and(|protocol| protocol.eq_ignore_ascii_case("TCP"));
    if !is_tcp {
        return refusals;
    }
    let combination = "Invalid combination of arguments";
    for name in ["matcher", "path"] {
        if plan::text(check, name).is_some_and(|text| !text.is_empty()) {
            let detail = format!("`{name}` can't be given when `protocol` is `TCP`: such a check sends no request.");
            refusals.push(refusals::refusal(refusals::child(at, name), combination, detail));
        }
    }
    let protocol = plan::text(config, "protocol").filter(|protocol| matches!(protocol.as_str(), "HTTP" | "HTTPS"));
    if let Some(protocol) = protocol {
        let detail = format!("`health_check.protocol` can't be `TCP` when `protocol` is `{protocol}`.");
        refusals.push(refusals::refusal(refusals::child(at, "protocol"), combination, detail));
    }
    if plan::text(config, "target_type").as_deref() == Some("lambda") {
        let detail = "`health_check.protocol` can't be `TCP` when `target_type` is `lambda`.";
        refusals.push(refusals::refusal(refusals::child(at, "protocol"), combination, detail));
    }
    refusals
}

/// Counts and percentages of healthy targets: numbers, or `off`.
fn health_minimums(at: &Path, health: &Value) -> Vec<Refusal> {
    let failover = refusals::blocks(health, at, "dns_failover");
    let routing = refusals::blocks(health, at, "unhealthy_state_routing");
    let counts = failover.iter().map(|block| (block, "minimum_healthy_targets_count", u32::MAX));
    let percentages = failover.iter().chain(&routing).map(|block| (block, "minimum_healthy_targets_percentage", 100));
    let refuse = |((at, block), name, max): (&(Path, Value), &str, u32)| {
        let text = plan::text(block, name).filter(|text| text != "off" && !is_number(text, 1, max))?;
        let detail = format!("It must be a positive number that is not too large, or `off`, not `{text}`.");
        Some(invalid(refusals::child(at, name), name, &detail))
    };
    counts.chain(percentages).filter_map(refuse).collect()
}

fn is_number(text: &str, min: u32, max: u32) -> bool {
    text.parse::<u32>().is_ok_and(|number| (min..=max).contains(&number))
}

fn invalid(attribute: Path, name: &str, detail: &str) -> Refusal {
    refusals::refusal(attribute, format!("invalid value for {name}"), detail)
}
