//! Service Connect: the names under which a service is reached, and its proxy's log.

use std::collections::BTreeMap;

use aws_sdk_ecs::types as ecs;
use serde::{Deserialize, Serialize};

use crate::ecs::given;

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Connect {
    enabled: bool,
    log_configuration: Vec<Log>,
    namespace: String,
    service: Vec<Endpoint>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Log {
    log_driver: String,
    options: BTreeMap<String, String>,
    secret_option: Vec<SecretOption>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct SecretOption {
    name: String,
    value_from: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Endpoint {
    client_alias: Vec<ClientAlias>,
    discovery_name: String,
    ingress_port_override: i32,
    port_name: String,
    timeout: Vec<Timeout>,
    tls: Vec<Tls>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct ClientAlias {
    dns_name: String,
    port: i32,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Timeout {
    idle_timeout_seconds: i32,
    per_request_timeout_seconds: i32,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Tls {
    issuer_cert_authority: Vec<CertificateAuthority>,
    kms_key: String,
    role_arn: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct CertificateAuthority {
    aws_pca_authority_arn: String,
}

/// Takes Service Connect away from a service that has it.
pub fn off() -> ecs::ServiceConnectConfiguration {
    ecs::ServiceConnectConfiguration::builder().enabled(false).build()
}

impl Connect {
    pub fn request(&self) -> ecs::ServiceConnectConfiguration {
        let services: Vec<_> = self.service.iter().map(Endpoint::request).collect();
        ecs::ServiceConnectConfiguration::builder()
            .enabled(self.enabled)
            .set_log_configuration(self.log_configuration.first().map(Log::request))
            .set_namespace(given(&self.namespace))
            .set_services((!services.is_empty()).then_some(services))
            .build()
    }
}

impl From<&ecs::ServiceConnectConfiguration> for Connect {
    fn from(live: &ecs::ServiceConnectConfiguration) -> Connect {
        Connect {
            enabled: live.enabled,
            log_configuration: live.log_configuration.iter().map(Log::from).collect(),
            namespace: live.namespace.clone().unwrap_or_default(),
            service: live.services().iter().map(Endpoint::from).collect(),
        }
    }
}

impl Log {
    fn request(&self) -> ecs::LogConfiguration {
        let secrets = self.secret_option.iter().map(|secret| {
            let secret = ecs::Secret::builder().name(&secret.name).value_from(&secret.value_from);
            secret.build().expect("name and value are given")
        });
        let secrets: Vec<ecs::Secret> = secrets.collect();
        ecs::LogConfiguration::builder()
            .log_driver(self.log_driver.as_str().into())
            .set_options((!self.options.is_empty()).then(|| self.options.clone().into_iter().collect()))
            .set_secret_options((!secrets.is_empty()).then_some(secrets))
            .build()
            .expect("the driver is given")
    }
}

impl From<&ecs::LogConfiguration> for Log {
    fn from(live: &ecs::LogConfiguration) -> Log {
        let secret =
            |secret: &ecs::Secret| SecretOption { name: secret.name.clone(), value_from: secret.value_from.clone() };
        Log {
            log_driver: live.log_driver.as_str().to_string(),
            options: live.options.clone().unwrap_or_default().into_iter().collect(),
            secret_option: live.secret_options().iter().map(secret).collect(),
        }
    }
}

impl Endpoint {
    fn request(&self) -> ecs::ServiceConnectService {
        let aliases: Vec<_> = self.client_alias.iter().map(ClientAlias::request).collect();
        let port = Some(self.ingress_port_override).filter(|port| *port != 0);
        ecs::ServiceConnectService::builder()
            .set_client_aliases((!aliases.is_empty()).then_some(aliases))
            .set_discovery_name(given(&self.discovery_name))
            .set_ingress_port_override(port)
            .port_name(&self.port_name)
            .set_timeout(self.timeout.first().map(Timeout::request))
            .set_tls(self.tls.first().map(Tls::request))
            .build()
            .expect("the port's name is given")
    }
}

impl From<&ecs::ServiceConnectService> for Endpoint {
    fn from(live: &ecs::ServiceConnectService) -> Endpoint {
        Endpoint {
            client_alias: live.client_aliases().iter().map(ClientAlias::from).collect(),
            discovery_name: live.discovery_name.clone().unwrap_or_default(),
            ingress_port_override: live.ingress_port_override.unwrap_or(0),
            port_name: live.port_name.clone(),
            timeout: live.timeout.iter().map(Timeout::from).collect(),
            tls: live.tls.iter().map(Tls::from).collect(),
        }
    }
}

impl ClientAlias {
    fn request(&self) -> ecs::ServiceConnectClientAlias {
        let alias = ecs::ServiceConnectClientAlias::builder().set_dns_name(given(&self.dns_name)).port(self.port);
        alias.build().expect("the port is given")
    }
}

impl From<&ecs::ServiceConnectClientAlias> for ClientAlias {
    fn from(live: &ecs::ServiceConnectClientAlias) -> ClientAlias {
        ClientAlias { dns_name: live.dns_name.clone().unwrap_or_default(), port: live.port }
    }
}

impl Timeout {
    /// 0 turns a timeout off, which is more than leaving it out; but a configuration that leaves it out holds 0 as well.
    fn request(&self) -> ecs::TimeoutConfiguration {
        let given = |seconds: i32| Some(seconds).filter(|seconds| *seconds != 0);
        ecs::TimeoutConfiguration::builder()
            .set_idle_timeout_seconds(given(self.idle_timeout_seconds))
            .set_per_request_timeout_seconds(given(self.per_request_timeout_seconds))
            .build()
    }
}

impl From<&ecs::TimeoutConfiguration> for Timeout {
    fn from(live: &ecs::TimeoutConfiguration) -> Timeout {
        Timeout {
            idle_timeout_seconds: live.idle_timeout_seconds.unwrap_or(0),
            per_request_timeout_seconds: live.per_request_timeout_seconds.unwrap_or(0),
        }
    }
}

impl Tls {
    fn request(&self) -> ecs::ServiceConnectTlsConfiguration {
        let authority = self.issuer_cert_authority.first().map(|authority| {
            ecs::ServiceConnectTlsCertificateAuthority::builder()
                .aws_pca_authority_arn(&authority.aws_pca_authority_arn)
                .build()
        });
        ecs::ServiceConnectTlsConfiguration::builder()
            .set_issuer_certificate_authority(authority)
            .set_kms_key(given(&self.kms_key))
            .set_role_arn(given(&self.role_arn))
            .build()
    }
}

impl From<&ecs::ServiceConnectTlsConfiguration> for Tls {
    fn from(live: &ecs::ServiceConnectTlsConfiguration) -> Tls {
        let authority = |authority: &ecs::ServiceConnectTlsCertificateAuthority| CertificateAuthority {
            aws_pca_authority_arn: authority.aws_pca_authority_arn.clone().unwrap_or_default(),
        };
        Tls {
            issuer_cert_authority: live.issuer_certificate_authority.iter().map(authority).collect(),
            kms_key: live.kms_key.clone().unwrap_or_default(),
            role_arn: live.role_arn.clone().unwrap_or_default(),
        }
    }
}
