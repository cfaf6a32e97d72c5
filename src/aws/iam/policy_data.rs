//! `data.aws_iam_policy`: a managed policy of the account or of AWS, by its ARN or its name.

use aws_sdk_iam::types::PolicyScopeType;
use model::path::Path;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::iam::policy::{described, find_by_name};
use crate::iam::{given, tags};
use crate::tags::shown;

const OPERATION: &str = "read aws_iam_policy";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    arn: String,
    attachment_count: i32,
    description: String,
    id: String,
    name: String,
    path: String,
    path_prefix: Option<String>,
    policy: String,
    policy_id: String,
    tags: Tags,
}

impl DataSource for Policy {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_policy";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let arn = match (given(&want.arn), given(&want.name)) {
            (Some(arn), _) => arn,
            (None, Some(name)) => arn_of(aws, &name, want.path_prefix.as_deref()).await?,
            (None, None) => return Err(ProviderError::invalid(OPERATION, "one of `arn` and `name` is required")),
        };
        let Some((live, policy)) = described(aws, &arn).await? else {
            return Err(ProviderError::new(ErrorKind::NotFound, OPERATION, format!("there is no policy `{arn}`")));
        };
        Ok(Policy {
            arn: arn.clone(),
            attachment_count: live.attachment_count.unwrap_or_default(),
            description: live.description.unwrap_or_default(),
            id: arn,
            name: live.policy_name.unwrap_or_default(),
            path: live.path.unwrap_or_default(),
            path_prefix: want.path_prefix.clone(),
            policy,
            policy_id: live.policy_id.unwrap_or_default(),
            tags: shown(aws, tags::live(live.tags)),
        })
    }
}

async fn arn_of(aws: &Aws, name: &str, path_prefix: Option<&str>) -> Result<String, ProviderError> {
    let found = find_by_name(aws, name, path_prefix.and_then(given), PolicyScopeType::All).await?;
    let arns: Vec<&str> = found.iter().filter_map(|policy| policy.arn.as_deref()).collect();
    match arns.as_slice() {
        [arn] => Ok((*arn).to_string()),
        [] => {
            let below = path_prefix.map(|prefix| format!(" below the path `{prefix}`")).unwrap_or_default();
            let message = format!("there is no policy named `{name}`{below}");
            Err(ProviderError::new(ErrorKind::NotFound, OPERATION, message).attribute(Path::attribute("name")))
        }
        several => {
            let message = format!("several policies are named `{name}`: {}", several.join(", "));
            Err(ProviderError::invalid(OPERATION, message)
                .attribute(Path::attribute("name"))
                .hint("name the one by `arn`, or its path by `path_prefix`"))
        }
    }
}
