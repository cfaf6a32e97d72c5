//! Amazon Route 53: hosted zones and the records in them.
//!
//! A change is accepted first and reaches the name servers later: it is `PENDING`, then `INSYNC`. An account may make five
//! calls a second, so records are read a zone at a time where several are asked for.

pub mod record;
pub mod zone;
pub mod zone_data;

mod change;
mod names;
mod tags;

use crate::given::text as given;

/// An identifier without the path it is answered with: `Z123` of `/hostedzone/Z123`.
fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
