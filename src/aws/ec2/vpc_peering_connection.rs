//! `aws_vpc_peering_connection`: a way between two VPCs, as the one that asks for it sees it.
//!
//! The other VPC's owner has to accept it; `auto_accept` does that where both are of one account and region. A connection
//! that ended stays visible for some time, so `read` counts its last states as gone.

pub mod accepter;
pub mod options;

use aws_sdk_ec2::types::{
    PeeringConnectionOptionsRequest, ResourceType, VpcPeeringConnection as Live, VpcPeeringConnectionVpcInfo as Side,
};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::clients::Aws;
use crate::ec2::{given, tags};
use crate::failure::Operation;
use crate::tags::TOKEN_TAG;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcPeeringConnection {
    accept_status: String,
    accepter: Vec<PeeringOptions>,
    auto_accept: Option<bool>,
    id: String,
    peer_owner_id: String,
    peer_region: String,
    peer_vpc_id: String,
    requester: Vec<PeeringOptions>,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc_id: String,
    /// What AWS says of the status.
    #[serde(skip)]
    message: String,
}

/// What one side lets the other do.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct PeeringOptions {
    allow_remote_vpc_dns_resolution: bool,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for VpcPeeringConnection {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc_peering_connection";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(1, 1, 1);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .create_vpc_peering_connection()
            .vpc_id(&want.vpc_id)
            .peer_vpc_id(&want.peer_vpc_id)
            .set_peer_owner_id(given(&want.peer_owner_id))
            .set_peer_region(given(&want.peer_region))
            .tag_specifications(tags::of_new(ResourceType::VpcPeeringConnection, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateVpcPeeringConnection")?;
        let id = created.vpc_peering_connection.and_then(|live| live.vpc_peering_connection_id).unwrap_or_default();
        let connection = VpcPeeringConnection { id, ..want.clone() };
        tags::settle_new(aws, creation, &connection, &connection.id).await?;
        if want.auto_accept == Some(true) {
            accept(aws, &connection.id).await?;
        }
        let options =
            |options: &[PeeringOptions]| options.first().is_some_and(|options| options.allow_remote_vpc_dns_resolution);
        if options(&want.accepter) || options(&want.requester) {
            let fresh = VpcPeeringConnection {
                accepter: vec![PeeringOptions::default()],
                requester: vec![PeeringOptions::default()],
                ..connection.clone()
            };
            modify_options(aws, &fresh, want).await?;
        }
        Ok(connection)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids: Vec<String> = have.iter().map(|connection| connection.id.clone()).collect();
        let live = batch::known(&ids, |ids| async move {
            let call = aws.ec2().describe_vpc_peering_connections().set_vpc_peering_connection_ids(Some(ids));
            let pages = call.into_paginator().items().send().collect::<Result<Vec<Live>, _>>().await;
            pages.operation("ec2:DescribeVpcPeeringConnections")
        })
        .await?;
        let account = aws.account().await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.vpc_peering_connection_id.as_deref() == Some(&have.id))?;
            let connection = have.with_live(account, live.clone());
            let is_gone = matches!(connection.accept_status.as_str(), "deleted" | "expired" | "failed" | "rejected");
            (!is_gone).then_some(connection)
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if want.auto_accept == Some(true) && have.accept_status == "pending-acceptance" {
            accept(aws, &have.id).await?;
        }
        modify_options(aws, have, want).await?;
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.ec2().delete_vpc_peering_connection().vpc_peering_connection_id(&have.id);
        match call.send().await.operation("ec2:DeleteVpcPeeringConnection") {
            // It has ended already, in one of the ways that a connection ends.
            Err(error) if error.code.as_deref() == Some("InvalidStateTransition") => Ok(()),
            ended => ended.map(drop),
        }
    }

    fn readiness(&self, want: &Self) -> Readiness {
        match self.accept_status.as_str() {
            "active" => Readiness::Settled,
            // The other VPC's owner accepts it or doesn't; it is made all the same.
            "pending-acceptance" if want.auto_accept != Some(true) => Readiness::Settled,
            "failed" | "expired" | "rejected" => {
                Readiness::Failed(format!("the connection is {}: {}", self.accept_status, self.message))
            }
            status => Readiness::Pending(format!("status {status}")),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let call = aws.ec2().describe_vpc_peering_connections().filters(tags::marked(token));
        let pages = call.into_paginator().items().send().collect::<Result<Vec<Live>, _>>().await;
        let is_marked = |live: &Live| {
            live.tags().iter().any(|tag| tag.key() == Some(TOKEN_TAG) && tag.value() == Some(token.id.as_ref()))
        };
        let found = pages.operation("ec2:DescribeVpcPeeringConnections")?.into_iter().find(is_marked);
        let Some(live) = found else { return Ok(None) };
        let connection = want.with_live(aws.account().await?, live);
        tags::unmark(aws, &connection.id).await?;
        Ok(Some(connection))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(VpcPeeringConnection { id: id.to_string(), ..VpcPeeringConnection::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let is_accepting = config.get("auto_accept").is_some_and(|value| value.reveal().as_bool() == Some(true));
        let is_elsewhere = config.get("peer_region").is_some_and(|region| region.is_known() && !region.is_null());
        let refusal = (is_accepting && is_elsewhere).then(|| Refusal {
            attribute: Path::attribute("auto_accept"),
            summary: "Invalid combination of arguments".into(),
            detail: "A connection to another region can only be accepted there: leave `auto_accept` out.".into(),
        });
        refusal.into_iter().collect()
    }
}

impl VpcPeeringConnection {
    /// From the side of this account: of the two VPCs, the peer is the other's one.
    fn with_live(&self, account: &str, live: Live) -> VpcPeeringConnection {
        let nobody = || Side::builder().build();
        let accepter = live.accepter_vpc_info.unwrap_or_else(nobody);
        let requester = live.requester_vpc_info.unwrap_or_else(nobody);
        let is_accepter =
            accepter.owner_id.as_deref() == Some(account) && requester.owner_id.as_deref() != Some(account);
        let (own, peer) = if is_accepter { (&accepter, &requester) } else { (&requester, &accepter) };
        let status = live.status;
        let code = status.as_ref().and_then(|status| status.code.as_ref());
        VpcPeeringConnection {
            accept_status: code.map(|code| code.as_str().to_string()).unwrap_or_default(),
            accepter: PeeringOptions::of(&accepter),
            id: live.vpc_peering_connection_id.unwrap_or_default(),
            message: status.as_ref().and_then(|status| status.message.clone()).unwrap_or_default(),
            peer_owner_id: peer.owner_id.clone().unwrap_or_default(),
            peer_region: accepter.region.clone().unwrap_or_default(),
            peer_vpc_id: peer.vpc_id.clone().unwrap_or_default(),
            requester: PeeringOptions::of(&requester),
            tags_all: tags::live(live.tags),
            vpc_id: own.vpc_id.clone().unwrap_or_default(),
            ..self.clone()
        }
    }
}

impl PeeringOptions {
    fn of(side: &Side) -> Vec<PeeringOptions> {
        let options = side.peering_options.as_ref().map(|options| PeeringOptions {
            allow_remote_vpc_dns_resolution: options.allow_dns_resolution_from_remote_vpc.unwrap_or(false),
        });
        options.into_iter().collect()
    }

    fn request(&self) -> PeeringConnectionOptionsRequest {
        PeeringConnectionOptionsRequest::builder()
            .allow_dns_resolution_from_remote_vpc(self.allow_remote_vpc_dns_resolution)
            .build()
    }
}

async fn accept(aws: &Aws, id: &str) -> Result<(), ProviderError> {
    let call = aws.ec2().accept_vpc_peering_connection().vpc_peering_connection_id(id);
    match call.send().await.operation("ec2:AcceptVpcPeeringConnection") {
        Err(error) if error.kind == ErrorKind::Denied || error.code.as_deref() == Some("OperationNotPermitted") => {
            Err(error
                .hint("only the peer VPC's owner can accept it: leave `auto_accept` out, and let the peer accept it"))
        }
        ended => ended.map(drop),
    }
}

/// Changes what a side lets the other do; only active connections can be changed.
async fn modify_options(
    aws: &Aws,
    have: &VpcPeeringConnection,
    want: &VpcPeeringConnection,
) -> Result<(), ProviderError> {
    let accepter = want.accepter.first().filter(|_| have.accepter != want.accepter);
    let requester = want.requester.first().filter(|_| have.requester != want.requester);
    if accepter.is_none() && requester.is_none() {
        return Ok(());
    }
    let call = aws.ec2().modify_vpc_peering_connection_options().vpc_peering_connection_id(&have.id);
    let call = call.set_accepter_peering_connection_options(accepter.map(PeeringOptions::request));
    let call = call.set_requester_peering_connection_options(requester.map(PeeringOptions::request));
    let modified = call.send().await.operation("ec2:ModifyVpcPeeringConnectionOptions");
    modified.map(drop).map_err(|error| match error.kind {
        ErrorKind::Invalid => error.hint("options can be set once the connection is active"),
        ErrorKind::NotFound
        | ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::Credentials
        | ErrorKind::Denied
        | ErrorKind::Throttled
        | ErrorKind::Unavailable
        | ErrorKind::NotReady
        | ErrorKind::Interrupted
        | ErrorKind::Other => error,
    })
}
