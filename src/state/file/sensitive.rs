//! The paths of sensitive attributes, as state files write them: `[{"type": "get_attr", "value": "tags"}, {"type":
//! "index", "value": {"value": "k", "type": "string"}}]`.

use std::borrow::Cow;

use model::json::{from_json, to_simple_json, type_from_json, type_to_json};
use model::number::Number;
use model::path::{Path, Step};
use model::ty::Type;
use serde_json::Value as Json;

use super::StateFileError;
use super::disk::{StepV4, StepValue};

pub(super) fn read(paths: Vec<Vec<StepV4<'_>>>, object: &str) -> Result<Vec<Path>, StateFileError> {
    paths
        .into_iter()
        .enumerate()
        .map(|(index, steps)| {
            let steps: Option<Vec<Step>> = steps.into_iter().map(read_step).collect();
            let steps = steps.ok_or_else(|| {
                StateFileError::shape(
                    format!("{object}.sensitive_attributes[{index}]"),
                    "expected a path of attributes and indexes",
                )
            })?;
            Ok(Path { steps })
        })
        .collect()
}

pub(super) fn write(paths: &[Path]) -> Vec<Vec<StepV4<'static>>> {
    paths.iter().map(|path| path.steps.iter().map(write_step).collect()).collect()
}

fn read_step(step: StepV4<'_>) -> Option<Step> {
    match (step.kind.as_ref(), step.value) {
        ("get_attr", StepValue::Plain(Json::String(name))) => Some(Step::Attribute(name.into())),
        // A key is taken as it is written; as a value of the language it would be normalised.
        ("index", StepValue::Typed { value: Json::String(key), .. }) => Some(Step::Key(key.into())),
        ("index", StepValue::Typed { value, r#type }) => {
            let value = from_json(&value, &type_from_json(&r#type).ok()?).ok()?;
            Some(match value.reveal().as_number().and_then(Number::as_usize) {
                Some(index) => Step::Index(index),
                None => Step::Element(value),
            })
        }
        _ => None,
    }
}

fn write_step(step: &Step) -> StepV4<'static> {
    let index = |value: Json, ty: &Type| StepV4 {
        kind: Cow::Borrowed("index"),
        value: StepValue::Typed { value, r#type: type_to_json(ty) },
    };
    match step {
        Step::Attribute(name) => {
            StepV4 { kind: Cow::Borrowed("get_attr"), value: StepValue::Plain(Json::from(name.as_ref())) }
        }
        Step::Index(position) => index(Json::from(*position), &Type::Number),
        Step::Key(key) => index(Json::from(key.as_ref()), &Type::String),
        Step::Element(element) => {
            index(to_simple_json(element).expect("a path leads through known values"), &element.ty())
        }
    }
}
