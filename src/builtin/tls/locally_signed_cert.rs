//! `tls_locally_signed_cert`: a certificate for a request, signed by an authority whose key is at hand.

use model::path::Path;
use provider::error::ProviderError;
use provider::{PlanAnswer, PlanRequest};
use serde::{Deserialize, Serialize};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::{SubjectAltName, SubjectKeyIdentifier};
use x509_cert::request::{CertReq, ExtensionReq};

use crate::resource::Resource;
use crate::tls::cert_request::REQUEST;
use crate::tls::issue::{ABSENT, CERTIFICATE, Issued, Parties};
use crate::tls::key::{Key, encoded};
use crate::tls::{pem, renewal};
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TlsLocallySignedCert {
    ca_cert_pem: String,
    ca_key_algorithm: String,
    ca_private_key_pem: String,
    cert_request_pem: String,
    #[serde(flatten)]
    issued: Issued,
}

impl Resource for TlsLocallySignedCert {
    const TYPE: &'static str = "tls_locally_signed_cert";

    const IS_OBSERVED: bool = true;

    fn create(self, world: &dyn World) -> Result<TlsLocallySignedCert, ProviderError> {
        let operation = "create tls_locally_signed_cert";
        let key = Key::from_pem(operation, "ca_private_key_pem", &self.ca_private_key_pem)?;
        let authority: Certificate = parse(operation, "ca_cert_pem", CERTIFICATE, &self.ca_cert_pem)?;
        let request: CertReq = parse(operation, "cert_request_pem", REQUEST, &self.cert_request_pem)?;
        let tbs = authority.tbs_certificate();
        if encoded(key.public()?.to_der())? != encoded(tbs.subject_public_key_info().to_der())? {
            return Err(ProviderError::invalid(operation, "`ca_private_key_pem` is not the key of `ca_cert_pem`")
                .attribute(Path::attribute("ca_private_key_pem")));
        }
        let identifier = encoded(tbs.get_extension::<SubjectKeyIdentifier>())?;
        let parties = Parties {
            alternative_names: requested_names(&request)?,
            subject: request.info.subject,
            public: request.info.public_key,
            issuer: tbs.subject().clone(),
            key: &key,
            authority: identifier.map(|(_, identifier)| identifier.0.as_bytes().to_vec()),
        };
        let issued = self.issued.issue(operation, parties, world)?;
        Ok(TlsLocallySignedCert { issued, ca_key_algorithm: key.algorithm().into(), ..self })
    }

    fn read(self, world: &dyn World) -> Result<Option<TlsLocallySignedCert>, ProviderError> {
        Ok(Some(TlsLocallySignedCert { issued: self.issued.at(world.now()), ..self }))
    }

    fn refine(request: &PlanRequest<'_>, answer: &mut PlanAnswer, world: &dyn World) -> Result<(), ProviderError> {
        renewal::refine(request, answer, world, &["ca_cert_pem", "ca_private_key_pem", "cert_request_pem"], &ABSENT)
    }
}

/// Reads the first PEM block, which must be of a kind.
fn parse<T: for<'a> Decode<'a>>(operation: &str, attribute: &str, label: &str, text: &str) -> Result<T, ProviderError> {
    let refuse = |why: String| {
        ProviderError::invalid(operation, format!("`{attribute}` {why}")).attribute(Path::attribute(attribute))
    };
    match pem::decode(text).next() {
        Some(Ok(block)) if block.label == label => {
            T::from_der(&block.bytes).map_err(|_| refuse(format!("has a block `{label}` that can't be understood")))
        }
        Some(Ok(block)) => Err(refuse(format!("has a block `{}` where `{label}` is expected", block.label))),
        Some(Err(error)) => Err(refuse(format!("can't be read: {error}"))),
        None => Err(refuse("has no PEM block".into())),
    }
}

fn requested_names(request: &CertReq) -> Result<Option<SubjectAltName>, ProviderError> {
    use x509_cert::der::oid::AssociatedOid;
    for attribute in request.info.attributes.iter().filter(|attribute| attribute.oid == ExtensionReq::OID) {
        for value in attribute.values.iter() {
            let extensions: ExtensionReq = encoded(value.decode_as())?;
            if let Some(names) = extensions.0.iter().find(|extension| extension.extn_id == SubjectAltName::OID) {
                return encoded(SubjectAltName::from_der(names.extn_value.as_bytes())).map(Some);
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use model::value::Value;
    use serde_json::{Value as Json, json};
    use x509_cert::ext::pkix::AuthorityKeyIdentifier;
    use x509_cert::ext::pkix::name::GeneralName;

    use super::*;
    use crate::testing::{Lab, text};

    const TYPE: &str = "tls_locally_signed_cert";

    fn key(lab: &Lab, config: Json) -> String {
        text(&lab.create("tls_private_key", config), "private_key_pem")
    }

    /// The arguments of a certificate of an authority with such a key.
    fn config(lab: &Lab, authority_key: Json) -> Json {
        let authority_key = key(lab, authority_key);
        let authority = lab.create(
            "tls_self_signed_cert",
            json!({
                "private_key_pem": authority_key, "validity_period_hours": 24, "allowed_uses": ["cert_signing"],
                "is_ca_certificate": true, "subject": [{"common_name": "authority", "country": "CH"}],
            }),
        );
        let request = lab.create(
            "tls_cert_request",
            json!({
                "private_key_pem": key(lab, json!({"algorithm": "ED25519"})), "dns_names": ["a.example", "b.example"],
                "subject": [{"common_name": "a.example", "email_address": "a@example", "street_address": ["x", "y"]}],
            }),
        );
        json!({
            "ca_cert_pem": text(&authority, "cert_pem"), "ca_private_key_pem": authority_key,
            "cert_request_pem": text(&request, "cert_request_pem"),
            "validity_period_hours": 12, "allowed_uses": ["client_auth"],
        })
    }

    fn certificate(object: &Value) -> Certificate {
        parse("test", "cert_pem", CERTIFICATE, &text(object, "cert_pem")).expect("a certificate")
    }

    #[test]
    fn the_authority_signs_with_every_kind_of_key() {
        let lab = Lab::of("tls");
        for kind in [
            json!({"algorithm": "RSA", "rsa_bits": 1024}),
            json!({"algorithm": "ECDSA", "ecdsa_curve": "P224"}),
            json!({"algorithm": "ECDSA", "ecdsa_curve": "P521"}),
            json!({"algorithm": "ED25519"}),
        ] {
            let config = config(&lab, kind);
            let object = lab.create(TYPE, config.clone());
            let certificate = certificate(&object);
            let tbs = certificate.tbs_certificate();
            assert_eq!(tbs.issuer().to_string(), "CN=authority,C=CH");
            assert!(tbs.subject().to_string().contains("CN=a.example"), "{}", tbs.subject());
            let names = tbs.get_extension::<SubjectAltName>().expect("readable").expect("there").1;
            assert!(matches!(&names.0[..], [GeneralName::DnsName(a), _] if a.as_str() == "a.example"));
            let authority: Certificate =
                parse("test", "a", CERTIFICATE, config["ca_cert_pem"].as_str().expect("text")).expect("a certificate");
            let told = tbs.get_extension::<AuthorityKeyIdentifier>().expect("readable").expect("there").1;
            let own = authority.tbs_certificate().get_extension::<SubjectKeyIdentifier>();
            assert_eq!(told.key_identifier, Some(own.expect("readable").expect("there").1.0));
            assert!(lab.is_no_change(TYPE, &object, config));
        }
    }

    #[test]
    fn the_key_must_be_that_of_the_authority() {
        let lab = Lab::of("tls");
        let mut config = config(&lab, json!({"algorithm": "ED25519"}));
        config["ca_private_key_pem"] = key(&lab, json!({"algorithm": "ED25519"})).into();
        let error = lab.try_create(TYPE, config.clone()).expect_err("refused");
        assert_eq!(
            error.to_string(),
            "failed to create tls_locally_signed_cert: `ca_private_key_pem` is not the key of `ca_cert_pem`"
        );
        config["ca_cert_pem"] = config["cert_request_pem"].clone();
        let error = lab.try_create(TYPE, config).expect_err("refused");
        assert!(
            error.to_string().ends_with("has a block `CERTIFICATE REQUEST` where `CERTIFICATE` is expected"),
            "{error}"
        );
    }
}
