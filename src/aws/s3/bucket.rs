//! `aws_s3_bucket`: a bucket, and its parts in their older form, as blocks of the bucket itself.
//!
//! All parts are read, also those that have a type of their own, since a state holds them here as well; they are written
//! only where the configuration has them here. Names of buckets are taken worldwide, and in us-east-1 the creation of a
//! bucket that one has already is answered as if it had been made, so it is looked for first.

mod access;
mod emptying;
mod lifecycle;
mod parts;
mod replication;
mod rules;
mod versions;
mod website;

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::names;
use crate::s3::retry::retry;
use crate::s3::{is_no_bucket, region, tags};

/// The region whose buckets are made without naming it.
const FIRST_REGION: &str = "us-east-1";

/// What the token's time and the service's clock may differ by.
const CLOCK_SKEW_S: i64 = 60;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Bucket {
    acceleration_status: String,
    /// Never read back: a list of grants does not tell which canned one it came from.
    acl: Option<String>,
    arn: String,
    bucket: String,
    bucket_domain_name: String,
    bucket_prefix: String,
    bucket_regional_domain_name: String,
    cors_rule: Vec<website::CorsRule>,
    force_destroy: Option<bool>,
    grant: Vec<access::Grant>,
    hosted_zone_id: String,
    id: String,
    lifecycle_rule: Vec<lifecycle::Rule>,
    logging: Vec<parts::Logging>,
    object_lock_configuration: Vec<versions::ObjectLock>,
    object_lock_enabled: bool,
    policy: String,
    region: String,
    replication_configuration: Vec<replication::Replication>,
    request_payer: String,
    server_side_encryption_configuration: Vec<parts::Encryption>,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    versioning: Vec<versions::Versioning>,
    website: Vec<website::Website>,
    website_domain: Option<String>,
    website_endpoint: Option<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    read: Option<String>,
    update: Option<String>,
}

impl Resource for Bucket {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_s3_bucket";

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.bucket, &want.bucket_prefix, creation.token);
        let bucket = make(aws, name, want).await?;
        let _durable = creation.born(&bucket).await;
        let bare = Bucket { region: bucket.region.clone(), ..Bucket::bare(bucket.id.clone()) };
        parts::write(aws, &bare, &bucket).await?;
        if !bucket.tags_all.is_empty() {
            tags::put(aws, &bucket.id, &bucket.tags_all).await?;
        }
        Ok(bucket)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        parts::write(aws, have, want).await?;
        if have.tags_all != want.tags_all {
            tags::put(aws, &have.id, &want.tags_all).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let delete = || async {
            let delete = aws.s3().delete_bucket().bucket(&have.id);
            delete.send().await.operation("s3:DeleteBucket").map(drop)
        };
        let error = match delete().await {
            Err(error) if error.code.as_deref() == Some("BucketNotEmpty") => error,
            ended => return ended,
        };
        if have.force_destroy != Some(true) {
            return Err(error.hint(
                "empty the bucket, or set `force_destroy = true` and apply that, then destroy it with all that is in it",
            ));
        }
        emptying::empty(aws, &have.id, have.object_lock_enabled).await?;
        delete().await
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = names::given_or_unique(&want.bucket, &want.bucket_prefix, token);
        let Some(made_at_s) = made_at_s(aws, &name).await? else { return Ok(None) };
        if made_at_s < token.at.as_second() - CLOCK_SKEW_S {
            return Err(taken("s3:CreateBucket", format!("a bucket named `{name}` was there before this create")));
        }
        read_one(aws, &Bucket { id: name.clone(), bucket: name, ..want.clone() }).await
    }

    fn loss(&self) -> Option<&'static str> {
        (self.force_destroy == Some(true)).then_some("all objects in the bucket, as `force_destroy` is set")
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Bucket::bare(id.to_string()))
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        rules::is_equivalent(attribute, prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        rules::validate(config)
    }
}

impl Bucket {
    fn bare(id: String) -> Bucket {
        Bucket { bucket: id.clone(), id, ..Bucket::default() }
    }

    /// What is known of a bucket by its name and region alone.
    fn at(self, aws: &Aws, region: String) -> Bucket {
        Bucket {
            arn: format!("arn:{}:s3:::{}", aws.partition(), self.id),
            bucket: self.id.clone(),
            bucket_domain_name: region::domain(aws, &self.id),
            bucket_prefix: names::prefix_of(&self.id).unwrap_or_default().to_string(),
            bucket_regional_domain_name: region::regional_domain(&self.id, &region),
            hosted_zone_id: region::hosted_zone(&region).to_string(),
            region,
            ..self
        }
    }
}

/// Makes the bucket as such.
async fn make(aws: &Aws, name: String, want: &Bucket) -> Result<Bucket, ProviderError> {
    if region::find(aws, &name).await.map_err(|error| named_by_another(error, &name))?.is_some() {
        return Err(taken("s3:CreateBucket", format!("there is a bucket named `{name}` already")));
    }
    let region = aws.region().to_string();
    let place = (region != FIRST_REGION).then(|| {
        let place = BucketLocationConstraint::from(region.as_str());
        CreateBucketConfiguration::builder().location_constraint(place).build()
    });
    let has_lock = want.object_lock_enabled || !want.object_lock_configuration.is_empty();
    retry(|| async {
        let create = aws.s3().create_bucket().bucket(&name).set_create_bucket_configuration(place.clone());
        let create = create.set_object_lock_enabled_for_bucket(has_lock.then_some(true));
        create.send().await.operation("s3:CreateBucket").map(drop)
    })
    .await
    .map_err(advise_where_taken)?;
    Ok(Bucket { id: name, ..want.clone() }.at(aws, region))
}

/// The error of a look at a bucket that others have.
fn named_by_another(error: ProviderError, name: &str) -> ProviderError {
    if error.kind != ErrorKind::Denied {
        return error;
    }
    let message = format!("somebody has a bucket named `{name}`, or the credentials may not see whether there is one");
    taken("s3:CreateBucket", message)
}

/// When a bucket of this account was made, in seconds since 1970; `None` when the account has no such bucket.
async fn made_at_s(aws: &Aws, name: &str) -> Result<Option<i64>, ProviderError> {
    let mut pages = aws.s3().list_buckets().prefix(name).into_paginator().send();
    while let Some(page) = pages.next().await {
        let buckets = page.operation("s3:ListAllMyBuckets")?.buckets.unwrap_or_default();
        if let Some(bucket) = buckets.into_iter().find(|bucket| bucket.name.as_deref() == Some(name)) {
            // Whatever has no time of creation was not there a moment ago either.
            return Ok(Some(bucket.creation_date.map_or(i64::MAX, |at| at.secs())));
        }
    }
    Ok(None)
}

/// The bucket with all its parts; `None` when it is gone.
async fn read_one(aws: &Aws, have: &Bucket) -> Result<Option<Bucket>, ProviderError> {
    let Some(region) = region::find(aws, &have.id).await? else { return Ok(None) };
    region::check(aws, &have.id, &region)?;
    match parts::read(aws, have.clone().at(aws, region)).await {
        Ok(bucket) => Ok(Some(bucket)),
        Err(error) if is_no_bucket(&error) => Ok(None),
        Err(error) => Err(error),
    }
}
