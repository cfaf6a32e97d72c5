//! Who a certificate is for: the distinguished name, and the alternative names.

use std::net::IpAddr;

use model::path::Path;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{Any, Ia5String, ObjectIdentifier, PrintableString};
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

use crate::tls::key::encoded;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
const COUNTRY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const LOCALITY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.7");
const PROVINCE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.8");
const STREET_ADDRESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.9");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const ORGANIZATIONAL_UNIT: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.11");
const POSTAL_CODE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.17");
const EMAIL_ADDRESS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1");

/// The block `subject`.
#[derive(Serialize, Deserialize, Default, Clone)]
#[serde(default)]
pub struct Subject {
    pub common_name: Option<String>,
    pub country: Option<String>,
    pub email_address: Option<String>,
    pub locality: Option<String>,
    pub organization: Option<String>,
    pub organizational_unit: Option<String>,
    pub postal_code: Option<String>,
    pub province: Option<String>,
    pub serial_number: Option<String>,
    pub street_address: Option<Vec<String>>,
}

impl Subject {
    /// The distinguished name: from the country to the common name, empty parts left out.
    ///
    /// # Errors
    /// An e-mail address that is not ASCII.
    pub fn name(&self) -> Result<Name, ProviderError> {
        let one = |text: &Option<String>| text.iter().cloned().collect::<Vec<String>>();
        let parts = [
            (COUNTRY, one(&self.country)),
            (ORGANIZATION, one(&self.organization)),
            (ORGANIZATIONAL_UNIT, one(&self.organizational_unit)),
            (LOCALITY, one(&self.locality)),
            (PROVINCE, one(&self.province)),
            (STREET_ADDRESS, self.street_address.clone().unwrap_or_default()),
            (POSTAL_CODE, one(&self.postal_code)),
            (COMMON_NAME, one(&self.common_name)),
            (SERIAL_NUMBER, one(&self.serial_number)),
            (EMAIL_ADDRESS, one(&self.email_address)),
        ];
        let mut sequence = RdnSequence::default();
        for (oid, texts) in parts {
            let values = texts
                .iter()
                .filter(|text| !text.is_empty())
                .map(|text| Ok(AttributeTypeAndValue { oid, value: value(oid, text)? }));
            let values = values.collect::<Result<Vec<_>, ProviderError>>()?;
            if !values.is_empty() {
                sequence.push(encoded(RelativeDistinguishedName::try_from(values))?);
            }
        }
        encoded(sequence.to_der().and_then(|der| Name::from_der(&der)))
    }
}

/// Text in the narrowest form that has its characters.
fn value(oid: ObjectIdentifier, text: &str) -> Result<Any, ProviderError> {
    if oid == EMAIL_ADDRESS {
        return encoded(Ia5String::new(text).and_then(|text| Any::encode_from(&text)));
    }
    match PrintableString::new(text) {
        Ok(printable) => encoded(Any::encode_from(&printable)),
        Err(_) => encoded(Any::encode_from(&text.to_string())),
    }
}

/// The arguments that name a subject in other ways, and the extension they make; `None` without any.
///
/// # Errors
/// What is no IP address, and names that are not ASCII.
pub fn alternative_names(
    operation: &str,
    dns_names: &Option<Vec<String>>,
    ip_addresses: &Option<Vec<String>>,
    uris: &Option<Vec<String>>,
) -> Result<Option<SubjectAltName>, ProviderError> {
    let refuse = |name: &str, text: &str, what: &str| {
        ProviderError::invalid(operation, format!("`{text}` is no {what}")).attribute(Path::attribute(name))
    };
    let mut names = Vec::new();
    for text in dns_names.iter().flatten() {
        let name = Ia5String::new(text).map_err(|_| refuse("dns_names", text, "DNS name: it is not ASCII"))?;
        names.push(GeneralName::DnsName(name));
    }
    for text in ip_addresses.iter().flatten() {
        let address: IpAddr = text.parse().map_err(|_| refuse("ip_addresses", text, "IP address"))?;
        names.push(GeneralName::from(address));
    }
    for text in uris.iter().flatten() {
        let uri = Ia5String::new(text).map_err(|_| refuse("uris", text, "URI: it is not ASCII"))?;
        names.push(GeneralName::UniformResourceIdentifier(uri));
    }
    Ok((!names.is_empty()).then_some(SubjectAltName(names)))
}
