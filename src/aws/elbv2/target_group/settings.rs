//! Which arguments of a target group are attributes, and for which protocols and target types.

use super::UnhealthyStateRouting;
use super::{DnsFailover, Stickiness, TargetFailover, TargetGroup, TargetGroupHealth, TargetHealthState};
use crate::elbv2::attributes::Attributes;

const ALGORITHM: &str = "load_balancing.algorithm.type";
const ANOMALY_MITIGATION: &str = "load_balancing.algorithm.anomaly_mitigation";
const APP_COOKIE_DURATION: &str = "stickiness.app_cookie.duration_seconds";
const APP_COOKIE_NAME: &str = "stickiness.app_cookie.cookie_name";
const CONNECTION_TERMINATION: &str = "deregistration_delay.connection_termination.enabled";
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
const DEREGISTRATION_DELAY: &str = "deregistration_delay.timeout_seconds";
const DNS_FAILOVER_COUNT: &str = "target_group_health.dns_failover.minimum_healthy_targets.count";
const DNS_FAILOVER_PERCENTAGE: &str = "target_group_health.dns_failover.minimum_healthy_targets.percentage";
const FAILOVER_ON_DEREGISTRATION: &str = "target_failover.on_deregistration";
const FAILOVER_ON_UNHEALTHY: &str = "target_failover.on_unhealthy";
const LAMBDA_HEADERS: &str = "lambda.multi_value_headers.enabled";
const LB_COOKIE_DURATION: &str = "stickiness.lb_cookie.duration_seconds";
const PRESERVE_CLIENT_IP: &str = "preserve_client_ip.enabled";
const PROXY_PROTOCOL: &str = "proxy_protocol_v2.enabled";
const ROUTING_COUNT: &str = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count";
const ROUTING_PERCENTAGE: &str = "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage";
const SLOW_START: &str = "slow_start.duration_seconds";
const STICKINESS: &str = "stickiness.enabled";
const STICKINESS_TYPE: &str = "stickiness.type";
const UNHEALTHY_DRAINING: &str = "target_health_state.unhealthy.draining_interval_seconds";
const UNHEALTHY_TERMINATION: &str = "target_health_state.unhealthy.connection_termination.enabled";

/// In seconds.
pub(super) const DEREGISTRATION_DELAY_DEFAULT: &str = "300";

/// What a new target group has, of any kind that has the attribute. Settings that are blocks are always asked for.
pub(super) const DEFAULTS: [(&str, &str); 8] = [
    (ALGORITHM, "round_robin"),
    (ANOMALY_MITIGATION, "off"),
    (CONNECTION_TERMINATION, "false"),
    (CROSS_ZONE, "use_load_balancer_configuration"),
    (DEREGISTRATION_DELAY, DEREGISTRATION_DELAY_DEFAULT),
    (LAMBDA_HEADERS, "false"),
    (PROXY_PROTOCOL, "false"),
    (SLOW_START, "0"),
];

impl TargetGroup {
    /// The attributes that a group of this kind can be given.
    pub(super) fn attributes(&self) -> Attributes {
        let mut wanted = Attributes::default();
        match self.target_type.as_str() {
            "lambda" => wanted.put(LAMBDA_HEADERS, self.lambda_multi_value_headers_enabled),
            "alb" => {}
            _ => {
                wanted.put(ALGORITHM, text(&self.load_balancing_algorithm_type));
                wanted.put(ANOMALY_MITIGATION, text(&self.load_balancing_anomaly_mitigation));
                wanted.put(CONNECTION_TERMINATION, self.connection_termination);
                wanted.put(CROSS_ZONE, text(&self.load_balancing_cross_zone_enabled));
                let delay = Some(&self.deregistration_delay).filter(|delay| !delay.is_empty());
                wanted.put(DEREGISTRATION_DELAY, delay);
                wanted.put(PRESERVE_CLIENT_IP, text(&self.preserve_client_ip).map(|text| flag_text(text)));
                wanted.put(PROXY_PROTOCOL, self.proxy_protocol_v2);
                wanted.put(SLOW_START, self.slow_start);
                self.put_blocks(&mut wanted);
            }
        }
        wanted
    }

    fn put_blocks(&self, wanted: &mut Attributes) {
        let stickiness = self.stickiness.first().filter(|stickiness| stickiness.r#type.is_some());
        if let Some(stickiness) = stickiness {
            self.put_stickiness(wanted, stickiness);
        }
        if let Some(failover) = self.target_failover.first().filter(|_| self.protocol == "GENEVE") {
            wanted.put(FAILOVER_ON_DEREGISTRATION, text(&failover.on_deregistration));
            wanted.put(FAILOVER_ON_UNHEALTHY, text(&failover.on_unhealthy));
        }
        let has_health_state = matches!(self.protocol.as_str(), "TCP" | "TLS");
        if let Some(state) = self.target_health_state.first().filter(|_| has_health_state) {
            wanted.put(UNHEALTHY_TERMINATION, state.enable_unhealthy_connection_termination);
            wanted.put(UNHEALTHY_DRAINING, state.unhealthy_draining_interval);
        }
        if let Some(health) = self.target_group_health.first().filter(|_| self.protocol != "GENEVE") {
            if let Some(failover) = health.dns_failover.first() {
                wanted.put(DNS_FAILOVER_COUNT, text(&failover.minimum_healthy_targets_count));
                wanted.put(DNS_FAILOVER_PERCENTAGE, text(&failover.minimum_healthy_targets_percentage));
            }
            if let Some(routing) = health.unhealthy_state_routing.first() {
                wanted.put(ROUTING_COUNT, routing.minimum_healthy_targets_count);
                wanted.put(ROUTING_PERCENTAGE, text(&routing.minimum_healthy_targets_percentage));
            }
        }
    }

    fn put_stickiness(&self, wanted: &mut Attributes, stickiness: &Stickiness) {
        wanted.put(STICKINESS, stickiness.enabled);
        wanted.put(STICKINESS_TYPE, text(&stickiness.r#type));
        if !self.has_cookies() {
            return;
        }
        match stickiness.r#type.as_deref() {
            Some("lb_cookie") => wanted.put(LB_COOKIE_DURATION, stickiness.cookie_duration),
            Some("app_cookie") => {
                wanted.put(APP_COOKIE_NAME, text(&stickiness.cookie_name));
                wanted.put(APP_COOKIE_DURATION, stickiness.cookie_duration);
            }
            Some(_) | None => {}
        }
    }

    fn has_cookies(&self) -> bool {
        matches!(self.protocol.as_str(), "HTTP" | "HTTPS")
    }

    /// Takes over live attributes; those that the group doesn't have stay as they are.
    pub(super) fn set_attributes(&mut self, live: &Attributes) {
        match self.target_type.as_str() {
            "lambda" => take(&mut self.lambda_multi_value_headers_enabled, live.flag(LAMBDA_HEADERS)),
            "alb" => {}
            _ => {
                take(&mut self.connection_termination, live.flag(CONNECTION_TERMINATION));
                take(&mut self.load_balancing_algorithm_type, live.text(ALGORITHM));
                take(&mut self.load_balancing_anomaly_mitigation, live.text(ANOMALY_MITIGATION));
                take(&mut self.load_balancing_cross_zone_enabled, live.text(CROSS_ZONE));
                take(&mut self.preserve_client_ip, live.text(PRESERVE_CLIENT_IP));
                take(&mut self.proxy_protocol_v2, live.flag(PROXY_PROTOCOL));
                take(&mut self.slow_start, live.number(SLOW_START));
                if let Some(delay) = live.text(DEREGISTRATION_DELAY) {
                    self.deregistration_delay = delay;
                }
            }
        }
        self.stickiness = vec![self.live_stickiness(live)];
        self.target_failover = vec![self.live_failover(live)];
        self.target_group_health = vec![self.live_health(live)];
        self.target_health_state = vec![self.live_health_state(live)];
    }

    fn live_stickiness(&self, live: &Attributes) -> Stickiness {
        let (enabled, kind) = (live.flag(STICKINESS), live.text(STICKINESS_TYPE));
        if enabled.is_none() && kind.is_none() {
            return Stickiness::default();
        }
        let (duration, name) = match (self.has_cookies(), kind.as_deref()) {
            (true, Some("lb_cookie")) => (live.number(LB_COOKIE_DURATION), None),
            (true, Some("app_cookie")) => (live.number(APP_COOKIE_DURATION), live.text(APP_COOKIE_NAME)),
            (true, Some(_) | None) | (false, _) => (None, None),
        };
        Stickiness {
            cookie_duration: Some(duration.unwrap_or(0)),
            cookie_name: Some(name.unwrap_or_default()),
            enabled: Some(enabled.unwrap_or(false)),
            r#type: Some(kind.unwrap_or_default()),
        }
    }

    fn live_failover(&self, live: &Attributes) -> TargetFailover {
        if self.protocol != "GENEVE" {
            return TargetFailover::default();
        }
        TargetFailover {
            on_deregistration: live.text(FAILOVER_ON_DEREGISTRATION),
            on_unhealthy: live.text(FAILOVER_ON_UNHEALTHY),
        }
    }

    fn live_health(&self, live: &Attributes) -> TargetGroupHealth {
        let (mut failover, mut routing) = (DnsFailover::default(), UnhealthyStateRouting::default());
        if self.protocol != "GENEVE" {
            let (count, percentage) = (live.text(DNS_FAILOVER_COUNT), live.text(DNS_FAILOVER_PERCENTAGE));
            if count.is_some() || percentage.is_some() {
                failover.minimum_healthy_targets_count = Some(count.unwrap_or_default());
                failover.minimum_healthy_targets_percentage = Some(percentage.unwrap_or_default());
            }
            let (count, percentage) = (live.number(ROUTING_COUNT), live.text(ROUTING_PERCENTAGE));
            if count.is_some() || percentage.is_some() {
                routing.minimum_healthy_targets_count = Some(count.unwrap_or(0));
                routing.minimum_healthy_targets_percentage = Some(percentage.unwrap_or_default());
            }
        }
        TargetGroupHealth { dns_failover: vec![failover], unhealthy_state_routing: vec![routing] }
    }

    fn live_health_state(&self, live: &Attributes) -> TargetHealthState {
        let termination = live.flag(UNHEALTHY_TERMINATION);
        let interval = live.number(UNHEALTHY_DRAINING);
        if !matches!(self.protocol.as_str(), "TCP" | "TLS") || (termination.is_none() && interval.is_none()) {
            return TargetHealthState::default();
        }
        TargetHealthState {
            enable_unhealthy_connection_termination: Some(termination.unwrap_or(false)),
            unhealthy_draining_interval: Some(interval.unwrap_or(0)),
        }
    }
}

fn take<T>(attribute: &mut Option<T>, live: Option<T>) {
    if live.is_some() {
        *attribute = live;
    }
}

/// An empty text is one that is not given.
fn text(attribute: &Option<String>) -> Option<&String> {
    attribute.as_ref().filter(|text| !text.is_empty())
}

/// All ways to write a truth value in the argument, as the API has them.
fn flag_text(text: &str) -> &'static str {
    if matches!(text, "1" | "t" | "T" | "true" | "True" | "TRUE") { "true" } else { "false" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(protocol: &str) -> TargetGroup {
        let stickiness = Stickiness {
            cookie_duration: Some(60),
            cookie_name: None,
            enabled: Some(true),
            r#type: Some(if protocol == "HTTP" { "lb_cookie" } else { "source_ip" }.into()),
        };
        TargetGroup {
            protocol: protocol.into(),
            target_type: "ip".into(),
            deregistration_delay: "300".into(),
            stickiness: vec![stickiness],
            ..TargetGroup::default()
        }
    }

    #[test]
    fn only_groups_of_http_have_cookies() {
        let wanted = |protocol| group(protocol).attributes().beyond(&Attributes::of(DEFAULTS));
        let cookie = [(STICKINESS, "true"), (STICKINESS_TYPE, "lb_cookie"), (LB_COOKIE_DURATION, "60")];
        assert_eq!(wanted("HTTP"), Attributes::of(cookie));
        assert_eq!(wanted("TCP"), Attributes::of([(STICKINESS, "true"), (STICKINESS_TYPE, "source_ip")]));
    }

    #[test]
    fn settings_that_the_protocol_does_not_have_are_read_as_blocks_without_attributes() {
        let mut group = group("HTTP");
        group.set_attributes(&Attributes::of([(STICKINESS, "false"), (STICKINESS_TYPE, "lb_cookie")]));
        assert!(group.target_failover == [TargetFailover::default()]);
        assert!(group.target_health_state == [TargetHealthState::default()]);
        assert_eq!(group.stickiness[0].cookie_duration, Some(0));
        assert_eq!(group.stickiness[0].cookie_name.as_deref(), Some(""));
    }

    #[test]
    fn a_group_of_functions_is_given_nothing_but_its_headers() {
        let group = TargetGroup {
            target_type: "lambda".into(),
            lambda_multi_value_headers_enabled: Some(true),
            ..group("HTTP")
        };
        assert_eq!(group.attributes(), Attributes::of([(LAMBDA_HEADERS, "true")]));
    }
}
