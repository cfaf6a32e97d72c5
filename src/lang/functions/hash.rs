//! Digests, passwords, UUIDs and RSA.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::ty::Type;
use model::value::{Refinement, Value};
use rsa::pkcs1::DecodeRsaPrivateKey;
use rsa::pkcs8::DecodePrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PrivateKey};
use sha2::Digest;
use uuid::Uuid;

use crate::functions::arguments::{text, whole};
use crate::functions::file::read_bytes;
use crate::functions::{Context, Error, Function, Parameter, Shape};

/// The least length of the random bytes before an encrypted message.
const PADDING_BYTES_MIN: usize = 8;
/// The cost of `bcrypt` without a second argument.
const BCRYPT_COST: i64 = 10;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "base64sha256",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(Value::string(STANDARD.encode(sha2::Sha256::digest(text(arguments, 0))))),
        "Gives the SHA-256 digest of a string as base64.",
    ),
    Function::new(
        "base64sha512",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(Value::string(STANDARD.encode(sha2::Sha512::digest(text(arguments, 0))))),
        "Gives the SHA-512 digest of a string as base64.",
    ),
    Function::new(
        "bcrypt",
        &[Parameter::string("str")],
        Shape::String,
        bcrypt,
        "Hashes a password with a new salt each time.",
    )
    .variadic(Parameter::number("cost")),
    Function::new(
        "filebase64sha256",
        &[Parameter::string("path")],
        Shape::String,
        |context, arguments| Ok(Value::string(STANDARD.encode(sha2::Sha256::digest(read_bytes(context, arguments)?)))),
        "Gives the SHA-256 digest of a file as base64.",
    ),
    Function::new(
        "filebase64sha512",
        &[Parameter::string("path")],
        Shape::String,
        |context, arguments| Ok(Value::string(STANDARD.encode(sha2::Sha512::digest(read_bytes(context, arguments)?)))),
        "Gives the SHA-512 digest of a file as base64.",
    ),
    Function::new(
        "filemd5",
        &[Parameter::string("path")],
        Shape::String,
        |context, arguments| Ok(hex(&md5::Md5::digest(read_bytes(context, arguments)?))),
        "Gives the MD5 digest of a file.",
    ),
    Function::new(
        "filesha1",
        &[Parameter::string("path")],
        Shape::String,
        |context, arguments| Ok(hex(&sha1::Sha1::digest(read_bytes(context, arguments)?))),
        "Gives the SHA-1 digest of a file.",
    ),
    Function::new(
        "filesha256",
        &[Parameter::string("path")],
        Shape::String,
        |context, arguments| Ok(hex(&sha2::Sha256::digest(read_bytes(context, arguments)?))),
        "Gives the SHA-256 digest of a file.",
    ),
    Function::new(
        "filesha512",
        &[Parameter::string("path")],
        Shape::String,
        |context, arguments| Ok(hex(&sha2::Sha512::digest(read_bytes(context, arguments)?))),
        "Gives the SHA-512 digest of a file.",
    ),
    Function::new(
        "md5",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(hex(&md5::Md5::digest(text(arguments, 0)))),
        "Gives the MD5 digest of a string.",
    ),
    Function::new(
        "rsadecrypt",
        &[Parameter::string("ciphertext"), Parameter::string("privatekey")],
        Shape::String,
        rsadecrypt,
        "Decrypts a string that was encrypted with an RSA public key, given as base64.",
    ),
    Function::new(
        "sha1",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(hex(&sha1::Sha1::digest(text(arguments, 0)))),
        "Gives the SHA-1 digest of a string.",
    ),
    Function::new(
        "sha256",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(hex(&sha2::Sha256::digest(text(arguments, 0)))),
        "Gives the SHA-256 digest of a string.",
    ),
    Function::new(
        "sha512",
        &[Parameter::string("str")],
        Shape::String,
        |_, arguments| Ok(hex(&sha2::Sha512::digest(text(arguments, 0)))),
        "Gives the SHA-512 digest of a string.",
    ),
    Function::new("uuid", &[], Shape::String, uuid, "Makes a new UUID each time."),
    Function::new(
        "uuidv5",
        &[Parameter::string("namespace"), Parameter::string("name")],
        Shape::String,
        uuidv5,
        "Makes the UUID of a name in a namespace.",
    ),
];

fn hex(digest: &[u8]) -> Value {
    Value::string(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

fn bcrypt(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    if arguments.len() > 2 {
        return Err(Error::call(format!("it takes one or two arguments, and {} are given", arguments.len())));
    }
    let cost = if arguments.len() == 2 { whole(arguments, 1)? } else { BCRYPT_COST };
    // A cost below the least means the default, as in Go's library.
    let cost = if cost < 4 { BCRYPT_COST } else { cost };
    let cost = u32::try_from(cost).ok().filter(|cost| *cost <= 31);
    let cost = cost.ok_or_else(|| Error::argument(1, "the cost must be at most 31"))?;
    let Some(impure) = context.surroundings.impure else {
        return Ok(Value::unknown_with(Type::String, Refinement::not_null()));
    };
    let mut salt = [0; 16];
    (impure.random)(&mut salt);
    let hashed = bcrypt::hash_with_salt(text(arguments, 0), cost, salt)
        .map_err(|_| Error::argument(0, "the password can't be hashed"))?;
    Ok(Value::string(hashed.format_for_version(bcrypt::Version::TwoA)))
}

fn rsadecrypt(_: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let ciphertext =
        STANDARD.decode(text(arguments, 0)).map_err(|_| Error::argument(0, "the ciphertext is not base64"))?;
    let pem = text(arguments, 1).trim();
    let key = PrivateKey::from_pkcs1_pem(pem).or_else(|_| PrivateKey::from_pkcs8_pem(pem));
    let key = key.map_err(|_| Error::argument(1, "it is not an RSA private key in PEM form without a password"))?;
    let plain = decrypt(&key, &ciphertext).ok_or_else(|| Error::call("the key does not decrypt the ciphertext"))?;
    String::from_utf8(plain).map(Value::string).map_err(|_| Error::call("the decrypted bytes are not UTF-8"))
}

/// Decrypts PKCS #1 v1.5. The library's own padding scheme answers a wrong key with random bytes, which suits servers that
/// must not say what was wrong; here the user needs to know.
fn decrypt(key: &PrivateKey, ciphertext: &[u8]) -> Option<Vec<u8>> {
    let size = key.size();
    if ciphertext.len() != size {
        return None;
    }
    let number = BoxedUint::from_be_slice(ciphertext, key.n().bits_precision()).ok()?;
    let blinding: Option<&mut dyn rsa::rand_core::TryCryptoRng<Error = std::convert::Infallible>> = None;
    let decrypted = rsa::hazmat::rsa_decrypt_and_check(key, blinding, &number).ok()?.to_be_bytes();
    let message = decrypted.get(decrypted.len().checked_sub(size)?..)?;
    let padded = message.strip_prefix(&[0, 2])?;
    let end = padded.iter().position(|byte| *byte == 0).filter(|length| *length >= PADDING_BYTES_MIN)?;
    Some(padded[end + 1..].to_vec())
}

fn uuid(context: &Context<'_>, _: &[Value]) -> Result<Value, Error> {
    let Some(impure) = context.surroundings.impure else {
        return Ok(Value::unknown_with(Type::String, Refinement::not_null()));
    };
    let mut bytes = [0; 16];
    (impure.random)(&mut bytes);
    Ok(Value::string(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()))
}

fn uuidv5(context: &Context<'_>, arguments: &[Value]) -> Result<Value, Error> {
    let namespace = match text(arguments, 0) {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other).map_err(|_| {
            let shown = context.show(other);
            Error::argument(0, format!("{shown} is neither a UUID nor one of \"dns\", \"url\", \"oid\", \"x500\""))
        })?,
    };
    Ok(Value::string(Uuid::new_v5(&namespace, text(arguments, 1).as_bytes()).to_string()))
}
