//! `data.aws_kms_alias`: the key behind an alias.

use model::path::Path;
use provider::data_source::DataSource;
use provider::error::{ErrorKind, ProviderError};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::kms::aliases;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Alias {
    arn: String,
    id: String,
    name: String,
    target_key_arn: String,
    target_key_id: String,
}

impl DataSource for Alias {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_kms_alias";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let live = aliases(aws, None).await?;
        let Some(live) = live.into_iter().find(|live| live.alias_name.as_deref() == Some(&want.name)) else {
            let message = format!("there is no alias named `{}`", want.name);
            return Err(
                ProviderError::new(ErrorKind::NotFound, "kms:ListAliases", message).attribute(Path::attribute("name"))
            );
        };
        // Aliases of AWS's own keys name no key before its first use; describing the alias makes it.
        let key = aws.kms().describe_key().key_id(&want.name).send().await.operation("kms:DescribeKey")?;
        let (target_key_id, target_key_arn) =
            key.key_metadata.map(|key| (key.key_id, key.arn.unwrap_or_default())).unwrap_or_default();
        let arn = live.alias_arn.unwrap_or_default();
        Ok(Alias { id: arn.clone(), arn, name: want.name.clone(), target_key_arn, target_key_id })
    }
}
