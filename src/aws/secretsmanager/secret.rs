//! `aws_secretsmanager_secret`: a secret without its value: its name, key, policy and replicas.
//!
//! A secret that is marked for deletion counts as gone. Its name stays taken until the recovery window ends; after a deletion
//! without a window it is free some moments later, which a create waits for.

use std::time::Duration;

use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::{ReplicaRegionType, ReplicationStatusType, StatusType};
use model::value::Value;
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::secretsmanager::{is_marked_for_deletion, policy, tags};
use crate::{given, names, refusals, retry, times};

/// How long a name may stay taken after a deletion without a recovery window.
const DELETION: Duration = Duration::from_secs(30);

/// The window where nothing is said, in days.
const RECOVERY_WINDOW: i64 = 30;

/// The longest name, in characters; CreateSecret, `Name`.
const NAME_LENGTH_MAX: usize = 512;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Secret {
    arn: String,
    description: String,
    force_overwrite_replica_secret: Option<bool>,
    id: String,
    kms_key_id: String,
    name: String,
    name_prefix: String,
    policy: String,
    recovery_window_in_days: Option<i64>,
    replica: Vec<Replica>,
    tags: Tags,
    tags_all: Tags,
    #[serde(skip)]
    created: Option<aws_smithy_types::DateTime>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Replica {
    kms_key_id: String,
    last_accessed_date: String,
    region: String,
    status: String,
    status_message: String,
}

impl Resource for Secret {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_secretsmanager_secret";

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, creation.token);
        let created = retry::while_passing(DELETION, is_marked_for_deletion, || async {
            let call = aws
                .secretsmanager()
                .create_secret()
                .name(&name)
                .client_request_token(creation.token.id.as_ref())
                .set_description(given::text(&want.description))
                .set_kms_key_id(given::text(&want.kms_key_id))
                .set_tags(tags::request(&want.tags_all))
                .set_add_replica_regions(given::list(want.replica.iter().map(Replica::request)))
                .set_force_overwrite_replica_secret(want.force_overwrite_replica_secret);
            call.send().await.operation("secretsmanager:CreateSecret")
        });
        let created = created.await.map_err(|error| match is_marked_for_deletion(&error) {
            true => error.hint(
                "choose another name, or bring the old secret back with `aws secretsmanager restore-secret` and take it over with `infra import`",
            ),
            false => advise_where_taken(error),
        })?;
        let arn = created.arn.unwrap_or_default();
        let secret = Secret { id: arn.clone(), arn, name, ..want.clone() };
        let _durable = creation.born(&secret).await;
        if !want.policy.is_empty() {
            put_policy(aws, &secret.id, &want.policy).await?;
        }
        Ok(secret)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut secrets = Vec::with_capacity(have.len());
        for secret in have {
            secrets.push(read_one(aws, secret).await?);
        }
        Ok(secrets)
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        update_replicas(aws, have, want).await?;
        if have.description != want.description || have.kms_key_id != want.kms_key_id {
            // An empty key is the service's own one.
            let call = aws.secretsmanager().update_secret().secret_id(&have.id).description(&want.description);
            let key = (have.kms_key_id != want.kms_key_id).then(|| want.kms_key_id.clone());
            call.set_kms_key_id(key).send().await.operation("secretsmanager:UpdateSecret")?;
        }
        if !crate::policy::is_equivalent(&have.policy, &want.policy) {
            match want.policy.as_str() {
                "" | "{}" => {
                    let call = aws.secretsmanager().delete_resource_policy().secret_id(&have.id);
                    call.send().await.operation("secretsmanager:DeleteResourcePolicy")?;
                }
                policy => put_policy(aws, &have.id, policy).await?,
            }
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        remove_replicas(aws, &have.id, have.replica.iter().map(|replica| replica.region.clone())).await?;
        let call = aws.secretsmanager().delete_secret().secret_id(&have.id);
        let call = match have.recovery_window_in_days.unwrap_or(RECOVERY_WINDOW) {
            0 => call.force_delete_without_recovery(true),
            days => call.recovery_window_in_days(days),
        };
        match call.send().await.operation("secretsmanager:DeleteSecret") {
            Err(error) if is_marked_for_deletion(&error) => Ok(()),
            ended => ended.map(drop),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = names::given_or_unique(&want.name, &want.name_prefix, token);
        let Some(secret) = read_one(aws, &Secret { id: name.clone(), ..want.clone() }).await? else { return Ok(None) };
        if times::is_older(secret.created.as_ref(), token) {
            let message = format!("a secret named `{name}` was there before this create");
            return Err(taken("secretsmanager:CreateSecret", message));
        }
        Ok(Some(secret))
    }

    fn loss(&self) -> Option<&'static str> {
        (self.recovery_window_in_days == Some(0)).then_some("the secret's value, as it has no window for recovery")
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Secret {
            id: id.to_string(),
            force_overwrite_replica_secret: Some(false),
            recovery_window_in_days: Some(RECOVERY_WINDOW),
            ..Secret::default()
        })
    }

    /// Replicas are copied within seconds. A copy that fails is told by its `status`: the secret itself is what was wanted.
    fn readiness(&self, _want: &Self) -> Readiness {
        match self.replica.iter().find(|replica| replica.status == StatusType::InProgress.as_str()) {
            Some(replica) => Readiness::Pending(format!("the replica in {}", replica.region)),
            None => Readiness::Settled,
        }
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        attribute == "policy" && crate::policy::is_equivalent_value(prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let name = |attribute, max| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
            refusals::characters(config, attribute, 1..=max, is_allowed, "letters, digits and `/_+=.@-`")
        };
        let checks = [
            name("name", NAME_LENGTH_MAX),
            name("name_prefix", NAME_LENGTH_MAX - names::SUFFIX_LENGTH),
            refusals::document(config, "policy"),
            // CreateSecret, `Description`.
            refusals::characters(config, "description", 0..=2048, |_| true, "any"),
        ];
        checks.into_iter().flatten().collect()
    }
}

impl Secret {
    fn with_live(&self, live: DescribeSecretOutput, policy: String) -> Secret {
        let arn = live.arn.unwrap_or_default();
        let name = live.name.unwrap_or_default();
        Secret {
            id: arn.clone(),
            arn,
            description: live.description.unwrap_or_default(),
            kms_key_id: live.kms_key_id.unwrap_or_default(),
            name_prefix: names::prefix_of(&name).unwrap_or_default().to_string(),
            name,
            policy: crate::policy::as_written(&self.policy, policy),
            replica: live.replication_status.unwrap_or_default().into_iter().map(Replica::of).collect(),
            tags_all: tags::live(live.tags),
            created: live.created_date,
            ..self.clone()
        }
    }
}

impl Replica {
    fn request(&self) -> ReplicaRegionType {
        ReplicaRegionType::builder().region(&self.region).set_kms_key_id(given::text(&self.kms_key_id)).build()
    }

    fn of(live: ReplicationStatusType) -> Replica {
        Replica {
            kms_key_id: live.kms_key_id.unwrap_or_default(),
            last_accessed_date: times::stored(live.last_accessed_date.as_ref()),
            region: live.region.unwrap_or_default(),
            status: live.status.map(|status| status.as_str().to_string()).unwrap_or_default(),
            status_message: live.status_message.unwrap_or_default(),
        }
    }

    /// Whether both are copies to one region under one key; a key that isn't given is any.
    fn is_same(&self, other: &Replica) -> bool {
        let is_same_key = self.kms_key_id == other.kms_key_id || self.kms_key_id.is_empty();
        self.region == other.region && is_same_key
    }
}

async fn read_one(aws: &Aws, have: &Secret) -> Result<Option<Secret>, ProviderError> {
    let describe = async {
        let call = aws.secretsmanager().describe_secret().secret_id(&have.id);
        match call.send().await.operation("secretsmanager:DescribeSecret") {
            Ok(live) => Ok(Some(live)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    };
    let (live, policy) = futures::try_join!(describe, policy(aws, &have.id))?;
    let live = live.filter(|live| live.deleted_date.is_none());
    Ok(live.map(|live| have.with_live(live, policy)))
}

async fn put_policy(aws: &Aws, secret_id: &str, policy: &str) -> Result<(), ProviderError> {
    let call = aws.secretsmanager().put_resource_policy().secret_id(secret_id).resource_policy(policy);
    call.send().await.operation("secretsmanager:PutResourcePolicy")?;
    Ok(())
}

/// What is not wanted is removed first: a replica with another key is made anew.
async fn update_replicas(aws: &Aws, have: &Secret, want: &Secret) -> Result<(), ProviderError> {
    let is_in = |list: &[Replica], replica: &Replica| list.iter().any(|other| replica.is_same(other));
    let removed = have.replica.iter().filter(|had| !want.replica.iter().any(|wanted| wanted.is_same(had)));
    remove_replicas(aws, &have.id, removed.map(|replica| replica.region.clone())).await?;
    let added = want.replica.iter().filter(|wanted| !is_in(&have.replica, wanted)).map(Replica::request);
    if let Some(added) = given::list(added) {
        let call = aws.secretsmanager().replicate_secret_to_regions().secret_id(&have.id);
        let call = call.set_add_replica_regions(Some(added));
        let call = call.set_force_overwrite_replica_secret(want.force_overwrite_replica_secret);
        call.send().await.operation("secretsmanager:ReplicateSecretToRegions")?;
    }
    Ok(())
}

async fn remove_replicas(
    aws: &Aws,
    secret_id: &str,
    regions: impl Iterator<Item = String>,
) -> Result<(), ProviderError> {
    if let Some(regions) = given::list(regions) {
        let call = aws.secretsmanager().remove_regions_from_replication().secret_id(secret_id);
        let call = call.set_remove_replica_regions(Some(regions));
        call.send().await.operation("secretsmanager:RemoveRegionsFromReplication")?;
    }
    Ok(())
}
