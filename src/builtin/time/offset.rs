//! `time_offset`: a time that lies a distance from another.

use model::ty::Type;
use model::value::Value;
use provider::error::ProviderError;
use provider::resource::Refusal;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};

use crate::resource::{Resource, from_value};
use crate::time::Triggers;
use crate::time::clock::{Distance, Parts, Time, numbers, refuse_other_forms, require_one};
use crate::world::World;

const DISTANCES: [&str; 6] =
    ["offset_seconds", "offset_minutes", "offset_hours", "offset_days", "offset_months", "offset_years"];

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TimeOffset {
    base_rfc3339: String,
    id: String,
    offset_days: Option<i64>,
    offset_hours: Option<i64>,
    offset_minutes: Option<i64>,
    offset_months: Option<i64>,
    offset_seconds: Option<i64>,
    offset_years: Option<i64>,
    #[serde(flatten)]
    parts: Parts,
    rfc3339: String,
    triggers: Triggers,
}

impl TimeOffset {
    /// The object whose times follow from the base.
    fn measured_from(self, operation: &str, base: Time) -> Result<TimeOffset, ProviderError> {
        let distance = Distance {
            years: self.offset_years.unwrap_or(0),
            months: self.offset_months.unwrap_or(0),
            days: self.offset_days.unwrap_or(0),
            hours: self.offset_hours.unwrap_or(0),
            minutes: self.offset_minutes.unwrap_or(0),
            seconds: self.offset_seconds.unwrap_or(0),
        };
        let time = base.after(operation, distance)?;
        Ok(TimeOffset {
            base_rfc3339: base.to_string(),
            id: base.to_string(),
            parts: time.parts(),
            rfc3339: time.to_string(),
            ..self
        })
    }
}

impl Resource for TimeOffset {
    const TYPE: &'static str = "time_offset";

    fn create(self, world: &dyn World) -> Result<TimeOffset, ProviderError> {
        let operation = "create time_offset";
        let base = match self.base_rfc3339.as_str() {
            "" => Time::utc(world.now()),
            given => Time::argument(operation, "base_rfc3339", given)?,
        };
        self.measured_from(operation, base)
    }

    fn update(_: TimeOffset, want: TimeOffset, _: &dyn World) -> Result<TimeOffset, ProviderError> {
        let operation = "update time_offset";
        let base = Time::argument(operation, "base_rfc3339", &want.base_rfc3339)?;
        want.measured_from(operation, base)
    }

    /// Takes `BASE,YEARS,MONTHS,DAYS,HOURS,MINUTES,SECONDS`, where numbers may be left empty.
    fn import(id: &str, _: &dyn World) -> Result<TimeOffset, ProviderError> {
        let operation = "import time_offset";
        let form = "The identifier has the form BASE,YEARS,MONTHS,DAYS,HOURS,MINUTES,SECONDS; numbers may be empty.";
        let parts: Vec<&str> = id.split(',').collect();
        let [base, rest @ ..] = parts.as_slice() else { unreachable!("a text has at least one part") };
        if rest.len() != 6 || rest.iter().all(|part| part.is_empty()) {
            return Err(ProviderError::invalid(operation, format!("`{id}` does not say base and distance")).hint(form));
        }
        let [years, months, days, hours, minutes, seconds] =
            numbers(operation, rest).map_err(|error| error.hint(form))?;
        let named = TimeOffset {
            offset_years: years,
            offset_months: months,
            offset_days: days,
            offset_hours: hours,
            offset_minutes: minutes,
            offset_seconds: seconds,
            ..TimeOffset::default()
        };
        named.measured_from(operation, Time::argument(operation, "base_rfc3339", base)?)
    }

    /// Another distance or base moves the time in place, which is known as soon as they are.
    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
        let Some(prior) = request.prior else { return Ok(()) };
        let depends_on = || DISTANCES.into_iter().chain(["base_rfc3339"]);
        let planned = answer.planned.clone();
        if depends_on().all(|name| prior.get(name) == planned.get(name)) {
            return Ok(());
        }
        let is_known = depends_on().all(|name| planned.get(name).is_some_and(|value| value.is_known()));
        answer.planned = if is_known {
            let moved: TimeOffset = from_value(&planned)?;
            let base = Time::argument("plan time_offset", "base_rfc3339", &moved.base_rfc3339)?;
            let moved = moved.measured_from("plan time_offset", base)?;
            moved.parts.fill(planned).with("rfc3339", moved.rfc3339.into()).with("id", moved.id.into())
        } else {
            let unknown = || Value::unknown(Type::String);
            Parts::forget(planned).with("rfc3339", unknown()).with("id", unknown())
        };
        Ok(())
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals = refuse_other_forms(config, &["base_rfc3339"]);
        refusals.extend(require_one(config, &DISTANCES));
        refusals
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "time_offset";

    #[test]
    fn the_time_lies_the_distance_from_the_creation() {
        let lab = Lab::of("time");
        let object = lab.create(TYPE, json!({"offset_days": 1, "offset_hours": 11}));
        assert_eq!(text(&object, "base_rfc3339"), "2024-02-29T12:00:00Z");
        assert_eq!(text(&object, "rfc3339"), "2024-03-01T23:00:00Z");
        assert_eq!(text(&object, "id"), "2024-02-29T12:00:00Z");
        lab.set_time("2025-01-01T00:00:00Z");
        assert!(lab.is_no_change(TYPE, &object, json!({"offset_days": 1, "offset_hours": 11})));
    }

    #[test]
    fn another_distance_moves_the_time_in_place() {
        let lab = Lab::of("time");
        let object = lab.create(TYPE, json!({"offset_days": 1}));
        let plan = lab.plan(TYPE, Some(&object), json!({"offset_years": -1}));
        assert!(plan.replace.is_empty() && plan.planned.is_wholly_known());
        assert_eq!(text(&plan.planned, "rfc3339"), "2023-03-01T12:00:00Z");
        assert_eq!(lab.update(TYPE, &object, json!({"offset_years": -1})), plan.planned);
    }

    #[test]
    fn another_base_moves_the_time_in_place() {
        let lab = Lab::of("time");
        let object = lab.create(TYPE, json!({"offset_days": 1, "base_rfc3339": "2020-01-01T00:00:00Z"}));
        let other = json!({"offset_days": 1, "base_rfc3339": "2021-01-01T00:00:00Z"});
        assert_eq!(text(&lab.update(TYPE, &object, other), "rfc3339"), "2021-01-02T00:00:00Z");
    }

    #[test]
    fn a_distance_that_is_to_be_seen_makes_the_time_unknown() {
        let lab = Lab::of("time");
        let object = lab.create(TYPE, json!({"offset_days": 1}));
        let planned = lab.plan(TYPE, Some(&object), json!({"offset_days": "(unknown)"})).planned;
        for name in ["rfc3339", "unix", "id"] {
            assert!(planned.get(name).is_some_and(|value| !value.is_known()), "{name}");
        }
        assert_eq!(planned.get("base_rfc3339"), object.get("base_rfc3339"));
    }

    #[test]
    fn an_import_names_base_and_distance() {
        let lab = Lab::of("time");
        let object = lab.import(TYPE, "2020-01-01T00:00:00Z,,,7,,,").expect("base and distance");
        assert_eq!(text(&object, "rfc3339"), "2020-01-08T00:00:00Z");
        assert!(lab.is_no_change(TYPE, &object, json!({"offset_days": 7})));
        for wrong in
            ["", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z,,,,,,", "2020-01-01T00:00:00Z,x,,,,,", "x,1,,,,,"]
        {
            lab.import(TYPE, wrong).expect_err("it is neither");
        }
    }

    #[test]
    fn a_distance_is_required() {
        let lab = Lab::of("time");
        assert_eq!(lab.validate(TYPE, json!({})), ["offset_seconds: Missing Attribute Configuration"]);
        assert!(lab.validate(TYPE, json!({"offset_days": 0})).is_empty());
    }
}
