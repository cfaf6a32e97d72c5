//! Clients of the services of one provider configuration, made when first used.

use std::sync::OnceLock;
use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_smithy_http_client::proxy::ProxyConfig;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Cloud, Tags};
use tokio::sync::OnceCell;

use crate::calls::Calls;
use crate::elbv2::priorities::Moves;
use crate::failure::Operation;
use crate::settings::{AssumeRole, AssumeRoleWithWebIdentity, Settings};
use crate::tags::TOKEN_TAG;
use crate::transport::{Transport, TransportSettings};

/// How often a call is tried where `max_retries` doesn't say.
const ATTEMPTS: u32 = 6;

/// The clients and settings of one provider configuration.
pub struct Aws {
    sdk: SdkConfig,
    settings: Settings,
    default_tags: Tags,
    calls: Calls,
    caller: OnceCell<Caller>,
    clients: Clients,
    moves: Moves,
}

/// Who the credentials belong to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    pub account: String,
    pub arn: String,
    pub user_id: String,
}

/// The services: for each a method that gives its client, made from the shared configuration at its first use.
///
/// The names are those that the provider's `endpoints` block knows the service by; what may follow them sets what only this
/// service has.
macro_rules! services {
    ($($service:ident: $sdk:ident, $names:expr $(, $own:ident)?;)*) => {
        #[derive(Default)]
        struct Clients {
            $($service: OnceLock<$sdk::Client>,)*
        }

        impl Aws {
            $(pub fn $service(&self) -> &$sdk::Client {
                self.clients.$service.get_or_init(|| {
                    let mut config = $sdk::config::Builder::from(&self.sdk).interceptor(self.calls.clone());
                    config.set_endpoint_url(
                        self.settings.endpoint(&$names).map(str::to_string).or_else(|| config_endpoint(&self.sdk)),
                    );
                    $($own(&mut config, &self.settings);)?
                    $sdk::Client::from_conf(config.build())
                })
            })*
        }
    };
}

services! {
    acm: aws_sdk_acm, ["acm"];
    application_auto_scaling: aws_sdk_applicationautoscaling, ["appautoscaling", "applicationautoscaling"];
    cloudwatch: aws_sdk_cloudwatch, ["cloudwatch"];
    cloudwatchlogs: aws_sdk_cloudwatchlogs, ["logs", "cloudwatchlogs", "cloudwatchlog"];
    dynamodb: aws_sdk_dynamodb, ["dynamodb"];
    ec2: aws_sdk_ec2, ["ec2"];
    ecr: aws_sdk_ecr, ["ecr"];
    ecs: aws_sdk_ecs, ["ecs"];
    elasticache: aws_sdk_elasticache, ["elasticache"];
    elbv2: aws_sdk_elasticloadbalancingv2, ["elbv2", "elasticloadbalancingv2"];
    eventbridge: aws_sdk_eventbridge, ["events", "eventbridge", "cloudwatchevents"];
    iam: aws_sdk_iam, ["iam"];
    kms: aws_sdk_kms, ["kms"];
    rds: aws_sdk_rds, ["rds"];
    route53: aws_sdk_route53, ["route53"];
    s3: aws_sdk_s3, ["s3", "s3api"], path_style;
    secretsmanager: aws_sdk_secretsmanager, ["secretsmanager"];
    service_discovery: aws_sdk_servicediscovery, ["servicediscovery"];
    sns: aws_sdk_sns, ["sns"];
    sqs: aws_sdk_sqs, ["sqs"];
    ssm: aws_sdk_ssm, ["ssm"];
    sts: aws_sdk_sts, ["sts"];
}

fn path_style(config: &mut aws_sdk_s3::config::Builder, settings: &Settings) {
    config.set_force_path_style(settings.s3_use_path_style);
}

fn config_endpoint(sdk: &SdkConfig) -> Option<String> {
    sdk.endpoint_url().map(str::to_string)
}

impl Aws {
    /// Makes the clients' shared configuration; talks to no service but what credentials need.
    ///
    /// # Errors
    /// Settings that are refused, a missing region, files that can't be read.
    pub async fn connect(settings: Settings, calls: Calls) -> Result<Aws, ProviderError> {
        settings.check()?;
        let sdk = load(&settings).await?;
        if sdk.region().is_none() {
            return Err(ProviderError::invalid("configure aws", "there is no region")
                .hint("set `region` in the provider block, or `AWS_REGION` in the environment"));
        }
        let aws = Aws {
            sdk,
            default_tags: settings.default_tags(),
            settings,
            calls,
            caller: OnceCell::new(),
            clients: Clients::default(),
            moves: Moves::default(),
        };
        aws.check_account().await?;
        Ok(aws)
    }

    /// The region's name: `eu-west-1`.
    pub fn region(&self) -> &str {
        self.sdk.region().expect("`connect` refuses a missing region").as_ref()
    }

    /// The partition the region belongs to: `aws`, `aws-cn`, `aws-us-gov`, ..
    pub fn partition(&self) -> &'static str {
        partition_of(self.region()).0
    }

    /// The domain of service endpoints in the partition: `amazonaws.com`.
    pub fn dns_suffix(&self) -> &'static str {
        partition_of(self.region()).1
    }

    /// The ARN of an EC2 object: `arn:aws:ec2:eu-west-1:123456789012:vpc/vpc-0a1b`.
    pub fn ec2_arn(&self, kind: &str, owner_id: &str, id: &str) -> String {
        format!("arn:{}:ec2:{}:{owner_id}:{kind}/{id}", self.partition(), self.region())
    }

    /// The custom endpoint, if one is set for all services.
    pub fn endpoint_url(&self) -> Option<&str> {
        self.sdk.endpoint_url().or_else(|| self.settings.endpoint(&["ecs", "rds", "elbv2", "ec2"]))
    }

    /// The rules of listeners that change their priority.
    pub fn moves(&self) -> &Moves {
        &self.moves
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Who the credentials belong to: `GetCallerIdentity`, asked once.
    pub async fn caller(&self) -> Result<&Caller, ProviderError> {
        self.caller
            .get_or_try_init(|| async {
                let answer = self.sts().get_caller_identity().send().await.operation("sts:GetCallerIdentity")?;
                Ok(Caller {
                    account: answer.account.unwrap_or_default(),
                    arn: answer.arn.unwrap_or_default(),
                    user_id: answer.user_id.unwrap_or_default(),
                })
            })
            .await
    }

    /// The account of the credentials; empty where `skip_requesting_account_id` forbids to ask for it.
    pub async fn account(&self) -> Result<&str, ProviderError> {
        match self.settings.skip_requesting_account_id {
            Some(true) => Ok(""),
            Some(false) | None => Ok(&self.caller().await?.account),
        }
    }

    /// Holds the account against `allowed_account_ids` and `forbidden_account_ids`.
    async fn check_account(&self) -> Result<(), ProviderError> {
        let (allowed, forbidden) = (&self.settings.allowed_account_ids, &self.settings.forbidden_account_ids);
        if allowed.is_empty() && forbidden.is_empty() {
            return Ok(());
        }
        let account = &self.caller().await?.account;
        if forbidden.contains(account) || (!allowed.is_empty() && !allowed.contains(account)) {
            let argument = if allowed.is_empty() { "forbidden_account_ids" } else { "allowed_account_ids" };
            return Err(ProviderError::new(
                ErrorKind::Denied,
                "configure aws",
                format!("the account {account} of the credentials is ruled out by `{argument}`"),
            ));
        }
        Ok(())
    }
}

impl Cloud for Aws {
    fn default_tags(&self) -> &Tags {
        &self.default_tags
    }

    fn ignores_tag(&self, key: &str) -> bool {
        key.starts_with("aws:")
            || key == TOKEN_TAG
            || self.settings.ignore_tags.iter().any(|ignore| {
                ignore.keys.iter().any(|ignored| ignored == key)
                    || ignore.key_prefixes.iter().any(|prefix| key.starts_with(prefix.as_str()))
            })
    }
}

/// The credentials that every client finds without settings of its own: from variables, files, or the machine.
///
/// `profile` is the one to take them from, else the one in use. `None` when there are none.
///
/// # Errors
/// They are somewhere, but can't be had.
pub async fn user_credentials(profile: Option<&str>) -> Result<Option<Credentials>, ProviderError> {
    let settings = Settings { profile: profile.map(str::to_string), ..Settings::default() };
    let sdk = load(&settings).await?;
    let Some(provider) = sdk.credentials_provider() else { return Ok(None) };
    match provider.provide_credentials().await {
        Ok(credentials) => Ok(Some(credentials)),
        Err(CredentialsError::CredentialsNotLoaded(_)) => Ok(None),
        Err(error) => Err(ProviderError::new(ErrorKind::Denied, "find credentials", error.to_string())),
    }
}

/// The domain of the service endpoints of a region: `amazonaws.com`.
pub fn dns_suffix_of(region: &str) -> &'static str {
    partition_of(region).1
}

/// A region's partition and its DNS suffix.
fn partition_of(region: &str) -> (&'static str, &'static str) {
    match region.split('-').next().unwrap_or("") {
        "cn" => ("aws-cn", "amazonaws.com.cn"),
        _ if region.starts_with("us-gov-") => ("aws-us-gov", "amazonaws.com"),
        _ if region.starts_with("us-isob-") => ("aws-iso-b", "sc2s.sgov.gov"),
        _ if region.starts_with("us-isof-") || region.starts_with("eu-isof-") => ("aws-iso-f", "csp.hci.ic.gov"),
        _ if region.starts_with("eu-isoe-") => ("aws-iso-e", "cloud.adc-e.uk"),
        _ if region.starts_with("us-iso-") => ("aws-iso", "c2s.ic.gov"),
        _ => ("aws", "amazonaws.com"),
    }
}

async fn load(settings: &Settings) -> Result<SdkConfig, ProviderError> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Transport::new(transport_settings(settings)?))
        .retry_config(retries(settings))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(Duration::from_secs(10))
                .operation_attempt_timeout(Duration::from_secs(120))
                .build(),
        );
    if let Some(region) = text(&settings.region) {
        loader = loader.region(Region::new(region.to_string()));
    }
    if let Some(profile) = text(&settings.profile) {
        loader = loader.profile_name(profile);
    }
    if let Some(files) = profile_files(settings) {
        loader = loader.profile_files(files);
    }
    if let Some(use_dual_stack) = settings.use_dualstack_endpoint {
        loader = loader.use_dual_stack(use_dual_stack);
    }
    if let Some(use_fips) = settings.use_fips_endpoint {
        loader = loader.use_fips(use_fips);
    }
    loader = with_credentials(loader, settings).await?;
    let base = loader.load().await;
    assume_roles(base, settings).await
}

async fn with_credentials(loader: ConfigLoader, settings: &Settings) -> Result<ConfigLoader, ProviderError> {
    if let (Some(access_key), Some(secret_key)) = (text(&settings.access_key), text(&settings.secret_key)) {
        let token = text(&settings.token).map(str::to_string);
        let credentials = Credentials::new(access_key, secret_key, token, None, "provider block");
        return Ok(loader.credentials_provider(credentials));
    }
    if !settings.skips_metadata_api() || settings.profile.is_some() {
        return Ok(loader);
    }
    // Everything the default chains look at, but the instance metadata service. Each has clients of its own.
    let clients = ProviderConfig::without_region().with_http_client(Transport::new(transport_settings(settings)?));
    let region = match text(&settings.region) {
        Some(region) => Some(Region::new(region.to_string())),
        None => region_of_user(settings, &clients).await,
    };
    let loader = match &region {
        Some(region) => loader.region(region.clone()),
        None => loader.region(no_region()),
    };
    let clients = clients.with_region(region);
    let mut profile = ProfileFileCredentialsProvider::builder().configure(&clients);
    if let Some(files) = profile_files(settings) {
        profile = profile.profile_files(files);
    }
    let chain = CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
        .or_else("Profile", profile.build())
        .or_else("WebIdentityToken", WebIdentityTokenCredentialsProvider::builder().configure(&clients).build())
        .or_else("EcsContainer", EcsCredentialsProvider::builder().configure(&clients).build());
    Ok(loader.credentials_provider(chain))
}

/// The region that the environment or a file of settings names.
async fn region_of_user(settings: &Settings, clients: &ProviderConfig) -> Option<Region> {
    let mut profile = ProfileFileRegionProvider::builder().configure(clients);
    if let Some(files) = profile_files(settings) {
        profile = profile.profile_files(files);
    }
    RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new()).or_else(profile.build()).region().await
}

/// A chain that finds nothing, in place of one that would ask the metadata service.
fn no_region() -> RegionProviderChain {
    RegionProviderChain::first_try(None::<Region>)
}

async fn assume_roles(base: SdkConfig, settings: &Settings) -> Result<SdkConfig, ProviderError> {
    let mut config = base;
    for role in &settings.assume_role_with_web_identity {
        config = with_provider(&config, web_identity(&config, role, settings)?);
    }
    for role in settings.assume_role.iter().filter(|role| text(&role.role_arn).is_some()) {
        config = with_provider(&config, assumed_role(&config, role, settings).await?);
    }
    Ok(config)
}

fn with_provider(config: &SdkConfig, provider: SharedCredentialsProvider) -> SdkConfig {
    config.clone().into_builder().credentials_provider(provider).build()
}

async fn assumed_role(
    config: &SdkConfig,
    role: &AssumeRole,
    settings: &Settings,
) -> Result<SharedCredentialsProvider, ProviderError> {
    let refuse = |argument: &str| {
        Err(ProviderError::invalid("configure aws", format!("`assume_role.{argument}` is not supported"))
            .attribute(model::path::Path::attribute("assume_role")))
    };
    if !role.tags.is_empty() || !role.transitive_tag_keys.is_empty() {
        return refuse("tags");
    }
    if text(&role.source_identity).is_some() {
        return refuse("source_identity");
    }
    let mut builder = AssumeRoleProvider::builder(role.role_arn.clone().unwrap_or_default())
        .session_name(text(&role.session_name).unwrap_or("infra"))
        .configure(&sts_config(config, settings));
    if let Some(external_id) = text(&role.external_id) {
        builder = builder.external_id(external_id);
    }
    if let Some(policy) = text(&role.policy) {
        builder = builder.policy(policy);
    }
    if !role.policy_arns.is_empty() {
        builder = builder.policy_arns(role.policy_arns.clone());
    }
    if let Some(duration) = session_length(&role.duration, "assume_role")? {
        builder = builder.session_length(duration);
    }
    Ok(SharedCredentialsProvider::new(builder.build().await))
}

fn web_identity(
    config: &SdkConfig,
    role: &AssumeRoleWithWebIdentity,
    settings: &Settings,
) -> Result<SharedCredentialsProvider, ProviderError> {
    let refuse = |argument: &str, reason: &str| {
        Err(ProviderError::invalid(
            "configure aws",
            format!("`assume_role_with_web_identity.{argument}` is not supported: {reason}"),
        )
        .attribute(model::path::Path::attribute("assume_role_with_web_identity")))
    };
    if text(&role.web_identity_token).is_some() {
        return refuse("web_identity_token", "put the token into a file and name it in `web_identity_token_file`");
    }
    if text(&role.policy).is_some() || !role.policy_arns.is_empty() || text(&role.duration).is_some() {
        return refuse("policy", "only `role_arn`, `session_name` and `web_identity_token_file` are");
    }
    let (Some(role_arn), Some(file)) = (text(&role.role_arn), text(&role.web_identity_token_file)) else {
        return refuse("role_arn", "`role_arn` and `web_identity_token_file` must both be given");
    };
    let static_configuration = aws_config::web_identity_token::StaticConfiguration {
        web_identity_token_file: file.into(),
        role_arn: role_arn.to_string(),
        session_name: text(&role.session_name).unwrap_or("infra").to_string(),
    };
    let provider = WebIdentityTokenCredentialsProvider::builder()
        .configure(&provider_config(config, settings))
        .static_configuration(static_configuration)
        .build();
    Ok(SharedCredentialsProvider::new(provider))
}

fn provider_config(config: &SdkConfig, settings: &Settings) -> ProviderConfig {
    let sts = sts_config(config, settings);
    ProviderConfig::without_region()
        .with_region(sts.region().cloned())
        .with_http_client(Transport::new(TransportSettings::default()))
}

/// The configuration of the calls to STS that take roles: its own region and endpoint.
fn sts_config(config: &SdkConfig, settings: &Settings) -> SdkConfig {
    let mut builder = config.clone().into_builder();
    if let Some(region) = text(&settings.sts_region) {
        builder.set_region(Some(Region::new(region.to_string())));
    }
    if let Some(endpoint) = settings.endpoint(&["sts"]) {
        builder.set_endpoint_url(Some(endpoint.to_string()));
    }
    builder.build()
}

fn session_length(duration: &Option<String>, block: &str) -> Result<Option<Duration>, ProviderError> {
    let Some(duration) = text(duration) else { return Ok(None) };
    let parsed = provider::adapter::parse_duration(duration).ok_or_else(|| {
        ProviderError::invalid(
            "configure aws",
            format!("`{block}.duration` must be a duration such as `1h`, not `{duration}`"),
        )
    })?;
    Ok(Some(parsed))
}

fn retries(settings: &Settings) -> RetryConfig {
    let attempts = settings.max_retries.map_or(ATTEMPTS, |retries| retries + 1);
    let config = if settings.retry_mode.as_deref() == Some("adaptive") {
        RetryConfig::adaptive()
    } else {
        RetryConfig::standard()
    };
    config
        .with_max_attempts(attempts)
        .with_initial_backoff(Duration::from_millis(200))
        .with_max_backoff(Duration::from_secs(20))
}

fn transport_settings(settings: &Settings) -> Result<TransportSettings, ProviderError> {
    let ca_bundle = match text(&settings.custom_ca_bundle) {
        Some(file) => Some(std::fs::read(file).map_err(|error| {
            ProviderError::invalid(
                "configure aws",
                format!("the certificates of `custom_ca_bundle` can't be read from `{file}`: {error}"),
            )
        })?),
        None => None,
    };
    let address = text(&settings.https_proxy).or(text(&settings.http_proxy));
    let proxy = match address {
        Some(address) => {
            let refuse = |error: aws_smithy_http_client::proxy::ProxyError| {
                ProviderError::invalid("configure aws", format!("`{address}` is not the address of a proxy: {error}"))
            };
            let proxy = if settings.https_proxy.is_some() && settings.http_proxy.is_none() {
                ProxyConfig::https(address).map_err(refuse)?
            } else {
                ProxyConfig::all(address).map_err(refuse)?
            };
            Some(match text(&settings.no_proxy) {
                Some(rules) => proxy.no_proxy(rules),
                None => proxy,
            })
        }
        None => None,
    };
    Ok(TransportSettings { proxy, ca_bundle })
}

fn profile_files(settings: &Settings) -> Option<EnvConfigFiles> {
    if settings.shared_config_files.is_empty() && settings.shared_credentials_files.is_empty() {
        return None;
    }
    let mut files = EnvConfigFiles::builder();
    if settings.shared_config_files.is_empty() {
        files = files.include_default_config_file(true);
    }
    if settings.shared_credentials_files.is_empty() {
        files = files.include_default_credentials_file(true);
    }
    for file in &settings.shared_config_files {
        files = files.with_file(EnvConfigFileKind::Config, file);
    }
    for file in &settings.shared_credentials_files {
        files = files.with_file(EnvConfigFileKind::Credentials, file);
    }
    Some(files.build())
}

/// The argument's text; an empty one counts as not given.
fn text(argument: &Option<String>) -> Option<&str> {
    argument.as_deref().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_know_their_partition() {
        assert_eq!(partition_of("eu-west-1"), ("aws", "amazonaws.com"));
        assert_eq!(partition_of("cn-north-1"), ("aws-cn", "amazonaws.com.cn"));
        assert_eq!(partition_of("us-gov-west-1"), ("aws-us-gov", "amazonaws.com"));
    }

    /// The chains without the metadata service are made of parts that need the transport each.
    #[tokio::test]
    async fn clients_are_made_without_the_metadata_service() {
        let without = Settings { skip_metadata_api_check: Some("true".into()), ..Settings::default() };
        let settings = Settings { region: Some("eu-west-1".into()), ..without.clone() };
        let aws = Aws::connect(settings, Calls::default()).await.map_err(|error| error.to_string());
        assert_eq!(aws.map(|aws| aws.region().to_string()), Ok("eu-west-1".into()));

        let files = vec!["/no/such/file".to_string()];
        let settings = Settings { shared_config_files: files.clone(), shared_credentials_files: files, ..without };
        let found = match Aws::connect(settings, Calls::default()).await {
            Ok(aws) => aws.region().to_string(),
            Err(error) => error.to_string(),
        };
        let region = std::env::var("AWS_REGION").or_else(|_| std::env::var("AWS_DEFAULT_REGION"));
        assert!(found.contains(&region.unwrap_or_else(|_| "there is no region".into())), "{found}");
    }
}
