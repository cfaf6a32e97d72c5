//! What the types of files share: where the content comes from, its checksums, and the file itself.

use std::fs;
use std::io::{ErrorKind as IoErrorKind, Write};
use std::path::Path as FilePath;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::Md5;
use model::path::Path;
use model::value::Value;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::Refusal;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

use crate::hex::hex;

/// Checksums of a content, as attributes of all types of files.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Checksums {
    content_base64sha256: String,
    content_base64sha512: String,
    content_md5: String,
    content_sha1: String,
    content_sha256: String,
    content_sha512: String,
    /// The SHA-1 once more.
    id: String,
}

impl Checksums {
    pub fn of(content: &[u8]) -> Checksums {
        let (sha256, sha512, sha1) = (Sha256::digest(content), Sha512::digest(content), hex(&Sha1::digest(content)));
        Checksums {
            content_base64sha256: STANDARD.encode(sha256),
            content_base64sha512: STANDARD.encode(sha512),
            content_md5: hex(&Md5::digest(content)),
            content_sha1: sha1.clone(),
            content_sha256: hex(&sha256),
            content_sha512: hex(&sha512),
            id: sha1,
        }
    }

    /// Whether they are of a content. Objects of older versions have the identifier alone.
    pub fn are_of(&self, content: &[u8]) -> bool {
        self.id == hex(&Sha1::digest(content))
    }
}

/// Where the content of a file comes from.
pub enum Origin<'a> {
    Text(&'a str),
    Base64(&'a str),
    /// Another file.
    Source(&'a str),
}

impl Origin<'_> {
    /// Gives the content.
    pub fn load(&self, operation: &str) -> Result<Vec<u8>, ProviderError> {
        match self {
            Origin::Text(text) => Ok(text.as_bytes().to_vec()),
            Origin::Base64(text) => STANDARD.decode(text).map_err(|_| {
                ProviderError::invalid(operation, "`content_base64` is no base64")
                    .attribute(Path::attribute("content_base64"))
            }),
            Origin::Source(source) => {
                fs::read(source).map_err(|error| failed(operation, source, &error).attribute(Path::attribute("source")))
            }
        }
    }
}

/// A file to be made.
pub struct Target<'a> {
    pub filename: &'a str,
    /// Octal digits, before the mask of the process.
    pub file_permission: &'a str,
    pub directory_permission: &'a str,
}

impl Target<'_> {
    /// Writes the file, over one that is there, and makes missing folders on the way.
    pub fn write(&self, operation: &str, content: &[u8]) -> Result<(), ProviderError> {
        if let Some(folder) = FilePath::new(self.filename).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            let made = folders(self.directory_permission).create(folder);
            made.map_err(|error| failed(operation, &folder.display().to_string(), &error))?;
        }
        let written = file(self.file_permission).open(self.filename).and_then(|mut file| file.write_all(content));
        written.map_err(|error| failed(operation, self.filename, &error))
    }
}

/// What a file holds; `None` where there is no file.
pub fn read(operation: &str, filename: &str) -> Result<Option<Vec<u8>>, ProviderError> {
    match fs::read(filename) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == IoErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(operation, filename, &error)),
    }
}

/// Removes a file; that it is gone already is a success.
pub fn remove(operation: &str, filename: &str) -> Result<(), ProviderError> {
    match fs::remove_file(filename) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == IoErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(operation, filename, &error)),
    }
}

pub fn failed(operation: &str, filename: &str, error: &std::io::Error) -> ProviderError {
    let kind = match error.kind() {
        IoErrorKind::NotFound => ErrorKind::NotFound,
        IoErrorKind::PermissionDenied => ErrorKind::Denied,
        _ => ErrorKind::Other,
    };
    ProviderError::new(kind, operation, format!("`{filename}`: {error}"))
}

fn mode(permission: &str) -> u32 {
    u32::from_str_radix(permission, 8).expect("permissions are validated before")
}

fn folders(permission: &str) -> fs::DirBuilder {
    use std::os::unix::fs::DirBuilderExt;
    let mut folders = fs::DirBuilder::new();
    folders.recursive(true).mode(mode(permission));
    folders
}

fn file(permission: &str) -> fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new();
    file.write(true).create(true).truncate(true).mode(mode(permission));
    file
}

/// Refuses a configuration without exactly one of the arguments that give the content, and permissions that are none.
pub fn validate(config: &Value, origins: &[&str]) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let given: Vec<Value> =
        origins.iter().filter_map(|name| config.get(name)).filter(|value| !value.is_null()).collect();
    if given.iter().all(Value::is_known) && given.len() != 1 {
        refusals.push(Refusal {
            attribute: Path::attribute(origins[0]),
            summary: "Invalid Attribute Combination".into(),
            detail: format!("Exactly one of these must be given: {}. There are {}.", origins.join(", "), given.len()),
        });
    }
    for name in ["file_permission", "directory_permission"] {
        let Some(permission) = config.get(name) else { continue };
        let Some(text) = permission.reveal().as_str() else { continue };
        let digits = text.len() == 3 || text.len() == 4;
        if !digits
            || !text.bytes().all(|digit| digit.is_ascii_digit())
            || !u32::from_str_radix(text, 8).is_ok_and(|mode| mode <= 0o777)
        {
            refusals.push(Refusal {
                attribute: Path::attribute(name),
                summary: "Invalid File Permission String Value".into(),
                detail: format!("Permissions are three or four octal digits, from 000 to 0777; {text:?} is not."),
            });
        }
    }
    refusals
}
