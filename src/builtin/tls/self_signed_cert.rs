//! `tls_self_signed_cert`: a certificate that its own key signs.

use provider::error::ProviderError;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};

use crate::resource::Resource;
use crate::tls::issue::{ABSENT, Issued, Parties};
use crate::tls::key::{Key, key_identifier};
use crate::tls::renewal;
use crate::tls::subject::{Subject, alternative_names};
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TlsSelfSignedCert {
    dns_names: Option<Vec<String>>,
    ip_addresses: Option<Vec<String>>,
    #[serde(flatten)]
    issued: Issued,
    key_algorithm: String,
    private_key_pem: String,
    set_authority_key_id: bool,
    subject: Vec<Subject>,
    uris: Option<Vec<String>>,
}

impl Resource for TlsSelfSignedCert {
    const TYPE: &'static str = "tls_self_signed_cert";

    const IS_OBSERVED: bool = true;

    fn create(self, world: &dyn World) -> Result<TlsSelfSignedCert, ProviderError> {
        let operation = "create tls_self_signed_cert";
        let key = Key::from_pem(operation, "private_key_pem", &self.private_key_pem)?;
        let subject = self.subject.first().cloned().unwrap_or_default().name()?;
        let public = key.public()?;
        let parties = Parties {
            alternative_names: alternative_names(operation, &self.dns_names, &self.ip_addresses, &self.uris)?,
            authority: self.set_authority_key_id.then(|| key_identifier(&public)),
            issuer: subject.clone(),
            subject,
            public,
            key: &key,
        };
        let issued = self.issued.issue(operation, parties, world)?;
        Ok(TlsSelfSignedCert { issued, key_algorithm: key.algorithm().into(), ..self })
    }

    fn read(self, world: &dyn World) -> Result<Option<TlsSelfSignedCert>, ProviderError> {
        Ok(Some(TlsSelfSignedCert { issued: self.issued.at(world.now()), ..self }))
    }

    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, world: &dyn World) -> Result<(), ProviderError> {
        renewal::refine(request, answer, world, &["private_key_pem"], &ABSENT)
    }
}

#[cfg(test)]
mod tests {
    use model::value::Value;
    use serde_json::{Value as Json, json};

    use crate::testing::{Lab, text};

    const TYPE: &str = "tls_self_signed_cert";

    fn config(lab: &Lab, more: Json) -> Json {
        let key = lab.create("tls_private_key", json!({"algorithm": "ECDSA", "ecdsa_curve": "P256"}));
        let mut config = json!({
            "private_key_pem": text(&key, "private_key_pem"),
            "validity_period_hours": 24,
            "allowed_uses": ["key_encipherment", "server_auth", "digital_signature"],
            "subject": [{"common_name": "example.com", "organization": "Größe"}],
        });
        config.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        config
    }

    fn told(lab: &Lab, object: &Value) -> Json {
        let answer = lab.read_data("tls_certificate", json!({"content": text(object, "cert_pem")})).expect("it reads");
        let told = answer.get("certificates").expect("there");
        model::json::to_simple_json(&told).expect("known")[0].clone()
    }

    #[test]
    fn the_certificate_says_what_was_asked_for() {
        let lab = Lab::of("tls");
        let more = json!({"is_ca_certificate": true, "dns_names": ["example.com"], "ip_addresses": ["::1"],
            "uris": ["spiffe://x"], "set_authority_key_id": true, "max_path_length": 1,
            "name_constraint_permitted_dns_names": ["example.com"]});
        let config = config(&lab, more);
        let object = lab.create(TYPE, config.clone());
        let told = told(&lab, &object);
        assert_eq!(told["subject"], "CN=example.com,O=Größe");
        assert_eq!(told["issuer"], told["subject"]);
        assert_eq!((&told["is_ca"], &told["version"]), (&json!(true), &json!(3)));
        assert_eq!(
            (&told["not_before"], &told["not_after"]),
            (&json!("2024-02-29T12:00:00Z"), &json!("2024-03-01T12:00:00Z"))
        );
        assert_eq!(told["serial_number"], text(&object, "id"));
        assert_eq!(told["cert_pem"], text(&object, "cert_pem"));
        assert_eq!(
            (&told["signature_algorithm"], &told["public_key_algorithm"]),
            (&json!("ECDSA-SHA256"), &json!("ECDSA"))
        );
        assert_eq!(text(&object, "validity_end_time"), "2024-03-01T12:00:00Z");
        assert!(lab.is_no_change(TYPE, &object, config));
        assert_eq!(lab.read(TYPE, &object), Some(object));
    }

    #[test]
    fn a_certificate_that_is_due_is_replaced() {
        let lab = Lab::of("tls");
        let config = config(&lab, json!({"early_renewal_hours": 2}));
        let object = lab.create(TYPE, config.clone());
        lab.set_time("2024-03-01T09:59:59Z");
        assert_eq!(lab.read(TYPE, &object), Some(object.clone()));
        assert!(lab.is_no_change(TYPE, &object, config.clone()));
        lab.set_time("2024-03-01T10:00:00Z");
        let due = lab.read(TYPE, &object).expect("it is there");
        assert_eq!(due.get("ready_for_renewal"), Some(true.into()));
        assert_eq!(lab.replaces(TYPE, &due, config), ["ready_for_renewal"]);
    }

    #[test]
    fn another_key_or_subject_replaces_and_another_renewal_does_not() {
        let lab = Lab::of("tls");
        let first = config(&lab, json!({}));
        let object = lab.create(TYPE, first.clone());
        let with = |name: &str, value: Json| {
            let mut changed = first.clone();
            changed[name] = value;
            changed
        };
        let other = config(&lab, json!({}))["private_key_pem"].clone();
        assert_eq!(lab.replaces(TYPE, &object, with("private_key_pem", other)), ["private_key_pem"]);
        let subject = json!([{"common_name": "example.org", "organization": "Größe"}]);
        assert_eq!(lab.replaces(TYPE, &object, with("subject", subject)), ["subject[0].common_name"]);
        assert!(lab.replaces(TYPE, &object, with("early_renewal_hours", json!(5))).is_empty());
        let renewed = lab.update(TYPE, &object, with("early_renewal_hours", json!(5)));
        assert_eq!(renewed.get("cert_pem"), object.get("cert_pem"));
        let hashed = object.clone().with("private_key_pem", "0a4d55a8d778e5022fab701977c5d840bbc486d0".into());
        assert!(lab.replaces(TYPE, &hashed, first.clone()).is_empty(), "a hash of an older version says nothing");
    }

    #[test]
    fn what_can_not_be_issued_is_refused() {
        let lab = Lab::of("tls");
        for (more, why) in [
            (json!({"subject": [], "is_ca_certificate": true}), "a certificate authority must have a subject"),
            (json!({"ip_addresses": ["x"]}), "`x` is no IP address"),
            (json!({"private_key_pem": "canary"}), "`private_key_pem` has no PEM block"),
            (
                json!({"validity_period_hours": 1_000_000_000_000_000_i64}),
                "the certificate would be valid for longer than time can be written",
            ),
        ] {
            let error = lab.try_create(TYPE, config(&lab, more)).expect_err("refused").to_string();
            assert_eq!(error, format!("failed to create tls_self_signed_cert: {why}"));
        }
        assert_eq!(lab.validate(TYPE, config(&lab, json!({"allowed_uses": ["everything"]}))).len(), 1);
    }

    #[test]
    fn times_from_2050_on_can_be_written() {
        let lab = Lab::of("tls");
        let object = lab.create(TYPE, config(&lab, json!({"validity_period_hours": 24 * 366 * 40})));
        assert_eq!(told(&lab, &object)["not_after"], text(&object, "validity_end_time"));
    }
}
