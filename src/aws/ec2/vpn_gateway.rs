//! `aws_vpn_gateway`: the network's end of VPN connections.
//!
//! It is of one network at a time. A deleted gateway stays visible for some time, so `read` counts that state as gone.

pub mod attachment;
pub mod route_propagation;

use std::time::Duration;

use aws_sdk_ec2::types::{AttachmentStatus, Filter, GatewayType, ResourceType, VpnGateway as Live, VpnState};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{filter, given, tags};
use crate::failure::Operation;
use crate::retry;

/// How long a gateway takes to leave a network.
const LEAVING: Duration = Duration::from_secs(900);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpnGateway {
    amazon_side_asn: String,
    arn: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    availability_zone: String,
    id: String,
    tags: Tags,
    tags_all: Tags,
    /// Null in states where it is of no network.
    #[serde(skip_serializing_if = "String::is_empty")]
    vpc_id: String,
    #[serde(skip)]
    state: Option<VpnState>,
    /// The networks that it is joining or leaving.
    #[serde(skip)]
    moving: Vec<(String, AttachmentStatus)>,
}

impl Resource for VpnGateway {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpn_gateway";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .create_vpn_gateway()
            .r#type(GatewayType::Ipsec1)
            .set_amazon_side_asn(want.amazon_side_asn.parse().ok())
            .set_availability_zone(given(&want.availability_zone))
            .tag_specifications(tags::of_new(ResourceType::VpnGateway, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateVpnGateway")?;
        let id = created.vpn_gateway.and_then(|gateway| gateway.vpn_gateway_id).unwrap_or_default();
        let gateway = VpnGateway { id, ..want.clone() };
        tags::settle_new(aws, creation, &gateway, &gateway.id).await?;
        attach(aws, &gateway.id, &want.vpc_id).await?;
        Ok(gateway)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, filter("vpn-gateway-id", have.iter().map(|gateway| gateway.id.clone()))).await?;
        let account = aws.account().await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.vpn_gateway_id.as_deref() == Some(&have.id))?;
            (live.state != Some(VpnState::Deleted)).then(|| have.with_live(aws, account, live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.vpc_id != want.vpc_id {
            detach(aws, &have.id, &have.vpc_id).await?;
            attach(aws, &have.id, &want.vpc_id).await?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        detach(aws, &have.id, &have.vpc_id).await?;
        let is_leaving = |error: &ProviderError| error.code.as_deref() == Some("IncorrectState");
        retry::while_passing(LEAVING, is_leaving, || async {
            let call = aws.ec2().delete_vpn_gateway().vpn_gateway_id(&have.id);
            call.send().await.operation("ec2:DeleteVpnGateway").map(drop)
        })
        .await
    }

    fn readiness(&self, want: &Self) -> Readiness {
        match &self.state {
            Some(VpnState::Available) | None => {}
            Some(state) => return Readiness::Pending(format!("state {}", state.as_str())),
        }
        match self.moving.first() {
            Some((vpc, status)) => Readiness::Pending(format!("{} {vpc}", status.as_str())),
            None if want.vpc_id == self.vpc_id || want.vpc_id.is_empty() => Readiness::Settled,
            None => Readiness::Pending(format!("it to be attached to {}", want.vpc_id)),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = describe(aws, tags::marked(token)).await?.pop() else { return Ok(None) };
        let gateway = want.with_live(aws, aws.account().await?, live);
        tags::unmark(aws, &gateway.id).await?;
        Ok(Some(gateway))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(VpnGateway { id: id.to_string(), ..VpnGateway::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let asn = config.get("amazon_side_asn");
        let asn = asn.as_ref().and_then(|asn| asn.reveal().as_str()).filter(|text| !is_private_asn(text));
        let refusal = asn.map(|text| Refusal {
            attribute: Path::attribute("amazon_side_asn"),
            summary: "invalid value for amazon_side_asn".into(),
            detail: format!(
                "It must be a private ASN, from 64512 to 65534 or from 4200000000 to 4294967294, not `{text}`."
            ),
        });
        refusal.into_iter().collect()
    }
}

/// What CreateVpnGateway takes (`AmazonSideAsn`): private numbers, and those that AWS gave gateways before.
fn is_private_asn(text: &str) -> bool {
    let is_old = |asn: i64| [7224, 9059, 10124, 17493].contains(&asn);
    let is_private = |asn: i64| (64_512..=65_534).contains(&asn) || (4_200_000_000..=4_294_967_294).contains(&asn);
    text.parse().is_ok_and(|asn: i64| is_private(asn) || is_old(asn))
}

impl VpnGateway {
    fn with_live(&self, aws: &Aws, account: &str, live: Live) -> VpnGateway {
        let id = live.vpn_gateway_id.unwrap_or_default();
        let mut vpc_id = String::new();
        let mut moving = Vec::new();
        for attachment in live.vpc_attachments.unwrap_or_default() {
            let vpc = attachment.vpc_id.unwrap_or_default();
            match attachment.state {
                Some(AttachmentStatus::Attached) => vpc_id = vpc,
                Some(AttachmentStatus::Detached) | None => {}
                Some(status) => moving.push((vpc, status)),
            }
        }
        VpnGateway {
            amazon_side_asn: live.amazon_side_asn.map(|asn| asn.to_string()).unwrap_or_default(),
            arn: aws.ec2_arn("vpn-gateway", account, &id),
            availability_zone: live.availability_zone.unwrap_or_else(|| self.availability_zone.clone()),
            id,
            moving,
            state: live.state,
            tags_all: tags::live(live.tags),
            vpc_id,
            ..self.clone()
        }
    }
}

async fn describe(aws: &Aws, filter: Filter) -> Result<Vec<Live>, ProviderError> {
    let answer = aws.ec2().describe_vpn_gateways().filters(filter).send().await;
    Ok(answer.operation("ec2:DescribeVpnGateways")?.vpn_gateways.unwrap_or_default())
}

async fn attach(aws: &Aws, id: &str, vpc_id: &str) -> Result<(), ProviderError> {
    let Some(vpc_id) = given(vpc_id) else { return Ok(()) };
    // A network that another gateway is just leaving takes no new one, nor does a new gateway take a network at once.
    let is_early = |error: &ProviderError| {
        matches!(error.code.as_deref(), Some("InvalidVpnGatewayID.NotFound" | "IncorrectState"))
    };
    retry::while_passing(LEAVING, is_early, || async {
        let call = aws.ec2().attach_vpn_gateway().vpn_gateway_id(id).vpc_id(&vpc_id);
        call.send().await.operation("ec2:AttachVpnGateway").map(drop)
    })
    .await
}

/// Asks for the detachment and waits for it: until then neither can the gateway go, nor the network get another one.
async fn detach(aws: &Aws, id: &str, vpc_id: &str) -> Result<(), ProviderError> {
    let Some(vpc_id) = given(vpc_id) else { return Ok(()) };
    let call = aws.ec2().detach_vpn_gateway().vpn_gateway_id(id).vpc_id(&vpc_id);
    match call.send().await.operation("ec2:DetachVpnGateway") {
        Err(error) if error.is_not_found() || error.code.as_deref() == Some("InvalidVpnGatewayAttachment.NotFound") => {
            return Ok(());
        }
        ended => ended.map(drop)?,
    }
    let is_there = |error: &ProviderError| error.kind == ErrorKind::NotReady;
    retry::while_passing(LEAVING, is_there, || async {
        let gateways = describe(aws, filter("vpn-gateway-id", [id])).await?;
        let attachments = gateways.into_iter().flat_map(|live| live.vpc_attachments.unwrap_or_default());
        let mut of_vpc = attachments.filter(|attachment| attachment.vpc_id.as_ref() == Some(&vpc_id));
        match of_vpc.find(|attachment| attachment.state != Some(AttachmentStatus::Detached)) {
            Some(_) => {
                let message = format!("{id} has not left {vpc_id} yet");
                Err(ProviderError::new(ErrorKind::NotReady, "ec2:DetachVpnGateway", message))
            }
            None => Ok(()),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_private_numbers_are_the_amazon_sides() {
        assert!(["64512", "65534", "4200000000", "7224"].into_iter().all(is_private_asn));
        assert!(!["65535", "1", "x", "4294967295"].into_iter().any(is_private_asn));
    }

    #[test]
    fn a_gateway_that_joins_its_network_is_not_ready() {
        let want = VpnGateway { vpc_id: "vpc-a".into(), ..VpnGateway::default() };
        let joining = VpnGateway {
            moving: vec![("vpc-a".into(), AttachmentStatus::Attaching)],
            state: Some(VpnState::Available),
            ..VpnGateway::default()
        };
        assert!(matches!(joining.readiness(&want), Readiness::Pending(_)));
        let there = VpnGateway { moving: Vec::new(), vpc_id: "vpc-a".into(), ..joining };
        assert_eq!(there.readiness(&want), Readiness::Settled);
    }
}
