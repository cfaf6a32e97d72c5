//! Which arguments of a listener are attributes.

use super::Listener;
use crate::elbv2::attributes::Attributes;

const IDLE_TIMEOUT: &str = "tcp.idle_timeout.seconds";
const SERVER: &str = "routing.http.response.server.enabled";

/// What a new listener has, of any protocol that has the attribute.
pub(super) const DEFAULTS: [(&str, &str); 2] = [(IDLE_TIMEOUT, "350"), (SERVER, "true")];

/// Joins the arguments that are texts with their keys.
macro_rules! texts {
    ($($field:ident => $key:literal,)*) => {
        impl Listener {
            fn put_texts(&self, wanted: &mut Attributes) {
                $(wanted.put($key, self.$field.as_ref());)*
            }

            fn set_texts(&mut self, live: &Attributes) {
                $(if let Some(text) = live.text($key) {
                    self.$field = Some(text);
                })*
            }
        }
    };
}

#[rustfmt::skip]
texts! {
    routing_http_request_x_amzn_mtls_clientcert_header_name => "routing.http.request.x_amzn_mtls_clientcert.header_name",
    routing_http_request_x_amzn_mtls_clientcert_issuer_header_name => "routing.http.request.x_amzn_mtls_clientcert_issuer.header_name",
    routing_http_request_x_amzn_mtls_clientcert_leaf_header_name => "routing.http.request.x_amzn_mtls_clientcert_leaf.header_name",
    routing_http_request_x_amzn_mtls_clientcert_serial_number_header_name => "routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name",
    routing_http_request_x_amzn_mtls_clientcert_subject_header_name => "routing.http.request.x_amzn_mtls_clientcert_subject.header_name",
    routing_http_request_x_amzn_mtls_clientcert_validity_header_name => "routing.http.request.x_amzn_mtls_clientcert_validity.header_name",
    routing_http_request_x_amzn_tls_cipher_suite_header_name => "routing.http.request.x_amzn_tls_cipher_suite.header_name",
    routing_http_request_x_amzn_tls_version_header_name => "routing.http.request.x_amzn_tls_version.header_name",
    routing_http_response_access_control_allow_credentials_header_value => "routing.http.response.access_control_allow_credentials.header_value",
    routing_http_response_access_control_allow_headers_header_value => "routing.http.response.access_control_allow_headers.header_value",
    routing_http_response_access_control_allow_methods_header_value => "routing.http.response.access_control_allow_methods.header_value",
    routing_http_response_access_control_allow_origin_header_value => "routing.http.response.access_control_allow_origin.header_value",
    routing_http_response_access_control_expose_headers_header_value => "routing.http.response.access_control_expose_headers.header_value",
    routing_http_response_access_control_max_age_header_value => "routing.http.response.access_control_max_age.header_value",
    routing_http_response_content_security_policy_header_value => "routing.http.response.content_security_policy.header_value",
    routing_http_response_strict_transport_security_header_value => "routing.http.response.strict_transport_security.header_value",
    routing_http_response_x_content_type_options_header_value => "routing.http.response.x_content_type_options.header_value",
    routing_http_response_x_frame_options_header_value => "routing.http.response.x_frame_options.header_value",
}

impl Listener {
    /// All attributes that are given.
    pub(super) fn attributes(&self) -> Attributes {
        let mut wanted = Attributes::default();
        self.put_texts(&mut wanted);
        wanted.put(SERVER, self.routing_http_response_server_enabled);
        wanted.put(IDLE_TIMEOUT, self.tcp_idle_timeout_seconds);
        wanted
    }

    /// Takes over live attributes; those that the listener doesn't have stay as they are.
    pub(super) fn set_attributes(&mut self, live: &Attributes) {
        self.set_texts(live);
        self.routing_http_response_server_enabled = live.flag(SERVER).or(self.routing_http_response_server_enabled);
        self.tcp_idle_timeout_seconds = live.number(IDLE_TIMEOUT).or(self.tcp_idle_timeout_seconds);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_back_as_they_were_given() {
        let given = Listener {
            routing_http_request_x_amzn_tls_version_header_name: Some("X-TLS".into()),
            routing_http_response_server_enabled: Some(false),
            tcp_idle_timeout_seconds: Some(60),
            ..Listener::default()
        };
        let mut read = Listener::default();
        read.set_attributes(&given.attributes());
        assert_eq!(read.attributes(), given.attributes());
    }

    #[test]
    fn a_new_listener_is_only_given_what_is_no_default() {
        let listener = Listener { tcp_idle_timeout_seconds: Some(350), ..Listener::default() };
        assert!(listener.attributes().beyond(&Attributes::of(DEFAULTS)).is_empty());
    }
}
