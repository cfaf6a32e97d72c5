//! IP networks.

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

/// The network of the first argument, with the host part cleared.
fn network(context: &Context<'_>, arguments: &[Value]) -> Result<IpNet, Error> {
    let prefix = text(arguments, 0);
    parse(prefix).ok_or_else(|| {
        Error::argument(0, format!("{} is not a network in CIDR notation, such as 10.0.0.0/16", context.show(prefix)))
    })
}

/// Reads a network; leading zeros in the numbers of an IPv4 address are decimal.
fn parse(prefix: &str) -> Option<IpNet> {
    let (address, length) = prefix.split_once('/')?;
    if length.is_empty() || length.len() > 3 || !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let address: IpAddr = match address.parse() {
        Ok(address) => address,
        Err(_) => IpAddr::V4(parse_v4_with_zeros(address)?),
    };
    Some(IpNet::new(address, length.parse().ok()?).ok()?.trunc())
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

fn address(network: &IpNet, number: u128) -> IpAddr {
    match network {
        IpNet::V4(_) => {
            IpAddr::V4(Ipv4Addr::from(u32::try_from(number).expect("an address of an IPv4 network has 32 bits")))
        }
        IpNet::V6(_) => IpAddr::V6(Ipv6Addr::from(number)),
    }
}

fn subnet(network: &IpNet, number: u128, length: u8) -> Value {
    Value::string(format!("{}/{length}", address_text(address(network, number))))
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
    let max = hosts_max(&network);
    let outside = || {
        let bits = network.max_prefix_len() - network.prefix_len();
        Error::call(format!(
            "a prefix of {} bits leaves {bits} bits for hosts, too few for the number {wanted}",
            network.prefix_len()
        ))
    };
    // Negative numbers count from the end, -1 being the last address.
    let offset = match (wanted.is_negative(), unsigned(&wanted.abs())) {
        (_, None) => return Err(whole_or(wanted, 1).err().unwrap_or_else(outside)),
        (false, Some(number)) => Some(number).filter(|number| *number <= max),
        (true, Some(0)) => Some(0),
        (true, Some(number)) => Some(number - 1).filter(|number| *number <= max).map(|number| max - number),
    };
    let offset = offset.ok_or_else(outside)?;
    Ok(Value::string(address_text(address(&network, first(&network) + offset))))
}

fn whole_or(number: &Number, index: usize) -> Result<(), Error> {
    if number.is_integer() { Ok(()) } else { Err(Error::argument(index, "a whole number is required")) }
}

/// A whole number that is not negative and has at most 128 bits.
fn unsigned(number: &Number) -> Option<u128> {
    if !number.is_integer() {
        return None;
    }
    number.to_string().parse().ok()
}

fn cidrnetmask(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    match network(context, arguments)? {
        IpNet::V4(network) => Ok(Value::string(network.netmask().to_string())),
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

fn cidrsubnet(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let network = network(context, arguments)?;
    let by = whole(arguments, 1)?;
    if by < 0 {
        return Err(Error::argument(1, "the number of further bits must not be negative"));
    }
    let length = extend(&network, by, 1)?;
    let wanted = number(arguments, 2);
    whole_or(wanted, 2)?;
    let count_bits = u32::from(length - network.prefix_len());
    let too_few = || Error::call(format!("{by} further bits are too few for a subnet with the number {wanted}"));
    let fits = |number: &u128| count_bits == 128 || *number < 1 << count_bits;
    let number = unsigned(wanted).filter(fits).ok_or_else(too_few)?;
    let host_bits = u32::from(network.max_prefix_len() - length);
    let offset = if host_bits == 128 { 0 } else { number << host_bits };
    Ok(subnet(&network, first(&network) + offset, length))
}

fn cidrsubnets(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let network = network(context, arguments)?;
    let last = first(&network) + hosts_max(&network);
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
        let end = start.checked_add(size_less_one).filter(|end| *end <= last).ok_or_else(full)?;
        subnets.push(subnet(&network, start, length));
        next = if end == last { None } else { Some(end + 1) };
    }
    Ok(Value::list(Type::String, subnets))
}
