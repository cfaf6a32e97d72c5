//! Amazon EC2: networks and security groups.
//!
//! Objects have no names of their own, so each is made with a tag that holds its create's token; the tag is taken off as
//! soon as the identity is durable, and a create that was interrupted in between is found by it.

pub mod ami_data;
pub mod availability_zones;
pub mod customer_gateway;
pub mod dhcp_options;
pub mod dhcp_options_association;
pub mod egress_only_internet_gateway;
pub mod eip;
pub mod flow_log;
pub mod internet_gateway;
pub mod listed;
pub mod main_route_table_association;
pub mod nat_gateway;
pub mod network_acl;
pub mod network_acl_rule;
pub mod network_interface_data;
pub mod prefix_list_data;
pub mod route;
pub mod route_table;
pub mod route_table_association;
pub mod security_group;
pub mod security_group_rule;
pub mod subnet;
pub mod tag;
pub mod vpc;
pub mod vpc_endpoint;
pub mod vpc_endpoint_service_data;
pub mod vpc_ipv4_cidr_block_association;
pub mod vpc_peering_connection;
pub mod vpc_security_group_rule;
pub mod vpn_gateway;

mod cidr;
mod in_use;
mod query;
mod tags;

use aws_sdk_ec2::types::Filter;

use crate::given::text as given;

/// A filter of a Describe call.
pub fn filter(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Filter {
    let values = values.into_iter().map(Into::into).collect();
    Filter::builder().name(name).set_values(Some(values)).build()
}
