//! `aws_kms_alias`: a name of a key.

use aws_sdk_kms::types::AliasListEntry;
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Refusal, Resource};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::kms::aliases;
use crate::{given, names, refusals, times};

/// What every name begins with.
const PREFIX: &str = "alias/";

/// The longest name, in characters; CreateAlias, `AliasName`.
const NAME_LENGTH_MAX: usize = 256;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Alias {
    arn: String,
    id: String,
    name: String,
    name_prefix: String,
    target_key_arn: String,
    target_key_id: String,
    #[serde(skip)]
    created: Option<aws_smithy_types::DateTime>,
}

impl Resource for Alias {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_kms_alias";
    /// Several are found by listing all.
    const READ_BATCH: usize = 100;
    const WAITS_FOR_DELETE: bool = false;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = want.new_name(creation.token);
        let call = aws.kms().create_alias().alias_name(&name).target_key_id(&want.target_key_id);
        call.send().await.operation("kms:CreateAlias").map_err(advise_where_taken)?;
        Ok(Alias { id: name.clone(), name, ..want.clone() })
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let find = |live: &[AliasListEntry], have: &Alias| {
            let live = live.iter().find(|live| live.alias_name.as_deref() == Some(&have.id))?;
            Some(Alias::of(live.clone()))
        };
        if let [alias] = have
            && !alias.target_key_id.is_empty()
        {
            match aliases(aws, given::text(&alias.target_key_id)).await {
                Ok(live) => {
                    if let Some(found) = find(&live, alias) {
                        return Ok(vec![Some(found)]);
                    }
                }
                Err(error) if error.is_not_found() => {}
                Err(error) => return Err(error),
            }
        }
        let live = aliases(aws, None).await?;
        Ok(have.iter().map(|have| find(&live, have)).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if key_id(&have.target_key_id) != key_id(&want.target_key_id) {
            let call = aws.kms().update_alias().alias_name(&have.id).target_key_id(&want.target_key_id);
            call.send().await.operation("kms:UpdateAlias")?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        aws.kms().delete_alias().alias_name(&have.id).send().await.operation("kms:DeleteAlias")?;
        Ok(())
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = want.new_name(token);
        let wanted = Alias { id: name.clone(), ..want.clone() };
        let Some(alias) = Self::read(aws, &[wanted]).await?.pop().flatten() else { return Ok(None) };
        if times::is_older(alias.created.as_ref(), token) {
            let message = format!("an alias named `{name}` was there before this create");
            return Err(taken("kms:CreateAlias", message));
        }
        Ok(Some(alias))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Alias { id: id.to_string(), ..Alias::default() })
    }

    /// Keys are named by their identifier or their ARN; what is stored is the identifier.
    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        match (attribute, prior.reveal().as_str(), config.reveal().as_str()) {
            ("target_key_id", Some(prior), Some(config)) => key_id(prior) == key_id(config),
            (_, Some(_) | None, Some(_) | None) => false,
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let limits = [("name", NAME_LENGTH_MAX), ("name_prefix", NAME_LENGTH_MAX - names::SUFFIX_LENGTH)];
        limits.into_iter().filter_map(|(attribute, max)| refuse_name(config, attribute, max)).collect()
    }
}

impl Alias {
    fn new_name(&self, token: &Token) -> String {
        let prefix = if self.name_prefix.is_empty() { PREFIX } else { &self.name_prefix };
        names::given_or_unique(&self.name, prefix, token)
    }

    fn of(live: AliasListEntry) -> Alias {
        let (name, arn) = (live.alias_name.unwrap_or_default(), live.alias_arn.unwrap_or_default());
        let target = live.target_key_id.unwrap_or_default();
        // An alias is of the account and region of its key.
        let target_key_arn = arn.strip_suffix(&name).map(|beginning| format!("{beginning}key/{target}"));
        Alias {
            arn,
            id: name.clone(),
            name_prefix: names::prefix_of(&name).unwrap_or_default().to_string(),
            name,
            target_key_arn: target_key_arn.unwrap_or_default(),
            target_key_id: target,
            created: live.creation_date,
        }
    }
}

/// The identifier in a key's ARN; any other text itself.
fn key_id(key: &str) -> &str {
    match key.split_once(":key/") {
        Some((_, id)) => id,
        None => key,
    }
}

/// CreateAlias, `AliasName`.
fn refuse_name(config: &Value, attribute: &str, length_max: usize) -> Option<Refusal> {
    let name = refusals::text(config, attribute)?;
    let rest = name.strip_prefix(PREFIX);
    let is_valid = rest.is_some_and(|rest| {
        let is_long_enough = attribute == "name_prefix" || !rest.is_empty();
        is_long_enough && rest.chars().all(|c| c.is_ascii_alphanumeric() || "/_-".contains(c))
    });
    if name.starts_with("alias/aws/") {
        return Some(refusals::invalid(attribute, "Names that begin with `alias/aws/` belong to AWS."));
    }
    (!is_valid || name.len() > length_max).then(|| {
        let detail = format!(
            "It must begin with `{PREFIX}`, go on with letters, digits and `/_-`, and have at most {length_max} characters."
        );
        refusals::invalid(attribute, detail)
    })
}
