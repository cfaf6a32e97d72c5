//! Private keys of all algorithms: made, read, written, and used to sign.

use std::convert::Infallible;

use model::path::Path;
use p256::elliptic_curve::Generate;
use provider::error::{ErrorKind, ProviderError};
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey, EncodePublicKey};
use rsa::rand_core::{TryCryptoRng, TryRng};
use rsa::signature::hazmat::PrehashSigner;
use rsa::signature::{self, Keypair, Signer};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};
use x509_cert::der::asn1::{BitString, ObjectIdentifier};
use x509_cert::der::{Decode, Encode};
use x509_cert::spki::{
    AlgorithmIdentifierOwned, DynSignatureAlgorithmIdentifier, SignatureBitStringEncoding, SubjectPublicKeyInfoOwned,
};

use crate::hex::hex;
use crate::tls::pem::{self, Block};
use crate::world::World;

const PKCS1: &str = "RSA PRIVATE KEY";
const SEC1: &str = "EC PRIVATE KEY";
const PKCS8: &str = "PRIVATE KEY";
pub const PUBLIC: &str = "PUBLIC KEY";

const SHA256_WITH_RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_WITH_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// A private key.
pub enum Key {
    Rsa(Box<rsa::PrivateKey>),
    P224(p224::SecretKey),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
    P521(p521::SecretKey),
    Ed25519(ed25519_dalek::SigningKey),
}

/// What kind of key to make.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind<'a> {
    Rsa {
        bits: usize,
    },
    /// A curve by its name: `P256`.
    Ecdsa {
        curve: &'a str,
    },
    Ed25519,
}

/// Runs the same code for the key of each curve.
macro_rules! each_curve {
    ($key:expr, $secret:ident => $code:expr, $other:ident => $else:expr) => {
        match $key {
            Key::P224($secret) => $code,
            Key::P256($secret) => $code,
            Key::P384($secret) => $code,
            Key::P521($secret) => $code,
            $other @ (Key::Rsa(_) | Key::Ed25519(_)) => $else,
        }
    };
}

impl Key {
    /// Makes a key.
    ///
    /// # Errors
    /// There are no RSA keys of that size.
    pub fn generate(operation: &str, kind: Kind<'_>, world: &dyn World) -> Result<Key, ProviderError> {
        let mut random = Random(world);
        Ok(match kind {
            Kind::Rsa { bits } => {
                let key = rsa::PrivateKey::new(&mut random, bits).map_err(|error| {
                    ProviderError::invalid(operation, format!("there can't be an RSA key of {bits} bits: {error}"))
                        .attribute(Path::attribute("rsa_bits"))
                })?;
                Key::Rsa(Box::new(key))
            }
            Kind::Ecdsa { curve: "P224" } => Key::P224(p224::SecretKey::generate_from_rng(&mut random)),
            Kind::Ecdsa { curve: "P256" } => Key::P256(p256::SecretKey::generate_from_rng(&mut random)),
            Kind::Ecdsa { curve: "P384" } => Key::P384(p384::SecretKey::generate_from_rng(&mut random)),
            Kind::Ecdsa { curve: "P521" } => Key::P521(p521::SecretKey::generate_from_rng(&mut random)),
            Kind::Ecdsa { curve } => {
                return Err(ProviderError::invalid(operation, format!("there is no curve `{curve}`")));
            }
            Kind::Ed25519 => Key::Ed25519(ed25519_dalek::SigningKey::from_bytes(&world.bytes())),
        })
    }

    /// Reads the first block of a PEM text: PKCS#1, SEC 1 or PKCS#8.
    ///
    /// # Errors
    /// There is no key that can be read. The error does not show the text.
    pub fn from_pem(operation: &str, attribute: &str, text: &str) -> Result<Key, ProviderError> {
        let refuse = |why: String| ProviderError::invalid(operation, why).attribute(Path::attribute(attribute));
        let block = match pem::decode(text).next() {
            Some(Ok(block)) => block,
            Some(Err(error)) => return Err(refuse(format!("`{attribute}` can't be read: {error}"))),
            None => return Err(refuse(format!("`{attribute}` has no PEM block"))),
        };
        Key::from_block(&block).ok_or_else(|| {
            refuse(format!("`{attribute}` has a block `{}` that is no RSA, ECDSA or Ed25519 key", block.label))
        })
    }

    fn from_block(block: &Block) -> Option<Key> {
        let der = block.bytes.as_slice();
        let rsa = |key: rsa::PrivateKey| Key::Rsa(Box::new(key));
        match block.label.as_str() {
            PKCS1 => rsa::PrivateKey::from_pkcs1_der(der).ok().map(rsa),
            SEC1 => (p224::SecretKey::from_sec1_der(der).ok().map(Key::P224))
                .or_else(|| p256::SecretKey::from_sec1_der(der).ok().map(Key::P256))
                .or_else(|| p384::SecretKey::from_sec1_der(der).ok().map(Key::P384))
                .or_else(|| p521::SecretKey::from_sec1_der(der).ok().map(Key::P521)),
            PKCS8 => (rsa::PrivateKey::from_pkcs8_der(der).ok().map(rsa))
                .or_else(|| p224::SecretKey::from_pkcs8_der(der).ok().map(Key::P224))
                .or_else(|| p256::SecretKey::from_pkcs8_der(der).ok().map(Key::P256))
                .or_else(|| p384::SecretKey::from_pkcs8_der(der).ok().map(Key::P384))
                .or_else(|| p521::SecretKey::from_pkcs8_der(der).ok().map(Key::P521))
                .or_else(|| ed25519_dalek::SigningKey::from_pkcs8_der(der).ok().map(Key::Ed25519)),
            _ => None,
        }
    }

    /// The name of the algorithm: `RSA`, `ECDSA`, `ED25519`.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Key::Rsa(_) => "RSA",
            Key::P224(_) | Key::P256(_) | Key::P384(_) | Key::P521(_) => "ECDSA",
            Key::Ed25519(_) => "ED25519",
        }
    }

    /// The key in the form of its algorithm: PKCS#1, SEC 1, or PKCS#8 where there is no other.
    pub fn to_pem(&self) -> Result<String, ProviderError> {
        each_curve!(self, secret => Ok(pem::encode(SEC1, &encoded(secret.to_sec1_der())?)), other => match other {
            Key::Rsa(key) => Ok(pem::encode(PKCS1, encoded(key.to_pkcs1_der())?.as_bytes())),
            _ => other.to_pkcs8_pem(),
        })
    }

    pub fn to_pkcs8_pem(&self) -> Result<String, ProviderError> {
        let document = each_curve!(self, secret => encoded(secret.to_pkcs8_der()), other => match other {
            Key::Rsa(key) => encoded(key.to_pkcs8_der()),
            Key::Ed25519(key) => {
                // Without the public key, which only the newer version of the format has.
                let bytes = ed25519_dalek::pkcs8::KeypairBytes { secret_key: key.to_bytes(), public_key: None };
                encoded(bytes.to_pkcs8_der())
            }
            Key::P224(_) | Key::P256(_) | Key::P384(_) | Key::P521(_) => unreachable!("curves are handled before"),
        })?;
        Ok(pem::encode(PKCS8, document.as_bytes()))
    }

    pub fn public(&self) -> Result<SubjectPublicKeyInfoOwned, ProviderError> {
        let document = each_curve!(self, secret => encoded(secret.public_key().to_public_key_der()), other => match other {
            Key::Rsa(key) => encoded(key.to_public_key().to_public_key_der()),
            Key::Ed25519(key) => encoded(key.verifying_key().to_public_key_der()),
            Key::P224(_) | Key::P256(_) | Key::P384(_) | Key::P521(_) => unreachable!("curves are handled before"),
        })?;
        encoded(SubjectPublicKeyInfoOwned::from_der(document.as_bytes()))
    }

    fn signature_algorithm(&self) -> ObjectIdentifier {
        match self {
            Key::Rsa(_) => SHA256_WITH_RSA,
            Key::P224(_) | Key::P256(_) => ECDSA_WITH_SHA256,
            Key::P384(_) => ECDSA_WITH_SHA384,
            Key::P521(_) => ECDSA_WITH_SHA512,
            Key::Ed25519(_) => ED25519,
        }
    }
}

/// The hexadecimal SHA-1 of something encoded, which objects of this provider are known by.
pub fn fingerprint_id(der: &[u8]) -> String {
    hex(&Sha1::digest(der))
}

/// What a subject key identifier is made of: SHA-1 of the key's bits, for Ed25519 of their encoding.
pub fn key_identifier(public: &SubjectPublicKeyInfoOwned) -> Vec<u8> {
    let bits = public.subject_public_key.raw_bytes();
    if public.algorithm.oid == ED25519 {
        return Sha1::new().chain_update([0x04, bits.len() as u8]).chain_update(bits).finalize().to_vec();
    }
    Sha1::digest(bits).to_vec()
}

/// Our own mistake, or a key that its library can't write.
pub fn encoded<T, E: std::fmt::Display>(result: Result<T, E>) -> Result<T, ProviderError> {
    result.map_err(|error| ProviderError::new(ErrorKind::Other, "encode a key or certificate", error.to_string()))
}

/// A signature in the form that certificates have.
pub struct Signed(Vec<u8>);

impl SignatureBitStringEncoding for Signed {
    fn to_bitstring(&self) -> x509_cert::der::Result<BitString> {
        BitString::from_bytes(&self.0)
    }
}

impl Signer<Signed> for Key {
    fn try_sign(&self, message: &[u8]) -> Result<Signed, signature::Error> {
        let sha256 = Sha256::digest(message);
        Ok(Signed(match self {
            Key::Rsa(key) => key.pkcs1v15_sign::<Sha256>(message).map_err(|_| signature::Error::new())?,
            Key::P224(secret) => {
                let signed: p224::ecdsa::Signature = p224::ecdsa::SigningKey::from(secret).sign_prehash(&sha256)?;
                signed.to_der().as_bytes().to_vec()
            }
            Key::P256(secret) => {
                let signed: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from(secret).sign_prehash(&sha256)?;
                signed.to_der().as_bytes().to_vec()
            }
            Key::P384(secret) => {
                let hash = Sha384::digest(message);
                let signed: p384::ecdsa::Signature = p384::ecdsa::SigningKey::from(secret).sign_prehash(&hash)?;
                signed.to_der().as_bytes().to_vec()
            }
            Key::P521(secret) => {
                let hash = Sha512::digest(message);
                let signed: p521::ecdsa::Signature = p521::ecdsa::SigningKey::from(secret).sign_prehash(&hash)?;
                signed.to_der().as_bytes().to_vec()
            }
            Key::Ed25519(key) => {
                let signed: ed25519_dalek::Signature = key.try_sign(message)?;
                signed.to_bytes().to_vec()
            }
        }))
    }
}

/// The public half, as builders of certificates take it.
#[derive(Clone)]
pub struct Verifying(SubjectPublicKeyInfoOwned);

impl EncodePublicKey for Verifying {
    fn to_public_key_der(&self) -> x509_cert::spki::Result<x509_cert::der::Document> {
        Ok(x509_cert::der::Document::try_from(self.0.to_der()?)?)
    }
}

impl Keypair for Key {
    type VerifyingKey = Verifying;

    fn verifying_key(&self) -> Verifying {
        Verifying(self.public().expect("a key that was made or read has a public half"))
    }
}

impl DynSignatureAlgorithmIdentifier for Key {
    fn signature_algorithm_identifier(&self) -> x509_cert::spki::Result<AlgorithmIdentifierOwned> {
        // RSA has parameters, which are null; the others have none.
        let parameters = matches!(self, Key::Rsa(_)).then(x509_cert::der::asn1::Any::null);
        Ok(AlgorithmIdentifierOwned { oid: self.signature_algorithm(), parameters })
    }
}

/// The world's randomness in the form that libraries take it.
pub struct Random<'a>(pub &'a dyn World);

impl TryRng for Random<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(u32::from_le_bytes(self.0.bytes()))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from_le_bytes(self.0.bytes()))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.0.random(bytes);
        Ok(())
    }
}

impl TryCryptoRng for Random<'_> {}
