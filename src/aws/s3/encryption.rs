//! How objects of a bucket are encrypted where their upload does not say.

use aws_sdk_s3::types::{
    ServerSideEncryption, ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule,
};
use provider::error::ProviderError;
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::retry::retry;
use crate::s3::{configured, given};

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    pub apply_server_side_encryption_by_default: Vec<ByDefault>,
    pub bucket_key_enabled: Option<bool>,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct ByDefault {
    pub kms_master_key_id: String,
    pub sse_algorithm: String,
}

/// The rules of a bucket; `None` when it has none.
pub async fn read(aws: &Aws, bucket: &str, owner: &str) -> Result<Option<Vec<Rule>>, ProviderError> {
    let get = aws.s3().get_bucket_encryption().bucket(bucket).set_expected_bucket_owner(given(owner));
    let answer = configured(get.send().await.operation("s3:GetEncryptionConfiguration"))?;
    let configuration = answer.and_then(|answer| answer.server_side_encryption_configuration);
    Ok(configuration.map(|configuration| configuration.rules.into_iter().map(Rule::live).collect()))
}

pub async fn put(aws: &Aws, bucket: &str, owner: &str, rules: &[Rule]) -> Result<(), ProviderError> {
    let rules: Vec<ServerSideEncryptionRule> = rules.iter().map(Rule::request).collect();
    let configuration =
        ServerSideEncryptionConfiguration::builder().set_rules(Some(rules)).build().expect("the rules are given");
    retry(|| async {
        let put = aws.s3().put_bucket_encryption().bucket(bucket).set_expected_bucket_owner(given(owner));
        let put = put.server_side_encryption_configuration(configuration.clone());
        put.send().await.operation("s3:PutEncryptionConfiguration").map(drop)
    })
    .await
}

/// Goes back to S3's own default: every object encrypted with keys that S3 manages.
pub async fn delete(aws: &Aws, bucket: &str, owner: &str) -> Result<(), ProviderError> {
    retry(|| async {
        let delete = aws.s3().delete_bucket_encryption().bucket(bucket).set_expected_bucket_owner(given(owner));
        delete.send().await.operation("s3:PutEncryptionConfiguration").map(drop)
    })
    .await
}

impl Rule {
    fn live(live: ServerSideEncryptionRule) -> Rule {
        let default = live.apply_server_side_encryption_by_default.map(|default| ByDefault {
            kms_master_key_id: default.kms_master_key_id.unwrap_or_default(),
            sse_algorithm: default.sse_algorithm.as_str().to_string(),
        });
        Rule {
            apply_server_side_encryption_by_default: default.into_iter().collect(),
            bucket_key_enabled: live.bucket_key_enabled,
        }
    }

    fn request(&self) -> ServerSideEncryptionRule {
        let default = self.apply_server_side_encryption_by_default.first().map(|default| {
            ServerSideEncryptionByDefault::builder()
                .sse_algorithm(ServerSideEncryption::from(default.sse_algorithm.as_str()))
                .set_kms_master_key_id(given(&default.kms_master_key_id))
                .build()
                .expect("the algorithm is given")
        });
        ServerSideEncryptionRule::builder()
            .set_apply_server_side_encryption_by_default(default)
            .set_bucket_key_enabled(self.bucket_key_enabled)
            .build()
    }
}
