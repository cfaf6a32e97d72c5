//! Amazon S3: buckets, and what is configured of them one part at a time.
//!
//! Every part of a bucket (versioning, encryption, lifecycle ..) has its own pair of calls, one bucket a call: reads of
//! different buckets and parts go out at the same time. A bucket belongs to a region and only calls to that region reach
//! it. Parts settle after some time: what was put may not be what is read at once.

pub mod bucket;
pub mod bucket_data;
pub mod bucket_policy;
pub mod bucket_versioning;
pub mod encryption_configuration;
pub mod lifecycle_configuration;
pub mod ownership_controls;
pub mod public_access_block;

mod encryption;
mod identifier;
mod region;
mod retry;
mod tags;

use aws_smithy_types::DateTime;
use jiff::Timestamp;
use provider::error::ProviderError;

use crate::given::text as given;

/// The code of calls to a bucket that isn't there.
const NO_SUCH_BUCKET: &str = "NoSuchBucket";

/// Codes of services that speak S3's language without knowing this part of it.
const UNKNOWN_PARTS: [&str; 5] =
    ["MethodNotAllowed", "NotImplemented", "UnsupportedArgument", "UnsupportedOperation", "XNotImplemented"];

/// The answer to a question for a part of a bucket; `None` where the bucket has none, or the service knows no such part.
///
/// # Errors
/// Everything else, also that the bucket is not there.
fn configured<T>(answer: Result<T, ProviderError>) -> Result<Option<T>, ProviderError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) if is_no_bucket(&error) => Err(error),
        Err(error) if error.is_not_found() || is_unknown_part(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// As [`configured`], for what exists only as a part: without its bucket it is gone, too.
fn part<T>(answer: Result<T, ProviderError>) -> Result<Option<T>, ProviderError> {
    match configured(answer) {
        Err(error) if is_no_bucket(&error) => Ok(None),
        answer => answer,
    }
}

fn is_no_bucket(error: &ProviderError) -> bool {
    error.code.as_deref() == Some(NO_SUCH_BUCKET)
}

fn is_unknown_part(error: &ProviderError) -> bool {
    error.code.as_deref().is_some_and(|code| UNKNOWN_PARTS.contains(&code))
}

/// A time of an answer as it is stored: RFC 3339 in UTC.
fn timestamp(at: &DateTime) -> String {
    Timestamp::from_second(at.secs()).map(|at| at.to_string()).unwrap_or_default()
}

/// A time that is written as a day or in RFC 3339; days begin at midnight UTC.
fn parse_time(text: &str) -> Option<DateTime> {
    let written = if text.len() == "2030-01-01".len() { format!("{text}T00:00:00Z") } else { text.to_string() };
    written.parse::<Timestamp>().ok().map(|at| DateTime::from_secs(at.as_second()))
}

#[cfg(test)]
mod tests {
    use provider::error::ErrorKind;

    use super::*;

    fn failure(kind: ErrorKind, code: &str) -> Result<(), ProviderError> {
        Err(ProviderError { code: Some(code.into()), ..ProviderError::new(kind, "s3:GetBucketCors", "") })
    }

    #[test]
    fn a_missing_part_is_not_a_missing_bucket() {
        assert_eq!(configured(failure(ErrorKind::NotFound, "NoSuchCORSConfiguration")), Ok(None));
        assert_eq!(configured(failure(ErrorKind::Other, "NotImplemented")), Ok(None));
        assert!(configured(failure(ErrorKind::NotFound, NO_SUCH_BUCKET)).is_err());
        assert_eq!(part(failure(ErrorKind::NotFound, NO_SUCH_BUCKET)), Ok(None));
        assert!(part(failure(ErrorKind::Denied, "AccessDenied")).is_err());
    }

    #[test]
    fn days_and_times_are_read() {
        assert_eq!(parse_time("2030-01-01").map(|at| timestamp(&at)), Some("2030-01-01T00:00:00Z".into()));
        assert_eq!(
            parse_time("2030-01-01T02:00:00+02:00").map(|at| timestamp(&at)),
            Some("2030-01-01T00:00:00Z".into())
        );
        assert_eq!(parse_time("soon"), None);
    }
}
