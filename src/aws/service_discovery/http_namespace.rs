//! `aws_service_discovery_http_namespace`: a namespace in which services find each other by calls only.

use aws_sdk_servicediscovery::types::NamespaceType;
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
pub struct HttpNamespace {
    arn: String,
    description: String,
    http_name: String,
    id: String,
    name: String,
    tags: Tags,
    tags_all: Tags,
}

impl Resource for HttpNamespace {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_service_discovery_http_namespace";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let create = aws
            .service_discovery()
            .create_http_namespace()
            .name(&want.name)
            .creator_request_id(creation.token.id.as_ref())
            .set_description(given(&want.description))
            .set_tags(tags::request(&want.tags_all));
        let made = create.send().await.operation("servicediscovery:CreateHttpNamespace");
        let made = made.map_err(advise_where_taken)?.operation_id.unwrap_or_default();
        let object = HttpNamespace { id: namespace::made(aws, &made).await?, ..want.clone() };
        let _durable = creation.born(&object).await;
        operation::until_done(aws, Some(&made)).await?;
        Ok(object)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let ids: Vec<&str> = have.iter().map(|have| have.id.as_str()).collect();
        let live = namespace::read(aws, &ids).await?;
        Ok(have.iter().zip(live).map(|(have, live)| Some(have.with_live(live?))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        namespace::delete(aws, &have.id).await
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let found = namespace::find(aws, &want.name, NamespaceType::Http, token).await?;
        Ok(found.map(|live| want.with_live(live)))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(HttpNamespace { id: id.to_string(), ..HttpNamespace::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        namespace::refuse_name(config).into_iter().collect()
    }
}

impl HttpNamespace {
    fn with_live(&self, live: Namespace) -> HttpNamespace {
        HttpNamespace {
            arn: live.arn,
            description: live.description,
            http_name: live.http_name,
            id: live.id,
            name: live.name,
            tags_all: live.tags,
            ..self.clone()
        }
    }
}
