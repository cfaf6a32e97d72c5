//! `aws_default_route_table`: the main route table that AWS made with a VPC, taken over.
//!
//! It can be neither made nor deleted: a create takes over the table and leaves only the routes configured, a delete lets go
//! of it. It is imported by the identifier of its VPC, as `hashicorp/aws` has it, or by its own.

use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use super::{Route, RouteTable, describe};
use crate::clients::Aws;
use crate::ec2::{filter, query};
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DefaultRouteTable {
    arn: String,
    default_route_table_id: String,
    id: String,
    owner_id: String,
    propagating_vgws: Vec<String>,
    route: Vec<DefaultRoute>,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc_id: String,
}

/// Of the targets of routes, those that a main route table can have.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct DefaultRoute {
    cidr_block: String,
    core_network_arn: String,
    destination_prefix_list_id: String,
    egress_only_gateway_id: String,
    gateway_id: String,
    instance_id: String,
    ipv6_cidr_block: String,
    nat_gateway_id: String,
    network_interface_id: String,
    transit_gateway_id: String,
    vpc_endpoint_id: String,
    vpc_peering_connection_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    update: Option<String>,
}

impl Resource for DefaultRouteTable {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_default_route_table";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(5, 2, 5);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let id = want.default_route_table_id.clone();
        let Some(live) = describe(aws, filter("route-table-id", [id.as_str()])).await?.pop() else {
            let message = format!("there is no route table {id}");
            return Err(ProviderError::new(ErrorKind::NotFound, "ec2:DescribeRouteTables", message));
        };
        let table = DefaultRouteTable { id, ..want.clone() };
        let _durable = creation.born(&table).await;
        RouteTable::update(aws, &RouteTable::default().with_live(aws, live), &table.table()).await?;
        Ok(table)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut tables = Vec::with_capacity(have.len());
        for have in have {
            tables.push(RouteTable { id: have.known_id(aws).await?, ..have.table() });
        }
        let live = RouteTable::read(aws, &tables).await?;
        Ok(have.iter().zip(live).map(|(have, live)| Some(have.with_table(live?))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        RouteTable::update(aws, &have.table(), &want.table()).await
    }

    async fn delete(_aws: &Aws, _have: &Self) -> Result<(), ProviderError> {
        Ok(())
    }

    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // A create that was interrupted is done again: taking over what is taken over changes nothing.
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let named = DefaultRouteTable::default();
        match id {
            id if id.starts_with("vpc-") => Ok(DefaultRouteTable { vpc_id: id.to_string(), ..named }),
            id if id.starts_with("rtb-") => Ok(DefaultRouteTable { id: id.to_string(), ..named }),
            id => {
                let message = format!("`{id}` is the identifier neither of a VPC nor of a route table");
                Err(ProviderError::invalid("import aws_default_route_table", message))
            }
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        RouteTable::validate(config)
    }
}

impl DefaultRouteTable {
    /// The identifier; of an import by its VPC that of the VPC's main table.
    async fn known_id(&self, aws: &Aws) -> Result<String, ProviderError> {
        if !self.id.is_empty() {
            return Ok(self.id.clone());
        }
        let main = [("vpc-id", self.vpc_id.as_str()), ("association.main", "true")];
        let filters = query::filters(main, &Tags::new(), &[]);
        let answer = aws.ec2().describe_route_tables().set_filters(filters).send().await;
        let tables = answer.operation("ec2:DescribeRouteTables")?.route_tables.unwrap_or_default();
        Ok(tables.into_iter().next().and_then(|table| table.route_table_id).unwrap_or_default())
    }

    fn table(&self) -> RouteTable {
        RouteTable {
            arn: self.arn.clone(),
            id: self.id.clone(),
            owner_id: self.owner_id.clone(),
            propagating_vgws: self.propagating_vgws.clone(),
            route: self.route.iter().map(Route::from).collect(),
            tags: self.tags.clone(),
            tags_all: self.tags_all.clone(),
            timeouts: None,
            vpc_id: self.vpc_id.clone(),
        }
    }

    fn with_table(&self, live: RouteTable) -> DefaultRouteTable {
        DefaultRouteTable {
            arn: live.arn,
            default_route_table_id: live.id.clone(),
            id: live.id,
            owner_id: live.owner_id,
            propagating_vgws: live.propagating_vgws,
            route: live.route.into_iter().map(DefaultRoute::from).collect(),
            tags: live.tags,
            tags_all: live.tags_all,
            vpc_id: live.vpc_id,
            ..self.clone()
        }
    }
}

impl From<&DefaultRoute> for Route {
    fn from(route: &DefaultRoute) -> Route {
        Route {
            cidr_block: route.cidr_block.clone(),
            core_network_arn: route.core_network_arn.clone(),
            destination_prefix_list_id: route.destination_prefix_list_id.clone(),
            egress_only_gateway_id: route.egress_only_gateway_id.clone(),
            gateway_id: route.gateway_id.clone(),
            ipv6_cidr_block: route.ipv6_cidr_block.clone(),
            nat_gateway_id: route.nat_gateway_id.clone(),
            network_interface_id: route.network_interface_id.clone(),
            transit_gateway_id: route.transit_gateway_id.clone(),
            vpc_endpoint_id: route.vpc_endpoint_id.clone(),
            vpc_peering_connection_id: route.vpc_peering_connection_id.clone(),
            instance_id: route.instance_id.clone(),
            ..Route::default()
        }
    }
}

impl From<Route> for DefaultRoute {
    fn from(route: Route) -> DefaultRoute {
        DefaultRoute {
            cidr_block: route.cidr_block,
            core_network_arn: route.core_network_arn,
            destination_prefix_list_id: route.destination_prefix_list_id,
            egress_only_gateway_id: route.egress_only_gateway_id,
            gateway_id: route.gateway_id,
            instance_id: route.instance_id,
            ipv6_cidr_block: route.ipv6_cidr_block,
            nat_gateway_id: route.nat_gateway_id,
            network_interface_id: route.network_interface_id,
            transit_gateway_id: route.transit_gateway_id,
            vpc_endpoint_id: route.vpc_endpoint_id,
            vpc_peering_connection_id: route.vpc_peering_connection_id,
        }
    }
}
