//! AWS Secrets Manager: every call is about one secret, named by its ARN or its name.
//!
//! A secret is deleted in two steps: it is marked first, hidden from everything that uses it, and gone some days later. Its
//! name is taken until then.

pub mod secret;
pub mod secret_data;
pub mod secret_version;
pub mod secret_version_data;
pub mod secret_version_ephemeral;

mod tags;

use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use aws_smithy_types::Blob;
use provider::error::ProviderError;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::given;

/// The stage of the version in use.
const CURRENT: &str = "AWSCURRENT";

/// Whether a call was refused because the secret is marked for deletion.
fn is_marked_for_deletion(error: &ProviderError) -> bool {
    error.code.as_deref() == Some("InvalidRequestException")
        && (error.message.contains("marked for deletion")
            || error.message.contains("marked deleted")
            || error.message.contains("scheduled for deletion"))
}

/// A version of a secret by its identifier or its stage.
///
/// # Errors
/// `NotFound` where there is none, too when the secret is marked for deletion: then with a hint that says so.
async fn value(
    aws: &Aws,
    secret_id: &str,
    version_id: &str,
    stage: &str,
) -> Result<GetSecretValueOutput, ProviderError> {
    let call = aws.secretsmanager().get_secret_value().secret_id(secret_id);
    let call = call.set_version_id(given::text(version_id)).set_version_stage(given::text(stage));
    call.send().await.operation("secretsmanager:GetSecretValue").map_err(|error| {
        if !is_marked_for_deletion(&error) {
            return error;
        }
        ProviderError { kind: provider::error::ErrorKind::NotFound, ..error }
            .hint("the secret is marked for deletion; `aws secretsmanager restore-secret` brings it back")
    })
}

/// The resource policy of a secret; empty when it has none.
async fn policy(aws: &Aws, secret_id: &str) -> Result<String, ProviderError> {
    let call = aws.secretsmanager().get_resource_policy().secret_id(secret_id);
    match call.send().await.operation("secretsmanager:GetResourcePolicy") {
        Ok(answer) => Ok(answer.resource_policy.unwrap_or_default()),
        Err(error) if error.is_not_found() || is_marked_for_deletion(&error) => Ok(String::new()),
        Err(error) => Err(error),
    }
}

/// Bytes of a value as a text; what is no UTF-8 is replaced, for values of the language are texts.
fn binary_text(bytes: Option<&Blob>) -> String {
    bytes.map(|bytes| String::from_utf8_lossy(bytes.as_ref()).into_owned()).unwrap_or_default()
}
