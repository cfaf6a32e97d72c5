//! `aws_egress_only_internet_gateway`: the way out to the internet for IPv6, and none in.

use aws_sdk_ec2::types::{EgressOnlyInternetGateway as Live, ResourceType};
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::clients::Aws;
use crate::ec2::tags;
use crate::failure::Operation;
use crate::tags::TOKEN_TAG;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EgressOnlyInternetGateway {
    id: String,
    tags: Tags,
    tags_all: Tags,
    vpc_id: String,
}

impl Resource for EgressOnlyInternetGateway {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_egress_only_internet_gateway";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .create_egress_only_internet_gateway()
            .client_token(creation.token.id.as_ref())
            .vpc_id(&want.vpc_id)
            .tag_specifications(tags::of_new(ResourceType::EgressOnlyInternetGateway, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateEgressOnlyInternetGateway")?;
        let live = created.egress_only_internet_gateway;
        let id = live.and_then(|live| live.egress_only_internet_gateway_id).unwrap_or_default();
        let gateway = EgressOnlyInternetGateway { id, ..want.clone() };
        tags::settle_new(aws, creation, &gateway, &gateway.id).await?;
        Ok(gateway)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids: Vec<String> = have.iter().map(|gateway| gateway.id.clone()).collect();
        let live = batch::known(&ids, |ids| async move {
            let call =
                aws.ec2().describe_egress_only_internet_gateways().set_egress_only_internet_gateway_ids(Some(ids));
            let pages = call.into_paginator().items().send().collect::<Result<Vec<Live>, _>>().await;
            pages.operation("ec2:DescribeEgressOnlyInternetGateways")
        })
        .await?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.egress_only_internet_gateway_id.as_deref() == Some(&have.id))?;
            Some(have.with_live(live.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.ec2().delete_egress_only_internet_gateway().egress_only_internet_gateway_id(&have.id);
        call.send().await.operation("ec2:DeleteEgressOnlyInternetGateway").map(drop)
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let call = aws.ec2().describe_egress_only_internet_gateways().filters(tags::marked(token));
        let pages = call.into_paginator().items().send().collect::<Result<Vec<Live>, _>>().await;
        let is_marked = |live: &Live| {
            live.tags().iter().any(|tag| tag.key() == Some(TOKEN_TAG) && tag.value() == Some(token.id.as_ref()))
        };
        let found = pages.operation("ec2:DescribeEgressOnlyInternetGateways")?.into_iter().find(is_marked);
        let Some(live) = found else { return Ok(None) };
        let gateway = want.with_live(live);
        tags::unmark(aws, &gateway.id).await?;
        Ok(Some(gateway))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(EgressOnlyInternetGateway { id: id.to_string(), ..EgressOnlyInternetGateway::default() })
    }
}

impl EgressOnlyInternetGateway {
    fn with_live(&self, live: Live) -> EgressOnlyInternetGateway {
        let attachment = live.attachments.unwrap_or_default().into_iter().next();
        EgressOnlyInternetGateway {
            id: live.egress_only_internet_gateway_id.unwrap_or_default(),
            tags_all: tags::live(live.tags),
            vpc_id: attachment.and_then(|attachment| attachment.vpc_id).unwrap_or_default(),
            ..self.clone()
        }
    }
}
