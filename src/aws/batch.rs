//! Describing many objects by ARN or identifier, of which some may be gone.

use provider::error::ProviderError;

/// Describes objects by ARN or identifier and leaves out those that are gone.
///
/// One unknown object fails a whole Describe call. Such a call is repeated with halves of its list until the unknown ones
/// are alone: n known ones and one that is gone cost about 2 log n calls instead of n.
pub async fn known<T, F>(arns: &[String], describe: impl Fn(Vec<String>) -> F) -> Result<Vec<T>, ProviderError>
where
    F: Future<Output = Result<Vec<T>, ProviderError>> + Send,
{
    let mut found = Vec::with_capacity(arns.len());
    let mut open: Vec<&[String]> = if arns.is_empty() { Vec::new() } else { vec![arns] };
    while let Some(part) = open.pop() {
        match describe(part.to_vec()).await {
            Ok(objects) => found.extend(objects),
            Err(error) if error.is_not_found() => {
                if part.len() > 1 {
                    let (first, second) = part.split_at(part.len() / 2);
                    open.extend([second, first]);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use provider::error::ErrorKind;

    use super::*;

    #[tokio::test]
    async fn one_that_is_gone_does_not_hide_the_others() {
        let arns: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        let calls = AtomicUsize::new(0);
        let found = known(&arns, |part| {
            calls.fetch_add(1, Ordering::Relaxed);
            async move {
                match part.iter().any(|arn| arn == "7") {
                    true => Err(ProviderError::new(ErrorKind::NotFound, "describe", "one is gone")),
                    false => Ok(part),
                }
            }
        });
        let found = found.await.expect("only one is gone");
        assert_eq!(found.len(), 19);
        assert!(calls.into_inner() < 12);
    }

    #[tokio::test]
    async fn other_failures_are_passed_on() {
        let arns = ["a".to_string()];
        let denied = || ProviderError::new(ErrorKind::Denied, "describe", "no");
        let failed = known(&arns, |_| async { Err::<Vec<()>, _>(denied()) }).await;
        assert_eq!(failed.map_err(|error| error.kind), Err(ErrorKind::Denied));
    }
}
