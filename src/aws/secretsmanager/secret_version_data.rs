//! `data.aws_secretsmanager_secret_version`: the value of a secret.

use provider::data_source::DataSource;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::secretsmanager::{CURRENT, binary_text, value};
use crate::times;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SecretVersion {
    arn: String,
    created_date: String,
    id: String,
    secret_binary: String,
    secret_id: String,
    secret_string: String,
    version_id: String,
    version_stage: Option<String>,
    version_stages: Vec<String>,
}

impl DataSource for SecretVersion {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_secretsmanager_secret_version";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let stage = want.version_stage.as_deref().filter(|stage| !stage.is_empty()).unwrap_or(CURRENT);
        // A version is looked up by its identifier, if that is given, and by its stage otherwise.
        let (version, by_stage) = match want.version_id.as_str() {
            "" => (stage, stage),
            version => (version, ""),
        };
        let live = value(aws, &want.secret_id, &want.version_id, by_stage).await?;
        Ok(SecretVersion {
            arn: live.arn.unwrap_or_default(),
            created_date: times::stored(live.created_date.as_ref()),
            id: format!("{}|{version}", want.secret_id),
            secret_binary: binary_text(live.secret_binary.as_ref()),
            secret_id: want.secret_id.clone(),
            secret_string: live.secret_string.unwrap_or_default(),
            version_id: live.version_id.unwrap_or_default(),
            version_stage: Some(stage.to_string()),
            version_stages: live.version_stages.unwrap_or_default(),
        })
    }
}
