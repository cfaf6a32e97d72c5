//! `tls_public_key`: the public half of a private key.

use model::path::Path;
use model::value::Value;
use provider::error::ProviderError;
use provider::resource::Refusal;
use serde::{Deserialize, Serialize};

use crate::data_source::DataSource;
use crate::tls::key::Key;
use crate::tls::openssh::{PublicForms, from_openssh};
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TlsPublicKeyData {
    algorithm: String,
    openssh_comment: Option<String>,
    private_key_openssh: Option<String>,
    private_key_pem: Option<String>,
    #[serde(flatten)]
    public: PublicForms,
}

impl DataSource for TlsPublicKeyData {
    const TYPE: &'static str = "tls_public_key";

    fn read(self, _: &dyn World) -> Result<TlsPublicKeyData, ProviderError> {
        let operation = "read tls_public_key";
        let key = match (&self.private_key_pem, &self.private_key_openssh) {
            (Some(text), _) => Key::from_pem(operation, "private_key_pem", text)?,
            (None, Some(text)) => from_openssh(operation, "private_key_openssh", text)?,
            (None, None) => return Err(ProviderError::invalid(operation, "there is no private key")),
        };
        let public = PublicForms::of(&key, self.openssh_comment.as_deref().unwrap_or_default())?;
        Ok(TlsPublicKeyData { algorithm: key.algorithm().into(), public, ..self })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let names = ["private_key_pem", "private_key_openssh"];
        let given: Vec<Value> =
            names.iter().filter_map(|name| config.get(name)).filter(|value| !value.is_null()).collect();
        let is_wrong = given.iter().all(Value::is_known) && given.len() != 1;
        let refusal = Refusal {
            attribute: Path::attribute(names[0]),
            summary: "Invalid Attribute Combination".into(),
            detail: format!("Exactly one of these must be given: {}.", names.join(", ")),
        };
        is_wrong.then_some(refusal).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "tls_public_key";

    #[test]
    fn both_forms_of_a_key_have_the_same_public_half() {
        let lab = Lab::of("tls");
        let key = lab.create("tls_private_key", json!({"algorithm": "ECDSA", "ecdsa_curve": "P384"}));
        for name in ["private_key_pem", "private_key_openssh"] {
            let answer = lab.read_data(TYPE, json!({name: text(&key, name)})).expect("it is a key");
            assert_eq!(text(&answer, "algorithm"), "ECDSA");
            for form in ["public_key_pem", "public_key_openssh", "public_key_fingerprint_md5", "id"] {
                assert_eq!(text(&answer, form), text(&key, form), "{form}");
            }
        }
    }

    #[test]
    fn messages_do_not_show_the_key() {
        let lab = Lab::of("tls");
        for name in ["private_key_pem", "private_key_openssh"] {
            let text = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5\n-----END PRIVATE KEY-----\n";
            let error = lab.read_data(TYPE, json!({name: text})).expect_err("it is no key").to_string();
            assert!(error.contains(name) && !error.contains("Y2FuYXJ5"), "{error}");
        }
    }
}
