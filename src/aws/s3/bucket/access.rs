//! Who may use a bucket by its access control list.

use std::collections::BTreeMap;

use aws_sdk_s3::types::{AccessControlPolicy, BucketCannedAcl, Grant as LiveGrant, Grantee, Permission, Type};
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::retry::retry;
use crate::s3::{configured, given};

/// All permissions of one grantee.
#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Grant {
    id: String,
    permissions: Vec<String>,
    r#type: String,
    uri: String,
}

pub async fn read(aws: &Aws, bucket: &str) -> Result<Vec<Grant>, ProviderError> {
    let answer = aws.s3().get_bucket_acl().bucket(bucket).send().await.operation("s3:GetBucketAcl");
    let grants = configured(answer)?.and_then(|answer| answer.grants).unwrap_or_default();
    Ok(by_grantee(grants))
}

/// Gives a bucket one of the lists that S3 has a name for.
pub async fn put_canned(aws: &Aws, bucket: &str, acl: &str) -> Result<(), ProviderError> {
    retry(|| async {
        let put = aws.s3().put_bucket_acl().bucket(bucket).acl(BucketCannedAcl::from(acl));
        put.send().await.operation("s3:PutBucketAcl").map(drop)
    })
    .await
}

/// Gives a bucket these grants; without any it is its owner's alone.
pub async fn write(aws: &Aws, bucket: &str, grants: &[Grant]) -> Result<(), ProviderError> {
    if grants.is_empty() {
        return put_canned(aws, bucket, "private").await;
    }
    let live = aws.s3().get_bucket_acl().bucket(bucket).send().await.operation("s3:GetBucketAcl")?;
    let grants = grants.iter().flat_map(Grant::requests).collect();
    let policy = AccessControlPolicy::builder().set_owner(live.owner).set_grants(Some(grants)).build();
    retry(|| async {
        let put = aws.s3().put_bucket_acl().bucket(bucket).access_control_policy(policy.clone());
        put.send().await.operation("s3:PutBucketAcl").map(drop)
    })
    .await
}

fn by_grantee(grants: Vec<LiveGrant>) -> Vec<Grant> {
    let mut permissions: BTreeMap<(String, String, String), Vec<String>> = BTreeMap::new();
    for grant in grants {
        let Some(grantee) = grant.grantee else { continue };
        let key =
            (grantee.r#type.as_str().to_string(), grantee.id.unwrap_or_default(), grantee.uri.unwrap_or_default());
        permissions.entry(key).or_default().extend(grant.permission.map(|granted| granted.as_str().to_string()));
    }
    let grant = |((r#type, id, uri), permissions)| Grant { id, permissions, r#type, uri };
    permissions.into_iter().map(grant).collect()
}

impl Grant {
    fn requests(&self) -> impl Iterator<Item = LiveGrant> {
        self.permissions.iter().map(|permission| {
            let grantee = Grantee::builder()
                .r#type(Type::from(self.r#type.as_str()))
                .set_id(given(&self.id))
                .set_uri(given(&self.uri))
                .build()
                .expect("the type is given");
            LiveGrant::builder().grantee(grantee).permission(Permission::from(permission.as_str())).build()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_of_one_grantee_are_gathered() {
        let grantee = Grant { id: "a".into(), r#type: "CanonicalUser".into(), ..Grant::default() };
        let granted = Grant { permissions: vec!["READ".into(), "WRITE".into()], ..grantee };
        assert_eq!(by_grantee(granted.requests().collect()), [granted]);
    }
}
