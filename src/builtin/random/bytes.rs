//! `random_bytes`: a secret of random bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::hex::hex;
use crate::random::Keepers;
use crate::resource::Resource;
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RandomBytes {
    base64: String,
    hex: String,
    keepers: Keepers,
    length: usize,
}

impl RandomBytes {
    fn of(bytes: &[u8], keepers: Keepers) -> RandomBytes {
        RandomBytes { base64: STANDARD.encode(bytes), hex: hex(bytes), keepers, length: bytes.len() }
    }
}

impl Resource for RandomBytes {
    const TYPE: &'static str = "random_bytes";

    fn create(self, world: &dyn World) -> Result<RandomBytes, ProviderError> {
        let mut bytes = vec![0; self.length];
        world.random(&mut bytes);
        Ok(RandomBytes::of(&bytes, self.keepers))
    }

    fn import(id: &str, _: &dyn World) -> Result<RandomBytes, ProviderError> {
        let bytes = STANDARD
            .decode(id)
            .map_err(|_| ProviderError::invalid("import random_bytes", "the identifier must be the bytes in base64"))?;
        Ok(RandomBytes::of(&bytes, None))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "random_bytes";

    #[test]
    fn both_forms_are_of_the_same_bytes() {
        let lab = Lab::of("random");
        let object = lab.create(TYPE, json!({"length": 5}));
        assert_eq!(text(&object, "hex").len(), 10);
        let imported = lab.import(TYPE, &text(&object, "base64")).expect("it is base64");
        assert_eq!(imported, object);
        assert!(lab.is_no_change(TYPE, &imported, json!({"length": 5})));
    }

    #[test]
    fn any_other_argument_replaces_the_bytes() {
        let lab = Lab::of("random");
        let object = lab.create(TYPE, json!({"length": 5}));
        assert_eq!(lab.replaces(TYPE, &object, json!({"length": 6})), ["length"]);
        assert_eq!(lab.replaces(TYPE, &object, json!({"length": 5, "keepers": {"a": null}})), ["keepers"]);
    }

    #[test]
    fn no_bytes_and_no_base64_are_refused() {
        let lab = Lab::of("random");
        assert_eq!(lab.validate(TYPE, json!({"length": 0})), ["length: expected length to be at least (1), got 0"]);
        lab.import(TYPE, "?").expect_err("it is no base64");
    }
}
