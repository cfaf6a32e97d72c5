//! `aws_db_option_group`: features of the engine that instances share.
//!
//! The API tells all settings of an option; those at their default that were never asked for are left out, so that a setting
//! that AWS adds is no change. It tells no creation time of a group, so a new one is marked with a tag that holds its
//! create's token; the tag is taken off as soon as the identity is durable.

mod options;

use std::time::Duration;

use aws_sdk_rds::types::OptionGroup as Live;
use futures::{StreamExt, TryStreamExt, stream};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken};
use crate::names;
use crate::rds::db_option_group::options::GroupOption;
use crate::rds::parameter_group::calls::refuse_names;
use crate::rds::retry::retry;
use crate::rds::{not_ours, tags};
use crate::tags::{TagChange, marked, take_mark};

/// How many groups are read at a time. There are few: an account may have twenty.
const READS_AT_A_TIME: usize = 8;

/// How long to wait for instances and snapshots to let go of the group where `timeouts` doesn't say.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
const PAUSE: Duration = Duration::from_secs(5);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct DbOptionGroup {
    arn: String,
    engine_name: String,
    id: String,
    major_engine_version: String,
    name: String,
    name_prefix: String,
    option: Vec<GroupOption>,
    option_group_description: String,
    skip_destroy: bool,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    delete: Option<String>,
}

impl Resource for DbOptionGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_db_option_group";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        let marked = marked(&want.tags_all, creation.token);
        let created = aws
            .rds()
            .create_option_group()
            .option_group_name(&name)
            .engine_name(&want.engine_name)
            .major_engine_version(&want.major_engine_version)
            .option_group_description(&want.option_group_description)
            .set_tags(tags::request(&marked))
            .send()
            .await
            .operation("rds:CreateOptionGroup")
            .map_err(advise_where_taken)?;
        let bare = DbOptionGroup { id: name.clone(), name, option: Vec::new(), ..want.clone() };
        let bare = created.option_group.map_or(bare.clone(), |live| bare.with_live(live));
        tags::settle_new(aws, creation, &bare, &bare.arn).await?;
        change_options(aws, &bare, want).await?;
        Ok(DbOptionGroup { option: want.option.clone(), ..bare })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let reads: Vec<_> = have.iter().map(|have| read_one(aws, have)).collect();
        stream::iter(reads).buffered(READS_AT_A_TIME).try_collect().await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        change_options(aws, have, want).await?;
        tags::update(aws, &have.arn, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.skip_destroy {
            return Ok(());
        }
        let written = have.timeouts.as_ref().and_then(|timeouts| timeouts.delete.as_deref());
        let patience = written.and_then(provider::adapter::parse_duration).unwrap_or(PATIENCE);
        let start = Instant::now();
        loop {
            let delete = aws.rds().delete_option_group().option_group_name(&have.id);
            match delete.send().await.operation("rds:DeleteOptionGroup") {
                Err(error) if is_in_use(&error) && start.elapsed() < patience => tokio::time::sleep(PAUSE).await,
                Err(error) if is_in_use(&error) => {
                    return Err(error.hint("instances and manual snapshots hold the option group they were made with"));
                }
                ended => return ended.map(drop),
            }
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, token);
        let wanted = DbOptionGroup { id: name.clone(), ..want.clone() };
        let Some(mut group) = read_one(aws, &wanted).await? else { return Ok(None) };
        if !take_mark(&mut group.tags_all, token) {
            return Err(not_ours("rds:CreateOptionGroup", "an option group", &name));
        }
        tags::unmark(aws, &group.arn).await?;
        Ok(Some(group))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(DbOptionGroup { id: id.to_string(), ..DbOptionGroup::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refuse_names(config, "")
    }
}

impl DbOptionGroup {
    fn with_live(&self, live: Live) -> DbOptionGroup {
        let name = live.option_group_name.unwrap_or_default();
        let options = live.options.unwrap_or_default().into_iter();
        DbOptionGroup {
            arn: live.option_group_arn.unwrap_or_default(),
            engine_name: live.engine_name.unwrap_or_default(),
            id: name.clone(),
            major_engine_version: live.major_engine_version.unwrap_or_default(),
            name_prefix: names::prefix_of(&name).unwrap_or_default().to_string(),
            name,
            option: options.map(|live| GroupOption::of(live, &self.option)).collect(),
            option_group_description: live.option_group_description.unwrap_or_default(),
            ..self.clone()
        }
    }
}

async fn change_options(aws: &Aws, have: &DbOptionGroup, want: &DbOptionGroup) -> Result<(), ProviderError> {
    let (include, remove) = options::difference(&have.option, &want.option);
    if include.is_empty() && remove.is_empty() {
        return Ok(());
    }
    retry(PATIENCE, || async {
        let modify = aws.rds().modify_option_group().option_group_name(&have.id).apply_immediately(true);
        let modify = modify
            .set_options_to_include((!include.is_empty()).then(|| include.clone()))
            .set_options_to_remove((!remove.is_empty()).then(|| remove.clone()));
        modify.send().await.operation("rds:ModifyOptionGroup").map(drop)
    })
    .await
}

async fn find_by_name(aws: &Aws, name: &str) -> Result<Option<Live>, ProviderError> {
    let describe = aws.rds().describe_option_groups().option_group_name(name);
    match describe.send().await.operation("rds:DescribeOptionGroups") {
        Ok(answer) => Ok(answer.option_groups_list.unwrap_or_default().pop()),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn read_one(aws: &Aws, have: &DbOptionGroup) -> Result<Option<DbOptionGroup>, ProviderError> {
    let Some(live) = find_by_name(aws, &have.id).await? else { return Ok(None) };
    let tags = tags::list(aws, live.option_group_arn.as_deref().unwrap_or_default()).await?;
    Ok(tags.map(|tags_all| DbOptionGroup { tags_all, ..have.with_live(live) }))
}

fn is_in_use(error: &ProviderError) -> bool {
    error.code.as_deref().is_some_and(|code| code.starts_with("InvalidOptionGroupState"))
}
