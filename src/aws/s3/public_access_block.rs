//! `aws_s3_bucket_public_access_block`: four locks against making a bucket public.

use aws_sdk_s3::types::PublicAccessBlockConfiguration;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::part;
use crate::s3::retry::retry;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PublicAccessBlock {
    block_public_acls: bool,
    block_public_policy: bool,
    bucket: String,
    id: String,
    ignore_public_acls: bool,
    restrict_public_buckets: bool,
}

impl Resource for PublicAccessBlock {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_s3_bucket_public_access_block";
    const TIMEOUTS: Timeouts = Timeouts::minutes(3, 3, 3);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        put(aws, want).await?;
        Ok(PublicAccessBlock { id: want.bucket.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.locks() == want.locks() { Ok(()) } else { put(aws, want).await }
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let deleted = retry(|| async {
            let delete = aws.s3().delete_public_access_block().bucket(&have.id);
            part(delete.send().await.operation("s3:PutBucketPublicAccessBlock")).map(drop)
        });
        deleted.await
    }

    fn readiness(&self, want: &Self) -> Readiness {
        if self.locks() == want.locks() {
            Readiness::Settled
        } else {
            Readiness::Pending("the new settings to take effect".into())
        }
    }

    /// Putting the settings once more changes nothing, so that an interrupted create may be repeated.
    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(PublicAccessBlock { bucket: id.to_string(), id: id.to_string(), ..PublicAccessBlock::default() })
    }
}

impl PublicAccessBlock {
    fn locks(&self) -> [bool; 4] {
        [self.block_public_acls, self.block_public_policy, self.ignore_public_acls, self.restrict_public_buckets]
    }
}

async fn read_one(aws: &Aws, have: &PublicAccessBlock) -> Result<Option<PublicAccessBlock>, ProviderError> {
    let get = aws.s3().get_public_access_block().bucket(&have.id);
    let answer = part(get.send().await.operation("s3:GetBucketPublicAccessBlock"))?;
    let live = answer.and_then(|answer| answer.public_access_block_configuration);
    Ok(live.map(|live| PublicAccessBlock {
        block_public_acls: live.block_public_acls.unwrap_or_default(),
        block_public_policy: live.block_public_policy.unwrap_or_default(),
        ignore_public_acls: live.ignore_public_acls.unwrap_or_default(),
        restrict_public_buckets: live.restrict_public_buckets.unwrap_or_default(),
        bucket: have.id.clone(),
        id: have.id.clone(),
    }))
}

async fn put(aws: &Aws, want: &PublicAccessBlock) -> Result<(), ProviderError> {
    let configuration = PublicAccessBlockConfiguration::builder()
        .block_public_acls(want.block_public_acls)
        .block_public_policy(want.block_public_policy)
        .ignore_public_acls(want.ignore_public_acls)
        .restrict_public_buckets(want.restrict_public_buckets)
        .build();
    retry(|| async {
        let put = aws.s3().put_public_access_block().bucket(&want.bucket);
        let put = put.public_access_block_configuration(configuration.clone());
        put.send().await.operation("s3:PutBucketPublicAccessBlock").map(drop)
    })
    .await
}
