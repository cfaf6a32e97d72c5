//! `random_uuid`, `random_uuid4` and `random_uuid7`: UUIDs.

use provider::error::ProviderError;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use crate::plan::replace_for_map;
use crate::random::Keepers;
use crate::resource::Resource;
use crate::world::World;

/// What all three types hold.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Held {
    id: String,
    keepers: Keepers,
    result: String,
}

impl Held {
    fn of(uuid: &str, keepers: Keepers) -> Held {
        Held { id: uuid.into(), keepers, result: uuid.into() }
    }

    fn import(type_name: &str, id: &str) -> Result<Held, ProviderError> {
        let uuid = Uuid::try_parse(id).map_err(|error| {
            ProviderError::invalid(format!("import {type_name}"), format!("`{id}` is no UUID: {error}"))
        })?;
        Ok(Held::of(&uuid.hyphenated().to_string(), None))
    }
}

/// Declares a type that holds a UUID.
macro_rules! uuid_type {
    ($name:ident, $type_name:literal, $doc:literal, $make:expr) => {
        #[doc = $doc]
        #[derive(Serialize, Deserialize, Default)]
        #[serde(transparent)]
        pub struct $name(Held);

        impl Resource for $name {
            const TYPE: &'static str = $type_name;

            fn create(self, world: &dyn World) -> Result<$name, ProviderError> {
                let make: fn(&dyn World) -> String = $make;
                Ok($name(Held::of(&make(world), self.0.keepers)))
            }

            fn import(id: &str, _: &dyn World) -> Result<$name, ProviderError> {
                Held::import(Self::TYPE, id).map($name)
            }

            fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
                replace_for_map("keepers", request, answer);
                Ok(())
            }
        }
    };
}

uuid_type!(RandomUuid, "random_uuid", "A random UUID.", |world| world.uuid());
uuid_type!(RandomUuid4, "random_uuid4", "A UUID of version 4: all random.", |world| world.uuid());
uuid_type!(RandomUuid7, "random_uuid7", "A UUID of version 7: the time, then random.", |world| {
    let since = u64::try_from(world.now().as_millisecond()).unwrap_or_default();
    Builder::from_unix_timestamp_millis(since, &world.bytes()).into_uuid().to_string()
});

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use crate::testing::{Lab, text};

    #[test]
    fn each_type_makes_its_version() {
        let lab = Lab::of("random");
        for (type_name, version) in [("random_uuid", 4), ("random_uuid4", 4), ("random_uuid7", 7)] {
            let object = lab.create(type_name, json!({}));
            let uuid: Uuid = text(&object, "result").parse().expect("a UUID");
            assert_eq!(uuid.get_version_num(), version, "{type_name}");
            assert_eq!(text(&object, "id"), text(&object, "result"));
            assert!(lab.is_no_change(type_name, &object, json!({})));
            assert_eq!(lab.replaces(type_name, &object, json!({"keepers": {"a": "1"}})), ["keepers"]);
            assert_eq!(lab.import(type_name, &text(&object, "id")).expect("a UUID"), object);
            lab.import(type_name, "x").expect_err("no UUID");
        }
    }

    #[test]
    fn version_7_begins_with_the_time() {
        let lab = Lab::of("random");
        let object = lab.create("random_uuid7", json!({}));
        let millis = u64::try_from(crate::world::World::now(lab.world.as_ref()).as_millisecond()).expect("after 1970");
        assert_eq!(text(&object, "id").replace('-', "")[..12], format!("{millis:012x}"));
    }
}
