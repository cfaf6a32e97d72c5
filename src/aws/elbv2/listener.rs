//! `aws_lb_listener`: the port that a load balancer listens on, and what it does with requests.
//!
//! CreateListener answers with an equal listener that is there already, so `create` looks first. Listeners have no names:
//! a load balancer has one a port.

pub mod data;
mod rules;
mod settings;

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::{
    self as elb, AdvertiseTrustStoreCaNamesEnum, Certificate, Listener as Live, MutualAuthenticationAttributes,
    ProtocolEnum,
};
use futures::{StreamExt, TryStreamExt};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::clients::Aws;
use crate::elbv2::action::{self, Action};
use crate::elbv2::attributes::Attributes;
use crate::elbv2::{BATCH, given, import_arn, tags, taken};
use crate::failure::Operation;
use crate::retry;

/// How many objects' attributes are read at a time: all Describe calls of the service share one quota.
const CONCURRENT_READS: usize = 8;
/// A new certificate of IAM reaches the load balancers only some seconds later.
const CERTIFICATE_ARRIVAL: Duration = Duration::from_secs(30);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Listener {
    alpn_policy: String,
    arn: String,
    certificate_arn: String,
    default_action: Vec<Action>,
    id: String,
    load_balancer_arn: String,
    mutual_authentication: Vec<MutualAuthentication>,
    port: Option<i32>,
    protocol: String,
    routing_http_request_x_amzn_mtls_clientcert_header_name: Option<String>,
    routing_http_request_x_amzn_mtls_clientcert_issuer_header_name: Option<String>,
    routing_http_request_x_amzn_mtls_clientcert_leaf_header_name: Option<String>,
    routing_http_request_x_amzn_mtls_clientcert_serial_number_header_name: Option<String>,
    routing_http_request_x_amzn_mtls_clientcert_subject_header_name: Option<String>,
    routing_http_request_x_amzn_mtls_clientcert_validity_header_name: Option<String>,
    routing_http_request_x_amzn_tls_cipher_suite_header_name: Option<String>,
    routing_http_request_x_amzn_tls_version_header_name: Option<String>,
    routing_http_response_access_control_allow_credentials_header_value: Option<String>,
    routing_http_response_access_control_allow_headers_header_value: Option<String>,
    routing_http_response_access_control_allow_methods_header_value: Option<String>,
    routing_http_response_access_control_allow_origin_header_value: Option<String>,
    routing_http_response_access_control_expose_headers_header_value: Option<String>,
    routing_http_response_access_control_max_age_header_value: Option<String>,
    routing_http_response_content_security_policy_header_value: Option<String>,
    routing_http_response_server_enabled: Option<bool>,
    routing_http_response_strict_transport_security_header_value: Option<String>,
    routing_http_response_x_content_type_options_header_value: Option<String>,
    routing_http_response_x_frame_options_header_value: Option<String>,
    ssl_policy: String,
    tags: Tags,
    tags_all: Tags,
    tcp_idle_timeout_seconds: Option<i32>,
    timeouts: Option<WrittenTimeouts>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct MutualAuthentication {
    advertise_trust_store_ca_names: String,
    ignore_client_certificate_expiry: bool,
    mode: String,
    trust_store_arn: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    update: Option<String>,
}

impl Resource for Listener {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_lb_listener";
    const READ_BATCH: usize = BATCH;
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(5, 5, 5);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        if let Some(there) = want.same_port(aws).await? {
            return Err(taken("elasticloadbalancing:CreateListener", &want.described(&there)));
        }
        let created = retry::while_passing(CERTIFICATE_ARRIVAL, is_certificate_missing, || async {
            aws.elbv2()
                .create_listener()
                .load_balancer_arn(&want.load_balancer_arn)
                .set_alpn_policy(given(&want.alpn_policy).map(|policy| vec![policy]))
                .set_certificates(want.certificates())
                .set_default_actions(Some(action::request(&want.default_action)))
                .set_mutual_authentication(want.mutual_authentication())
                .set_port(want.port)
                .set_protocol(want.protocol())
                .set_ssl_policy(want.ssl_policy())
                .set_tags(tags::request(&want.tags_all).filter(|_| want.can_be_born_with_tags()))
                .send()
                .await
                .operation("elasticloadbalancing:CreateListener")
        });
        let created = created.await?.listeners.and_then(|mut created| created.pop());
        let arn = created.and_then(|created| created.listener_arn).unwrap_or_default();
        let listener = Listener { id: arn.clone(), arn: arn.clone(), ..want.clone() };
        let _durable = creation.born(&listener).await;
        if !want.can_be_born_with_tags() {
            tags::update(aws, &arn, &Tags::new(), &want.tags_all).await?;
        }
        modify_attributes(aws, &arn, want.attributes().beyond(&Attributes::of(settings::DEFAULTS))).await?;
        Ok(listener)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let arns: Vec<String> = have.iter().map(|listener| listener.id.clone()).collect();
        let described = batch::known(&arns, |arns| async move {
            let answer = aws.elbv2().describe_listeners().set_listener_arns(Some(arns)).send().await;
            Ok(answer.operation("elasticloadbalancing:DescribeListeners")?.listeners.unwrap_or_default())
        });
        let live = described.await?;
        let found: Vec<String> = live.iter().filter_map(|live| live.listener_arn.clone()).collect();
        let mut tags = tags::read(aws, &found).await?;
        let listeners = have.iter().map(|have| {
            let live = live.iter().find(|live| live.listener_arn.as_deref() == Some(&have.id));
            let with_tags = live.map(|live| Listener {
                tags_all: tags.remove(&have.id).unwrap_or_default(),
                ..have.with_live(live.clone())
            });
            async move {
                match with_tags {
                    Some(listener) => listener.with_settings(aws).await,
                    None => Ok(None),
                }
            }
        });
        let listeners: Vec<_> = listeners.collect();
        futures::stream::iter(listeners).buffered(CONCURRENT_READS).try_collect().await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.properties() != want.properties() {
            let is_other_protocol = have.protocol != want.protocol;
            let is_new_certificate = is_other_protocol || have.certificate_arn != want.certificate_arn;
            let is_new_policy = is_other_protocol || have.ssl_policy != want.ssl_policy;
            retry::while_passing(CERTIFICATE_ARRIVAL, is_certificate_missing, || async {
                aws.elbv2()
                    .modify_listener()
                    .listener_arn(&have.id)
                    .set_alpn_policy(want.new_alpn_policy(have))
                    .set_certificates(want.certificates().filter(|_| is_new_certificate))
                    .set_default_actions(
                        (have.default_action != want.default_action).then(|| action::request(&want.default_action)),
                    )
                    .set_mutual_authentication(
                        want.mutual_authentication()
                            .filter(|_| have.mutual_authentication != want.mutual_authentication),
                    )
                    .set_port(want.port.filter(|_| have.port != want.port))
                    .set_protocol(want.protocol().filter(|_| is_other_protocol))
                    .set_ssl_policy(want.ssl_policy().filter(|_| is_new_policy))
                    .send()
                    .await
                    .operation("elasticloadbalancing:ModifyListener")
            })
            .await?;
        }
        modify_attributes(aws, &have.id, want.attributes().beyond(&have.attributes())).await?;
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.elbv2().delete_listener().listener_arn(&have.id);
        call.send().await.operation("elasticloadbalancing:DeleteListener")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = want.same_port(aws).await? else { return Ok(None) };
        let found = Listener { id: live.listener_arn.clone().unwrap_or_default(), ..want.clone() };
        let Some(found) = Listener::read(aws, &[found]).await?.pop().flatten() else { return Ok(None) };
        // The API doesn't tell when a listener was made, so what a create gives it once and for all must be there.
        let has_tags = want.tags_all.iter().all(|(key, value)| found.tags_all.get(key) == Some(value));
        if !has_tags && want.can_be_born_with_tags() {
            let what = format!("{} that this create can't have made", want.described(&live));
            return Err(taken("elasticloadbalancing:CreateListener", &what));
        }
        Ok(Some(found))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Listener { id: import_arn(Self::TYPE, ":listener/", id)?, ..Listener::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        rules::validate(config)
    }
}

fn is_certificate_missing(error: &ProviderError) -> bool {
    error.code.as_deref().is_some_and(|code| code.starts_with("CertificateNotFound"))
}

async fn modify_attributes(aws: &Aws, arn: &str, attributes: Attributes) -> Result<(), ProviderError> {
    if attributes.is_empty() {
        return Ok(());
    }
    let attribute = |(key, value)| elb::ListenerAttribute::builder().key(key).value(value).build();
    let attributes = attributes.pairs().map(attribute).collect();
    let call = aws.elbv2().modify_listener_attributes().listener_arn(arn).set_attributes(Some(attributes));
    call.send().await.operation("elasticloadbalancing:ModifyListenerAttributes")?;
    Ok(())
}

impl Listener {
    /// What ModifyListener changes.
    fn properties(&self) -> impl PartialEq {
        (
            self.alpn_policy.clone(),
            self.certificate_arn.clone(),
            self.default_action.clone(),
            self.mutual_authentication.clone(),
            self.port,
            self.protocol.clone(),
            self.ssl_policy.clone(),
        )
    }

    /// The listener of the load balancer that has the port already; a gateway load balancer has but one listener.
    async fn same_port(&self, aws: &Aws) -> Result<Option<Live>, ProviderError> {
        let pages = aws.elbv2().describe_listeners().load_balancer_arn(&self.load_balancer_arn);
        let listeners: Result<Vec<Live>, _> = pages.into_paginator().items().send().collect().await;
        match listeners.operation("elasticloadbalancing:DescribeListeners") {
            Ok(listeners) => Ok(listeners.into_iter().find(|live| live.port == self.port)),
            // Of the load balancer: the create says it better.
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// `the listener arn:.. on port 80 of this load balancer`
    fn described(&self, live: &Live) -> String {
        let arn = live.listener_arn.as_deref().unwrap_or_default();
        match self.port {
            Some(port) => format!("the listener {arn} on port {port} of this load balancer"),
            None => format!("the listener {arn} of this load balancer"),
        }
    }

    /// Listeners of gateway load balancers refuse tags at their creation.
    fn can_be_born_with_tags(&self) -> bool {
        !self.load_balancer_arn.contains(":loadbalancer/gwy/")
    }

    fn is_secure(&self) -> bool {
        matches!(self.protocol.as_str(), "HTTPS" | "TLS")
    }

    /// Application load balancers speak HTTP where nothing is said; gateway load balancers have neither port nor protocol.
    fn protocol(&self) -> Option<ProtocolEnum> {
        match given(&self.protocol) {
            Some(protocol) => Some(ProtocolEnum::from(protocol.as_str())),
            None if self.port.is_some() && self.load_balancer_arn.contains(":loadbalancer/app/") => {
                Some(ProtocolEnum::Http)
            }
            None => None,
        }
    }

    /// Only secure protocols have a policy.
    fn ssl_policy(&self) -> Option<String> {
        given(&self.ssl_policy).filter(|_| self.is_secure())
    }

    /// Only secure protocols have certificates.
    fn certificates(&self) -> Option<Vec<Certificate>> {
        let arn = given(&self.certificate_arn).filter(|_| self.is_secure())?;
        Some(vec![Certificate::builder().certificate_arn(arn).build()])
    }

    /// A policy that is given up is `None` to AWS.
    fn new_alpn_policy(&self, have: &Listener) -> Option<Vec<String>> {
        if self.alpn_policy == have.alpn_policy || self.protocol != "TLS" {
            return None;
        }
        Some(vec![given(&self.alpn_policy).unwrap_or_else(|| "None".to_string())])
    }

    fn mutual_authentication(&self) -> Option<MutualAuthenticationAttributes> {
        let wanted = self.mutual_authentication.first()?;
        let request = MutualAuthenticationAttributes::builder().mode(&wanted.mode);
        if wanted.mode != "verify" {
            return Some(request.build());
        }
        let advertise = given(&wanted.advertise_trust_store_ca_names);
        let request = request
            .set_trust_store_arn(given(&wanted.trust_store_arn))
            .ignore_client_certificate_expiry(wanted.ignore_client_certificate_expiry)
            .set_advertise_trust_store_ca_names(
                advertise.map(|advertise| AdvertiseTrustStoreCaNamesEnum::from(advertise.as_str())),
            );
        Some(request.build())
    }

    /// With what DescribeListeners says; all else stays as it is.
    fn with_live(&self, live: Live) -> Listener {
        let arn = live.listener_arn.unwrap_or_default();
        let policy = live.alpn_policy.unwrap_or_default().into_iter().next().unwrap_or_default();
        let certificate = live.certificates.unwrap_or_default().into_iter().next();
        Listener {
            alpn_policy: if policy == "None" { self.alpn_policy.clone() } else { policy },
            id: arn.clone(),
            arn,
            certificate_arn: certificate.and_then(|certificate| certificate.certificate_arn).unwrap_or_default(),
            default_action: action::live(live.default_actions.unwrap_or_default(), &self.default_action),
            load_balancer_arn: live.load_balancer_arn.unwrap_or_default(),
            mutual_authentication: live
                .mutual_authentication
                .map(|live| MutualAuthentication::of(live, &self.mutual_authentication))
                .into_iter()
                .collect(),
            port: live.port,
            protocol: live.protocol.map(|protocol| protocol.as_str().to_string()).unwrap_or_default(),
            ssl_policy: live.ssl_policy.unwrap_or_default(),
            ..self.clone()
        }
    }

    /// With its attributes; `None` when it went away in the meantime.
    async fn with_settings(mut self, aws: &Aws) -> Result<Option<Listener>, ProviderError> {
        let answer = aws.elbv2().describe_listener_attributes().listener_arn(&self.id).send().await;
        let live = match answer.operation("elasticloadbalancing:DescribeListenerAttributes") {
            Ok(answer) => answer.attributes.unwrap_or_default(),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        self.set_attributes(&Attributes::live(live.into_iter().map(|attribute| (attribute.key, attribute.value))));
        Ok(Some(self))
    }
}

impl MutualAuthentication {
    /// Modes but `verify` have nothing else; what was configured besides stays.
    fn of(live: MutualAuthenticationAttributes, have: &[MutualAuthentication]) -> MutualAuthentication {
        let mode = live.mode.unwrap_or_default();
        if mode == "off" {
            let have = have.first().cloned().unwrap_or_default();
            return MutualAuthentication { mode, trust_store_arn: String::new(), ..have };
        }
        MutualAuthentication {
            advertise_trust_store_ca_names: live
                .advertise_trust_store_ca_names
                .map(|advertise| advertise.as_str().to_string())
                .unwrap_or_default(),
            ignore_client_certificate_expiry: live.ignore_client_certificate_expiry.unwrap_or(false),
            mode,
            trust_store_arn: live.trust_store_arn.unwrap_or_default(),
        }
    }
}
