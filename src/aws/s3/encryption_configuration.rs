//! `aws_s3_bucket_server_side_encryption_configuration`: how objects are encrypted where their upload does not say.
//!
//! Every bucket has such a configuration; one that is deleted goes back to keys that S3 manages, so that it is still there.

use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::s3::encryption::{self, Rule};
use crate::s3::{identifier, part};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EncryptionConfiguration {
    bucket: String,
    expected_bucket_owner: String,
    id: String,
    rule: Vec<Rule>,
}

impl Resource for EncryptionConfiguration {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_s3_bucket_server_side_encryption_configuration";
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(3, 3, 3);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        encryption::put(aws, &want.bucket, &want.expected_bucket_owner, &want.rule).await?;
        Ok(EncryptionConfiguration { id: identifier::of(&want.bucket, &want.expected_bucket_owner), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.rule == want.rule {
            return Ok(());
        }
        encryption::put(aws, &want.bucket, &want.expected_bucket_owner, &want.rule).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        part(encryption::delete(aws, &have.bucket, &have.expected_bucket_owner).await).map(drop)
    }

    fn readiness(&self, want: &Self) -> Readiness {
        let algorithms = |rules: &[Rule]| -> Vec<String> {
            let defaults = rules.iter().flat_map(|rule| &rule.apply_server_side_encryption_by_default);
            defaults.map(|default| default.sse_algorithm.clone()).collect()
        };
        if algorithms(&self.rule) == algorithms(&want.rule) {
            Readiness::Settled
        } else {
            Readiness::Pending("the new rules to take effect".into())
        }
    }

    /// Putting the rules once more changes nothing, so that an interrupted create may be repeated.
    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let (bucket, expected_bucket_owner) = identifier::parse(id);
        Ok(EncryptionConfiguration { bucket, expected_bucket_owner, id: id.to_string(), rule: Vec::new() })
    }

    /// A key belongs to an algorithm of KMS: Amazon S3 API Reference, `ServerSideEncryptionByDefault`.
    fn validate(config: &Value) -> Vec<Refusal> {
        let mut refusals: Vec<Refusal> = identifier::refuse_owner(config).into_iter().collect();
        let Some(rules) = config.get("rule") else { return refusals };
        rules.each_child(|step, rule| {
            let path = Path::attribute("rule").child(step);
            let Some(defaults) = rule.get("apply_server_side_encryption_by_default") else { return };
            defaults.each_child(|step, default| {
                let path = path.child(model::path::Step::Attribute("apply_server_side_encryption_by_default".into()));
                let algorithm = default.get("sse_algorithm");
                let key = default.get("kms_master_key_id");
                let is_managed_by_s3 = algorithm.is_some_and(|text| text.reveal().as_str() == Some("AES256"));
                if is_managed_by_s3 && key.is_some_and(|key| key.reveal().as_str().is_some_and(|key| !key.is_empty())) {
                    refusals.push(Refusal {
                        attribute: path.child(step).child(model::path::Step::Attribute("kms_master_key_id".into())),
                        summary: "a key of KMS for an algorithm without one".into(),
                        detail: "`kms_master_key_id` goes with `sse_algorithm = \"aws:kms\"` or `\"aws:kms:dsse\"`."
                            .into(),
                    });
                }
            });
        });
        refusals
    }
}

async fn read_one(aws: &Aws, have: &EncryptionConfiguration) -> Result<Option<EncryptionConfiguration>, ProviderError> {
    let rules = part(encryption::read(aws, &have.bucket, &have.expected_bucket_owner).await)?.flatten();
    Ok(rules.map(|rule| EncryptionConfiguration { rule, ..have.clone() }))
}
