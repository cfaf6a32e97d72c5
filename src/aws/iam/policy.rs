//! `aws_iam_policy`: a managed policy, which roles, users and groups attach.
//!
//! A policy's document changes by a new version that becomes the default one. IAM keeps five versions at most, so the
//! oldest makes room; all are deleted before the policy can be.

use aws_sdk_iam::types::{Policy, PolicyScopeType, PolicyVersion};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::iam::{decode_document, given, is_older, tags, timestamp, validate};
use crate::names;
use crate::policy;
use crate::tags::TagChange;

/// How many versions a policy may have.
const VERSIONS_MAX: usize = 5;

/// How many characters a document may have, white space aside.
const DOCUMENT_LENGTH_MAX: usize = 6144;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IamPolicy {
    arn: String,
    attachment_count: i32,
    description: String,
    id: String,
    name: String,
    name_prefix: String,
    path: String,
    policy: String,
    policy_id: String,
    tags: Tags,
    tags_all: Tags,
    #[serde(skip)]
    create_date: String,
}

impl Resource for IamPolicy {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_policy";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        let created = aws
            .iam()
            .create_policy()
            .policy_name(&name)
            .policy_document(&want.policy)
            .set_description(given(&want.description))
            .set_path(given(&want.path))
            .set_tags(tags::request(&want.tags_all))
            .send()
            .await
            .operation("iam:CreatePolicy")?;
        let arn = created.policy.and_then(|live| live.arn).unwrap_or_default();
        Ok(IamPolicy { id: arn.clone(), arn, name, ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut policies = Vec::with_capacity(have.len());
        for policy in have {
            policies.push(read_one(aws, &policy.id).await?);
        }
        Ok(policies)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if !policy::is_equivalent(&have.policy, &want.policy) {
            make_room(aws, &have.id).await?;
            let version = aws.iam().create_policy_version().policy_arn(&have.id).policy_document(&want.policy);
            version.set_as_default(true).send().await.operation("iam:CreatePolicyVersion")?;
        }
        update_tags(aws, &have.id, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        for version in versions(aws, &have.id).await? {
            if !version.is_default_version {
                delete_version(aws, &have.id, &version).await?;
            }
        }
        let deleted = aws.iam().delete_policy().policy_arn(&have.id).send().await.operation("iam:DeletePolicy");
        deleted.map_err(|error| match error.kind == ErrorKind::Conflict {
            true => error.hint("detach it from all roles, users and groups that others attached it to"),
            false => error,
        })?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, token);
        // Names are unique in an account, whatever the path.
        let Some(live) = find_by_name(aws, &name, None, PolicyScopeType::Local).await?.pop() else { return Ok(None) };
        let Some(policy) = read_one(aws, live.arn.as_deref().unwrap_or_default()).await? else { return Ok(None) };
        if is_older(&policy.create_date, token) {
            let message = format!("a policy named `{name}` was there before this create");
            return Err(taken("iam:CreatePolicy", message));
        }
        Ok(Some(policy))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        if !crate::arn::is_arn(id) {
            let message = format!("`{id}` is not the ARN of a policy");
            return Err(ProviderError::invalid("import aws_iam_policy", message));
        }
        Ok(IamPolicy { id: id.to_string(), ..IamPolicy::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        attribute == "policy" && policy::is_equivalent_value(prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let root = Path::root();
        let names =
            ["name", "name_prefix"].into_iter().filter_map(|attribute| validate::name(config, &root, attribute));
        names.chain(validate::document(config, &root, "policy")).chain(refuse_long(config)).collect()
    }
}

fn refuse_long(config: &Value) -> Option<Refusal> {
    let document = config.get("policy")?;
    let length = document.reveal().as_str()?.chars().filter(|c| !c.is_whitespace()).count();
    (length > DOCUMENT_LENGTH_MAX).then(|| Refusal {
        attribute: Path::attribute("policy"),
        summary: "the policy is too long".into(),
        detail: format!(
            "It has {length} characters, white space aside; IAM takes {DOCUMENT_LENGTH_MAX} at most. Divide it into several policies."
        ),
    })
}

async fn read_one(aws: &Aws, arn: &str) -> Result<Option<IamPolicy>, ProviderError> {
    let Some((live, document)) = described(aws, arn).await? else { return Ok(None) };
    let name = live.policy_name.unwrap_or_default();
    let arn = live.arn.unwrap_or_default();
    Ok(Some(IamPolicy {
        id: arn.clone(),
        arn,
        attachment_count: live.attachment_count.unwrap_or_default(),
        description: live.description.unwrap_or_default(),
        name_prefix: names::prefix_of(&name).unwrap_or_default().to_string(),
        name,
        path: live.path.unwrap_or_default(),
        policy: document,
        policy_id: live.policy_id.unwrap_or_default(),
        tags: Tags::new(),
        tags_all: tags::live(live.tags),
        create_date: live.create_date.as_ref().map(timestamp).unwrap_or_default(),
    }))
}

/// A policy and the document of its default version; `None` when it is gone.
pub(super) async fn described(aws: &Aws, arn: &str) -> Result<Option<(Policy, String)>, ProviderError> {
    let live = match aws.iam().get_policy().policy_arn(arn).send().await.operation("iam:GetPolicy") {
        Ok(answer) => answer.policy,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(live) = live else { return Ok(None) };
    let version = live.default_version_id.as_deref().unwrap_or_default();
    let version = aws.iam().get_policy_version().policy_arn(arn).version_id(version);
    match version.send().await.operation("iam:GetPolicyVersion") {
        Ok(answer) => {
            let document = answer.policy_version.and_then(|version| version.document);
            Ok(Some((live, document.as_deref().map(decode_document).unwrap_or_default())))
        }
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The policies of a name; of a scope, there are several only where AWS and the account have one of the same name.
pub(super) async fn find_by_name(
    aws: &Aws,
    name: &str,
    path_prefix: Option<String>,
    scope: PolicyScopeType,
) -> Result<Vec<Policy>, ProviderError> {
    let pages = aws.iam().list_policies().scope(scope).set_path_prefix(path_prefix).into_paginator().items().send();
    let policies = pages.collect::<Result<Vec<_>, _>>().await.operation("iam:ListPolicies")?;
    Ok(policies.into_iter().filter(|policy| policy.policy_name.as_deref() == Some(name)).collect())
}

async fn versions(aws: &Aws, arn: &str) -> Result<Vec<PolicyVersion>, ProviderError> {
    let pages = aws.iam().list_policy_versions().policy_arn(arn).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("iam:ListPolicyVersions")
}

/// Deletes the oldest version when there may be no further one.
async fn make_room(aws: &Aws, arn: &str) -> Result<(), ProviderError> {
    let versions = versions(aws, arn).await?;
    if versions.len() < VERSIONS_MAX {
        return Ok(());
    }
    let candidates = versions.iter().filter(|version| !version.is_default_version);
    match candidates.min_by_key(|version| version.create_date.map(|at| (at.secs(), at.subsec_nanos()))) {
        Some(oldest) => delete_version(aws, arn, oldest).await,
        None => Ok(()),
    }
}

async fn delete_version(aws: &Aws, arn: &str, version: &PolicyVersion) -> Result<(), ProviderError> {
    let delete = aws.iam().delete_policy_version().policy_arn(arn).set_version_id(version.version_id.clone());
    match delete.send().await.operation("iam:DeletePolicyVersion") {
        Err(error) if !error.is_not_found() => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn update_tags(aws: &Aws, arn: &str, change: &TagChange) -> Result<(), ProviderError> {
    if !change.remove.is_empty() {
        let keys = Some(change.remove.clone());
        aws.iam().untag_policy().policy_arn(arn).set_tag_keys(keys).send().await.operation("iam:UntagPolicy")?;
    }
    if let Some(tags) = tags::request(&change.set) {
        aws.iam().tag_policy().policy_arn(arn).set_tags(Some(tags)).send().await.operation("iam:TagPolicy")?;
    }
    Ok(())
}
