//! `aws_s3_bucket_ownership_controls`: who owns the objects that other accounts upload, and whether ACLs count.

use aws_sdk_s3::types::{ObjectOwnership, OwnershipControls as LiveControls, OwnershipControlsRule};
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
pub struct OwnershipControls {
    bucket: String,
    id: String,
    rule: Vec<Rule>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Rule {
    object_ownership: String,
}

impl Resource for OwnershipControls {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_s3_bucket_ownership_controls";
    const TIMEOUTS: Timeouts = Timeouts::minutes(3, 3, 3);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        put(aws, want).await?;
        Ok(OwnershipControls { id: want.bucket.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.rule == want.rule { Ok(()) } else { put(aws, want).await }
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        retry(|| async {
            let delete = aws.s3().delete_bucket_ownership_controls().bucket(&have.id);
            part(delete.send().await.operation("s3:PutBucketOwnershipControls")).map(drop)
        })
        .await
    }

    fn readiness(&self, want: &Self) -> Readiness {
        if self.rule == want.rule {
            Readiness::Settled
        } else {
            Readiness::Pending("the new rule to take effect".into())
        }
    }

    /// Putting the rule once more changes nothing, so that an interrupted create may be repeated.
    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(OwnershipControls { bucket: id.to_string(), id: id.to_string(), rule: Vec::new() })
    }
}

async fn read_one(aws: &Aws, have: &OwnershipControls) -> Result<Option<OwnershipControls>, ProviderError> {
    let get = aws.s3().get_bucket_ownership_controls().bucket(&have.id);
    let answer = part(get.send().await.operation("s3:GetBucketOwnershipControls"))?;
    let controls = answer.and_then(|answer| answer.ownership_controls);
    Ok(controls.map(|controls| {
        let rule = |rule: OwnershipControlsRule| Rule { object_ownership: rule.object_ownership.as_str().to_string() };
        OwnershipControls { rule: controls.rules.into_iter().map(rule).collect(), ..have.clone() }
    }))
}

async fn put(aws: &Aws, want: &OwnershipControls) -> Result<(), ProviderError> {
    let rule = |rule: &Rule| {
        let ownership = ObjectOwnership::from(rule.object_ownership.as_str());
        OwnershipControlsRule::builder().object_ownership(ownership).build().expect("the ownership is given")
    };
    let rules = want.rule.iter().map(rule).collect();
    let controls = LiveControls::builder().set_rules(Some(rules)).build().expect("the rules are given");
    retry(|| async {
        let put = aws.s3().put_bucket_ownership_controls().bucket(&want.bucket).ownership_controls(controls.clone());
        put.send().await.operation("s3:PutBucketOwnershipControls").map(drop)
    })
    .await
}
