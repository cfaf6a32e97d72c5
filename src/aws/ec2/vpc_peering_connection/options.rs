//! `aws_vpc_peering_connection_options`: what the sides of an active peering connection let each other do.
//!
//! A delete leaves the options as they are.

use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Resource};
use serde::{Deserialize, Serialize};

use super::{PeeringOptions, VpcPeeringConnection, modify_options};
use crate::clients::Aws;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcPeeringConnectionOptions {
    accepter: Vec<PeeringOptions>,
    id: String,
    requester: Vec<PeeringOptions>,
    vpc_peering_connection_id: String,
}

impl Resource for VpcPeeringConnectionOptions {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc_peering_connection_options";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let options = VpcPeeringConnectionOptions { id: want.vpc_peering_connection_id.clone(), ..want.clone() };
        let Some(have) = VpcPeeringConnection::read(aws, &[options.connection()]).await?.pop().flatten() else {
            let message = format!("there is no peering connection {}", options.id);
            return Err(ProviderError::new(ErrorKind::NotFound, "ec2:DescribeVpcPeeringConnections", message));
        };
        let _durable = creation.born(&options).await;
        modify_options(aws, &have, &options.connection()).await?;
        Ok(options)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let connections: Vec<VpcPeeringConnection> = have.iter().map(Self::connection).collect();
        let live = VpcPeeringConnection::read(aws, &connections).await?;
        let options = live.into_iter().map(|live| {
            let live = live?;
            Some(VpcPeeringConnectionOptions {
                accepter: live.accepter,
                vpc_peering_connection_id: live.id.clone(),
                id: live.id,
                requester: live.requester,
            })
        });
        Ok(options.collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        modify_options(aws, &have.connection(), &want.connection()).await
    }

    async fn delete(_aws: &Aws, _have: &Self) -> Result<(), ProviderError> {
        Ok(())
    }

    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // A create that was interrupted is done again: what is set already is not set again.
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(VpcPeeringConnectionOptions { id: id.to_string(), ..VpcPeeringConnectionOptions::default() })
    }
}

impl VpcPeeringConnectionOptions {
    fn connection(&self) -> VpcPeeringConnection {
        VpcPeeringConnection {
            accepter: self.accepter.clone(),
            id: self.id.clone(),
            requester: self.requester.clone(),
            ..VpcPeeringConnection::default()
        }
    }
}
