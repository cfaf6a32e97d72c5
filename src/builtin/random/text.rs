//! `random_string`: random text.

use provider::error::ProviderError;
use provider::resource::Refusal;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::random::characters::Characters;
use crate::resource::Resource;
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RandomString {
    #[serde(flatten)]
    characters: Characters,
    id: String,
    result: String,
}

impl Resource for RandomString {
    const TYPE: &'static str = "random_string";

    fn create(self, world: &dyn World) -> Result<RandomString, ProviderError> {
        let result = self.characters.draw(Self::TYPE, world)?;
        Ok(RandomString { id: result.clone(), result, ..self })
    }

    /// Takes the text itself.
    fn import(id: &str, _: &dyn World) -> Result<RandomString, ProviderError> {
        Ok(RandomString { characters: Characters::of(id), id: id.into(), result: id.into() })
    }

    fn upgrade(_: u64, stored: &mut Map<String, Json>, _: &dyn World) -> Result<(), ProviderError> {
        Characters::upgrade(stored);
        Ok(())
    }

    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
        Characters::refine(request, answer)
    }

    fn validate(config: &model::value::Value) -> Vec<Refusal> {
        Characters::validate(config)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "random_string";

    #[test]
    fn every_kind_comes_as_often_as_asked_for() {
        let lab = Lab::of("random");
        let config = json!({"length": 20, "min_upper": 3, "min_lower": 4, "min_numeric": 5, "min_special": 6});
        let result = text(&lab.create(TYPE, config), "result");
        assert_eq!(result.len(), 20);
        let count = |is: fn(&char) -> bool| result.chars().filter(is).count();
        assert!(count(char::is_ascii_uppercase) >= 3);
        assert!(count(char::is_ascii_lowercase) >= 4);
        assert!(count(char::is_ascii_digit) >= 5);
        assert!(count(char::is_ascii_punctuation) >= 6);
    }

    #[test]
    fn kinds_that_are_off_do_not_come() {
        let lab = Lab::of("random");
        let digits =
            text(&lab.create(TYPE, json!({"length": 50, "upper": false, "lower": false, "special": false})), "id");
        assert!(digits.chars().all(|c| c.is_ascii_digit()), "{digits}");
        let config = json!({"length": 50, "upper": false, "lower": false, "numeric": false, "override_special": "_é"});
        let special = text(&lab.create(TYPE, config), "result");
        assert!(special.chars().all(|c| "_é".contains(c)) && special.chars().count() == 50, "{special}");
    }

    #[test]
    fn number_and_numeric_are_one_argument() {
        let lab = Lab::of("random");
        let object = lab.create(TYPE, json!({"length": 5, "number": false}));
        assert_eq!(object.get("numeric"), Some(false.into()));
        assert!(lab.is_no_change(TYPE, &object, json!({"length": 5, "numeric": false})));
        assert_eq!(lab.replaces(TYPE, &object, json!({"length": 5})), ["number", "numeric"]);
        let error = lab.try_plan(TYPE, None, json!({"length": 5, "number": false, "numeric": true}));
        let error = error.expect_err("they differ");
        assert_eq!(
            error.to_string(),
            "failed to plan random_string: `number` and `numeric` are two names of one argument, and have different values"
        );
    }

    #[test]
    fn an_empty_set_of_special_characters_may_be_removed() {
        let lab = Lab::of("random");
        let object = lab.create(TYPE, json!({"length": 5, "override_special": ""}));
        assert!(lab.replaces(TYPE, &object, json!({"length": 5})).is_empty());
        assert_eq!(lab.replaces(TYPE, &object, json!({"length": 5, "override_special": "_"})), ["override_special"]);
        let changed = lab.update(TYPE, &object, json!({"length": 5}));
        assert_eq!(changed.get("result"), object.get("result"));
    }

    #[test]
    fn what_can_not_be_made_is_refused() {
        let lab = Lab::of("random");
        assert_eq!(lab.validate(TYPE, json!({"length": 0})), ["length: expected length to be at least (1), got 0"]);
        assert_eq!(
            lab.validate(TYPE, json!({"length": 3, "min_upper": 2, "min_lower": 2})),
            ["length: Invalid Attribute Value"]
        );
        let nothing = json!({"length": 3, "upper": false, "lower": false, "numeric": false, "special": false});
        assert_eq!(lab.validate(TYPE, nothing.clone()), ["numeric: Invalid Attribute Combination"]);
        lab.try_create(TYPE, nothing).expect_err("there is nothing to choose from");
    }

    #[test]
    fn an_imported_text_stays_with_its_length() {
        let lab = Lab::of("random");
        let object = lab.import(TYPE, "test").expect("any text can be imported");
        assert!(lab.is_no_change(TYPE, &object, json!({"length": 4})));
        assert_eq!(lab.replaces(TYPE, &object, json!({"length": 5})), ["length"]);
    }

    #[test]
    fn objects_of_older_versions_get_what_they_lack() {
        let lab = Lab::of("random");
        let object = lab.upgrade(TYPE, 1, json!({"id": "abc", "result": "abc", "length": null, "number": false}));
        let config = json!({"length": 3, "numeric": false});
        assert!(lab.is_no_change(TYPE, &object, config));
    }
}
