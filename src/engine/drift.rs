//! Drift: what differs between the last apply and the world, with the configuration beside it.

use model::address::{ObjectKey, ProviderConfigAddr};
use model::path::Path;
use model::source::SourceRange;
use model::value::Value;

/// One object that somebody or something else changed or deleted.
///
/// Only a difference between what was last applied and what is live makes a drift. A configuration that is yet to be applied
/// never does.
#[derive(Clone, PartialEq, Debug)]
pub struct Drift {
    pub key: ObjectKey,
    pub provider: ProviderConfigAddr,
    /// The object as of the last apply.
    pub applied: Value,
    /// The object as it is; `None` when it is gone.
    pub live: Option<Value>,
    /// The places that differ, in the order of the attributes' names. Empty when the object is gone.
    pub attributes: Vec<AttributeDrift>,
    /// Whether something that the plan is about to change depends on this object, or is this object.
    pub relevant: bool,
    /// The block of the configuration; `None` when there is none any more.
    pub range: Option<SourceRange>,
}

/// One place that differs, seen from three sides.
#[derive(Clone, PartialEq, Debug)]
pub struct AttributeDrift {
    /// The deepest place that holds the whole difference; sets differ as a whole.
    pub path: Path,
    /// What the configuration says; `None` when it says nothing about this place, or there is no configuration any more.
    /// Parts that are not known without an apply are unknown.
    pub configuration: Option<Value>,
    /// What the last apply left; `None` when there was no such place.
    pub applied: Option<Value>,
    /// What is there; `None` when there is no such place.
    pub live: Option<Value>,
}
