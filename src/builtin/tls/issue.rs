//! Issues certificates: what all kinds of them have in common.

use std::time::Duration;

use dashu_int::UBig;
use jiff::{SignedDuration, Timestamp};
use model::path::Path;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};
use x509_cert::TbsCertificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::der::Encode;
use x509_cert::der::asn1::{Ia5String, OctetString, UtcTime};
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, NameConstraints, SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

use crate::tls::key::{Key, Signed, encoded, key_identifier};
use crate::tls::{pem, renewal, usage};
use crate::world::World;

pub const CERTIFICATE: &str = "CERTIFICATE";

/// The attributes that all kinds of certificates have.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Issued {
    allowed_uses: Vec<String>,
    cert_pem: String,
    early_renewal_hours: i64,
    id: String,
    is_ca_certificate: bool,
    max_path_length: Option<i64>,
    name_constraint_excluded_dns_names: Option<Vec<String>>,
    name_constraint_permitted_dns_names: Option<Vec<String>>,
    name_constraint_permitted_dns_names_critical: Option<bool>,
    ready_for_renewal: bool,
    set_subject_key_id: bool,
    validity_end_time: String,
    validity_period_hours: i64,
    validity_start_time: String,
}

/// Arguments of all certificates that stay null where the configuration is silent.
pub const ABSENT: [&str; 4] = [
    "max_path_length",
    "name_constraint_excluded_dns_names",
    "name_constraint_permitted_dns_names",
    "name_constraint_permitted_dns_names_critical",
];

/// Who a certificate is for, and who signs it.
pub struct Parties<'a> {
    pub subject: Name,
    pub public: SubjectPublicKeyInfoOwned,
    pub alternative_names: Option<SubjectAltName>,
    pub issuer: Name,
    /// The key that signs.
    pub key: &'a Key,
    /// The identifier of the issuer's key, to be told in the certificate.
    pub authority: Option<Vec<u8>>,
}

impl Issued {
    /// Issues the certificate from now on, with a random serial number of 128 bits.
    pub fn issue(self, operation: &str, parties: Parties<'_>, world: &dyn World) -> Result<Issued, ProviderError> {
        if self.is_ca_certificate && parties.subject.is_empty() {
            return Err(ProviderError::invalid(operation, "a certificate authority must have a subject")
                .hint("Give the block `subject` at least one argument.")
                .attribute(Path::attribute("subject")));
        }
        let (start, end) = self.validity(operation, world.now())?;
        let serial: [u8; 16] = world.bytes();
        let validity = Validity::new(encoded(time(start))?, encoded(time(end))?);
        let extensions = encoded(self.extensions(&parties))?;
        let profile = Profile { subject: parties.subject, issuer: parties.issuer, extensions };
        let builder = CertificateBuilder::new(profile, encoded(SerialNumber::new(&serial))?, validity, parties.public);
        let certificate = encoded(encoded(builder)?.build::<_, Signed>(parties.key))?;
        Ok(Issued {
            cert_pem: pem::encode(CERTIFICATE, &encoded(certificate.to_der())?),
            id: UBig::from_be_bytes(&serial).to_string(),
            ready_for_renewal: false,
            validity_end_time: end.to_string(),
            validity_start_time: start.to_string(),
            ..self
        })
    }

    /// The same certificate as it is now: it may be due.
    pub fn at(self, now: Timestamp) -> Issued {
        let ready_for_renewal =
            self.ready_for_renewal || renewal::is_due(&self.validity_end_time, self.early_renewal_hours, now);
        Issued { ready_for_renewal, ..self }
    }

    /// From when until when, in whole seconds.
    fn validity(&self, operation: &str, now: Timestamp) -> Result<(Timestamp, Timestamp), ProviderError> {
        let start = Timestamp::from_second(now.as_second()).expect("a time without its fraction is a time");
        let end = self
            .validity_period_hours
            .checked_mul(3600)
            .and_then(|seconds| start.checked_add(SignedDuration::from_secs(seconds)).ok())
            .ok_or_else(|| {
                ProviderError::invalid(operation, "the certificate would be valid for longer than time can be written")
                    .attribute(Path::attribute("validity_period_hours"))
            })?;
        Ok((start, end))
    }

    fn extensions(&self, parties: &Parties<'_>) -> x509_cert::der::Result<Vec<Extension>> {
        let mut all = Extensions { subject: &parties.subject, made: Vec::new() };
        if let Some(flags) = usage::flags(&self.allowed_uses) {
            all.push((true, &flags))?;
        }
        if let Some(extended) = usage::extended(&self.allowed_uses) {
            all.push((false, &extended))?;
        }
        let limit = self.max_path_length.and_then(|length| u8::try_from(length).ok());
        let constraint = limit.filter(|_| self.is_ca_certificate);
        all.push((true, &BasicConstraints { ca: self.is_ca_certificate, path_len_constraint: constraint }))?;
        if self.is_ca_certificate || self.set_subject_key_id {
            all.push((false, &SubjectKeyIdentifier(OctetString::new(key_identifier(&parties.public))?)))?;
        }
        if let Some(authority) = &parties.authority {
            let key_identifier = Some(OctetString::new(authority.as_slice())?);
            all.push((false, &AuthorityKeyIdentifier { key_identifier, ..AuthorityKeyIdentifier::default() }))?;
        }
        if let Some(names) = &parties.alternative_names {
            all.push((parties.subject.is_empty(), names))?;
        }
        let subtrees = |names: &Option<Vec<String>>| -> x509_cert::der::Result<Option<Vec<GeneralSubtree>>> {
            let subtree = |name: &String| {
                Ok(GeneralSubtree { base: GeneralName::DnsName(Ia5String::new(name)?), minimum: 0, maximum: None })
            };
            names
                .as_ref()
                .filter(|names| !names.is_empty())
                .map(|names| names.iter().map(subtree).collect())
                .transpose()
        };
        let constraints = NameConstraints {
            permitted_subtrees: subtrees(&self.name_constraint_permitted_dns_names)?,
            excluded_subtrees: subtrees(&self.name_constraint_excluded_dns_names)?,
        };
        if constraints.permitted_subtrees.is_some() || constraints.excluded_subtrees.is_some() {
            all.push((self.name_constraint_permitted_dns_names_critical == Some(true), &constraints))?;
        }
        Ok(all.made)
    }
}

fn time(at: Timestamp) -> x509_cert::der::Result<Time> {
    let since = Duration::from_secs(u64::try_from(at.as_second()).unwrap_or_default());
    match UtcTime::from_unix_duration(since) {
        Ok(time) => Ok(Time::UtcTime(time)),
        // Years from 2050 on have another form.
        Err(_) => x509_cert::der::asn1::GeneralizedTime::from_unix_duration(since).map(Time::GeneralTime),
    }
}

/// Extensions in the making.
struct Extensions<'a> {
    subject: &'a Name,
    made: Vec<Extension>,
}

impl Extensions<'_> {
    fn push<E: ToExtension<Error = x509_cert::der::Error>>(&mut self, extension: E) -> x509_cert::der::Result<()> {
        let made = extension.to_extension(self.subject, &self.made)?;
        self.made.push(made);
        Ok(())
    }
}

/// A certificate with exactly what was asked for.
struct Profile {
    subject: Name,
    issuer: Name,
    extensions: Vec<Extension>,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        _: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        Ok(self.extensions.clone())
    }
}
