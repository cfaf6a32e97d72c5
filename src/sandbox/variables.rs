//! What a client's environment holds so that it talks to the sandbox, and only to it.

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

    /// Applies the changes to a command that is about to be started.
    pub fn apply_to(&self, command: &mut std::process::Command) {
        for name in self.unset {
            command.env_remove(name);
        }
        // A service's own endpoint variable wins over the general one.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("AWS_ENDPOINT_URL_")) {
                command.env_remove(name);
            }
        }
        command.envs(self.set.iter().map(|(name, value)| (name, value)));
    }
}
