//! Calls that fail for a while: on a bucket that is changed by another call, or that is too new to be known everywhere.

use std::time::Duration;

use provider::error::ProviderError;
use tokio::time::Instant;

use crate::s3::is_no_bucket;

/// How long another change of a bucket may be in the way.
const BUSY_PATIENCE: Duration = Duration::from_secs(120);

/// How long a new bucket, or a new role in a policy, may stay unknown.
const NEW_PATIENCE: Duration = Duration::from_secs(30);

const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Makes a call, and makes it again while it fails for a reason that passes.
pub async fn retry<T, F: Future<Output = Result<T, ProviderError>> + Send>(
    call: impl Fn() -> F + Send + Sync,
) -> Result<T, ProviderError> {
    let start = Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        let error = match call().await {
            Err(error) => error,
            done @ Ok(_) => return done,
        };
        match patience(&error) {
            Some(patience) if start.elapsed() < patience => {}
            Some(_) | None => return Err(error),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

fn patience(error: &ProviderError) -> Option<Duration> {
    match error.code.as_deref() {
        Some("OperationAborted") => Some(BUSY_PATIENCE),
        Some("MalformedPolicy") if error.message.contains("principal") => Some(NEW_PATIENCE),
        Some(_) if is_no_bucket(error) => Some(NEW_PATIENCE),
        Some(_) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use provider::error::ErrorKind;

    use super::*;

    #[test]
    fn only_what_passes_by_itself_is_tried_again() {
        let failure = |code: &str, message: &str| ProviderError {
            code: Some(code.into()),
            ..ProviderError::new(ErrorKind::Invalid, "s3:PutBucketPolicy", message)
        };
        assert_eq!(patience(&failure("OperationAborted", "")), Some(BUSY_PATIENCE));
        assert_eq!(patience(&failure("MalformedPolicy", "Invalid principal in policy")), Some(NEW_PATIENCE));
        assert_eq!(patience(&failure("MalformedPolicy", "Policies must be valid JSON")), None);
    }
}
