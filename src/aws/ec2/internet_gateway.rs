//! `aws_internet_gateway`: the way between a VPC and the internet.

pub mod data;

use std::time::Duration;

use aws_sdk_ec2::types::{InternetGateway as Live, ResourceType};
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::{filter, given, tags};
use crate::failure::Operation;
use crate::retry;

/// How long public addresses may take to leave the network: nothing tells that one is released before the gateway goes.
const RELEASE: Duration = Duration::from_secs(300);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct InternetGateway {
    arn: String,
    id: String,
    owner_id: String,
    tags: Tags,
    tags_all: Tags,
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

impl Resource for InternetGateway {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_internet_gateway";
    const READ_BATCH: usize = 100;
    const TIMEOUTS: Timeouts = Timeouts::minutes(20, 20, 20);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let specification = tags::of_new(ResourceType::InternetGateway, &want.tags_all, creation.token);
        let created = aws.ec2().create_internet_gateway().tag_specifications(specification);
        let created = created.send().await.operation("ec2:CreateInternetGateway")?;
        let id = created.internet_gateway.and_then(|gateway| gateway.internet_gateway_id).unwrap_or_default();
        let gateway = InternetGateway { id, ..want.clone() };
        tags::settle_new(aws, creation, &gateway, &gateway.id).await?;
        attach(aws, &gateway.id, &want.vpc_id).await?;
        Ok(gateway)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids = have.iter().map(|gateway| gateway.id.clone());
        let live = describe(aws, filter("internet-gateway-id", ids)).await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.internet_gateway_id.as_deref() == Some(&have.id))?;
            Some(have.with_live(aws, live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.vpc_id != want.vpc_id {
            detach(aws, &have.id, &have.vpc_id).await?;
            attach(aws, &have.id, &want.vpc_id).await?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        detach(aws, &have.id, &have.vpc_id).await?;
        let delete = aws.ec2().delete_internet_gateway().internet_gateway_id(&have.id);
        delete.send().await.operation("ec2:DeleteInternetGateway")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = describe(aws, tags::marked(token)).await?.pop() else { return Ok(None) };
        let gateway = want.with_live(aws, live);
        tags::unmark(aws, &gateway.id).await?;
        Ok(Some(gateway))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(InternetGateway { id: id.to_string(), ..InternetGateway::default() })
    }
}

impl InternetGateway {
    fn with_live(&self, aws: &Aws, live: Live) -> InternetGateway {
        let id = live.internet_gateway_id.unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let attachment = live.attachments.unwrap_or_default().into_iter().next();
        InternetGateway {
            arn: aws.ec2_arn("internet-gateway", &owner_id, &id),
            id,
            owner_id,
            tags_all: tags::live(live.tags),
            vpc_id: attachment.and_then(|attachment| attachment.vpc_id).unwrap_or_default(),
            ..self.clone()
        }
    }
}

async fn describe(aws: &Aws, filter: aws_sdk_ec2::types::Filter) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_internet_gateways().filters(filter).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeInternetGateways")
}

async fn attach(aws: &Aws, id: &str, vpc_id: &str) -> Result<(), ProviderError> {
    let Some(vpc_id) = given(vpc_id) else { return Ok(()) };
    let attach = aws.ec2().attach_internet_gateway().internet_gateway_id(id).vpc_id(vpc_id);
    attach.send().await.operation("ec2:AttachInternetGateway")?;
    Ok(())
}

async fn detach(aws: &Aws, id: &str, vpc_id: &str) -> Result<(), ProviderError> {
    let Some(vpc_id) = given(vpc_id) else { return Ok(()) };
    let is_in_use = |error: &ProviderError| error.kind == ErrorKind::Conflict;
    let detached = retry::while_passing(RELEASE, is_in_use, || async {
        let detach = aws.ec2().detach_internet_gateway().internet_gateway_id(id).vpc_id(&vpc_id);
        detach.send().await.operation("ec2:DetachInternetGateway")
    });
    match detached.await {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() || error.code.as_deref() == Some("Gateway.NotAttached") => Ok(()),
        Err(error) if is_in_use(&error) => {
            Err(error
                .hint("release the public addresses and NAT gateways that still use this VPC's way to the internet"))
        }
        Err(error) => Err(error),
    }
}
