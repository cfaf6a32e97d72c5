//! `terraform_data`: keeps a value of any type, and is replaced when another one changes.
//!
//! Its attributes have no fixed type, so it works on values.

use model::path::Path;
use model::ty::Type;
use model::value::{Refinement, Value};
use provider::error::ProviderError;
use provider::facts::TypeFacts;
use provider::{PlanAnswer, PlanRequest};

use crate::behaviour::Behaviour;
use crate::world::World;

pub struct TerraformData;

impl Behaviour for TerraformData {
    fn plan(&self, _: &TypeFacts, request: &PlanRequest<'_>, _: &dyn World) -> Result<PlanAnswer, ProviderError> {
        let proposed = request.proposed;
        let differs = |prior: &Value, name: &str| prior.get(name) != proposed.get(name);
        let input = || part(proposed, "input");
        let made = || {
            // A new object without input has no output; one that loses its input is only known to have none afterwards.
            let output = Some(input()).filter(Value::is_null).unwrap_or_else(|| Value::unknown(input().ty()));
            let id = Value::unknown_with(Type::String, Refinement::not_null());
            proposed.clone().with("output", output).with("id", id)
        };
        let mut replace = Vec::new();
        let planned = match request.prior {
            None => made(),
            Some(prior) if differs(prior, "triggers_replace") => {
                replace.push(Path::attribute("triggers_replace"));
                made()
            }
            // Unlike for a new object, even where the input is null.
            Some(prior) if differs(prior, "input") => proposed.clone().with("output", Value::unknown(input().ty())),
            Some(_) => proposed.clone(),
        };
        Ok(PlanAnswer { planned, replace, private: request.private.into(), notes: Vec::new() })
    }

    fn create(&self, _: &TypeFacts, planned: &Value, world: &dyn World) -> Result<Value, ProviderError> {
        Ok(kept(planned).with("id", Value::string(world.uuid())))
    }

    fn update(&self, _: &TypeFacts, _: &Value, planned: &Value, _: &dyn World) -> Result<Value, ProviderError> {
        Ok(kept(planned))
    }

    fn import(&self, facts: &TypeFacts, id: &str, _: &dyn World) -> Result<Value, ProviderError> {
        Ok(facts.schema.block.empty_value().with("id", Value::string(id)))
    }
}

/// The object whose output is its input where that was to be seen.
fn kept(planned: &Value) -> Value {
    if part(planned, "output").is_known() {
        return planned.clone();
    }
    planned.clone().with("output", part(planned, "input"))
}

fn part(object: &Value, name: &str) -> Value {
    object.get(name).expect("values that come in are of the type's schema")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::Lab;

    const TYPE: &str = "terraform_data";

    fn any(value: serde_json::Value, ty: serde_json::Value) -> serde_json::Value {
        json!({"value": value, "type": ty})
    }

    fn with_input(text: &str) -> serde_json::Value {
        json!({"input": any(json!(text), json!("string"))})
    }

    #[test]
    fn the_output_is_the_input_whatever_its_type() {
        let lab = Lab::of("terraform");
        for input in [
            any(json!("a"), json!("string")),
            any(json!([1, 2]), json!(["set", "number"])),
            any(json!({"a": [true, null]}), json!(["object", {"a": ["tuple", ["bool", "string"]]}])),
            json!(null),
        ] {
            let object = lab.create(TYPE, json!({"input": input}));
            assert_eq!(object.get("output"), object.get("input"));
            assert!(lab.is_no_change(TYPE, &object, json!({"input": input})));
        }
    }

    #[test]
    fn another_input_makes_the_output_unknown_and_keeps_the_object() {
        let lab = Lab::of("terraform");
        let object = lab.create(TYPE, with_input("a"));
        let plan = lab.plan(TYPE, Some(&object), with_input("b"));
        assert!(plan.replace.is_empty());
        assert_eq!(plan.planned.get("output"), Some(Value::unknown(Type::String)));
        let changed = lab.update(TYPE, &object, with_input("b"));
        assert_eq!(changed.get("output"), Some("b".into()));
        assert_eq!(changed.get("id"), object.get("id"));
    }

    #[test]
    fn the_output_of_an_input_that_goes_is_to_be_seen() {
        let lab = Lab::of("terraform");
        let object = lab.create(TYPE, with_input("a"));
        let planned = lab.plan(TYPE, Some(&object), json!({})).planned;
        assert!(planned.get("output").is_some_and(|output| !output.is_known()));
        assert!(lab.update(TYPE, &object, json!({})).get("output").is_some_and(|output| output.is_null()));
    }

    #[test]
    fn another_trigger_replaces_the_object() {
        let lab = Lab::of("terraform");
        let trigger = |value| json!({"triggers_replace": any(json!([value]), json!(["tuple", ["number"]]))});
        let object = lab.create(TYPE, trigger(1));
        assert!(lab.replaces(TYPE, &object, trigger(1)).is_empty());
        assert_eq!(lab.replaces(TYPE, &object, trigger(2)), ["triggers_replace"]);
        assert_eq!(lab.replaces(TYPE, &object, json!({})), ["triggers_replace"]);
    }

    #[test]
    fn a_value_of_another_type_is_another_value() {
        let lab = Lab::of("terraform");
        let list = json!({"input": any(json!(["a"]), json!(["list", "string"]))});
        let tuple = json!({"input": any(json!(["a"]), json!(["tuple", ["string"]]))});
        let object = lab.create(TYPE, list);
        assert!(!lab.is_no_change(TYPE, &object, tuple));
    }

    #[test]
    fn an_imported_object_has_its_identifier_alone() {
        let object = Lab::of("terraform").import(TYPE, "x").expect("any identifier can be imported");
        assert_eq!(object.get("id"), Some("x".into()));
        assert!(object.get("input").is_some_and(|input| input.is_null()));
    }
}
