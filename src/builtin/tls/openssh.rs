//! Keys in OpenSSH's forms, and their fingerprints.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use md5::Md5;
use model::path::Path;
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ssh_key::private::{EcdsaKeypair, Ed25519Keypair, KeypairData, RsaKeypair};
use ssh_key::{LineEnding, PrivateKey};

use crate::hex;
use crate::tls::key::{Key, PUBLIC, encoded, fingerprint_id};
use crate::tls::pem;
use x509_cert::der::Encode;

/// What is told of the public half of a key, as attributes. OpenSSH has no curve P-224: its forms are empty for that.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct PublicForms {
    id: String,
    public_key_fingerprint_md5: String,
    public_key_fingerprint_sha256: String,
    public_key_openssh: String,
    public_key_pem: String,
}

impl PublicForms {
    pub fn of(key: &Key, comment: &str) -> Result<PublicForms, ProviderError> {
        let der = encoded(key.public()?.to_der())?;
        let forms = PublicForms {
            id: fingerprint_id(&der),
            public_key_pem: pem::encode(PUBLIC, &der),
            ..PublicForms::default()
        };
        let Some(keypair) = keypair(key)? else { return Ok(forms) };
        let public = ssh_key::PublicKey::new(encoded(ssh_key::public::KeyData::try_from(&keypair))?, comment);
        let wire = encoded(public.to_bytes())?;
        Ok(PublicForms {
            public_key_fingerprint_md5: hex::separated(&Md5::digest(&wire), ":"),
            public_key_fingerprint_sha256: format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&wire))),
            public_key_openssh: format!("{}\n", encoded(public.to_openssh())?.trim_end()),
            ..forms
        })
    }
}

/// A private key in OpenSSH's form; empty for a curve that it does not have.
pub fn to_openssh(key: &Key, comment: &str) -> Result<String, ProviderError> {
    let Some(keypair) = keypair(key)? else { return Ok(String::new()) };
    let private = encoded(PrivateKey::new(keypair, comment))?;
    Ok(encoded(private.to_openssh(LineEnding::LF))?.to_string())
}

/// Reads a private key in OpenSSH's form.
///
/// # Errors
/// It is none, or encrypted. The error does not show the text.
pub fn from_openssh(operation: &str, attribute: &str, text: &str) -> Result<Key, ProviderError> {
    let refuse = |why: &str| {
        ProviderError::invalid(operation, format!("`{attribute}` {why}")).attribute(Path::attribute(attribute))
    };
    let private = PrivateKey::from_openssh(text).map_err(|_| refuse("is no OpenSSH private key"))?;
    let key = match private.key_data() {
        KeypairData::Rsa(pair) => rsa::PrivateKey::try_from(pair).ok().map(|key| Key::Rsa(Box::new(key))),
        KeypairData::Ed25519(pair) => ed25519_dalek::SigningKey::try_from(pair).ok().map(Key::Ed25519),
        KeypairData::Ecdsa(EcdsaKeypair::NistP256 { private, .. }) => {
            p256::SecretKey::from_slice(private.as_slice()).ok().map(Key::P256)
        }
        KeypairData::Ecdsa(EcdsaKeypair::NistP384 { private, .. }) => {
            p384::SecretKey::from_slice(private.as_slice()).ok().map(Key::P384)
        }
        KeypairData::Ecdsa(EcdsaKeypair::NistP521 { private, .. }) => {
            p521::SecretKey::from_slice(private.as_slice()).ok().map(Key::P521)
        }
        KeypairData::Encrypted(_) => return Err(refuse("is encrypted; only plain keys can be read")),
        _ => None,
    };
    key.ok_or_else(|| refuse("is of an algorithm that is neither RSA, ECDSA nor Ed25519"))
}

fn keypair(key: &Key) -> Result<Option<KeypairData>, ProviderError> {
    Ok(Some(match key {
        Key::Rsa(key) => KeypairData::Rsa(encoded(RsaKeypair::try_from(key.as_ref()))?),
        Key::P224(_) => return Ok(None),
        Key::P256(secret) => KeypairData::Ecdsa(EcdsaKeypair::NistP256 {
            public: secret.public_key().into(),
            private: secret.clone().into(),
        }),
        Key::P384(secret) => KeypairData::Ecdsa(EcdsaKeypair::NistP384 {
            public: secret.public_key().into(),
            private: secret.clone().into(),
        }),
        Key::P521(secret) => KeypairData::Ecdsa(EcdsaKeypair::NistP521 {
            public: secret.public_key().into(),
            private: secret.clone().into(),
        }),
        Key::Ed25519(key) => KeypairData::Ed25519(Ed25519Keypair::from(key)),
    }))
}
