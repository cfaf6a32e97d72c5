//! `aws_db_parameter_group`: settings of the engine that instances share.
//!
//! The API tells no creation time of a group, so a new one is marked with a tag that holds its create's token; the tag is
//! taken off as soon as the identity is durable.

use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::names;
use crate::rds::parameter_group::{Described, Group, Kind, Known, Parameter, refuse_names};
use crate::rds::tags;
use crate::tags::TagChange;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DbParameterGroup {
    arn: String,
    description: String,
    family: String,
    id: String,
    name: String,
    name_prefix: String,
    parameter: Vec<Parameter>,
    skip_destroy: bool,
    tags: Tags,
    tags_all: Tags,
}

impl Resource for DbParameterGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_db_parameter_group";
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        let wanted =
            Described { arn: String::new(), name, family: want.family.clone(), description: want.description.clone() };
        let described = Kind::Instance.create(aws, &wanted, &want.tags_all, creation.token).await?;
        let bare = want.with_live(Group { described, parameters: Vec::new(), tags: want.tags_all.clone() });
        tags::settle_new(aws, creation, &bare, &bare.arn).await?;
        Kind::Instance.change(aws, &bare.id, &[], &want.parameter).await?;
        Ok(DbParameterGroup { parameter: want.parameter.clone(), ..bare })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let known: Vec<Known<'_>> =
            have.iter().map(|have| Known { name: &have.id, parameters: &have.parameter }).collect();
        let groups = Kind::Instance.read(aws, &known).await?;
        Ok(have.iter().zip(groups).map(|(have, live)| Some(have.with_live(live?))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        Kind::Instance.change(aws, &have.id, &have.parameter, &want.parameter).await?;
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.skip_destroy {
            return Ok(());
        }
        Kind::Instance.delete(aws, &have.id).await
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, token);
        let known = Known { name: &name, parameters: &want.parameter };
        Ok(Kind::Instance.find(aws, known, token).await?.map(|group| want.with_live(group)))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DbParameterGroup { id: id.to_string(), ..DbParameterGroup::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refuse_names(config, ".")
    }
}

impl DbParameterGroup {
    fn with_live(&self, live: Group) -> DbParameterGroup {
        let name = live.described.name;
        DbParameterGroup {
            arn: live.described.arn,
            description: live.described.description,
            family: live.described.family,
            id: name.clone(),
            name_prefix: names::prefix_of(&name).unwrap_or_default().to_string(),
            name,
            parameter: live.parameters,
            tags_all: live.tags,
            ..self.clone()
        }
    }
}
