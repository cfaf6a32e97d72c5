//! Tags of buckets: one call replaces all of them.

use aws_sdk_s3::types::{Tag, Tagging};
use provider::error::ProviderError;
use provider::resource::{Cloud, Tags};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::s3::configured;
use crate::s3::retry::retry;

/// The tags of a bucket.
pub async fn read(aws: &Aws, bucket: &str) -> Result<Tags, ProviderError> {
    let answer = aws.s3().get_bucket_tagging().bucket(bucket).send().await.operation("s3:GetBucketTagging");
    let tags = configured(answer)?.map(|answer| answer.tag_set).unwrap_or_default();
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Gives a bucket these tags; those of the service and those that are ignored stay.
pub async fn put(aws: &Aws, bucket: &str, wanted: &Tags) -> Result<(), ProviderError> {
    let mut tags: Tags = read(aws, bucket).await?.into_iter().filter(|(key, _)| aws.ignores_tag(key)).collect();
    tags.extend(wanted.clone());
    if tags.is_empty() {
        return retry(|| async {
            let delete = aws.s3().delete_bucket_tagging().bucket(bucket);
            delete.send().await.operation("s3:DeleteBucketTagging").map(drop)
        })
        .await;
    }
    let tagging = request(&tags);
    retry(|| async {
        let put = aws.s3().put_bucket_tagging().bucket(bucket).tagging(tagging.clone());
        put.send().await.operation("s3:PutBucketTagging").map(drop)
    })
    .await
}

fn request(tags: &Tags) -> Tagging {
    Tagging::builder().set_tag_set(list(tags)).build().expect("a set of tags is all that it needs")
}

/// Tags for a request; `None` when there are none.
pub fn list(tags: &Tags) -> Option<Vec<Tag>> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build().expect("both are given");
    let tags: Vec<Tag> = tags.iter().map(tag).collect();
    (!tags.is_empty()).then_some(tags)
}
