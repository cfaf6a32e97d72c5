//! Repeating calls that fail only for a moment, because a change made elsewhere has not arrived yet.

use std::time::Duration;

use provider::error::ProviderError;
use tokio::time::Instant;

const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Calls until it works, fails for another reason, or `patience` is over.
///
/// # Errors
/// The last failure.
pub async fn retry<T, F>(
    patience: Duration,
    is_passing: impl Fn(&ProviderError) -> bool + Send + Sync,
    call: impl Fn() -> F + Send + Sync,
) -> Result<T, ProviderError>
where
    F: Future<Output = Result<T, ProviderError>> + Send,
{
    let start = Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        match call().await {
            Err(error) if is_passing(&error) && start.elapsed() + pause <= patience => {}
            ended => return ended,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}
