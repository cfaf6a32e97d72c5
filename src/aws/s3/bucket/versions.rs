//! Old versions of objects: whether they are kept, and how long they must be.

use aws_sdk_s3::types::{
    BucketVersioningStatus, DefaultRetention as LiveRetention, MfaDelete, MfaDeleteStatus, ObjectLockConfiguration,
    ObjectLockEnabled, ObjectLockRetentionMode, ObjectLockRule, VersioningConfiguration,
};
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::configured;
use crate::s3::retry::retry;

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Versioning {
    enabled: bool,
    mfa_delete: bool,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct ObjectLock {
    object_lock_enabled: String,
    rule: Vec<LockRule>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct LockRule {
    default_retention: Vec<Retention>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Retention {
    days: i32,
    mode: String,
    years: i32,
}

pub async fn read(aws: &Aws, bucket: &str) -> Result<Vec<Versioning>, ProviderError> {
    let answer = aws.s3().get_bucket_versioning().bucket(bucket).send().await.operation("s3:GetBucketVersioning");
    Ok(configured(answer)?
        .into_iter()
        .map(|live| Versioning {
            enabled: live.status == Some(BucketVersioningStatus::Enabled),
            mfa_delete: live.mfa_delete == Some(MfaDeleteStatus::Enabled),
        })
        .collect())
}

/// Turns versions on or off; nothing is put for a bucket that never had them and shall have none.
pub async fn write(aws: &Aws, bucket: &str, have: &[Versioning], want: &[Versioning]) -> Result<(), ProviderError> {
    let Some(want) = want.first() else { return Ok(()) };
    if have.is_empty() && *want == Versioning::default() {
        return Ok(());
    }
    let had_mfa = have.first().is_some_and(|have| have.mfa_delete);
    let status = if want.enabled { BucketVersioningStatus::Enabled } else { BucketVersioningStatus::Suspended };
    let mfa = if want.mfa_delete { MfaDelete::Enabled } else { MfaDelete::Disabled };
    let configuration = VersioningConfiguration::builder()
        .status(status)
        .set_mfa_delete((want.mfa_delete || had_mfa).then_some(mfa))
        .build();
    retry(|| async {
        let put = aws.s3().put_bucket_versioning().bucket(bucket).versioning_configuration(configuration.clone());
        put.send().await.operation("s3:PutBucketVersioning").map(drop)
    })
    .await
}

pub async fn read_lock(aws: &Aws, bucket: &str) -> Result<Vec<ObjectLock>, ProviderError> {
    let get = aws.s3().get_object_lock_configuration().bucket(bucket);
    let answer = configured(get.send().await.operation("s3:GetBucketObjectLockConfiguration"))?;
    let live = answer.and_then(|answer| answer.object_lock_configuration);
    Ok(live.map(ObjectLock::live).into_iter().collect())
}

pub async fn write_lock(aws: &Aws, bucket: &str, want: Option<&ObjectLock>) -> Result<(), ProviderError> {
    // A lock that is on stays on; a bucket was made with it.
    let Some(want) = want else { return Ok(()) };
    let configuration = want.request();
    retry(|| async {
        let put = aws.s3().put_object_lock_configuration().bucket(bucket);
        let put = put.object_lock_configuration(configuration.clone());
        put.send().await.operation("s3:PutBucketObjectLockConfiguration").map(drop)
    })
    .await
}

impl ObjectLock {
    pub fn is_enabled(&self) -> bool {
        self.object_lock_enabled == ObjectLockEnabled::Enabled.as_str()
    }

    fn live(live: ObjectLockConfiguration) -> ObjectLock {
        let retention = |live: LiveRetention| Retention {
            days: live.days.unwrap_or_default(),
            mode: live.mode.map(|mode| mode.as_str().to_string()).unwrap_or_default(),
            years: live.years.unwrap_or_default(),
        };
        let rule = |live: ObjectLockRule| LockRule {
            default_retention: live.default_retention.map(retention).into_iter().collect(),
        };
        ObjectLock {
            object_lock_enabled: live.object_lock_enabled.map(|is| is.as_str().to_string()).unwrap_or_default(),
            rule: live.rule.map(rule).into_iter().collect(),
        }
    }

    fn request(&self) -> ObjectLockConfiguration {
        let retention = self.rule.first().and_then(|rule| rule.default_retention.first()).map(|retention| {
            LiveRetention::builder()
                .mode(ObjectLockRetentionMode::from(retention.mode.as_str()))
                .set_days((retention.days > 0).then_some(retention.days))
                .set_years((retention.years > 0).then_some(retention.years))
                .build()
        });
        let rule = retention.map(|retention| ObjectLockRule::builder().default_retention(retention).build());
        ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).set_rule(rule).build()
    }
}
