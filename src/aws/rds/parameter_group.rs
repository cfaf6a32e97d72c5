//! Parameter groups, whosever they are: one shape over two sets of calls.
//!
//! The API tells no creation time of a group, so a new one is marked with a tag that holds its create's token; the tag is
//! taken off as soon as the identity is durable.

pub mod calls;

use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::names;
use crate::rds::parameter_group::calls::{Described, Group, Kind, Known, Parameter, refuse_names};
use crate::rds::tags;
use crate::tags::TagChange;

/// Whose parameters a group holds, with the arguments that only such groups have.
pub trait Scope: Clone + Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    const TYPE: &'static str;
    const KIND: Kind;

    /// Whether a group stays in AWS when it is deleted here.
    fn stays(&self) -> bool {
        false
    }
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, bound = "S: Scope")]
pub struct ParameterGroup<S> {
    arn: String,
    description: String,
    family: String,
    id: String,
    name: String,
    name_prefix: String,
    parameter: Vec<Parameter>,
    #[serde(flatten)]
    scope: S,
    tags: Tags,
    tags_all: Tags,
}

impl<S: Scope> Resource for ParameterGroup<S> {
    type Cloud = Aws;

    const TYPE: &'static str = S::TYPE;
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        let wanted =
            Described { arn: String::new(), name, family: want.family.clone(), description: want.description.clone() };
        let described = S::KIND.create(aws, &wanted, &want.tags_all, creation.token).await?;
        let bare = want.with_live(Group { described, parameters: Vec::new(), tags: want.tags_all.clone() });
        tags::settle_new(aws, creation, &bare, &bare.arn).await?;
        S::KIND.change(aws, &bare.id, &[], &want.parameter).await?;
        Ok(ParameterGroup { parameter: want.parameter.clone(), ..bare })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let known: Vec<Known<'_>> =
            have.iter().map(|have| Known { name: &have.id, parameters: &have.parameter }).collect();
        let groups = S::KIND.read(aws, &known).await?;
        Ok(have.iter().zip(groups).map(|(have, live)| Some(have.with_live(live?))).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        S::KIND.change(aws, &have.id, &have.parameter, &want.parameter).await?;
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.scope.stays() { Ok(()) } else { S::KIND.delete(aws, &have.id).await }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, token);
        let known = Known { name: &name, parameters: &want.parameter };
        Ok(S::KIND.find(aws, known, token).await?.map(|group| want.with_live(group)))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(ParameterGroup { id: id.to_string(), ..ParameterGroup::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refuse_names(config, ".")
    }
}

impl<S: Scope> ParameterGroup<S> {
    fn with_live(&self, live: Group) -> ParameterGroup<S> {
        let name = live.described.name;
        ParameterGroup {
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
