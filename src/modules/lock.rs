//! The lock file `.infra.lock.hcl`: which version, commit and contents of each module a stack uses.
//!
//! It stands beside the configuration and belongs into version control, as Terraform's `.terraform.lock.hcl` does, which is
//! left alone. A block is one package: its label is the address without folder and credentials, for a registry with the
//! version as second label.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use lang::version::Version;

use crate::checksum::Checksum;

/// The file's name.
pub const FILE_NAME: &str = ".infra.lock.hcl";

const HEADING: &str = "# Written by infra. It belongs into version control, so that everybody gets the same modules.\n# `infra init -upgrade` takes newer ones.\n";

/// What is locked of a package.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Locked {
    /// The commit, for a git repository.
    pub commit: Option<Arc<str>>,
    /// The folder of the package that the registry names.
    pub folder: Option<Arc<str>>,
    pub checksum: Checksum,
}

/// A package as it is locked: the address, and for a registry the version.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LockKey {
    pub source: Arc<str>,
    pub version: Option<Arc<str>>,
}

/// All of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Lock {
    pub packages: BTreeMap<LockKey, Locked>,
}

/// A lock file that can't be used.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("failed to read {FILE_NAME}: {0}")]
    Read(#[source] io::Error),
    #[error("failed to write {FILE_NAME}: {0}")]
    Write(#[source] io::Error),
    #[error("{FILE_NAME} has a mistake in line {line}: {reason}")]
    Content { line: usize, reason: String },
}

impl Lock {
    /// Reads the lock file of a folder; an empty lock without one.
    ///
    /// # Errors
    /// It can't be read, or is wrong.
    pub fn read(folder: &Path) -> Result<Lock, LockError> {
        match fs::read_to_string(folder.join(FILE_NAME)) {
            Ok(text) => Lock::parse(&text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Lock::default()),
            Err(error) => Err(LockError::Read(error)),
        }
    }

    /// Reads the text of a lock file.
    ///
    /// # Errors
    /// It is wrong.
    pub fn parse(text: &str) -> Result<Lock, LockError> {
        let parsed = hcl::parse(text);
        let error = |at: u32, reason: String| LockError::Content {
            line: text.as_bytes()[..at as usize].iter().filter(|byte| **byte == b'\n').count() + 1,
            reason,
        };
        if let Some(found) = parsed.errors.first() {
            return Err(error(found.range.start, found.summary.to_string()));
        }
        if let Some(attribute) = parsed.file.attributes().next() {
            return Err(error(attribute.span.start, format!("there is no setting `{}`", attribute.name.name)));
        }
        let mut lock = Lock::default();
        for block in parsed.file.blocks() {
            let labels: Vec<&str> = block.labels.iter().map(|label| label.text.as_str()).collect();
            let (source, version) = match (block.kind.name.as_str(), labels.as_slice()) {
                ("module", [source]) => (*source, None),
                ("module", [source, version]) => (*source, Some(Arc::from(*version))),
                _ => return Err(error(block.span.start, "every block is a `module` with one or two labels".into())),
            };
            let value =
                |name: &str| block.body.attribute(name).and_then(|attribute| attribute.expr.as_string_literal());
            let checksum =
                value("checksum").ok_or_else(|| error(block.span.start, "the checksum is missing".into()))?;
            let locked = Locked {
                commit: value("commit").map(Arc::from),
                folder: value("folder").map(Arc::from),
                checksum: checksum.parse().map_err(|found| error(block.span.start, format!("{found}")))?,
            };
            lock.packages.insert(LockKey { source: source.into(), version }, locked);
        }
        Ok(lock)
    }

    /// Writes the lock file of a folder; the old one stays until the new one is whole.
    ///
    /// # Errors
    /// It can't be written.
    pub fn write(&self, folder: &Path) -> Result<(), LockError> {
        let path = folder.join(FILE_NAME);
        if self.packages.is_empty() && !path.exists() {
            return Ok(());
        }
        crate::store::write_whole(&path, self.to_text().as_bytes()).map_err(LockError::Write)
    }

    /// The text of the file: the same for the same lock.
    pub fn to_text(&self) -> String {
        let mut text = HEADING.to_string();
        for (key, locked) in &self.packages {
            let version = key.version.as_ref().map_or(String::new(), |version| format!(" {}", quoted(version)));
            let optional = [("commit", &locked.commit), ("folder", &locked.folder)];
            let given = optional.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
            let fields: Vec<(&str, &str)> = given.chain([("checksum", locked.checksum.as_str())]).collect();
            let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
            // Writing to a string does not fail.
            let _ok = write!(text, "\nmodule {}{version} {{\n", quoted(&key.source));
            for (name, value) in fields {
                let _ok = writeln!(text, "  {name:width$} = {}", quoted(value));
            }
            text.push_str("}\n");
        }
        text
    }

    /// The versions of a module of a registry that are locked.
    pub fn versions(&self, source: &str) -> Vec<Version> {
        let of_source = self.packages.keys().filter(|key| *key.source == *source);
        of_source.filter_map(|key| key.version.as_ref()?.parse().ok()).collect()
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${").replace("%{", "%%{");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# Written by infra. It belongs into version control, so that everybody gets the same modules.
# `infra init -upgrade` takes newer ones.

module "git::https://example.com/a.git?ref=v1" {
  commit   = "0123456789012345678901234567890123456789"
  checksum = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}

module "registry.terraform.io/ns/name/aws" "1.2.0" {
  checksum = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
}
"#;

    #[test]
    fn the_file_is_read_as_it_is_written() {
        let lock = Lock::parse(TEXT).expect("valid");
        assert_eq!(lock.to_text(), TEXT);
        assert_eq!(lock.versions("registry.terraform.io/ns/name/aws"), ["1.2.0".parse().expect("a version")]);
    }

    #[test]
    fn mistakes_have_a_line() {
        for (text, expected) in [
            ("module \"a\" {\n", "line 1"),
            ("\nmodule \"a\" {\n  checksum = \"x\"\n}\n", "line 2: `x` is no checksum"),
            ("provider \"a\" {\n}\n", "line 1: every block is a `module`"),
            ("\n\nx = 1\n", "line 3: there is no setting `x`"),
            ("module \"a\" {\n}\n", "line 1: the checksum is missing"),
        ] {
            let error = Lock::parse(text).expect_err("it is wrong").to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
