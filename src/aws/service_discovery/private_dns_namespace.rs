//! `aws_service_discovery_private_dns_namespace`: a domain in which the services of a VPC find each other by DNS.
//!
//! No call tells the VPC: it is known from the configuration or from the identifier of an import.

use aws_sdk_servicediscovery::types::{NamespaceType, PrivateDnsNamespaceChange};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken};
use crate::service_discovery::namespace::{self, Namespace};
use crate::service_discovery::{given, operation, tags};
use crate::tags::TagChange;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PrivateDnsNamespace {
    arn: String,
    description: String,
    hosted_zone: String,
    id: String,
    name: String,
    tags: Tags,
    tags_all: Tags,
    vpc: String,
}

impl Resource for PrivateDnsNamespace {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_service_discovery_private_dns_namespace";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let create = aws
            .service_discovery()
            .create_private_dns_namespace()
            .name(&want.name)
            .vpc(&want.vpc)
            .creator_request_id(creation.token.id.as_ref())
            .set_description(given(&want.description))
            .set_tags(tags::request(&want.tags_all));
        let made = create.send().await.operation("servicediscovery:CreatePrivateDnsNamespace");
        let made = made.map_err(advise_where_taken)?.operation_id.unwrap_or_default();
        let object = PrivateDnsNamespace { id: namespace::made(aws, &made).await?, ..want.clone() };
        let _durable = creation.born(&object).await;
        creation.waiting("the namespace to be made");
        operation::until_done(aws, Some(&made)).await?;
        Ok(object)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids: Vec<&str> = have.iter().map(|have| have.id.as_str()).collect();
        let live = namespace::read(aws, &ids).await?;
        Ok(have.iter().zip(live).map(|(have, live)| Some(have.with_live(live?))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.description != want.description {
            let change = PrivateDnsNamespaceChange::builder().description(&want.description).build();
            let update = aws.service_discovery().update_private_dns_namespace().id(&have.id).namespace(change);
            let answer = update.send().await.operation("servicediscovery:UpdatePrivateDnsNamespace")?;
            operation::until_done(aws, answer.operation_id.as_deref()).await?;
        }
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        namespace::delete(aws, &have.id).await
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let found = namespace::find(aws, &want.name, NamespaceType::DnsPrivate, token).await?;
        Ok(found.map(|live| want.with_live(live)))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let Some((id, vpc)) = id.split_once(':') else {
            let message = format!("`{id}` must have the form `NAMESPACE:VPC`");
            return Err(ProviderError::invalid(format!("import {}", Self::TYPE), message));
        };
        Ok(PrivateDnsNamespace { id: id.to_string(), vpc: vpc.to_string(), ..PrivateDnsNamespace::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        namespace::refuse_name(config).into_iter().collect()
    }
}

impl PrivateDnsNamespace {
    fn with_live(&self, live: Namespace) -> PrivateDnsNamespace {
        PrivateDnsNamespace {
            arn: live.arn,
            description: live.description,
            hosted_zone: live.hosted_zone,
            id: live.id,
            name: live.name,
            tags_all: live.tags,
            ..self.clone()
        }
    }
}
