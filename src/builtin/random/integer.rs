//! `random_integer`: a number of a range.

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
pub struct RandomInteger {
    id: String,
    keepers: Keepers,
    max: i64,
    min: i64,
    result: i64,
    seed: Option<String>,
}

impl Resource for RandomInteger {
    const TYPE: &'static str = "random_integer";

    fn create(self, world: &dyn World) -> Result<RandomInteger, ProviderError> {
        if self.max < self.min {
            return Err(ProviderError::invalid(
                "create random_integer",
                format!("the range is empty: `min` is {}, and `max` is only {}", self.min, self.max),
            ));
        }
        let width = u128::try_from(i128::from(self.max) - i128::from(self.min) + 1).expect("the range is not empty");
        let drawn = i128::try_from(Dice::new(self.seed.as_deref(), world).below(width)).expect("it is below 2^65");
        let result = i64::try_from(i128::from(self.min) + drawn).expect("it lies between two that fit");
        Ok(RandomInteger { id: result.to_string(), result, ..self })
    }

    /// Takes `RESULT,MIN,MAX` or `RESULT,MIN,MAX,SEED`.
    fn import(id: &str, _: &dyn World) -> Result<RandomInteger, ProviderError> {
        let wrong = |why: String| {
            ProviderError::invalid("import random_integer", why)
                .hint("The identifier has the form RESULT,MIN,MAX or RESULT,MIN,MAX,SEED.")
        };
        let parts: Vec<&str> = id.split(',').collect();
        let (numbers, seed) = match parts.as_slice() {
            [result, min, max] => ([*result, *min, *max], None),
            [result, min, max, seed] => ([*result, *min, *max], Some(seed.to_string())),
            _ => return Err(wrong(format!("the identifier has {} parts", parts.len()))),
        };
        let read = |text: &str| text.parse::<i64>().map_err(|_| wrong(format!("`{text}` is no whole number")));
        let [result, min, max] = [read(numbers[0])?, read(numbers[1])?, read(numbers[2])?];
        Ok(RandomInteger { id: numbers[0].into(), keepers: None, max, min, result, seed })
    }

    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
        replace_for_map("keepers", request, answer);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "random_integer";

    #[test]
    fn the_result_lies_in_the_range() {
        let lab = Lab::of("random");
        for (min, max) in [(1, 3), (-2, -2), (i64::MIN, i64::MAX)] {
            let object = lab.create(TYPE, json!({"min": min, "max": max}));
            let result = object.get("result").and_then(|result| result.reveal().as_i64()).expect("a number");
            assert!((min..=max).contains(&result), "{result}");
            assert_eq!(text(&object, "id"), result.to_string());
        }
    }

    #[test]
    fn an_empty_range_is_refused() {
        let error = Lab::of("random").try_create(TYPE, json!({"min": 2, "max": 1})).expect_err("the range is empty");
        assert_eq!(
            error.to_string(),
            "failed to create random_integer: the range is empty: `min` is 2, and `max` is only 1"
        );
    }

    #[test]
    fn a_seed_gives_the_same_number_again() {
        let lab = Lab::of("random");
        let config = json!({"min": 0, "max": 1_000_000, "seed": "x"});
        assert_eq!(lab.create(TYPE, config.clone()), lab.create(TYPE, config));
    }

    #[test]
    fn an_import_names_the_range() {
        let lab = Lab::of("random");
        let object = lab.import(TYPE, "5,1,10,x").expect("a range");
        assert!(lab.is_no_change(TYPE, &object, json!({"min": 1, "max": 10, "seed": "x"})));
        for wrong in ["5", "5,1", "a,1,2", "5,1,2,x,y"] {
            lab.import(TYPE, wrong).expect_err("it is no range");
        }
    }
}
