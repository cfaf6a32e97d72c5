//! `ephemeral.aws_ssm_parameter`: the value of a parameter, for one run only.

use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameter {
    arn: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    value: String,
    version: i64,
    with_decryption: Option<bool>,
}

impl DataSource for Parameter {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ssm_parameter";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let decrypts = want.with_decryption.unwrap_or(true);
        let call = aws.ssm().get_parameter().name(&want.arn).with_decryption(decrypts);
        let Some(live) = call.send().await.operation("ssm:GetParameter")?.parameter else {
            return Err(ProviderError::new(ErrorKind::NotFound, "ssm:GetParameter", "the answer holds no parameter"));
        };
        Ok(Parameter {
            arn: live.arn.unwrap_or_default(),
            name: live.name.unwrap_or_default(),
            kind: live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            value: live.value.unwrap_or_default(),
            version: live.version,
            with_decryption: Some(decrypts),
        })
    }
}
