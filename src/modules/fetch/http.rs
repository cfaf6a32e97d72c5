//! Requests to web servers.
//!
//! They go over the transport that the AWS SDK uses, so that the program has one TLS stack, one set of trusted certificates and
//! one reading of the variables for proxies. Its tasks run on threads of their own, and callers block.

use std::collections::BTreeMap;
use std::fs::File;
use std::future::Future;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock, mpsc};
use std::time::Duration;

use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorSettings};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::byte_stream::ByteStream;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use tokio::runtime::Runtime;
use url::Url;

use crate::environment::Environment;
use crate::redact::redact;

/// A document that is read into memory is not larger.
const DOCUMENT_BYTES_MAX: u64 = 10 << 20;

/// A download is not larger.
const DOWNLOAD_BYTES_MAX: u64 = 1 << 30;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Until a server begins to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// Between the tries of a request that failed in passing.
const PAUSE: Duration = Duration::from_millis(500);

/// A server may send on to another address this often.
const REDIRECTIONS_MAX: usize = 10;

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
    #[error("the server answered with the status {0}")]
    Status(u16),
    #[error("the server sent on to other addresses more than {REDIRECTIONS_MAX} times")]
    Redirections,
    #[error("the answer is longer than {} MiB", .0 >> 20)]
    TooLarge(u64),
    #[error("the answer broke off: {0}")]
    Interrupted(String),
    #[error("failed to keep the answer: {0}")]
    Write(#[source] io::Error),
}

/// A client whose connections are shared.
pub struct Http {
    runtime: OnceLock<Runtime>,
    connectors: Connectors,
    tries: u32,
    netrc: Option<PathBuf>,
}

/// An answer that is read into memory.
#[derive(Debug)]
pub struct Document {
    pub status: u16,
    /// By names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    /// Where it came from in the end, after redirections.
    pub url: Url,
}

/// An answer whose body is still to be read.
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: ByteStream,
    url: Url,
}

impl Http {
    pub fn new(environment: &Environment) -> Http {
        let retries = environment.get("TF_REGISTRY_DISCOVERY_RETRY").and_then(|text| text.parse().ok()).unwrap_or(1u32);
        let netrc = match environment.get("NETRC") {
            Some(path) => Some(PathBuf::from(path)),
            None => environment.home.as_ref().map(|home| home.join(".netrc")),
        };
        Http {
            runtime: OnceLock::new(),
            connectors: Connectors::default(),
            tries: retries.saturating_add(1).min(10),
            netrc,
        }
    }

    /// Gets a document. Redirections are followed; any other status is in the answer.
    ///
    /// # Errors
    /// No answer, or one that is too long.
    pub fn document(&self, url: &Url, headers: &[(&str, &str)]) -> Result<Document, HttpError> {
        let exchange = self.exchange(url, headers);
        self.wait(async move {
            let mut answer = exchange.answer().await?;
            let mut body = Vec::new();
            while let Some(chunk) = answer.next().await? {
                body.extend_from_slice(&chunk);
                if body.len() as u64 > DOCUMENT_BYTES_MAX {
                    return Err(failed(&answer.url, HttpErrorKind::TooLarge(DOCUMENT_BYTES_MAX)));
                }
            }
            Ok(Document { status: answer.status, headers: answer.headers, body, url: answer.url })
        })
    }

    /// Gets a document, and takes any status but success for a failure.
    ///
    /// # Errors
    /// As [`Http::document`], and another status.
    pub fn expect_document(&self, url: &Url, headers: &[(&str, &str)]) -> Result<Document, HttpError> {
        let document = self.document(url, headers)?;
        if !(200..300).contains(&document.status) {
            return Err(failed(url, HttpErrorKind::Status(document.status)));
        }
        Ok(document)
    }

    /// Downloads into a new file.
    ///
    /// # Errors
    /// No answer, another status than success, or an answer that is too long or breaks off.
    pub fn download(&self, url: &Url, headers: &[(&str, &str)], into: &Path) -> Result<(), HttpError> {
        let mut file = File::create_new(into).map_err(|error| failed(url, HttpErrorKind::Write(error)))?;
        let exchange = self.exchange(url, headers);
        self.wait(async move {
            let mut answer = exchange.answer().await?;
            if !(200..300).contains(&answer.status) {
                return Err(failed(&answer.url, HttpErrorKind::Status(answer.status)));
            }
            let mut total = 0;
            while let Some(chunk) = answer.next().await? {
                total += chunk.len() as u64;
                if total > DOWNLOAD_BYTES_MAX {
                    return Err(failed(&answer.url, HttpErrorKind::TooLarge(DOWNLOAD_BYTES_MAX)));
                }
                file.write_all(&chunk).map_err(|error| failed(&answer.url, HttpErrorKind::Write(error)))?;
            }
            Ok(())
        })
    }

    fn exchange(&self, url: &Url, headers: &[(&str, &str)]) -> Exchange {
        let authorization = self.authorization(url).map(|value| ("Authorization".to_string(), value));
        let given = headers.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string()));
        Exchange {
            connectors: self.connectors.clone(),
            url: url.clone(),
            headers: given.chain(authorization).collect(),
            tries: self.tries,
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

    /// Runs something on the threads of the client. Unlike entering a runtime, that may be done anywhere.
    fn wait<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, HttpError>> + Send + 'static,
    ) -> Result<T, HttpError> {
        let runtime = self.runtime.get_or_init(|| {
            let mut builder = tokio::runtime::Builder::new_multi_thread();
            builder.worker_threads(1).enable_all().build().expect("the system has a thread to give")
        });
        let (sender, receiver) = mpsc::sync_channel(1);
        runtime.spawn(async move {
            // Whoever asked is still waiting, unless it panics.
            drop(sender.send(work.await));
        });
        receiver.recv().expect("the work answers, since it does not panic")
    }
}

impl Drop for Http {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // All requests were waited for; idle connections need no farewell.
            runtime.shutdown_background();
        }
    }
}

/// A request with its retries and redirections.
struct Exchange {
    connectors: Connectors,
    url: Url,
    headers: Vec<(String, String)>,
    tries: u32,
}

impl Exchange {
    async fn answer(mut self) -> Result<Answer, HttpError> {
        for _ in 0..=REDIRECTIONS_MAX {
            let answer = self.answer_of_one().await?;
            let target = match (answer.status, answer.headers.get("location")) {
                (301 | 302 | 303 | 307 | 308, Some(location)) => self.url.join(location).ok(),
                _ => None,
            };
            let Some(target) = target else { return Ok(answer) };
            if target.origin() != self.url.origin() {
                // What is meant for one server is nobody else's.
                self.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
            }
            self.url = target;
        }
        Err(failed(&self.url, HttpErrorKind::Redirections))
    }

    /// Asks until there is an answer that is not a failure in passing, or the tries are used up.
    async fn answer_of_one(&self) -> Result<Answer, HttpError> {
        let mut tried = 0;
        loop {
            tried += 1;
            let answer = self.connectors.get(&self.url).call(self.request()?).await;
            let is_passing = match &answer {
                Ok(response) => matches!(response.status().as_u16(), 429 | 500..),
                Err(_) => true,
            };
            if is_passing && tried < self.tries {
                tokio::time::sleep(PAUSE * tried).await;
                continue;
            }
            return match answer {
                Ok(response) => Ok(Answer::new(response, self.url.clone())),
                Err(error) => Err(failed(&self.url, unreachable(&error))),
            };
        }
    }

    fn request(&self) -> Result<HttpRequest, HttpError> {
        let invalid = |reason: String| failed(&self.url, HttpErrorKind::Address(reason));
        let mut bare = self.url.clone();
        if bare.host_str().is_none() || !["http", "https"].contains(&bare.scheme()) {
            return Err(invalid("it has no host, or begins with neither http:// nor https://".into()));
        }
        // Addresses with a host can have a user, and so can lose it.
        let _can = bare.set_username("").and_then(|()| bare.set_password(None));
        bare.set_fragment(None);
        let mut request = HttpRequest::get(bare.as_str()).map_err(|error| invalid(error.to_string()))?;
        let headers = request.headers_mut();
        headers.insert("User-Agent", concat!("infra/", env!("CARGO_PKG_VERSION")));
        for (name, value) in &self.headers {
            headers
                .try_insert(name.clone(), value.clone())
                .map_err(|_| invalid(format!("the header {name} can't be sent")))?;
        }
        Ok(request)
    }
}

impl Answer {
    fn new(response: HttpResponse, url: Url) -> Answer {
        let headers = response.headers().iter().map(|(name, value)| (name.to_lowercase(), value.to_string()));
        Answer {
            status: response.status().as_u16(),
            headers: headers.collect(),
            url,
            body: ByteStream::new(response.into_body()),
        }
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>, HttpError> {
        match self.body.next().await {
            None => Ok(None),
            Some(Ok(chunk)) => Ok(Some(chunk.into())),
            Some(Err(error)) => Err(failed(&self.url, HttpErrorKind::Interrupted(with_sources(&error)))),
        }
    }
}

/// The connectors for plain and for encrypted connections, made when they are first needed: loading the trusted certificates
/// takes its time.
#[derive(Clone, Default)]
struct Connectors {
    plain: Arc<OnceLock<Connector>>,
    secure: Arc<OnceLock<Connector>>,
}

impl Connectors {
    fn get(&self, url: &Url) -> &Connector {
        if url.scheme() == "http" {
            return self.plain.get_or_init(|| builder().build_http());
        }
        self.secure.get_or_init(|| {
            let trusted = TrustStore::empty().with_native_roots(true);
            let context = TlsContext::builder().with_trust_store(trusted).build();
            let context = context.expect("a context of trusted roots alone is valid");
            builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context).build()
        })
    }
}

fn builder() -> ConnectorBuilder {
    let settings =
        HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(ANSWER_TIMEOUT).build();
    Connector::builder()
        .connector_settings(settings)
        .sleep_impl(TokioSleep::new())
        .proxy_config(ProxyConfig::from_env())
}

pub(super) fn failed(url: &Url, kind: HttpErrorKind) -> HttpError {
    HttpError { url: redact(url.as_str()).into_owned(), kind }
}

fn unreachable(error: &(dyn std::error::Error + 'static)) -> HttpErrorKind {
    HttpErrorKind::Unreachable(redact(&with_sources(error)).into_owned())
}

/// An error with what caused it, each said once.
fn with_sources(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let inner_text = inner.to_string();
        if !text.contains(&inner_text) {
            text = format!("{text}: {inner_text}");
        }
        source = inner.source();
    }
    text
}
