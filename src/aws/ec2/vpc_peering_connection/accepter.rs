//! `aws_vpc_peering_connection_accepter`: a peering connection as the VPC sees it that is asked for one.
//!
//! The other side makes and ends the connection: a create takes it over, and accepts it where `auto_accept` says so, and a
//! delete lets go of it.

use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use super::{PeeringOptions, VpcPeeringConnection, accept, modify_options};
use crate::clients::Aws;
use crate::ec2::tags;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcPeeringConnectionAccepter {
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
    vpc_peering_connection_id: String,
    #[serde(skip)]
    message: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    update: Option<String>,
}

impl Resource for VpcPeeringConnectionAccepter {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc_peering_connection_accepter";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(1, 1, 1);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let id = want.vpc_peering_connection_id.clone();
        let accepter = VpcPeeringConnectionAccepter { id, ..want.clone() };
        let live = VpcPeeringConnection::read(aws, &[accepter.connection()]).await?.pop().flatten();
        let Some(have) = live else {
            let message = format!("there is no peering connection {}", accepter.id);
            return Err(ProviderError::new(ErrorKind::NotFound, "ec2:DescribeVpcPeeringConnections", message));
        };
        let _durable = creation.born(&accepter).await;
        if want.auto_accept == Some(true) && have.accept_status == "pending-acceptance" {
            accept(aws, &have.id).await?;
        }
        if !want.accepter.is_empty() || !want.requester.is_empty() {
            modify_options(aws, &have, &accepter.connection()).await?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await?;
        Ok(accepter)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let connections: Vec<VpcPeeringConnection> = have.iter().map(Self::connection).collect();
        let live = VpcPeeringConnection::read(aws, &connections).await?;
        Ok(have.iter().zip(live).map(|(have, live)| Some(have.with_connection(live?))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        VpcPeeringConnection::update(aws, &have.connection(), &want.connection()).await
    }

    async fn delete(_aws: &Aws, _have: &Self) -> Result<(), ProviderError> {
        Ok(())
    }

    fn readiness(&self, want: &Self) -> Readiness {
        self.connection().readiness(&want.connection())
    }

    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // A create that was interrupted is done again: taking over what is taken over changes nothing.
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(VpcPeeringConnectionAccepter { id: id.to_string(), ..VpcPeeringConnectionAccepter::default() })
    }
}

impl VpcPeeringConnectionAccepter {
    fn connection(&self) -> VpcPeeringConnection {
        VpcPeeringConnection {
            accept_status: self.accept_status.clone(),
            accepter: self.accepter.clone(),
            auto_accept: self.auto_accept,
            id: self.id.clone(),
            peer_owner_id: self.peer_owner_id.clone(),
            peer_region: self.peer_region.clone(),
            peer_vpc_id: self.peer_vpc_id.clone(),
            requester: self.requester.clone(),
            tags: self.tags.clone(),
            tags_all: self.tags_all.clone(),
            timeouts: None,
            vpc_id: self.vpc_id.clone(),
            message: self.message.clone(),
        }
    }

    fn with_connection(&self, live: VpcPeeringConnection) -> VpcPeeringConnectionAccepter {
        VpcPeeringConnectionAccepter {
            accept_status: live.accept_status,
            accepter: live.accepter,
            auto_accept: self.auto_accept,
            vpc_peering_connection_id: live.id.clone(),
            id: live.id,
            peer_owner_id: live.peer_owner_id,
            peer_region: live.peer_region,
            peer_vpc_id: live.peer_vpc_id,
            requester: live.requester,
            tags: live.tags,
            tags_all: live.tags_all,
            timeouts: self.timeouts.clone(),
            vpc_id: live.vpc_id,
            message: live.message,
        }
    }
}
