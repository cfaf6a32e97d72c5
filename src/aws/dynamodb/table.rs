//! `aws_dynamodb_table`: a table, its indexes, and what goes with it.
//!
//! A table takes one change at a time: between calls it is waited for until it is active again. Recovery to a point in time
//! and the expiry of items have calls of their own, which only an active table takes; so have replicas in other regions.

mod change;
mod create;
mod describe;
mod index;
mod replica;
mod rules;
mod settings;

use std::time::Duration;

use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, taken};

/// What the token's time and the service's clock may differ by.
const CLOCK_SKEW_S: i64 = 60;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Table {
    arn: String,
    attribute: Vec<Attribute>,
    billing_mode: String,
    deletion_protection_enabled: bool,
    global_secondary_index: Vec<index::Global>,
    hash_key: String,
    id: String,
    import_table: Vec<create::Import>,
    local_secondary_index: Vec<index::Local>,
    name: String,
    on_demand_throughput: Vec<OnDemand>,
    point_in_time_recovery: Vec<settings::Recovery>,
    range_key: Option<String>,
    read_capacity: i64,
    replica: Vec<replica::Replica>,
    restore_date_time: Option<String>,
    restore_source_name: Option<String>,
    restore_source_table_arn: Option<String>,
    restore_to_latest_time: Option<bool>,
    server_side_encryption: Vec<Encryption>,
    stream_arn: String,
    stream_enabled: bool,
    stream_label: String,
    stream_view_type: String,
    table_class: String,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    ttl: Vec<settings::TimeToLive>,
    write_capacity: i64,
    /// What is under way; empty for a table that takes calls.
    #[serde(skip)]
    under_way: String,
}

#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Attribute {
    name: String,
    r#type: String,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct OnDemand {
    max_read_request_units: i64,
    max_write_request_units: i64,
}

#[derive(Clone, Default, PartialEq, Debug, Serialize, Deserialize)]
#[serde(default)]
struct Encryption {
    enabled: bool,
    kms_key_arn: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for Table {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_dynamodb_table";
    const TIMEOUTS: Timeouts = Timeouts::minutes(30, 60, 10);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        create::create(aws, want, creation).await
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        futures::future::try_join_all(have.iter().map(|have| describe::read(aws, have))).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        change::update(aws, have, want).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let patience = have.patience(Timed::Delete);
        if !have.replica.is_empty() {
            let bare = Table { replica: Vec::new(), ..have.clone() };
            replica::update(aws, have, &bare, patience).await?;
        }
        let deleted = change::in_turn(patience, || async {
            let delete = aws.dynamodb().delete_table().table_name(&have.id);
            delete.send().await.operation("dynamodb:DeleteTable").map(drop)
        });
        match deleted.await {
            Err(error) if error.message.contains("deletion protection") || error.message.contains("protected") => {
                Err(error.hint("set `deletion_protection_enabled = false` and apply that, then destroy it"))
            }
            ended => ended,
        }
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        match self.under_way.as_str() {
            "" => Readiness::Settled,
            "INACCESSIBLE_ENCRYPTION_CREDENTIALS" => Readiness::Failed(
                "the table's key can't be used: it is disabled, or the policy of it forbids it".into(),
            ),
            what => Readiness::Pending(what.to_string()),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(live) = describe::table(aws, &want.name).await? else { return Ok(None) };
        let made_at = live.creation_date_time.map(|time| time.secs());
        if made_at.is_some_and(|made_at| made_at < token.at.as_second() - CLOCK_SKEW_S) {
            let message = format!("a table named `{}` was there before this create", want.name);
            return Err(taken("dynamodb:CreateTable", message));
        }
        describe::read(aws, &Table { id: want.name.clone(), ..want.clone() }).await
    }

    fn loss(&self) -> Option<&'static str> {
        Some("all items in the table")
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Table { id: id.to_string(), name: id.to_string(), ..Table::default() })
    }

    fn equivalent(attribute: &str, prior: &Value, config: &Value) -> bool {
        rules::is_equivalent(attribute, prior, config)
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        rules::validate(config)
    }
}

/// What a wait is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Timed {
    Create,
    Update,
    Delete,
}

impl Table {
    /// How long to wait: what `timeouts` says, else the type's own time.
    fn patience(&self, timed: Timed) -> Duration {
        let timeouts = self.timeouts.as_ref();
        let (written, default) = match timed {
            Timed::Create => (timeouts.and_then(|written| written.create.as_deref()), Self::TIMEOUTS.create),
            Timed::Update => (timeouts.and_then(|written| written.update.as_deref()), Self::TIMEOUTS.update),
            Timed::Delete => (timeouts.and_then(|written| written.delete.as_deref()), Self::TIMEOUTS.delete),
        };
        written.and_then(provider::adapter::parse_duration).unwrap_or(default)
    }

    fn is_on_demand(&self) -> bool {
        self.billing_mode == "PAY_PER_REQUEST"
    }
}

/// The error of an answer without what it has to hold.
fn without(operation: &'static str, what: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Other, operation, format!("the answer does not hold {what}"))
}
