//! `data.aws_ssm_parameter`: a parameter and its value.

use aws_sdk_ssm::types::ParameterType;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameter {
    arn: String,
    id: String,
    insecure_value: String,
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
        let call = aws.ssm().get_parameter().name(&want.name).with_decryption(decrypts);
        let Some(live) = call.send().await.operation("ssm:GetParameter")?.parameter else {
            return Err(ProviderError::new(ErrorKind::NotFound, "ssm:GetParameter", "the answer holds no parameter"));
        };
        let value = live.value.unwrap_or_default();
        let is_secure = live.r#type == Some(ParameterType::SecureString);
        Ok(Parameter {
            arn: live.arn.unwrap_or_default(),
            id: want.name.clone(),
            insecure_value: if is_secure { String::new() } else { value.clone() },
            name: live.name.unwrap_or_default(),
            kind: live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            value,
            version: live.version,
            with_decryption: Some(decrypts),
        })
    }
}
