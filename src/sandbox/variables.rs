//! What a client's environment holds so that it talks to the sandbox, and only to it.

use std::env;
use std::process::Command;

/// The account that clients with no other choice work in.
pub const DEFAULT_ACCOUNT: &str = "123456789012";

/// The region that clients work in unless they say otherwise.
pub const DEFAULT_REGION: &str = "us-east-1";

/// Changes to a client's environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variables {
    /// Names and values to set.
    pub set: Vec<(String, String)>,
    /// Names to remove, because they would lead the client past the sandbox or to other credentials.
    pub unset: &'static [&'static str],
}

/// Every variable by which an AWS SDK could find another profile, role, session or endpoint.
const UNSET: &[&str] = &[
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_CA_BUNDLE",
];

impl Variables {
    /// The variables for an endpoint, an account (twelve digits) and a region.
    ///
    /// The access key is the account's number, by which the sandbox tells accounts apart. Shared configuration files are
    /// replaced by nothing, so a profile named `default` on this machine has no say.
    pub fn new(endpoint: &str, account: &str, region: &str) -> Self {
        let pairs = [
            ("AWS_ENDPOINT_URL", endpoint),
            ("AWS_ACCESS_KEY_ID", account),
            ("AWS_SECRET_ACCESS_KEY", "sandbox"),
            ("AWS_REGION", region),
            ("AWS_DEFAULT_REGION", region),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ];
        Self { set: pairs.map(|(name, value)| (name.to_string(), value.to_string())).to_vec(), unset: UNSET }
    }

    /// Every name to remove from an environment that holds the names in `present`.
    ///
    /// Those of [`Variables::unset`], and endpoints of single services, which would win over the general one.
    pub fn names_to_unset<'a>(&self, present: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let unwanted = |name: &&str| self.unset.contains(name) || name.starts_with("AWS_ENDPOINT_URL_");
        present.into_iter().filter(unwanted).map(str::to_string).collect()
    }

    /// Applies the changes to a command that is about to be started and would inherit this process's environment.
    pub fn apply_to(&self, command: &mut Command) {
        let inherited: Vec<String> = env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect();
        for name in self.names_to_unset(inherited.iter().map(String::as_str)) {
            command.env_remove(name);
        }
        command.envs(self.set.iter().map(|(name, value)| (name, value)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_sent_to_the_sandbox_and_to_nothing_else() {
        let variables = Variables::new("http://127.0.0.1:5000", "111122223333", "eu-west-1");
        let value =
            |wanted: &str| variables.set.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        assert_eq!(value("AWS_ENDPOINT_URL"), Some("http://127.0.0.1:5000"));
        assert_eq!(value("AWS_ACCESS_KEY_ID"), Some("111122223333"));
        assert_eq!((value("AWS_REGION"), value("AWS_DEFAULT_REGION")), (Some("eu-west-1"), Some("eu-west-1")));
        assert_eq!(value("AWS_EC2_METADATA_DISABLED"), Some("true"));
    }

    #[test]
    fn profiles_sessions_and_endpoints_of_single_services_are_removed() {
        let variables = Variables::new("http://127.0.0.1:5000", DEFAULT_ACCOUNT, DEFAULT_REGION);
        let present =
            ["HOME", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_MAX_ATTEMPTS"];
        assert_eq!(variables.names_to_unset(present), ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"]);
    }

    #[test]
    fn a_command_gets_the_variables() {
        let mut command = Command::new("true");
        Variables::new("http://127.0.0.1:5000", DEFAULT_ACCOUNT, DEFAULT_REGION).apply_to(&mut command);
        let endpoint = command.get_envs().find(|(name, _)| *name == "AWS_ENDPOINT_URL").and_then(|(_, value)| value);
        assert_eq!(endpoint.and_then(|value| value.to_str()), Some("http://127.0.0.1:5000"));
    }
}
