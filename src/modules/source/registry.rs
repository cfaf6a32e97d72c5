//! Modules of registries: `[HOST/]NAMESPACE/NAME/PROVIDER`.

use std::fmt;
use std::sync::Arc;

use super::split_subdir;

/// The registry that an address without a host means.
pub const PUBLIC_REGISTRY: &str = "registry.terraform.io";

/// The address of a module in a registry. Case matters in all parts but the host.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct RegistryAddr {
    /// In lower case and ASCII, with the port if there is one.
    pub host: Arc<str>,
    pub namespace: Arc<str>,
    pub name: Arc<str>,
    pub provider: Arc<str>,
}

/// Why a text is no address of a module in a registry.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RegistryError {
    #[error("the source is a folder")]
    Folder,
    #[error("the folder `{subdir}` is outside of the package")]
    OutsidePackage { subdir: String },
    #[error("an address in a registry has three or four parts: [HOST/]NAMESPACE/NAME/PROVIDER")]
    Parts,
    #[error("`{host}` is no name of a host with a registry")]
    Host { host: String },
    #[error("{host} is no registry: modules come from there as repositories, which have no versions")]
    NotARegistry { host: String },
    #[error("`{part}` can't be the {what} of a module")]
    Part { what: &'static str, part: String },
}

impl RegistryAddr {
    /// Reads an address, and the folder after `//` (empty without one).
    ///
    /// # Errors
    /// The text has another form.
    pub fn parse(text: &str) -> Result<(RegistryAddr, Arc<str>), RegistryError> {
        if lang::load::is_local(text) {
            return Err(RegistryError::Folder);
        }
        let (addr, subdir) = split_subdir(text).map_err(|error| match error {
            super::SourceError::OutsidePackage { subdir } => RegistryError::OutsidePackage { subdir },
            super::SourceError::NotRegistry(error) => error,
            super::SourceError::Unrecognized { .. } | super::SourceError::Incomplete { .. } => RegistryError::Parts,
        })?;
        let parts: Vec<&str> = addr.split('/').collect();
        let (host, namespace, name, provider) = match *parts.as_slice() {
            [namespace, name, provider] => {
                if ["github.com", "bitbucket.org"].contains(&namespace) {
                    return Err(RegistryError::NotARegistry { host: namespace.to_string() });
                }
                (PUBLIC_REGISTRY.into(), namespace, name, provider)
            }
            [host, namespace, name, provider] => (registry_host(host)?, namespace, name, provider),
            _ => return Err(RegistryError::Parts),
        };
        let invalid = |what, part: &str| Err(RegistryError::Part { what, part: part.to_string() });
        if !is_name(namespace) {
            return invalid("namespace", namespace);
        }
        if !is_name(name) {
            return invalid("name", name);
        }
        let is_provider_byte = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if provider.is_empty() || provider.len() > 64 || !provider.bytes().all(is_provider_byte) {
            return invalid("provider", provider);
        }
        let addr = RegistryAddr { host, namespace: namespace.into(), name: name.into(), provider: provider.into() };
        Ok((addr, subdir.into()))
    }
}

/// The host of a registry: a name with a dot in it, given in Unicode where it is not ASCII, and a port.
fn registry_host(text: &str) -> Result<Arc<str>, RegistryError> {
    let error = || RegistryError::Host { host: text.to_string() };
    let (name, port) = match text.split_once(':') {
        Some((name, port)) => (name, Some(port.parse::<u16>().map_err(|_| error())?)),
        None => (text, None),
    };
    if !name.contains('.') || name.split('.').any(|label| label.starts_with("xn--")) {
        return Err(error());
    }
    let name = idna::domain_to_ascii_strict(name).map_err(|_| error())?;
    if ["github.com", "bitbucket.org"].contains(&name.as_str()) {
        return Err(RegistryError::NotARegistry { host: name });
    }
    match port {
        None | Some(443) => Ok(name.into()),
        Some(port) => Ok(format!("{name}:{port}").into()),
    }
}

/// Letters and digits, with dashes and underscores between them; 64 at most.
fn is_name(part: &str) -> bool {
    let bytes = part.as_bytes();
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let is_inner = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    bytes.len() <= 64 && is_end(bytes.first()) && is_end(bytes.last()) && bytes.iter().all(is_inner)
}

/// Prints the address with its host, as `modules.json` has it.
impl fmt::Display for RegistryAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}/{}", self.host, self.namespace, self.name, self.provider)
    }
}
