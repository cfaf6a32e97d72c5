//! The calls for groups of instances and of clusters: two sets that do the same.

use aws_sdk_rds::types::{ApplyMethod, Parameter as LiveParameter};
use futures::{StreamExt, TryStreamExt};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Refusal, Tags};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken};
use crate::names;
use crate::rds::{given, not_ours, tags};
use crate::tags::{marked, take_mark};

/// How many parameters one call changes.
const CHANGES_MAX: usize = 20;

/// How many groups are read at a time.
const READS_AT_A_TIME: usize = 8;

/// How long to wait for what is being deleted to let go of a group.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(180);
const PAUSE: std::time::Duration = std::time::Duration::from_secs(3);

const NAME_LENGTH_MAX: usize = 255;

/// Whose parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Instance,
    Cluster,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameter {
    pub apply_method: String,
    pub name: String,
    pub value: String,
}

/// A group as its description has it.
#[derive(Clone)]
pub struct Described {
    pub arn: String,
    pub name: String,
    pub family: String,
    pub description: String,
}

/// A group with its parameters and tags.
#[derive(Clone)]
pub struct Group {
    pub described: Described,
    pub parameters: Vec<Parameter>,
    pub tags: Tags,
}

/// A group to look at: its name and the parameters that are known of it.
pub struct Known<'a> {
    pub name: &'a str,
    pub parameters: &'a [Parameter],
}

macro_rules! described {
    ($live:expr, $name:ident, $arn:ident) => {
        Described {
            arn: $live.$arn.unwrap_or_default(),
            name: $live.$name.unwrap_or_default(),
            family: $live.db_parameter_group_family.unwrap_or_default(),
            description: $live.description.unwrap_or_default(),
        }
    };
}

impl Kind {
    /// Makes a group, with these tags and the create's mark: it has all parameters at the family's defaults.
    ///
    /// # Errors
    /// As the service; `AlreadyExists` when the name is taken.
    pub async fn create(
        self,
        aws: &Aws,
        wanted: &Described,
        tags: &Tags,
        token: &Token,
    ) -> Result<Described, ProviderError> {
        let marked = tags::request(&marked(tags, token));
        let created = match self {
            Kind::Instance => {
                let create = aws.rds().create_db_parameter_group().db_parameter_group_name(&wanted.name);
                let create = create.db_parameter_group_family(&wanted.family).description(&wanted.description);
                let created = create.set_tags(marked).send().await;
                let live =
                    created.operation("rds:CreateDBParameterGroup").map_err(advise_where_taken)?.db_parameter_group;
                live.map(|live| described!(live, db_parameter_group_name, db_parameter_group_arn))
            }
            Kind::Cluster => {
                let create = aws.rds().create_db_cluster_parameter_group();
                let create = create.db_cluster_parameter_group_name(&wanted.name);
                let create = create.db_parameter_group_family(&wanted.family).description(&wanted.description);
                let created = create.set_tags(marked).send().await;
                let live = created
                    .operation("rds:CreateDBClusterParameterGroup")
                    .map_err(advise_where_taken)?
                    .db_cluster_parameter_group;
                live.map(|live| described!(live, db_cluster_parameter_group_name, db_cluster_parameter_group_arn))
            }
        };
        Ok(created.unwrap_or_else(|| wanted.clone()))
    }

    /// The group that the create of this token made, with its mark taken off; `None` where it made none.
    ///
    /// # Errors
    /// As the service; `AlreadyExists` when the group of that name is another's.
    pub async fn find(self, aws: &Aws, known: Known<'_>, token: &Token) -> Result<Option<Group>, ProviderError> {
        let name = known.name;
        let Some(mut group) = self.read(aws, &[known]).await?.pop().flatten() else { return Ok(None) };
        if !take_mark(&mut group.tags, token) {
            let operation = match self {
                Kind::Instance => "create aws_db_parameter_group",
                Kind::Cluster => "create aws_rds_cluster_parameter_group",
            };
            return Err(not_ours(operation, "a parameter group", name));
        }
        tags::unmark(aws, &group.described.arn).await?;
        Ok(Some(group))
    }

    /// The groups of these names, with parameters and tags; `None` for those that are gone.
    pub async fn read(self, aws: &Aws, known: &[Known<'_>]) -> Result<Vec<Option<Group>>, ProviderError> {
        let described = match known {
            [one] => self.named(aws, one.name).await?.into_iter().collect(),
            _ => self.list(aws).await?,
        };
        let reads: Vec<_> = known
            .iter()
            .map(|known| {
                let found = described.iter().find(|group| group.name.eq_ignore_ascii_case(known.name)).cloned();
                self.read_one(aws, known, found)
            })
            .collect();
        futures::stream::iter(reads).buffered(READS_AT_A_TIME).try_collect().await
    }

    async fn read_one(
        self,
        aws: &Aws,
        known: &Known<'_>,
        described: Option<Described>,
    ) -> Result<Option<Group>, ProviderError> {
        let Some(described) = described else { return Ok(None) };
        let Some(tags) = tags::list(aws, &described.arn).await? else { return Ok(None) };
        let mut live = self.parameters(aws, &described.name, true).await?;
        let is_known = |name: &str| known.parameters.iter().any(|parameter| parameter.name.eq_ignore_ascii_case(name));
        let is_missing =
            |parameter: &Parameter| !live.iter().any(|live| live.name.eq_ignore_ascii_case(&parameter.name));
        // A parameter that was set to its default may count as nobody's: it is found among all.
        if known.parameters.iter().any(is_missing) {
            let all = self.parameters(aws, &described.name, false).await?;
            let others: Vec<Parameter> = all
                .into_iter()
                .filter(|parameter| is_known(&parameter.name) && !live.iter().any(|live| live.name == parameter.name))
                .collect();
            live.extend(others);
        }
        Ok(Some(Group { described, parameters: live, tags }))
    }

    /// The description of a group; `None` when there is none of that name.
    pub async fn named(self, aws: &Aws, name: &str) -> Result<Option<Described>, ProviderError> {
        let found = match self {
            Kind::Instance => {
                let describe = aws.rds().describe_db_parameter_groups().db_parameter_group_name(name);
                describe.send().await.operation("rds:DescribeDBParameterGroups").map(|answer| {
                    let live = answer.db_parameter_groups.unwrap_or_default().pop();
                    live.map(|live| described!(live, db_parameter_group_name, db_parameter_group_arn))
                })
            }
            Kind::Cluster => {
                let describe = aws.rds().describe_db_cluster_parameter_groups().db_cluster_parameter_group_name(name);
                describe.send().await.operation("rds:DescribeDBClusterParameterGroups").map(|answer| {
                    let live = answer.db_cluster_parameter_groups.unwrap_or_default().pop();
                    live.map(|live| described!(live, db_cluster_parameter_group_name, db_cluster_parameter_group_arn))
                })
            }
        };
        match found {
            Err(error) if error.is_not_found() => Ok(None),
            found => found,
        }
    }

    async fn list(self, aws: &Aws) -> Result<Vec<Described>, ProviderError> {
        match self {
            Kind::Instance => {
                let pages = aws.rds().describe_db_parameter_groups().into_paginator().items().send();
                let live = pages.collect::<Result<Vec<_>, _>>().await.operation("rds:DescribeDBParameterGroups")?;
                let groups =
                    live.into_iter().map(|live| described!(live, db_parameter_group_name, db_parameter_group_arn));
                Ok(groups.collect())
            }
            Kind::Cluster => {
                let pages = aws.rds().describe_db_cluster_parameter_groups().into_paginator().items().send();
                let live = pages.collect::<Result<Vec<_>, _>>().await;
                let live = live.operation("rds:DescribeDBClusterParameterGroups")?.into_iter();
                Ok(live
                    .map(|live| described!(live, db_cluster_parameter_group_name, db_cluster_parameter_group_arn))
                    .collect())
            }
        }
    }

    /// The parameters that have a value: all, or those that somebody set.
    async fn parameters(self, aws: &Aws, name: &str, set_only: bool) -> Result<Vec<Parameter>, ProviderError> {
        let source = set_only.then(|| "user".to_string());
        let live = match self {
            Kind::Instance => {
                let describe = aws.rds().describe_db_parameters().db_parameter_group_name(name).set_source(source);
                let pages = describe.into_paginator().items().send();
                pages.collect::<Result<Vec<_>, _>>().await.operation("rds:DescribeDBParameters")?
            }
            Kind::Cluster => {
                let describe = aws.rds().describe_db_cluster_parameters().db_cluster_parameter_group_name(name);
                let pages = describe.set_source(source).into_paginator().items().send();
                pages.collect::<Result<Vec<_>, _>>().await.operation("rds:DescribeDBClusterParameters")?
            }
        };
        let is_wanted = |live: &LiveParameter| {
            live.parameter_value.is_some() && (!set_only || live.source.as_deref() == Some("user"))
        };
        Ok(live.into_iter().filter(is_wanted).map(Parameter::from).collect())
    }

    /// Sets what differs, and sets what is not wanted any more back to its default.
    pub async fn change(
        self,
        aws: &Aws,
        name: &str,
        have: &[Parameter],
        want: &[Parameter],
    ) -> Result<(), ProviderError> {
        let is_in =
            |list: &[Parameter], name: &str| list.iter().any(|parameter| parameter.name.eq_ignore_ascii_case(name));
        let reset = have.iter().filter(|parameter| !is_in(want, &parameter.name)).map(Parameter::request).collect();
        let mut set: Vec<&Parameter> = want.iter().filter(|parameter| !have.contains(parameter)).collect();
        // Character sets and collations depend on each other, so that they belong into one call.
        set.sort_by_key(|parameter| {
            !(parameter.name.starts_with("character_set") || parameter.name.starts_with("collation"))
        });
        for chunk in set.chunks(CHANGES_MAX) {
            self.set(aws, name, chunk.iter().map(|parameter| parameter.request()).collect()).await?;
        }
        self.reset(aws, name, reset).await
    }

    async fn set(self, aws: &Aws, name: &str, parameters: Vec<LiveParameter>) -> Result<(), ProviderError> {
        match self {
            Kind::Instance => {
                let modify = aws.rds().modify_db_parameter_group().db_parameter_group_name(name);
                let modify = modify.set_parameters(Some(parameters));
                modify.send().await.operation("rds:ModifyDBParameterGroup").map(drop)
            }
            Kind::Cluster => {
                let modify = aws.rds().modify_db_cluster_parameter_group().db_cluster_parameter_group_name(name);
                let modify = modify.set_parameters(Some(parameters));
                modify.send().await.operation("rds:ModifyDBClusterParameterGroup").map(drop)
            }
        }
    }

    async fn reset(self, aws: &Aws, name: &str, parameters: Vec<LiveParameter>) -> Result<(), ProviderError> {
        for chunk in parameters.chunks(CHANGES_MAX) {
            let chunk = Some(chunk.to_vec());
            match self {
                Kind::Instance => {
                    let reset = aws.rds().reset_db_parameter_group().db_parameter_group_name(name);
                    let reset = reset.reset_all_parameters(false).set_parameters(chunk);
                    reset.send().await.operation("rds:ResetDBParameterGroup")?;
                }
                Kind::Cluster => {
                    let reset = aws.rds().reset_db_cluster_parameter_group().db_cluster_parameter_group_name(name);
                    let reset = reset.reset_all_parameters(false).set_parameters(chunk);
                    reset.send().await.operation("rds:ResetDBClusterParameterGroup")?;
                }
            }
        }
        Ok(())
    }

    /// Deletes the group; waits a little where it is still in use.
    pub async fn delete(self, aws: &Aws, name: &str) -> Result<(), ProviderError> {
        let start = Instant::now();
        loop {
            let deleted = match self {
                Kind::Instance => {
                    let delete = aws.rds().delete_db_parameter_group().db_parameter_group_name(name);
                    delete.send().await.operation("rds:DeleteDBParameterGroup").map(drop)
                }
                Kind::Cluster => {
                    let delete = aws.rds().delete_db_cluster_parameter_group().db_cluster_parameter_group_name(name);
                    delete.send().await.operation("rds:DeleteDBClusterParameterGroup").map(drop)
                }
            };
            match deleted {
                Err(error) if is_in_use(&error) && start.elapsed() < PATIENCE => tokio::time::sleep(PAUSE).await,
                ended => return ended,
            }
        }
    }
}

fn is_in_use(error: &ProviderError) -> bool {
    error.code.as_deref().is_some_and(|code| code.starts_with("InvalidDBParameterGroupState"))
}

impl Parameter {
    fn request(&self) -> LiveParameter {
        LiveParameter::builder()
            .parameter_name(&self.name)
            .parameter_value(&self.value)
            .set_apply_method(given(&self.apply_method).map(|method| ApplyMethod::from(method.as_str())))
            .build()
    }
}

impl From<LiveParameter> for Parameter {
    fn from(live: LiveParameter) -> Parameter {
        Parameter {
            apply_method: live.apply_method.map(|method| method.as_str().to_lowercase()).unwrap_or_default(),
            name: live.parameter_name.unwrap_or_default().to_lowercase(),
            value: live.parameter_value.unwrap_or_default(),
        }
    }
}

/// What is wrong with the names of a group: lower-case letters, digits, hyphens and the `more` characters.
pub fn refuse_names(config: &Value, more: &str) -> Vec<Refusal> {
    let refuse = |attribute: &str| {
        let value = config.get(attribute)?;
        let name = value.reveal().as_str()?;
        let is_prefix = attribute == "name_prefix";
        let limit = if is_prefix { NAME_LENGTH_MAX - names::SUFFIX_LENGTH } else { NAME_LENGTH_MAX };
        let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || more.contains(c);
        let detail = if name.is_empty() && !is_prefix {
            "The name is empty.".to_string()
        } else if !name.chars().all(is_allowed) {
            "Only lower-case letters, digits and hyphens are allowed.".to_string()
        } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            "The first character must be a letter.".to_string()
        } else if name.contains("--") {
            "Two hyphens may not follow each other.".to_string()
        } else if name.ends_with('-') && !is_prefix {
            "The last character may not be a hyphen.".to_string()
        } else if name.len() > limit {
            format!("It has {} characters; at most {limit} are allowed.", name.len())
        } else {
            return None;
        };
        let summary = format!("invalid value for {attribute}");
        Some(Refusal { attribute: Path::attribute(attribute), summary, detail })
    };
    ["name", "name_prefix"].into_iter().filter_map(refuse).collect()
}
