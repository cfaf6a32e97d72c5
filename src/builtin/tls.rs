//! `hashicorp/tls`: keys, certificates and requests for them, made here and kept in the state.

mod cert_request;
mod certificate_data;
mod issue;
mod key;
mod locally_signed_cert;
mod openssh;
mod pem;
mod private_key;
mod public_key_data;
mod renewal;
mod self_signed_cert;
mod subject;
mod usage;

use crate::data_source::TypedData;
use crate::family::{DataEntry, Entry, Family};
use crate::resource::Typed;
use crate::tls::cert_request::TlsCertRequest;
use crate::tls::certificate_data::TlsCertificateData;
use crate::tls::locally_signed_cert::TlsLocallySignedCert;
use crate::tls::private_key::TlsPrivateKey;
use crate::tls::public_key_data::TlsPublicKeyData;
use crate::tls::self_signed_cert::TlsSelfSignedCert;

pub static FAMILY: Family =
    Family { name: "tls", is_builtin: false, resources: &RESOURCES, data_sources: &DATA_SOURCES, ephemerals: &[] };

static RESOURCES: [Entry; 4] = [
    Entry::new("tls_cert_request", include_str!("schema/tls_cert_request.json"), &Typed::<TlsCertRequest>::NEW),
    Entry::new(
        "tls_locally_signed_cert",
        include_str!("schema/tls_locally_signed_cert.json"),
        &Typed::<TlsLocallySignedCert>::NEW,
    ),
    Entry::new("tls_private_key", include_str!("schema/tls_private_key.json"), &Typed::<TlsPrivateKey>::NEW),
    Entry::new(
        "tls_self_signed_cert",
        include_str!("schema/tls_self_signed_cert.json"),
        &Typed::<TlsSelfSignedCert>::NEW,
    ),
];

static DATA_SOURCES: [DataEntry; 2] = [
    DataEntry::new(
        "tls_certificate",
        include_str!("schema/data/tls_certificate.json"),
        &TypedData::<TlsCertificateData>::NEW,
    ),
    DataEntry::new(
        "tls_public_key",
        include_str!("schema/data/tls_public_key.json"),
        &TypedData::<TlsPublicKeyData>::NEW,
    ),
];
