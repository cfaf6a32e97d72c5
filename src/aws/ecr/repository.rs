//! `aws_ecr_repository`: where the images of one name are kept.

use aws_sdk_ecr::types::{
    EncryptionConfiguration, EncryptionType, ImageScanningConfiguration, ImageTagMutability, Repository as Live,
};
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ecr::{read_tags, repositories, tags};
use crate::failure::{Operation, advise_where_taken, taken};
use crate::tags::TagChange;
use crate::{given, refusals, times};

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Repository {
    arn: String,
    encryption_configuration: Vec<Encryption>,
    force_delete: Option<bool>,
    id: String,
    image_scanning_configuration: Vec<Scanning>,
    image_tag_mutability: String,
    name: String,
    registry_id: String,
    repository_url: String,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    #[serde(skip)]
    created: Option<aws_smithy_types::DateTime>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    delete: Option<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Encryption {
    encryption_type: String,
    kms_key: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Scanning {
    scan_on_push: bool,
}

impl Resource for Repository {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_ecr_repository";
    /// Several are found by listing all.
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let call = aws
            .ecr()
            .create_repository()
            .repository_name(&want.name)
            .set_encryption_configuration(want.encryption_configuration.first().map(Encryption::request))
            .set_image_scanning_configuration(want.image_scanning_configuration.first().map(Scanning::request))
            .set_image_tag_mutability(want.mutability())
            .set_tags(tags(&want.tags_all));
        call.send().await.operation("ecr:CreateRepository").map_err(advise_where_taken)?;
        Ok(Repository { id: want.name.clone(), ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = match have {
            [repository] => match repositories(aws, None, Some(repository.id.clone())).await {
                Ok(live) => live,
                Err(error) if error.is_not_found() => Vec::new(),
                Err(error) => return Err(error),
            },
            _ => repositories(aws, None, None).await?,
        };
        let repositories = have.iter().map(|have| {
            let live = live.iter().find(|live| live.repository_name.as_deref() == Some(&have.id)).cloned();
            async move {
                let Some(live) = live else { return Ok(None) };
                let tags_all = read_tags(aws, live.repository_arn.as_deref().unwrap_or_default()).await?;
                Ok(Some(Repository { tags_all, ..have.with_live(live) }))
            }
        });
        futures::future::try_join_all(repositories).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if let Some(mutability) = want.mutability().filter(|_| have.image_tag_mutability != want.image_tag_mutability) {
            let call = aws.ecr().put_image_tag_mutability().repository_name(&have.id);
            call.image_tag_mutability(mutability).send().await.operation("ecr:PutImageTagMutability")?;
        }
        if have.image_scanning_configuration != want.image_scanning_configuration {
            let scanning = want.image_scanning_configuration.first().cloned().unwrap_or_default();
            let call = aws.ecr().put_image_scanning_configuration().repository_name(&have.id);
            let call = call.image_scanning_configuration(scanning.request());
            call.send().await.operation("ecr:PutImageScanningConfiguration")?;
        }
        let change = TagChange::between(&have.tags_all, &want.tags_all);
        if !change.remove.is_empty() {
            let call = aws.ecr().untag_resource().resource_arn(&have.arn).set_tag_keys(Some(change.remove));
            call.send().await.operation("ecr:UntagResource")?;
        }
        if let Some(tags) = tags(&change.set) {
            let call = aws.ecr().tag_resource().resource_arn(&have.arn).set_tags(Some(tags));
            call.send().await.operation("ecr:TagResource")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.ecr().delete_repository().repository_name(&have.id).set_force(have.force_delete);
        let deleted = call.send().await.operation("ecr:DeleteRepository").map(drop);
        deleted.map_err(|error| match error.code.as_deref() {
            Some("RepositoryNotEmptyException") => ProviderError { kind: ErrorKind::Conflict, ..error }
                .hint("delete its images first, or set `force_delete = true` and apply that before"),
            Some(_) | None => error,
        })
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let repository = Repository { id: want.name.clone(), ..want.clone() };
        let Some(found) = Self::read(aws, &[repository]).await?.pop().flatten() else { return Ok(None) };
        if times::is_older(found.created.as_ref(), token) {
            let message = format!("a repository named `{}` was there before this create", want.name);
            return Err(taken("ecr:CreateRepository", message));
        }
        Ok(Some(found))
    }

    fn loss(&self) -> Option<&'static str> {
        (self.force_delete == Some(true)).then_some("all images in the repository, as `force_delete` is set")
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Repository { id: id.to_string(), ..Repository::default() })
    }

    /// CreateRepository, `repositoryName`.
    fn validate(config: &Value) -> Vec<Refusal> {
        let name = refusals::text(config, "name").filter(|name| !is_name(name));
        let refuse = |name: String| {
            let detail = format!(
                "A name has 2 to 256 lower-case letters and digits, with single `.`, `_`, `-` and `/` between them, and `{name}` has not."
            );
            refusals::invalid("name", detail)
        };
        name.map(refuse).into_iter().collect()
    }
}

impl Repository {
    fn mutability(&self) -> Option<ImageTagMutability> {
        given::text(&self.image_tag_mutability).map(|mutability| ImageTagMutability::from(mutability.as_str()))
    }

    fn with_live(&self, live: Live) -> Repository {
        let name = live.repository_name.unwrap_or_default();
        Repository {
            arn: live.repository_arn.unwrap_or_default(),
            encryption_configuration: live.encryption_configuration.map(Encryption::of).into_iter().collect(),
            id: name.clone(),
            image_scanning_configuration: live.image_scanning_configuration.map(Scanning::of).into_iter().collect(),
            image_tag_mutability: live.image_tag_mutability.map(|text| text.as_str().to_string()).unwrap_or_default(),
            name,
            registry_id: live.registry_id.unwrap_or_default(),
            repository_url: live.repository_uri.unwrap_or_default(),
            created: live.created_at,
            ..self.clone()
        }
    }
}

impl Encryption {
    fn request(&self) -> EncryptionConfiguration {
        let kind = given::text(&self.encryption_type).unwrap_or_else(|| "AES256".to_string());
        EncryptionConfiguration::builder()
            .encryption_type(EncryptionType::from(kind.as_str()))
            .set_kms_key(given::text(&self.kms_key))
            .build()
            .expect("the type is given")
    }

    pub(super) fn of(live: EncryptionConfiguration) -> Encryption {
        Encryption {
            encryption_type: live.encryption_type.as_str().to_string(),
            kms_key: live.kms_key.unwrap_or_default(),
        }
    }
}

impl Scanning {
    fn request(&self) -> ImageScanningConfiguration {
        ImageScanningConfiguration::builder().scan_on_push(self.scan_on_push).build()
    }

    pub(super) fn of(live: ImageScanningConfiguration) -> Scanning {
        Scanning { scan_on_push: live.scan_on_push }
    }
}

/// Parts between slashes, each of lower-case letters and digits with single separators between them.
fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        part.split(['.', '_', '-'])
            .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
    };
    (2..=256).contains(&name.len()) && name.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_single_separators() {
        for right in ["ab", "team/web", "a-b.c_d/e1"] {
            assert!(is_name(right), "{right}");
        }
        for wrong in ["", "a", "Ab", "a//b", "a__b", "-ab", "ab/", "a b"] {
            assert!(!is_name(wrong), "{wrong}");
        }
    }
}
