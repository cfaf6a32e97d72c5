//! Rules: which calls, which of them in order, at which point, and what happens there.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::call::{Call, Kind};
use super::failure::Failure;

/// Something that happens to some calls. Rules are tried in order, and all that apply take effect, until one of them ends
/// the call.
#[derive(Debug)]
pub struct Rule {
    matching: Matching,
    occurrence: Occurrence,
    point: Point,
    action: Action,
    /// Calls that have matched so far.
    matched: AtomicU64,
}

/// A condition on calls; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matching {
    pub service: Option<String>,
    pub operation: Option<String>,
    pub kind: Option<Kind>,
}

/// Which of the matching calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occurrence {
    Every,
    /// Only this one, counted from 1.
    Nth(u64),
    /// This many, from the beginning.
    First(u64),
    /// This one, counted from 1, and all after it.
    From(u64),
}

/// Where in the course of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// The sandbox has not seen it.
    BeforeSending,
    /// The sandbox has done it, the client does not know.
    AfterReceiving,
}

/// What happens.
#[derive(Clone)]
pub enum Action {
    /// It takes longer.
    Delay(Duration),
    /// The client gets an error: before sending the call is not made, after receiving it is made and its answer lost.
    Fail(Failure),
    /// The connection is reset.
    Reset,
    /// It waits until [`super::Proxy::release`]; if its client goes away, it goes no further.
    Hold,
    /// A function is called, and the call goes on when it returns. It runs on the proxy's only thread.
    Run(Arc<dyn Fn(&Call) + Send + Sync>),
}

impl fmt::Debug for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Delay(delay) => formatter.debug_tuple("Delay").field(delay).finish(),
            Action::Fail(failure) => formatter.debug_tuple("Fail").field(failure).finish(),
            Action::Reset => formatter.write_str("Reset"),
            Action::Hold => formatter.write_str("Hold"),
            Action::Run(_) => formatter.write_str("Run(..)"),
        }
    }
}

impl Rule {
    pub fn new(matching: Matching, occurrence: Occurrence, point: Point, action: Action) -> Self {
        Self { matching, occurrence, point, action, matched: AtomicU64::new(0) }
    }

    /// Counts the call if it matches, and says whether the rule applies to it.
    ///
    /// Called once a call, when it arrives, so that both points see the same order.
    pub(crate) fn count(&self, call: &Call) -> bool {
        if !self.matching.matches(call) {
            return false;
        }
        let occurrence = self.matched.fetch_add(1, Ordering::Relaxed) + 1;
        match self.occurrence {
            Occurrence::Every => true,
            Occurrence::Nth(nth) => occurrence == nth,
            Occurrence::First(count) => occurrence <= count,
            Occurrence::From(first) => occurrence >= first,
        }
    }

    pub(crate) fn point(&self) -> Point {
        self.point
    }

    pub(crate) fn action(&self) -> &Action {
        &self.action
    }
}

impl Matching {
    /// Every call.
    pub fn any() -> Self {
        Self::default()
    }

    /// Calls that may change something.
    pub fn mutating() -> Self {
        Self { kind: Some(Kind::Mutating), ..Self::default() }
    }

    /// Calls of one operation of a service, named as in [`Call`].
    pub fn operation(service: &str, operation: &str) -> Self {
        Self { service: Some(service.to_string()), operation: Some(operation.to_string()), kind: None }
    }

    fn matches(&self, call: &Call) -> bool {
        self.service.as_ref().is_none_or(|service| *service == call.service)
            && self.operation.as_ref().is_none_or(|operation| *operation == call.operation)
            && self.kind.is_none_or(|kind| kind == call.kind)
    }
}
