//! `aws_iam_role_policies_exclusive`: which inline policies a role may have. Others are taken away; none is made.

use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::iam::{inline_policy_names, validate};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RolePoliciesExclusive {
    policy_names: Vec<String>,
    role_name: String,
}

impl Resource for RolePoliciesExclusive {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_role_policies_exclusive";
    const WAITS_FOR_DELETE: bool = false;

    /// The type has no attribute `id`; a role has one object of it at most.
    fn id(&self) -> &str {
        &self.role_name
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        enforce(aws, want).await?;
        Ok(want.clone())
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut objects = Vec::with_capacity(have.len());
        for object in have {
            objects.push(match inline_policy_names(aws, &object.role_name).await {
                Ok(policy_names) => Some(RolePoliciesExclusive { policy_names, ..object.clone() }),
                Err(error) if error.is_not_found() => None,
                Err(error) => return Err(error),
            });
        }
        Ok(objects)
    }

    async fn update(aws: &Aws, _have: &Self, want: &Self) -> Result<(), ProviderError> {
        enforce(aws, want).await
    }

    /// The policies stay; only nobody looks after them any more.
    async fn delete(_aws: &Aws, _have: &Self) -> Result<(), ProviderError> {
        Ok(())
    }

    /// A create that is repeated finds nothing left to do.
    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(RolePoliciesExclusive { role_name: id.to_string(), ..RolePoliciesExclusive::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        validate::name(config, &Path::root(), "role_name").into_iter().collect()
    }
}

/// Takes away what may not be there; what should be there and isn't is an error.
async fn enforce(aws: &Aws, want: &RolePoliciesExclusive) -> Result<(), ProviderError> {
    let names = inline_policy_names(aws, &want.role_name).await?;
    for name in names.iter().filter(|name| !want.policy_names.contains(name)) {
        let call = aws.iam().delete_role_policy().role_name(&want.role_name).policy_name(name);
        match call.send().await.operation("iam:DeleteRolePolicy") {
            Err(error) if !error.is_not_found() => return Err(error),
            Ok(_) | Err(_) => {}
        }
    }
    match want.policy_names.iter().find(|name| !names.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let message = format!("the role `{}` has no inline policy named `{name}`", want.role_name);
            Err(ProviderError::new(ErrorKind::NotFound, "iam:ListRolePolicies", message)
                .attribute(Path::attribute("policy_names"))
                .hint("make it with `aws_iam_role_policy`, and take its name from there"))
        }
    }
}
