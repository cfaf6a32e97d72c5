//! AWS Cloud Map: namespaces, and the services that clients find in them by DNS or by calls.
//!
//! Most changes are operations that go on after their call: they are looked at until they succeed or fail. A create is
//! known by its request id, which the object keeps.

pub mod http_namespace;
pub mod private_dns_namespace;
pub mod service;

mod namespace;
mod operation;
mod tags;

use crate::given::text as given;
