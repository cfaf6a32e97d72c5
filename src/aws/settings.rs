//! The `provider "aws"` block: what it says, typed, and what of it is refused.

use std::collections::BTreeMap;

use provider::error::ProviderError;
use serde::Deserialize;

/// The arguments of a `provider "aws"` block, as `hashicorp/aws` 5.100 has them.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub access_key: Option<String>,
    pub secret_key: Option<String>,
    pub token: Option<String>,
    pub profile: Option<String>,
    pub shared_config_files: Vec<String>,
    pub shared_credentials_files: Vec<String>,
    pub region: Option<String>,
    pub sts_region: Option<String>,
    pub max_retries: Option<u32>,
    pub retry_mode: Option<String>,
    pub token_bucket_rate_limiter_capacity: Option<u64>,
    pub allowed_account_ids: Vec<String>,
    pub forbidden_account_ids: Vec<String>,
    pub assume_role: Vec<AssumeRole>,
    pub assume_role_with_web_identity: Vec<AssumeRoleWithWebIdentity>,
    pub default_tags: Vec<DefaultTags>,
    pub ignore_tags: Vec<IgnoreTags>,
    /// One block, or several: service name to address.
    pub endpoints: Vec<BTreeMap<String, Option<String>>>,
    pub custom_ca_bundle: Option<String>,
    pub http_proxy: Option<String>,
    pub https_proxy: Option<String>,
    pub no_proxy: Option<String>,
    pub insecure: Option<bool>,
    pub use_dualstack_endpoint: Option<bool>,
    pub use_fips_endpoint: Option<bool>,
    pub ec2_metadata_service_endpoint: Option<String>,
    pub ec2_metadata_service_endpoint_mode: Option<String>,
    pub s3_us_east_1_regional_endpoint: Option<String>,
    pub s3_use_path_style: Option<bool>,
    pub skip_credentials_validation: Option<bool>,
    /// A string in the schema: `true`, `false` or empty.
    pub skip_metadata_api_check: Option<String>,
    pub skip_region_validation: Option<bool>,
    pub skip_requesting_account_id: Option<bool>,
}

/// A role to take before any call; several are taken one after the other.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct AssumeRole {
    pub role_arn: Option<String>,
    /// A duration as Go writes it: `1h`.
    pub duration: Option<String>,
    pub external_id: Option<String>,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
    pub session_name: Option<String>,
    pub source_identity: Option<String>,
    pub tags: BTreeMap<String, String>,
    pub transitive_tag_keys: Vec<String>,
}

/// A role to take with a token of a web identity, as CI systems give them.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct AssumeRoleWithWebIdentity {
    pub role_arn: Option<String>,
    pub duration: Option<String>,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
    pub session_name: Option<String>,
    pub web_identity_token: Option<String>,
    pub web_identity_token_file: Option<String>,
}

/// Tags that every taggable object gets.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct DefaultTags {
    pub tags: BTreeMap<String, String>,
}

/// Tags that others set and that are never seen.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct IgnoreTags {
    pub keys: Vec<String>,
    pub key_prefixes: Vec<String>,
}

impl Settings {
    /// The address that `endpoints` gives to a service, under any of its names.
    pub fn endpoint(&self, names: &[&str]) -> Option<&str> {
        self.endpoints
            .iter()
            .flat_map(|block| names.iter().filter_map(|name| block.get(*name)?.as_deref()))
            .find(|address| !address.is_empty())
    }

    pub fn default_tags(&self) -> BTreeMap<String, String> {
        self.default_tags.iter().flat_map(|block| block.tags.clone()).collect()
    }

    pub fn skips_metadata_api(&self) -> bool {
        self.skip_metadata_api_check.as_deref() == Some("true")
    }

    /// Refuses what this provider can't honour; nothing is ignored in silence.
    pub fn check(&self) -> Result<(), ProviderError> {
        let refuse = |argument: &str, reason: &str| {
            Err(ProviderError::invalid("configure aws", format!("`{argument}` is not supported: {reason}"))
                .attribute(model::path::Path::attribute(argument)))
        };
        if self.insecure == Some(true) {
            return refuse("insecure", "certificates are always verified; name the authority in `custom_ca_bundle`");
        }
        if self.access_key.is_some() != self.secret_key.is_some() {
            let (missing, present) =
                if self.access_key.is_some() { ("secret_key", "access_key") } else { ("access_key", "secret_key") };
            return refuse(present, &format!("`{missing}` must be given with it"));
        }
        if let Some(mode) = self.retry_mode.as_deref().filter(|mode| !["standard", "adaptive", ""].contains(mode)) {
            return refuse("retry_mode", &format!("it must be `standard` or `adaptive`, not `{mode}`"));
        }
        if !self.allowed_account_ids.is_empty() && !self.forbidden_account_ids.is_empty() {
            return refuse("forbidden_account_ids", "`allowed_account_ids` is given already");
        }
        if let Some(region) = self.region.as_deref()
            && self.skip_region_validation != Some(true)
            && !is_region(region)
        {
            return Err(ProviderError::invalid("configure aws", format!("`{region}` is not the name of a region"))
                .attribute(model::path::Path::attribute("region"))
                .hint("regions are named like `eu-west-1`; `skip_region_validation` turns this check off"));
        }
        Ok(())
    }
}

/// Whether the text has the form of a region's name: `eu-west-1`, `us-gov-east-1`, `us-isob-east-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    match parts.split_last() {
        Some((number, words)) => {
            (2..=3).contains(&words.len())
                && words.iter().all(letters)
                && words[0].len() >= 2
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_told_from_other_words() {
        for name in ["eu-west-1", "us-gov-east-1", "ap-southeast-2", "us-iso-east-1"] {
            assert!(is_region(name), "{name}");
        }
        for name in ["", "Frankfurt", "eu-west", "eu-west-1a", "eu_west_1", "us-east-1-"] {
            assert!(!is_region(name), "{name}");
        }
    }

    #[test]
    fn an_endpoint_is_found_under_any_name_of_its_service() {
        let block = BTreeMap::from([
            ("elb".to_string(), None),
            ("elasticloadbalancingv2".to_string(), Some("http://x".to_string())),
        ]);
        let settings = Settings { endpoints: vec![block], ..Settings::default() };
        assert_eq!(settings.endpoint(&["elbv2", "elasticloadbalancingv2"]), Some("http://x"));
        assert_eq!(settings.endpoint(&["ecs"]), None);
    }
}
