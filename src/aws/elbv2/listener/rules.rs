//! Which configurations of a listener are refused.

use model::path::Path;
use model::value::Value;
use provider::resource::Refusal;

use crate::elbv2::{action, validate};
use crate::refusals;

pub(super) fn validate(config: &Value) -> Vec<Refusal> {
    let root = Path::root();
    let mut refusals: Vec<Refusal> =
        ["load_balancer_arn", "certificate_arn"].iter().filter_map(|name| validate::arn(config, &root, name)).collect();
    let port = config.get("port").and_then(|port| port.reveal().as_i64());
    if let Some(port) = port.filter(|port| !(1..=65535).contains(port)) {
        let detail = format!("It must be a port from 1 to 65535, not {port}.");
        refusals.push(refusals::refusal(Path::attribute("port"), "invalid value for port", detail));
    }
    for (path, authentication) in refusals::blocks(config, &root, "mutual_authentication") {
        refusals.extend(validate::arn(&authentication, &path, "trust_store_arn"));
    }
    for (path, action) in refusals::blocks(config, &root, "default_action") {
        refusals.extend(action::rules::of_one(&path, &action));
    }
    refusals
}
