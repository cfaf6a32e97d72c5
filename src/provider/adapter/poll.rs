//! Waits for objects: polls start short and back off, and nothing waits before the first look.

use std::time::Duration;

use model::value::Value;
use tokio::time::Instant;

use crate::Born;
use crate::adapter::not_ready;
use crate::adapter::reader::Reader;
use crate::error::{ErrorKind, ProviderError};
use crate::resource::{Readiness, Resource};

const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// How long a new object may stay invisible to reads: services answer from replicas.
const INVISIBLE_MAX: Duration = Duration::from_secs(60);

/// When to give up, and how long that was.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    start: Instant,
    patience: Duration,
}

impl Deadline {
    /// The time that the object's `timeouts` block gives to an operation, else `default`.
    pub fn of(object: &Value, operation: &str, default: Duration) -> Deadline {
        let written = object.get("timeouts").and_then(|timeouts| timeouts.get(operation));
        let patience = written.and_then(|text| text.reveal().as_str().and_then(parse_duration)).unwrap_or(default);
        Deadline { start: Instant::now(), patience }
    }

    fn is_over(&self) -> bool {
        self.start.elapsed() >= self.patience
    }
}

/// Polls until the object is settled. Gives the object as last seen, and why it is not settled.
pub async fn until_ready<R: Resource>(
    reader: &Reader<R>,
    object: R,
    want: &R,
    deadline: Deadline,
    born: &dyn Born,
) -> (R, Option<ProviderError>) {
    let mut last = object;
    let mut pause = PAUSE_MIN;
    loop {
        let readiness = match reader.read(last.clone()).await {
            Err(error) => return (last, Some(error)),
            Ok(None) if deadline.start.elapsed() < INVISIBLE_MAX => Readiness::Pending("it to become visible".into()),
            Ok(None) => {
                let error = ProviderError::new(
                    ErrorKind::NotFound,
                    format!("wait for {}", R::TYPE),
                    "the object is gone after it was made",
                );
                return (last, Some(error));
            }
            Ok(Some(live)) => {
                let readiness = live.readiness(want);
                last = live;
                readiness
            }
        };
        match readiness {
            Readiness::Settled => return (last, None),
            Readiness::Pending(what) if !deadline.is_over() => born.waiting(&what),
            ended @ (Readiness::Pending(_) | Readiness::Failed(_)) => return (last, not_ready(R::TYPE, ended)),
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSE_MAX);
    }
}

/// Polls until the object is gone.
pub async fn until_gone<R: Resource>(
    reader: &Reader<R>,
    object: R,
    deadline: Deadline,
    born: &dyn Born,
) -> Result<(), ProviderError> {
    let mut last = object;
    let mut pause = PAUSE_MIN;
    while let Some(live) = reader.read(last.clone()).await? {
        let not_gone = |why: String| Err(ProviderError::new(ErrorKind::NotReady, format!("delete {}", R::TYPE), why));
        match live.leaving() {
            Readiness::Failed(why) => return not_gone(why),
            Readiness::Pending(what) if deadline.is_over() => {
                return not_gone(format!("the object is still there after the time given; last seen: {what}"));
            }
            Readiness::Settled if deadline.is_over() => {
                return not_gone("the object is still there after the time given".into());
            }
            Readiness::Pending(what) => born.waiting(&what),
            Readiness::Settled => born.waiting("it to be gone"),
        }
        last = live;
        tokio::time::sleep(pause).await;
        pause = (pause * 3 / 2).min(PAUSE_MAX);
    }
    Ok(())
}

/// Reads a duration as Go writes it: `1h30m`, `45s`, `1.5h`, `500ms`.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let unit_s = match &rest[..unit_end] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" | "μs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += Duration::try_from_secs_f64(amount * unit_s).ok()?;
        rest = &rest[unit_end..];
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_go_writes_them() {
        for (text, expected_ms) in [("60m", 3_600_000), ("1h30m", 5_400_000), ("1.5s", 1_500), ("250ms", 250), ("0", 0)]
        {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(expected_ms)), "{text}");
        }
        for text in ["", "1", "m", "1x", "-1s", "1m2"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
