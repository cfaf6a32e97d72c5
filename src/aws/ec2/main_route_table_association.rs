//! `aws_main_route_table_association`: which route table the subnets of a network use that have none of their own.
//!
//! Every network has a main table: a create replaces it, and a delete puts the one back that it had before.

use aws_sdk_ec2::types::RouteTableAssociation as Live;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::filter;
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MainRouteTableAssociation {
    id: String,
    original_route_table_id: String,
    route_table_id: String,
    timeouts: Option<WrittenTimeouts>,
    vpc_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for MainRouteTableAssociation {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_main_route_table_association";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(5, 2, 5);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let Some(main) = of_vpcs(aws, [want.vpc_id.clone()]).await?.pop() else {
            let message = format!("the VPC {} has no main route table", want.vpc_id);
            return Err(ProviderError::new(ErrorKind::NotFound, "ec2:DescribeRouteTables", message));
        };
        let original_route_table_id = main.association.route_table_id.clone().unwrap_or_default();
        let old = main.association.route_table_association_id.unwrap_or_default();
        let id = replace(aws, &old, &want.route_table_id).await?;
        Ok(MainRouteTableAssociation { id, original_route_table_id, ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mains = of_vpcs(aws, have.iter().map(|association| association.vpc_id.clone())).await?;
        let find = |have: &Self| {
            let main = mains.iter().find(|main| main.vpc_id == have.vpc_id)?;
            // Its identifier changes with the table, so a network's main table is followed by the network.
            Some(MainRouteTableAssociation {
                id: main.association.route_table_association_id.clone().unwrap_or_default(),
                route_table_id: main.association.route_table_id.clone().unwrap_or_default(),
                ..have.clone()
            })
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        replace(aws, &have.id, &want.route_table_id).await.map(drop)
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.original_route_table_id == have.route_table_id {
            return Ok(());
        }
        replace(aws, &have.id, &have.original_route_table_id).await.map(drop)
    }

    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // The table that was there before is known only to the create; done again it takes the present one for it.
        Ok(None)
    }

    fn import(_id: &str) -> Result<Self, ProviderError> {
        let message = "nothing tells which main route table the network had before";
        Err(ProviderError::invalid("import aws_main_route_table_association", message)
            .hint("take the main route table over with `aws_default_route_table`"))
    }
}

struct Main {
    vpc_id: String,
    association: Live,
}

/// The main route tables' associations of networks.
async fn of_vpcs(aws: &Aws, vpcs: impl IntoIterator<Item = String>) -> Result<Vec<Main>, ProviderError> {
    let call = aws.ec2().describe_route_tables().filters(filter("vpc-id", vpcs));
    let pages = call.filters(filter("association.main", ["true"])).into_paginator().items().send();
    let tables = pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeRouteTables")?;
    let mains = tables.into_iter().filter_map(|table| {
        let main = table.associations.unwrap_or_default().into_iter().find(|live| live.main.unwrap_or(false));
        Some(Main { vpc_id: table.vpc_id?, association: main? })
    });
    Ok(mains.collect())
}

/// Gives the identifier of the new association.
async fn replace(aws: &Aws, association: &str, table: &str) -> Result<String, ProviderError> {
    let call = aws.ec2().replace_route_table_association().association_id(association).route_table_id(table);
    let answer = call.send().await.operation("ec2:ReplaceRouteTableAssociation")?;
    Ok(answer.new_association_id.unwrap_or_default())
}
