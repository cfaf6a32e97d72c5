//! `aws_route`: one entry of a route table.

use aws_sdk_ec2::types::{Route as Live, RouteOrigin, RouteTable};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refusal, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::{filter, given};
use crate::failure::Operation;

/// The arguments of which exactly one names where traffic goes.
const TARGETS: [&str; 10] = [
    "carrier_gateway_id",
    "core_network_arn",
    "egress_only_gateway_id",
    "gateway_id",
    "local_gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
];

/// The arguments of which exactly one names what traffic.
const DESTINATIONS: [&str; 3] = ["destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"];

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Route {
    carrier_gateway_id: String,
    core_network_arn: String,
    destination_cidr_block: String,
    destination_ipv6_cidr_block: String,
    destination_prefix_list_id: String,
    egress_only_gateway_id: String,
    gateway_id: String,
    /// `r-TABLE` and a checksum of the destination: a route has no identifier of its own.
    id: String,
    instance_id: String,
    instance_owner_id: String,
    local_gateway_id: String,
    nat_gateway_id: String,
    network_interface_id: String,
    origin: String,
    route_table_id: String,
    state: String,
    timeouts: Option<WrittenTimeouts>,
    transit_gateway_id: String,
    vpc_endpoint_id: String,
    vpc_peering_connection_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

/// Sets the destination and the target of a request that takes them: CreateRoute and ReplaceRoute have the same members.
macro_rules! with_route {
    ($request:expr, $route:expr) => {
        $request
            .route_table_id(&$route.route_table_id)
            .set_destination_cidr_block(given(&$route.destination_cidr_block))
            .set_destination_ipv6_cidr_block(given(&$route.destination_ipv6_cidr_block))
            .set_destination_prefix_list_id(given(&$route.destination_prefix_list_id))
            .set_carrier_gateway_id(given(&$route.carrier_gateway_id))
            .set_core_network_arn(given(&$route.core_network_arn))
            .set_egress_only_internet_gateway_id(given(&$route.egress_only_gateway_id))
            .set_gateway_id(given(&$route.gateway_id))
            .set_local_gateway_id(given(&$route.local_gateway_id))
            .set_nat_gateway_id(given(&$route.nat_gateway_id))
            .set_network_interface_id(given(&$route.network_interface_id))
            .set_transit_gateway_id(given(&$route.transit_gateway_id))
            .set_vpc_endpoint_id(given(&$route.vpc_endpoint_id))
            .set_vpc_peering_connection_id(given(&$route.vpc_peering_connection_id))
    };
}

impl Resource for Route {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_route";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(5, 2, 5);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let tables = describe(aws, std::slice::from_ref(want)).await?;
        if want.live_in(&tables).is_some_and(|live| live.origin == Some(RouteOrigin::CreateRoute)) {
            let message = format!("{} has a route to `{}` already", want.route_table_id, want.destination());
            return Err(ProviderError::new(ErrorKind::AlreadyExists, "ec2:CreateRoute", message)
                .hint("take it over with `infra import`, or remove it"));
        }
        with_route!(aws.ec2().create_route(), want).send().await.operation("ec2:CreateRoute")?;
        Ok(Route { id: want.made_up_id(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let tables = describe(aws, have).await?;
        Ok(have.iter().map(|route| Some(route.with_live(route.live_in(&tables)?))).collect())
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        with_route!(aws.ec2().replace_route(), want).send().await.operation("ec2:ReplaceRoute")?;
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        aws.ec2()
            .delete_route()
            .route_table_id(&have.route_table_id)
            .set_destination_cidr_block(given(&have.destination_cidr_block))
            .set_destination_ipv6_cidr_block(given(&have.destination_ipv6_cidr_block))
            .set_destination_prefix_list_id(given(&have.destination_prefix_list_id))
            .send()
            .await
            .operation("ec2:DeleteRoute")?;
        Ok(())
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match self.state.as_str() {
            "active" => Readiness::Settled,
            "blackhole" => Readiness::Pending("its target to be there (state blackhole)".into()),
            state => Readiness::Pending(format!("state {state}")),
        }
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // `create` refuses a destination that is taken, so a route to it can only be its own.
        let wanted = Route { id: want.made_up_id(), ..want.clone() };
        Ok(Self::read(aws, &[wanted]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let (table, destination) = id
            .split_once('_')
            .filter(|(table, destination)| !table.is_empty() && !destination.is_empty())
            .ok_or_else(|| {
                ProviderError::invalid(
                    "import aws_route",
                    format!("`{id}` does not have the form `ROUTE_TABLE_ID_DESTINATION`"),
                )
            })?;
        let mut route = Route { route_table_id: table.to_string(), ..Route::default() };
        let place = if destination.contains(':') {
            &mut route.destination_ipv6_cidr_block
        } else if destination.contains('.') {
            &mut route.destination_cidr_block
        } else {
            &mut route.destination_prefix_list_id
        };
        *place = destination.to_string();
        route.id = route.made_up_id();
        Ok(route)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let v4 = cidr::check(config, "destination_cidr_block", Family::V4(0..=32));
        let v6 = cidr::check(config, "destination_ipv6_cidr_block", Family::V6(0..=128));
        let one_of = |names: &[&str]| {
            let is_left_out = |name: &&str| config.get(name).is_none_or(|value| value.is_null());
            names.iter().all(is_left_out).then(|| Refusal {
                attribute: Path::root(),
                summary: "Missing required argument".into(),
                detail: format!(
                    "One of these must be given: {}.",
                    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
                ),
            })
        };
        [v4, v6, one_of(&DESTINATIONS), one_of(&TARGETS)].into_iter().flatten().collect()
    }
}

impl Route {
    fn destination(&self) -> &str {
        let destinations =
            [&self.destination_cidr_block, &self.destination_ipv6_cidr_block, &self.destination_prefix_list_id];
        destinations.into_iter().find(|destination| !destination.is_empty()).map_or("", String::as_str)
    }

    fn made_up_id(&self) -> String {
        format!("r-{}{}", self.route_table_id, crc32fast::hash(self.destination().as_bytes()))
    }

    /// The live route to this destination, unless a gateway propagated it.
    fn live_in<'a>(&self, tables: &'a [RouteTable]) -> Option<&'a Live> {
        let table = tables.iter().find(|table| table.route_table_id.as_deref() == Some(&self.route_table_id))?;
        table.routes.as_deref().unwrap_or_default().iter().find(|live| {
            let destinations =
                [&live.destination_cidr_block, &live.destination_ipv6_cidr_block, &live.destination_prefix_list_id];
            let is_ours = destinations.into_iter().flatten().any(|destination| destination == self.destination());
            is_ours && live.origin != Some(RouteOrigin::EnableVgwRoutePropagation)
        })
    }

    fn with_live(&self, live: &Live) -> Route {
        let live = live.clone();
        // The API answers with a VPC endpoint as a gateway.
        let (gateway_id, vpc_endpoint_id) = match live.gateway_id {
            Some(id) if id.starts_with("vpce-") => (None, Some(id)),
            id => (id, None),
        };
        Route {
            carrier_gateway_id: live.carrier_gateway_id.unwrap_or_default(),
            core_network_arn: live.core_network_arn.unwrap_or_default(),
            destination_cidr_block: live.destination_cidr_block.unwrap_or_default(),
            destination_ipv6_cidr_block: live.destination_ipv6_cidr_block.unwrap_or_default(),
            destination_prefix_list_id: live.destination_prefix_list_id.unwrap_or_default(),
            egress_only_gateway_id: live.egress_only_internet_gateway_id.unwrap_or_default(),
            gateway_id: gateway_id.unwrap_or_default(),
            instance_id: live.instance_id.unwrap_or_default(),
            instance_owner_id: live.instance_owner_id.unwrap_or_default(),
            local_gateway_id: live.local_gateway_id.unwrap_or_default(),
            nat_gateway_id: live.nat_gateway_id.unwrap_or_default(),
            network_interface_id: live.network_interface_id.unwrap_or_default(),
            origin: live.origin.map(|origin| origin.as_str().to_string()).unwrap_or_default(),
            state: live.state.map(|state| state.as_str().to_string()).unwrap_or_default(),
            transit_gateway_id: live.transit_gateway_id.unwrap_or_default(),
            vpc_endpoint_id: vpc_endpoint_id.unwrap_or_default(),
            vpc_peering_connection_id: live.vpc_peering_connection_id.unwrap_or_default(),
            ..self.clone()
        }
    }
}

/// The tables of routes, each once.
async fn describe(aws: &Aws, routes: &[Route]) -> Result<Vec<RouteTable>, ProviderError> {
    let mut ids: Vec<String> = routes.iter().map(|route| route.route_table_id.clone()).collect();
    ids.sort();
    ids.dedup();
    let pages =
        aws.ec2().describe_route_tables().filters(filter("route-table-id", ids)).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeRouteTables")
}
