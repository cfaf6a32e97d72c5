//! What a request asks of AWS, read from the request alone.

use std::time::Duration;

use http::request::Parts;

/// One call of an AWS operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Its place in the order of arrival, from 1.
    pub number: u64,
    /// The service's name in the signature: `ecs`, `ec2`, `elasticloadbalancing`.
    pub service: String,
    /// `CreateService`; of REST services the method and the path without identifiers: `GET /2013-04-01/hostedzone/*`.
    pub operation: String,
    pub kind: Kind,
    /// The access key, which in the sandbox is the account.
    pub access_key: Option<String>,
    /// Whether it reached the sandbox.
    pub sent: bool,
    /// What the client was answered; `None` while it has not been.
    pub status: Option<u16>,
    /// From arrival to answer.
    pub took: Option<Duration>,
}

/// Whether a call may change something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Reading,
    Mutating,
}

/// The protocol of a request, which decides what its errors look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    Query,
    Ec2Query,
    Json,
    RestXml,
    S3,
    RestJson,
    Cbor,
}

/// What can be told of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Recognised {
    pub service: String,
    pub operation: String,
    pub kind: Kind,
    pub protocol: Protocol,
    pub access_key: Option<String>,
}

/// Names of operations that change nothing begin with one of these words.
const READING: &[&str] = &[
    "Describe",
    "Get",
    "List",
    "Head",
    "BatchGet",
    "BatchDescribe",
    "BatchCheck",
    "Lookup",
    "Search",
    "Query",
    "Scan",
    "Select",
    "Simulate",
    "Check",
    "Validate",
    "Test",
    "Estimate",
    "Decode",
    "Preview",
    "Filter",
    "Discover",
    "Poll",
    "Assume",
    "Encrypt",
    "Decrypt",
    "GenerateDataKey",
    "GenerateRandom",
    "Verify",
    "View",
    "Can",
];

/// Services whose errors are XML although their operations are in method and path.
const REST_XML: &[&str] = &["route53", "cloudfront"];

impl Recognised {
    /// Reads service, operation and protocol from a request: from the signature, and from the target header, the form's
    /// `Action` or the path, whichever the protocol uses.
    pub fn of(parts: &Parts, body: &[u8]) -> Self {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let (access_key, service) = header("authorization").map_or((None, None), credential);
        let content_type = header("content-type").unwrap_or_default();
        let form = if content_type.starts_with("application/x-www-form-urlencoded") { body } else { b"" };
        let query = parts.uri.query().unwrap_or_default();
        let path = parts.uri.path();
        let action = form_value(form, "Action").or_else(|| form_value(query.as_bytes(), "Action"));
        let service = service.unwrap_or_else(|| "unsigned".to_string());
        let (protocol, operation) = if header("smithy-protocol") == Some("rpc-v2-cbor") {
            (Protocol::Cbor, path.rsplit('/').next().unwrap_or_default().to_string())
        } else if let Some(target) = header("x-amz-target") {
            (Protocol::Json, target.rsplit('.').next().unwrap_or_default().to_string())
        } else if let Some(action) = action {
            (if service == "ec2" { Protocol::Ec2Query } else { Protocol::Query }, action)
        } else if service == "s3" || service == "s3express" {
            (Protocol::S3, s3_operation(parts.method.as_str(), path, query))
        } else {
            let protocol = if REST_XML.contains(&service.as_str()) { Protocol::RestXml } else { Protocol::RestJson };
            (protocol, format!("{} {}", parts.method, without_identifiers(path)))
        };
        let kind = match protocol {
            Protocol::Query | Protocol::Ec2Query | Protocol::Json | Protocol::Cbor => kind_of_operation(&operation),
            Protocol::S3 | Protocol::RestXml | Protocol::RestJson => {
                if parts.method.is_safe() {
                    Kind::Reading
                } else {
                    Kind::Mutating
                }
            }
        };
        Self { service, operation, kind, protocol, access_key }
    }
}

fn kind_of_operation(operation: &str) -> Kind {
    let reads = READING.iter().any(|word| operation.starts_with(word));
    if reads { Kind::Reading } else { Kind::Mutating }
}

/// Access key and service of `AWS4-HMAC-SHA256 Credential=KEY/DATE/REGION/SERVICE/aws4_request, ..`.
fn credential(authorization: &str) -> (Option<String>, Option<String>) {
    let scope =
        authorization.split_once("Credential=").map(|(_, rest)| rest.split([',', ' ']).next().unwrap_or_default());
    // The key itself may contain a slash, so the fields are counted from the end.
    let Some(mut fields) = scope.map(|scope| scope.rsplitn(5, '/')) else { return (None, None) };
    let service = fields.nth(1).map(str::to_string);
    let key = fields.nth(2).map(str::to_string);
    (key, service)
}

/// The value of a field of a form, for names and values that need no decoding, as those of actions.
fn form_value(form: &[u8], name: &str) -> Option<String> {
    form.split(|byte| *byte == b'&').find_map(|pair| {
        let value = pair.strip_prefix(name.as_bytes())?.strip_prefix(b"=")?;
        Some(String::from_utf8_lossy(value).into_owned())
    })
}

/// `GET object`, `PUT bucket ?versioning`: S3's operations differ by what the path names and by an empty query parameter.
fn s3_operation(method: &str, path: &str, query: &str) -> String {
    let names = path.split('/').filter(|segment| !segment.is_empty()).count();
    let subject = ["service", "bucket", "object"][names.min(2)];
    let sub_resource = query.split('&').find(|pair| !pair.is_empty() && (!pair.contains('=') || pair.ends_with('=')));
    match sub_resource {
        Some(name) => format!("{method} {subject} ?{}", name.trim_end_matches('=')),
        None => format!("{method} {subject}"),
    }
}

/// The path with `*` for every segment that is not a plain lower-case word or a version.
fn without_identifiers(path: &str) -> String {
    let segments = path.split('/').enumerate().map(|(index, segment)| {
        let word = segment.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        let version = index == 1 && segment.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'v');
        if word || version { segment } else { "*" }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn recognise(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Recognised {
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (parts, ()) = request.body(()).expect("the test's request is well formed").into_parts();
        Recognised::of(&parts, body.as_bytes())
    }

    fn signed(service: &str) -> String {
        format!(
            "AWS4-HMAC-SHA256 Credential=111122223333/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host"
        )
    }

    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");

    #[test]
    fn a_query_call_is_named_by_its_action() {
        let auth = signed("ec2");
        let call = recognise("POST", "/", &[("authorization", &auth), FORM], "Action=DescribeVpcs&Version=2016-11-15");
        assert_eq!((call.service.as_str(), call.operation.as_str(), call.kind), ("ec2", "DescribeVpcs", Kind::Reading));
        assert_eq!((call.protocol, call.access_key.as_deref()), (Protocol::Ec2Query, Some("111122223333")));
        let auth = signed("rds");
        let call = recognise("POST", "/", &[("authorization", &auth), FORM], "Version=1&Action=CreateDBInstance");
        assert_eq!(
            (call.operation.as_str(), call.kind, call.protocol),
            ("CreateDBInstance", Kind::Mutating, Protocol::Query)
        );
    }

    #[test]
    fn a_json_call_is_named_by_its_target() {
        let auth = signed("ecs");
        let target = ("x-amz-target", "AmazonEC2ContainerServiceV20141113.UpdateService");
        let call = recognise("POST", "/", &[("authorization", &auth), target], "{}");
        assert_eq!((call.service.as_str(), call.operation.as_str()), ("ecs", "UpdateService"));
        assert_eq!((call.kind, call.protocol), (Kind::Mutating, Protocol::Json));
    }

    #[test]
    fn a_cbor_call_is_named_by_its_path() {
        let auth = signed("monitoring");
        let headers = [("authorization", auth.as_str()), ("smithy-protocol", "rpc-v2-cbor")];
        let call = recognise("POST", "/service/GraniteServiceVersion20100801/operation/ListMetrics", &headers, "");
        assert_eq!((call.operation.as_str(), call.kind, call.protocol), ("ListMetrics", Kind::Reading, Protocol::Cbor));
    }

    #[test]
    fn an_s3_call_is_named_by_what_it_is_about() {
        let auth = signed("s3");
        let s3 = |method, uri| {
            let call = recognise(method, uri, &[("authorization", &auth)], "");
            (call.operation, call.kind)
        };
        assert_eq!(s3("GET", "/"), ("GET service".to_string(), Kind::Reading));
        assert_eq!(s3("PUT", "/b?versioning"), ("PUT bucket ?versioning".to_string(), Kind::Mutating));
        assert_eq!(s3("GET", "/b/a/key?x-id=GetObject"), ("GET object".to_string(), Kind::Reading));
    }

    #[test]
    fn a_rest_call_is_named_without_identifiers() {
        let auth = signed("route53");
        let call = recognise("GET", "/2013-04-01/hostedzone/Z123ABC/rrset", &[("authorization", &auth)], "");
        assert_eq!((call.operation.as_str(), call.protocol), ("GET /2013-04-01/hostedzone/*/rrset", Protocol::RestXml));
        let auth = signed("lambda");
        let call = recognise("DELETE", "/2015-03-31/functions/MyFunction", &[("authorization", &auth)], "");
        assert_eq!((call.operation.as_str(), call.kind), ("DELETE /2015-03-31/functions/*", Kind::Mutating));
        assert_eq!(call.protocol, Protocol::RestJson);
    }

    #[test]
    fn a_call_without_signature_is_unsigned() {
        let call = recognise("POST", "/", &[FORM], "Action=AssumeRoleWithWebIdentity");
        assert_eq!((call.service.as_str(), call.access_key), ("unsigned", None));
        assert_eq!(call.kind, Kind::Reading);
    }
}
