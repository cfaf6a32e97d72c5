//! `aws_s3_bucket_policy`: who may do what with a bucket and its objects.

use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::policy;
use crate::s3::part;
use crate::s3::retry::retry;

/// The most characters of a policy: Amazon S3 User Guide, "Bucket policies".
const LENGTH_MAX: usize = 20 * 1024;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketPolicy {
    bucket: String,
    id: String,
    policy: String,
}

impl Resource for BucketPolicy {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_s3_bucket_policy";
    const TIMEOUTS: Timeouts = Timeouts::minutes(3, 3, 3);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        put(aws, &want.bucket, &want.policy).await?;
        Ok(BucketPolicy { id: want.bucket.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if policy::is_equivalent(&have.policy, &want.policy) {
            Ok(())
        } else {
            put(aws, &want.bucket, &want.policy).await
        }
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        delete(aws, &have.id).await
    }

    fn readiness(&self, want: &Self) -> Readiness {
        if policy::is_equivalent(&self.policy, &want.policy) {
            Readiness::Settled
        } else {
            Readiness::Pending("the new policy to take effect".into())
        }
    }

    /// Putting the policy once more changes nothing, so that an interrupted create may be repeated.
    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(BucketPolicy { bucket: id.to_string(), id: id.to_string(), ..BucketPolicy::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        attribute == "policy" && policy::is_equivalent_value(prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refuse(config, "policy").into_iter().collect()
    }
}

/// The policy of a bucket; `None` when it has none.
pub async fn read(aws: &Aws, bucket: &str) -> Result<Option<String>, ProviderError> {
    let answer = aws.s3().get_bucket_policy().bucket(bucket).send().await.operation("s3:GetBucketPolicy");
    Ok(super::configured(answer)?.and_then(|answer| answer.policy))
}

pub async fn put(aws: &Aws, bucket: &str, policy: &str) -> Result<(), ProviderError> {
    retry(|| async {
        let put = aws.s3().put_bucket_policy().bucket(bucket).policy(policy);
        put.send().await.operation("s3:PutBucketPolicy").map(drop)
    })
    .await
}

pub async fn delete(aws: &Aws, bucket: &str) -> Result<(), ProviderError> {
    let delete = aws.s3().delete_bucket_policy().bucket(bucket);
    part(delete.send().await.operation("s3:DeleteBucketPolicy")).map(drop)
}

/// The live policy as it is known already, where both mean the same.
pub fn as_known(live: String, known: &str) -> String {
    if policy::is_equivalent(&live, known) { known.to_string() } else { policy::normalized(live) }
}

/// What is wrong with the text of a policy, if anything.
pub fn refuse(config: &Value, attribute: &str) -> Option<Refusal> {
    let value = config.get(attribute)?;
    let text = value.reveal().as_str().filter(|text| !text.is_empty())?;
    let detail = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) if text.len() > LENGTH_MAX => {
            format!("It has {} bytes; at most {LENGTH_MAX} are allowed.", text.len())
        }
        Ok(serde_json::Value::Object(_)) => return None,
        Ok(_) => "A policy is a JSON object.".to_string(),
        Err(error) => format!("It is no JSON: {error}."),
    };
    let summary = format!("\"{attribute}\" contains an invalid JSON policy");
    Some(Refusal { attribute: Path::attribute(attribute), summary, detail })
}

async fn read_one(aws: &Aws, have: &BucketPolicy) -> Result<Option<BucketPolicy>, ProviderError> {
    let Some(Some(live)) = part(read(aws, &have.id).await)? else { return Ok(None) };
    Ok(Some(BucketPolicy { policy: as_known(live, &have.policy), ..have.clone() }))
}
