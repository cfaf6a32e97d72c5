//! Which arguments of a load balancer are attributes, and for which kinds.

use super::LoadBalancerKind::{Application, Gateway, Network};
use super::{LoadBalancer, LoadBalancerKind, Logs};
use crate::elbv2::attributes::Attributes;

const CLIENT_KEEP_ALIVE: &str = "client_keep_alive.seconds";
const CROSS_ZONE: &str = "load_balancing.cross_zone.enabled";
const DELETION_PROTECTION: &str = "deletion_protection.enabled";
const DESYNC_MITIGATION: &str = "routing.http.desync_mitigation_mode";
const DNS_POLICY: &str = "dns_record.client_routing_policy";
const DROP_INVALID_HEADERS: &str = "routing.http.drop_invalid_header_fields.enabled";
const HTTP2: &str = "routing.http2.enabled";
const IDLE_TIMEOUT: &str = "idle_timeout.timeout_seconds";
const PRESERVE_HOST: &str = "routing.http.preserve_host_header.enabled";
const TLS_HEADERS: &str = "routing.http.x_amzn_tls_version_and_cipher_suite.enabled";
const WAF_FAIL_OPEN: &str = "waf.fail_open.enabled";
const XFF_CLIENT_PORT: &str = "routing.http.xff_client_port.enabled";
const XFF_MODE: &str = "routing.http.xff_header_processing.mode";
const ZONAL_SHIFT: &str = "zonal_shift.config.enabled";

const ACCESS_LOGS: &str = "access_logs.s3";
const CONNECTION_LOGS: &str = "connection_logs.s3";

/// What a new load balancer has, and which kinds have it.
const DEFAULTS: &[(&str, &str, &[LoadBalancerKind])] = &[
    ("access_logs.s3.bucket", "", &[Application, Network]),
    ("access_logs.s3.enabled", "false", &[Application, Network]),
    ("access_logs.s3.prefix", "", &[Application, Network]),
    ("connection_logs.s3.bucket", "", &[Application]),
    ("connection_logs.s3.enabled", "false", &[Application]),
    ("connection_logs.s3.prefix", "", &[Application]),
    (CLIENT_KEEP_ALIVE, "3600", &[Application]),
    (CROSS_ZONE, "false", &[Network, Gateway]),
    (DELETION_PROTECTION, "false", &[Application, Network, Gateway]),
    (DESYNC_MITIGATION, "defensive", &[Application]),
    (DNS_POLICY, "any_availability_zone", &[Network]),
    (DROP_INVALID_HEADERS, "false", &[Application]),
    (HTTP2, "true", &[Application]),
    (IDLE_TIMEOUT, "60", &[Application]),
    (PRESERVE_HOST, "false", &[Application]),
    (TLS_HEADERS, "false", &[Application]),
    (WAF_FAIL_OPEN, "false", &[Application]),
    (XFF_CLIENT_PORT, "false", &[Application]),
    (XFF_MODE, "append", &[Application]),
    (ZONAL_SHIFT, "false", &[Application, Network]),
];

/// The attributes of a new load balancer of a kind.
pub(super) fn defaults(kind: LoadBalancerKind) -> Attributes {
    let of_kind = DEFAULTS.iter().filter(|(_, _, kinds)| kinds.contains(&kind));
    Attributes::of(of_kind.map(|(key, value, _)| (*key, *value)))
}

impl LoadBalancer {
    /// The attributes that are wanted, as far as a load balancer of this kind has them.
    pub(super) fn attributes(&self) -> Attributes {
        let mut wanted = Attributes::default();
        wanted.put(CLIENT_KEEP_ALIVE, self.client_keep_alive);
        wanted.put(CROSS_ZONE, self.enable_cross_zone_load_balancing);
        wanted.put(DELETION_PROTECTION, self.enable_deletion_protection);
        wanted.put(DESYNC_MITIGATION, text(&self.desync_mitigation_mode));
        wanted.put(DNS_POLICY, text(&self.dns_record_client_routing_policy));
        wanted.put(DROP_INVALID_HEADERS, self.drop_invalid_header_fields);
        wanted.put(HTTP2, self.enable_http2);
        wanted.put(IDLE_TIMEOUT, self.idle_timeout);
        wanted.put(PRESERVE_HOST, self.preserve_host_header);
        wanted.put(TLS_HEADERS, self.enable_tls_version_and_cipher_suite_headers);
        wanted.put(WAF_FAIL_OPEN, self.enable_waf_fail_open);
        wanted.put(XFF_CLIENT_PORT, self.enable_xff_client_port);
        wanted.put(XFF_MODE, text(&self.xff_header_processing_mode));
        wanted.put(ZONAL_SHIFT, self.enable_zonal_shift);
        put_logs(&mut wanted, ACCESS_LOGS, &self.access_logs);
        put_logs(&mut wanted, CONNECTION_LOGS, &self.connection_logs);
        wanted.within(&defaults(self.kind()))
    }

    /// Takes over live attributes; those that the load balancer doesn't have stay as they are.
    pub(super) fn set_attributes(&mut self, live: &Attributes) {
        take(&mut self.client_keep_alive, live.number(CLIENT_KEEP_ALIVE));
        take(&mut self.desync_mitigation_mode, live.text(DESYNC_MITIGATION));
        take(&mut self.dns_record_client_routing_policy, live.text(DNS_POLICY));
        take(&mut self.drop_invalid_header_fields, live.flag(DROP_INVALID_HEADERS));
        take(&mut self.enable_cross_zone_load_balancing, live.flag(CROSS_ZONE));
        take(&mut self.enable_deletion_protection, live.flag(DELETION_PROTECTION));
        take(&mut self.enable_http2, live.flag(HTTP2));
        take(&mut self.enable_tls_version_and_cipher_suite_headers, live.flag(TLS_HEADERS));
        take(&mut self.enable_waf_fail_open, live.flag(WAF_FAIL_OPEN));
        take(&mut self.enable_xff_client_port, live.flag(XFF_CLIENT_PORT));
        take(&mut self.enable_zonal_shift, live.flag(ZONAL_SHIFT));
        take(&mut self.idle_timeout, live.number(IDLE_TIMEOUT));
        take(&mut self.preserve_host_header, live.flag(PRESERVE_HOST));
        take(&mut self.xff_header_processing_mode, live.text(XFF_MODE));
        self.access_logs = vec![live_logs(live, ACCESS_LOGS)];
        if self.kind() == Application {
            self.connection_logs = vec![live_logs(live, CONNECTION_LOGS)];
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

/// A bucket and a prefix count only where logs are written.
fn put_logs(wanted: &mut Attributes, key: &str, logs: &[Logs]) {
    let logs = logs.first();
    let is_enabled = logs.and_then(|logs| logs.enabled).unwrap_or(false);
    wanted.put(&format!("{key}.enabled"), Some(is_enabled));
    if let Some(logs) = logs.filter(|_| is_enabled) {
        wanted.put(&format!("{key}.bucket"), Some(logs.bucket.clone().unwrap_or_default()));
        wanted.put(&format!("{key}.prefix"), Some(logs.prefix.clone().unwrap_or_default()));
    }
}

/// Logs without any attribute where the load balancer has none of the kind.
fn live_logs(live: &Attributes, key: &str) -> Logs {
    let enabled = live.flag(&format!("{key}.enabled"));
    let bucket = live.text(&format!("{key}.bucket"));
    let prefix = live.text(&format!("{key}.prefix"));
    if enabled.is_none() && bucket.is_none() && prefix.is_none() {
        return Logs::default();
    }
    Logs {
        bucket: Some(bucket.unwrap_or_default()),
        enabled: Some(enabled.unwrap_or(false)),
        prefix: Some(prefix.unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> LoadBalancer {
        LoadBalancer { load_balancer_type: "network".into(), idle_timeout: Some(90), ..LoadBalancer::default() }
    }

    #[test]
    fn a_kind_is_only_given_attributes_that_it_has() {
        assert_eq!(network().attributes(), Attributes::of([("access_logs.s3.enabled", "false")]));
    }

    #[test]
    fn a_new_load_balancer_is_only_given_what_is_no_default() {
        let balancer = LoadBalancer { idle_timeout: Some(90), enable_http2: Some(true), ..LoadBalancer::default() };
        let wanted = balancer.attributes().beyond(&defaults(Application));
        assert_eq!(wanted, Attributes::of([(IDLE_TIMEOUT, "90")]));
    }

    #[test]
    fn logs_that_are_turned_off_need_no_bucket() {
        let logs = Logs { bucket: Some("logs".into()), enabled: Some(true), prefix: None };
        let on = LoadBalancer { access_logs: vec![logs.clone()], ..network() };
        let off = LoadBalancer { access_logs: vec![Logs { enabled: Some(false), ..logs }], ..network() };
        assert_eq!(off.attributes().beyond(&on.attributes()), Attributes::of([("access_logs.s3.enabled", "false")]));
    }

    #[test]
    fn logs_that_the_kind_does_not_have_are_read_without_attributes() {
        assert!(live_logs(&Attributes::default(), ACCESS_LOGS) == Logs::default());
    }
}
