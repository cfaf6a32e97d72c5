//! How a target group checks its targets.

use aws_sdk_elasticloadbalancingv2::types::{Matcher, ProtocolEnum, TargetGroup as Live};
use serde::{Deserialize, Serialize};

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct HealthCheck {
    pub(super) enabled: Option<bool>,
    pub(super) healthy_threshold: Option<i32>,
    pub(super) interval: Option<i32>,
    matcher: Option<String>,
    path: Option<String>,
    port: Option<String>,
    protocol: Option<String>,
    timeout: Option<i32>,
    pub(super) unhealthy_threshold: Option<i32>,
}

impl HealthCheck {
    /// TCP checks have no path.
    pub(super) fn path(&self) -> Option<String> {
        given(&self.path).filter(|_| !self.is_tcp())
    }

    /// Checks of Lambda functions have no port.
    pub(super) fn port(&self, is_lambda: bool) -> Option<String> {
        given(&self.port).filter(|_| !is_lambda)
    }

    /// Checks of Lambda functions have no protocol.
    pub(super) fn protocol(&self, is_lambda: bool) -> Option<ProtocolEnum> {
        let protocol = given(&self.protocol).filter(|_| !is_lambda)?;
        Some(ProtocolEnum::from(protocol.to_uppercase().as_str()))
    }

    /// In seconds; zero is AWS's own choice.
    pub(super) fn timeout(&self) -> Option<i32> {
        self.timeout.filter(|seconds| *seconds != 0)
    }

    /// Which answers are healthy: HTTP codes, or gRPC codes for groups of that protocol version.
    pub(super) fn matcher(&self, protocol_version: Option<&str>) -> Option<Matcher> {
        let codes = given(&self.matcher).filter(|_| !self.is_tcp())?;
        Some(match protocol_version {
            Some("GRPC") => Matcher::builder().grpc_code(codes).build(),
            Some(_) | None => Matcher::builder().http_code(codes).build(),
        })
    }

    fn is_tcp(&self) -> bool {
        self.protocol.as_deref().is_some_and(|protocol| protocol.eq_ignore_ascii_case("TCP"))
    }
}

fn given(text: &Option<String>) -> Option<String> {
    text.clone().filter(|text| !text.is_empty())
}

/// What a check does not have is empty or zero.
impl From<&Live> for HealthCheck {
    fn from(live: &Live) -> HealthCheck {
        let matcher = live.matcher.as_ref();
        let codes = matcher.and_then(|matcher| matcher.grpc_code.clone().or_else(|| matcher.http_code.clone()));
        let protocol = live.health_check_protocol.as_ref().map(|protocol| protocol.as_str().to_string());
        HealthCheck {
            enabled: Some(live.health_check_enabled.unwrap_or(false)),
            healthy_threshold: Some(live.healthy_threshold_count.unwrap_or(0)),
            interval: Some(live.health_check_interval_seconds.unwrap_or(0)),
            matcher: Some(codes.unwrap_or_default()),
            path: Some(live.health_check_path.clone().unwrap_or_default()),
            port: Some(live.health_check_port.clone().unwrap_or_default()),
            protocol: Some(protocol.unwrap_or_default()),
            timeout: Some(live.health_check_timeout_seconds.unwrap_or(0)),
            unhealthy_threshold: Some(live.unhealthy_threshold_count.unwrap_or(0)),
        }
    }
}
