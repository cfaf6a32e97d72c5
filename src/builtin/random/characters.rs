//! What `random_string` and `random_password` share: which characters a text is made of, and how many of each.

use std::collections::BTreeMap;

use model::path::Path;
use model::value::Value;
use provider::error::ProviderError;
use provider::resource::Refusal;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use crate::plan::replace_for_map;
use crate::random::Keepers;
use crate::random::dice::Dice;
use crate::world::World;

const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const DIGITS: &str = "0123456789";
const SPECIAL: &str = "!@#$%&*()-_=+[]{}<>:?";

/// The arguments of both types. `number` is the older name of `numeric`, and always the same.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Characters {
    pub keepers: Keepers,
    pub length: usize,
    pub lower: bool,
    pub min_lower: usize,
    pub min_numeric: usize,
    pub min_special: usize,
    pub min_upper: usize,
    pub number: bool,
    pub numeric: bool,
    pub override_special: Option<String>,
    pub special: bool,
    pub upper: bool,
}

impl Characters {
    /// What an import takes the text to have been made of: everything.
    pub fn of(text: &str) -> Characters {
        Characters {
            length: text.chars().count(),
            lower: true,
            number: true,
            numeric: true,
            special: true,
            upper: true,
            ..Characters::default()
        }
    }

    /// A text: first the least of each kind, then any, in any order.
    pub fn draw(&self, type_name: &str, world: &dyn World) -> Result<String, ProviderError> {
        let special = self.override_special.as_deref().filter(|special| !special.is_empty()).unwrap_or(SPECIAL);
        let kinds = [
            (self.upper, UPPER, self.min_upper),
            (self.lower, LOWER, self.min_lower),
            (self.numeric, DIGITS, self.min_numeric),
            (self.special, special, self.min_special),
        ];
        let mut dice = Dice::new(None, world);
        let mut text: Vec<char> = Vec::new();
        for (_, kind, least) in kinds {
            let kind: Vec<char> = kind.chars().collect();
            text.extend((0..least).map(|_| *dice.pick(&kind)));
        }
        let any: Vec<char> = kinds.iter().filter(|(on, ..)| *on).flat_map(|(_, kind, _)| kind.chars()).collect();
        let left = self.length.checked_sub(text.len()).ok_or_else(|| {
            ProviderError::invalid(
                format!("create {type_name}"),
                format!("the length is {}, and the least of each kind makes {}", self.length, text.len()),
            )
        })?;
        if left > 0 && any.is_empty() {
            return Err(ProviderError::invalid(
                format!("create {type_name}"),
                "there are no characters to choose from: all of `upper`, `lower`, `numeric` and `special` are false",
            ));
        }
        text.extend((0..left).map(|_| *dice.pick(&any)));
        dice.shuffle(&mut text);
        Ok(text.into_iter().collect())
    }

    /// Plan rules: `number` and `numeric` are the same, and special characters may go from empty to missing.
    pub fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer) -> Result<(), ProviderError> {
        replace_for_map("keepers", request, answer);
        let given = ["numeric", "number"].map(|name| request.config.get(name).filter(|value| !value.is_null()));
        let numeric = match given {
            [Some(numeric), Some(number)] if numeric.is_known() && number.is_known() && numeric != number => {
                return Err(ProviderError::invalid(
                    format!("plan {}", request.type_name),
                    "`number` and `numeric` are two names of one argument, and have different values",
                )
                .hint("Remove `number`, which is deprecated.")
                .attribute(Path::attribute("number")));
            }
            [Some(numeric), Some(number)] if !numeric.is_known() => number,
            [Some(numeric), _] => numeric,
            [None, Some(number)] => number,
            [None, None] => Value::bool(true),
        };
        for name in ["number", "numeric"] {
            answer.planned = answer.planned.clone().with(name, numeric.clone());
            if request.prior.is_some_and(|prior| prior.get(name).as_ref() != Some(&numeric)) {
                answer.replace.push(Path::attribute(name));
            }
        }
        let special = |value: Option<&Value>| value.and_then(|value| value.get("override_special"));
        if let (Some(before), Some(after)) = (special(request.prior), special(Some(request.config)))
            && before != after
            && after.is_known()
            && !(after.is_null() && before.reveal().as_str() == Some(""))
        {
            answer.replace.push(Path::attribute("override_special"));
        }
        Ok(())
    }

    /// Refuses a length that the least of each kind does not fit into, and texts of nothing.
    pub fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals = Vec::new();
        let number = |name: &str| config.get(name).and_then(|value| value.reveal().as_i64());
        let least: i64 = ["min_upper", "min_lower", "min_numeric", "min_special"].into_iter().filter_map(number).sum();
        if let Some(length) = number("length")
            && length < least
        {
            refusals.push(Refusal {
                attribute: Path::attribute("length"),
                summary: "Invalid Attribute Value".into(),
                detail: format!(
                    "The length is {length}, and the sum of min_upper, min_lower, min_numeric and min_special is {least}."
                ),
            });
        }
        let is_off = |name: &str| config.get(name) == Some(Value::bool(false));
        let numeric = is_off("numeric") || is_off("number");
        if numeric && ["upper", "lower", "special"].into_iter().all(is_off) {
            refusals.push(Refusal {
                attribute: Path::attribute("numeric"),
                summary: "Invalid Attribute Combination".into(),
                detail: "At least one of special, upper, lower and numeric must be true.".into(),
            });
        }
        refusals
    }

    /// Fills in what objects of older versions, above all imported ones, have no values for.
    pub fn upgrade(stored: &mut Map<String, Json>) {
        let length = stored.get("result").and_then(Json::as_str).map_or(0, |result| result.chars().count());
        let defaults: BTreeMap<&str, Json> = BTreeMap::from([
            ("length", json!(length)),
            ("lower", json!(true)),
            ("min_lower", json!(0)),
            ("min_numeric", json!(0)),
            ("min_special", json!(0)),
            ("min_upper", json!(0)),
            ("number", json!(true)),
            ("special", json!(true)),
            ("upper", json!(true)),
        ]);
        for (name, default) in defaults {
            let present = stored.entry(name).or_insert(Json::Null);
            if present.is_null() {
                *present = default;
            }
        }
        let number = stored["number"].clone();
        stored.insert("numeric".into(), number);
    }
}
