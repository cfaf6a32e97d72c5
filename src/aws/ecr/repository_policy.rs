//! `aws_ecr_repository_policy`: who else may use a repository.

use std::time::Duration;

use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};
use crate::{policy, refusals, retry};

/// How long a new role may stay unknown to policies.
const ROLE_ARRIVAL: Duration = Duration::from_secs(120);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RepositoryPolicy {
    id: String,
    policy: String,
    registry_id: String,
    repository: String,
}

impl Resource for RepositoryPolicy {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecr_repository_policy";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    /// SetRepositoryPolicy replaces a policy that is there without a word, so `create` looks first.
    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let policy = RepositoryPolicy { id: want.repository.clone(), ..want.clone() };
        if read_one(aws, &policy).await?.is_some() {
            let message = format!("the repository `{}` has a policy already", want.repository);
            return Err(taken("ecr:SetRepositoryPolicy", message));
        }
        set(aws, want).await?;
        Ok(policy)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut policies = Vec::with_capacity(have.len());
        for policy in have {
            policies.push(read_one(aws, policy).await?);
        }
        Ok(policies)
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        set(aws, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.ecr().delete_repository_policy().repository_name(&have.id);
        call.send().await.operation("ecr:DeleteRepositoryPolicy")?;
        Ok(())
    }

    /// The API doesn't tell when a policy was set; one that says the same is this create's.
    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        let found = read_one(aws, &RepositoryPolicy { id: want.repository.clone(), ..want.clone() }).await?;
        if found.as_ref().is_some_and(|found| !policy::is_equivalent(&found.policy, &want.policy)) {
            let message = format!("the repository `{}` has another policy", want.repository);
            return Err(taken("ecr:SetRepositoryPolicy", message));
        }
        Ok(found)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(RepositoryPolicy { id: id.to_string(), ..RepositoryPolicy::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        attribute == "policy" && policy::is_equivalent_value(prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refusals::document(config, "policy").into_iter().collect()
    }
}

async fn set(aws: &Aws, want: &RepositoryPolicy) -> Result<(), ProviderError> {
    let is_role_missing = |error: &ProviderError| {
        error.code.as_deref() == Some("InvalidParameterException") && error.message.contains("Principal not found")
    };
    let set = retry::while_passing(ROLE_ARRIVAL, is_role_missing, || async {
        let call = aws.ecr().set_repository_policy().repository_name(&want.repository).policy_text(&want.policy);
        call.send().await.operation("ecr:SetRepositoryPolicy")
    });
    set.await?;
    Ok(())
}

async fn read_one(aws: &Aws, have: &RepositoryPolicy) -> Result<Option<RepositoryPolicy>, ProviderError> {
    let call = aws.ecr().get_repository_policy().repository_name(&have.id);
    match call.send().await.operation("ecr:GetRepositoryPolicy") {
        Ok(live) => Ok(Some(RepositoryPolicy {
            id: have.id.clone(),
            policy: policy::as_written(&have.policy, live.policy_text.unwrap_or_default()),
            registry_id: live.registry_id.unwrap_or_default(),
            repository: live.repository_name.unwrap_or_default(),
        })),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
