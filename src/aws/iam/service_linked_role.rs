//! `aws_iam_service_linked_role`: the role that one service of AWS takes in an account. Its name is the service's choice.

use std::time::Duration;

use aws_sdk_iam::types::{DeletionTaskStatusType, Role};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refine, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::iam::tags;
use crate::tags::TagChange;
use crate::{arn, given, refusals, retry, times};

/// How long the service may take to let go of its role.
const DELETION: Duration = Duration::from_secs(20 * 60);

const PATH: &str = "/aws-service-role/";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceLinkedRole {
    arn: String,
    aws_service_name: String,
    create_date: String,
    custom_suffix: String,
    description: String,
    id: String,
    name: String,
    path: String,
    tags: Tags,
    tags_all: Tags,
    unique_id: String,
    #[serde(skip)]
    created: Option<aws_smithy_types::DateTime>,
}

impl Resource for ServiceLinkedRole {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_service_linked_role";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let call = aws
            .iam()
            .create_service_linked_role()
            .aws_service_name(&want.aws_service_name)
            .set_custom_suffix(given::text(&want.custom_suffix))
            .set_description(given::text(&want.description));
        let created = call.send().await.operation("iam:CreateServiceLinkedRole").map_err(|error| {
            match error.message.contains("has been taken in this account") {
                true => taken("iam:CreateServiceLinkedRole", error.message),
                false => error,
            }
        })?;
        let Some(live) = created.role else {
            return Err(ProviderError::new(
                ErrorKind::Other,
                "iam:CreateServiceLinkedRole",
                "the answer holds no role",
            ));
        };
        let role = want.with_live(live);
        let _durable = creation.born(&role).await;
        update_tags(aws, &role.name, &TagChange::between(&Tags::new(), &want.tags_all)).await?;
        Ok(ServiceLinkedRole { tags_all: want.tags_all.clone(), ..role })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut roles = Vec::with_capacity(have.len());
        for role in have {
            let name = role_name(&role.id);
            roles.push(match aws.iam().get_role().role_name(name).send().await.operation("iam:GetRole") {
                Ok(answer) => answer.role.map(|live| role.with_live(live)),
                Err(error) if error.is_not_found() => None,
                Err(error) => return Err(error),
            });
        }
        Ok(roles)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.description != want.description {
            let call = aws.iam().update_role().role_name(&have.name).description(&want.description);
            call.send().await.operation("iam:UpdateRole")?;
        }
        update_tags(aws, &have.name, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    /// The service decides whether it can do without its role, and takes its time.
    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.iam().delete_service_linked_role().role_name(role_name(&have.id));
        let task = call.send().await.operation("iam:DeleteServiceLinkedRole")?.deletion_task_id;
        let is_passing = |error: &ProviderError| error.kind == ErrorKind::NotReady;
        retry::while_passing(DELETION, is_passing, || deleted(aws, &task)).await
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let path = format!("{PATH}{}/", want.aws_service_name);
        let pages = aws.iam().list_roles().path_prefix(path).into_paginator().items().send();
        let roles = pages.collect::<Result<Vec<_>, _>>().await.operation("iam:ListRoles")?;
        let mut roles = roles.into_iter().map(|live| want.with_live(live));
        let Some(found) = roles.find(|role| want.custom_suffix.is_empty() || role.custom_suffix == want.custom_suffix)
        else {
            return Ok(None);
        };
        if times::is_older(found.created.as_ref(), token) {
            let message = format!("the role `{}` was there before this create", found.name);
            return Err(taken("iam:CreateServiceLinkedRole", message));
        }
        Ok(Self::read(aws, &[found]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        if !arn::is_arn(id) || !id.contains(":role/aws-service-role/") {
            let message = format!("`{id}` is not the ARN of a service-linked role");
            return Err(ProviderError::invalid("import aws_iam_service_linked_role", message));
        }
        Ok(ServiceLinkedRole { id: id.to_string(), ..ServiceLinkedRole::default() })
    }

    /// Services that scale others give their roles suffixes of their own, which nobody can ask for.
    fn refine(refine: Refine<'_>) {
        let Some(prior) = refine.prior else { return };
        let is_scaling = refusals::text(refine.config, "aws_service_name")
            .is_some_and(|name| name.contains(".application-autoscaling."));
        let suffix = Path::attribute("custom_suffix");
        if let (true, true, Some(before)) =
            (is_scaling, refusals::is_missing(refine.config, "custom_suffix"), prior.get("custom_suffix"))
        {
            *refine.planned = refine.planned.clone().with("custom_suffix", before);
            refine.replace.retain(|path| *path != suffix);
        }
    }

    /// CreateServiceLinkedRole, `AWSServiceName` and `Description`.
    fn validate(config: &Value) -> Vec<Refusal> {
        let name = refusals::text(config, "aws_service_name").filter(|name| !name.ends_with(".amazonaws.com"));
        let refuse = |name: String| {
            let detail = format!("It must be a service's name such as `ecs.amazonaws.com`, not `{name}`.");
            refusals::invalid("aws_service_name", detail)
        };
        let description = refusals::characters(config, "description", 0..=1000, |_| true, "any");
        name.map(refuse).into_iter().chain(description).collect()
    }
}

impl ServiceLinkedRole {
    fn with_live(&self, live: Role) -> ServiceLinkedRole {
        let service = live.path.strip_prefix(PATH).and_then(|path| path.strip_suffix('/')).unwrap_or_default();
        ServiceLinkedRole {
            aws_service_name: service.to_string(),
            create_date: times::stored(Some(&live.create_date)),
            custom_suffix: live.role_name.split_once('_').map_or("", |(_, suffix)| suffix).to_string(),
            description: live.description.unwrap_or_default(),
            id: live.arn.clone(),
            arn: live.arn,
            name: live.role_name,
            path: live.path,
            tags_all: tags::live(live.tags),
            unique_id: live.role_id,
            created: Some(live.create_date),
            ..self.clone()
        }
    }
}

/// The name at the end of a role's ARN.
fn role_name(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// Whether a deletion came to its end; `NotReady` while it did not.
async fn deleted(aws: &Aws, task: &str) -> Result<(), ProviderError> {
    let call = aws.iam().get_service_linked_role_deletion_status().deletion_task_id(task);
    let answer = call.send().await.operation("iam:GetServiceLinkedRoleDeletionStatus")?;
    let operation = "delete aws_iam_service_linked_role";
    match answer.status {
        DeletionTaskStatusType::Succeeded => Ok(()),
        DeletionTaskStatusType::Failed => {
            let reason = answer.reason.as_ref().and_then(|reason| reason.reason.clone());
            let users = answer.reason.and_then(|reason| reason.role_usage_list).unwrap_or_default();
            let users: Vec<String> = users.into_iter().flat_map(|usage| usage.resources.unwrap_or_default()).collect();
            let error = ProviderError::new(
                ErrorKind::Conflict,
                operation,
                reason.unwrap_or_else(|| "the service refused".into()),
            );
            Err(if users.is_empty() { error } else { error.hint(format!("these use it: {}", users.join(", "))) })
        }
        status => {
            Err(ProviderError::new(ErrorKind::NotReady, operation, format!("the deletion is {}", status.as_str())))
        }
    }
}

async fn update_tags(aws: &Aws, role: &str, change: &TagChange) -> Result<(), ProviderError> {
    if !change.remove.is_empty() {
        let keys = Some(change.remove.clone());
        aws.iam().untag_role().role_name(role).set_tag_keys(keys).send().await.operation("iam:UntagRole")?;
    }
    if let Some(tags) = tags::request(&change.set) {
        aws.iam().tag_role().role_name(role).set_tags(Some(tags)).send().await.operation("iam:TagRole")?;
    }
    Ok(())
}
