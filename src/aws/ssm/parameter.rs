//! `aws_ssm_parameter`: a named text, which may be encrypted.
//!
//! The store decides the tier of a parameter that leaves it to it, and never says that it was left to it.

use std::collections::BTreeMap;

use aws_sdk_ssm::types::{
    Parameter as LiveParameter, ParameterMetadata, ParameterStringFilter, ParameterTier, ParameterType,
};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refine, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::ssm::tags;
use crate::{given, refusals, times};

const SECURE: &str = "SecureString";
const ADVANCED: &str = "Advanced";
const STANDARD: &str = "Standard";
const INTELLIGENT: &str = "Intelligent-Tiering";

/// How deep a hierarchy of names may be; PutParameter, `Name`.
const LEVELS_MAX: usize = 15;

/// The largest values of the tiers, in bytes; PutParameter, `Tier`.
const STANDARD_VALUE_MAX: usize = 4096;
const VALUE_MAX: usize = 8192;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameter {
    allowed_pattern: String,
    arn: String,
    data_type: String,
    description: String,
    has_value_wo: Option<bool>,
    id: String,
    insecure_value: Option<String>,
    key_id: String,
    name: String,
    overwrite: Option<bool>,
    tags: Tags,
    tags_all: Tags,
    tier: String,
    #[serde(rename = "type")]
    kind: String,
    value: Option<String>,
    value_wo: Option<String>,
    value_wo_version: Option<i64>,
    version: i64,
    #[serde(skip)]
    modified: Option<aws_smithy_types::DateTime>,
}

impl Resource for Parameter {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ssm_parameter";
    /// GetParameters, `Names`.
    const READ_BATCH: usize = 10;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let overwrites = want.overwrite == Some(true);
        let put = want
            .put(aws)
            .overwrite(overwrites)
            // The API refuses tags of a parameter that may be there already.
            .set_tags(tags::request(&want.tags_all).filter(|_| !overwrites))
            .set_data_type(given::text(&want.data_type))
            .set_description(given::text(&want.description))
            .set_key_id(given::text(&want.key_id).filter(|_| want.kind == SECURE));
        put.send().await.operation("ssm:PutParameter").map_err(advise_where_taken)?;
        let parameter = Parameter { id: want.name.clone(), has_value_wo: want.has_write_only(), ..want.clone() };
        if overwrites {
            let _durable = creation.born(&parameter).await;
            tags::update(aws, &want.name, &tags::read(aws, &want.name).await?, &want.tags_all).await?;
        }
        Ok(parameter)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let names = |is_secret: bool| {
            have.iter().filter(move |have| (have.has_value_wo == Some(true)) == is_secret).map(|have| have.id.clone())
        };
        // What only the configuration holds is not decrypted.
        let all = have.iter().map(|have| have.id.clone()).collect();
        let (open, closed, metadata) = futures::try_join!(
            values(aws, names(false).collect(), true),
            values(aws, names(true).collect(), false),
            metadata(aws, all)
        )?;
        let parameters = have.iter().map(|have| {
            let live = open.get(&have.id).or_else(|| closed.get(&have.id)).cloned();
            let metadata = metadata.get(&have.id).cloned();
            async move {
                let (Some(live), Some(metadata)) = (live, metadata) else { return Ok(None) };
                let tags_all = tags::read(aws, &have.id).await?;
                Ok(Some(Parameter { tags_all, ..have.with_live(live, metadata) }))
            }
        });
        futures::future::try_join_all(parameters).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.written() != want.written() {
            let is_new_key = have.key_id != want.key_id || have.kind != want.kind;
            let put = want
                .put(aws)
                .overwrite(true)
                .allowed_pattern(&want.allowed_pattern)
                .description(&want.description)
                .set_data_type(given::text(&want.data_type).filter(|_| have.data_type != want.data_type))
                .set_key_id(given::text(&want.key_id).filter(|_| want.kind == SECURE && is_new_key));
            put.send().await.operation("ssm:PutParameter")?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        aws.ssm().delete_parameter().name(&have.id).send().await.operation("ssm:DeleteParameter")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let has_value_wo = want.value_wo_version.is_some().then_some(true);
        let wanted = Parameter { id: want.name.clone(), has_value_wo, ..want.clone() };
        let Some(parameter) = Self::read(aws, &[wanted]).await?.pop().flatten() else { return Ok(None) };
        if times::is_older(parameter.modified.as_ref(), token) {
            let message = format!("a parameter named `{}` was there before this create", want.name);
            return Err(taken("ssm:PutParameter", message));
        }
        Ok(Some(parameter))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Parameter { id: id.to_string(), ..Parameter::default() })
    }

    /// A tier that is left to the store is none that the parameter can differ from.
    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        attribute == "tier" && !prior.is_null() && config.reveal().as_str() == Some(INTELLIGENT)
    }

    /// The store makes no advanced parameter a standard one.
    fn refine(refine: Refine<'_>) {
        let tier = |object: &Value| refusals::text(object, "tier");
        let (before, after) = (refine.prior.and_then(tier), tier(refine.planned));
        if before.as_deref() == Some(ADVANCED) && after.as_deref() == Some(STANDARD) {
            refine.replace.push(Path::attribute("tier"));
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let values = ["value", "insecure_value", "value_wo"].into_iter();
        let values = values.filter_map(|value| refuse_value(config, value));
        refuse_name(config).into_iter().chain(values).chain(refuse_nothing(config)).collect()
    }
}

impl Parameter {
    /// The call with what a create and an update have in common.
    fn put(&self, aws: &Aws) -> aws_sdk_ssm::operation::put_parameter::builders::PutParameterFluentBuilder {
        let value = self.write_only().or(given::text(self.stored_value()));
        aws.ssm()
            .put_parameter()
            .name(&self.name)
            .set_value(value)
            .r#type(ParameterType::from(self.kind.as_str()))
            .set_tier(given::text(&self.tier).map(|tier| ParameterTier::from(tier.as_str())))
            .set_allowed_pattern(given::text(&self.allowed_pattern))
    }

    fn write_only(&self) -> Option<String> {
        self.value_wo.clone().filter(|value| !value.is_empty())
    }

    fn has_write_only(&self) -> Option<bool> {
        self.write_only().map(|_| true)
    }

    fn stored_value(&self) -> &str {
        let insecure = self.insecure_value.as_deref().filter(|value| !value.is_empty());
        insecure.or(self.value.as_deref()).unwrap_or_default()
    }

    /// What a new version is made for.
    fn written(&self) -> impl PartialEq {
        (
            self.allowed_pattern.clone(),
            self.data_type.clone(),
            self.description.clone(),
            self.key_id.clone(),
            self.kind.clone(),
            self.stored_value().to_string(),
            self.tier.clone(),
            self.value_wo_version,
        )
    }

    fn with_live(&self, live: LiveParameter, metadata: ParameterMetadata) -> Parameter {
        let kind = live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default();
        let is_insecure = self.insecure_value.as_ref().is_some_and(|value| !value.is_empty()) && kind != SECURE;
        let (value, insecure_value) = match (self.has_value_wo, is_insecure) {
            (Some(true), _) => (Some(String::new()), None),
            (Some(false) | None, true) => (None, live.value),
            (Some(false) | None, false) => (live.value, None),
        };
        Parameter {
            allowed_pattern: metadata.allowed_pattern.unwrap_or_default(),
            arn: live.arn.unwrap_or_default(),
            data_type: live.data_type.unwrap_or_default(),
            description: metadata.description.unwrap_or_default(),
            insecure_value,
            key_id: metadata.key_id.unwrap_or_default(),
            name: live.name.unwrap_or_default(),
            tier: metadata.tier.map(|tier| tier.as_str().to_string()).unwrap_or_else(|| STANDARD.to_string()),
            kind,
            value,
            value_wo: None,
            version: live.version,
            modified: live.last_modified_date,
            ..self.clone()
        }
    }
}

/// Parameters by name; those that are gone are left out.
async fn values(
    aws: &Aws,
    names: Vec<String>,
    decrypted: bool,
) -> Result<BTreeMap<String, LiveParameter>, ProviderError> {
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let call = aws.ssm().get_parameters().set_names(Some(names)).with_decryption(decrypted);
    let answer = call.send().await.operation("ssm:GetParameters")?;
    let named = |live: LiveParameter| Some((live.name.clone()?, live));
    Ok(answer.parameters.unwrap_or_default().into_iter().filter_map(named).collect())
}

async fn metadata(aws: &Aws, names: Vec<String>) -> Result<BTreeMap<String, ParameterMetadata>, ProviderError> {
    let filter = ParameterStringFilter::builder().key("Name").option("Equals").set_values(Some(names));
    let filter = filter.build().expect("the key is given");
    let pages = aws.ssm().describe_parameters().parameter_filters(filter).into_paginator().send();
    let pages = pages.collect::<Result<Vec<_>, _>>().await.operation("ssm:DescribeParameters")?;
    let live = pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default());
    Ok(live.filter_map(|live| Some((live.name.clone()?, live))).collect())
}

/// PutParameter, `Name`: its characters, hierarchies and reserved beginnings.
fn refuse_name(config: &Value) -> Option<Refusal> {
    let name = refusals::text(config, "name")?;
    let first = name.trim_start_matches('/').split('/').next().unwrap_or_default().to_lowercase();
    let detail = if !name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-/".contains(c)) {
        "A name may hold letters, digits and the characters `_.-/`.".to_string()
    } else if name.contains('/') && !name.starts_with('/') {
        format!("A name in a hierarchy begins with a slash: `/{name}`.")
    } else if name.len() > 1 && name.ends_with('/') {
        "A name can't end with a slash.".to_string()
    } else if first.starts_with("aws") || first.starts_with("ssm") {
        "Names that begin with `aws` or `ssm` belong to AWS.".to_string()
    } else if name.matches('/').count() > LEVELS_MAX {
        format!("A name has at most {LEVELS_MAX} levels.")
    } else {
        return None;
    };
    Some(refusals::invalid("name", detail))
}

/// A parameter has a value, given in one of three ways.
fn refuse_nothing(config: &Value) -> Option<Refusal> {
    let is_missing = |name: &str| config.get(name).is_none_or(|value| value.is_null());
    ["value", "insecure_value", "value_wo"].into_iter().all(is_missing).then(|| {
        let detail = "Set one of `value`, `insecure_value` and `value_wo`.";
        refusals::refusal(Path::attribute("value"), "the parameter has no value", detail)
    })
}

/// PutParameter, `Value` and `Tier`. Never shows the value.
fn refuse_value(config: &Value, attribute: &str) -> Option<Refusal> {
    let length = refusals::text(config, attribute)?.len();
    let max = match refusals::text(config, "tier").as_deref() {
        Some(STANDARD) => STANDARD_VALUE_MAX,
        Some(_) | None => VALUE_MAX,
    };
    (length > max).then(|| {
        refusals::invalid(
            attribute,
            format!("A value of this tier has at most {max} bytes, and this one has {length}."),
        )
    })
}
