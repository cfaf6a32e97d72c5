//! `aws_db_subnet_group`: the subnets that an instance may be placed in.
//!
//! The API tells no creation time of a group, so a new one is marked with a tag that holds its create's token; the tag is
//! taken off as soon as the identity is durable. Descriptions can't be filtered: several groups are read by listing all.

use std::time::Duration;

use aws_sdk_rds::types::DbSubnetGroup as Live;
use futures::{StreamExt, TryStreamExt};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken};
use crate::names;
use crate::rds::db_instance::describe;
use crate::rds::{not_ours, tags};
use crate::tags::{TagChange, marked, take_mark};

/// How many calls for tags are under way at a time.
const CALLS_MAX: usize = 8;

/// How long to wait for instances that are being deleted to let go of the group.
const PATIENCE: Duration = Duration::from_secs(300);
const PAUSE: Duration = Duration::from_secs(3);

const NAME_LENGTH_MAX: usize = 255;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DbSubnetGroup {
    arn: String,
    description: String,
    id: String,
    name: String,
    name_prefix: String,
    subnet_ids: Vec<String>,
    supported_network_types: Vec<String>,
    tags: Tags,
    tags_all: Tags,
    vpc_id: String,
    #[serde(skip)]
    status: String,
}

impl Resource for DbSubnetGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_db_subnet_group";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        let marked = marked(&want.tags_all, creation.token);
        let created = aws
            .rds()
            .create_db_subnet_group()
            .db_subnet_group_name(&name)
            .db_subnet_group_description(&want.description)
            .set_subnet_ids(Some(want.subnet_ids.clone()))
            .set_tags(tags::request(&marked))
            .send()
            .await
            .operation("rds:CreateDBSubnetGroup")
            .map_err(advise_where_taken)?;
        let group = match created.db_subnet_group {
            Some(live) => DbSubnetGroup { tags_all: want.tags_all.clone(), ..want.with_live(live) },
            None => DbSubnetGroup { id: name.clone(), name, ..want.clone() },
        };
        tags::settle_new(aws, creation, &group, &group.arn).await?;
        Ok(group)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = match have {
            [one] => find_by_name(aws, &one.id).await?.into_iter().collect(),
            several => list(aws).await?.into_iter().filter(|live| several.iter().any(|have| have.is(live))).collect(),
        };
        let live = with_tags(aws, live).await?;
        let find = |have: &Self| {
            let (live, tags) = live.iter().find(|(live, _)| have.is(live))?;
            Some(DbSubnetGroup { tags_all: tags.clone(), ..have.with_live(live.clone()) })
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.description != want.description || have.subnet_ids != want.subnet_ids {
            aws.rds()
                .modify_db_subnet_group()
                .db_subnet_group_name(&have.id)
                .db_subnet_group_description(&want.description)
                .set_subnet_ids(Some(want.subnet_ids.clone()))
                .send()
                .await
                .operation("rds:ModifyDBSubnetGroup")?;
        }
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let start = tokio::time::Instant::now();
        loop {
            let delete = aws.rds().delete_db_subnet_group().db_subnet_group_name(&have.id);
            let error = match delete.send().await.operation("rds:DeleteDBSubnetGroup") {
                Err(error) if error.kind == ErrorKind::Conflict => error,
                ended => return ended.map(drop),
            };
            // Who holds the group is only a hint: the first error is the one that counts.
            let holders = describe::in_subnet_group(aws, &have.id).await.unwrap_or_default();
            let leave_soon = !holders.is_empty() && holders.iter().all(|holder| holder.status == "deleting");
            if !leave_soon || start.elapsed() >= PATIENCE {
                return Err(held(error, &holders));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match self.status.as_str() {
            "Complete" | "" => Readiness::Settled,
            status => Readiness::Pending(format!("status {status}")),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, token);
        let Some(live) = find_by_name(aws, &name).await? else { return Ok(None) };
        let Some((live, mut live_tags)) = with_tags(aws, vec![live]).await?.pop() else { return Ok(None) };
        if !take_mark(&mut live_tags, token) {
            return Err(not_ours("rds:CreateDBSubnetGroup", "a DB subnet group", &name));
        }
        let group = DbSubnetGroup { tags_all: live_tags, ..want.with_live(live) };
        tags::unmark(aws, &group.arn).await?;
        Ok(Some(group))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DbSubnetGroup { id: id.to_string(), ..DbSubnetGroup::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        ["name", "name_prefix"].into_iter().filter_map(|attribute| name_refusal(config, attribute)).collect()
    }
}

impl DbSubnetGroup {
    /// Whether the live group is this one; names are not case-sensitive.
    fn is(&self, live: &Live) -> bool {
        live.db_subnet_group_name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&self.id))
    }

    fn with_live(&self, live: Live) -> DbSubnetGroup {
        let name = live.db_subnet_group_name.unwrap_or_default();
        let subnets = live.subnets.unwrap_or_default();
        DbSubnetGroup {
            arn: live.db_subnet_group_arn.unwrap_or_default(),
            description: live.db_subnet_group_description.unwrap_or_default(),
            id: name.clone(),
            name_prefix: names::prefix_of(&name).unwrap_or_default().to_string(),
            name,
            subnet_ids: subnets.into_iter().filter_map(|subnet| subnet.subnet_identifier).collect(),
            supported_network_types: live.supported_network_types.unwrap_or_default(),
            status: live.subnet_group_status.unwrap_or_default(),
            vpc_id: live.vpc_id.unwrap_or_default(),
            ..self.clone()
        }
    }
}

async fn find_by_name(aws: &Aws, name: &str) -> Result<Option<Live>, ProviderError> {
    let describe = aws.rds().describe_db_subnet_groups().db_subnet_group_name(name);
    match describe.send().await.operation("rds:DescribeDBSubnetGroups") {
        Ok(answer) => Ok(answer.db_subnet_groups.unwrap_or_default().pop()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn list(aws: &Aws) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.rds().describe_db_subnet_groups().into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("rds:DescribeDBSubnetGroups")
}

/// The groups with their tags, without those that went away in between.
async fn with_tags(aws: &Aws, groups: Vec<Live>) -> Result<Vec<(Live, Tags)>, ProviderError> {
    let groups = futures::stream::iter(groups).map(|live| async move {
        let tags = tags::list(aws, live.db_subnet_group_arn.as_deref().unwrap_or_default()).await?;
        Ok(tags.map(|tags| (live, tags)))
    });
    groups.buffered(CALLS_MAX).try_filter_map(|group| async move { Ok(group) }).try_collect().await
}

fn held(error: ProviderError, holders: &[describe::Holder]) -> ProviderError {
    if holders.is_empty() {
        return error;
    }
    let names: Vec<&str> = holders.iter().map(|holder| holder.identifier.as_str()).collect();
    error.hint(format!("these DB instances are in it: {}", names.join(", ")))
}

fn name_refusal(config: &Value, attribute: &str) -> Option<Refusal> {
    let value = config.get(attribute)?;
    let name = value.reveal().as_str()?;
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.' | '_' | ' ');
    let limit = if attribute == "name" { NAME_LENGTH_MAX } else { NAME_LENGTH_MAX - names::SUFFIX_LENGTH };
    let detail = if name.is_empty() && attribute == "name" {
        "The name is empty.".to_string()
    } else if !name.chars().all(is_allowed) {
        "Only lower-case letters, digits, `-`, `.`, `_` and spaces are allowed.".to_string()
    } else if name.len() > limit {
        format!("It has {} characters; at most {limit} are allowed.", name.len())
    } else if name == "default" && attribute == "name" {
        "AWS keeps the name `default` for itself.".to_string()
    } else {
        return None;
    };
    let attribute_path = Path::attribute(attribute);
    Some(Refusal { attribute: attribute_path, summary: format!("invalid value for {attribute}"), detail })
}
