//! Calls that fail for a while: with a role that is too new to be known everywhere, or on an instance or cluster that is busy.

use std::time::Duration;

use provider::error::ProviderError;
use tokio::time::Instant;

/// How long a new role may stay unknown to RDS.
const ROLE_PATIENCE: Duration = Duration::from_secs(120);
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Makes a call, and makes it again while it fails for a reason that passes; `patience` is for instances and clusters that are busy.
pub async fn retry<T, F: Future<Output = Result<T, ProviderError>> + Send>(
    patience: Duration,
    call: impl Fn() -> F + Send + Sync,
) -> Result<T, ProviderError> {
    let start = Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        let error = match call().await {
            Err(error) => error,
            done @ Ok(_) => return done,
        };
        let limit = match passing(&error) {
            Some(Passing::RoleIsNew) => ROLE_PATIENCE,
            Some(Passing::IsBusy) => patience,
            None => return Err(error),
        };
        if start.elapsed() >= limit {
            return Err(error);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Passing {
    RoleIsNew,
    IsBusy,
}

fn passing(error: &ProviderError) -> Option<Passing> {
    let code = error.code.as_deref()?;
    let is_busy = code.contains("InvalidDBInstanceState")
        // A cluster with instances stays one until somebody deletes them.
        || (code.contains("InvalidDBClusterState") && !error.message.contains("still contains DB instances"));
    if is_busy {
        Some(Passing::IsBusy)
    } else if code == "InvalidParameterValue" && error.message.contains("IAM role ARN value is invalid") {
        Some(Passing::RoleIsNew)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use provider::error::ErrorKind;

    use super::*;

    fn failure(code: &str, message: &str) -> ProviderError {
        ProviderError { code: Some(code.into()), ..ProviderError::new(ErrorKind::Invalid, "rds:Call", message) }
    }

    #[test]
    fn only_what_passes_by_itself_is_tried_again() {
        let role =
            "IAM role ARN value is invalid or does not include the required permissions for: ENHANCED_MONITORING";
        assert_eq!(passing(&failure("InvalidParameterValue", role)), Some(Passing::RoleIsNew));
        assert_eq!(passing(&failure("InvalidDBInstanceState", "is being modified")), Some(Passing::IsBusy));
        assert_eq!(passing(&failure("InvalidParameterValue", "invalid engine")), None);
        assert_eq!(passing(&ProviderError::invalid("rds:Call", "no code")), None);
    }
}
