//! `aws_secretsmanager_secret_version`: a value of a secret.
//!
//! The version that is in use can't be taken away: a destroy leaves it to the secret, and a new version makes it the
//! previous one. Its identifier is the token of the create, so that a create which is repeated makes no second one.

use aws_smithy_types::{Blob, base64};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::secretsmanager::{CURRENT, is_marked_for_deletion, value};
use crate::{given, refusals};

/// The largest value, in bytes; PutSecretValue, `SecretString`.
const VALUE_LENGTH_MAX: usize = 65_536;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SecretVersion {
    arn: String,
    has_secret_string_wo: Option<bool>,
    id: String,
    /// Base64.
    secret_binary: String,
    secret_id: String,
    secret_string: String,
    secret_string_wo: Option<String>,
    secret_string_wo_version: Option<i64>,
    version_id: String,
    version_stages: Vec<String>,
}

impl Resource for SecretVersion {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_secretsmanager_secret_version";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let write_only = want.secret_string_wo.clone().filter(|text| !text.is_empty());
        let has_write_only = write_only.is_some();
        let put = aws
            .secretsmanager()
            .put_secret_value()
            .secret_id(&want.secret_id)
            .client_request_token(creation.token.id.as_ref())
            .set_secret_binary(want.binary()?)
            .set_secret_string(write_only.or_else(|| given::text(&want.secret_string)))
            .set_version_stages(given::list(want.version_stages.iter().cloned()))
            .send()
            .await
            .operation("secretsmanager:PutSecretValue")?;
        let version_id = put.version_id.unwrap_or_default();
        Ok(SecretVersion {
            arn: put.arn.unwrap_or_default(),
            has_secret_string_wo: has_write_only.then_some(true),
            id: format!("{}|{version_id}", want.secret_id),
            version_id,
            version_stages: put.version_stages.unwrap_or_default(),
            ..want.clone()
        })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut versions = Vec::with_capacity(have.len());
        for version in have {
            versions.push(read_one(aws, version).await?);
        }
        Ok(versions)
    }

    /// All but the stages is of another version.
    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let added: Vec<&String> =
            want.version_stages.iter().filter(|stage| !have.version_stages.contains(stage)).collect();
        if !added.is_empty() {
            let call = aws.secretsmanager().describe_secret().secret_id(&have.secret_id);
            let secret = call.send().await.operation("secretsmanager:DescribeSecret")?;
            let versions = secret.version_ids_to_stages.unwrap_or_default();
            for stage in added {
                let holder =
                    versions.iter().find(|(_, stages)| stages.contains(stage)).map(|(version, _)| version.clone());
                let call = aws.secretsmanager().update_secret_version_stage().secret_id(&have.secret_id);
                let call = call.version_stage(stage).move_to_version_id(&have.version_id);
                let call = call.set_remove_from_version_id(holder);
                call.send().await.operation("secretsmanager:UpdateSecretVersionStage")?;
            }
        }
        for stage in have.version_stages.iter().filter(|stage| !want.version_stages.contains(stage)) {
            remove_stage(aws, have, stage).await?;
        }
        Ok(())
    }

    /// A version without stages is as good as gone.
    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        for stage in &have.version_stages {
            match remove_stage(aws, have, stage).await {
                Err(error) if is_marked_for_deletion(&error) => return Ok(()),
                ended => ended?,
            }
        }
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let has_write_only = want.secret_string_wo.is_some() || want.secret_string_wo_version.is_some();
        let version = SecretVersion {
            has_secret_string_wo: has_write_only.then_some(true),
            id: format!("{}|{}", want.secret_id, token.id),
            version_id: token.id.to_string(),
            ..want.clone()
        };
        read_one(aws, &version).await
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let Some((secret_id, version_id)) =
            id.rsplit_once('|').filter(|(secret, version)| !secret.is_empty() && !version.is_empty())
        else {
            let message = format!("`{id}` is not of the form SECRET_ID|VERSION_ID");
            return Err(ProviderError::invalid("import aws_secretsmanager_secret_version", message));
        };
        Ok(SecretVersion {
            id: id.to_string(),
            secret_id: secret_id.to_string(),
            version_id: version_id.to_string(),
            ..SecretVersion::default()
        })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let binary = refusals::text(config, "secret_binary").filter(|text| base64::decode(text).is_err());
        let binary = binary.map(|_| refusals::invalid("secret_binary", "It must be base64; `base64encode` makes it."));
        let too_long = ["secret_string", "secret_string_wo"].into_iter().filter_map(|attribute| {
            let length = refusals::text(config, attribute)?.len();
            let detail = format!("A value has at most {VALUE_LENGTH_MAX} bytes, and this one has {length}.");
            (length > VALUE_LENGTH_MAX).then(|| refusals::invalid(attribute, detail))
        });
        binary.into_iter().chain(too_long).chain(refuse_nothing(config)).collect()
    }
}

/// PutSecretValue wants a value.
fn refuse_nothing(config: &Value) -> Option<Refusal> {
    let is_nothing = ["secret_string", "secret_string_wo", "secret_binary"].iter().all(|attribute| {
        refusals::is_missing(config, attribute) || refusals::text(config, attribute).is_some_and(|text| text.is_empty())
    });
    let detail = "A version has a value: set one of `secret_string`, `secret_string_wo` and `secret_binary` to a text that is not empty.";
    is_nothing
        .then(|| refusals::refusal(model::path::Path::attribute("secret_string"), "the version has no value", detail))
}

impl SecretVersion {
    fn binary(&self) -> Result<Option<Blob>, ProviderError> {
        if self.secret_binary.is_empty() {
            return Ok(None);
        }
        let bytes = base64::decode(&self.secret_binary);
        let bytes = bytes.map_err(|_| {
            ProviderError::invalid("create aws_secretsmanager_secret_version", "`secret_binary` is not base64")
        })?;
        Ok(Some(Blob::new(bytes)))
    }
}

async fn read_one(aws: &Aws, have: &SecretVersion) -> Result<Option<SecretVersion>, ProviderError> {
    let live = match value(aws, &have.secret_id, &have.version_id, "").await {
        Ok(live) => live,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    // A value that only the configuration holds is not to be stored.
    let (text, bytes) = match have.has_secret_string_wo {
        Some(true) => (None, None),
        Some(false) | None => (live.secret_string, live.secret_binary),
    };
    Ok(Some(SecretVersion {
        arn: live.arn.unwrap_or_default(),
        secret_binary: bytes.map(base64::encode).unwrap_or_default(),
        secret_string: text.unwrap_or_default(),
        secret_string_wo: None,
        version_stages: live.version_stages.unwrap_or_default(),
        ..have.clone()
    }))
}

/// Takes a stage off the version; the current one moves only with a new version.
async fn remove_stage(aws: &Aws, version: &SecretVersion, stage: &str) -> Result<(), ProviderError> {
    if stage == CURRENT {
        return Ok(());
    }
    let call = aws.secretsmanager().update_secret_version_stage().secret_id(&version.secret_id);
    let call = call.version_stage(stage).remove_from_version_id(&version.version_id);
    match call.send().await.operation("secretsmanager:UpdateSecretVersionStage") {
        // It may have moved on to another version since it was read.
        Err(error) if error.code.as_deref() == Some("InvalidParameterException") => Ok(()),
        ended => ended.map(drop),
    }
}
