//! `aws_s3_bucket_versioning`: whether a bucket keeps old versions of its objects.
//!
//! A bucket that was versioned once can only be suspended. `Disabled` stands for a bucket that never was: nothing is put
//! for it, and it is refused for one that is versioned.

use aws_sdk_s3::types::{BucketVersioningStatus, MfaDelete, VersioningConfiguration};
use model::path::Path;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::retry::retry;
use crate::s3::{given, identifier, part};

/// The status of a bucket that never had another one.
const DISABLED: &str = "Disabled";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketVersioning {
    bucket: String,
    expected_bucket_owner: String,
    id: String,
    mfa: Option<String>,
    versioning_configuration: Vec<Versioning>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Versioning {
    mfa_delete: String,
    status: String,
}

impl Resource for BucketVersioning {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_s3_bucket_versioning";
    const WAITS_FOR_DELETE: bool = false;
    const TIMEOUTS: Timeouts = Timeouts::minutes(3, 3, 3);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        if want.status() == DISABLED {
            let live = read_one(aws, want).await?;
            if let Some(live) = live.filter(|live| live.status() != DISABLED) {
                return Err(not_disabled(live.status()));
            }
        } else {
            put(aws, want).await?;
        }
        Ok(BucketVersioning { id: identifier::of(&want.bucket, &want.expected_bucket_owner), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.versioning_configuration == want.versioning_configuration {
            return Ok(());
        }
        if want.status() == DISABLED {
            return Err(not_disabled(have.status()));
        }
        put(aws, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        if have.status() == DISABLED {
            return Ok(());
        }
        let configuration = Versioning { status: "Suspended".into(), ..Versioning::default() };
        put(aws, &BucketVersioning { versioning_configuration: vec![configuration], ..have.clone() }).await
    }

    fn readiness(&self, want: &Self) -> Readiness {
        if self.status() == want.status() {
            Readiness::Settled
        } else {
            Readiness::Pending(format!("versioning to be {}", want.status()))
        }
    }

    /// Putting the configuration once more changes nothing, so that an interrupted create may be repeated.
    async fn find(_aws: &Aws, _want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        Ok(None)
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let (bucket, expected_bucket_owner) = identifier::parse(id);
        Ok(BucketVersioning { bucket, expected_bucket_owner, id: id.to_string(), ..BucketVersioning::default() })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        identifier::refuse_owner(config).into_iter().collect()
    }
}

impl BucketVersioning {
    fn status(&self) -> &str {
        self.versioning_configuration.first().map_or(DISABLED, |configuration| configuration.status.as_str())
    }
}

fn not_disabled(status: &str) -> ProviderError {
    let message = format!("versioning is {status}, and a bucket that was versioned once can't be `{DISABLED}`");
    ProviderError::invalid("s3:PutBucketVersioning", message)
        .attribute(Path::attribute("versioning_configuration"))
        .hint("use `Suspended`")
}

async fn read_one(aws: &Aws, have: &BucketVersioning) -> Result<Option<BucketVersioning>, ProviderError> {
    let get = aws.s3().get_bucket_versioning().bucket(&have.bucket);
    let get = get.set_expected_bucket_owner(given(&have.expected_bucket_owner));
    let Some(live) = part(get.send().await.operation("s3:GetBucketVersioning"))? else { return Ok(None) };
    let configuration = Versioning {
        mfa_delete: live.mfa_delete.map(|status| status.as_str().to_string()).unwrap_or_default(),
        status: live.status.map_or(DISABLED.to_string(), |status| status.as_str().to_string()),
    };
    Ok(Some(BucketVersioning { versioning_configuration: vec![configuration], ..have.clone() }))
}

async fn put(aws: &Aws, want: &BucketVersioning) -> Result<(), ProviderError> {
    let Some(configuration) = want.versioning_configuration.first() else { return Ok(()) };
    let configuration = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::from(configuration.status.as_str()))
        .set_mfa_delete(given(&configuration.mfa_delete).map(|status| MfaDelete::from(status.as_str())))
        .build();
    retry(|| async {
        let put = aws.s3().put_bucket_versioning().bucket(&want.bucket);
        let put = put.set_expected_bucket_owner(given(&want.expected_bucket_owner)).set_mfa(want.mfa.clone());
        let put = put.versioning_configuration(configuration.clone());
        put.send().await.operation("s3:PutBucketVersioning").map(drop)
    })
    .await
}
