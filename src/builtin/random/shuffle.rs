//! `random_shuffle`: the items of a list in another order.

use provider::error::ProviderError;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};

use crate::plan::replace_for_map;
use crate::random::Keepers;
use crate::random::dice::Dice;
use crate::resource::Resource;
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RandomShuffle {
    id: String,
    input: Vec<String>,
    keepers: Keepers,
    result: Vec<String>,
    result_count: Option<usize>,
    seed: Option<String>,
}

impl Resource for RandomShuffle {
    const TYPE: &'static str = "random_shuffle";

    /// Asked for more than there are, the items come again in another order.
    fn create(self, world: &dyn World) -> Result<RandomShuffle, ProviderError> {
        let count = self.result_count.filter(|count| *count > 0).unwrap_or(self.input.len());
        let mut dice = Dice::new(self.seed.as_deref(), world);
        let mut result = Vec::new();
        while result.len() < count && !self.input.is_empty() {
            let mut round = self.input.clone();
            dice.shuffle(&mut round);
            round.truncate(count - result.len());
            result.append(&mut round);
        }
        Ok(RandomShuffle { id: "-".into(), result, ..self })
    }

    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
        replace_for_map("keepers", request, answer);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use model::value::Value;
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "random_shuffle";

    fn result(object: &Value) -> Vec<String> {
        let result = object.get("result").expect("there is a result");
        result
            .reveal()
            .items()
            .expect("a list")
            .iter()
            .map(|item| item.reveal().as_str().expect("text").into())
            .collect()
    }

    #[test]
    fn the_result_has_the_items_of_the_input() {
        let lab = Lab::of("random");
        let object = lab.create(TYPE, json!({"input": ["a", "b", "c", "d"]}));
        assert_eq!(text(&object, "id"), "-");
        let mut sorted = result(&object);
        sorted.sort();
        assert_eq!(sorted, ["a", "b", "c", "d"]);
    }

    #[test]
    fn items_come_again_only_after_all_others() {
        let lab = Lab::of("random");
        let object = lab.create(TYPE, json!({"input": ["a", "b"], "result_count": 5}));
        let result = result(&object);
        assert_eq!(result.len(), 5);
        assert_ne!(result[0], result[1]);
        assert_ne!(result[2], result[3]);
        assert_eq!(self::result(&lab.create(TYPE, json!({"input": ["a", "b"], "result_count": 1}))).len(), 1);
        assert!(self::result(&lab.create(TYPE, json!({"input": [], "result_count": 3}))).is_empty());
    }

    #[test]
    fn every_argument_replaces_the_result() {
        let lab = Lab::of("random");
        let object = lab.create(TYPE, json!({"input": ["a", "b"]}));
        assert_eq!(lab.replaces(TYPE, &object, json!({"input": ["b", "a"]})), ["input"]);
        assert_eq!(lab.replaces(TYPE, &object, json!({"input": ["a", "b"], "seed": "x"})), ["seed"]);
        assert_eq!(lab.replaces(TYPE, &object, json!({"input": ["a", "b"], "result_count": 1})), ["result_count"]);
    }
}
