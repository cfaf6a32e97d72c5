//! `null_data_source`: gives its inputs back.

use std::collections::BTreeMap;

use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::data_source::DataSource;
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct NullDataSource {
    has_computed_default: String,
    id: String,
    inputs: Option<BTreeMap<String, String>>,
    outputs: Option<BTreeMap<String, String>>,
    random: String,
}

impl DataSource for NullDataSource {
    const TYPE: &'static str = "null_data_source";

    fn read(self, world: &dyn World) -> Result<NullDataSource, ProviderError> {
        Ok(NullDataSource {
            has_computed_default: "default".into(),
            id: "static".into(),
            outputs: self.inputs.clone(),
            random: world.decimal_id(),
            ..self
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    #[test]
    fn the_outputs_are_the_inputs() {
        let lab = Lab::of("null");
        let answer = lab.read_data("null_data_source", json!({"inputs": {"a": "1"}})).expect("it reads");
        assert_eq!(answer.get("outputs"), answer.get("inputs"));
        assert_eq!((text(&answer, "id"), text(&answer, "has_computed_default")), ("static".into(), "default".into()));
        let answer = lab.read_data("null_data_source", json!({"has_computed_default": "mine"})).expect("it reads");
        assert_eq!(text(&answer, "has_computed_default"), "mine");
    }
}
