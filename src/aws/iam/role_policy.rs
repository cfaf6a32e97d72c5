//! `aws_iam_role_policy`: a policy that is part of a role.

use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::iam::{inline_policy, validate};
use crate::names;
use crate::policy;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IamRolePolicy {
    /// `ROLE:NAME`
    id: String,
    name: String,
    name_prefix: String,
    policy: String,
    role: String,
}

impl Resource for IamRolePolicy {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_role_policy";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        if inline_policy(aws, &want.role, &name).await?.is_some() {
            let message = format!("the role `{}` has a policy named `{name}` already", want.role);
            return Err(taken("iam:PutRolePolicy", message));
        }
        put(aws, &want.role, &name, &want.policy).await?;
        Ok(IamRolePolicy { id: format!("{}:{name}", want.role), name, ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut policies = Vec::with_capacity(have.len());
        for policy in have {
            let (role, name) = parts(&policy.id)?;
            let document = inline_policy(aws, role, name).await?;
            policies.push(document.map(|document| IamRolePolicy {
                name: name.to_string(),
                role: role.to_string(),
                policy: document,
                ..policy.clone()
            }));
        }
        Ok(policies)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        put(aws, &have.role, &have.name, &want.policy).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let delete = aws.iam().delete_role_policy().role_name(&have.role).policy_name(&have.name);
        delete.send().await.operation("iam:DeleteRolePolicy")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        // `create` refuses a name that is taken, so a policy of this name can only be its own.
        let name = names::given_or_unique(&want.name, &want.name_prefix, token);
        let wanted = IamRolePolicy { id: format!("{}:{name}", want.role), ..want.clone() };
        Ok(Self::read(aws, &[wanted]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        parts(id)?;
        Ok(IamRolePolicy { id: id.to_string(), ..IamRolePolicy::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        attribute == "policy" && policy::is_equivalent_value(prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let root = Path::root();
        validate::name(config, &root, "name").into_iter().chain(validate::document(config, &root, "policy")).collect()
    }
}

async fn put(aws: &Aws, role: &str, name: &str, document: &str) -> Result<(), ProviderError> {
    let put = aws.iam().put_role_policy().role_name(role).policy_name(name).policy_document(document);
    put.send().await.operation("iam:PutRolePolicy")?;
    Ok(())
}

/// Role and name of an identifier.
fn parts(id: &str) -> Result<(&str, &str), ProviderError> {
    id.split_once(':').filter(|(role, name)| !role.is_empty() && !name.is_empty()).ok_or_else(|| {
        ProviderError::invalid("read aws_iam_role_policy", format!("`{id}` does not have the form `ROLE:NAME`"))
    })
}
