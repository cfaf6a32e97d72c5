//! `aws_iam_group`: users that have the same policies.

use aws_sdk_iam::types::Group as Live;
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::iam::validate;
use crate::{given, times};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IamGroup {
    arn: String,
    id: String,
    name: String,
    path: String,
    unique_id: String,
    #[serde(skip)]
    created: Option<aws_smithy_types::DateTime>,
}

impl Resource for IamGroup {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_group";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let call = aws.iam().create_group().group_name(&want.name).set_path(given::text(&want.path));
        call.send().await.operation("iam:CreateGroup").map_err(advise_where_taken)?;
        Ok(IamGroup { id: want.name.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut groups = Vec::with_capacity(have.len());
        for group in have {
            groups.push(read_one(aws, group).await?);
        }
        Ok(groups)
    }

    /// A group can be renamed; its identifier changes with its name.
    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if (&have.name, &have.path) != (&want.name, &want.path) {
            // The API takes its own name for somebody else's.
            let call = aws.iam().update_group().group_name(&have.name).new_path(&want.path);
            let call = call.set_new_group_name(Some(want.name.clone()).filter(|name| *name != have.name));
            call.send().await.operation("iam:UpdateGroup")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let deleted = aws.iam().delete_group().group_name(&have.name).send().await.operation("iam:DeleteGroup");
        deleted.map(drop).map_err(|error| match error.kind == ErrorKind::Conflict {
            true => error.hint("take its users and policies out of it first"),
            false => error,
        })
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(found) = read_one(aws, want).await? else { return Ok(None) };
        if times::is_older(found.created.as_ref(), token) {
            let message = format!("a group named `{}` was there before this create", want.name);
            return Err(taken("iam:CreateGroup", message));
        }
        Ok(Some(found))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(IamGroup { id: id.to_string(), name: id.to_string(), ..IamGroup::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        validate::name(config, &Path::root(), "name").into_iter().collect()
    }
}

impl IamGroup {
    fn with_live(&self, live: Live) -> IamGroup {
        IamGroup {
            arn: live.arn,
            id: live.group_name.clone(),
            name: live.group_name,
            path: live.path,
            unique_id: live.group_id,
            created: Some(live.create_date),
        }
    }
}

async fn read_one(aws: &Aws, have: &IamGroup) -> Result<Option<IamGroup>, ProviderError> {
    match aws.iam().get_group().group_name(&have.name).max_items(1).send().await.operation("iam:GetGroup") {
        Ok(answer) => Ok(answer.group.map(|live| have.with_live(live))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
