//! What a module's `source` names: a folder, a module of a registry, or a package somewhere else.
//!
//! Addresses are understood as Terraform understands them, which follows the library go-getter in its shorthands and in
//! where it takes a text for a URL (`localhost:8080/x` is one, with the scheme `localhost`).

mod detect;
pub mod package;
pub mod registry;

use std::fmt;
use std::sync::Arc;

use lang::load::is_local;
use package::Package;
use registry::RegistryAddr;

/// A parsed `source`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Source {
    /// A folder relative to the caller's: begins with `./` or `../`, with forward slashes.
    Local(Arc<str>),
    /// A module of a registry, and a folder in it (empty for the whole).
    Registry { addr: RegistryAddr, subdir: Arc<str> },
    /// A package that is fetched from an address, and a folder in it (empty for the whole).
    Remote { package: Package, subdir: Arc<str> },
}

/// Why a text is no module source.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SourceError {
    /// Nothing says how to get it.
    #[error("nothing in `{address}` says how such a package is fetched")]
    Unrecognized { address: String },
    #[error("the folder `{subdir}` is outside of the package")]
    OutsidePackage { subdir: String },
    /// A shorthand for a service that is not complete.
    #[error("`{address}` is no complete address of {service}, which has the form {form}")]
    Incomplete { address: String, service: &'static str, form: &'static str },
    /// With a `version`, only a module of a registry makes sense.
    #[error("{0}")]
    NotRegistry(#[from] registry::RegistryError),
}

impl Source {
    /// Reads the `source` of a call that has a `version` or not.
    ///
    /// # Errors
    /// What is wrong with it. Errors show no credentials.
    pub fn parse(text: &str, has_version: bool) -> Result<Source, SourceError> {
        if has_version {
            let (addr, subdir) = RegistryAddr::parse(text)?;
            return Ok(Source::Registry { addr, subdir });
        }
        if is_local(text) {
            return Ok(Source::Local(clean_local(text).into()));
        }
        if let Ok((addr, subdir)) = RegistryAddr::parse(text) {
            return Ok(Source::Registry { addr, subdir });
        }
        let (package, subdir) = Package::parse(text)?;
        Ok(Source::Remote { package, subdir })
    }
}

/// A relative path without needless parts, which begins with `./` or `../`.
fn clean_local(text: &str) -> String {
    let cleaned = clean(&text.replace('\\', "/"));
    if cleaned == ".." || cleaned.starts_with("../") { cleaned } else { format!("./{cleaned}") }
}

/// A slash-separated path without empty parts and `.`, and with `..` taken together with the name before it. Never empty.
pub(crate) fn clean(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    if parts.is_empty() { ".".into() } else { parts.join("/") }
}

/// Splits `PACKAGE//FOLDER?QUERY` into `PACKAGE?QUERY` and the cleaned folder, empty without one.
///
/// # Errors
/// The folder is outside of the package.
pub(crate) fn split_subdir(text: &str) -> Result<(String, String), SourceError> {
    let stop = text.find('?').unwrap_or(text.len());
    let after_scheme = text[..stop].find("://").map_or(0, |at| at + 3);
    let Some(at) = text[after_scheme..stop].find("//").map(|at| at + after_scheme) else {
        return Ok((text.to_string(), String::new()));
    };
    let package = format!("{}{}", &text[..at], &text[stop..]);
    let subdir = &text[at + 2..stop];
    if subdir.is_empty() {
        return Ok((package, String::new()));
    }
    let cleaned = clean(subdir);
    if cleaned == ".." || cleaned.starts_with("../") {
        return Err(SourceError::OutsidePackage { subdir: cleaned });
    }
    Ok((package, cleaned))
}

/// The opposite of [`split_subdir`].
pub(crate) fn with_subdir(package: &str, subdir: &str) -> String {
    if subdir.is_empty() {
        return package.to_string();
    }
    let (path, query) = package.split_at(package.find('?').unwrap_or(package.len()));
    format!("{path}//{subdir}{query}")
}

/// Prints the normal form, as `modules.json` has it; credentials are hidden.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Local(path) => f.write_str(path),
            Source::Registry { addr, subdir } => f.write_str(&with_subdir(&addr.to_string(), subdir)),
            Source::Remote { package, subdir } => f.write_str(&with_subdir(&package.to_string(), subdir)),
        }
    }
}

#[cfg(test)]
mod tests;
