//! `aws_nat_gateway`: the way out of private subnets.
//!
//! A deleted gateway stays visible as `deleted` for an hour, so `read` counts that state as gone.

pub mod data;

use aws_sdk_ec2::types::{ConnectivityType, NatGateway as Live, NatGatewayState, ResourceType};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{filter, given, tags};
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NatGateway {
    allocation_id: String,
    association_id: String,
    connectivity_type: String,
    id: String,
    network_interface_id: String,
    private_ip: String,
    public_ip: String,
    secondary_allocation_ids: Option<Vec<String>>,
    secondary_private_ip_address_count: i32,
    secondary_private_ip_addresses: Vec<String>,
    subnet_id: String,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    #[serde(skip)]
    state: String,
    #[serde(skip)]
    failure: String,
    /// Association ids of secondary addresses, by address.
    #[serde(skip)]
    secondary_associations: Vec<(String, String)>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for NatGateway {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_nat_gateway";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(10, 10, 30);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let count = want.secondary_private_ip_address_count;
        let created = aws
            .ec2()
            .create_nat_gateway()
            .client_token(creation.token.id.as_ref())
            .subnet_id(&want.subnet_id)
            .set_allocation_id(given(&want.allocation_id))
            .set_connectivity_type(given(&want.connectivity_type).map(|kind| ConnectivityType::from(kind.as_str())))
            .set_private_ip_address(given(&want.private_ip))
            .set_secondary_allocation_ids(want.secondary_allocation_ids.clone().filter(|ids| !ids.is_empty()))
            .set_secondary_private_ip_address_count((count != 0).then_some(count))
            .set_secondary_private_ip_addresses(
                Some(want.secondary_private_ip_addresses.clone()).filter(|addresses| !addresses.is_empty()),
            )
            .tag_specifications(tags::of_new(ResourceType::Natgateway, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateNatGateway")?;
        let id = created.nat_gateway.and_then(|gateway| gateway.nat_gateway_id).unwrap_or_default();
        let gateway = NatGateway { id, ..want.clone() };
        tags::settle_new(aws, creation, &gateway, &gateway.id).await?;
        Ok(gateway)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, filter("nat-gateway-id", have.iter().map(|gateway| gateway.id.clone()))).await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.nat_gateway_id.as_deref() == Some(&have.id))?;
            (live.state != Some(NatGatewayState::Deleted)).then(|| have.with_live(live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        update_secondary(aws, have, want).await?;
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let delete = aws.ec2().delete_nat_gateway().nat_gateway_id(&have.id);
        delete.send().await.operation("ec2:DeleteNatGateway")?;
        Ok(())
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match self.state.as_str() {
            "available" => Readiness::Settled,
            "failed" => Readiness::Failed(format!("the gateway failed: {}", self.failure)),
            state => Readiness::Pending(format!("state {state}")),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = describe(aws, tags::marked(token)).await?.pop() else { return Ok(None) };
        let gateway = want.with_live(live);
        tags::unmark(aws, &gateway.id).await?;
        Ok(Some(gateway))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(NatGateway { id: id.to_string(), ..NatGateway::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let is_private = config.get("connectivity_type").is_some_and(|kind| kind.reveal().as_str() == Some("private"));
        let is_set = |name: &str| config.get(name).is_some_and(|value| value.is_known() && !value.is_null());
        let needs_other = |attribute: &str, kind: &str| Refusal {
            attribute: Path::attribute(attribute),
            summary: "Invalid combination of arguments".into(),
            detail: format!("`{attribute}` can't be given when `connectivity_type` is `{kind}`."),
        };
        let mut refusals = Vec::new();
        if is_private {
            let public_only = ["allocation_id", "secondary_allocation_ids"].into_iter().filter(|name| is_set(name));
            refusals.extend(public_only.map(|name| needs_other(name, "private")));
        } else if is_set("secondary_private_ip_address_count") {
            refusals.push(needs_other("secondary_private_ip_address_count", "public"));
        }
        let address = config.get("private_ip");
        let address = address.as_ref().and_then(|address| address.reveal().as_str());
        if let Some(address) = address.filter(|address| address.parse::<std::net::Ipv4Addr>().is_err()) {
            refusals.push(Refusal {
                attribute: Path::attribute("private_ip"),
                summary: "invalid value for private_ip".into(),
                detail: format!("It must be an IPv4 address, not `{address}`."),
            });
        }
        refusals
    }
}

impl NatGateway {
    fn with_live(&self, live: Live) -> NatGateway {
        let mut gateway = NatGateway {
            id: live.nat_gateway_id.unwrap_or_default(),
            connectivity_type: live.connectivity_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            subnet_id: live.subnet_id.unwrap_or_default(),
            tags_all: tags::live(live.tags),
            state: live.state.map(|state| state.as_str().to_string()).unwrap_or_default(),
            failure: live.failure_message.unwrap_or_default(),
            secondary_private_ip_addresses: Vec::new(),
            secondary_associations: Vec::new(),
            ..self.clone()
        };
        let mut secondary_allocation_ids = Vec::new();
        let addresses = live.nat_gateway_addresses.unwrap_or_default();
        let has_primary_mark = addresses.iter().any(|address| address.is_primary == Some(true));
        for (index, address) in addresses.into_iter().enumerate() {
            // Answers of old gateways don't say which address is the primary one; then it is the first.
            if if has_primary_mark { address.is_primary == Some(true) } else { index == 0 } {
                gateway.allocation_id = address.allocation_id.unwrap_or_default();
                gateway.association_id = address.association_id.unwrap_or_default();
                gateway.network_interface_id = address.network_interface_id.unwrap_or_default();
                gateway.private_ip = address.private_ip.unwrap_or_default();
                gateway.public_ip = address.public_ip.unwrap_or_default();
                continue;
            }
            let private_ip = address.private_ip.unwrap_or_default();
            gateway.secondary_associations.extend(address.association_id.map(|id| (private_ip.clone(), id)));
            gateway.secondary_private_ip_addresses.push(private_ip);
            secondary_allocation_ids.extend(address.allocation_id);
        }
        gateway.secondary_private_ip_address_count = gateway.secondary_private_ip_addresses.len() as i32;
        gateway.secondary_allocation_ids = (!secondary_allocation_ids.is_empty()).then_some(secondary_allocation_ids);
        gateway
    }
}

async fn describe(aws: &Aws, filter: aws_sdk_ec2::types::Filter) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_nat_gateways().filter(filter).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeNatGateways")
}

/// Adds and removes secondary addresses: by allocation for public gateways, by address for private ones.
async fn update_secondary(aws: &Aws, have: &NatGateway, want: &NatGateway) -> Result<(), ProviderError> {
    let ec2 = aws.ec2();
    let have_ids = have.secondary_allocation_ids.clone().unwrap_or_default();
    let want_ids = want.secondary_allocation_ids.clone().unwrap_or_default();
    if have.connectivity_type != "private" {
        let added: Vec<String> = want_ids.iter().filter(|id| !have_ids.contains(id)).cloned().collect();
        let removed = have_ids.iter().filter(|id| !want_ids.contains(id)).count();
        if removed > 0 {
            let live = NatGateway::read(aws, std::slice::from_ref(have)).await?.pop().flatten();
            let associations = live.map(|live| live.secondary_associations).unwrap_or_default();
            let keep = |address: &str| want.secondary_private_ip_addresses.iter().any(|kept| kept == address);
            let ids = associations.into_iter().filter(|(address, _)| !keep(address)).map(|(_, id)| id).collect();
            let call = ec2.disassociate_nat_gateway_address().nat_gateway_id(&have.id).set_association_ids(Some(ids));
            call.send().await.operation("ec2:DisassociateNatGatewayAddress")?;
        }
        if !added.is_empty() {
            let call = ec2.associate_nat_gateway_address().nat_gateway_id(&have.id).set_allocation_ids(Some(added));
            call.send().await.operation("ec2:AssociateNatGatewayAddress")?;
        }
        return Ok(());
    }
    let (have_ips, want_ips) = (&have.secondary_private_ip_addresses, &want.secondary_private_ip_addresses);
    let removed: Vec<String> = have_ips.iter().filter(|ip| !want_ips.contains(ip)).cloned().collect();
    if !removed.is_empty() {
        let call =
            ec2.unassign_private_nat_gateway_address().nat_gateway_id(&have.id).set_private_ip_addresses(Some(removed));
        call.send().await.operation("ec2:UnassignPrivateNatGatewayAddress")?;
    }
    let added: Vec<String> = want_ips.iter().filter(|ip| !have_ips.contains(ip)).cloned().collect();
    if !added.is_empty() {
        let call =
            ec2.assign_private_nat_gateway_address().nat_gateway_id(&have.id).set_private_ip_addresses(Some(added));
        call.send().await.operation("ec2:AssignPrivateNatGatewayAddress")?;
    }
    Ok(())
}
