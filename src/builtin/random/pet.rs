//! `random_pet`: a name made of words, `adjective-animal` with more adverbs before it the longer it is.

use petname::Petnames;
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
pub struct RandomPet {
    id: String,
    keepers: Keepers,
    length: i64,
    prefix: Option<String>,
    separator: String,
}

impl Resource for RandomPet {
    const TYPE: &'static str = "random_pet";

    fn create(self, world: &dyn World) -> Result<RandomPet, ProviderError> {
        let words = Petnames::default();
        let mut dice = Dice::new(None, world);
        let mut name: Vec<&str> = self.prefix.iter().map(String::as_str).filter(|prefix| !prefix.is_empty()).collect();
        name.extend((2..self.length).map(|_| *dice.pick::<&str>(&words.adverbs)));
        if self.length > 1 {
            name.push(dice.pick::<&str>(&words.adjectives));
        }
        name.push(dice.pick::<&str>(&words.nouns));
        Ok(RandomPet { id: name.join(&self.separator), ..self })
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

    const TYPE: &str = "random_pet";

    #[test]
    fn the_name_has_as_many_words_as_asked_for() {
        let lab = Lab::of("random");
        let words = |config| text(&lab.create(TYPE, config), "id").split('-').count();
        assert_eq!(words(json!({})), 2);
        assert_eq!(words(json!({"length": 1})), 1);
        assert_eq!(words(json!({"length": 5})), 5);
        assert_eq!(words(json!({"length": 2, "prefix": "web"})), 3);
    }

    #[test]
    fn prefix_and_words_are_joined_by_the_separator() {
        let lab = Lab::of("random");
        let name = text(&lab.create(TYPE, json!({"prefix": "web", "separator": "_"})), "id");
        assert!(name.starts_with("web_") && name.matches('_').count() == 2, "{name}");
        assert_eq!(name, name.to_lowercase());
    }

    #[test]
    fn a_default_is_back_when_its_argument_is_gone() {
        let lab = Lab::of("random");
        let object = lab.create(TYPE, json!({"length": 3}));
        assert!(lab.is_no_change(TYPE, &object, json!({"length": 3})));
        assert_eq!(lab.replaces(TYPE, &object, json!({})), ["length"]);
    }
}
