//! Errors that AWS would answer, in the format of the call's protocol.

use http::{Response, StatusCode, header};

use super::call::Protocol;

/// An error that takes the place of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Too many calls, by the code of the service's protocol; SDKs slow down and try again.
    Throttled,
    /// 500; SDKs try again.
    InternalError,
    /// 503; SDKs try again.
    Unavailable,
    /// The caller may not do this; SDKs do not try again.
    AccessDenied,
    /// Whatever a test needs.
    Other { status: StatusCode, code: String, message: String },
}

impl Failure {
    /// Status, code and message in a protocol.
    fn contents(&self, protocol: Protocol) -> (StatusCode, &str, &str) {
        match self {
            Failure::Throttled => match protocol {
                Protocol::Ec2Query => {
                    (StatusCode::SERVICE_UNAVAILABLE, "RequestLimitExceeded", "Request limit exceeded.")
                }
                Protocol::S3 => (StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "Please reduce your request rate."),
                Protocol::Query | Protocol::RestXml => (StatusCode::BAD_REQUEST, "Throttling", "Rate exceeded"),
                Protocol::Json | Protocol::Cbor => (StatusCode::BAD_REQUEST, "ThrottlingException", "Rate exceeded"),
                Protocol::RestJson => (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", "Rate exceeded"),
            },
            Failure::InternalError => {
                let code = match protocol {
                    Protocol::Ec2Query | Protocol::S3 => "InternalError",
                    Protocol::Query | Protocol::RestXml => "InternalFailure",
                    Protocol::Json | Protocol::Cbor | Protocol::RestJson => "InternalServerException",
                };
                (StatusCode::INTERNAL_SERVER_ERROR, code, "An internal error has occurred")
            }
            Failure::Unavailable => {
                let code = match protocol {
                    Protocol::Ec2Query => "Unavailable",
                    Protocol::S3 | Protocol::Query | Protocol::RestXml => "ServiceUnavailable",
                    Protocol::Json | Protocol::Cbor | Protocol::RestJson => "ServiceUnavailableException",
                };
                (StatusCode::SERVICE_UNAVAILABLE, code, "Service is unable to handle request.")
            }
            Failure::AccessDenied => match protocol {
                Protocol::Ec2Query => (
                    StatusCode::FORBIDDEN,
                    "UnauthorizedOperation",
                    "You are not authorized to perform this operation.",
                ),
                Protocol::S3 | Protocol::Query | Protocol::RestXml => {
                    (StatusCode::FORBIDDEN, "AccessDenied", "Access Denied")
                }
                Protocol::Json | Protocol::Cbor => (StatusCode::BAD_REQUEST, "AccessDeniedException", "Access denied"),
                Protocol::RestJson => (StatusCode::FORBIDDEN, "AccessDeniedException", "Access denied"),
            },
            Failure::Other { status, code, message } => (*status, code, message),
        }
    }

    /// The answer in a protocol. `request_id` is what AWS would call the request.
    pub fn answer(&self, protocol: Protocol, request_id: &str) -> Response<Vec<u8>> {
        let (status, code, message) = self.contents(protocol);
        let error = format!("<Code>{}</Code><Message>{}</Message>", escape(code), escape(message));
        let (content_type, body) = match protocol {
            Protocol::Ec2Query => {
                let text = format!(
                    "<Response><Errors><Error>{error}</Error></Errors><RequestID>{request_id}</RequestID></Response>"
                );
                ("text/xml", text.into_bytes())
            }
            Protocol::S3 => {
                ("application/xml", format!("<Error>{error}<RequestId>{request_id}</RequestId></Error>").into_bytes())
            }
            Protocol::Query | Protocol::RestXml => {
                let fault = if status.is_server_error() { "Receiver" } else { "Sender" };
                let text = format!(
                    "<ErrorResponse><Error><Type>{fault}</Type>{error}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
                );
                ("text/xml", text.into_bytes())
            }
            Protocol::Json => {
                let text = serde_json::json!({"__type": code, "message": message}).to_string();
                ("application/x-amz-json-1.1", text.into_bytes())
            }
            Protocol::RestJson => {
                ("application/json", serde_json::json!({"message": message}).to_string().into_bytes())
            }
            Protocol::Cbor => ("application/cbor", cbor_map(&[("__type", code), ("message", message)])),
        };
        let mut response = Response::builder()
            .status(status)
            .header(header::CONTENT_TYPE, content_type)
            .header("x-amzn-requestid", request_id);
        response = match protocol {
            Protocol::Json | Protocol::RestJson => response.header("x-amzn-errortype", code),
            Protocol::Cbor => response.header("smithy-protocol", "rpc-v2-cbor"),
            Protocol::Query | Protocol::Ec2Query | Protocol::RestXml | Protocol::S3 => response,
        };
        response.body(body).unwrap_or_else(|_| {
            // Only a code that is no header value can be at fault, and only of `Other`.
            panic!("the failure's code `{code}` cannot be a header value")
        })
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// A CBOR map of text to text (RFC 8949), for fewer than 24 pairs of texts shorter than 64 KiB.
fn cbor_map(pairs: &[(&str, &str)]) -> Vec<u8> {
    const MAP: u8 = 0xa0;
    const TEXT_WITH_TWO_LENGTH_BYTES: u8 = 0x79;
    let mut bytes = vec![MAP | u8::try_from(pairs.len()).expect("a handful of pairs")];
    for text in pairs.iter().flat_map(|(key, value)| [key, value]) {
        let length = u16::try_from(text.len()).expect("error messages are short");
        bytes.push(TEXT_WITH_TWO_LENGTH_BYTES);
        bytes.extend(length.to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(failure: &Failure, protocol: Protocol) -> (u16, String) {
        let answer = failure.answer(protocol, "r-1");
        (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned())
    }

    #[test]
    fn throttling_has_each_protocols_own_code_and_status() {
        let (status, body) = text(&Failure::Throttled, Protocol::Ec2Query);
        assert_eq!(status, 503);
        assert!(body.contains("<Code>RequestLimitExceeded</Code>") && body.starts_with("<Response>"), "{body}");
        let (status, body) = text(&Failure::Throttled, Protocol::Query);
        assert_eq!(status, 400);
        assert!(body.contains("<Type>Sender</Type><Code>Throttling</Code>"), "{body}");
        let (status, body) = text(&Failure::Throttled, Protocol::Json);
        assert_eq!((status, body.as_str()), (400, r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#));
        assert_eq!(text(&Failure::Throttled, Protocol::S3).0, 503);
        assert_eq!(text(&Failure::Throttled, Protocol::RestJson).0, 429);
    }

    #[test]
    fn a_failure_of_the_tests_own_is_escaped() {
        let failure = Failure::Other {
            status: StatusCode::CONFLICT,
            code: "DependencyViolation".to_string(),
            message: "a<b & \"c\"".to_string(),
        };
        let (status, body) = text(&failure, Protocol::Query);
        assert_eq!(status, 409);
        assert!(body.contains("<Message>a&lt;b &amp; \"c\"</Message>"), "{body}");
        let (_, body) = text(&failure, Protocol::RestJson);
        assert_eq!(body, r#"{"message":"a<b & \"c\""}"#);
    }

    #[test]
    fn a_cbor_error_is_a_map_of_two_texts() {
        let answer = Failure::AccessDenied.answer(Protocol::Cbor, "r-1");
        assert_eq!(&answer.body()[..10], b"\xa2\x79\x00\x06__type");
    }
}
