//! The paths of sensitive attributes, as state files write them: `[{"type": "get_attr", "value": "tags"}, {"type": "index", "value":
//! {"value": "k", "type": "string"}}]`.

use std::borrow::Cow;

use model::json::{from_json, to_simple_json, type_from_json, type_to_json};
use model::path::{Path, Step};
use model::ty::Type;
use model::value::{Kind, Value};
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
        ("index", StepValue::Typed { value, r#type }) => {
            let value = from_json(&value, &type_from_json(&r#type).ok()?).ok()?;
            Some(match value.reveal() {
                Kind::String(key) => Step::Key(key.clone()),
                Kind::Number(number) => match number.as_usize() {
                    Some(index) => Step::Index(index),
                    None => Step::Element(value),
                },
                Kind::Null(_)
                | Kind::Unknown(..)
                | Kind::Bool(_)
                | Kind::List(..)
                | Kind::Set(..)
                | Kind::Map(..)
                | Kind::Tuple(_)
                | Kind::Object(_) => Step::Element(value),
            })
        }
        _ => None,
    }
}

fn write_step(step: &Step) -> StepV4<'static> {
    let index = |value: &Value| StepV4 {
        kind: Cow::Borrowed("index"),
        value: StepValue::Typed {
            value: to_simple_json(value).expect("a path leads through known values"),
            r#type: type_to_json(&value.ty()),
        },
    };
    match step {
        Step::Attribute(name) => {
            StepV4 { kind: Cow::Borrowed("get_attr"), value: StepValue::Plain(Json::String(name.to_string())) }
        }
        Step::Index(position) => StepV4 {
            kind: Cow::Borrowed("index"),
            value: StepValue::Typed { value: Json::from(*position), r#type: type_to_json(&Type::Number) },
        },
        Step::Key(key) => index(&Value::string(key.clone())),
        Step::Element(element) => index(element),
    }
}
