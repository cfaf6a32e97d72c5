//! `random_id`: random bytes as an identifier, in several forms.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use dashu_int::UBig;
use model::value::Value;
use provider::error::ProviderError;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};

use crate::hex::hex;
use crate::plan::replace_for_map;
use crate::random::Keepers;
use crate::resource::Resource;
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct RandomId {
    b64_std: String,
    b64_url: String,
    byte_length: usize,
    dec: String,
    hex: String,
    id: String,
    keepers: Keepers,
    prefix: Option<String>,
}

impl RandomId {
    fn of(bytes: &[u8], prefix: Option<String>, keepers: Keepers) -> RandomId {
        let id = URL_SAFE_NO_PAD.encode(bytes);
        let with_prefix = |form: String| format!("{}{form}", prefix.as_deref().unwrap_or_default());
        RandomId {
            b64_std: with_prefix(STANDARD.encode(bytes)),
            b64_url: with_prefix(id.clone()),
            byte_length: bytes.len(),
            dec: with_prefix(UBig::from_be_bytes(bytes).to_string()),
            hex: with_prefix(hex(bytes)),
            id,
            keepers,
            prefix,
        }
    }
}

impl Resource for RandomId {
    const TYPE: &'static str = "random_id";

    fn create(self, world: &dyn World) -> Result<RandomId, ProviderError> {
        let mut bytes = vec![0; self.byte_length];
        world.random(&mut bytes);
        Ok(RandomId::of(&bytes, self.prefix, self.keepers))
    }

    /// Takes `ID` or `PREFIX,ID`, the identifier in the form that is safe in URLs.
    fn import(id: &str, _: &dyn World) -> Result<RandomId, ProviderError> {
        let (prefix, id) = id.rsplit_once(',').map_or((None, id), |(prefix, id)| (Some(prefix), id));
        let bytes = URL_SAFE_NO_PAD.decode(id).map_err(|_| {
            ProviderError::invalid("import random_id", "the identifier must be URL-safe base64 without padding")
                .hint("An identifier with a prefix is written PREFIX,ID.")
        })?;
        Ok(RandomId::of(&bytes, prefix.filter(|prefix| !prefix.is_empty()).map(str::to_string), None))
    }

    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
        replace_for_map("keepers", request, answer);
        Ok(())
    }

    fn validate(config: &Value) -> Vec<provider::resource::Refusal> {
        let length = config.get("byte_length").and_then(|length| length.reveal().as_i64());
        let is_wrong = length.is_some_and(|length| length < 0);
        is_wrong
            .then(|| refusal("byte_length", "Invalid byte length", "There can't be fewer than 0 bytes."))
            .into_iter()
            .collect()
    }
}

fn refusal(attribute: &str, summary: &str, detail: &str) -> provider::resource::Refusal {
    provider::resource::Refusal {
        attribute: model::path::Path::attribute(attribute),
        summary: summary.into(),
        detail: detail.into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Lab, text};

    const TYPE: &str = "random_id";

    #[test]
    fn every_form_is_of_the_same_bytes() {
        let id = RandomId::of(&[0x00, 0xff, 0xfe], Some("p-".into()), None);
        assert_eq!(
            [&id.id, &id.b64_url, &id.b64_std, &id.hex, &id.dec],
            ["AP_-", "p-AP_-", "p-AP/+", "p-00fffe", "p-65534"]
        );
    }

    #[test]
    fn an_import_gives_the_object_back() {
        let lab = Lab::of("random");
        for config in [json!({"byte_length": 4}), json!({"byte_length": 4, "prefix": "a,b"})] {
            let object = lab.create(TYPE, config.clone());
            let prefix = config["prefix"].as_str().map(|prefix| format!("{prefix},")).unwrap_or_default();
            let imported = lab.import(TYPE, &format!("{prefix}{}", text(&object, "id"))).expect("it is an identifier");
            assert_eq!(imported, object);
            assert!(lab.is_no_change(TYPE, &imported, config));
        }
    }

    #[test]
    fn other_keepers_replace_the_identifier_and_null_ones_do_not() {
        let lab = Lab::of("random");
        let with = |keepers| json!({"byte_length": 4, "keepers": keepers});
        let object = lab.create(TYPE, with(json!({"ami": "1"})));
        assert_eq!(lab.replaces(TYPE, &object, with(json!({"ami": "2"}))), ["keepers"]);
        assert!(lab.replaces(TYPE, &object, with(json!({"ami": "1", "more": null}))).is_empty());
        let object = lab.create(TYPE, with(json!(null)));
        assert!(lab.replaces(TYPE, &object, with(json!({"more": null}))).is_empty());
    }
}
