//! `tls_certificate`: what certificates say, in words.

use dashu_int::UBig;
use jiff::Timestamp;
use model::path::Path;
use model::value::Value;
use provider::error::ProviderError;
use provider::resource::Refusal;
use serde::{Deserialize, Serialize};
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::BasicConstraints;
use x509_cert::time::Time;

use crate::data_source::DataSource;
use crate::tls::issue::CERTIFICATE;
use crate::tls::key::{encoded, fingerprint_id};
use crate::tls::pem;
use crate::world::World;

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct TlsCertificateData {
    certificates: Vec<Told>,
    content: Option<String>,
    id: String,
    url: Option<String>,
    verify_chain: Option<bool>,
}

/// What is told of one certificate.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Told {
    cert_pem: String,
    is_ca: bool,
    issuer: String,
    not_after: String,
    not_before: String,
    public_key_algorithm: String,
    serial_number: String,
    sha1_fingerprint: String,
    signature_algorithm: String,
    subject: String,
    version: u8,
}

impl DataSource for TlsCertificateData {
    const TYPE: &'static str = "tls_certificate";

    fn read(self, _: &dyn World) -> Result<TlsCertificateData, ProviderError> {
        let refuse =
            |why: String| ProviderError::invalid("read tls_certificate", why).attribute(Path::attribute("content"));
        let mut certificates = Vec::new();
        let mut all = Vec::new();
        for block in pem::decode(self.content.as_deref().unwrap_or_default()) {
            let block = block.map_err(|error| refuse(format!("`content` can't be read: {error}")))?;
            if block.label != CERTIFICATE {
                return Err(refuse(format!("`content` has a block `{}` that is no certificate", block.label)));
            }
            certificates.push(Told::of(&block.bytes)?);
            all.extend(block.bytes);
        }
        if certificates.is_empty() {
            return Err(refuse("`content` has no certificate".into()));
        }
        Ok(TlsCertificateData { certificates, id: fingerprint_id(&all), ..self })
    }

    /// No connection is made for a plan, so that it depends on the stack alone.
    fn validate(config: &Value) -> Vec<Refusal> {
        let is_given = |name: &str| config.get(name).is_some_and(|value| !value.is_null());
        let refusal = match (is_given("url"), is_given("content")) {
            (true, _) => Some((
                "url",
                "Unsupported argument",
                "Certificates are read from `content` only; nothing is asked for them over the network.",
            )),
            (false, false) => {
                Some(("content", "Invalid Attribute Combination", "The certificates must be given as `content`."))
            }
            (false, true) => None,
        };
        let refusal = refusal.map(|(name, summary, detail)| Refusal {
            attribute: Path::attribute(name),
            summary: summary.into(),
            detail: detail.into(),
        });
        refusal.into_iter().collect()
    }
}

impl Told {
    fn of(der: &[u8]) -> Result<Told, ProviderError> {
        let certificate = Certificate::from_der(der).map_err(|error| {
            ProviderError::invalid("read tls_certificate", format!("a certificate can't be understood: {error}"))
                .attribute(Path::attribute("content"))
        })?;
        let tbs = certificate.tbs_certificate();
        let constraints = encoded(tbs.get_extension::<BasicConstraints>())?;
        Ok(Told {
            cert_pem: pem::encode(CERTIFICATE, &encoded(certificate.to_der())?),
            is_ca: constraints.is_some_and(|(_, constraints)| constraints.ca),
            issuer: tbs.issuer().to_string(),
            not_after: written(&tbs.validity().not_after),
            not_before: written(&tbs.validity().not_before),
            public_key_algorithm: key_algorithm(tbs.subject_public_key_info().algorithm.oid),
            serial_number: UBig::from_be_bytes(tbs.serial_number().as_bytes()).to_string(),
            sha1_fingerprint: fingerprint_id(der),
            signature_algorithm: signature_algorithm(certificate.signature_algorithm().oid),
            subject: tbs.subject().to_string(),
            version: tbs.version() as u8 + 1,
        })
    }
}

fn written(time: &Time) -> String {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX).to_string()
}

/// The algorithm's usual name, else its identifier.
fn key_algorithm(oid: ObjectIdentifier) -> String {
    match oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => "RSA".into(),
        "1.2.840.10040.4.1" => "DSA".into(),
        "1.2.840.10045.2.1" => "ECDSA".into(),
        "1.3.101.112" => "Ed25519".into(),
        other => other.into(),
    }
}

/// The algorithm's usual name, else its identifier.
fn signature_algorithm(oid: ObjectIdentifier) -> String {
    match oid.to_string().as_str() {
        "1.2.840.113549.1.1.5" => "SHA1-RSA".into(),
        "1.2.840.113549.1.1.11" => "SHA256-RSA".into(),
        "1.2.840.113549.1.1.12" => "SHA384-RSA".into(),
        "1.2.840.113549.1.1.13" => "SHA512-RSA".into(),
        "1.2.840.10045.4.1" => "ECDSA-SHA1".into(),
        "1.2.840.10045.4.3.2" => "ECDSA-SHA256".into(),
        "1.2.840.10045.4.3.3" => "ECDSA-SHA384".into(),
        "1.2.840.10045.4.3.4" => "ECDSA-SHA512".into(),
        "1.3.101.112" => "Ed25519".into(),
        other => other.into(),
    }
}
