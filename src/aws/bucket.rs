//! States as objects of an S3 bucket: the requests of `backend "s3"`.
//!
//! The bucket is reached as the provider reaches AWS, with the same settings, credentials and transport. Nothing is asked
//! before the first object is.

use std::io;

use async_trait::async_trait;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{ObjectCannedAcl, ServerSideEncryption};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::http::Response;
use bytes::Bytes;
use provider::error::ProviderError;
use state::store::objects::{Condition, Object, Objects, Put, Tag};
use tokio::sync::OnceCell;

use crate::calls::Calls;
use crate::clients::Aws;
use crate::failure::Operation;
use crate::settings::Settings;

/// A bucket, and how objects are written to it.
pub struct Bucket {
    pub name: String,
    pub settings: Settings,
    /// Whether objects are encrypted on the server: with the key below, else with one of S3.
    pub encrypt: bool,
    pub kms_key_id: Option<String>,
    /// A canned ACL.
    pub acl: Option<String>,
    pub aws: OnceCell<Aws>,
}

impl Bucket {
    async fn client(&self) -> io::Result<&aws_sdk_s3::Client> {
        let connect = || Aws::connect(self.settings.clone(), Calls::default());
        Ok(self.aws.get_or_try_init(connect).await.map_err(failed)?.s3())
    }

    fn encryption(&self) -> Option<ServerSideEncryption> {
        match (self.encrypt, &self.kms_key_id) {
            (true, Some(_)) => Some(ServerSideEncryption::AwsKms),
            (true, None) => Some(ServerSideEncryption::Aes256),
            (false, _) => None,
        }
    }

    /// Deletes an object that has a tag, where the store knows no conditions on that.
    async fn delete_after_look(&self, key: &str, tag: &Tag) -> io::Result<bool> {
        match self.get(key).await? {
            Some(object) if object.tag == *tag => self.delete(key, None).await,
            Some(_) | None => Ok(false),
        }
    }
}

#[async_trait]
impl Objects for Bucket {
    fn location(&self, key: &str) -> String {
        format!("`s3://{}/{key}`", self.name)
    }

    async fn get(&self, key: &str) -> io::Result<Option<Object>> {
        let answer = self.client().await?.get_object().bucket(&self.name).key(key).send().await;
        if let Err(SdkError::ServiceError(context)) = &answer
            && context.err().is_no_such_key()
        {
            return Ok(None);
        }
        let answer = answer.operation("s3:GetObject").map_err(failed)?;
        let tag = answer.e_tag.clone().unwrap_or_default();
        let bytes = answer.body.collect().await.map_err(io::Error::other)?.into_bytes();
        Ok(Some(Object { bytes, tag: Tag(tag.into()) }))
    }

    async fn put(&self, key: &str, bytes: Bytes, condition: Condition) -> io::Result<Put> {
        let request = self
            .client()
            .await?
            .put_object()
            .bucket(&self.name)
            .key(key)
            .content_type("application/json")
            .body(bytes.into())
            .set_server_side_encryption(self.encryption())
            .set_ssekms_key_id(self.kms_key_id.clone().filter(|_| self.encrypt))
            .set_acl(self.acl.as_deref().map(ObjectCannedAcl::from));
        let request = match condition {
            Condition::New => request.if_none_match("*"),
            Condition::Is(tag) => request.if_match(&*tag.0),
        };
        let answer = request.send().await;
        // An object with a condition that is not there is refused as well.
        if matches!(status(&answer), Some(404 | 409 | 412)) && code(&answer) != Some("NoSuchBucket") {
            return Ok(Put::Refused);
        }
        let answer = answer.operation("s3:PutObject").map_err(failed)?;
        Ok(Put::Done(Tag(answer.e_tag.unwrap_or_default().into())))
    }

    async fn delete(&self, key: &str, tag: Option<&Tag>) -> io::Result<bool> {
        let request = self.client().await?.delete_object().bucket(&self.name).key(key);
        let answer = request.set_if_match(tag.map(|tag| tag.0.to_string())).send().await;
        match (tag, status(&answer)) {
            (Some(_), Some(404 | 409 | 412)) if code(&answer) != Some("NoSuchBucket") => Ok(false),
            (Some(tag), Some(501)) => self.delete_after_look(key, tag).await,
            (Some(_) | None, Some(_) | None) => answer.operation("s3:DeleteObject").map(|_| true).map_err(failed),
        }
    }

    async fn list(&self, prefix: &str) -> io::Result<Vec<String>> {
        let mut keys = Vec::new();
        let mut pages =
            self.client().await?.list_objects_v2().bucket(&self.name).prefix(prefix).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.operation("s3:ListObjectsV2").map_err(failed)?;
            keys.extend(page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key));
        }
        Ok(keys)
    }
}

/// Shows nothing of the settings, which have secrets.
impl std::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Bucket").field("name", &self.name).finish_non_exhaustive()
    }
}

fn failed(error: ProviderError) -> io::Error {
    io::Error::other(error.to_string())
}

/// The status of an answer that is an error.
fn status<T, E>(answer: &Result<T, SdkError<E, Response>>) -> Option<u16> {
    match answer {
        Err(SdkError::ServiceError(context)) => Some(context.raw().status().as_u16()),
        // A kind of error that the SDK adds is none that is expected here.
        Err(_) | Ok(_) => None,
    }
}

fn code<T, E: ProvideErrorMetadata>(answer: &Result<T, SdkError<E, Response>>) -> Option<&str> {
    match answer {
        Err(SdkError::ServiceError(context)) => context.err().code(),
        Err(_) | Ok(_) => None,
    }
}
