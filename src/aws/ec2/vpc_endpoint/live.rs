//! What is there of endpoints: three reads for all of them.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, NetworkInterface, PrefixList, VpcEndpoint as Live};
use provider::error::ProviderError;

use super::{DnsEntry, DnsOptions, SubnetConfiguration, VpcEndpoint};
use crate::batch;
use crate::clients::Aws;
use crate::ec2::{filter, tags};
use crate::failure::Operation;
use crate::policy;

/// How many values a filter takes.
const FILTER_MAX: usize = 200;

pub(super) async fn read(aws: &Aws, have: &[VpcEndpoint]) -> Result<Vec<Option<VpcEndpoint>>, ProviderError> {
    let ids: Vec<String> = have.iter().map(|endpoint| endpoint.id.clone()).collect();
    let mut live = named(aws, &ids).await?;
    live.retain(|live| !live.state.as_ref().is_some_and(|state| state.as_str().eq_ignore_ascii_case("deleted")));
    let lists = prefix_lists(aws, &live).await?;
    let interfaces = interfaces(aws, &live).await?;
    let find = |have: &VpcEndpoint| {
        let live = live.iter().find(|live| live.vpc_endpoint_id.as_deref() == Some(&have.id))?;
        Some(have.with_live(aws, live.clone(), &lists, &interfaces))
    };
    Ok(have.iter().map(find).collect())
}

/// The endpoints of these identifiers, as far as they are there.
pub(super) async fn named(aws: &Aws, ids: &[String]) -> Result<Vec<Live>, ProviderError> {
    batch::known(ids, |ids| async move {
        let pages = aws.ec2().describe_vpc_endpoints().set_vpc_endpoint_ids(Some(ids)).into_paginator().items().send();
        pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeVpcEndpoints")
    })
    .await
}

pub(super) async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_vpc_endpoints().filters(filter).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeVpcEndpoints")
}

/// The prefix lists of the endpoints' services, by the services' names. Few services have one.
async fn prefix_lists(aws: &Aws, live: &[Live]) -> Result<BTreeMap<String, PrefixList>, ProviderError> {
    let mut names: Vec<String> = live.iter().filter_map(|live| live.service_name.clone()).collect();
    names.sort();
    names.dedup();
    let mut lists = BTreeMap::new();
    for names in names.chunks(FILTER_MAX) {
        let pages = aws.ec2().describe_prefix_lists().filters(filter("prefix-list-name", names.iter().cloned()));
        let found: Result<Vec<_>, _> = pages.into_paginator().items().send().collect().await;
        let found = found.operation("ec2:DescribePrefixLists")?;
        lists.extend(found.into_iter().filter_map(|list| Some((list.prefix_list_name.clone()?, list))));
    }
    Ok(lists)
}

/// The network interfaces of the endpoints, by their identifiers.
async fn interfaces(aws: &Aws, live: &[Live]) -> Result<BTreeMap<String, NetworkInterface>, ProviderError> {
    let ids: Vec<String> =
        live.iter().flat_map(|live| live.network_interface_ids.clone().unwrap_or_default()).collect();
    let mut interfaces = BTreeMap::new();
    for ids in ids.chunks(FILTER_MAX) {
        let pages =
            aws.ec2().describe_network_interfaces().filters(filter("network-interface-id", ids.iter().cloned()));
        let found: Result<Vec<_>, _> = pages.into_paginator().items().send().collect().await;
        let found = found.operation("ec2:DescribeNetworkInterfaces")?;
        interfaces.extend(found.into_iter().filter_map(|found| Some((found.network_interface_id.clone()?, found))));
    }
    Ok(interfaces)
}

impl VpcEndpoint {
    fn with_live(
        &self,
        aws: &Aws,
        live: Live,
        lists: &BTreeMap<String, PrefixList>,
        interfaces: &BTreeMap<String, NetworkInterface>,
    ) -> VpcEndpoint {
        let id = live.vpc_endpoint_id.unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let service_name = live.service_name.unwrap_or_default();
        let list = lists.get(&service_name).cloned();
        let interface_ids = live.network_interface_ids.unwrap_or_default();
        let mut subnets: Vec<SubnetConfiguration> =
            interface_ids.iter().filter_map(|id| Some(SubnetConfiguration::of(interfaces.get(id)?))).collect();
        subnets.sort();
        let state = live.state.map(|state| state.as_str().to_string()).unwrap_or_default();
        VpcEndpoint {
            arn: aws.ec2_arn("vpc-endpoint", &owner_id, &id),
            cidr_blocks: list.as_ref().and_then(|list| list.cidrs.clone()).unwrap_or_default(),
            dns_entry: live.dns_entries.unwrap_or_default().into_iter().map(DnsEntry::from).collect(),
            dns_options: live.dns_options.map(DnsOptions::from).into_iter().collect(),
            id,
            ip_address_type: live.ip_address_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            network_interface_ids: interface_ids,
            owner_id,
            policy: document(&self.policy, live.policy_document.unwrap_or_default()),
            prefix_list_id: list.and_then(|list| list.prefix_list_id).unwrap_or_default(),
            private_dns_enabled: Some(live.private_dns_enabled.unwrap_or(false)),
            requester_managed: live.requester_managed.unwrap_or(false),
            resource_configuration_arn: live.resource_configuration_arn.unwrap_or_default(),
            route_table_ids: live.route_table_ids.unwrap_or_default(),
            security_group_ids: live
                .groups
                .unwrap_or_default()
                .into_iter()
                .filter_map(|group| group.group_id)
                .collect(),
            service_name,
            service_network_arn: live.service_network_arn.unwrap_or_default(),
            service_region: live.service_region.unwrap_or_default(),
            // AWS writes some states with a capital and documents them without.
            state: state
                .chars()
                .next()
                .map(|c| c.to_ascii_lowercase())
                .into_iter()
                .chain(state.chars().skip(1))
                .collect(),
            subnet_configuration: subnets,
            subnet_ids: live.subnet_ids.unwrap_or_default(),
            tags_all: tags::live(live.tags),
            vpc_endpoint_type: live.vpc_endpoint_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            vpc_id: live.vpc_id.unwrap_or_default(),
            failure: live.failure_reason.or(live.last_error.and_then(|error| error.message)),
            ..self.clone()
        }
    }
}

/// The policy as it is written, where the live one means the same; else with its keys sorted.
fn document(have: &str, live: String) -> String {
    if policy::is_equivalent(have, &live) {
        return have.to_string();
    }
    match serde_json::from_str::<serde_json::Value>(&live) {
        Ok(document) => document.to_string(),
        Err(_) => live,
    }
}

impl SubnetConfiguration {
    fn of(interface: &NetworkInterface) -> SubnetConfiguration {
        let v6 = interface.ipv6_addresses.as_deref().unwrap_or_default().first();
        SubnetConfiguration {
            ipv4: interface.private_ip_address.clone().unwrap_or_default(),
            ipv6: v6.and_then(|address| address.ipv6_address.clone()).unwrap_or_default(),
            subnet_id: interface.subnet_id.clone().unwrap_or_default(),
        }
    }
}

impl From<aws_sdk_ec2::types::DnsEntry> for DnsEntry {
    fn from(live: aws_sdk_ec2::types::DnsEntry) -> DnsEntry {
        DnsEntry {
            dns_name: live.dns_name.unwrap_or_default(),
            hosted_zone_id: live.hosted_zone_id.unwrap_or_default(),
        }
    }
}

impl From<aws_sdk_ec2::types::DnsOptions> for DnsOptions {
    fn from(live: aws_sdk_ec2::types::DnsOptions) -> DnsOptions {
        DnsOptions {
            dns_record_ip_type: live.dns_record_ip_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            private_dns_only_for_inbound_resolver_endpoint: live.private_dns_only_for_inbound_resolver_endpoint,
        }
    }
}
