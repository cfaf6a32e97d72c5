//! What a key may be used for: names of uses, as flags and as identifiers.

use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::flagset::FlagSet;
use x509_cert::ext::pkix::{ExtendedKeyUsage, KeyUsage, KeyUsages};

/// Uses that are flags.
const FLAGS: [(&str, KeyUsages); 9] = [
    ("digital_signature", KeyUsages::DigitalSignature),
    ("content_commitment", KeyUsages::NonRepudiation),
    ("key_encipherment", KeyUsages::KeyEncipherment),
    ("data_encipherment", KeyUsages::DataEncipherment),
    ("key_agreement", KeyUsages::KeyAgreement),
    ("cert_signing", KeyUsages::KeyCertSign),
    ("crl_signing", KeyUsages::CRLSign),
    ("encipher_only", KeyUsages::EncipherOnly),
    ("decipher_only", KeyUsages::DecipherOnly),
];

/// Uses that are identifiers.
const EXTENDED: [(&str, &str); 14] = [
    ("any_extended", "2.5.29.37.0"),
    ("server_auth", "1.3.6.1.5.5.7.3.1"),
    ("client_auth", "1.3.6.1.5.5.7.3.2"),
    ("code_signing", "1.3.6.1.5.5.7.3.3"),
    ("email_protection", "1.3.6.1.5.5.7.3.4"),
    ("ipsec_end_system", "1.3.6.1.5.5.7.3.5"),
    ("ipsec_tunnel", "1.3.6.1.5.5.7.3.6"),
    ("ipsec_user", "1.3.6.1.5.5.7.3.7"),
    ("timestamping", "1.3.6.1.5.5.7.3.8"),
    ("ocsp_signing", "1.3.6.1.5.5.7.3.9"),
    ("microsoft_server_gated_crypto", "1.3.6.1.4.1.311.10.3.3"),
    ("netscape_server_gated_crypto", "2.16.840.1.113730.4.1"),
    ("microsoft_commercial_code_signing", "1.3.6.1.4.1.311.2.1.22"),
    ("microsoft_kernel_code_signing", "1.3.6.1.4.1.311.61.1.1"),
];

/// The flags among the uses; `None` without any.
pub fn flags(uses: &[String]) -> Option<KeyUsage> {
    let used = FLAGS.iter().filter(|(name, _)| uses.iter().any(|used| used == name));
    used.map(|(_, flag)| FlagSet::from(*flag)).reduce(|all, one| all | one).map(KeyUsage)
}

/// The identifiers among the uses, in their order; `None` without any.
pub fn extended(uses: &[String]) -> Option<ExtendedKeyUsage> {
    let oid = |used: &String| EXTENDED.iter().find(|(name, _)| used == name).map(|(_, oid)| *oid);
    let oids: Vec<ObjectIdentifier> = uses.iter().filter_map(oid).map(ObjectIdentifier::new_unwrap).collect();
    (!oids.is_empty()).then_some(ExtendedKeyUsage(oids))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_that_is_accepted_is_known() {
        let facts: serde_json::Value =
            serde_json::from_str(include_str!("../schema/tls_self_signed_cert.json")).expect("JSON");
        let accepted = &facts["block"]["attributes"]["allowed_uses"]["accepts"]["enum"];
        let mut known: Vec<&str> =
            FLAGS.iter().map(|(name, _)| *name).chain(EXTENDED.iter().map(|(name, _)| *name)).collect();
        known.sort_unstable();
        assert_eq!(*accepted, serde_json::json!(known));
    }
}
