//! Deletes all that is in a bucket, every version of it.

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use provider::error::{ErrorKind, ProviderError};

use crate::clients::Aws;
use crate::failure::Operation;

/// Deletes all objects, versions and marks of deletions of a bucket: a page of up to 1,000 a call.
///
/// `is_locked`: objects may be retained for a time; those in governance mode are deleted all the same.
///
/// # Errors
/// As the service; also that some objects can't be deleted, with the first of them.
pub async fn empty(aws: &Aws, bucket: &str, is_locked: bool) -> Result<(), ProviderError> {
    loop {
        let list = aws.s3().list_object_versions().bucket(bucket);
        let page = list.send().await.operation("s3:ListBucketVersions")?;
        let versions = page.versions.unwrap_or_default().into_iter().map(|version| (version.key, version.version_id));
        let marks = page.delete_markers.unwrap_or_default().into_iter().map(|mark| (mark.key, mark.version_id));
        let objects: Vec<ObjectIdentifier> = versions.chain(marks).filter_map(identifier).collect();
        if objects.is_empty() {
            return Ok(());
        }
        delete(aws, bucket, objects, is_locked).await?;
    }
}

fn identifier((key, version): (Option<String>, Option<String>)) -> Option<ObjectIdentifier> {
    let identifier = ObjectIdentifier::builder().key(key?).set_version_id(version);
    Some(identifier.build().expect("the key is given"))
}

async fn delete(aws: &Aws, bucket: &str, objects: Vec<ObjectIdentifier>, is_locked: bool) -> Result<(), ProviderError> {
    let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().expect("the objects are given");
    let call = aws.s3().delete_objects().bucket(bucket).delete(delete);
    let call = call.set_bypass_governance_retention(is_locked.then_some(true));
    let answer = call.send().await.operation("s3:DeleteObjectVersion")?;
    let Some(refused) = answer.errors.unwrap_or_default().into_iter().next() else { return Ok(()) };
    let message = format!(
        "the object `{}` can't be deleted: {}",
        refused.key.unwrap_or_default(),
        refused.message.or_else(|| refused.code.clone()).unwrap_or_default()
    );
    Err(ProviderError {
        code: refused.code,
        ..ProviderError::new(ErrorKind::Conflict, "s3:DeleteObjectVersion", message)
    })
}
