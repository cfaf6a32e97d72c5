//! `aws_elasticache_subnet_group`: the subnets that caches may be placed in.
//!
//! The API tells no creation time of a group, so a new one is marked with a tag that holds its create's token; the tag is
//! taken off as soon as the identity is durable.

use std::time::Duration;

use aws_sdk_elasticache::types::CacheSubnetGroup as Live;
use futures::{StreamExt, TryStreamExt};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::clients::Aws;
use crate::elasticache::tags;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::tags::{TagChange, marked, settle_new, take_mark};

const OPERATION: &str = "elasticache:DescribeCacheSubnetGroups";

/// How many calls for tags are under way at a time.
const CALLS_MAX: usize = 8;

/// How long to wait for caches that are being deleted to let go of the group.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(3);

/// Amazon ElastiCache API Reference, `CreateCacheSubnetGroup`.
const NAME_LENGTH_MAX: usize = 255;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SubnetGroup {
    arn: String,
    description: String,
    id: String,
    name: String,
    subnet_ids: Vec<String>,
    tags: Tags,
    tags_all: Tags,
    vpc_id: String,
}

impl Resource for SubnetGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_elasticache_subnet_group";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let create = aws
            .elasticache()
            .create_cache_subnet_group()
            .cache_subnet_group_name(&want.name)
            .cache_subnet_group_description(&want.description)
            .set_subnet_ids(Some(want.subnet_ids.clone()))
            .set_tags(tags::request(&marked(&want.tags_all, creation.token)));
        let made = create.send().await.operation("elasticache:CreateCacheSubnetGroup").map_err(advise_where_taken)?;
        let named = SubnetGroup { id: want.name.clone(), ..want.clone() };
        let group = made.cache_subnet_group.map_or(named.clone(), |live| named.with_live(live));
        settle_new(creation, &group, tags::unmark(aws, &group.arn)).await?;
        Ok(group)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = match have {
            [one] => named(aws, &one.id).await?.into_iter().collect(),
            _ => {
                let pages = aws.elasticache().describe_cache_subnet_groups().into_paginator().items().send();
                pages.collect::<Result<Vec<_>, _>>().await.operation(OPERATION)?
            }
        };
        let found =
            have.iter().map(|have| live.iter().find(|live| have.is(live)).map(|live| have.with_live(live.clone())));
        let found: Vec<Option<SubnetGroup>> = found.collect();
        let tagged = futures::stream::iter(found).map(|group| async move {
            let Some(group) = group else { return Ok(None) };
            let tags = tags::list(aws, &group.arn).await?;
            Ok(tags.map(|tags_all| SubnetGroup { tags_all, ..group }))
        });
        tagged.buffered(CALLS_MAX).try_collect().await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.description != want.description || have.subnet_ids != want.subnet_ids {
            let modify = aws
                .elasticache()
                .modify_cache_subnet_group()
                .cache_subnet_group_name(&have.id)
                .cache_subnet_group_description(&want.description)
                .set_subnet_ids(Some(want.subnet_ids.clone()));
            modify.send().await.operation("elasticache:ModifyCacheSubnetGroup")?;
        }
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let start = Instant::now();
        loop {
            let delete = aws.elasticache().delete_cache_subnet_group().cache_subnet_group_name(&have.id);
            match delete.send().await.operation("elasticache:DeleteCacheSubnetGroup") {
                Err(error) if error.kind == ErrorKind::Conflict && start.elapsed() < PATIENCE => {}
                Err(error) if error.kind == ErrorKind::Conflict => {
                    return Err(error.hint("delete the caches in the group first"));
                }
                ended => return ended.map(drop),
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = named(aws, &want.name).await? else { return Ok(None) };
        let group = want.with_live(live);
        let Some(mut tags_all) = tags::list(aws, &group.arn).await? else { return Ok(None) };
        if !take_mark(&mut tags_all, token) {
            let message = format!("there is a subnet group named `{}` that this create did not make", want.name);
            return Err(taken("elasticache:CreateCacheSubnetGroup", message));
        }
        tags::unmark(aws, &group.arn).await?;
        Ok(Some(SubnetGroup { tags_all, ..group }))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(SubnetGroup { id: id.to_string(), ..SubnetGroup::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let mut refuse = |name: &str, detail: String| {
            let attribute = Path::attribute(name);
            refusals.push(Refusal { attribute, summary: format!("invalid value for {name}"), detail });
        };
        if let Some(name) = config.get("name").as_ref().and_then(|name| name.reveal().as_str()) {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if name.is_empty() || name.len() > NAME_LENGTH_MAX || !name.chars().all(is_allowed) {
                refuse("name", format!("It has 1 to {NAME_LENGTH_MAX} letters, digits and hyphens."));
            }
        }
        if config.get("subnet_ids").is_some_and(|subnets| subnets.reveal().length() == Some(0)) {
            refuse("subnet_ids", "A group needs at least one subnet.".into());
        }
        refusals
    }
}

impl SubnetGroup {
    /// Whether the live group is this one; names are not case-sensitive.
    fn is(&self, live: &Live) -> bool {
        live.cache_subnet_group_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&self.id))
    }

    fn with_live(&self, live: Live) -> SubnetGroup {
        let name = live.cache_subnet_group_name.unwrap_or_default();
        let subnets = live.subnets.unwrap_or_default().into_iter();
        SubnetGroup {
            arn: live.arn.unwrap_or_default(),
            description: live.cache_subnet_group_description.unwrap_or_default(),
            id: name.clone(),
            name,
            subnet_ids: subnets.filter_map(|subnet| subnet.subnet_identifier).collect(),
            vpc_id: live.vpc_id.unwrap_or_default(),
            ..self.clone()
        }
    }
}

async fn named(aws: &Aws, name: &str) -> Result<Option<Live>, ProviderError> {
    let describe = aws.elasticache().describe_cache_subnet_groups().cache_subnet_group_name(name);
    match describe.send().await.operation(OPERATION) {
        Ok(answer) => Ok(answer.cache_subnet_groups.unwrap_or_default().pop()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
