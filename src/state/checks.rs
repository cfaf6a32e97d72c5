//! Results of conditions, as a state records them: a block that has conditions an entry, with the objects it made.

use model::checkable::{Checkable, CheckableAddr};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

/// What the conditions of all objects of one block came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckResult {
    /// Without keys.
    pub block: CheckableAddr,
    pub status: CheckStatus,
    /// By address; empty where the block makes no object, or it is not known which.
    pub objects: Vec<CheckedObject>,
}

/// What the conditions of one object came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckedObject {
    pub addr: CheckableAddr,
    pub status: CheckStatus,
    /// The messages of the failed conditions.
    pub messages: Vec<String>,
}

/// What came of a condition; of several, the one of the highest rank counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum CheckStatus {
    Pass,
    /// Something it needs is not known yet.
    Unknown,
    Fail,
    /// It could not be evaluated.
    Error,
}

impl CheckStatus {
    /// The word that files and JSON have for it.
    pub fn name(self) -> &'static str {
        match self {
            CheckStatus::Pass => "pass",
            CheckStatus::Unknown => "unknown",
            CheckStatus::Fail => "fail",
            CheckStatus::Error => "error",
        }
    }

    fn of(name: &str) -> Option<CheckStatus> {
        let all = [CheckStatus::Pass, CheckStatus::Unknown, CheckStatus::Fail, CheckStatus::Error];
        all.into_iter().find(|status| status.name() == name)
    }
}

#[derive(Serialize, Deserialize)]
struct ResultV4 {
    object_kind: String,
    config_addr: String,
    status: String,
    /// Null where there are none.
    objects: Option<Vec<ObjectV4>>,
}

#[derive(Serialize, Deserialize)]
struct ObjectV4 {
    object_addr: String,
    status: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failure_messages: Vec<String>,
}

/// Reads the results of a state; `None` when they have a form that is not known.
pub fn parse(raw: &RawValue) -> Option<Vec<CheckResult>> {
    let stored: Option<Vec<ResultV4>> = serde_json::from_str(raw.get()).ok()?;
    let object = |stored: ObjectV4| {
        Some(CheckedObject {
            addr: stored.object_addr.parse().ok()?,
            status: CheckStatus::of(&stored.status)?,
            messages: stored.failure_messages,
        })
    };
    let result = |stored: ResultV4| {
        Some(CheckResult {
            block: stored.config_addr.parse().ok()?,
            status: CheckStatus::of(&stored.status)?,
            objects: stored.objects.unwrap_or_default().into_iter().map(object).collect::<Option<_>>()?,
        })
    };
    stored.unwrap_or_default().into_iter().map(result).collect()
}

/// Writes results as a state has them: null when there are none.
pub fn render(results: &[CheckResult]) -> Box<RawValue> {
    let object = |object: &CheckedObject| ObjectV4 {
        object_addr: object.addr.to_string(),
        status: object.status.name().into(),
        failure_messages: object.messages.clone(),
    };
    let stored: Vec<ResultV4> = results
        .iter()
        .map(|result| ResultV4 {
            object_kind: kind(&result.block.object).into(),
            config_addr: result.block.to_string(),
            status: result.status.name().into(),
            objects: (!result.objects.is_empty()).then(|| result.objects.iter().map(object).collect()),
        })
        .collect();
    to_raw_value(&(!stored.is_empty()).then_some(stored)).expect("texts are always JSON")
}

fn kind(object: &Checkable) -> &'static str {
    match object {
        Checkable::Variable(_) => "var",
        Checkable::Output(_) => "output",
        Checkable::Resource(..) => "resource",
        Checkable::Check(_) => "check",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_read_as_they_are_written() {
        let text = concat!(
            r#"[{"object_kind":"resource","config_addr":"test_thing.a","status":"fail","objects":["#,
            r#"{"object_addr":"test_thing.a[0]","status":"fail","failure_messages":["no"]},"#,
            r#"{"object_addr":"test_thing.a[1]","status":"pass"}]},"#,
            r#"{"object_kind":"var","config_addr":"module.m.var.v","status":"unknown","objects":null}]"#,
        );
        let raw: Box<RawValue> = serde_json::from_str(text).expect("JSON");
        let results = parse(&raw).expect("known");
        assert_eq!(results[0].objects.len(), 2);
        assert_eq!(render(&results).get(), text);
        assert_eq!(render(&[]).get(), "null");
        assert_eq!(parse(RawValue::NULL), Some(Vec::new()));
    }

    #[test]
    fn results_of_another_form_are_not_read() {
        let raw: Box<RawValue> = serde_json::from_str(r#"[{"config_addr":"x"}]"#).expect("JSON");
        assert_eq!(parse(&raw), None);
    }
}
