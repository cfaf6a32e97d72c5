//! `null_resource`: an object without effect, replaced when its triggers change.

use std::collections::BTreeMap;

use provider::error::ProviderError;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};

use crate::plan::replace_for_map;
use crate::resource::Resource;
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct NullResource {
    id: String,
    triggers: Option<BTreeMap<String, String>>,
}

impl Resource for NullResource {
    const TYPE: &'static str = "null_resource";

    fn create(self, world: &dyn World) -> Result<NullResource, ProviderError> {
        Ok(NullResource { id: world.decimal_id(), ..self })
    }

    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
        replace_for_map("triggers", request, answer);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "null_resource";

    #[test]
    fn the_identifier_is_a_number_and_stays() {
        let lab = Lab::of("null");
        let object = lab.create(TYPE, json!({}));
        text(&object, "id").parse::<i64>().expect("a number of 63 bits");
        assert!(lab.is_no_change(TYPE, &object, json!({})));
    }

    #[test]
    fn another_trigger_replaces_the_object() {
        let lab = Lab::of("null");
        let object = lab.create(TYPE, json!({"triggers": {"a": "1"}}));
        assert!(lab.is_no_change(TYPE, &object, json!({"triggers": {"a": "1"}})));
        for other in [json!({"a": "2"}), json!({"a": "1", "b": "1"}), json!({}), json!(null), json!({"a": "(unknown)"})]
        {
            assert_eq!(lab.replaces(TYPE, &object, json!({"triggers": other})), ["triggers"], "{other}");
        }
    }

    #[test]
    fn a_trigger_that_is_null_is_none() {
        let lab = Lab::of("null");
        let object = lab.create(TYPE, json!({"triggers": {"a": "1"}}));
        assert!(lab.replaces(TYPE, &object, json!({"triggers": {"a": "1", "b": null}})).is_empty());
        let changed = lab.update(TYPE, &object, json!({"triggers": {"a": "1", "b": null}}));
        assert!(lab.is_no_change(TYPE, &changed, json!({"triggers": {"a": "1", "b": null}})));
    }

    #[test]
    fn nothing_can_be_imported() {
        let error = Lab::of("null").import(TYPE, "1").expect_err("refused");
        assert_eq!(error.to_string(), "failed to import null_resource: objects of this type can't be imported");
    }
}
