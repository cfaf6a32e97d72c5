//! `aws_vpc_endpoint`: a way from a VPC to a service that does not lead through the internet.
//!
//! What DescribeVpcEndpoints leaves out is read for many endpoints at once: the networks of the service's prefix list, and
//! the addresses that an endpoint's interfaces have in its subnets.

pub mod data;
mod live;

use std::time::Duration;

use aws_sdk_ec2::types::{
    DnsOptionsSpecification, DnsRecordIpType, IpAddressType, ResourceType, SubnetConfiguration as WantedSubnet,
    VpcEndpointType,
};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{given, tags};
use crate::failure::Operation;
use crate::policy;

/// How long an endpoint is looked for before its connection is accepted: it reaches its service only a moment later.
const ACCEPTANCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(500);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcEndpoint {
    arn: String,
    auto_accept: Option<bool>,
    cidr_blocks: Vec<String>,
    dns_entry: Vec<DnsEntry>,
    dns_options: Vec<DnsOptions>,
    id: String,
    ip_address_type: String,
    network_interface_ids: Vec<String>,
    owner_id: String,
    policy: String,
    /// Null in states where the service has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    prefix_list_id: String,
    private_dns_enabled: Option<bool>,
    requester_managed: bool,
    resource_configuration_arn: String,
    route_table_ids: Vec<String>,
    security_group_ids: Vec<String>,
    service_name: String,
    service_network_arn: String,
    service_region: String,
    state: String,
    subnet_configuration: Vec<SubnetConfiguration>,
    subnet_ids: Vec<String>,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc_endpoint_type: String,
    vpc_id: String,
    /// Why AWS gave up on it.
    #[serde(skip)]
    failure: Option<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct DnsEntry {
    dns_name: String,
    hosted_zone_id: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct DnsOptions {
    dns_record_ip_type: String,
    private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
}

#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
struct SubnetConfiguration {
    ipv4: String,
    ipv6: String,
    subnet_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for VpcEndpoint {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc_endpoint";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(10, 10, 10);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .create_vpc_endpoint()
            .client_token(creation.token.id.as_ref())
            .set_dns_options(want.dns_options.first().map(DnsOptions::request))
            .set_ip_address_type(want.ip_address_type())
            .set_policy_document(given(&want.policy))
            // The API's own default is `true` for interfaces.
            .private_dns_enabled(want.private_dns_enabled.unwrap_or(false))
            .set_resource_configuration_arn(given(&want.resource_configuration_arn))
            .set_route_table_ids(some(&want.route_table_ids))
            .set_security_group_ids(some(&want.security_group_ids))
            .set_service_name(given(&want.service_name))
            .set_service_network_arn(given(&want.service_network_arn))
            .set_service_region(given(&want.service_region))
            .set_subnet_configurations(want.subnet_configurations(&[]))
            .set_subnet_ids(some(&want.subnet_ids))
            .tag_specifications(tags::of_new(ResourceType::VpcEndpoint, &want.tags_all, creation.token))
            .vpc_endpoint_type(VpcEndpointType::from(want.vpc_endpoint_type.as_str()))
            .vpc_id(&want.vpc_id)
            .send()
            .await
            .operation("ec2:CreateVpcEndpoint")?;
        let id = created.vpc_endpoint.and_then(|live| live.vpc_endpoint_id).unwrap_or_default();
        let endpoint = VpcEndpoint { id, ..want.clone() };
        tags::settle_new(aws, creation, &endpoint, &endpoint.id).await?;
        accept(aws, &endpoint).await?;
        Ok(endpoint)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        live::read(aws, have).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if want.auto_accept == Some(true) && have.state == "pendingAcceptance" {
            accept(aws, want).await?;
        }
        modify(aws, have, want).await?;
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let delete = aws.ec2().delete_vpc_endpoints().vpc_endpoint_ids(&have.id);
        let answer = delete.send().await.operation("ec2:DeleteVpcEndpoints")?;
        // The call succeeds whatever became of the endpoints.
        let refused = answer.unsuccessful.unwrap_or_default().into_iter().find_map(|item| item.error);
        let Some(refused) = refused else { return Ok(()) };
        let code = refused.code.unwrap_or_default();
        let kind = if code.ends_with(".NotFound") { ErrorKind::NotFound } else { ErrorKind::Conflict };
        let mut error =
            ProviderError::new(kind, "ec2:DeleteVpcEndpoints", refused.message.unwrap_or_else(|| code.clone()));
        error.code = Some(code);
        Err(error)
    }

    fn readiness(&self, want: &Self) -> Readiness {
        match self.state.to_ascii_lowercase().as_str() {
            "available" => Readiness::Settled,
            // Whoever owns the service accepts it, or doesn't; it is made all the same.
            "pendingacceptance" if want.auto_accept != Some(true) => Readiness::Settled,
            "failed" | "rejected" | "expired" | "partial" => {
                let why = self.failure.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
                Readiness::Failed(format!("its state is {}{why}", self.state))
            }
            _ => Readiness::Pending(format!("state {}", self.state)),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = live::describe(aws, tags::marked(token)).await?.pop() else { return Ok(None) };
        let endpoint = VpcEndpoint { id: live.vpc_endpoint_id.unwrap_or_default(), ..want.clone() };
        tags::unmark(aws, &endpoint.id).await?;
        Ok(VpcEndpoint::read(aws, &[endpoint]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(VpcEndpoint { id: id.to_string(), ..VpcEndpoint::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        attribute == "policy" && policy::is_equivalent_value(prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let arns = ["resource_configuration_arn", "service_network_arn"];
        let arns = arns.into_iter().filter_map(|name| refuse(config, name, |text| text.starts_with("arn:"), "an ARN"));
        let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
        arns.chain(refuse(config, "policy", is_json, "JSON")).collect()
    }
}

fn refuse(config: &Value, attribute: &str, is_valid: fn(&str) -> bool, what: &str) -> Option<Refusal> {
    let value = config.get(attribute)?;
    let text = value.reveal().as_str().filter(|text| !text.is_empty())?;
    (!is_valid(text)).then(|| Refusal {
        attribute: Path::attribute(attribute),
        summary: format!("invalid value for {attribute}"),
        detail: format!("It must be {what}."),
    })
}

impl VpcEndpoint {
    fn ip_address_type(&self) -> Option<IpAddressType> {
        given(&self.ip_address_type).map(|kind| IpAddressType::from(kind.as_str()))
    }

    /// The addresses asked for, but for those that are there already; `None` when nothing is left of them.
    fn subnet_configurations(&self, have: &[SubnetConfiguration]) -> Option<Vec<WantedSubnet>> {
        let request = |wanted: &SubnetConfiguration| {
            WantedSubnet::builder()
                .set_ipv4(given(&wanted.ipv4))
                .set_ipv6(given(&wanted.ipv6))
                .set_subnet_id(given(&wanted.subnet_id))
                .build()
        };
        let wanted = self.subnet_configuration.iter().filter(|wanted| !have.contains(wanted)).map(request);
        Some(wanted.collect::<Vec<_>>()).filter(|wanted| !wanted.is_empty())
    }
}

impl DnsOptions {
    fn request(&self) -> DnsOptionsSpecification {
        let kind = given(&self.dns_record_ip_type).map(|kind| DnsRecordIpType::from(kind.as_str()));
        DnsOptionsSpecification::builder()
            .set_dns_record_ip_type(kind)
            .set_private_dns_only_for_inbound_resolver_endpoint(self.private_dns_only_for_inbound_resolver_endpoint)
            .build()
    }
}

fn some(items: &[String]) -> Option<Vec<String>> {
    (!items.is_empty()).then(|| items.to_vec())
}

/// What is in the one list and not in the other; `None` when nothing is.
fn beyond(items: &[String], others: &[String]) -> Option<Vec<String>> {
    let beyond: Vec<String> = items.iter().filter(|item| !others.contains(item)).cloned().collect();
    (!beyond.is_empty()).then_some(beyond)
}

async fn modify(aws: &Aws, have: &VpcEndpoint, want: &VpcEndpoint) -> Result<(), ProviderError> {
    let is_other_policy = !policy::is_equivalent(&have.policy, &want.policy);
    let dns_options = want.dns_options.first().filter(|_| have.dns_options != want.dns_options);
    let subnets = want.subnet_configurations(&have.subnet_configuration);
    let lists = [
        (&have.route_table_ids, &want.route_table_ids),
        (&have.security_group_ids, &want.security_group_ids),
        (&have.subnet_ids, &want.subnet_ids),
    ];
    let [tables, groups, subnet_ids] = lists.map(|(had, wanted)| (beyond(wanted, had), beyond(had, wanted)));
    let is_other_list =
        [&tables, &groups, &subnet_ids].iter().any(|(added, removed)| added.is_some() || removed.is_some());
    let is_other_dns = have.private_dns_enabled != want.private_dns_enabled && want.private_dns_enabled.is_some();
    let is_other_family = have.ip_address_type != want.ip_address_type && !want.ip_address_type.is_empty();
    let is_same = !is_other_policy && !is_other_list && !is_other_dns && !is_other_family;
    if is_same && dns_options.is_none() && subnets.is_none() {
        return Ok(());
    }
    aws.ec2()
        .modify_vpc_endpoint()
        .vpc_endpoint_id(&have.id)
        .set_policy_document(given(&want.policy).filter(|_| is_other_policy))
        .set_reset_policy((is_other_policy && want.policy.is_empty()).then_some(true))
        .set_add_route_table_ids(tables.0)
        .set_remove_route_table_ids(tables.1)
        .set_add_security_group_ids(groups.0)
        .set_remove_security_group_ids(groups.1)
        .set_add_subnet_ids(subnet_ids.0)
        .set_remove_subnet_ids(subnet_ids.1)
        .set_dns_options(dns_options.map(DnsOptions::request))
        .set_ip_address_type(want.ip_address_type().filter(|_| is_other_family))
        .set_private_dns_enabled(want.private_dns_enabled.filter(|_| is_other_dns))
        .set_subnet_configurations(subnets)
        .send()
        .await
        .operation("ec2:ModifyVpcEndpoint")?;
    Ok(())
}

/// Accepts the endpoint on the side of its service, where the configuration asks for that and the service needs it.
async fn accept(aws: &Aws, endpoint: &VpcEndpoint) -> Result<(), ProviderError> {
    if endpoint.auto_accept != Some(true) || !is_waiting_for_acceptance(aws, &endpoint.id).await? {
        return Ok(());
    }
    let services = aws.ec2().describe_vpc_endpoint_services().service_names(&endpoint.service_name);
    let services = services.send().await.operation("ec2:DescribeVpcEndpointServices")?;
    let service = services.service_details.unwrap_or_default().pop().and_then(|service| service.service_id);
    let Some(service_id) = service else {
        let message = format!("there is no service `{}` to accept the endpoint {}", endpoint.service_name, endpoint.id);
        return Err(ProviderError::new(ErrorKind::NotFound, "ec2:DescribeVpcEndpointServices", message));
    };
    let accept = aws.ec2().accept_vpc_endpoint_connections().service_id(service_id).vpc_endpoint_ids(&endpoint.id);
    let answer = accept.send().await.operation("ec2:AcceptVpcEndpointConnections")?;
    match answer.unsuccessful.unwrap_or_default().into_iter().find_map(|item| item.error) {
        Some(error) => {
            let message = error.message.or(error.code).unwrap_or_default();
            Err(ProviderError::new(ErrorKind::Conflict, "ec2:AcceptVpcEndpointConnections", message))
        }
        None => Ok(()),
    }
}

/// Whether the endpoint waits for its service's owner, once it is past its first moments.
async fn is_waiting_for_acceptance(aws: &Aws, id: &str) -> Result<bool, ProviderError> {
    let start = tokio::time::Instant::now();
    loop {
        let live = live::named(aws, &[id.to_string()]).await?.pop();
        let state = live.and_then(|live| live.state).map(|state| state.as_str().to_ascii_lowercase());
        match state.as_deref() {
            Some("pendingacceptance") => return Ok(true),
            Some("pending") | None if start.elapsed() < ACCEPTANCE => tokio::time::sleep(PAUSE).await,
            Some(_) | None => return Ok(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_are_not_there_are_asked_for() {
        let address = |ipv4: &str| SubnetConfiguration { ipv4: ipv4.into(), ..SubnetConfiguration::default() };
        let want = VpcEndpoint { subnet_configuration: vec![address("10.0.0.7")], ..VpcEndpoint::default() };
        assert!(want.subnet_configurations(&[address("10.0.0.7")]).is_none());
        assert!(want.subnet_configurations(&[address("10.0.0.8")]).is_some_and(|wanted| wanted.len() == 1));
    }

    #[test]
    fn an_endpoint_that_its_service_has_to_accept_is_made_all_the_same() {
        let live = VpcEndpoint { state: "pendingAcceptance".into(), ..VpcEndpoint::default() };
        assert_eq!(live.readiness(&VpcEndpoint::default()), Readiness::Settled);
        let accepting = VpcEndpoint { auto_accept: Some(true), ..VpcEndpoint::default() };
        assert!(matches!(live.readiness(&accepting), Readiness::Pending(_)));
    }

    #[test]
    fn a_failed_endpoint_says_why() {
        let live =
            VpcEndpoint { state: "failed".into(), failure: Some("no capacity".into()), ..VpcEndpoint::default() };
        assert_eq!(
            live.readiness(&VpcEndpoint::default()),
            Readiness::Failed("its state is failed: no capacity".into())
        );
    }
}
