//! Packages: what is fetched as a whole from one address.

use std::fmt;
use std::sync::Arc;

use super::detect::detect;
use super::{SourceError, split_subdir};
use crate::redact::redact;

/// The address of a package in its normal form: a URL, with the getter before it where the URL's scheme is not that.
///
/// `Display` and `Debug` hide credentials; [`Package::getter`] gives the address that is asked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    forced: Option<Arc<str>>,
    url: Arc<str>,
}

/// The way to fetch a package, and the URL to fetch it from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Getter<'a> {
    Git(&'a str),
    Http(&'a str),
    S3(&'a str),
    File(&'a str),
    /// One that exists in Terraform or not, and not here.
    Unsupported(&'a str),
}

impl Package {
    /// Reads an address with its folder: shorthands are completed.
    ///
    /// # Errors
    /// Nothing says how to fetch it, or the folder is outside of the package.
    pub fn parse(text: &str) -> Result<(Package, Arc<str>), SourceError> {
        let (text, outer) = split_subdir(text)?;
        let (forced, rest) = forced(&text);
        if is_url(rest) {
            return Ok((Package::new(forced, rest), outer.into()));
        }
        let (detected, url) = detect(rest).map_err(hide)?;
        let (url, inner) = split_subdir(&url)?;
        let subdir = [inner, outer].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
        Ok((Package::new(forced.or(detected), &url), subdir.into()))
    }

    fn new(forced: Option<&str>, url: &str) -> Package {
        Package { forced: forced.map(Arc::from), url: url.into() }
    }

    pub fn getter(&self) -> Getter<'_> {
        let scheme = match &self.forced {
            Some(forced) => forced.to_string(),
            None => scheme(&self.url).unwrap_or_default().to_ascii_lowercase(),
        };
        match scheme.as_str() {
            "git" => Getter::Git(&self.url),
            "http" | "https" => Getter::Http(&self.url),
            "s3" => Getter::S3(&self.url),
            "file" => Getter::File(&self.url),
            _ => Getter::Unsupported(self.forced.as_deref().or_else(|| scheme_of(&self.url)).unwrap_or("")),
        }
    }

    /// Whether the address holds a password, token or key.
    pub fn has_credentials(&self) -> bool {
        *redact(&self.url) != *self.url
    }
}

fn scheme_of(url: &str) -> Option<&str> {
    scheme(url).ok()
}

/// Errors quote the address.
fn hide(error: SourceError) -> SourceError {
    match error {
        SourceError::Unrecognized { address } => SourceError::Unrecognized { address: redact(&address).into_owned() },
        SourceError::Incomplete { address, service, form } => {
            SourceError::Incomplete { address: redact(&address).into_owned(), service, form }
        }
        SourceError::OutsidePackage { .. } | SourceError::NotRegistry(_) => error,
    }
}

/// Splits `GETTER::REST`.
fn forced(text: &str) -> (Option<&str>, &str) {
    match text.split_once("::") {
        Some((getter, rest))
            if !getter.is_empty() && !rest.is_empty() && getter.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            (Some(getter), rest)
        }
        Some(_) | None => (None, text),
    }
}

/// A text that begins with a colon, where the scheme should be.
struct NoScheme;

/// The scheme of a URL, empty without one.
fn scheme(text: &str) -> Result<&str, NoScheme> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at > 0 => return Ok(&text[..at]),
            b':' => return Err(NoScheme),
            _ => return Ok(""),
        }
    }
    Ok("")
}

/// Whether a text is a whole URL rather than a shorthand, by the rules of Go's parser, which decide it in Terraform.
fn is_url(text: &str) -> bool {
    let Ok(scheme) = scheme(text) else { return false };
    if scheme.is_empty() || text.bytes().any(|byte| byte.is_ascii_control()) {
        return false;
    }
    let rest = &text[scheme.len() + 1..];
    let rest = &rest[..rest.find(['?', '#']).unwrap_or(rest.len())];
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        // Without slashes nothing of it is looked at.
        None if !rest.starts_with('/') => return true,
        None => ("", rest),
    };
    is_authority(authority) && is_escaped(path)
}

fn is_authority(authority: &str) -> bool {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let after_name = match host.rsplit_once(']') {
        Some((_, after)) => after,
        None => host.find(':').map_or("", |at| &host[at..]),
    };
    let port = match after_name.strip_prefix(':') {
        Some(port) => port,
        None if after_name.is_empty() => "",
        None => return false,
    };
    let is_host_byte = |byte: u8| !byte.is_ascii() || byte.is_ascii_graphic() && !b"<>\"\\^`{|}".contains(&byte);
    port.bytes().all(|byte| byte.is_ascii_digit()) && host.bytes().all(is_host_byte)
}

/// Whether each percent sign is followed by two hexadecimal digits.
fn is_escaped(path: &str) -> bool {
    path.split('%').skip(1).all(|after| after.len() >= 2 && after.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

impl fmt::Display for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(forced) = &self.forced {
            write!(f, "{forced}::")?;
        }
        f.write_str(&redact(&self.url))
    }
}

impl fmt::Debug for Package {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Package({self})")
    }
}
