//! Namespaces of both kinds: what is the same of them.

use aws_sdk_servicediscovery::types::{
    Namespace as One, NamespaceFilter, NamespaceFilterName, NamespaceSummary, NamespaceType, OperationTargetType,
};
use futures::{StreamExt, TryStreamExt};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Refusal, Tags};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::service_discovery::{operation, tags};

/// How many calls for tags are under way at a time.
const CALLS_MAX: usize = 8;

/// Up to so many namespaces are read one by one; more are listed.
const SINGLE_READS_MAX: usize = 2;

/// A namespace as it is live.
#[derive(Clone, Default)]
pub struct Namespace {
    pub arn: String,
    pub id: String,
    pub name: String,
    pub description: String,
    /// The zone of a namespace with DNS.
    pub hosted_zone: String,
    /// The name that calls know the namespace by.
    pub http_name: String,
    pub tags: Tags,
}

impl Namespace {
    fn of_summary(live: NamespaceSummary) -> Namespace {
        let (dns, http) = live.properties.map(|both| (both.dns_properties, both.http_properties)).unwrap_or_default();
        Namespace {
            arn: live.arn.unwrap_or_default(),
            id: live.id.unwrap_or_default(),
            name: live.name.unwrap_or_default(),
            description: live.description.unwrap_or_default(),
            hosted_zone: dns.and_then(|dns| dns.hosted_zone_id).unwrap_or_default(),
            http_name: http.and_then(|http| http.http_name).unwrap_or_default(),
            tags: Tags::new(),
        }
    }

    fn of_one(live: One) -> Namespace {
        let summary = NamespaceSummary::builder()
            .set_arn(live.arn)
            .set_id(live.id)
            .set_name(live.name)
            .set_description(live.description)
            .set_properties(live.properties);
        Namespace::of_summary(summary.build())
    }
}

/// The id of the namespace that an operation makes.
pub async fn made(aws: &Aws, operation_id: &str) -> Result<String, ProviderError> {
    operation::target(aws, operation_id, OperationTargetType::Namespace).await
}

/// The namespaces of these ids, with their tags; `None` for those that are gone.
pub async fn read(aws: &Aws, ids: &[&str]) -> Result<Vec<Option<Namespace>>, ProviderError> {
    let live: Vec<Namespace> = if ids.len() <= SINGLE_READS_MAX {
        let mut live = Vec::new();
        for id in ids {
            live.extend(get(aws, id).await?.map(Namespace::of_one));
        }
        live
    } else {
        list(aws, None).await?.into_iter().map(Namespace::of_summary).collect()
    };
    let reads = ids.iter().map(|id| {
        let found = live.iter().find(|live| live.id == *id).cloned();
        async move {
            let Some(found) = found else { return Ok(None) };
            let tags = tags::list(aws, &found.arn).await?;
            Ok(tags.map(|tags| Namespace { tags, ..found }))
        }
    });
    let reads: Vec<_> = reads.collect();
    futures::stream::iter(reads).buffered(CALLS_MAX).try_collect().await
}

/// What an interrupted create left behind: the namespace that keeps its request id.
///
/// # Errors
/// `AlreadyExists` when there is another one of the name whose name has to be the only one.
pub async fn find(
    aws: &Aws,
    name: &str,
    kind: NamespaceType,
    token: &Token,
) -> Result<Option<Namespace>, ProviderError> {
    let is_unique = kind == NamespaceType::Http;
    let mut others = false;
    for summary in list(aws, Some(kind)).await? {
        if summary.name.as_deref() != Some(name) {
            continue;
        }
        let id = summary.id.unwrap_or_default();
        let Some(live) = get(aws, &id).await? else { continue };
        if live.creator_request_id.as_deref() == Some(token.id.as_ref()) {
            return Ok(read(aws, &[&id]).await?.pop().flatten());
        }
        others = true;
    }
    if others && is_unique {
        let message = format!("there is a namespace named `{name}` that this create did not make");
        return Err(taken("servicediscovery:CreateHttpNamespace", message));
    }
    Ok(None)
}

pub async fn delete(aws: &Aws, id: &str) -> Result<(), ProviderError> {
    let delete = aws.service_discovery().delete_namespace().id(id);
    match delete.send().await.operation("servicediscovery:DeleteNamespace") {
        Ok(answer) => operation::until_done(aws, answer.operation_id.as_deref()).await,
        Err(error) if error.kind == ErrorKind::Conflict => {
            Err(error.hint("delete the services of the namespace first, also those that were made elsewhere"))
        }
        Err(error) => Err(error),
    }
}

async fn get(aws: &Aws, id: &str) -> Result<Option<One>, ProviderError> {
    match aws.service_discovery().get_namespace().id(id).send().await.operation("servicediscovery:GetNamespace") {
        Ok(answer) => Ok(answer.namespace),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn list(aws: &Aws, kind: Option<NamespaceType>) -> Result<Vec<NamespaceSummary>, ProviderError> {
    let filter = kind.map(|kind| {
        let filter = NamespaceFilter::builder().name(NamespaceFilterName::Type).values(kind.as_str());
        vec![filter.build().expect("name and values are given")]
    });
    let mut pages = aws.service_discovery().list_namespaces().set_filters(filter).into_paginator().send();
    let mut namespaces = Vec::new();
    while let Some(page) = pages.next().await {
        namespaces.extend(page.operation("servicediscovery:ListNamespaces")?.namespaces.unwrap_or_default());
    }
    Ok(namespaces)
}

/// Names have up to 1,024 characters, printable ones: AWS Cloud Map API Reference, `CreatePrivateDnsNamespace`.
pub fn refuse_name(config: &Value) -> Option<Refusal> {
    let value = config.get("name")?;
    let name = value.reveal().as_str()?;
    let is_printable = name.chars().all(|c| ('!'..='~').contains(&c));
    let detail = if name.is_empty() {
        "The name is empty.".to_string()
    } else if !is_printable {
        "Only printable characters without spaces are allowed.".to_string()
    } else {
        return None;
    };
    let attribute = Path::attribute("name");
    Some(Refusal { attribute, summary: "invalid value for name".into(), detail })
}
