//! The HTTP transport under all clients: one connection pool, TLS only where an endpoint asks for it.
//!
//! Loading the trusted certificates costs more than a whole plan against a local endpoint, so it happens at the first
//! request to an `https` address.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// What the user may say about the way to the services.
#[derive(Clone, Default)]
pub struct TransportSettings {
    pub proxy: Option<ProxyConfig>,
    /// A certificate bundle in PEM, beside the system's.
    pub ca_bundle: Option<Vec<u8>>,
}

/// The transport shared by the clients of one provider configuration.
#[derive(Clone)]
pub struct Transport {
    settings: TransportSettings,
    connector: Arc<OnceLock<SharedHttpConnector>>,
}

impl Transport {
    pub fn new(settings: TransportSettings) -> Transport {
        Transport { settings, connector: Arc::default() }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transport")
    }
}

impl HttpClient for Transport {
    fn http_connector(&self, timeouts: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.connector.get_or_init(|| {
            SharedHttpConnector::new(ByScheme {
                settings: self.settings.clone(),
                timeouts: timeouts.clone(),
                components: components.clone(),
                plain: OnceLock::new(),
                secure: OnceLock::new(),
            })
        });
        connector.clone()
    }
}

/// Sends a request over the connector that its scheme needs.
struct ByScheme {
    settings: TransportSettings,
    timeouts: HttpConnectorSettings,
    components: RuntimeComponents,
    plain: OnceLock<Connector>,
    secure: OnceLock<Connector>,
}

impl ByScheme {
    fn builder(&self) -> ConnectorBuilder {
        let mut builder = Connector::builder().connector_settings(self.timeouts.clone());
        builder.set_sleep_impl(self.components.sleep_impl());
        builder.set_proxy_config(Some(self.settings.proxy.clone().unwrap_or_else(ProxyConfig::from_env)));
        builder
    }

    fn secure(&self) -> Connector {
        let mut trusted = TrustStore::empty().with_native_roots(true);
        if let Some(bundle) = &self.settings.ca_bundle {
            trusted = trusted.with_pem_certificate(bundle.as_slice());
        }
        let context =
            TlsContext::builder().with_trust_store(trusted).build().expect("a context of trusted roots alone is valid");
        self.builder().tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context).build()
    }
}

impl fmt::Debug for ByScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByScheme")
    }
}

impl HttpConnector for ByScheme {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.uri().starts_with("http://") {
            self.plain.get_or_init(|| self.builder().build_http()).call(request)
        } else {
            self.secure.get_or_init(|| self.secure()).call(request)
        }
    }
}
