//! Checks of CIDR blocks.

use std::ops::RangeInclusive;

use ipnet::IpNet;
use model::path::Path;
use model::value::Value;
use provider::resource::Refusal;

/// Which address family, and which prefix lengths.
pub enum Family {
    V4(RangeInclusive<u8>),
    V6(RangeInclusive<u8>),
}

/// Refuses a known value that is no network address of the family.
pub fn check(config: &Value, attribute: &str, family: Family) -> Option<Refusal> {
    let value = config.get(attribute)?;
    let text = value.reveal().as_str()?;
    let reason = reason(text, &family)?;
    Some(Refusal {
        attribute: Path::attribute(attribute),
        summary: format!("\"{text}\" is not a valid CIDR block"),
        detail: format!("The value of `{attribute}` {reason}."),
    })
}

fn reason(text: &str, family: &Family) -> Option<String> {
    let Ok(network) = text.parse::<IpNet>() else {
        return Some("must be an address and a prefix length, such as `10.0.0.0/16`".into());
    };
    if network.addr() != network.network() {
        return Some(format!("has bits set beyond its prefix; the network is `{}`", network.trunc()));
    }
    match (family, network) {
        (Family::V4(lengths), IpNet::V4(_)) | (Family::V6(lengths), IpNet::V6(_)) => {
            let message = format!("must have a prefix length from {} to {}", lengths.start(), lengths.end());
            (!lengths.contains(&network.prefix_len())).then_some(message)
        }
        (Family::V4(_), IpNet::V6(_)) => Some("must be an IPv4 network".into()),
        (Family::V6(_), IpNet::V4(_)) => Some("must be an IPv6 network".into()),
    }
}
