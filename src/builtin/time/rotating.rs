//! `time_rotating`: a time that ends, after which another one takes its place.
//!
//! A read after the end says that the object is gone, so that the next plan makes another.

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

const ROTATIONS: [&str; 6] =
    ["rotation_minutes", "rotation_hours", "rotation_days", "rotation_months", "rotation_years", "rotation_rfc3339"];

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TimeRotating {
    id: String,
    /// Those of the end.
    #[serde(flatten)]
    parts: Parts,
    rfc3339: String,
    rotation_days: Option<i64>,
    rotation_hours: Option<i64>,
    rotation_minutes: Option<i64>,
    rotation_months: Option<i64>,
    rotation_rfc3339: String,
    rotation_years: Option<i64>,
    triggers: Triggers,
}

impl TimeRotating {
    /// The object whose end follows from its beginning; an end that is given counts for itself.
    fn beginning_at(self, operation: &str, begin: Time) -> Result<TimeRotating, ProviderError> {
        let distance = Distance {
            years: self.rotation_years.unwrap_or(0),
            months: self.rotation_months.unwrap_or(0),
            days: self.rotation_days.unwrap_or(0),
            hours: self.rotation_hours.unwrap_or(0),
            minutes: self.rotation_minutes.unwrap_or(0),
            seconds: 0,
        };
        let end = match self.rotation_rfc3339.as_str() {
            "" => begin.after(operation, distance)?,
            given => Time::argument(operation, "rotation_rfc3339", given)?,
        };
        Ok(TimeRotating {
            id: begin.to_string(),
            parts: end.parts(),
            rfc3339: begin.to_string(),
            rotation_rfc3339: end.to_string(),
            ..self
        })
    }
}

impl Resource for TimeRotating {
    const TYPE: &'static str = "time_rotating";

    const IS_OBSERVED: bool = true;

    fn create(self, world: &dyn World) -> Result<TimeRotating, ProviderError> {
        let operation = "create time_rotating";
        let begin = match self.rfc3339.as_str() {
            "" => Time::utc(world.now()),
            given => Time::argument(operation, "rfc3339", given)?,
        };
        self.beginning_at(operation, begin)
    }

    fn read(self, world: &dyn World) -> Result<Option<TimeRotating>, ProviderError> {
        if self.rotation_rfc3339.is_empty() {
            return Ok(Some(self));
        }
        let end = Time::argument("read time_rotating", "rotation_rfc3339", &self.rotation_rfc3339)?;
        let is_over = end.timestamp().is_some_and(|end| world.now() > end);
        Ok((!is_over).then_some(self))
    }

    /// Takes `BEGIN,END` or `BEGIN,YEARS,MONTHS,DAYS,HOURS,MINUTES`, where numbers may be left empty.
    fn import(id: &str, _: &dyn World) -> Result<TimeRotating, ProviderError> {
        let operation = "import time_rotating";
        let form =
            "The identifier has the form BEGIN,END or BEGIN,YEARS,MONTHS,DAYS,HOURS,MINUTES; numbers may be empty.";
        let parts: Vec<&str> = id.split(',').collect();
        let (begin, named) = match parts.as_slice() {
            [begin, end] if !end.is_empty() => {
                (begin, TimeRotating { rotation_rfc3339: (*end).into(), ..TimeRotating::default() })
            }
            [begin, rest @ ..] if rest.len() == 5 && rest.iter().any(|part| !part.is_empty()) => {
                let [years, months, days, hours, minutes] =
                    numbers(operation, rest).map_err(|error| error.hint(form))?;
                let named = TimeRotating {
                    rotation_years: years,
                    rotation_months: months,
                    rotation_days: days,
                    rotation_hours: hours,
                    rotation_minutes: minutes,
                    ..TimeRotating::default()
                };
                (begin, named)
            }
            _ => {
                return Err(ProviderError::invalid(operation, format!("`{id}` does not say begin and end")).hint(form));
            }
        };
        named.beginning_at(operation, Time::argument(operation, "rfc3339", begin)?)
    }

    /// Another rotation moves the end in place, which is known as soon as the rotation is.
    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
        let Some(prior) = request.prior else { return Ok(()) };
        let mut planned = answer.planned.clone();
        if ROTATIONS.into_iter().all(|name| prior.get(name) == planned.get(name)) {
            return Ok(());
        }
        let is_known = ROTATIONS.into_iter().all(|name| planned.get(name).is_some_and(|value| value.is_known()));
        if request.config.get("rotation_rfc3339").is_none_or(|end| end.is_null()) {
            planned = planned.with("rotation_rfc3339", Value::unknown(Type::String));
        }
        if !is_known {
            answer.planned = Parts::forget(planned);
            return Ok(());
        }
        let moved: TimeRotating = from_value(&planned)?;
        let begin = Time::argument("plan time_rotating", "rfc3339", &moved.rfc3339)?;
        let moved = moved.beginning_at("plan time_rotating", begin)?;
        answer.planned = moved.parts.fill(planned.with("rotation_rfc3339", moved.rotation_rfc3339.into()));
        Ok(())
    }

    fn update(_: TimeRotating, want: TimeRotating, _: &dyn World) -> Result<TimeRotating, ProviderError> {
        let operation = "update time_rotating";
        let begin = Time::argument(operation, "rfc3339", &want.rfc3339)?;
        want.beginning_at(operation, begin)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals = refuse_other_forms(config, &["rfc3339", "rotation_rfc3339"]);
        refusals.extend(require_one(config, &ROTATIONS));
        refusals
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "time_rotating";

    #[test]
    fn the_object_is_gone_once_its_time_is_over() {
        let lab = Lab::of("time");
        let object = lab.create(TYPE, json!({"rotation_days": 1}));
        assert_eq!(text(&object, "rotation_rfc3339"), "2024-03-01T12:00:00Z");
        assert_eq!(object.get("day"), Some(1.into()));
        lab.set_time("2024-03-01T12:00:00Z");
        assert_eq!(lab.read(TYPE, &object), Some(object.clone()));
        assert!(lab.is_no_change(TYPE, &object, json!({"rotation_days": 1})));
        lab.set_time("2024-03-01T12:00:01Z");
        assert_eq!(lab.read(TYPE, &object), None);
    }

    #[test]
    fn another_rotation_moves_the_end_in_place() {
        let lab = Lab::of("time");
        let object = lab.create(TYPE, json!({"rotation_days": 1}));
        let other = json!({"rotation_days": 1, "rotation_hours": 6});
        let plan = lab.plan(TYPE, Some(&object), other.clone());
        assert_eq!(text(&plan.planned, "rotation_rfc3339"), "2024-03-01T18:00:00Z");
        assert_eq!(lab.update(TYPE, &object, other), plan.planned);
        let end = json!({"rotation_rfc3339": "2030-01-01T00:00:00Z"});
        let moved = lab.update(TYPE, &object, end.clone());
        assert_eq!((moved.get("year"), moved.get("id")), (Some(2030.into()), object.get("id")));
        assert!(lab.is_no_change(TYPE, &moved, end));
    }

    #[test]
    fn another_beginning_replaces_the_object() {
        let lab = Lab::of("time");
        let object = lab.create(TYPE, json!({"rotation_days": 1, "rfc3339": "2024-02-29T00:00:00Z"}));
        let other = json!({"rotation_days": 1, "rfc3339": "2024-02-28T00:00:00Z"});
        assert_eq!(lab.replaces(TYPE, &object, other), ["rfc3339"]);
    }

    #[test]
    fn an_import_names_begin_and_end() {
        let lab = Lab::of("time");
        let object = lab.import(TYPE, "2024-01-01T00:00:00Z,2030-01-01T00:00:00Z").expect("begin and end");
        assert_eq!(object.get("year"), Some(2030.into()));
        let object = lab.import(TYPE, "2024-01-01T00:00:00Z,,,30,,").expect("begin and rotation");
        assert!(lab.is_no_change(TYPE, &object, json!({"rotation_days": 30})));
        for wrong in
            ["", "2024-01-01T00:00:00Z,", "2024-01-01T00:00:00Z,,,,,", "x,,,30,,", "2024-01-01T00:00:00Z,,,x,,"]
        {
            lab.import(TYPE, wrong).expect_err("it is neither");
        }
    }

    #[test]
    fn a_rotation_of_at_least_one_is_required() {
        let lab = Lab::of("time");
        assert_eq!(lab.validate(TYPE, json!({})), ["rotation_minutes: Missing Attribute Configuration"]);
        assert_eq!(
            lab.validate(TYPE, json!({"rotation_days": 0})),
            ["rotation_days: expected rotation_days to be at least (1), got 0"]
        );
    }
}
