//! Waits for changes to reach the name servers, and for their turn before that.

use std::time::Duration;

use aws_sdk_route53::types::{ChangeInfo, ChangeStatus};
use provider::error::{ErrorKind, ProviderError};
use tokio::time::Instant;

use crate::clients::Aws;
use crate::failure::Operation;
use crate::route53::bare;

const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// How long another change of a zone may be in the way.
const BUSY_PATIENCE: Duration = Duration::from_secs(300);

/// Polls until the name servers know of a change.
pub async fn until_in_sync(aws: &Aws, change: Option<ChangeInfo>, patience: Duration) -> Result<(), ProviderError> {
    let Some(change) = change else { return Ok(()) };
    let mut status = change.status;
    let start = Instant::now();
    let mut pause = PAUSE_MIN;
    while status != ChangeStatus::Insync {
        let get = aws.route53().get_change().id(bare(&change.id));
        let answer = get.send().await.operation("route53:GetChange")?;
        status = answer.change_info.map_or(ChangeStatus::Insync, |change| change.status);
        if status == ChangeStatus::Insync {
            break;
        }
        if start.elapsed() >= patience {
            let message = "the change did not reach the name servers in time; last seen: PENDING";
            return Err(ProviderError::new(ErrorKind::NotReady, "wait for a change of Route 53", message));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
    Ok(())
}

/// Makes a call, and makes it again while another change of the zone is in the way.
pub async fn in_turn<T, F: Future<Output = Result<T, ProviderError>> + Send>(
    call: impl Fn() -> F + Send + Sync,
) -> Result<T, ProviderError> {
    let start = Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        match call().await {
            Err(error)
                if error.code.as_deref() == Some("PriorRequestNotComplete") && start.elapsed() < BUSY_PATIENCE => {}
            ended => return ended,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
