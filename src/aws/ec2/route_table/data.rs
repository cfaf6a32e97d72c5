//! `data.aws_route_table` and `data.aws_route_tables`: the route table of a subnet, of a gateway, or by what it is.

use aws_sdk_ec2::types::{Filter, Route as LiveRoute, RouteOrigin, RouteTableAssociation as LiveAssociation};
use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use super::Route;
use crate::clients::Aws;
use crate::ec2::listed::{Kind, Listed};
use crate::ec2::{query, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "ec2:DescribeRouteTables";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteTableData {
    arn: String,
    associations: Vec<Association>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    /// As asked for.
    gateway_id: Option<String>,
    id: String,
    owner_id: String,
    route_table_id: String,
    routes: Vec<FullRoute>,
    /// As asked for.
    subnet_id: Option<String>,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
    vpc_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Association {
    gateway_id: String,
    main: bool,
    route_table_association_id: String,
    route_table_id: String,
    subnet_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct FullRoute {
    carrier_gateway_id: String,
    cidr_block: String,
    core_network_arn: String,
    destination_prefix_list_id: String,
    egress_only_gateway_id: String,
    gateway_id: String,
    instance_id: String,
    ipv6_cidr_block: String,
    local_gateway_id: String,
    nat_gateway_id: String,
    network_interface_id: String,
    transit_gateway_id: String,
    vpc_endpoint_id: String,
    vpc_peering_connection_id: String,
}

impl DataSource for RouteTableData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_route_table";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let attributes = [
            ("vpc-id", want.vpc_id.as_str()),
            ("route-table-id", want.route_table_id.as_str()),
            ("association.subnet-id", want.subnet_id.as_deref().unwrap_or_default()),
            ("association.gateway-id", want.gateway_id.as_deref().unwrap_or_default()),
        ];
        let filters = query::filters(attributes, &want.tags, &want.filter);
        let pages = aws.ec2().describe_route_tables().set_filters(filters).into_paginator().items().send();
        let found = pages.collect::<Result<Vec<_>, _>>().await.operation(OPERATION)?;
        let live = found::only_one(found, OPERATION, "a route table")?;
        let id = live.route_table_id.unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let routes = live.routes.unwrap_or_default().into_iter().filter(is_shown);
        Ok(RouteTableData {
            arn: aws.ec2_arn("route-table", &owner_id, &id),
            associations: live.associations.unwrap_or_default().into_iter().map(Association::from).collect(),
            id: id.clone(),
            owner_id,
            route_table_id: id,
            routes: routes.map(|route| FullRoute::from(Route::from(route))).collect(),
            tags: shown(aws, tags::live(live.tags)),
            vpc_id: live.vpc_id.unwrap_or_default(),
            ..want.clone()
        })
    }
}

/// Not the VPC's own routes, nor propagated ones, nor those to the endpoint of a service.
fn is_shown(live: &LiveRoute) -> bool {
    let gateway = live.gateway_id.as_deref().unwrap_or_default();
    let is_endpoint = live.destination_prefix_list_id.is_some() && gateway.starts_with("vpce-");
    !matches!(gateway, "local" | "VpcLattice")
        && live.origin != Some(RouteOrigin::EnableVgwRoutePropagation)
        && !is_endpoint
}

impl From<LiveAssociation> for Association {
    fn from(live: LiveAssociation) -> Association {
        Association {
            gateway_id: live.gateway_id.unwrap_or_default(),
            main: live.main.unwrap_or(false),
            route_table_association_id: live.route_table_association_id.unwrap_or_default(),
            route_table_id: live.route_table_id.unwrap_or_default(),
            subnet_id: live.subnet_id.unwrap_or_default(),
        }
    }
}

impl From<Route> for FullRoute {
    fn from(route: Route) -> FullRoute {
        FullRoute {
            carrier_gateway_id: route.carrier_gateway_id,
            cidr_block: route.cidr_block,
            core_network_arn: route.core_network_arn,
            destination_prefix_list_id: route.destination_prefix_list_id,
            egress_only_gateway_id: route.egress_only_gateway_id,
            gateway_id: route.gateway_id,
            instance_id: route.instance_id,
            ipv6_cidr_block: route.ipv6_cidr_block,
            local_gateway_id: route.local_gateway_id,
            nat_gateway_id: route.nat_gateway_id,
            network_interface_id: route.network_interface_id,
            transit_gateway_id: route.transit_gateway_id,
            vpc_endpoint_id: route.vpc_endpoint_id,
            vpc_peering_connection_id: route.vpc_peering_connection_id,
        }
    }
}

/// All route tables that are as asked.
pub type RouteTablesData = Listed<RouteTables>;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteTables {
    vpc_id: Option<String>,
}

impl Kind for RouteTables {
    const TYPE: &'static str = "aws_route_tables";

    fn attributes(&self) -> Vec<(&'static str, &str)> {
        vec![("vpc-id", self.vpc_id.as_deref().unwrap_or_default())]
    }

    async fn ids(aws: &Aws, filters: Option<Vec<Filter>>) -> Result<Vec<String>, ProviderError> {
        let pages = aws.ec2().describe_route_tables().set_filters(filters).into_paginator().items().send();
        let found = pages.collect::<Result<Vec<_>, _>>().await.operation(OPERATION)?;
        Ok(found.into_iter().filter_map(|live| live.route_table_id).collect())
    }
}
