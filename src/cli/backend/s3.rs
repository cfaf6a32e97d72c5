//! `backend "s3"`: its arguments, as Terraform 1.11 has them, and the store that they mean.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use aws::bucket::Bucket;
use aws::settings::{AssumeRole, AssumeRoleWithWebIdentity, Settings};
use lang::config::Backend;
use model::diagnostic::{Diagnostic, Diagnostics};
use model::schema::{Attribute, Block, Presence};
use model::ty::{ObjectType, Type};
use model::value::Value;
use provider::adapter::from_value;
use serde::Deserialize;
use state::store::objects::lease::EXPIRY;
use state::store::objects::{ObjectStore, Objects};

use super::DEFAULT_WORKSPACE;

/// What a block says.
#[derive(Clone, Deserialize)]
struct Arguments {
    #[serde(default)]
    bucket: String,
    #[serde(default)]
    key: String,
    #[serde(default = "workspaces_prefix")]
    workspace_key_prefix: String,
    #[serde(default)]
    encrypt: bool,
    kms_key_id: Option<String>,
    acl: Option<String>,
    region: Option<String>,
    sts_region: Option<String>,
    profile: Option<String>,
    access_key: Option<String>,
    secret_key: Option<String>,
    token: Option<String>,
    endpoint: Option<String>,
    sts_endpoint: Option<String>,
    #[serde(default)]
    endpoints: BTreeMap<String, Option<String>>,
    assume_role: Option<AssumeRole>,
    assume_role_with_web_identity: Option<AssumeRoleWithWebIdentity>,
    use_path_style: Option<bool>,
    force_path_style: Option<bool>,
    max_retries: Option<u32>,
    retry_mode: Option<String>,
    #[serde(default)]
    shared_config_files: Vec<String>,
    shared_credentials_file: Option<String>,
    #[serde(default)]
    shared_credentials_files: Vec<String>,
    #[serde(default)]
    allowed_account_ids: Vec<String>,
    #[serde(default)]
    forbidden_account_ids: Vec<String>,
    custom_ca_bundle: Option<String>,
    http_proxy: Option<String>,
    https_proxy: Option<String>,
    no_proxy: Option<String>,
    insecure: Option<bool>,
    use_dualstack_endpoint: Option<bool>,
    use_fips_endpoint: Option<bool>,
    skip_metadata_api_check: Option<bool>,
    skip_region_validation: Option<bool>,
}

fn workspaces_prefix() -> String {
    "env:".to_owned()
}

/// A bucket with the states of a stack.
pub struct Place {
    objects: Arc<dyn Objects>,
    key: String,
    prefix: String,
}

impl Place {
    /// What a block means, once its arguments are known.
    ///
    /// # Errors
    /// Arguments are missing or not supported.
    pub fn of(backend: &Backend, value: &Value) -> Result<Place, Diagnostics> {
        let refuse = |detail: &str, hint: &str| {
            Err(Diagnostics::from(
                Diagnostic::error("Invalid backend configuration", detail).at(backend.declared).hint(hint),
            ))
        };
        for (argument, hint) in UNSUPPORTED {
            if value.get(argument).is_some_and(|value| !value.is_null()) {
                return refuse(&format!("`{argument}` of the backend \"s3\" is not supported."), hint);
            }
        }
        let arguments: Arguments = from_value(value).map_err(|error| {
            Diagnostic::error("Invalid backend configuration", error.to_string()).at(backend.declared)
        })?;
        if arguments.bucket.is_empty() {
            return refuse("The backend \"s3\" needs a bucket.", "Write `bucket = \"..\"`.");
        }
        if arguments.key.is_empty() || arguments.key.starts_with('/') || arguments.key.ends_with('/') {
            return refuse("The backend \"s3\" needs a key, with no slash at its ends.", "Write `key = \"..\"`.");
        }
        let (key, prefix) = (arguments.key.clone(), arguments.workspace_key_prefix.clone());
        Ok(Place { objects: Arc::new(bucket(arguments)), key, prefix })
    }

    /// The store of a workspace.
    ///
    /// # Errors
    /// `INFRA_LOCK_EXPIRY` is no time, or no thread can be started.
    pub fn store(&self, workspace: &str) -> Result<ObjectStore, Diagnostics> {
        let key = match workspace {
            DEFAULT_WORKSPACE => self.key.clone(),
            name => format!("{}/{name}/{}", self.prefix, self.key),
        };
        ObjectStore::new(self.objects.clone(), key, expiry()?)
            .map_err(|error| Diagnostic::error("Failed to reach the state", format!("{error}.")).into())
    }

    /// The workspaces other than the default one that have a state.
    ///
    /// # Errors
    /// The bucket can't be listed.
    pub fn workspaces(&self) -> Result<Vec<String>, Diagnostics> {
        let prefix = format!("{}/", self.prefix);
        let keys = self.store(DEFAULT_WORKSPACE)?.list(&prefix).map_err(|error| {
            Diagnostics::from(Diagnostic::error("Failed to list the workspaces", format!("{error}.")))
        })?;
        let name = |key: &String| {
            let (name, rest) = key.strip_prefix(&prefix)?.split_once('/')?;
            (rest == self.key).then(|| name.to_owned())
        };
        Ok(keys.iter().filter_map(name).collect())
    }
}

/// Arguments that are refused, and what to do.
const UNSUPPORTED: [(&str, &str); 6] = [
    ("dynamodb_table", "Locks are objects beside the state: leave the table out when no other tool locks by it."),
    ("dynamodb_endpoint", "Locks are objects beside the state: leave it out."),
    ("sse_customer_key", "Let S3 or a key of KMS encrypt the state: `encrypt = true`, `kms_key_id`."),
    ("iam_endpoint", "IAM is not asked for anything: leave it out."),
    ("ec2_metadata_service_endpoint", "Set AWS_EC2_METADATA_SERVICE_ENDPOINT in the environment."),
    ("ec2_metadata_service_endpoint_mode", "Set AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE in the environment."),
];

fn bucket(arguments: Arguments) -> Bucket {
    let mut endpoints = arguments.endpoints;
    let named = ["AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT"].iter().find_map(|name| std::env::var(name).ok());
    for (service, address) in [("s3", arguments.endpoint.or(named)), ("sts", arguments.sts_endpoint)] {
        let present = endpoints.entry(service.to_owned()).or_default();
        *present = present.take().or(address);
    }
    let mut credentials_files = arguments.shared_credentials_files;
    credentials_files.extend(arguments.shared_credentials_file);
    Bucket {
        name: arguments.bucket,
        encrypt: arguments.encrypt,
        kms_key_id: arguments.kms_key_id,
        acl: arguments.acl,
        aws: Default::default(),
        settings: Settings {
            access_key: arguments.access_key,
            secret_key: arguments.secret_key,
            token: arguments.token,
            profile: arguments.profile,
            shared_config_files: arguments.shared_config_files,
            shared_credentials_files: credentials_files,
            region: arguments.region,
            sts_region: arguments.sts_region,
            max_retries: arguments.max_retries,
            retry_mode: arguments.retry_mode,
            allowed_account_ids: arguments.allowed_account_ids,
            forbidden_account_ids: arguments.forbidden_account_ids,
            assume_role: arguments.assume_role.into_iter().collect(),
            assume_role_with_web_identity: arguments.assume_role_with_web_identity.into_iter().collect(),
            endpoints: vec![endpoints],
            custom_ca_bundle: arguments.custom_ca_bundle,
            http_proxy: arguments.http_proxy,
            https_proxy: arguments.https_proxy,
            no_proxy: arguments.no_proxy,
            insecure: arguments.insecure,
            use_dualstack_endpoint: arguments.use_dualstack_endpoint,
            use_fips_endpoint: arguments.use_fips_endpoint,
            s3_use_path_style: arguments.use_path_style.or(arguments.force_path_style),
            skip_metadata_api_check: arguments.skip_metadata_api_check.map(|skip| skip.to_string()),
            skip_region_validation: arguments.skip_region_validation,
            ..Settings::default()
        },
    }
}

/// How long a lock lives without being renewed: `INFRA_LOCK_EXPIRY` in seconds.
fn expiry() -> Result<Duration, Diagnostics> {
    let Ok(text) = std::env::var("INFRA_LOCK_EXPIRY") else { return Ok(EXPIRY) };
    match text.parse() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds)),
        Ok(_) | Err(_) => {
            let detail = format!("INFRA_LOCK_EXPIRY is {text:?}, and must be a number of seconds above 0.");
            Err(Diagnostic::error("Invalid time for locks", detail).into())
        }
    }
}

/// The arguments of a block.
pub fn schema() -> Block {
    let texts = [
        "bucket",
        "key",
        "workspace_key_prefix",
        "kms_key_id",
        "acl",
        "region",
        "sts_region",
        "profile",
        "access_key",
        "secret_key",
        "token",
        "endpoint",
        "sts_endpoint",
        "iam_endpoint",
        "dynamodb_endpoint",
        "dynamodb_table",
        "sse_customer_key",
        "retry_mode",
        "shared_credentials_file",
        "custom_ca_bundle",
        "http_proxy",
        "https_proxy",
        "no_proxy",
        "ec2_metadata_service_endpoint",
        "ec2_metadata_service_endpoint_mode",
    ];
    let flags = [
        "encrypt",
        "use_path_style",
        "force_path_style",
        "insecure",
        "use_dualstack_endpoint",
        "use_fips_endpoint",
        "use_lockfile",
        "skip_credentials_validation",
        "skip_metadata_api_check",
        "skip_region_validation",
        "skip_requesting_account_id",
        "skip_s3_checksum",
    ];
    let lists = ["shared_config_files", "shared_credentials_files", "allowed_account_ids", "forbidden_account_ids"];
    let role = [
        ("role_arn", Type::String),
        ("duration", Type::String),
        ("policy", Type::String),
        ("policy_arns", Type::list(Type::String)),
        ("session_name", Type::String),
    ];
    let own = [
        ("external_id", Type::String),
        ("source_identity", Type::String),
        ("tags", Type::map(Type::String)),
        ("transitive_tag_keys", Type::list(Type::String)),
    ];
    let identity = [("web_identity_token", Type::String), ("web_identity_token_file", Type::String)];
    let each = |names: &[&'static str], ty: &Type| -> Vec<(&'static str, Type)> {
        names.iter().map(|name| (*name, ty.clone())).collect()
    };
    let arguments = each(&texts, &Type::String)
        .into_iter()
        .chain(each(&flags, &Type::Bool))
        .chain(each(&lists, &Type::list(Type::String)))
        .chain([
            ("max_retries", Type::Number),
            ("endpoints", Type::map(Type::String)),
            ("assume_role", all_optional(role.iter().chain(&own))),
            ("assume_role_with_web_identity", all_optional(role.iter().chain(&identity))),
        ]);
    let optional = |ty| Attribute::new(ty, Presence::Optional);
    Block { attributes: arguments.map(|(name, ty)| (name.into(), optional(ty))).collect(), ..Block::default() }
}

fn all_optional<'a>(attributes: impl Iterator<Item = &'a (&'static str, Type)>) -> Type {
    let attributes: BTreeMap<Arc<str>, Type> = attributes.map(|(name, ty)| ((*name).into(), ty.clone())).collect();
    let optional = attributes.keys().cloned().collect();
    Type::Object(Arc::new(ObjectType { attributes, optional }))
}
