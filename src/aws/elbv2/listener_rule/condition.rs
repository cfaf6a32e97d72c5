//! When a rule applies: its conditions, each of one kind.

use aws_sdk_elasticloadbalancingv2::types as elb;
use serde::{Deserialize, Serialize};

use crate::elbv2::given;

/// One of its blocks says what is looked at; the others are empty.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Condition {
    host_header: Vec<Patterns>,
    http_header: Vec<HttpHeader>,
    http_request_method: Vec<Patterns>,
    path_pattern: Vec<Patterns>,
    query_string: Vec<QueryString>,
    source_ip: Vec<Patterns>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Patterns {
    values: Vec<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct HttpHeader {
    http_header_name: String,
    values: Vec<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct QueryString {
    /// Any key where it is empty.
    key: String,
    value: String,
}

/// Conditions for a request.
pub fn request(conditions: &[Condition]) -> Vec<elb::RuleCondition> {
    conditions.iter().map(Condition::request).collect()
}

/// Conditions of an answer.
pub fn live(conditions: Vec<elb::RuleCondition>) -> Vec<Condition> {
    conditions.into_iter().map(Condition::from).collect()
}

impl Condition {
    fn request(&self) -> elb::RuleCondition {
        let request = elb::RuleCondition::builder();
        let values = |patterns: &[Patterns]| patterns.first().map(|patterns| patterns.values.clone());
        if let Some(hosts) = values(&self.host_header) {
            let config = elb::HostHeaderConditionConfig::builder().set_values(Some(hosts)).build();
            return request.field("host-header").host_header_config(config).build();
        }
        if let Some(header) = self.http_header.first() {
            let config = elb::HttpHeaderConditionConfig::builder().http_header_name(&header.http_header_name);
            let config = config.set_values(Some(header.values.clone())).build();
            return request.field("http-header").http_header_config(config).build();
        }
        if let Some(methods) = values(&self.http_request_method) {
            let config = elb::HttpRequestMethodConditionConfig::builder().set_values(Some(methods)).build();
            return request.field("http-request-method").http_request_method_config(config).build();
        }
        if let Some(paths) = values(&self.path_pattern) {
            let config = elb::PathPatternConditionConfig::builder().set_values(Some(paths)).build();
            return request.field("path-pattern").path_pattern_config(config).build();
        }
        if let Some(networks) = values(&self.source_ip) {
            let config = elb::SourceIpConditionConfig::builder().set_values(Some(networks)).build();
            return request.field("source-ip").source_ip_config(config).build();
        }
        let pair = |pair: &QueryString| {
            elb::QueryStringKeyValuePair::builder().set_key(given(&pair.key)).value(&pair.value).build()
        };
        let pairs = self.query_string.iter().map(pair).collect();
        let config = elb::QueryStringConditionConfig::builder().set_values(Some(pairs)).build();
        request.field("query-string").query_string_config(config).build()
    }
}

impl From<elb::RuleCondition> for Condition {
    /// Rules made by an older API tell hosts and paths beside their configuration.
    fn from(live: elb::RuleCondition) -> Condition {
        let patterns = |values: Option<Vec<String>>| vec![Patterns { values: values.unwrap_or_default() }];
        let mut condition = Condition::default();
        match live.field.as_deref().unwrap_or_default() {
            "host-header" => {
                let config = live.host_header_config.and_then(|config| config.values);
                condition.host_header = patterns(config.or(live.values));
            }
            "http-header" => {
                let config =
                    live.http_header_config.unwrap_or_else(|| elb::HttpHeaderConditionConfig::builder().build());
                condition.http_header = vec![HttpHeader {
                    http_header_name: config.http_header_name.unwrap_or_default(),
                    values: config.values.unwrap_or_default(),
                }];
            }
            "http-request-method" => {
                condition.http_request_method =
                    patterns(live.http_request_method_config.and_then(|config| config.values));
            }
            "path-pattern" => {
                let config = live.path_pattern_config.and_then(|config| config.values);
                condition.path_pattern = patterns(config.or(live.values));
            }
            "query-string" => {
                let pair = |pair: elb::QueryStringKeyValuePair| QueryString {
                    key: pair.key.unwrap_or_default(),
                    value: pair.value.unwrap_or_default(),
                };
                let values = live.query_string_config.and_then(|config| config.values).unwrap_or_default();
                condition.query_string = values.into_iter().map(pair).collect();
            }
            "source-ip" => condition.source_ip = patterns(live.source_ip_config.and_then(|config| config.values)),
            _ => {}
        }
        condition
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_comes_back_as_it_was_sent() {
        let patterns = || vec![Patterns { values: vec!["a".into(), "b".into()] }];
        let conditions = [
            Condition { host_header: patterns(), ..Condition::default() },
            Condition {
                http_header: vec![HttpHeader { http_header_name: "x".into(), values: vec!["y".into()] }],
                ..Condition::default()
            },
            Condition { http_request_method: patterns(), ..Condition::default() },
            Condition { path_pattern: patterns(), ..Condition::default() },
            Condition {
                query_string: vec![
                    QueryString { key: "k".into(), value: "v".into() },
                    QueryString { key: String::new(), value: "w".into() },
                ],
                ..Condition::default()
            },
            Condition { source_ip: patterns(), ..Condition::default() },
        ];
        assert!(live(request(&conditions)) == conditions);
    }

    #[test]
    fn hosts_of_an_older_rule_are_read() {
        let live = elb::RuleCondition::builder().field("host-header").values("a.example.com").build();
        assert_eq!(Condition::from(live).host_header[0].values, ["a.example.com"]);
    }
}
