//! `data.aws_secretsmanager_secret`: a secret by its name or ARN, without its value.

use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::secretsmanager::{policy, tags};
use crate::tags::shown;
use crate::times;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Secret {
    arn: String,
    created_date: String,
    description: String,
    id: String,
    kms_key_id: String,
    last_changed_date: String,
    name: String,
    policy: String,
    tags: Tags,
}

impl DataSource for Secret {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_secretsmanager_secret";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let id = match (want.arn.as_str(), want.name.as_str()) {
            ("", "") => {
                return Err(ProviderError::invalid(
                    "read data.aws_secretsmanager_secret",
                    "neither `arn` nor `name` is set",
                )
                .hint("set one of them"));
            }
            ("", name) => name,
            (arn, "") => arn,
            (_, _) => {
                return Err(ProviderError::invalid(
                    "read data.aws_secretsmanager_secret",
                    "both `arn` and `name` are set",
                )
                .hint("leave out one of them"));
            }
        };
        let describe = async {
            let call = aws.secretsmanager().describe_secret().secret_id(id);
            call.send().await.operation("secretsmanager:DescribeSecret")
        };
        let (live, policy) = futures::try_join!(describe, policy(aws, id))?;
        if live.deleted_date.is_some() {
            let message = format!("the secret `{id}` is marked for deletion");
            return Err(ProviderError::new(ErrorKind::NotFound, "secretsmanager:DescribeSecret", message)
                .hint("`aws secretsmanager restore-secret` brings it back"));
        }
        let arn = live.arn.unwrap_or_default();
        Ok(Secret {
            id: arn.clone(),
            arn,
            created_date: times::stored(live.created_date.as_ref()),
            description: live.description.unwrap_or_default(),
            kms_key_id: live.kms_key_id.unwrap_or_default(),
            last_changed_date: times::stored(live.last_changed_date.as_ref()),
            name: live.name.unwrap_or_default(),
            policy,
            tags: shown(aws, tags::live(live.tags)),
        })
    }
}
