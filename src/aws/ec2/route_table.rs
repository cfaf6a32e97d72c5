//! `aws_route_table`: where the traffic of subnets goes.
//!
//! `route` takes ownership of a table's routes where it is given; `aws_route` adds single ones. Not both for one table.

pub mod data;
pub mod default;

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{ResourceType, Route as Live, RouteOrigin, RouteTable as LiveTable};
use model::path::{Path, Step};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::{filter, given, in_use, tags};
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteTable {
    arn: String,
    id: String,
    owner_id: String,
    propagating_vgws: Vec<String>,
    route: Vec<Route>,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc_id: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Route {
    carrier_gateway_id: String,
    cidr_block: String,
    core_network_arn: String,
    destination_prefix_list_id: String,
    egress_only_gateway_id: String,
    gateway_id: String,
    ipv6_cidr_block: String,
    local_gateway_id: String,
    nat_gateway_id: String,
    network_interface_id: String,
    transit_gateway_id: String,
    vpc_endpoint_id: String,
    vpc_peering_connection_id: String,
    /// Only default route tables tell it.
    #[serde(skip)]
    instance_id: String,
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
    ($request:expr, $table:expr, $route:expr) => {
        $request
            .route_table_id($table)
            .set_destination_cidr_block(given(&$route.cidr_block))
            .set_destination_ipv6_cidr_block(given(&$route.ipv6_cidr_block))
            .set_destination_prefix_list_id(given(&$route.destination_prefix_list_id))
            .set_carrier_gateway_id(given(&$route.carrier_gateway_id))
            .set_core_network_arn(given(&$route.core_network_arn))
            .set_egress_only_internet_gateway_id(given(&$route.egress_only_gateway_id))
            .set_gateway_id(given(&$route.gateway_id))
            .set_instance_id(given(&$route.instance_id))
            .set_local_gateway_id(given(&$route.local_gateway_id))
            .set_nat_gateway_id(given(&$route.nat_gateway_id))
            .set_network_interface_id(given(&$route.network_interface_id))
            .set_transit_gateway_id(given(&$route.transit_gateway_id))
            .set_vpc_endpoint_id(given(&$route.vpc_endpoint_id))
            .set_vpc_peering_connection_id(given(&$route.vpc_peering_connection_id))
    };
}

impl Resource for RouteTable {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_route_table";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(5, 2, 5);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .create_route_table()
            .client_token(creation.token.id.as_ref())
            .vpc_id(&want.vpc_id)
            .tag_specifications(tags::of_new(ResourceType::RouteTable, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateRouteTable")?;
        let id = created.route_table.and_then(|table| table.route_table_id).unwrap_or_default();
        let table = RouteTable { id, ..want.clone() };
        tags::settle_new(aws, creation, &table, &table.id).await?;
        let bare = RouteTable { id: table.id.clone(), ..RouteTable::default() };
        update_routes(aws, &bare, want).await?;
        Ok(table)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, filter("route-table-id", have.iter().map(|table| table.id.clone()))).await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.route_table_id.as_deref() == Some(&have.id))?;
            Some(have.with_live(aws, live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        update_routes(aws, have, want).await?;
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        in_use::retry(aws, "subnet-id", &have.id, || async {
            let delete = aws.ec2().delete_route_table().route_table_id(&have.id);
            delete.send().await.operation("ec2:DeleteRouteTable").map(drop)
        })
        .await
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = describe(aws, tags::marked(token)).await?.pop() else { return Ok(None) };
        let table = want.with_live(aws, live);
        tags::unmark(aws, &table.id).await?;
        Ok(Some(table))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(RouteTable { id: id.to_string(), ..RouteTable::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let Some(routes) = config.get("route") else { return Vec::new() };
        let routes = routes.reveal().items().unwrap_or_default();
        routes.iter().flat_map(refuse_route).collect()
    }
}

fn refuse_route(route: &Value) -> Vec<Refusal> {
    let v4 = cidr::check(route, "cidr_block", Family::V4(0..=32));
    let v6 = cidr::check(route, "ipv6_cidr_block", Family::V6(0..=128));
    // An empty block among the keys of an attribute means the same as none; alone it names no destination.
    let place = Path { steps: vec![Step::Attribute("route".into()), Step::Element(route.clone())] };
    let within = |refusal: Refusal| {
        let steps = place.steps.iter().chain(&refusal.attribute.steps).cloned().collect();
        Refusal { attribute: Path { steps }, ..refusal }
    };
    [v4, v6].into_iter().flatten().map(within).collect()
}

impl RouteTable {
    fn with_live(&self, aws: &Aws, live: LiveTable) -> RouteTable {
        let id = live.route_table_id.unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let gateways = live.propagating_vgws.unwrap_or_default().into_iter().filter_map(|gateway| gateway.gateway_id);
        RouteTable {
            arn: aws.ec2_arn("route-table", &owner_id, &id),
            id,
            owner_id,
            propagating_vgws: gateways.collect(),
            route: live.routes.unwrap_or_default().into_iter().filter(is_managed).map(Route::from).collect(),
            tags_all: tags::live(live.tags),
            vpc_id: live.vpc_id.unwrap_or_default(),
            ..self.clone()
        }
    }
}

/// Whether a route was made by somebody: not the VPC's own, not propagated, not a service's endpoint.
fn is_managed(live: &Live) -> bool {
    live.origin == Some(RouteOrigin::CreateRoute)
        && live.gateway_id.as_deref() != Some("local")
        && !(live.destination_prefix_list_id.is_some()
            && live.gateway_id.as_deref().is_some_and(|id| id.starts_with("vpce-")))
}

impl Route {
    fn destination(&self) -> &str {
        let destinations = [&self.cidr_block, &self.ipv6_cidr_block, &self.destination_prefix_list_id];
        destinations.into_iter().find(|destination| !destination.is_empty()).map_or("", String::as_str)
    }
}

impl From<Live> for Route {
    fn from(live: Live) -> Route {
        // The API answers with a VPC endpoint as a gateway.
        let (gateway_id, vpc_endpoint_id) = match live.gateway_id {
            Some(id) if id.starts_with("vpce-") => (None, Some(id)),
            id => (id, None),
        };
        Route {
            carrier_gateway_id: live.carrier_gateway_id.unwrap_or_default(),
            cidr_block: live.destination_cidr_block.unwrap_or_default(),
            core_network_arn: live.core_network_arn.unwrap_or_default(),
            destination_prefix_list_id: live.destination_prefix_list_id.unwrap_or_default(),
            egress_only_gateway_id: live.egress_only_internet_gateway_id.unwrap_or_default(),
            gateway_id: gateway_id.unwrap_or_default(),
            ipv6_cidr_block: live.destination_ipv6_cidr_block.unwrap_or_default(),
            local_gateway_id: live.local_gateway_id.unwrap_or_default(),
            nat_gateway_id: live.nat_gateway_id.unwrap_or_default(),
            network_interface_id: live.network_interface_id.unwrap_or_default(),
            transit_gateway_id: live.transit_gateway_id.unwrap_or_default(),
            vpc_endpoint_id: vpc_endpoint_id.unwrap_or_default(),
            vpc_peering_connection_id: live.vpc_peering_connection_id.unwrap_or_default(),
            instance_id: live.instance_id.unwrap_or_default(),
        }
    }
}

async fn describe(aws: &Aws, filter: aws_sdk_ec2::types::Filter) -> Result<Vec<LiveTable>, ProviderError> {
    let pages = aws.ec2().describe_route_tables().filters(filter).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeRouteTables")
}

/// Brings propagation and routes to what is wanted: a route with the same destination is replaced without a gap.
async fn update_routes(aws: &Aws, have: &RouteTable, want: &RouteTable) -> Result<(), ProviderError> {
    let ec2 = aws.ec2();
    for gateway in have.propagating_vgws.iter().filter(|gateway| !want.propagating_vgws.contains(gateway)) {
        let call = ec2.disable_vgw_route_propagation().route_table_id(&have.id).gateway_id(gateway);
        call.send().await.operation("ec2:DisableVgwRoutePropagation")?;
    }
    for gateway in want.propagating_vgws.iter().filter(|gateway| !have.propagating_vgws.contains(gateway)) {
        let call = ec2.enable_vgw_route_propagation().route_table_id(&have.id).gateway_id(gateway);
        call.send().await.operation("ec2:EnableVgwRoutePropagation")?;
    }
    let by_destination = |routes: &[Route]| -> BTreeMap<String, Route> {
        routes.iter().map(|route| (route.destination().to_string(), route.clone())).collect()
    };
    let (had, wanted) = (by_destination(&have.route), by_destination(&want.route));
    for route in had.iter().filter(|(destination, _)| !wanted.contains_key(*destination)).map(|(_, route)| route) {
        let delete = ec2
            .delete_route()
            .route_table_id(&have.id)
            .set_destination_cidr_block(given(&route.cidr_block))
            .set_destination_ipv6_cidr_block(given(&route.ipv6_cidr_block))
            .set_destination_prefix_list_id(given(&route.destination_prefix_list_id));
        delete.send().await.operation("ec2:DeleteRoute")?;
    }
    for (destination, route) in &wanted {
        match had.get(destination) {
            Some(present) if present == route => {}
            Some(_) => {
                with_route!(ec2.replace_route(), &have.id, route).send().await.operation("ec2:ReplaceRoute")?;
            }
            None => {
                with_route!(ec2.create_route(), &have.id, route).send().await.operation("ec2:CreateRoute")?;
            }
        }
    }
    Ok(())
}
