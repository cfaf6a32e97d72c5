//! `aws_kms_key`: a key that never leaves the service.
//!
//! A key is not deleted but scheduled for it, and counts as gone from then on. Keys have no names: a new one carries the
//! mark of its create among its tags until its identity is durable.

use std::time::Duration;

use aws_sdk_kms::types::{KeyMetadata, KeySpec, KeyState, KeyUsageType, OriginType};
use futures::{StreamExt, TryStreamExt};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::kms::tags;
use crate::tags::{TOKEN_TAG, marked, settle_new, take_mark};
use crate::{given, policy, refusals, retry};

/// How long a new role may stay unknown to key policies.
const ROLE_ARRIVAL: Duration = Duration::from_secs(120);

/// How many keys' tags are read at a time where a key is looked for.
const CONCURRENT_READS: usize = 8;

const SYMMETRIC: &str = "SYMMETRIC_DEFAULT";
const ENCRYPT: &str = "ENCRYPT_DECRYPT";
const SIGN: &str = "SIGN_VERIFY";
const AGREE: &str = "KEY_AGREEMENT";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Key {
    arn: String,
    bypass_policy_lockout_safety_check: bool,
    custom_key_store_id: String,
    customer_master_key_spec: String,
    deletion_window_in_days: Option<i32>,
    description: String,
    enable_key_rotation: bool,
    id: String,
    is_enabled: bool,
    key_id: String,
    key_usage: String,
    multi_region: bool,
    policy: String,
    rotation_period_in_days: i32,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    xks_key_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
}

impl Resource for Key {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_kms_key";
    const TIMEOUTS: Timeouts = Timeouts::minutes(2, 10, 20);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = retry::while_passing(ROLE_ARRIVAL, is_role_missing, || async {
            let call = aws
                .kms()
                .create_key()
                .bypass_policy_lockout_safety_check(want.bypass_policy_lockout_safety_check)
                .set_custom_key_store_id(given::text(&want.custom_key_store_id))
                .set_description(given::text(&want.description))
                .key_spec(KeySpec::from(want.customer_master_key_spec.as_str()))
                .key_usage(KeyUsageType::from(want.key_usage.as_str()))
                .multi_region(want.multi_region)
                .set_origin(want.origin())
                .set_policy(given::text(&want.policy))
                .set_tags(tags::request(&marked(&want.tags_all, creation.token)))
                .set_xks_key_id(given::text(&want.xks_key_id));
            call.send().await.operation("kms:CreateKey")
        });
        let live = created.await?.key_metadata;
        let (id, arn) = live.map(|live| (live.key_id, live.arn.unwrap_or_default())).unwrap_or_default();
        let key = Key { key_id: id.clone(), id, arn, ..want.clone() };
        settle_new(creation, &key, tags::remove(aws, &key.id, vec![TOKEN_TAG.to_string()])).await?;
        if want.enable_key_rotation {
            rotate(aws, &key).await?;
        }
        if !want.is_enabled {
            enable(aws, &key.id, false).await?;
        }
        Ok(key)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut keys = Vec::with_capacity(have.len());
        for key in have {
            keys.push(read_one(aws, key).await?);
        }
        Ok(keys)
    }

    /// A key must be enabled for changes of its rotation, so it is enabled first and disabled last.
    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if want.is_enabled && !have.is_enabled {
            enable(aws, &have.id, true).await?;
        }
        let is_other_period = want.enable_key_rotation && have.rotation_period_in_days != want.rotation_period_in_days;
        if have.enable_key_rotation != want.enable_key_rotation || is_other_period {
            rotate(aws, want).await?;
        }
        if have.description != want.description {
            let call = aws.kms().update_key_description().key_id(&have.id).description(&want.description);
            call.send().await.operation("kms:UpdateKeyDescription")?;
        }
        if !policy::is_equivalent(&have.policy, &want.policy) {
            let put = retry::while_passing(ROLE_ARRIVAL, is_role_missing, || async {
                let call = aws.kms().put_key_policy().key_id(&have.id).policy(&want.policy);
                let call = call.bypass_policy_lockout_safety_check(want.bypass_policy_lockout_safety_check);
                call.send().await.operation("kms:PutKeyPolicy")
            });
            put.await?;
        }
        if !want.is_enabled && have.is_enabled {
            enable(aws, &have.id, false).await?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.kms().schedule_key_deletion().key_id(&have.id);
        let call = call.set_pending_window_in_days(have.deletion_window_in_days.filter(|days| *days != 0));
        match call.send().await.operation("kms:ScheduleKeyDeletion") {
            Err(error) if error.message.contains("pending deletion") => Ok(()),
            ended => ended.map(drop),
        }
    }

    /// The service can't search by tags, so the tags of all keys are read: only after an interrupted create.
    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let pages = aws.kms().list_keys().limit(1000).into_paginator().items().send();
        let keys = pages.collect::<Result<Vec<_>, _>>().await.operation("kms:ListKeys")?;
        let reads = keys.into_iter().filter_map(|key| key.key_id).map(|id| async move {
            match tags::read(aws, &id).await {
                Ok(mut tags) => Ok(take_mark(&mut tags, token).then_some(id)),
                // Keys of AWS and of others tell nothing of themselves.
                Err(error) if error.is_not_found() || error.kind == provider::error::ErrorKind::Denied => Ok(None),
                Err(error) => Err(error),
            }
        });
        let reads: Vec<_> = reads.collect();
        let found: Vec<Option<String>> =
            futures::stream::iter(reads).buffered(CONCURRENT_READS).try_collect::<Vec<_>>().await?;
        let Some(id) = found.into_iter().flatten().next() else { return Ok(None) };
        let found = read_one(aws, &Key { id: id.clone(), ..want.clone() }).await?;
        tags::remove(aws, &id, vec![TOKEN_TAG.to_string()]).await?;
        Ok(found.map(|mut key| {
            take_mark(&mut key.tags_all, token);
            key
        }))
    }

    fn loss(&self) -> Option<&'static str> {
        Some("everything that is encrypted with the key, unless its deletion is cancelled in time")
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Key { id: id.to_string(), ..Key::default() })
    }

    /// Changes arrive at the replicas one after the other.
    fn readiness(&self, want: &Self) -> Readiness {
        let has_tags = want.tags_all.iter().all(|(key, value)| self.tags_all.get(key) == Some(value));
        let late = if self.description != want.description {
            "its description"
        } else if self.is_enabled != want.is_enabled {
            "its state"
        } else if self.enable_key_rotation != want.enable_key_rotation {
            "its rotation"
        } else if !has_tags || self.tags_all.contains_key(TOKEN_TAG) {
            "its tags"
        } else {
            return Readiness::Settled;
        };
        Readiness::Pending(format!("{late} to arrive everywhere"))
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        attribute == "policy" && policy::is_equivalent_value(prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let own = [
            refusals::document(config, "policy"),
            // CreateKey, `Description`.
            refusals::characters(config, "description", 0..=8192, |_| true, "any"),
            refuse_usage(config),
            refuse_rotation(config),
        ];
        own.into_iter().flatten().collect()
    }
}

impl Key {
    /// Where the key's material comes from, unless the service makes it.
    fn origin(&self) -> Option<OriginType> {
        match (self.custom_key_store_id.is_empty(), self.xks_key_id.is_empty()) {
            (true, _) => None,
            (false, true) => Some(OriginType::AwsCloudhsm),
            (false, false) => Some(OriginType::ExternalKeyStore),
        }
    }

    fn with_live(&self, live: KeyMetadata) -> Key {
        Key {
            arn: live.arn.unwrap_or_default(),
            custom_key_store_id: live.custom_key_store_id.unwrap_or_default(),
            customer_master_key_spec: live.key_spec.map(|spec| spec.as_str().to_string()).unwrap_or_default(),
            description: live.description.unwrap_or_default(),
            id: live.key_id.clone(),
            is_enabled: live.enabled,
            key_id: live.key_id,
            key_usage: live.key_usage.map(|usage| usage.as_str().to_string()).unwrap_or_default(),
            multi_region: live.multi_region.unwrap_or_default(),
            xks_key_id: live.xks_key_configuration.and_then(|external| external.id).unwrap_or_default(),
            ..self.clone()
        }
    }

    /// Whether the service can make the key new material from time to time.
    fn can_rotate(&self) -> bool {
        self.customer_master_key_spec == SYMMETRIC && self.custom_key_store_id.is_empty()
    }
}

fn is_role_missing(error: &ProviderError) -> bool {
    error.code.as_deref() == Some("MalformedPolicyDocumentException") && error.message.contains("invalid principals")
}

async fn read_one(aws: &Aws, have: &Key) -> Result<Option<Key>, ProviderError> {
    let live = match aws.kms().describe_key().key_id(&have.id).send().await.operation("kms:DescribeKey") {
        Ok(answer) => answer.key_metadata,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_leaving = |live: &KeyMetadata| {
        matches!(live.key_state, Some(KeyState::PendingDeletion | KeyState::PendingReplicaDeletion))
    };
    let Some(live) = live.filter(|live| !is_leaving(live)) else { return Ok(None) };
    let is_made_here = live.origin.as_ref().is_none_or(|origin| *origin == OriginType::AwsKms);
    let key = have.with_live(live);
    let document = async {
        let call = aws.kms().get_key_policy().key_id(&key.id).policy_name("default");
        call.send().await.operation("kms:GetKeyPolicy")
    };
    let rotation = async {
        if !key.can_rotate() || !is_made_here {
            return Ok((false, 0));
        }
        let status = aws.kms().get_key_rotation_status().key_id(&key.id).send().await;
        let status = status.operation("kms:GetKeyRotationStatus")?;
        Ok((status.key_rotation_enabled, status.rotation_period_in_days.unwrap_or_default()))
    };
    let (document, (enable_key_rotation, rotation_period_in_days), tags_all) =
        futures::try_join!(document, rotation, tags::read(aws, &key.id))?;
    let policy = policy::as_written(&have.policy, document.policy.unwrap_or_default());
    Ok(Some(Key { policy, enable_key_rotation, rotation_period_in_days, tags_all, ..key }))
}

async fn enable(aws: &Aws, id: &str, is_enabled: bool) -> Result<(), ProviderError> {
    if is_enabled {
        aws.kms().enable_key().key_id(id).send().await.operation("kms:EnableKey")?;
    } else {
        aws.kms().disable_key().key_id(id).send().await.operation("kms:DisableKey")?;
    }
    Ok(())
}

async fn rotate(aws: &Aws, want: &Key) -> Result<(), ProviderError> {
    if want.enable_key_rotation {
        let call = aws.kms().enable_key_rotation().key_id(&want.id);
        let call = call.set_rotation_period_in_days(given::number(want.rotation_period_in_days));
        call.send().await.operation("kms:EnableKeyRotation")?;
    } else {
        aws.kms().disable_key_rotation().key_id(&want.id).send().await.operation("kms:DisableKeyRotation")?;
    }
    Ok(())
}

/// The specification of a configuration's key; `None` while it is not known.
fn spec(config: &Value) -> Option<String> {
    match refusals::is_missing(config, "customer_master_key_spec") {
        true => Some(SYMMETRIC.to_string()),
        false => refusals::text(config, "customer_master_key_spec"),
    }
}

/// What keys of a specification can be used for; CreateKey, `KeyUsage`.
fn refuse_usage(config: &Value) -> Option<Refusal> {
    let spec = spec(config)?;
    let usage = match refusals::is_missing(config, "key_usage") {
        true => ENCRYPT.to_string(),
        false => refusals::text(config, "key_usage")?,
    };
    let usages: &[&str] = match spec.as_str() {
        SYMMETRIC => &[ENCRYPT],
        "ECC_SECG_P256K1" => &[SIGN],
        "SM2" => &[ENCRYPT, SIGN, AGREE],
        spec if spec.starts_with("HMAC_") => &["GENERATE_VERIFY_MAC"],
        spec if spec.starts_with("RSA_") => &[ENCRYPT, SIGN],
        spec if spec.starts_with("ECC_NIST_") => &[SIGN, AGREE],
        _ => return None,
    };
    (!usages.contains(&usage.as_str())).then(|| {
        let detail = format!("Keys of the specification `{spec}` can be used for: {}.", usages.join(", "));
        refusals::invalid("key_usage", detail)
    })
}

/// Which keys can be rotated; EnableKeyRotation.
fn refuse_rotation(config: &Value) -> Option<Refusal> {
    let rotates = config.get("enable_key_rotation")?.reveal().as_bool()?;
    let is_stored_elsewhere = !refusals::is_missing(config, "custom_key_store_id");
    (rotates && (spec(config)? != SYMMETRIC || is_stored_elsewhere)).then(|| {
        let detail = "Only symmetric keys that are kept by the service itself can be rotated.";
        refusals::invalid("enable_key_rotation", detail)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_used_for_what_its_specification_allows() {
        let config = |spec: &str, usage: &str| {
            Value::object([("customer_master_key_spec", Value::string(spec)), ("key_usage", Value::string(usage))])
        };
        assert!(refuse_usage(&config("RSA_2048", SIGN)).is_none());
        assert!(refuse_usage(&config("ECC_NIST_P256", ENCRYPT)).is_some());
        assert!(refuse_usage(&config("HMAC_256", ENCRYPT)).is_some());
        assert!(refuse_usage(&config(SYMMETRIC, ENCRYPT)).is_none());
    }
}
