//! `tls_cert_request`: a request for a certificate, signed by the key it is for.

use provider::error::ProviderError;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};
use x509_cert::builder::Builder;
use x509_cert::der::Encode;
use x509_cert::request::RequestBuilder;

use crate::resource::Resource;
use crate::tls::key::{Key, Signed, encoded, fingerprint_id};
use crate::tls::subject::{Subject, alternative_names};
use crate::tls::{pem, renewal};
use crate::world::World;

pub const REQUEST: &str = "CERTIFICATE REQUEST";

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TlsCertRequest {
    cert_request_pem: String,
    dns_names: Option<Vec<String>>,
    id: String,
    ip_addresses: Option<Vec<String>>,
    key_algorithm: String,
    private_key_pem: String,
    subject: Vec<Subject>,
    uris: Option<Vec<String>>,
}

impl Resource for TlsCertRequest {
    const TYPE: &'static str = "tls_cert_request";

    fn create(self, _: &dyn World) -> Result<TlsCertRequest, ProviderError> {
        let operation = "create tls_cert_request";
        let key = Key::from_pem(operation, "private_key_pem", &self.private_key_pem)?;
        let subject = self.subject.first().cloned().unwrap_or_default().name()?;
        let is_critical = subject.is_empty();
        let mut builder = encoded(RequestBuilder::new(subject))?;
        if let Some(names) = alternative_names(operation, &self.dns_names, &self.ip_addresses, &self.uris)? {
            encoded(builder.add_extension((is_critical, &names)))?;
        }
        let der = encoded(encoded(builder.build::<_, Signed>(&key))?.to_der())?;
        Ok(TlsCertRequest {
            cert_request_pem: pem::encode(REQUEST, &der),
            id: fingerprint_id(&der),
            key_algorithm: key.algorithm().into(),
            ..self
        })
    }

    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, _: &dyn World) -> Result<(), ProviderError> {
        if let Some(prior) = request.prior {
            answer.replace.extend(renewal::changed_pems(prior, &answer.planned, &["private_key_pem"]));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{Lab, text};

    const TYPE: &str = "tls_cert_request";

    #[test]
    fn another_key_or_name_makes_another_request() {
        let lab = Lab::of("tls");
        let key = || text(&lab.create("tls_private_key", json!({"algorithm": "ED25519"})), "private_key_pem");
        let (first, second) = (key(), key());
        let object = lab.create(TYPE, json!({"private_key_pem": first}));
        assert_eq!(text(&object, "key_algorithm"), "ED25519");
        assert_eq!(text(&object, "id").len(), 40);
        assert!(lab.is_no_change(TYPE, &object, json!({"private_key_pem": first})));
        assert_eq!(lab.replaces(TYPE, &object, json!({"private_key_pem": second})), ["private_key_pem"]);
        assert_eq!(lab.replaces(TYPE, &object, json!({"private_key_pem": first, "dns_names": ["x"]})), ["dns_names"]);
    }
}
