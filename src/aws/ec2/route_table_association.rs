//! `aws_route_table_association`: which route table a subnet or a gateway uses.

use aws_sdk_ec2::types::{RouteTable, RouteTableAssociation as Live, RouteTableAssociationStateCode};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refusal, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{filter, given};
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RouteTableAssociation {
    gateway_id: String,
    id: String,
    route_table_id: String,
    subnet_id: String,
    timeouts: Option<WrittenTimeouts>,
    #[serde(skip)]
    state: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for RouteTableAssociation {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_route_table_association";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(5, 2, 5);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .associate_route_table()
            .route_table_id(&want.route_table_id)
            .set_subnet_id(given(&want.subnet_id))
            .set_gateway_id(given(&want.gateway_id))
            .send()
            .await
            .operation("ec2:AssociateRouteTable");
        match created {
            Ok(created) => Ok(RouteTableAssociation { id: created.association_id.unwrap_or_default(), ..want.clone() }),
            Err(error)
                if error.kind == ErrorKind::AlreadyExists
                    || error.code.as_deref() == Some("Resource.AlreadyAssociated") =>
            {
                Err(error.hint("the subnet or gateway has a table already; take that over with `infra import`"))
            }
            Err(error) => Err(error),
        }
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let tables = describe(aws, have).await?;
        let find = |have: &Self| Some(have.with_live(associations(&tables).find(|live| have.is_of(live))?));
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let replace =
            aws.ec2().replace_route_table_association().association_id(&have.id).route_table_id(&want.route_table_id);
        replace.send().await.operation("ec2:ReplaceRouteTableAssociation")?;
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let disassociate = aws.ec2().disassociate_route_table().association_id(&have.id);
        disassociate.send().await.operation("ec2:DisassociateRouteTable")?;
        Ok(())
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match self.state.as_str() {
            "associated" | "" => Readiness::Settled,
            "failed" => Readiness::Failed("the association failed".into()),
            state => Readiness::Pending(format!("state {state}")),
        }
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        // A subnet has one association at most, and AWS refuses a second one.
        let found = Self::read(aws, std::slice::from_ref(want)).await?.pop().flatten();
        Ok(found.filter(|found| found.route_table_id == want.route_table_id))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let (owner, table) = id.split_once('/').filter(|(_, table)| table.starts_with("rtb-")).ok_or_else(|| {
            let message =
                format!("`{id}` does not have the form `SUBNET_ID/ROUTE_TABLE_ID` or `GATEWAY_ID/ROUTE_TABLE_ID`");
            ProviderError::invalid("import aws_route_table_association", message)
        })?;
        let mut association =
            RouteTableAssociation { route_table_id: table.to_string(), ..RouteTableAssociation::default() };
        if owner.starts_with("subnet-") {
            association.subnet_id = owner.to_string();
        } else {
            association.gateway_id = owner.to_string();
        }
        Ok(association)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let is_left_out = |name: &str| config.get(name).is_none_or(|value| value.is_null());
        let missing = (is_left_out("subnet_id") && is_left_out("gateway_id")).then(|| Refusal {
            attribute: Path::root(),
            summary: "Missing required argument".into(),
            detail: "One of these must be given: `gateway_id`, `subnet_id`.".into(),
        });
        missing.into_iter().collect()
    }
}

impl RouteTableAssociation {
    /// Whether a live association is of the same subnet or gateway: its id changes when it gets another table.
    fn is_of(&self, live: &Live) -> bool {
        let is_same = |live: &Option<String>, own: &str| !own.is_empty() && live.as_deref() == Some(own);
        is_same(&live.subnet_id, &self.subnet_id) || is_same(&live.gateway_id, &self.gateway_id)
    }

    fn with_live(&self, live: &Live) -> RouteTableAssociation {
        let live = live.clone();
        let state = live.association_state.and_then(|state| state.state);
        RouteTableAssociation {
            gateway_id: live.gateway_id.unwrap_or_default(),
            id: live.route_table_association_id.unwrap_or_default(),
            route_table_id: live.route_table_id.unwrap_or_default(),
            subnet_id: live.subnet_id.unwrap_or_default(),
            state: state.map(|state| state.as_str().to_string()).unwrap_or_default(),
            ..self.clone()
        }
    }
}

fn associations(tables: &[RouteTable]) -> impl Iterator<Item = &Live> {
    tables.iter().flat_map(|table| table.associations.as_deref().unwrap_or_default()).filter(|live| {
        let state = live.association_state.as_ref().and_then(|state| state.state.as_ref());
        !matches!(state, Some(RouteTableAssociationStateCode::Disassociated))
    })
}

/// The tables that the subnets and gateways use.
async fn describe(aws: &Aws, associations: &[RouteTableAssociation]) -> Result<Vec<RouteTable>, ProviderError> {
    let named = |name: &str, id: fn(&RouteTableAssociation) -> &str| {
        let ids: Vec<&str> = associations.iter().map(id).filter(|id| !id.is_empty()).collect();
        (!ids.is_empty()).then(|| filter(name, ids))
    };
    let filters = [
        named("association.subnet-id", |association| &association.subnet_id),
        named("association.gateway-id", |association| &association.gateway_id),
    ];
    let mut tables = Vec::new();
    for filter in filters.into_iter().flatten() {
        let pages = aws.ec2().describe_route_tables().filters(filter).into_paginator().items().send();
        tables.extend(pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeRouteTables")?);
    }
    Ok(tables)
}
