//! The record of calls.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;

use super::call::{Call, Kind};

/// Calls in the order in which they arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calls(pub Vec<Call>);

impl Calls {
    /// How many calls of each operation there were, by service and operation.
    pub fn counts(&self) -> BTreeMap<(&str, &str), usize> {
        let mut counts = BTreeMap::new();
        for call in &self.0 {
            *counts.entry((call.service.as_str(), call.operation.as_str())).or_default() += 1;
        }
        counts
    }

    /// How many calls of one operation there were.
    pub fn count(&self, service: &str, operation: &str) -> usize {
        self.0.iter().filter(|call| call.service == service && call.operation == operation).count()
    }

    /// The calls that may have changed something.
    pub fn mutating(&self) -> impl Iterator<Item = &Call> {
        self.0.iter().filter(|call| call.kind == Kind::Mutating)
    }
}

impl Deref for Calls {
    type Target = [Call];

    fn deref(&self) -> &[Call] {
        &self.0
    }
}

/// A line for each operation: how often, service and operation.
impl fmt::Display for Calls {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for ((service, operation), count) in self.counts() {
            writeln!(formatter, "{count:6} {service} {operation}")?;
        }
        Ok(())
    }
}
