//! IP networks, with the arithmetic of Terraform's: on addresses as wide integers, also where numbers are negative.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use model::number::Number;
use model::ty::Type;
use model::value::Value;

use crate::functions::arguments::{number, text, whole};
use crate::functions::{Context, Error, Function, Parameter, Shape};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "cidrhost",
        &[Parameter::string("prefix"), Parameter::number("hostnum")],
        Shape::String,
        cidrhost,
        "Gives the address of a host, by its number, in a network.",
    ),
    Function::new(
        "cidrnetmask",
        &[Parameter::string("prefix")],
        Shape::String,
        cidrnetmask,
        "Gives the network mask of an IPv4 network.",
    ),
    Function::new(
        "cidrsubnet",
        &[Parameter::string("prefix"), Parameter::number("newbits"), Parameter::number("netnum")],
        Shape::String,
        cidrsubnet,
        "Gives a subnet, by its number, of a network that is divided by some further bits.",
    ),
    Function::new(
        "cidrsubnets",
        &[Parameter::string("prefix")],
        Shape::ListOfString,
        cidrsubnets,
        "Divides a network into subnets one after the other, each with its own number of further bits.",
    )
    .variadic(Parameter::number("newbits")),
];

/// More further bits than this `cidrsubnets` does not take, also where IPv6 has room for them.
const BITS_MAX: i64 = 32;
/// The bits before an IPv4 address in an IPv6 one.
const MAPPED_PREFIX: u8 = 96;
/// The first IPv4 address as one of IPv6, `::ffff:0:0`.
const MAPPED_FIRST: u128 = 0xffff << 32;

/// The network of the first argument, with the host part cleared.
fn network(context: &Context<'_>, arguments: &[Value]) -> Result<IpNet, Error> {
    let prefix = text(arguments, 0);
    parse(prefix).ok_or_else(|| {
        Error::argument(0, format!("{} is not a network in CIDR notation, such as 10.0.0.0/16", context.show(prefix)))
    })
}

/// Reads a network; leading zeros count for nothing in any of its numbers, and those of an IPv4 address are decimal.
fn parse(prefix: &str) -> Option<IpNet> {
    let (address, length) = prefix.split_once('/')?;
    if length.is_empty() || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let address = match address.contains(':') {
        true => IpAddr::V6(parse_v6_with_zeros(address)?),
        false => IpAddr::V4(parse_v4_with_zeros(address)?),
    };
    Some(IpNet::new(address, length.parse().ok()?).ok()?.trunc())
}

fn parse_v6_with_zeros(address: &str) -> Option<Ipv6Addr> {
    const GROUP_DIGITS: usize = 4;
    let mut groups = Vec::new();
    for group in address.split(':') {
        let excess = group.len().saturating_sub(GROUP_DIGITS);
        let zeros = group.len() - group.trim_start_matches('0').len();
        groups.push(match group.contains('.') {
            true => parse_v4_with_zeros(group)?.to_string(),
            false => group[zeros.min(excess)..].to_owned(),
        });
    }
    groups.join(":").parse().ok()
}

fn parse_v4_with_zeros(address: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = address.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *octet = part.parse().ok()?;
    }
    parts.next().is_none().then(|| Ipv4Addr::from(octets))
}

/// The first address of a network as a number.
fn first(network: &IpNet) -> u128 {
    match network.network() {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

/// The address that a number stands for; `None` where the network's addresses have fewer bits.
fn address(network: &IpNet, number: u128) -> Option<IpAddr> {
    Some(match network {
        IpNet::V4(_) => IpAddr::V4(Ipv4Addr::from(u32::try_from(number).ok()?)),
        IpNet::V6(_) => IpAddr::V6(Ipv6Addr::from(number)),
    })
}

/// Whether a network's addresses are IPv4 addresses written as IPv6 ones, `::ffff:0:0/96` or a part of it.
fn is_mapped(network: &IpNet) -> bool {
    matches!(network.network(), IpAddr::V6(address) if address.to_ipv4_mapped().is_some())
}

/// A subnet as text; where its address is written as one of IPv4, so is its length.
fn subnet(address: IpAddr, length: u8) -> Value {
    let length = match address {
        IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => length.saturating_sub(MAPPED_PREFIX),
        IpAddr::V4(_) | IpAddr::V6(_) => length,
    };
    Value::string(format!("{}/{length}", address_text(address)))
}

/// An address as text; IPv6 addresses that hold an IPv4 address are written as others.
fn address_text(address: IpAddr) -> String {
    match address {
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.to_string(),
            None => hexadecimal(address),
        },
        IpAddr::V4(address) => address.to_string(),
    }
}

/// The text of RFC 5952 without dotted parts.
fn hexadecimal(address: Ipv6Addr) -> String {
    let segments = address.segments();
    let dotted = matches!(segments, [0, 0, 0, 0, 0, 0, high, _] if high != 0);
    if !dotted {
        return address.to_string();
    }
    let [.., high, low] = segments;
    format!("::{high:x}:{low:x}")
}

/// How many addresses have the same first `length` bits, less one: the largest number of a host. `u128::MAX` for all of IPv6.
fn hosts_max(network: &IpNet) -> u128 {
    let host_bits = u32::from(network.max_prefix_len() - network.prefix_len());
    if host_bits == 128 { u128::MAX } else { (1 << host_bits) - 1 }
}

fn cidrhost(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let network = network(context, arguments)?;
    let wanted = number(arguments, 1);
    whole_or(wanted, 1)?;
    let max = hosts_max(&network);
    let outside = || {
        let bits = network.max_prefix_len() - network.prefix_len();
        Error::call(format!(
            "a prefix of {} bits leaves {bits} bits for hosts, too few for the number {wanted}",
            network.prefix_len()
        ))
    };
    let size = magnitude(wanted).ok_or_else(outside)?;
    let number = if wanted.is_negative() && size > 0 {
        // Negative numbers count from the end, -1 being the last address.
        Some(size - 1).filter(|number| *number <= max).map(|number| max - number)
    } else {
        // As in Terraform, the limit counts for the low 64 bits as a signed number: large ones reach beyond the network.
        let compared = size as u64 as i64;
        Some(size).filter(|_| compared < 0 || u128::from(compared.unsigned_abs()) <= max)
    };
    // As in Terraform, numbers of hosts go in front of an IPv4 address that is written as one of IPv6.
    let shift = if is_mapped(&network) { MAPPED_PREFIX } else { 0 };
    let number = number.and_then(|number| shifted(number, shift)).ok_or_else(outside)?;
    let address = address(&network, first(&network) | number).ok_or_else(outside)?;
    Ok(Value::string(address_text(address)))
}

fn whole_or(number: &Number, index: usize) -> Result<(), Error> {
    if number.is_integer() { Ok(()) } else { Err(Error::argument(index, "a whole number is required")) }
}

/// The number without its sign; `None` unless it is whole and has at most 128 bits.
fn magnitude(number: &Number) -> Option<u128> {
    number.abs().to_radix_string(10)?.parse().ok()
}

/// `number * 2^bits`; `None` beyond 128 bits.
fn shifted(number: u128, bits: u8) -> Option<u128> {
    match 1_u128.checked_shl(bits.into()) {
        Some(factor) => number.checked_mul(factor),
        None => (number == 0).then_some(0),
    }
}

fn cidrnetmask(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    match network(context, arguments)? {
        IpNet::V4(network) => Ok(Value::string(network.netmask().to_string())),
        IpNet::V6(network) if is_mapped(&network.into()) => Ok(Value::string(hexadecimal(network.netmask()))),
        IpNet::V6(_) => Err(Error::argument(0, "IPv6 networks have no mask; an IPv4 network is required")),
    }
}

/// The length of a prefix that is longer by some bits.
fn extend(network: &IpNet, by: i64, argument: usize) -> Result<u8, Error> {
    let length = i64::from(network.prefix_len()).checked_add(by);
    let length =
        length.and_then(|length| u8::try_from(length).ok()).filter(|length| *length <= network.max_prefix_len());
    length.ok_or_else(|| {
        let free = network.max_prefix_len() - network.prefix_len();
        Error::argument(
            argument,
            format!("a prefix of {} bits can be extended by at most {free} bits, not by {by}", network.prefix_len()),
        )
    })
}

/// Further bits that are negative shorten the prefix, and a number that is negative replaces the network's address: its
/// bits are joined with those of the address as two's complements, and the sign is dropped. So it is in Terraform.
fn cidrsubnet(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let network = network(context, arguments)?;
    let by = whole(arguments, 1)?;
    let length = extend(&network, by, 1)?;
    let wanted = number(arguments, 2);
    whole_or(wanted, 2)?;
    let too_few = || Error::call(format!("{by} further bits are too few for a subnet with the number {wanted}"));
    let size = magnitude(wanted).ok_or_else(too_few)?;
    // The limit counts for the low 64 bits.
    if (0..64).contains(&by) && size as u64 >= 1 << by {
        return Err(too_few());
    }
    let number = shifted(size, network.max_prefix_len() - length).ok_or_else(too_few)?;
    let base = first(&network);
    let joined = match wanted.is_negative() && number > 0 {
        true => ((number - 1) & !base).checked_add(1).ok_or_else(too_few)?,
        false => base | number,
    };
    Ok(subnet(address(&network, joined).ok_or_else(too_few)?, length))
}

fn cidrsubnets(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let network = network(context, arguments)?;
    let last = first(&network) + hosts_max(&network);
    if is_mapped(&network) && arguments.len() > 1 {
        return Err(Error::argument(
            0,
            "an IPv4 network in the notation of IPv6 can't be divided; write it as one of IPv4",
        ));
    }
    // The first address that no subnet has taken; `None` once the network is full.
    let mut next = Some(first(&network));
    let mut subnets = Vec::new();
    for index in 1..arguments.len() {
        let by = whole(arguments, index)?;
        if !(1..=BITS_MAX).contains(&by) {
            return Err(Error::argument(index, format!("the network must be extended by 1 to {BITS_MAX} bits")));
        }
        let length = extend(&network, by, index)?;
        let size_less_one = hosts_max(&IpNet::new(network.network(), length).expect("the length was checked"));
        let full = || Error::argument(index, format!("no room is left in {network} for a subnet of {length} bits"));
        // A subnet begins at a multiple of its size.
        let start =
            next.and_then(|next| next.checked_add(size_less_one)).map(|end| end & !size_less_one).ok_or_else(full)?;
        if start == 0 || matches!(network, IpNet::V6(_)) && start == MAPPED_FIRST {
            return Err(Error::argument(index, "Terraform gives no subnets that begin at 0.0.0.0 or ::"));
        }
        let end = start.checked_add(size_less_one).filter(|end| *end <= last).ok_or_else(full)?;
        subnets.push(subnet(address(&network, start).ok_or_else(full)?, length));
        next = if end == last { None } else { Some(end + 1) };
    }
    Ok(Value::list(Type::String, subnets))
}
