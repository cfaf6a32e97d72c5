//! `tls_private_key`: a private key, in all forms that it is asked for in.

use provider::error::ProviderError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::resource::Resource;
use crate::tls::key::{Key, Kind};
use crate::tls::openssh::{PublicForms, to_openssh};
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TlsPrivateKey {
    algorithm: String,
    ecdsa_curve: String,
    openssh_comment: Option<String>,
    private_key_openssh: String,
    private_key_pem: String,
    private_key_pem_pkcs8: String,
    #[serde(flatten)]
    public: PublicForms,
    rsa_bits: usize,
}

impl Resource for TlsPrivateKey {
    const TYPE: &'static str = "tls_private_key";

    fn create(self, world: &dyn World) -> Result<TlsPrivateKey, ProviderError> {
        let kind = match self.algorithm.as_str() {
            "RSA" => Kind::Rsa { bits: self.rsa_bits },
            "ECDSA" => Kind::Ecdsa { curve: &self.ecdsa_curve },
            _ => Kind::Ed25519,
        };
        let key = Key::generate("create tls_private_key", kind, world)?;
        let comment = self.openssh_comment.as_deref().unwrap_or_default();
        Ok(TlsPrivateKey {
            private_key_openssh: to_openssh(&key, comment)?,
            private_key_pem: key.to_pem()?,
            private_key_pem_pkcs8: key.to_pkcs8_pem()?,
            public: PublicForms::of(&key, comment)?,
            ..self
        })
    }

    /// Objects of the oldest version lack the forms that came later.
    fn upgrade(_: u64, stored: &mut Map<String, Json>, _: &dyn World) -> Result<(), ProviderError> {
        let pem = stored.get("private_key_pem").and_then(Json::as_str).unwrap_or_default();
        let key = Key::from_pem("upgrade tls_private_key", "private_key_pem", pem)?;
        let forms = serde_json::to_value(PublicForms::of(&key, "")?).expect("the forms are text");
        stored.extend(forms.as_object().expect("a struct is an object").clone());
        stored.insert("private_key_pem_pkcs8".into(), key.to_pkcs8_pem()?.into());
        if stored.get("private_key_openssh").and_then(Json::as_str).is_none_or(str::is_empty) {
            stored.insert("private_key_openssh".into(), to_openssh(&key, "")?.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use model::value::Value;
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::testing::{Lab, text};
    use crate::tls::openssh::from_openssh;

    const TYPE: &str = "tls_private_key";

    /// Small RSA keys are made quickly also without optimisation.
    fn kinds() -> [Json; 6] {
        [
            json!({"algorithm": "RSA", "rsa_bits": 1024}),
            json!({"algorithm": "ECDSA"}),
            json!({"algorithm": "ECDSA", "ecdsa_curve": "P256"}),
            json!({"algorithm": "ECDSA", "ecdsa_curve": "P384", "openssh_comment": "me@here"}),
            json!({"algorithm": "ECDSA", "ecdsa_curve": "P521"}),
            json!({"algorithm": "ED25519"}),
        ]
    }

    fn read_back(object: &Value) -> impl Iterator<Item = Key> {
        let key = |name: &str| Key::from_pem("test", name, &text(object, name)).expect("it is a key");
        let openssh = text(object, "private_key_openssh");
        let openssh = (!openssh.is_empty()).then(|| from_openssh("test", "k", &openssh).expect("it is a key"));
        [key("private_key_pem"), key("private_key_pem_pkcs8")].into_iter().chain(openssh)
    }

    #[test]
    fn every_form_is_of_the_same_key() {
        let lab = Lab::of("tls");
        for config in kinds() {
            let object = lab.create(TYPE, config.clone());
            for key in read_back(&object) {
                assert_eq!(key.algorithm(), config["algorithm"]);
                assert_eq!(key.to_pem().expect("encoded"), text(&object, "private_key_pem"));
                let forms = PublicForms::of(&key, config["openssh_comment"].as_str().unwrap_or_default());
                let forms = serde_json::to_value(forms.expect("encoded")).expect("JSON");
                for (name, form) in forms.as_object().expect("an object") {
                    assert_eq!(*form, text(&object, name), "{name} of {config}");
                }
            }
            assert!(lab.is_no_change(TYPE, &object, config));
        }
    }

    #[test]
    fn headings_are_those_of_the_algorithm() {
        let lab = Lab::of("tls");
        let heading = |config: Json| {
            let object = lab.create(TYPE, config);
            let first = |name| text(&object, name).lines().next().unwrap_or_default().to_string();
            (first("private_key_pem"), first("private_key_openssh"))
        };
        let openssh = || "-----BEGIN OPENSSH PRIVATE KEY-----".to_string();
        let [rsa, p224, p256, _, _, ed25519] = kinds();
        assert_eq!(heading(rsa), ("-----BEGIN RSA PRIVATE KEY-----".into(), openssh()));
        assert_eq!(heading(p224), ("-----BEGIN EC PRIVATE KEY-----".into(), String::new()));
        assert_eq!(heading(p256), ("-----BEGIN EC PRIVATE KEY-----".into(), openssh()));
        assert_eq!(heading(ed25519), ("-----BEGIN PRIVATE KEY-----".into(), openssh()));
    }

    #[test]
    fn the_comment_ends_the_public_key() {
        let lab = Lab::of("tls");
        let object = lab.create(TYPE, json!({"algorithm": "ED25519", "openssh_comment": "me@here"}));
        assert!(text(&object, "public_key_openssh").ends_with(" me@here\n"));
        let object = lab.create(TYPE, json!({"algorithm": "ED25519"}));
        assert_eq!(text(&object, "public_key_openssh").split(' ').count(), 2);
    }

    #[test]
    fn objects_of_the_oldest_version_get_the_forms_that_came_later() {
        let lab = Lab::of("tls");
        let config = json!({"algorithm": "ECDSA", "ecdsa_curve": "P256"});
        let object = lab.create(TYPE, config.clone());
        let stored = json!({
            "algorithm": "ECDSA", "ecdsa_curve": "P256", "rsa_bits": 2048, "id": "old",
            "private_key_pem": text(&object, "private_key_pem"),
        });
        let upgraded = lab.upgrade(TYPE, 0, stored);
        for name in ["id", "private_key_pem_pkcs8", "public_key_openssh", "public_key_fingerprint_sha256"] {
            assert_eq!(text(&upgraded, name), text(&object, name), "{name}");
        }
        assert!(lab.is_no_change(TYPE, &upgraded, config));
    }

    #[test]
    fn what_there_is_no_key_of_is_refused() {
        let lab = Lab::of("tls");
        assert_eq!(lab.validate(TYPE, json!({"algorithm": "DSA"})).len(), 1);
        assert_eq!(lab.validate(TYPE, json!({"algorithm": "ECDSA", "ecdsa_curve": "P1"})).len(), 1);
        lab.try_create(TYPE, json!({"algorithm": "RSA", "rsa_bits": 1})).expect_err("there are no such keys");
    }
}
