//! Times of answers: how they are stored, and what they say of an object's origin.

use aws_smithy_types::DateTime;
use jiff::Timestamp;
use provider::Token;

/// What the token's time and a service's clock may differ by.
const CLOCK_SKEW_S: i64 = 60;

/// A time as it is stored: RFC 3339 in UTC, in whole seconds; empty where there is none.
pub fn stored(at: Option<&DateTime>) -> String {
    at.and_then(|at| Timestamp::from_second(at.secs()).ok()).map(|at| at.to_string()).unwrap_or_default()
}

/// The time that a stored text says.
pub fn parsed(text: &str) -> Option<DateTime> {
    text.parse::<Timestamp>().ok().map(|at| DateTime::from_secs(at.as_second()))
}

/// Whether an object was there before the create with this token began, however the clocks differ.
///
/// An object whose time is not told counts as new.
pub fn is_older(at: Option<&DateTime>, token: &Token) -> bool {
    at.is_some_and(|at| at.secs() < token.at.as_second() - CLOCK_SKEW_S)
}
