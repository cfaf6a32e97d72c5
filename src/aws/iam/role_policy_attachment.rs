//! `aws_iam_role_policy_attachment`: a managed policy attached to a role.

use std::collections::BTreeMap;

use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::arn;
use crate::clients::Aws;
use crate::failure::Operation;
use crate::iam::attached_policy_arns;
use crate::names;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct IamRolePolicyAttachment {
    /// Made up: `ROLE-SUFFIX`. An attachment has no identifier of its own.
    id: String,
    policy_arn: String,
    role: String,
}

impl Resource for IamRolePolicyAttachment {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_role_policy_attachment";
    /// One call lists all attachments of a role, however many are asked for.
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let attach = aws.iam().attach_role_policy().role_name(&want.role).policy_arn(&want.policy_arn);
        attach.send().await.operation("iam:AttachRolePolicy")?;
        Ok(IamRolePolicyAttachment { id: made_up_id(&want.role, creation.token), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut attached: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for attachment in have {
            if !attached.contains_key(attachment.role.as_str()) {
                let arns = attached_policy_arns(aws, &attachment.role).await?.unwrap_or_default();
                attached.insert(&attachment.role, arns);
            }
        }
        let is_there = |attachment: &&Self| attached[attachment.role.as_str()].contains(&attachment.policy_arn);
        Ok(have.iter().map(|attachment| Some(attachment).filter(is_there).cloned()).collect())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let detach = aws.iam().detach_role_policy().role_name(&have.role).policy_arn(&have.policy_arn);
        detach.send().await.operation("iam:DetachRolePolicy")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        // Attaching is idempotent: an attachment that is there is the one wanted, whoever made it.
        let wanted = IamRolePolicyAttachment { id: made_up_id(&want.role, token), ..want.clone() };
        Ok(Self::read(aws, &[wanted]).await?.pop().flatten())
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        if let Some(policy) = config.get("policy_arn") {
            arn::check(Path::attribute("policy_arn"), &policy, &mut refusals);
        }
        refusals
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let (role, policy_arn) = id.split_once('/').ok_or_else(|| {
            ProviderError::invalid(
                "import aws_iam_role_policy_attachment",
                format!("`{id}` does not have the form `ROLE/POLICY_ARN`"),
            )
        })?;
        let id = format!("{role}-{policy_arn}");
        Ok(IamRolePolicyAttachment { id, policy_arn: policy_arn.to_string(), role: role.to_string() })
    }
}

fn made_up_id(role: &str, token: &Token) -> String {
    names::unique(&format!("{role}-"), token)
}
