//! `data.aws_lb_listener`: a listener by its ARN, or by its load balancer and port.

use aws_sdk_elasticloadbalancingv2::types::Listener as Live;
use model::path::Path;
use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use super::{Listener, MutualAuthentication};
use crate::clients::Aws;
use crate::elbv2::action::Action;
use crate::elbv2::{given, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "elasticloadbalancing:DescribeListeners";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ListenerData {
    alpn_policy: Option<String>,
    arn: String,
    certificate_arn: Option<String>,
    default_action: Vec<Action>,
    id: String,
    load_balancer_arn: String,
    mutual_authentication: Vec<MutualAuthentication>,
    port: Option<i32>,
    protocol: String,
    ssl_policy: String,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
}

impl DataSource for ListenerData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_lb_listener";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        if want.arn.is_empty() && (want.load_balancer_arn.is_empty() || want.port.is_none()) {
            let message = "it needs either an `arn`, or both a `load_balancer_arn` and a `port`";
            return Err(ProviderError::invalid("read aws_lb_listener", message).attribute(Path::attribute("arn")));
        }
        let arns = given(&want.arn).map(|arn| vec![arn]);
        let balancer = given(&want.load_balancer_arn).filter(|_| arns.is_none());
        let is_by_port = arns.is_none();
        let call = aws.elbv2().describe_listeners().set_listener_arns(arns).set_load_balancer_arn(balancer);
        let pages = call.into_paginator().items().send().collect::<Result<Vec<Live>, _>>().await;
        let mut found = pages.operation(OPERATION)?;
        found.retain(|live| !is_by_port || live.port == want.port);
        let live = found::only_one(found, OPERATION, "a listener")?;
        let has_alpn = live.alpn_policy.as_ref().is_some_and(|policies| !policies.is_empty());
        let has_certificate = live.certificates.as_ref().is_some_and(|certificates| !certificates.is_empty());
        let listener = Listener::default().with_live(live);
        let tags = tags::read(aws, std::slice::from_ref(&listener.arn)).await?.remove(&listener.arn);
        Ok(ListenerData {
            alpn_policy: Some(listener.alpn_policy).filter(|_| has_alpn),
            arn: listener.arn,
            certificate_arn: Some(listener.certificate_arn).filter(|_| has_certificate),
            default_action: listener.default_action,
            id: listener.id,
            load_balancer_arn: listener.load_balancer_arn,
            mutual_authentication: listener.mutual_authentication,
            port: listener.port,
            protocol: listener.protocol,
            ssl_policy: listener.ssl_policy,
            tags: shown(aws, tags.unwrap_or_default()),
            ..want.clone()
        })
    }
}
