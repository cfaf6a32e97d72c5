//! `time_sleep`: lets time pass before what needs it is made, or after what needs it is gone.

use std::time::Duration;

use model::path::Path;
use model::value::Value;
use provider::error::ProviderError;
use provider::resource::Refusal;
use serde::{Deserialize, Serialize};

use crate::behaviour::Moment;
use crate::resource::Resource;
use crate::time::Triggers;
use crate::time::clock::{Time, require_one};
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TimeSleep {
    create_duration: Option<String>,
    destroy_duration: Option<String>,
    id: String,
    triggers: Triggers,
}

impl Resource for TimeSleep {
    const TYPE: &'static str = "time_sleep";

    fn delay(&self, moment: Moment) -> Duration {
        let text = match moment {
            Moment::Create => &self.create_duration,
            Moment::Delete => &self.destroy_duration,
        };
        text.as_deref().and_then(duration).unwrap_or_default()
    }

    /// Comes after the pause, so the object exists only when all of it has passed.
    fn create(self, world: &dyn World) -> Result<TimeSleep, ProviderError> {
        Ok(TimeSleep { id: Time::utc(world.now()).to_string(), ..self })
    }

    /// Takes `CREATE,DESTROY` or `CREATE,DESTROY,KEY=VALUE,..`; one of the durations may be empty.
    fn import(id: &str, world: &dyn World) -> Result<TimeSleep, ProviderError> {
        let wrong = |why: String| {
            ProviderError::invalid("import time_sleep", why)
                .hint("The identifier has the form CREATE,DESTROY,KEY=VALUE,..; one of the durations may be empty.")
        };
        let read = |text: &str| match duration(text) {
            _ if text.is_empty() => Ok(None),
            Some(_) => Ok(Some(text.to_string())),
            None => Err(wrong(format!("`{text}` is no duration such as 30s"))),
        };
        let parts: Vec<&str> = id.split(',').collect();
        let [create, destroy, triggers @ ..] = parts.as_slice() else {
            return Err(wrong(format!("`{id}` does not say both durations")));
        };
        let (create_duration, destroy_duration) = (read(create)?, read(destroy)?);
        if create_duration.is_none() && destroy_duration.is_none() {
            return Err(wrong("both durations are empty".into()));
        }
        let entry = |text: &&str| {
            let (key, value) = text.split_once('=').ok_or_else(|| wrong(format!("`{text}` is not KEY=VALUE")))?;
            Ok((key.to_string(), value.to_string()))
        };
        let triggers =
            triggers.iter().map(entry).collect::<Result<std::collections::BTreeMap<_, _>, ProviderError>>()?;
        Ok(TimeSleep {
            create_duration,
            destroy_duration,
            id: Time::utc(world.now()).to_string(),
            triggers: (!triggers.is_empty()).then_some(triggers),
        })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let names = ["create_duration", "destroy_duration"];
        let is_wrong = |name: &&str| {
            config.get(name).and_then(|value| value.reveal().as_str().map(|text| duration(text).is_none()))
                == Some(true)
        };
        let wrong = names.into_iter().filter(is_wrong).map(|name| Refusal {
            attribute: Path::attribute(name),
            summary: "Invalid Attribute Value Match".into(),
            detail: "A duration is a number followed by ms, s, m or h, as 30s or 1.5h.".into(),
        });
        wrong.chain(require_one(config, &names)).collect()
    }
}

/// Reads a number with one unit: `30s`, `1.5h`; `None` for anything else.
fn duration(text: &str) -> Option<Duration> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(end);
    let unit = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    let is_number = number.split('.').count() <= 2 && number.split('.').all(|digits| !digits.is_empty());
    let seconds = number.parse::<f64>().ok().filter(|_| is_number)? * unit;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Lab, text};

    const TYPE: &str = "time_sleep";

    #[test]
    fn durations_have_one_unit() {
        assert_eq!(duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(duration("1.5h"), Some(Duration::from_secs(5400)));
        assert_eq!(duration("250ms"), Some(Duration::from_millis(250)));
        for wrong in ["", "30", "s", "1h30m", "-1s", "1.s", ".5s", "1.2.3s", "1 s", "1d"] {
            assert_eq!(duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_object_exists_after_the_pause() {
        let lab = Lab::of("time");
        let started = std::time::Instant::now();
        let object = lab.create(TYPE, json!({"create_duration": "20ms", "destroy_duration": "20ms"}));
        assert!(started.elapsed() >= Duration::from_millis(20));
        assert_eq!(text(&object, "id"), "2024-02-29T12:00:00Z");
        lab.delete(TYPE, &object);
        assert!(started.elapsed() >= Duration::from_millis(40));
    }

    #[test]
    fn another_duration_alone_lets_no_time_pass() {
        let lab = Lab::of("time");
        let object = lab.create(TYPE, json!({"create_duration": "1ms"}));
        let changed = lab.update(TYPE, &object, json!({"create_duration": "1000h"}));
        assert_eq!(changed.get("id"), object.get("id"));
        assert_eq!(
            lab.replaces(TYPE, &object, json!({"create_duration": "1ms", "triggers": {"a": "1"}})),
            ["triggers"]
        );
    }

    #[test]
    fn an_import_names_durations_and_triggers() {
        let lab = Lab::of("time");
        let object = lab.import(TYPE, "30s,,a=1,b=").expect("a duration and triggers");
        assert!(lab.is_no_change(TYPE, &object, json!({"create_duration": "30s", "triggers": {"a": "1", "b": ""}})));
        let object = lab.import(TYPE, ",1m").expect("a duration");
        assert!(lab.is_no_change(TYPE, &object, json!({"destroy_duration": "1m"})));
        for wrong in ["", "30s", ",", "x,", "30s,,a"] {
            lab.import(TYPE, wrong).expect_err("it is neither");
        }
    }

    #[test]
    fn a_duration_is_required() {
        let lab = Lab::of("time");
        assert_eq!(lab.validate(TYPE, json!({})), ["create_duration: Missing Attribute Configuration"]);
        assert_eq!(
            lab.validate(TYPE, json!({"create_duration": "1d"})),
            ["create_duration: Invalid Attribute Value Match"]
        );
    }
}
