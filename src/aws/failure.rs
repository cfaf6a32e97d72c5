//! Turns failures of the AWS SDK into the provider's errors: operation, code, message and request id are kept.

use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use provider::error::{ErrorKind, ProviderError};

/// Gives a call's result its operation's name.
pub trait Operation<T> {
    /// `service:Operation`, as in IAM policies: `ecs:CreateCluster`.
    ///
    /// # Errors
    /// The call's failure as a [`ProviderError`].
    fn operation(self, name: &'static str) -> Result<T, ProviderError>;
}

impl<T, E> Operation<T> for Result<T, SdkError<E, Response>>
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    fn operation(self, name: &'static str) -> Result<T, ProviderError> {
        self.map_err(|error| provider_error(name, &error))
    }
}

/// What to do where a name is taken.
const TAKEN: &str = "choose another name, or take it over with `infra import`";

/// The error of a create that finds somebody else's object under its name; `operation` is the call that would make it.
pub fn taken(operation: &str, message: impl Into<String>) -> ProviderError {
    ProviderError::new(ErrorKind::AlreadyExists, operation, message).hint(TAKEN)
}

/// The error of a create, with what to do where the service says that the name is taken.
pub fn advise_where_taken(error: ProviderError) -> ProviderError {
    if error.kind == ErrorKind::AlreadyExists { error.hint(TAKEN) } else { error }
}

fn provider_error<E>(operation: &str, error: &SdkError<E, Response>) -> ProviderError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let metadata = context.err().meta();
            let status = context.raw().status().as_u16();
            let code = metadata.code().map(str::to_string);
            let kind = classify(code.as_deref().unwrap_or(""), metadata.message().unwrap_or(""), status);
            let message = metadata.message().map_or_else(|| format!("HTTP status {status}"), str::to_string);
            let mut failure = ProviderError::new(kind, operation, message);
            failure.request_id = metadata
                .extra("aws_request_id")
                .or_else(|| context.raw().headers().get("x-amzn-requestid"))
                .map(str::to_string);
            failure.code = code;
            failure.hint = hint(kind, operation);
            failure
        }
        SdkError::DispatchFailure(failure) if failure.is_timeout() => {
            ProviderError::new(ErrorKind::Unavailable, operation, "no answer in time").hint(REACH)
        }
        SdkError::DispatchFailure(failure) => {
            let reason = failure
                .as_connector_error()
                .map_or_else(|| "the request could not be sent".to_string(), |error| chain(error));
            if reason.contains("credential") || reason.contains("identity") {
                return ProviderError::new(ErrorKind::Credentials, operation, reason).hint(CREDENTIALS);
            }
            ProviderError::new(ErrorKind::Unavailable, operation, reason).hint(REACH)
        }
        SdkError::TimeoutError(_) => {
            ProviderError::new(ErrorKind::Unavailable, operation, "no answer in time").hint(REACH)
        }
        SdkError::ResponseError(context) => {
            let status = context.raw().status().as_u16();
            ProviderError::new(
                ErrorKind::Unavailable,
                operation,
                format!("the answer (HTTP status {status}) is not one of this service"),
            )
            .hint(REACH)
        }
        SdkError::ConstructionFailure(_) | _ => {
            let reason = chain(error);
            if reason.contains("credential") || reason.contains("identity") {
                return ProviderError::new(ErrorKind::Credentials, operation, reason).hint(CREDENTIALS);
            }
            ProviderError::new(ErrorKind::Invalid, operation, reason)
        }
    }
}

const REACH: &str =
    "check the network, the region, and `AWS_ENDPOINT_URL` or the provider's `endpoints` if you set them";
const CREDENTIALS: &str =
    "set `AWS_PROFILE`, or `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`, or the provider's `profile`";

/// An error with all its causes, each said once.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let part = error.to_string();
        if !text.contains(&part) {
            text.push_str(": ");
            text.push_str(&part);
        }
        cause = error.source();
    }
    text
}

fn classify(code: &str, message: &str, status: u16) -> ErrorKind {
    let has = |parts: &[&str]| parts.iter().any(|part| code.contains(part));
    if has(&["Throttl", "RequestLimitExceeded", "TooManyRequests", "SlowDown", "LimitExceededException"])
        && !message.contains("quota")
    {
        ErrorKind::Throttled
    } else if has(&[
        "ExpiredToken",
        "InvalidClientTokenId",
        "UnrecognizedClient",
        "SignatureDoesNotMatch",
        "AuthFailure",
        "InvalidAccessKeyId",
    ]) {
        ErrorKind::Credentials
    } else if has(&["AccessDenied", "UnauthorizedOperation", "NotAuthorized", "Forbidden"]) {
        ErrorKind::Denied
    } else if has(&[
        "NotFound",
        "NoSuchEntity",
        "NoSuch",
        "ClusterNotFound",
        "ServiceNotActive",
        "Gateway.NotAttached",
        "NonExistentQueue",
        "QueueDoesNotExist",
    ]) {
        ErrorKind::NotFound
    } else if has(&["AlreadyExists", "Duplicate", "EntityAlreadyExists", "ResourceExists", "QueueNameExists"]) {
        ErrorKind::AlreadyExists
    } else if has(&[
        "InUse",
        "DependencyViolation",
        "Conflict",
        "InvalidState",
        "DeleteConflict",
        "InvalidDBInstanceState",
        "InvalidDBSubnetGroupState",
        "UpdateInProgress",
    ]) {
        ErrorKind::Conflict
    } else if status >= 500 {
        ErrorKind::Unavailable
    } else if status == 400 {
        ErrorKind::Invalid
    } else {
        ErrorKind::Other
    }
}

fn hint(kind: ErrorKind, operation: &str) -> Option<String> {
    match kind {
        ErrorKind::Denied => {
            Some(format!("allow `{operation}` in the policies of the role or user whose credentials are used"))
        }
        ErrorKind::Credentials => Some(CREDENTIALS.into()),
        ErrorKind::Throttled => Some("lower `-parallelism`, or ask for a higher quota".into()),
        ErrorKind::NotFound
        | ErrorKind::AlreadyExists
        | ErrorKind::Conflict
        | ErrorKind::Invalid
        | ErrorKind::Unavailable
        | ErrorKind::NotReady
        | ErrorKind::Interrupted
        | ErrorKind::Other => None,
    }
}
