//! `hashicorp/time`: points in time that are chosen once and the state keeps.

mod clock;
mod offset;
mod rotating;
mod sleep;
mod stationary;

use std::collections::BTreeMap;

use crate::family::{Entry, Family};
use crate::resource::Typed;
use crate::time::offset::TimeOffset;
use crate::time::rotating::TimeRotating;
use crate::time::sleep::TimeSleep;
use crate::time::stationary::TimeStatic;

/// Values whose change makes a new object.
type Triggers = Option<BTreeMap<String, String>>;

pub static FAMILY: Family =
    Family { name: "time", is_builtin: false, resources: &RESOURCES, data_sources: &[], ephemerals: &[] };

static RESOURCES: [Entry; 4] = [
    Entry::new("time_offset", include_str!("schema/time_offset.json"), &Typed::<TimeOffset>::NEW),
    Entry::new("time_rotating", include_str!("schema/time_rotating.json"), &Typed::<TimeRotating>::NEW),
    Entry::new("time_sleep", include_str!("schema/time_sleep.json"), &Typed::<TimeSleep>::NEW),
    Entry::new("time_static", include_str!("schema/time_static.json"), &Typed::<TimeStatic>::NEW),
];
