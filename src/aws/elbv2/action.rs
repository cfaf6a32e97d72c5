//! What a listener or one of its rules does with requests: its actions, in their order.

pub mod rules;

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{
    self as elb, ActionTypeEnum, AuthenticateCognitoActionConditionalBehaviorEnum as CognitoBehavior,
    AuthenticateOidcActionConditionalBehaviorEnum as OidcBehavior, RedirectActionStatusCodeEnum,
};
use serde::{Deserialize, Serialize};

use crate::elbv2::given;

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Action {
    authenticate_cognito: Vec<AuthenticateCognito>,
    authenticate_oidc: Vec<AuthenticateOidc>,
    fixed_response: Vec<FixedResponse>,
    forward: Vec<Forward>,
    /// 0 is the action's place in the list.
    order: i32,
    redirect: Vec<Redirect>,
    target_group_arn: String,
    r#type: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct AuthenticateCognito {
    authentication_request_extra_params: BTreeMap<String, String>,
    on_unauthenticated_request: String,
    scope: String,
    session_cookie_name: String,
    /// In seconds.
    session_timeout: i64,
    user_pool_arn: String,
    user_pool_client_id: String,
    user_pool_domain: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct AuthenticateOidc {
    authentication_request_extra_params: BTreeMap<String, String>,
    authorization_endpoint: String,
    client_id: String,
    client_secret: String,
    issuer: String,
    on_unauthenticated_request: String,
    scope: String,
    session_cookie_name: String,
    /// In seconds.
    session_timeout: i64,
    token_endpoint: String,
    user_info_endpoint: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct FixedResponse {
    content_type: String,
    message_body: String,
    status_code: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Forward {
    stickiness: Vec<Stickiness>,
    target_group: Vec<WeightedGroup>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Stickiness {
    /// In seconds.
    duration: i32,
    enabled: bool,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct WeightedGroup {
    arn: String,
    weight: i32,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Redirect {
    host: String,
    path: String,
    port: String,
    protocol: String,
    query: String,
    status_code: String,
}

/// Actions for a request: in the order they are written where they don't say another.
pub fn request(actions: &[Action]) -> Vec<elb::Action> {
    (1..).zip(actions).map(|(place, action)| action.request(place)).collect()
}

/// Actions of an answer, by their order, written in the ways `have` is.
pub fn live(mut actions: Vec<elb::Action>, have: &[Action]) -> Vec<Action> {
    actions.sort_by_key(|action| action.order);
    actions.into_iter().enumerate().map(|(index, action)| Action::live(action, have.get(index))).collect()
}

impl Action {
    fn request(&self, place: i32) -> elb::Action {
        let request = elb::Action::builder()
            .order(if self.order == 0 { place } else { self.order })
            .r#type(ActionTypeEnum::from(self.r#type.as_str()));
        let request = match self.r#type.as_str() {
            "forward" if !self.target_group_arn.is_empty() => request.target_group_arn(&self.target_group_arn),
            "forward" => request.set_forward_config(self.forward.first().map(Forward::request)),
            "redirect" => request.set_redirect_config(self.redirect.first().map(Redirect::request)),
            "fixed-response" => {
                request.set_fixed_response_config(self.fixed_response.first().map(FixedResponse::request))
            }
            "authenticate-cognito" => request
                .set_authenticate_cognito_config(self.authenticate_cognito.first().map(AuthenticateCognito::request)),
            "authenticate-oidc" => {
                request.set_authenticate_oidc_config(self.authenticate_oidc.first().map(AuthenticateOidc::request))
            }
            _ => request,
        };
        request.build()
    }

    /// AWS tells a single target group in both ways, as `target_group_arn` and as `forward`: only the ways in which the
    /// action is written are taken over, both where that isn't known. It never tells the secret of an OIDC client.
    fn live(live: elb::Action, have: Option<&Action>) -> Action {
        let kind = live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default();
        let mut action = Action { order: live.order.unwrap_or(0), r#type: kind, ..Action::default() };
        match action.r#type.as_str() {
            "forward" => {
                let has_arn = have.is_some_and(|have| !have.target_group_arn.is_empty());
                let has_block = have.is_some_and(|have| !have.forward.is_empty());
                if has_arn || !has_block {
                    action.target_group_arn = live.target_group_arn.unwrap_or_default();
                }
                if has_block || !has_arn {
                    action.forward = live.forward_config.map(Forward::from).into_iter().collect();
                }
            }
            "redirect" => action.redirect = live.redirect_config.map(Redirect::from).into_iter().collect(),
            "fixed-response" => {
                action.fixed_response = live.fixed_response_config.map(FixedResponse::from).into_iter().collect();
            }
            "authenticate-cognito" => {
                let config = live.authenticate_cognito_config;
                action.authenticate_cognito = config.map(AuthenticateCognito::from).into_iter().collect();
            }
            "authenticate-oidc" => {
                let secret =
                    have.and_then(|have| have.authenticate_oidc.first()).map(|oidc| oidc.client_secret.clone());
                let config = live.authenticate_oidc_config.map(AuthenticateOidc::from);
                let with_secret =
                    |config| AuthenticateOidc { client_secret: secret.clone().unwrap_or_default(), ..config };
                action.authenticate_oidc = config.map(with_secret).into_iter().collect();
            }
            _ => {}
        }
        action
    }
}

impl Forward {
    fn request(&self) -> elb::ForwardActionConfig {
        let group = |group: &WeightedGroup| {
            elb::TargetGroupTuple::builder().target_group_arn(&group.arn).weight(group.weight).build()
        };
        let stickiness = self.stickiness.first().map(|stickiness| {
            elb::TargetGroupStickinessConfig::builder()
                .duration_seconds(stickiness.duration)
                .enabled(stickiness.enabled)
                .build()
        });
        elb::ForwardActionConfig::builder()
            .set_target_groups(Some(self.target_group.iter().map(group).collect()))
            .set_target_group_stickiness_config(stickiness)
            .build()
    }
}

impl From<elb::ForwardActionConfig> for Forward {
    fn from(live: elb::ForwardActionConfig) -> Forward {
        let group = |group: elb::TargetGroupTuple| WeightedGroup {
            arn: group.target_group_arn.unwrap_or_default(),
            weight: group.weight.unwrap_or(0),
        };
        let stickiness = live.target_group_stickiness_config.map(|stickiness| Stickiness {
            duration: stickiness.duration_seconds.unwrap_or(0),
            enabled: stickiness.enabled.unwrap_or(false),
        });
        Forward {
            stickiness: stickiness.into_iter().collect(),
            target_group: live.target_groups.unwrap_or_default().into_iter().map(group).collect(),
        }
    }
}

impl Redirect {
    fn request(&self) -> elb::RedirectActionConfig {
        elb::RedirectActionConfig::builder()
            .host(&self.host)
            .path(&self.path)
            .port(&self.port)
            .protocol(&self.protocol)
            .query(&self.query)
            .status_code(RedirectActionStatusCodeEnum::from(self.status_code.as_str()))
            .build()
    }
}

impl From<elb::RedirectActionConfig> for Redirect {
    fn from(live: elb::RedirectActionConfig) -> Redirect {
        Redirect {
            host: live.host.unwrap_or_default(),
            path: live.path.unwrap_or_default(),
            port: live.port.unwrap_or_default(),
            protocol: live.protocol.unwrap_or_default(),
            query: live.query.unwrap_or_default(),
            status_code: live.status_code.map(|code| code.as_str().to_string()).unwrap_or_default(),
        }
    }
}

impl FixedResponse {
    fn request(&self) -> elb::FixedResponseActionConfig {
        elb::FixedResponseActionConfig::builder()
            .content_type(&self.content_type)
            .set_message_body(given(&self.message_body))
            .set_status_code(given(&self.status_code))
            .build()
    }
}

impl From<elb::FixedResponseActionConfig> for FixedResponse {
    fn from(live: elb::FixedResponseActionConfig) -> FixedResponse {
        FixedResponse {
            content_type: live.content_type.unwrap_or_default(),
            message_body: live.message_body.unwrap_or_default(),
            status_code: live.status_code.unwrap_or_default(),
        }
    }
}

/// Extra parameters for a request; `None` when there are none.
fn parameters(extra: &BTreeMap<String, String>) -> Option<std::collections::HashMap<String, String>> {
    (!extra.is_empty()).then(|| extra.clone().into_iter().collect())
}

impl AuthenticateCognito {
    fn request(&self) -> elb::AuthenticateCognitoActionConfig {
        let behavior = given(&self.on_unauthenticated_request);
        elb::AuthenticateCognitoActionConfig::builder()
            .set_authentication_request_extra_params(parameters(&self.authentication_request_extra_params))
            .set_on_unauthenticated_request(behavior.map(|behavior| CognitoBehavior::from(behavior.as_str())))
            .set_scope(given(&self.scope))
            .set_session_cookie_name(given(&self.session_cookie_name))
            .set_session_timeout((self.session_timeout != 0).then_some(self.session_timeout))
            .user_pool_arn(&self.user_pool_arn)
            .user_pool_client_id(&self.user_pool_client_id)
            .user_pool_domain(&self.user_pool_domain)
            .build()
    }
}

impl From<elb::AuthenticateCognitoActionConfig> for AuthenticateCognito {
    fn from(live: elb::AuthenticateCognitoActionConfig) -> AuthenticateCognito {
        let behavior = live.on_unauthenticated_request.map(|behavior| behavior.as_str().to_string());
        let extra = live.authentication_request_extra_params.unwrap_or_default();
        AuthenticateCognito {
            authentication_request_extra_params: extra.into_iter().collect(),
            on_unauthenticated_request: behavior.unwrap_or_default(),
            scope: live.scope.unwrap_or_default(),
            session_cookie_name: live.session_cookie_name.unwrap_or_default(),
            session_timeout: live.session_timeout.unwrap_or(0),
            user_pool_arn: live.user_pool_arn.unwrap_or_default(),
            user_pool_client_id: live.user_pool_client_id.unwrap_or_default(),
            user_pool_domain: live.user_pool_domain.unwrap_or_default(),
        }
    }
}

impl AuthenticateOidc {
    fn request(&self) -> elb::AuthenticateOidcActionConfig {
        let behavior = given(&self.on_unauthenticated_request);
        let secret = given(&self.client_secret);
        elb::AuthenticateOidcActionConfig::builder()
            .set_authentication_request_extra_params(parameters(&self.authentication_request_extra_params))
            .authorization_endpoint(&self.authorization_endpoint)
            .client_id(&self.client_id)
            // An imported listener's secret is not known; AWS has it.
            .set_use_existing_client_secret(secret.is_none().then_some(true))
            .set_client_secret(secret)
            .issuer(&self.issuer)
            .set_on_unauthenticated_request(behavior.map(|behavior| OidcBehavior::from(behavior.as_str())))
            .set_scope(given(&self.scope))
            .set_session_cookie_name(given(&self.session_cookie_name))
            .set_session_timeout((self.session_timeout != 0).then_some(self.session_timeout))
            .token_endpoint(&self.token_endpoint)
            .user_info_endpoint(&self.user_info_endpoint)
            .build()
    }
}

/// Without the client's secret.
impl From<elb::AuthenticateOidcActionConfig> for AuthenticateOidc {
    fn from(live: elb::AuthenticateOidcActionConfig) -> AuthenticateOidc {
        let behavior = live.on_unauthenticated_request.map(|behavior| behavior.as_str().to_string());
        let extra = live.authentication_request_extra_params.unwrap_or_default();
        AuthenticateOidc {
            authentication_request_extra_params: extra.into_iter().collect(),
            authorization_endpoint: live.authorization_endpoint.unwrap_or_default(),
            client_id: live.client_id.unwrap_or_default(),
            client_secret: String::new(),
            issuer: live.issuer.unwrap_or_default(),
            on_unauthenticated_request: behavior.unwrap_or_default(),
            scope: live.scope.unwrap_or_default(),
            session_cookie_name: live.session_cookie_name.unwrap_or_default(),
            session_timeout: live.session_timeout.unwrap_or(0),
            token_endpoint: live.token_endpoint.unwrap_or_default(),
            user_info_endpoint: live.user_info_endpoint.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What AWS says of a forward to one target group.
    fn forwarded() -> elb::Action {
        let group = elb::TargetGroupTuple::builder().target_group_arn("arn:tg").weight(1).build();
        let forward = elb::ForwardActionConfig::builder().target_groups(group).build();
        let action = elb::Action::builder().r#type(ActionTypeEnum::Forward).order(1);
        action.target_group_arn("arn:tg").forward_config(forward).build()
    }

    #[test]
    fn a_target_group_is_read_the_way_it_is_written() {
        let read = |have: &[Action]| live(vec![forwarded()], have).pop().expect("there is one action");
        let by_arn = Action { target_group_arn: "arn:tg".into(), r#type: "forward".into(), ..Action::default() };
        let by_block = Action { forward: vec![Forward::default()], target_group_arn: String::new(), ..by_arn.clone() };
        assert!(read(&[by_arn]).forward.is_empty());
        assert_eq!(read(&[by_block]).target_group_arn, "");
        let both = read(&[]);
        assert_eq!((both.target_group_arn.as_str(), both.forward.len()), ("arn:tg", 1));
    }

    #[test]
    fn actions_without_an_order_run_as_they_are_written() {
        let action = |order| Action { order, r#type: "forward".into(), ..Action::default() };
        let orders: Vec<_> = request(&[action(0), action(0), action(7)]).iter().map(|action| action.order).collect();
        assert_eq!(orders, [Some(1), Some(2), Some(7)]);
    }

    #[test]
    fn the_secret_that_aws_does_not_tell_is_kept() {
        let config = elb::AuthenticateOidcActionConfig::builder().client_id("web").build();
        let action = elb::Action::builder().r#type(ActionTypeEnum::AuthenticateOidc).authenticate_oidc_config(config);
        let oidc = AuthenticateOidc { client_secret: "kept".into(), ..AuthenticateOidc::default() };
        let have = Action { authenticate_oidc: vec![oidc], ..Action::default() };
        let read = live(vec![action.build()], &[have]).pop().expect("there is one action");
        assert!(read.authenticate_oidc[0].client_secret == "kept");
    }
}
