//! `aws_vpn_gateway_attachment`: which network a VPN gateway is of, where the gateway itself doesn't say.

use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Resource};
use serde::{Deserialize, Serialize};

use super::{VpnGateway, attach, detach};
use crate::clients::Aws;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpnGatewayAttachment {
    id: String,
    vpc_id: String,
    vpn_gateway_id: String,
    /// Whether the gateway is still joining the network.
    #[serde(skip)]
    is_joining: bool,
}

impl Resource for VpnGatewayAttachment {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpn_gateway_attachment";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        attach(aws, &want.vpn_gateway_id, &want.vpc_id).await?;
        Ok(want.identified())
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let gateway = |have: &Self| VpnGateway { id: have.vpn_gateway_id.clone(), ..VpnGateway::default() };
        let gateways: Vec<VpnGateway> = have.iter().map(gateway).collect();
        let live = VpnGateway::read(aws, &gateways).await?;
        let find = |(have, live): (&Self, Option<VpnGateway>)| {
            let live = live?;
            let is_joining =
                live.moving.iter().any(|(vpc, status)| *vpc == have.vpc_id && status.as_str() == "attaching");
            let is_there = is_joining || live.vpc_id == have.vpc_id;
            is_there.then(|| VpnGatewayAttachment { is_joining, ..have.clone() })
        };
        Ok(have.iter().zip(live).map(find).collect())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        detach(aws, &have.vpn_gateway_id, &have.vpc_id).await
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        if self.is_joining { Readiness::Pending("it to be attached".into()) } else { Readiness::Settled }
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // Attaching is idempotent: an attachment that is there is the one wanted, whoever made it.
        Ok(Self::read(aws, &[want.identified()]).await?.pop().flatten())
    }

    fn import(_id: &str) -> Result<Self, ProviderError> {
        let message = "an attachment has no identifier to import it by";
        Err(ProviderError::invalid("import aws_vpn_gateway_attachment", message)
            .hint("import the gateway as `aws_vpn_gateway`, with its `vpc_id`"))
    }
}

impl VpnGatewayAttachment {
    /// `vpn-attachment-` and a checksum of both identifiers, as states have it.
    fn identified(&self) -> VpnGatewayAttachment {
        let text = format!("{}-{}", self.vpc_id, self.vpn_gateway_id);
        let id = format!("vpn-attachment-{:x}", crc32fast::hash(text.as_bytes()));
        VpnGatewayAttachment { id, ..self.clone() }
    }
}
