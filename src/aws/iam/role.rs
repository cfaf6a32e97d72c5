//! `aws_iam_role`: an identity that services and people take.
//!
//! `inline_policy` and `managed_policy_arns` take exclusive ownership of a role's policies where they are given. Where they
//! aren't, the role's policies are the business of other resources, and the role neither reads nor touches them.

use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::arn;
use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::iam::{
    attached_policy_arns, decode_document, given, inline_policy, inline_policy_names, is_older, tags, timestamp,
    validate,
};
use crate::names;
use crate::policy;
use crate::tags::TagChange;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IamRole {
    arn: String,
    assume_role_policy: String,
    create_date: String,
    description: String,
    force_detach_policies: bool,
    id: String,
    inline_policy: Vec<InlinePolicy>,
    managed_policy_arns: Vec<String>,
    max_session_duration: i32,
    name: String,
    name_prefix: String,
    path: String,
    permissions_boundary: String,
    tags: Tags,
    tags_all: Tags,
    unique_id: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct InlinePolicy {
    name: String,
    policy: String,
}

impl Resource for IamRole {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_role";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        let created = aws
            .iam()
            .create_role()
            .role_name(&name)
            .assume_role_policy_document(&want.assume_role_policy)
            .set_description(given(&want.description))
            .set_max_session_duration((want.max_session_duration != 0).then_some(want.max_session_duration))
            .set_path(given(&want.path))
            .set_permissions_boundary(given(&want.permissions_boundary))
            .set_tags(tags::request(&want.tags_all))
            .send()
            .await
            .operation("iam:CreateRole")?;
        let mut role = IamRole { id: name.clone(), name, ..want.clone() };
        if let Some(live) = created.role {
            role.arn = live.arn;
            role.unique_id = live.role_id;
        }
        let _durable = creation.born(&role).await;
        let bare = IamRole { inline_policy: Vec::new(), managed_policy_arns: Vec::new(), ..role.clone() };
        update_policies(aws, &bare, &role).await?;
        Ok(role)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut roles = Vec::with_capacity(have.len());
        for role in have {
            roles.push(read_one(aws, role).await?);
        }
        Ok(roles)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let iam = aws.iam();
        if !policy::is_equivalent(&have.assume_role_policy, &want.assume_role_policy) {
            iam.update_assume_role_policy()
                .role_name(&have.id)
                .policy_document(&want.assume_role_policy)
                .send()
                .await
                .operation("iam:UpdateAssumeRolePolicy")?;
        }
        if have.description != want.description || have.max_session_duration != want.max_session_duration {
            iam.update_role()
                .role_name(&have.id)
                .description(&want.description)
                .max_session_duration(want.max_session_duration)
                .send()
                .await
                .operation("iam:UpdateRole")?;
        }
        match (have.permissions_boundary == want.permissions_boundary, given(&want.permissions_boundary)) {
            (true, _) => {}
            (false, Some(boundary)) => {
                let put = iam.put_role_permissions_boundary().role_name(&have.id).permissions_boundary(boundary);
                put.send().await.operation("iam:PutRolePermissionsBoundary")?;
            }
            (false, None) => {
                let delete = iam.delete_role_permissions_boundary().role_name(&have.id);
                delete.send().await.operation("iam:DeleteRolePermissionsBoundary")?;
            }
        }
        update_policies(aws, have, want).await?;
        update_tags(aws, &have.id, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.force_detach_policies {
            let bare = IamRole { inline_policy: Vec::new(), managed_policy_arns: Vec::new(), ..have.clone() };
            let full = IamRole {
                inline_policy: read_inline_policies(aws, &have.id).await?,
                managed_policy_arns: attached_policy_arns(aws, &have.id).await?.unwrap_or_default(),
                ..have.clone()
            };
            update_policies(aws, &full, &bare).await?;
        } else {
            let bare = IamRole { inline_policy: Vec::new(), managed_policy_arns: Vec::new(), ..have.clone() };
            update_policies(aws, have, &bare).await?;
        }
        aws.iam().delete_role().role_name(&have.id).send().await.operation("iam:DeleteRole")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, token);
        let found = read_one(aws, &IamRole { id: name.clone(), ..want.clone() }).await?;
        let Some(role) = found else { return Ok(None) };
        if is_older(&role.create_date, token) {
            let message = format!("a role named `{name}` was there before this create");
            return Err(taken("iam:CreateRole", message));
        }
        Ok(Some(role))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(IamRole { id: id.to_string(), ..IamRole::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        matches!(attribute, "assume_role_policy" | "inline_policy.policy") && policy::is_equivalent_value(prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let root = Path::root();
        let own = [validate::name(config, &root, "name"), validate::document(config, &root, "assume_role_policy")];
        let mut refusals: Vec<Refusal> = own.into_iter().flatten().collect();
        if let Some(boundary) = config.get("permissions_boundary") {
            arn::check(Path::attribute("permissions_boundary"), &boundary, &mut refusals);
        }
        if let Some(arns) = config.get("managed_policy_arns") {
            let path = Path::attribute("managed_policy_arns");
            arns.each_child(|step, policy| arn::check(path.child(step), policy, &mut refusals));
        }
        if let Some(policies) = config.get("inline_policy") {
            policies.each_child(|step, policy| {
                let path = Path::attribute("inline_policy").child(step);
                refusals.extend(validate::name(policy, &path, "name"));
                refusals.extend(validate::document(policy, &path, "policy"));
            });
        }
        refusals
    }
}

async fn read_one(aws: &Aws, have: &IamRole) -> Result<Option<IamRole>, ProviderError> {
    let live = match aws.iam().get_role().role_name(&have.id).send().await.operation("iam:GetRole") {
        Ok(answer) => answer.role,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(live) = live else { return Ok(None) };
    let mut role = IamRole {
        arn: live.arn,
        assume_role_policy: live.assume_role_policy_document.as_deref().map(decode_document).unwrap_or_default(),
        create_date: timestamp(&live.create_date),
        description: live.description.unwrap_or_default(),
        id: live.role_name.clone(),
        max_session_duration: live.max_session_duration.unwrap_or(3600),
        name: live.role_name,
        path: live.path,
        permissions_boundary: live
            .permissions_boundary
            .and_then(|boundary| boundary.permissions_boundary_arn)
            .unwrap_or_default(),
        tags_all: tags::live(live.tags),
        unique_id: live.role_id,
        ..have.clone()
    };
    if !have.managed_policy_arns.is_empty() {
        role.managed_policy_arns = attached_policy_arns(aws, &role.id).await?.unwrap_or_default();
    }
    if !have.inline_policy.is_empty() {
        role.inline_policy = read_inline_policies(aws, &role.id).await?;
    }
    Ok(Some(role))
}

async fn read_inline_policies(aws: &Aws, role: &str) -> Result<Vec<InlinePolicy>, ProviderError> {
    let mut policies = Vec::new();
    for name in inline_policy_names(aws, role).await? {
        if let Some(policy) = inline_policy(aws, role, &name).await? {
            policies.push(InlinePolicy { name, policy });
        }
    }
    Ok(policies)
}

/// Attaches and detaches managed policies, puts and deletes inline ones.
async fn update_policies(aws: &Aws, have: &IamRole, want: &IamRole) -> Result<(), ProviderError> {
    let iam = aws.iam();
    for arn in have.managed_policy_arns.iter().filter(|arn| !want.managed_policy_arns.contains(arn)) {
        let detach = iam.detach_role_policy().role_name(&have.id).policy_arn(arn);
        detach.send().await.operation("iam:DetachRolePolicy")?;
    }
    for arn in want.managed_policy_arns.iter().filter(|arn| !have.managed_policy_arns.contains(arn)) {
        let attach = iam.attach_role_policy().role_name(&have.id).policy_arn(arn);
        attach.send().await.operation("iam:AttachRolePolicy")?;
    }
    let is_wanted = |name: &str| want.inline_policy.iter().any(|policy| policy.name == name);
    for policy in have.inline_policy.iter().filter(|policy| !is_wanted(&policy.name)) {
        let delete = iam.delete_role_policy().role_name(&have.id).policy_name(&policy.name);
        delete.send().await.operation("iam:DeleteRolePolicy")?;
    }
    for policy in
        want.inline_policy.iter().filter(|policy| !policy.name.is_empty() && !have.inline_policy.contains(policy))
    {
        let put = iam.put_role_policy().role_name(&have.id).policy_name(&policy.name).policy_document(&policy.policy);
        put.send().await.operation("iam:PutRolePolicy")?;
    }
    Ok(())
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
