//! The checksum of a folder: what the lock file holds, and what tells whether an installed module was changed.
//!
//! It is the SHA-256 of lines `KIND HASH  PATH`, one for each file and link in the order of their paths' bytes. `KIND` is
//! `file`, `exec` for one that can be run, or `link`; `HASH` is the SHA-256 of the contents, of a link's target. Folders
//! have no line, so that empty ones don't count, and neither does what version control keeps in `.git`.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use sha2::{Digest, Sha256};

const PREFIX: &str = "sha256:";

/// `sha256:` and 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Checksum(Arc<str>);

/// Text that is no checksum.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("`{text}` is no checksum, which is written `sha256:` and 64 hexadecimal digits")]
pub struct ChecksumError {
    text: String,
}

/// Something in a folder that is not a file, folder or link, or that can't be read.
#[derive(Debug, thiserror::Error)]
#[error("failed to read `{}`: {source}", path.display())]
pub struct ReadError {
    path: PathBuf,
    source: io::Error,
}

impl Checksum {
    /// The checksum of all that a folder holds.
    ///
    /// # Errors
    /// A file can't be read.
    pub fn of_folder(folder: &Path) -> Result<Checksum, ReadError> {
        let mut entries = Vec::new();
        collect(folder, Path::new(""), &mut entries)?;
        entries.sort_unstable();
        let mut whole = Sha256::new();
        for path in entries {
            let full = folder.join(&path);
            let (kind, hash) = entry(&full).map_err(|source| ReadError { path: full, source })?;
            whole.update(format!("{kind} {hash}  "));
            whole.update(path.as_os_str().as_bytes());
            whole.update(b"\n");
        }
        Ok(Checksum(format!("{PREFIX}{}", hex(&whole.finalize())).into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The beginning of its digits, for names of folders.
    pub fn short(&self) -> &str {
        &self.0[PREFIX.len()..PREFIX.len() + 20]
    }
}

/// The paths of files and links below a folder.
fn collect(folder: &Path, below: &Path, entries: &mut Vec<PathBuf>) -> Result<(), ReadError> {
    let at = folder.join(below);
    let error = |source| ReadError { path: at.clone(), source };
    for found in fs::read_dir(&at).map_err(error)? {
        let found = found.map_err(error)?;
        if found.file_name() == ".git" {
            continue;
        }
        let path = below.join(found.file_name());
        if found.file_type().map_err(error)?.is_dir() {
            collect(folder, &path, entries)?;
        } else {
            entries.push(path);
        }
    }
    Ok(())
}

fn entry(path: &Path) -> io::Result<(&'static str, String)> {
    let data = fs::symlink_metadata(path)?;
    if data.file_type().is_symlink() {
        let target = fs::read_link(path)?;
        return Ok(("link", hex(&Sha256::digest(target.as_os_str().as_bytes()))));
    }
    if !data.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is neither a file, a folder nor a link"));
    }
    let mut hash = Sha256::new();
    let mut file = File::open(path)?;
    let mut buffer = [0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => hash.update(&buffer[..read]),
        }
    }
    let kind = if data.permissions().mode() & 0o111 == 0 { "file" } else { "exec" };
    Ok((kind, hex(&hash.finalize())))
}

/// Bytes as lowercase hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Checksum {
    type Err = ChecksumError;

    fn from_str(text: &str) -> Result<Checksum, ChecksumError> {
        let digits = text.strip_prefix(PREFIX).filter(|digits| digits.len() == 64);
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        match digits {
            Some(digits) if digits.bytes().all(is_digit) => Ok(Checksum(text.into())),
            Some(_) | None => Err(ChecksumError { text: text.to_string() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_contents_and_the_right_to_run_count_and_nothing_else() {
        let dir = tempfile::tempdir().expect("temporary folders can be made");
        let at = |name: &str| dir.path().join(name);
        let sum = || Checksum::of_folder(dir.path()).expect("readable").to_string();
        fs::create_dir_all(at("a/b")).expect("writable");
        fs::write(at("a/b/x"), "1").expect("writable");
        fs::write(at("main.tf"), "2").expect("writable");
        let first = sum();
        fs::create_dir_all(at("empty")).expect("writable");
        fs::create_dir_all(at("a/.git")).expect("writable");
        fs::write(at("a/.git/config"), "3").expect("writable");
        fs::set_permissions(at("main.tf"), fs::Permissions::from_mode(0o600)).expect("ours");
        assert_eq!(sum(), first);
        fs::set_permissions(at("main.tf"), fs::Permissions::from_mode(0o755)).expect("ours");
        let run = sum();
        fs::write(at("a/b/x"), "2").expect("writable");
        let content = sum();
        fs::rename(at("a/b/x"), at("a/b/y")).expect("writable");
        let name = sum();
        std::os::unix::fs::symlink("b/y", at("a/link")).expect("writable");
        let all = [first, run, content, name, sum()];
        let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(all[4].parse::<Checksum>().expect("a checksum").to_string(), all[4]);
        assert!("sha256:abc".parse::<Checksum>().is_err());
    }
}
