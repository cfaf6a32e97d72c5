//! `aws_vpn_gateway_route_propagation`: a route table that gets the routes of a VPN gateway.

use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::filter;
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpnGatewayRoutePropagation {
    /// `GATEWAY_ID_TABLE_ID`
    id: String,
    route_table_id: String,
    timeouts: Option<WrittenTimeouts>,
    vpn_gateway_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
}

impl Resource for VpnGatewayRoutePropagation {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpn_gateway_route_propagation";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(2, 2, 2);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let call = aws.ec2().enable_vgw_route_propagation().route_table_id(&want.route_table_id);
        let call = call.gateway_id(&want.vpn_gateway_id);
        call.send().await.operation("ec2:EnableVgwRoutePropagation")?;
        Ok(want.identified())
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut ids: Vec<String> = have.iter().map(|propagation| propagation.route_table_id.clone()).collect();
        ids.sort();
        ids.dedup();
        let pages = aws.ec2().describe_route_tables().filters(filter("route-table-id", ids));
        let pages = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
        let tables = pages.operation("ec2:DescribeRouteTables")?;
        let is_there = |have: &&Self| {
            tables.iter().any(|table| {
                let gateways = table.propagating_vgws.as_deref().unwrap_or_default();
                table.route_table_id.as_deref() == Some(&have.route_table_id)
                    && gateways.iter().any(|gateway| gateway.gateway_id.as_deref() == Some(&have.vpn_gateway_id))
            })
        };
        Ok(have.iter().map(|have| Some(have).filter(is_there).cloned()).collect())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.ec2().disable_vgw_route_propagation().route_table_id(&have.route_table_id);
        call.gateway_id(&have.vpn_gateway_id).send().await.operation("ec2:DisableVgwRoutePropagation").map(drop)
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // Enabling is idempotent: a propagation that is there is the one wanted, whoever enabled it.
        Ok(Self::read(aws, &[want.identified()]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let Some((gateway, table)) = id.split_once('_') else {
            let message = format!("`{id}` does not have the form `VPN_GATEWAY_ID_ROUTE_TABLE_ID`");
            return Err(ProviderError::invalid("import aws_vpn_gateway_route_propagation", message));
        };
        Ok(VpnGatewayRoutePropagation {
            id: id.to_string(),
            route_table_id: table.to_string(),
            vpn_gateway_id: gateway.to_string(),
            ..VpnGatewayRoutePropagation::default()
        })
    }
}

impl VpnGatewayRoutePropagation {
    fn identified(&self) -> VpnGatewayRoutePropagation {
        let id = format!("{}_{}", self.vpn_gateway_id, self.route_table_id);
        VpnGatewayRoutePropagation { id, ..self.clone() }
    }
}
