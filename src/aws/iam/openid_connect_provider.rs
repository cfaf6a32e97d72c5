//! `aws_iam_openid_connect_provider`: whose tokens take roles, such as those of a CI.

use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::iam::tags;
use crate::tags::TagChange;
use crate::{given, refusals, times};

/// What every address begins with, and no stored one.
const SCHEME: &str = "https://";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OpenIdConnectProvider {
    arn: String,
    client_id_list: Vec<String>,
    id: String,
    tags: Tags,
    tags_all: Tags,
    thumbprint_list: Vec<String>,
    url: String,
    #[serde(skip)]
    created: Option<aws_smithy_types::DateTime>,
}

impl Resource for OpenIdConnectProvider {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_iam_openid_connect_provider";
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, _creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let call = aws
            .iam()
            .create_open_id_connect_provider()
            .url(format!("{SCHEME}{}", without_scheme(&want.url)))
            .set_client_id_list(given::list(want.client_id_list.iter().cloned()))
            .set_thumbprint_list(given::list(want.thumbprint_list.iter().cloned()))
            .set_tags(tags::request(&want.tags_all));
        let created = call.send().await.operation("iam:CreateOpenIDConnectProvider").map_err(advise_where_taken)?;
        let arn = created.open_id_connect_provider_arn.unwrap_or_default();
        Ok(OpenIdConnectProvider { id: arn.clone(), arn, ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut providers = Vec::with_capacity(have.len());
        for provider in have {
            providers.push(read_one(aws, provider).await?);
        }
        Ok(providers)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let iam = aws.iam();
        if have.thumbprint_list != want.thumbprint_list {
            let call = iam.update_open_id_connect_provider_thumbprint().open_id_connect_provider_arn(&have.id);
            let call = call.set_thumbprint_list(Some(want.thumbprint_list.clone()));
            call.send().await.operation("iam:UpdateOpenIDConnectProviderThumbprint")?;
        }
        for client in want.client_id_list.iter().filter(|client| !have.client_id_list.contains(client)) {
            let call = iam.add_client_id_to_open_id_connect_provider().open_id_connect_provider_arn(&have.id);
            call.client_id(client).send().await.operation("iam:AddClientIDToOpenIDConnectProvider")?;
        }
        for client in have.client_id_list.iter().filter(|client| !want.client_id_list.contains(client)) {
            let call = iam.remove_client_id_from_open_id_connect_provider().open_id_connect_provider_arn(&have.id);
            call.client_id(client).send().await.operation("iam:RemoveClientIDFromOpenIDConnectProvider")?;
        }
        let change = TagChange::between(&have.tags_all, &want.tags_all);
        if !change.remove.is_empty() {
            let call = iam.untag_open_id_connect_provider().open_id_connect_provider_arn(&have.id);
            call.set_tag_keys(Some(change.remove)).send().await.operation("iam:UntagOpenIDConnectProvider")?;
        }
        if let Some(tags) = tags::request(&change.set) {
            let call = iam.tag_open_id_connect_provider().open_id_connect_provider_arn(&have.id);
            call.set_tags(Some(tags)).send().await.operation("iam:TagOpenIDConnectProvider")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.iam().delete_open_id_connect_provider().open_id_connect_provider_arn(&have.id);
        call.send().await.operation("iam:DeleteOpenIDConnectProvider")?;
        Ok(())
    }

    /// An account has one provider of an address, and its ARN ends with that.
    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let answer = aws.iam().list_open_id_connect_providers().send().await;
        let providers = answer.operation("iam:ListOpenIDConnectProviders")?.open_id_connect_provider_list;
        let ending = format!(":oidc-provider/{}", without_scheme(&want.url));
        let mut arns = providers.unwrap_or_default().into_iter().filter_map(|provider| provider.arn);
        let Some(arn) = arns.find(|arn| arn.ends_with(&ending)) else { return Ok(None) };
        let Some(found) = read_one(aws, &OpenIdConnectProvider { id: arn, ..want.clone() }).await? else {
            return Ok(None);
        };
        if times::is_older(found.created.as_ref(), token) {
            let message = format!("a provider for `{}` was there before this create", want.url);
            return Err(taken("iam:CreateOpenIDConnectProvider", message));
        }
        Ok(Some(found))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        if !crate::arn::is_arn(id) {
            let message = format!("`{id}` is not the ARN of a provider");
            return Err(ProviderError::invalid("import aws_iam_openid_connect_provider", message));
        }
        Ok(OpenIdConnectProvider { id: id.to_string(), ..OpenIdConnectProvider::default() })
    }

    /// The address is stored without its scheme.
    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        match (attribute, prior.reveal().as_str(), config.reveal().as_str()) {
            ("url", Some(prior), Some(config)) => without_scheme(prior) == without_scheme(config),
            (_, Some(_) | None, Some(_) | None) => false,
        }
    }

    /// CreateOpenIDConnectProvider, `Url`.
    fn validate(config: &Value) -> Vec<Refusal> {
        let url = refusals::text(config, "url").filter(|url| !url.starts_with(SCHEME) || url.contains('?'));
        let refuse = |url: String| {
            let detail = format!("It must begin with `{SCHEME}` and have no query, and `{url}` does not.");
            refusals::invalid("url", detail)
        };
        url.map(refuse).into_iter().collect()
    }
}

fn without_scheme(url: &str) -> &str {
    url.strip_prefix(SCHEME).unwrap_or(url)
}

async fn read_one(aws: &Aws, have: &OpenIdConnectProvider) -> Result<Option<OpenIdConnectProvider>, ProviderError> {
    let call = aws.iam().get_open_id_connect_provider().open_id_connect_provider_arn(&have.id);
    match call.send().await.operation("iam:GetOpenIDConnectProvider") {
        Ok(live) => Ok(Some(OpenIdConnectProvider {
            arn: have.id.clone(),
            client_id_list: live.client_id_list.unwrap_or_default(),
            tags_all: tags::live(live.tags),
            thumbprint_list: live.thumbprint_list.unwrap_or_default(),
            url: live.url.unwrap_or_default(),
            created: live.create_date,
            ..have.clone()
        })),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}
