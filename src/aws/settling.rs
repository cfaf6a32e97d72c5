//! The wait in the middle of a create or update for an object that takes no further calls before it has settled.

use std::time::Duration;

use provider::error::{ErrorKind, ProviderError};
use tokio::time::Instant;

const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// What a look at an object came to.
pub enum Look<T> {
    Settled(T),
    /// What it waits for, in a few words.
    Pending(String),
    /// It will not settle, and why.
    Failed(String),
    /// It is not there any more; says what: `the cluster is gone`.
    Gone(&'static str),
}

/// Looks again and again, at first soon and then less often, until the object has settled.
///
/// # Errors
/// A look fails, the object is gone or will not settle, or `patience` is over.
pub async fn until_settled<T, F>(
    type_name: &str,
    patience: Duration,
    look: impl Fn() -> F + Send + Sync,
) -> Result<T, ProviderError>
where
    F: Future<Output = Result<Look<T>, ProviderError>> + Send,
{
    let start = Instant::now();
    let mut pause = PAUSE_MIN;
    let stopped = |kind, message: String| Err(ProviderError::new(kind, format!("wait for {type_name}"), message));
    loop {
        match look().await? {
            Look::Settled(object) => return Ok(object),
            Look::Gone(what) => return stopped(ErrorKind::NotFound, what.into()),
            Look::Failed(why) => return stopped(ErrorKind::NotReady, why),
            Look::Pending(what) if start.elapsed() >= patience => {
                return stopped(ErrorKind::NotReady, format!("it did not become ready in time; last seen: {what}"));
            }
            Look::Pending(_) => {}
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSE_MAX);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_wait_ends_when_the_object_has_settled_or_will_not() {
        let looks = AtomicUsize::new(0);
        let look = || async {
            Ok(match looks.fetch_add(1, Ordering::Relaxed) {
                0 => Look::Pending("status creating".into()),
                _ => Look::Settled(7),
            })
        };
        assert_eq!(until_settled("aws_thing", Duration::from_secs(60), look).await.ok(), Some(7));

        let pending = || async { Ok(Look::<()>::Pending("status creating".into())) };
        let error =
            until_settled("aws_thing", Duration::from_secs(5), pending).await.map_err(|error| error.to_string());
        assert!(error.is_err_and(|error| error.contains("last seen: status creating")));
        let gone = || async { Ok(Look::<()>::Gone("the thing is gone")) };
        let error = until_settled("aws_thing", Duration::ZERO, gone).await.map_err(|error| error.kind);
        assert_eq!(error, Err(ErrorKind::NotFound));
    }
}
