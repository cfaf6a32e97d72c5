//! What browsers see of a bucket: a website, and which other sites may read it.

use aws_sdk_s3::types::{
    Condition, CorsConfiguration, CorsRule as LiveCorsRule, ErrorDocument, IndexDocument, Protocol, Redirect,
    RedirectAllRequestsTo, RoutingRule, WebsiteConfiguration,
};
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::retry::retry;
use crate::s3::{configured, given, part};

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct CorsRule {
    allowed_headers: Option<Vec<String>>,
    allowed_methods: Vec<String>,
    allowed_origins: Vec<String>,
    expose_headers: Option<Vec<String>>,
    max_age_seconds: i32,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Website {
    error_document: String,
    index_document: String,
    redirect_all_requests_to: String,
    /// A JSON text: a list of [`Rule`].
    routing_rules: String,
}

/// A routing rule as its JSON text has it; the names are S3's own.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
struct Rule {
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<RuleCondition>,
    #[serde(skip_serializing_if = "Option::is_none")]
    redirect: Option<RuleRedirect>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
struct RuleCondition {
    #[serde(skip_serializing_if = "Option::is_none")]
    http_error_code_returned_equals: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_prefix_equals: Option<String>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase", deny_unknown_fields)]
struct RuleRedirect {
    #[serde(skip_serializing_if = "Option::is_none")]
    host_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_redirect_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    protocol: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replace_key_prefix_with: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replace_key_with: Option<String>,
}

pub async fn read_cors(aws: &Aws, bucket: &str) -> Result<Vec<CorsRule>, ProviderError> {
    let answer = aws.s3().get_bucket_cors().bucket(bucket).send().await.operation("s3:GetBucketCORS");
    let rules = configured(answer)?.and_then(|answer| answer.cors_rules).unwrap_or_default();
    Ok(rules.into_iter().map(CorsRule::live).collect())
}

pub async fn write_cors(aws: &Aws, bucket: &str, rules: &[CorsRule]) -> Result<(), ProviderError> {
    if rules.is_empty() {
        let delete = aws.s3().delete_bucket_cors().bucket(bucket);
        return part(delete.send().await.operation("s3:PutBucketCORS")).map(drop);
    }
    let rules = rules.iter().map(CorsRule::request).collect();
    let configuration = CorsConfiguration::builder().set_cors_rules(Some(rules)).build().expect("the rules are given");
    retry(|| async {
        let put = aws.s3().put_bucket_cors().bucket(bucket).cors_configuration(configuration.clone());
        put.send().await.operation("s3:PutBucketCORS").map(drop)
    })
    .await
}

pub async fn read(aws: &Aws, bucket: &str) -> Result<Vec<Website>, ProviderError> {
    let answer = aws.s3().get_bucket_website().bucket(bucket).send().await.operation("s3:GetBucketWebsite");
    Ok(configured(answer)?
        .into_iter()
        .map(|live| Website {
            error_document: live.error_document.map(|document| document.key).unwrap_or_default(),
            index_document: live.index_document.map(|document| document.suffix).unwrap_or_default(),
            redirect_all_requests_to: live.redirect_all_requests_to.map(address).unwrap_or_default(),
            routing_rules: live.routing_rules.map(rules_text).unwrap_or_default(),
        })
        .collect())
}

pub async fn write(aws: &Aws, bucket: &str, website: Option<&Website>) -> Result<(), ProviderError> {
    let Some(website) = website else {
        let delete = aws.s3().delete_bucket_website().bucket(bucket);
        return part(delete.send().await.operation("s3:DeleteBucketWebsite")).map(drop);
    };
    let configuration = website.request()?;
    retry(|| async {
        let put = aws.s3().put_bucket_website().bucket(bucket).website_configuration(configuration.clone());
        put.send().await.operation("s3:PutBucketWebsite").map(drop)
    })
    .await
}

impl CorsRule {
    fn live(live: LiveCorsRule) -> CorsRule {
        CorsRule {
            allowed_headers: live.allowed_headers,
            allowed_methods: live.allowed_methods,
            allowed_origins: live.allowed_origins,
            expose_headers: live.expose_headers,
            max_age_seconds: live.max_age_seconds.unwrap_or_default(),
        }
    }

    fn request(&self) -> LiveCorsRule {
        LiveCorsRule::builder()
            .set_allowed_headers(self.allowed_headers.clone())
            .set_allowed_methods(Some(self.allowed_methods.clone()))
            .set_allowed_origins(Some(self.allowed_origins.clone()))
            .set_expose_headers(self.expose_headers.clone())
            .set_max_age_seconds((self.max_age_seconds > 0).then_some(self.max_age_seconds))
            .build()
            .expect("methods and origins are given")
    }
}

impl Website {
    fn request(&self) -> Result<WebsiteConfiguration, ProviderError> {
        let index = given(&self.index_document)
            .map(|suffix| IndexDocument::builder().suffix(suffix).build().expect("the suffix is given"));
        let error =
            given(&self.error_document).map(|key| ErrorDocument::builder().key(key).build().expect("the key is given"));
        let rules = match self.routing_rules.as_str() {
            "" => None,
            text => Some(parse_rules(text)?.into_iter().map(Rule::request).collect()),
        };
        Ok(WebsiteConfiguration::builder()
            .set_index_document(index)
            .set_error_document(error)
            .set_redirect_all_requests_to(given(&self.redirect_all_requests_to).map(redirect_all))
            .set_routing_rules(rules)
            .build())
    }
}

/// `https://example.com`, or the host alone where the protocol is left to the request.
fn address(live: RedirectAllRequestsTo) -> String {
    match live.protocol {
        Some(protocol) => format!("{}://{}", protocol.as_str(), live.host_name),
        None => live.host_name,
    }
}

fn redirect_all(address: String) -> RedirectAllRequestsTo {
    let (protocol, host) = match address.split_once("://") {
        Some((protocol, host)) => (Some(Protocol::from(protocol)), host),
        None => (None, address.as_str()),
    };
    let redirect = RedirectAllRequestsTo::builder().host_name(host).set_protocol(protocol);
    redirect.build().expect("the host is given")
}

fn parse_rules(text: &str) -> Result<Vec<Rule>, ProviderError> {
    serde_json::from_str(text).map_err(|error| {
        let message = format!("`routing_rules` must be a JSON list of routing rules: {error}");
        ProviderError::invalid("s3:PutBucketWebsite", message).attribute(model::path::Path::attribute("website"))
    })
}

fn rules_text(rules: Vec<RoutingRule>) -> String {
    let rules: Vec<Rule> = rules.into_iter().map(Rule::live).collect();
    if rules.is_empty() {
        return String::new();
    }
    serde_json::to_string(&rules).expect("texts in lists and objects are JSON")
}

impl Rule {
    fn live(live: RoutingRule) -> Rule {
        Rule {
            condition: live.condition.map(|live| RuleCondition {
                http_error_code_returned_equals: live.http_error_code_returned_equals,
                key_prefix_equals: live.key_prefix_equals,
            }),
            redirect: live.redirect.map(|live| RuleRedirect {
                host_name: live.host_name,
                http_redirect_code: live.http_redirect_code,
                protocol: live.protocol.map(|protocol| protocol.as_str().to_string()),
                replace_key_prefix_with: live.replace_key_prefix_with,
                replace_key_with: live.replace_key_with,
            }),
        }
    }

    fn request(self) -> RoutingRule {
        let condition = self.condition.map(|condition| {
            Condition::builder()
                .set_http_error_code_returned_equals(condition.http_error_code_returned_equals)
                .set_key_prefix_equals(condition.key_prefix_equals)
                .build()
        });
        let redirect = self.redirect.map(|redirect| {
            Redirect::builder()
                .set_host_name(redirect.host_name)
                .set_http_redirect_code(redirect.http_redirect_code)
                .set_protocol(redirect.protocol.as_deref().map(Protocol::from))
                .set_replace_key_prefix_with(redirect.replace_key_prefix_with)
                .set_replace_key_with(redirect.replace_key_with)
                .build()
        });
        RoutingRule::builder().set_condition(condition).set_redirect(redirect).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routing_rules_come_back() {
        let text = r#"[{"Condition":{"KeyPrefixEquals":"docs/"},"Redirect":{"ReplaceKeyPrefixWith":"documents/"}}]"#;
        let rules = parse_rules(text).map(|rules| rules_text(rules.into_iter().map(Rule::request).collect()));
        assert_eq!(rules.as_deref(), Ok(text));
        assert!(parse_rules(r#"[{"Redirct":{}}]"#).is_err());
    }

    #[test]
    fn redirects_come_back() {
        for text in ["https://example.com", "example.com"] {
            assert_eq!(address(redirect_all(text.into())), text);
        }
    }
}
