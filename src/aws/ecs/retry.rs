//! Calls that the service refuses for a short time because something they need was made a moment ago.

use std::time::Duration;

use provider::error::{ErrorKind, ProviderError};
use tokio::time::{Instant, sleep};

/// How long to wait, and how often to ask meanwhile.
#[derive(Clone, Copy)]
struct Pace {
    patience: Duration,
    pause_min: Duration,
    pause_max: Duration,
}

/// Roles and listeners are known everywhere within a minute or two.
const PACE: Pace = Pace {
    patience: Duration::from_secs(120),
    pause_min: Duration::from_millis(500),
    pause_max: Duration::from_secs(5),
};

/// What the service says while something is on its way, and what is waited for.
const ON_ITS_WAY: &[(&str, &str)] = &[
    ("does not have an associated load balancer", "the target group's listener"),
    ("verify that the ECS service role being passed has the proper permissions", "the service's role"),
    ("Unable to assume the service linked role", "the service-linked role"),
    ("Unable to assume role", "the role"),
    ("service that is still Draining", "the former service of that name to be gone"),
    ("cannot be stopped while deployments are active", "the active deployment"),
    ("has a dependent object", "what depends on it to be gone"),
    ("Cluster was not ACTIVE", "the cluster"),
];

/// The code of what the service refuses while a former change is under way, which has many messages.
const BUSY: &str = "UpdateInProgressException";

/// Calls until the service accepts it, or refuses it for another reason, or the time is over. `waiting` is told why.
///
/// # Errors
/// The last refusal.
pub async fn until_accepted<T, F>(call: impl Fn() -> F, waiting: &(dyn Fn(&str) + Sync)) -> Result<T, ProviderError>
where
    F: Future<Output = Result<T, ProviderError>>,
{
    at_pace(PACE, call, waiting).await
}

async fn at_pace<T, F>(pace: Pace, call: impl Fn() -> F, waiting: &(dyn Fn(&str) + Sync)) -> Result<T, ProviderError>
where
    F: Future<Output = Result<T, ProviderError>>,
{
    let start = Instant::now();
    let mut pause = pace.pause_min;
    loop {
        let error = match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        let Some(what) = awaited(&error) else { return Err(error) };
        if start.elapsed() >= pace.patience {
            let hint = format!("waited {} s for {what}", pace.patience.as_secs());
            return Err(error.hint(hint));
        }
        waiting(what);
        sleep(pause).await;
        pause = (pause * 2).min(pace.pause_max);
    }
}

fn awaited(error: &ProviderError) -> Option<&'static str> {
    if error.code.as_deref() == Some(BUSY) {
        return Some("the former change to end");
    }
    let may_pass = matches!(error.kind, ErrorKind::Invalid | ErrorKind::Conflict | ErrorKind::Other);
    let known = ON_ITS_WAY.iter().find(|(message, _)| may_pass && error.message.contains(message))?;
    Some(known.1)
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    const FAST: Pace = Pace {
        patience: Duration::from_millis(20),
        pause_min: Duration::from_millis(1),
        pause_max: Duration::from_millis(2),
    };

    const NO_LISTENER: &str =
        "The target group with targetGroupArn arn:aws:.. does not have an associated load balancer.";

    fn refusal(message: &str) -> ProviderError {
        ProviderError::invalid("ecs:CreateService", message)
    }

    #[tokio::test]
    async fn what_is_on_its_way_is_waited_for() {
        let calls = AtomicU32::new(0);
        let told = Mutex::new(Vec::new());
        let call =
            || async { if calls.fetch_add(1, Ordering::Relaxed) < 2 { Err(refusal(NO_LISTENER)) } else { Ok("made") } };
        let answer = at_pace(FAST, call, &|what| told.lock().expect("no panic").push(what.to_string())).await;
        assert_eq!(answer, Ok("made"));
        assert_eq!(*told.lock().expect("no panic"), ["the target group's listener"; 2]);
    }

    #[tokio::test]
    async fn a_refusal_that_stays_is_given_up_with_its_reason() {
        let error = at_pace(FAST, || async { Err::<(), _>(refusal(NO_LISTENER)) }, &|_| {}).await;
        let error = error.expect_err("it never succeeds");
        assert_eq!(error.message, NO_LISTENER);
        assert_eq!(error.hint.as_deref(), Some("waited 0 s for the target group's listener"));
    }

    #[tokio::test]
    async fn other_refusals_are_not_repeated() {
        let calls = AtomicU32::new(0);
        let call = || async {
            calls.fetch_add(1, Ordering::Relaxed);
            Err::<(), _>(refusal("the subnet ID 'subnet-a' does not exist"))
        };
        assert!(at_pace(FAST, call, &|_| {}).await.is_err());
        assert_eq!(calls.load(Ordering::Relaxed), 1);
    }
}
