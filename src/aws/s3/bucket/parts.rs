//! All parts of a bucket: read at the same time, written one after the other where they differ.

use aws_sdk_s3::types::{
    AccelerateConfiguration, BucketAccelerateStatus, BucketLoggingStatus, LoggingEnabled, Payer,
    RequestPaymentConfiguration,
};
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::bucket::{Bucket, access, lifecycle, replication, versions, website};
use crate::s3::retry::retry;
use crate::s3::{bucket_policy, configured, encryption, region, tags};

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Logging {
    target_bucket: String,
    target_prefix: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Encryption {
    rule: Vec<encryption::Rule>,
}

/// The bucket with its parts as they are.
///
/// # Errors
/// As the service; also that the bucket went away in between.
pub async fn read(aws: &Aws, bucket: Bucket) -> Result<Bucket, ProviderError> {
    let name = bucket.id.as_str();
    let (policy, grant, cors_rule, website, versioning, object_lock) = futures::try_join!(
        bucket_policy::read(aws, name),
        access::read(aws, name),
        website::read_cors(aws, name),
        website::read(aws, name),
        versions::read(aws, name),
        versions::read_lock(aws, name),
    )?;
    let (acceleration_status, request_payer, logging, lifecycle_rule, replication, encryption, tags_all) = futures::try_join!(
        acceleration_status(aws, name),
        request_payer(aws, name),
        logging(aws, name),
        lifecycle::read(aws, name),
        replication::read(aws, name),
        encryption::read(aws, name, ""),
        tags::read(aws, name),
    )?;
    let website_domain = (!website.is_empty()).then(|| region::website_domain(&bucket.region));
    Ok(Bucket {
        acceleration_status,
        cors_rule,
        grant,
        lifecycle_rule,
        logging,
        object_lock_enabled: object_lock.first().is_some_and(versions::ObjectLock::is_enabled),
        object_lock_configuration: object_lock,
        policy: policy.map(|policy| bucket_policy::as_known(policy, &bucket.policy)).unwrap_or_default(),
        replication_configuration: replication,
        request_payer,
        server_side_encryption_configuration: encryption.map(Encryption::of).into_iter().collect(),
        tags_all,
        versioning,
        website_endpoint: website_domain.as_ref().map(|domain| format!("{name}.{domain}")),
        website,
        website_domain,
        ..bucket
    })
}

/// Writes the parts that differ.
pub async fn write(aws: &Aws, have: &Bucket, want: &Bucket) -> Result<(), ProviderError> {
    let name = have.id.as_str();
    if !crate::policy::is_equivalent(&have.policy, &want.policy) {
        match want.policy.as_str() {
            "" => bucket_policy::delete(aws, name).await?,
            policy => bucket_policy::put(aws, name, policy).await?,
        }
    }
    if have.cors_rule != want.cors_rule {
        website::write_cors(aws, name, &want.cors_rule).await?;
    }
    if have.website != want.website {
        website::write(aws, name, want.website.first()).await?;
    }
    if have.versioning != want.versioning {
        versions::write(aws, name, &have.versioning, &want.versioning).await?;
    }
    if have.acl != want.acl
        && let Some(acl) = want.acl.as_deref().filter(|acl| !acl.is_empty())
    {
        access::put_canned(aws, name, acl).await?;
    }
    if have.grant != want.grant {
        access::write(aws, name, &want.grant).await?;
    }
    if have.logging != want.logging {
        write_logging(aws, name, want.logging.first()).await?;
    }
    if have.lifecycle_rule != want.lifecycle_rule {
        lifecycle::write(aws, name, &want.lifecycle_rule).await?;
    }
    if have.acceleration_status != want.acceleration_status && !want.acceleration_status.is_empty() {
        write_acceleration_status(aws, name, &want.acceleration_status).await?;
    }
    if have.request_payer != want.request_payer && !want.request_payer.is_empty() {
        write_request_payer(aws, name, &want.request_payer).await?;
    }
    if have.replication_configuration != want.replication_configuration {
        replication::write(aws, name, want.replication_configuration.first()).await?;
    }
    if have.server_side_encryption_configuration != want.server_side_encryption_configuration {
        match want.server_side_encryption_configuration.first() {
            Some(encryption) => encryption::put(aws, name, "", &encryption.rule).await?,
            None => encryption::delete(aws, name, "").await?,
        }
    }
    if have.object_lock_configuration != want.object_lock_configuration {
        versions::write_lock(aws, name, want.object_lock_configuration.first()).await?;
    }
    Ok(())
}

impl Encryption {
    /// The rules as this block has them: whether a bucket key is used is always said.
    fn of(rules: Vec<encryption::Rule>) -> Encryption {
        let said = |rule: encryption::Rule| encryption::Rule {
            bucket_key_enabled: Some(rule.bucket_key_enabled.unwrap_or(false)),
            ..rule
        };
        Encryption { rule: rules.into_iter().map(said).collect() }
    }
}

async fn acceleration_status(aws: &Aws, bucket: &str) -> Result<String, ProviderError> {
    let get = aws.s3().get_bucket_accelerate_configuration().bucket(bucket);
    let answer = configured(get.send().await.operation("s3:GetAccelerateConfiguration"))?;
    Ok(answer.and_then(|answer| answer.status).map(|status| status.as_str().to_string()).unwrap_or_default())
}

async fn write_acceleration_status(aws: &Aws, bucket: &str, status: &str) -> Result<(), ProviderError> {
    let configuration = AccelerateConfiguration::builder().status(BucketAccelerateStatus::from(status)).build();
    retry(|| async {
        let put = aws.s3().put_bucket_accelerate_configuration().bucket(bucket);
        let put = put.accelerate_configuration(configuration.clone());
        put.send().await.operation("s3:PutAccelerateConfiguration").map(drop)
    })
    .await
}

async fn request_payer(aws: &Aws, bucket: &str) -> Result<String, ProviderError> {
    let get = aws.s3().get_bucket_request_payment().bucket(bucket);
    let answer = configured(get.send().await.operation("s3:GetBucketRequestPayment"))?;
    Ok(answer.and_then(|answer| answer.payer).map(|payer| payer.as_str().to_string()).unwrap_or_default())
}

async fn write_request_payer(aws: &Aws, bucket: &str, payer: &str) -> Result<(), ProviderError> {
    let configuration =
        RequestPaymentConfiguration::builder().payer(Payer::from(payer)).build().expect("the payer is given");
    retry(|| async {
        let put = aws.s3().put_bucket_request_payment().bucket(bucket);
        let put = put.request_payment_configuration(configuration.clone());
        put.send().await.operation("s3:PutBucketRequestPayment").map(drop)
    })
    .await
}

async fn logging(aws: &Aws, bucket: &str) -> Result<Vec<Logging>, ProviderError> {
    let get = aws.s3().get_bucket_logging().bucket(bucket);
    let answer = configured(get.send().await.operation("s3:GetBucketLogging"))?;
    let enabled = answer.and_then(|answer| answer.logging_enabled);
    let logging =
        |live: LoggingEnabled| Logging { target_bucket: live.target_bucket, target_prefix: live.target_prefix };
    Ok(enabled.map(logging).into_iter().collect())
}

async fn write_logging(aws: &Aws, bucket: &str, logging: Option<&Logging>) -> Result<(), ProviderError> {
    let enabled = logging.map(|logging| {
        let enabled = LoggingEnabled::builder().target_bucket(&logging.target_bucket);
        enabled.target_prefix(&logging.target_prefix).build().expect("bucket and prefix are given")
    });
    let status = BucketLoggingStatus::builder().set_logging_enabled(enabled).build();
    retry(|| async {
        let put = aws.s3().put_bucket_logging().bucket(bucket).bucket_logging_status(status.clone());
        put.send().await.operation("s3:PutBucketLogging").map(drop)
    })
    .await
}
