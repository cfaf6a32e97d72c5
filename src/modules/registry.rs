//! Registries of modules: which versions there are, and where each is kept.
//!
//! Follows the module registry protocol: the host's `/.well-known/terraform.json` says where the service `modules.v1` is,
//! `NAMESPACE/NAME/PROVIDER/versions` there lists versions, and `VERSION/download` gives the address of a package.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use lang::version::{Constraint, Version};
use url::Url;

use crate::environment::Environment;
use crate::fetch::http::{Http, HttpError};
use crate::fetch::relative_to;
use crate::settings::{Settings, SettingsError};
use crate::source::registry::RegistryAddr;

const SERVICE: &str = "modules.v1";

/// Why a registry gave no module.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("{host} says nothing of a registry of modules")]
    NoService { host: String },
    #[error("the registry at {host} does not have the module {addr}")]
    NotFound { host: String, addr: String },
    #[error("the registry at {host} does not let you see {addr}: {status}")]
    Denied { host: String, addr: String, status: String },
    #[error("the answer of {url} is not what a registry says: {reason}")]
    Answer { url: String, reason: String },
}

/// Asks registries, each thing once.
pub struct Registries<'a> {
    http: &'a Http,
    environment: &'a Environment,
    settings: OnceLock<Settings>,
    services: Mutex<BTreeMap<String, Url>>,
    versions: Mutex<BTreeMap<RegistryAddr, Vec<Version>>>,
}

impl<'a> Registries<'a> {
    pub fn new(http: &'a Http, environment: &'a Environment) -> Registries<'a> {
        Registries {
            http,
            environment,
            settings: OnceLock::new(),
            services: Mutex::default(),
            versions: Mutex::default(),
        }
    }

    /// All versions of a module that are written as versions are, the newest first.
    ///
    /// # Errors
    /// The registry can't be asked, or does not have the module.
    pub fn versions(&self, addr: &RegistryAddr) -> Result<Vec<Version>, RegistryError> {
        if let Some(known) = self.versions.lock().expect("no holder of the lock panics").get(addr) {
            return Ok(known.clone());
        }
        let url = self.url(addr, "versions")?;
        let body = self.ask(addr, &url)?.body;
        let answer: Versions = serde_json::from_slice(&body).map_err(|error| unexpected(&url, error))?;
        let listed = answer.modules.into_iter().next().map(|module| module.versions).unwrap_or_default();
        let mut versions: Vec<Version> = listed.iter().filter_map(|listed| listed.version.parse().ok()).collect();
        versions.sort_unstable_by(|one, other| other.cmp(one));
        versions.dedup();
        self.versions.lock().expect("no holder of the lock panics").insert(addr.clone(), versions.clone());
        Ok(versions)
    }

    /// The source of the package with a version of a module, as a module's `source` has it.
    ///
    /// # Errors
    /// The registry can't be asked, or does not say.
    pub fn location(&self, addr: &RegistryAddr, version: &Version) -> Result<String, RegistryError> {
        let url = self.url(addr, &format!("{version}/download"))?;
        let document = self.ask(addr, &url)?;
        let header = document.headers.get("x-terraform-get").map(String::as_str);
        let location = match header.filter(|location| !location.is_empty()) {
            Some(location) => location.to_string(),
            None => {
                let answer: Location = serde_json::from_slice(&document.body).map_err(|_| RegistryError::Answer {
                    url: url.to_string(),
                    reason: "it has no header `X-Terraform-Get`".into(),
                })?;
                answer.location
            }
        };
        Ok(relative_to(&document.url, &location))
    }

    fn url(&self, addr: &RegistryAddr, what: &str) -> Result<Url, RegistryError> {
        let base = self.service(&addr.host)?;
        let path = format!("{}/{}/{}/{what}", addr.namespace, addr.name, addr.provider);
        base.join(&path).map_err(|error| unexpected(&base, error))
    }

    fn ask(&self, addr: &RegistryAddr, url: &Url) -> Result<crate::fetch::http::Document, RegistryError> {
        let authorization = self.authorization(&addr.host)?;
        let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
        let document = self.http.document(url, &headers)?;
        match document.status {
            200..300 => Ok(document),
            404 => Err(RegistryError::NotFound { host: addr.host.to_string(), addr: addr.to_string() }),
            401 | 403 => Err(RegistryError::Denied {
                host: addr.host.to_string(),
                addr: addr.to_string(),
                status: document.status.to_string(),
            }),
            _ => Err(unexpected(url, document.status)),
        }
    }

    fn authorization(&self, host: &str) -> Result<Option<String>, RegistryError> {
        Ok(self.settings()?.token(host)?.map(|token| format!("Bearer {}", token.reveal())))
    }

    fn settings(&self) -> Result<&Settings, RegistryError> {
        if let Some(settings) = self.settings.get() {
            return Ok(settings);
        }
        let settings = Settings::read(self.environment)?;
        Ok(self.settings.get_or_init(|| settings))
    }

    /// Where a host keeps its registry; ends in a slash.
    fn service(&self, host: &str) -> Result<Url, RegistryError> {
        if let Some(known) = self.services.lock().expect("no holder of the lock panics").get(host) {
            return Ok(known.clone());
        }
        let page = format!("https://{host}/.well-known/terraform.json");
        let page = Url::parse(&page).map_err(|_| RegistryError::NoService { host: host.to_string() })?;
        let (page, address) = match self.settings()?.service(host, SERVICE) {
            Some(address) => (page, address.to_string()),
            None => self.discover(host, &page)?,
        };
        let mut url = page.join(&address).map_err(|error| unexpected(&page, error))?;
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        self.services.lock().expect("no holder of the lock panics").insert(host.to_string(), url.clone());
        Ok(url)
    }

    fn discover(&self, host: &str, page: &Url) -> Result<(Url, String), RegistryError> {
        let no_service = || RegistryError::NoService { host: host.to_string() };
        let authorization = self.authorization(host)?;
        let headers: Vec<(&str, &str)> = authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
        let document = self.http.document(page, &headers)?;
        match document.status {
            200..300 => {}
            404 => return Err(no_service()),
            _ => return Err(unexpected(page, document.status)),
        }
        let services: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(&document.body).map_err(|error| unexpected(page, error))?;
        let address = services.get(SERVICE).and_then(serde_json::Value::as_str).ok_or_else(no_service)?;
        Ok((document.url, address.to_string()))
    }
}

/// The version to take: the newest that the constraint selects, of those that are locked if there is one.
pub fn select(available: &[Version], locked: &[Version], constraint: Option<&Constraint>) -> Option<Version> {
    let is_wanted = |version: &&Version| match constraint {
        Some(constraint) => constraint.selects(version),
        None => version.pre_release.is_none(),
    };
    let newest = |versions: &[Version]| versions.iter().filter(is_wanted).max().cloned();
    newest(locked).or_else(|| newest(available))
}

fn unexpected(url: &Url, reason: impl std::fmt::Display) -> RegistryError {
    RegistryError::Answer { url: crate::redact::redact(url.as_str()).into_owned(), reason: reason.to_string() }
}

#[derive(serde::Deserialize)]
struct Versions {
    modules: Vec<ModuleVersions>,
}

#[derive(serde::Deserialize)]
struct ModuleVersions {
    versions: Vec<Listed>,
}

#[derive(serde::Deserialize)]
struct Listed {
    version: String,
}

#[derive(serde::Deserialize)]
struct Location {
    location: String,
}
