//! `ephemeral.aws_secretsmanager_secret_version`: the value of a secret, for one run only.

use provider::data_source::DataSource;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::secretsmanager::{binary_text, value};
use crate::times;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SecretVersion {
    arn: String,
    created_date: String,
    secret_binary: Option<String>,
    secret_id: String,
    secret_string: Option<String>,
    version_id: String,
    version_stage: Option<String>,
    version_stages: Vec<String>,
}

impl DataSource for SecretVersion {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_secretsmanager_secret_version";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let stage = want.version_stage.clone().unwrap_or_default();
        let live = value(aws, &want.secret_id, &want.version_id, &stage).await?;
        Ok(SecretVersion {
            arn: live.arn.unwrap_or_default(),
            created_date: times::stored(live.created_date.as_ref()),
            secret_binary: live.secret_binary.as_ref().map(|bytes| binary_text(Some(bytes))),
            secret_id: want.secret_id.clone(),
            secret_string: live.secret_string,
            version_id: live.version_id.unwrap_or_default(),
            version_stage: want.version_stage.clone(),
            version_stages: live.version_stages.unwrap_or_default(),
        })
    }
}
