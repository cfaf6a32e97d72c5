//! Requests to web servers.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use ureq::http::{HeaderMap, Response, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, ResponseExt};
use url::Url;

use crate::environment::Environment;
use crate::redact::redact;

/// A document that is read into memory is not larger.
const DOCUMENT_BYTES_MAX: u64 = 10 << 20;

/// A download is not larger.
const DOWNLOAD_BYTES_MAX: u64 = 1 << 30;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Until a server begins to answer.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(60);

/// Between the tries of a request that failed in passing.
const PAUSE: Duration = Duration::from_millis(500);

/// A request that was not answered as hoped. The address has no credentials in it.
#[derive(Debug, thiserror::Error)]
#[error("{url}: {kind}")]
pub struct HttpError {
    pub url: String,
    pub kind: HttpErrorKind,
}

/// What went wrong with a request.
#[derive(Debug, thiserror::Error)]
pub enum HttpErrorKind {
    #[error("it is no address of a web server: {0}")]
    Address(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("the server answered {0}")]
    Status(StatusCode),
    #[error("the answer is longer than {} MiB", .0 >> 20)]
    TooLarge(u64),
    #[error("the answer broke off: {0}")]
    Interrupted(#[source] io::Error),
    #[error("failed to keep the answer: {0}")]
    Write(#[source] io::Error),
    #[error("the answer is not what was expected: {0}")]
    Content(String),
}

/// A client whose connections are shared.
pub struct Http {
    agent: OnceLock<Agent>,
    tries: u32,
    netrc: Option<PathBuf>,
}

/// An answer that is read into memory.
#[derive(Debug)]
pub struct Document {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// Where it came from in the end, after redirections.
    pub url: Url,
}

impl Http {
    pub fn new(environment: &Environment) -> Http {
        let retries = environment.get("TF_REGISTRY_DISCOVERY_RETRY").and_then(|text| text.parse().ok()).unwrap_or(1u32);
        let netrc = match environment.get("NETRC") {
            Some(path) => Some(PathBuf::from(path)),
            None => environment.home.as_ref().map(|home| home.join(".netrc")),
        };
        Http { agent: OnceLock::new(), tries: retries.saturating_add(1).min(10), netrc }
    }

    /// Gets a document. Only a status of success or a redirection is followed; others are in the answer.
    ///
    /// # Errors
    /// No answer, or one that is too long.
    pub fn document(&self, url: &Url, headers: &[(&str, &str)]) -> Result<Document, HttpError> {
        let response = self.get(url, headers)?;
        let url = Url::parse(&response.get_uri().to_string()).unwrap_or_else(|_| url.clone());
        let (parts, body) = response.into_parts();
        let mut bytes = Vec::new();
        let mut reader = body.into_reader().take(DOCUMENT_BYTES_MAX + 1);
        reader.read_to_end(&mut bytes).map_err(|error| failed(&url, HttpErrorKind::Interrupted(error)))?;
        if bytes.len() as u64 > DOCUMENT_BYTES_MAX {
            return Err(failed(&url, HttpErrorKind::TooLarge(DOCUMENT_BYTES_MAX)));
        }
        Ok(Document { status: parts.status, headers: parts.headers, body: bytes, url })
    }

    /// Gets a document, and takes any status but success for a failure.
    ///
    /// # Errors
    /// As [`Http::document`], and another status.
    pub fn expect_document(&self, url: &Url, headers: &[(&str, &str)]) -> Result<Document, HttpError> {
        let document = self.document(url, headers)?;
        if document.status.is_success() {
            Ok(document)
        } else {
            Err(failed(url, HttpErrorKind::Status(document.status)))
        }
    }

    /// Downloads into a new file.
    ///
    /// # Errors
    /// No answer, another status than success, or an answer that is too long or breaks off.
    pub fn download(&self, url: &Url, headers: &[(&str, &str)], into: &Path) -> Result<(), HttpError> {
        let response = self.get(url, headers)?;
        if !response.status().is_success() {
            return Err(failed(url, HttpErrorKind::Status(response.status())));
        }
        let expected = response.body().content_length();
        let mut reader = response.into_body().into_reader();
        let write = |error| failed(url, HttpErrorKind::Write(error));
        let mut file = File::create_new(into).map_err(write)?;
        let mut total = 0;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let read = reader.read(&mut buffer).map_err(|error| failed(url, HttpErrorKind::Interrupted(error)))?;
            if read == 0 {
                break;
            }
            total += read as u64;
            if total > DOWNLOAD_BYTES_MAX {
                return Err(failed(url, HttpErrorKind::TooLarge(DOWNLOAD_BYTES_MAX)));
            }
            file.write_all(&buffer[..read]).map_err(write)?;
        }
        if expected.is_some_and(|expected| expected != total) {
            let error = io::Error::new(io::ErrorKind::UnexpectedEof, format!("{total} bytes came"));
            return Err(failed(url, HttpErrorKind::Interrupted(error)));
        }
        Ok(())
    }

    /// Asks until there is an answer that is not a failure in passing, or the tries are used up.
    fn get(&self, url: &Url, headers: &[(&str, &str)]) -> Result<Response<ureq::Body>, HttpError> {
        let mut bare = url.clone();
        // Only addresses without a host can't have a user, and those are not asked.
        let _no_host = bare.set_username("").and_then(|()| bare.set_password(None));
        if bare.host_str().is_none() {
            return Err(failed(url, HttpErrorKind::Address("it has no host".into())));
        }
        let authorization = self.authorization(url);
        let mut tried = 0;
        loop {
            tried += 1;
            let mut request = self.agent().get(bare.as_str());
            if let Some(authorization) = &authorization {
                request = request.header("Authorization", authorization);
            }
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let answer = request.call();
            let is_passing = match &answer {
                Ok(response) => {
                    response.status().is_server_error() || response.status() == StatusCode::TOO_MANY_REQUESTS
                }
                Err(_) => true,
            };
            if is_passing && tried < self.tries {
                std::thread::sleep(PAUSE * tried);
                continue;
            }
            return answer.map_err(|error| failed(url, unreachable(&error)));
        }
    }

    /// The user and password of an address, or those that `.netrc` has for its host.
    fn authorization(&self, url: &Url) -> Option<String> {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let (user, password) = if url.username().is_empty() && url.password().is_none() {
            let text = std::fs::read_to_string(self.netrc.as_ref()?).ok()?;
            super::netrc::lookup(&text, url.host_str()?)?
        } else {
            (decoded(url.username()), decoded(url.password().unwrap_or_default()))
        };
        Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
    }

    fn agent(&self) -> &Agent {
        self.agent.get_or_init(|| {
            let found = rustls_native_certs::load_native_certs();
            let certificates = found.certs.iter().map(|certificate| Certificate::from_der(certificate).to_owned());
            let tls = TlsConfig::builder()
                .root_certs(RootCerts::from(certificates))
                .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .build();
            Agent::config_builder()
                .tls_config(tls)
                .http_status_as_error(false)
                .timeout_connect(Some(CONNECT_TIMEOUT))
                .timeout_recv_response(Some(RESPONSE_TIMEOUT))
                .user_agent(concat!("infra/", env!("CARGO_PKG_VERSION")))
                .build()
                .into()
        })
    }
}

pub(super) fn failed(url: &Url, kind: HttpErrorKind) -> HttpError {
    HttpError { url: redact(url.as_str()).into_owned(), kind }
}

fn unreachable(error: &ureq::Error) -> HttpErrorKind {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    HttpErrorKind::Unreachable(redact(&text).into_owned())
}
