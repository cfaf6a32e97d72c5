//! `time_static`: the time of its creation, or one that is given.

use model::value::Value;
use provider::error::ProviderError;
use provider::resource::Refusal;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};

use crate::resource::Resource;
use crate::time::Triggers;
use crate::time::clock::{Parts, Time, refuse_other_forms};
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TimeStatic {
    id: String,
    #[serde(flatten)]
    parts: Parts,
    rfc3339: String,
    triggers: Triggers,
}

impl TimeStatic {
    fn of(time: Time, triggers: Triggers) -> TimeStatic {
        TimeStatic { id: time.to_string(), parts: time.parts(), rfc3339: time.to_string(), triggers }
    }
}

impl Resource for TimeStatic {
    const TYPE: &'static str = "time_static";

    fn create(self, world: &dyn World) -> Result<TimeStatic, ProviderError> {
        let time = match self.rfc3339.as_str() {
            "" => Time::utc(world.now()),
            given => Time::argument("create time_static", "rfc3339", given)?,
        };
        Ok(TimeStatic::of(time, self.triggers))
    }

    fn import(id: &str, _: &dyn World) -> Result<TimeStatic, ProviderError> {
        Ok(TimeStatic::of(Time::argument("import time_static", "rfc3339", id)?, None))
    }

    /// A time that is given is known in all its parts before it is made.
    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
        let given = request.config.get("rfc3339");
        let Some(text) = given.as_ref().and_then(|given| given.reveal().as_str()) else { return Ok(()) };
        if request.prior.is_none() {
            let parts = Time::argument("plan time_static", "rfc3339", text)?.parts();
            answer.planned = parts.fill(answer.planned.clone()).with("id", text.into());
        }
        Ok(())
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refuse_other_forms(config, &["rfc3339"])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "time_static";

    #[test]
    fn the_time_is_that_of_the_creation() {
        let lab = Lab::of("time");
        let object = lab.create(TYPE, json!({}));
        assert_eq!(text(&object, "rfc3339"), "2024-02-29T12:00:00Z");
        assert_eq!(object.get("day"), Some(29.into()));
        lab.set_time("2025-01-01T00:00:00Z");
        assert!(lab.is_no_change(TYPE, &object, json!({})));
        assert_eq!(lab.read(TYPE, &object), Some(object));
    }

    #[test]
    fn a_given_time_is_planned_in_all_its_parts() {
        let lab = Lab::of("time");
        let given = json!({"rfc3339": "2020-02-12T06:36:13+02:00"});
        let plan = lab.plan(TYPE, None, given.clone());
        assert!(plan.planned.is_wholly_known());
        let object = lab.create(TYPE, given.clone());
        assert_eq!(object, plan.planned);
        assert_eq!(object.get("hour"), Some(6.into()));
        assert_eq!(object.get("unix"), Some(1581482173.into()));
        assert_eq!(lab.import(TYPE, "2020-02-12T06:36:13+02:00").expect("a time"), object);
        assert!(lab.is_no_change(TYPE, &object, json!({})));
        assert_eq!(lab.replaces(TYPE, &object, json!({"rfc3339": "2021-01-01T00:00:00Z"})), ["rfc3339"]);
    }

    #[test]
    fn other_triggers_replace_the_time() {
        let lab = Lab::of("time");
        let object = lab.create(TYPE, json!({"triggers": {"a": "1"}}));
        assert_eq!(lab.replaces(TYPE, &object, json!({"triggers": {"a": "2"}})), ["triggers"]);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        let lab = Lab::of("time");
        assert_eq!(lab.validate(TYPE, json!({"rfc3339": "today"})), ["rfc3339: Invalid RFC3339 String Value"]);
        lab.import(TYPE, "today").expect_err("it is no time");
    }
}
