//! `terraform_remote_state`: the outputs of another stack, from its state.
//!
//! Its attributes have no fixed type, so it works on values. States are read from files; other backends are refused.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use model::path::{Path, Step};
use model::value::{Kind, Value};
use provider::error::{ErrorKind, ProviderError};
use provider::facts::TypeFacts;
use provider::resource::Refusal;

use crate::data_source::DataBehaviour;
use crate::world::World;

const OPERATION: &str = "read terraform_remote_state";
const STATE: &str = "terraform.tfstate";
const DEFAULT_WORKSPACE: &str = "default";

pub struct TerraformRemoteState;

impl DataBehaviour for TerraformRemoteState {
    fn read(&self, _: &TypeFacts, config: &Value, world: &dyn World) -> Result<Value, ProviderError> {
        let path = place(config);
        let stored = world.stored_outputs(&path)?.ok_or_else(|| {
            ProviderError::new(ErrorKind::NotFound, OPERATION, format!("there is no state `{}`", path.display())).hint(
                "Apply that stack first; `defaults` stand for outputs that a state does not have, not for a state.",
            )
        })?;
        let defaults = config.get("defaults");
        let defaults = defaults.as_ref().and_then(|defaults| defaults.reveal().entries().cloned());
        let mut outputs: BTreeMap<Arc<str>, Value> = defaults.unwrap_or_default().into_iter().collect();
        outputs.extend(stored);
        Ok(config.clone().with("outputs", Value::object(outputs)))
    }

    fn validate(&self, config: &Value) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let mut refuse = |attribute: Path, summary: &str, detail: String| {
            refusals.push(Refusal { attribute, summary: summary.into(), detail });
        };
        if let Some(backend) = config.get("backend").as_ref().and_then(|backend| backend.reveal().as_str())
            && backend != "local"
        {
            let detail =
                format!("States are read from files only, with the backend `local`; `{backend}` can't be read.");
            refuse(Path::attribute("backend"), "Invalid backend configuration", detail);
        }
        let settings = config.get("config");
        match settings.as_ref().map(Value::reveal) {
            Some(Kind::Object(entries) | Kind::Map(_, entries)) => {
                for (name, value) in entries.iter() {
                    let path = Path::attribute("config").child(Step::Attribute(name.clone()));
                    let is_text = matches!(value.reveal(), Kind::String(_) | Kind::Null(_) | Kind::Unknown(..));
                    if !["path", "workspace_dir"].contains(&name.as_ref()) {
                        let detail = format!("The backend `local` has no setting `{name}`.");
                        refuse(path, "Invalid backend configuration", detail);
                    } else if !is_text {
                        refuse(path, "Invalid backend configuration", format!("The setting `{name}` must be a text."));
                    }
                }
            }
            Some(Kind::Null(_) | Kind::Unknown(..)) | None => {}
            Some(
                Kind::Bool(_) | Kind::Number(_) | Kind::String(_) | Kind::List(..) | Kind::Set(..) | Kind::Tuple(_),
            ) => {
                let detail = "The settings of a backend are an object.".into();
                refuse(Path::attribute("config"), "Invalid backend configuration", detail);
            }
        }
        let defaults = config.get("defaults");
        if defaults.is_some_and(|value| value.is_known() && !value.is_null() && value.reveal().entries().is_none()) {
            let detail = "The defaults are an object with an attribute for each output.".into();
            refuse(Path::attribute("defaults"), "Invalid default values", detail);
        }
        refusals
    }

    fn field_difference(&self, _: &TypeFacts) -> Option<String> {
        None
    }
}

/// The file of a state: each workspace but the default one has a folder of its own.
fn place(config: &Value) -> PathBuf {
    let text = |value: Option<Value>| value.and_then(|value| value.reveal().as_str().map(str::to_string));
    let setting = |name: &str| text(config.get("config").and_then(|settings| settings.get(name)));
    match text(config.get("workspace")).filter(|workspace| workspace != DEFAULT_WORKSPACE) {
        Some(workspace) => {
            let folder = setting("workspace_dir").unwrap_or_else(|| format!("{STATE}.d"));
            PathBuf::from(folder).join(workspace).join(STATE)
        }
        None => PathBuf::from(setting("path").unwrap_or_else(|| STATE.into())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::testing::Lab;

    const TYPE: &str = "terraform_remote_state";

    fn object(value: Json, ty: Json) -> Json {
        json!({"value": value, "type": ["object", ty]})
    }

    fn path(path: &str) -> Json {
        object(json!({"path": path}), json!({"path": "string"}))
    }

    #[test]
    fn outputs_stand_before_defaults() {
        let lab = Lab::of("terraform");
        lab.world.store("a/b", [("url", "https://a")]);
        let defaults = object(json!({"url": "none", "more": "x"}), json!({"url": "string", "more": "string"}));
        let answer = lab.read_data(TYPE, json!({"backend": "local", "config": path("a/b"), "defaults": defaults}));
        let expected = Value::object([("more", Value::from("x")), ("url", Value::from("https://a"))]);
        assert_eq!(answer.expect("there is a state").get("outputs"), Some(expected));
    }

    #[test]
    fn each_workspace_has_its_state() {
        let lab = Lab::of("terraform");
        lab.world.store("terraform.tfstate", [("in", "default")]);
        lab.world.store("terraform.tfstate.d/w/terraform.tfstate", [("in", "w")]);
        lab.world.store("x/w/terraform.tfstate", [("in", "x")]);
        let read = |more: Json| {
            let mut config = json!({"backend": "local"});
            config.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            lab.read_data(TYPE, config).expect("there is a state").get("outputs").and_then(|all| all.get("in"))
        };
        assert_eq!(read(json!({})), Some("default".into()));
        assert_eq!(read(json!({"workspace": "default"})), Some("default".into()));
        assert_eq!(read(json!({"workspace": "w"})), Some("w".into()));
        let folder = object(json!({"workspace_dir": "x"}), json!({"workspace_dir": "string"}));
        assert_eq!(read(json!({"workspace": "w", "config": folder})), Some("x".into()));
    }

    #[test]
    fn a_missing_state_is_an_error_also_with_defaults() {
        let lab = Lab::of("terraform");
        let defaults = object(json!({"a": "b"}), json!({"a": "string"}));
        let error = lab.read_data(TYPE, json!({"backend": "local", "config": path("none"), "defaults": defaults}));
        assert_eq!(
            error.expect_err("there is none").to_string(),
            "failed to read terraform_remote_state: there is no state `none`"
        );
    }

    #[test]
    fn other_backends_and_settings_are_refused() {
        let lab = Lab::of("terraform");
        assert_eq!(lab.validate_data(TYPE, json!({"backend": "s3"})), ["backend: Invalid backend configuration"]);
        let wrong = object(json!({"pth": "x", "path": 1}), json!({"pth": "string", "path": "number"}));
        assert_eq!(
            lab.validate_data(TYPE, json!({"backend": "local", "config": wrong})),
            ["config.path: Invalid backend configuration", "config.pth: Invalid backend configuration"]
        );
        let text = json!({"value": "x", "type": "string"});
        assert_eq!(
            lab.validate_data(TYPE, json!({"backend": "local", "defaults": text})),
            ["defaults: Invalid default values"]
        );
        assert!(lab.validate_data(TYPE, json!({"backend": "local", "config": path("x")})).is_empty());
    }
}
