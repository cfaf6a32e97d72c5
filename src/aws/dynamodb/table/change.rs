//! Changes of a table: one after the other, with a wait for the table to be active in between.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableInputBuilder;
use aws_sdk_dynamodb::types::{BillingMode, StreamSpecification, TableClass, TableDescription};
use provider::error::ProviderError;
use provider::resource::Resource;
use tokio::time::Instant;

use crate::clients::Aws;
use crate::dynamodb::given;
use crate::dynamodb::table::index::{self, Change};
use crate::dynamodb::table::{Attribute, Encryption, OnDemand, Table, Timed, describe, replica, settings};
use crate::failure::Operation;
use crate::settling::{self, Look};

const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(10);

pub async fn update(aws: &Aws, have: &Table, want: &Table) -> Result<(), ProviderError> {
    let patience = want.patience(Timed::Update);
    table(aws, have, want, patience).await?;
    settings::update(aws, have, want, Timed::Update).await?;
    replica::update(aws, have, want, patience).await
}

/// Brings the table itself to what is wanted.
pub async fn table(aws: &Aws, have: &Table, want: &Table, patience: Duration) -> Result<(), ProviderError> {
    for change in changes(have, want) {
        call(aws, change, &want.name, patience).await?;
    }
    Ok(())
}

/// Asks for one change, in its turn, and waits until it is made.
pub async fn call(
    aws: &Aws,
    change: UpdateTableInputBuilder,
    name: &str,
    patience: Duration,
) -> Result<(), ProviderError> {
    let change = change.table_name(name);
    in_turn(patience, || async {
        change.clone().send_with(aws.dynamodb()).await.operation("dynamodb:UpdateTable").map(drop)
    })
    .await?;
    until_active(aws, name, patience).await.map(drop)
}

/// The calls that lead from one to the other, each of what may be asked for at once.
fn changes(have: &Table, want: &Table) -> Vec<UpdateTableInputBuilder> {
    let empty = UpdateTableInputBuilder::default;
    let mut calls = Vec::new();
    let (alone, together): (Vec<Change<'_>>, Vec<Change<'_>>) =
        index::changes(have, want).into_iter().partition(Change::is_alone);
    let (deletes, creates): (Vec<Change<'_>>, Vec<Change<'_>>) =
        alone.into_iter().partition(|change| matches!(change, Change::Delete(_)));
    calls.extend(deletes.iter().map(|change| empty().global_secondary_index_updates(change.request(want))));

    let mode = |table: &Table| given(&table.billing_mode).unwrap_or_else(|| "PROVISIONED".into());
    let has_mode = mode(have) != mode(want);
    let is_resized = !want.is_on_demand()
        && (have.read_capacity != want.read_capacity || have.write_capacity != want.write_capacity);
    let has_limits = have.on_demand_throughput != want.on_demand_throughput;
    if has_mode || is_resized || has_limits || !together.is_empty() {
        // A table that gets capacities needs them for every index it keeps.
        let kept = |index: &&index::Global| have.global_secondary_index.iter().any(|had| had.name == index.name);
        let all = want.global_secondary_index.iter().filter(kept).map(Change::Resize);
        let resizes: Vec<_> = if has_mode && !want.is_on_demand() { all.collect() } else { together };
        let limits = want.on_demand_throughput.first().map(OnDemand::request);
        let change = empty()
            .set_billing_mode(has_mode.then(|| BillingMode::from(mode(want).as_str())))
            .set_provisioned_throughput(want.throughput().filter(|_| has_mode || is_resized))
            .set_on_demand_throughput(limits.filter(|_| has_limits || has_mode));
        calls.push(
            resizes.iter().fold(change, |change, resize| change.global_secondary_index_updates(resize.request(want))),
        );
    }
    calls.extend(creates.iter().map(|change| {
        empty()
            .set_attribute_definitions(Some(want.attribute.iter().map(Attribute::request).collect()))
            .global_secondary_index_updates(change.request(want))
    }));
    calls.extend(stream(have, want));
    if have.server_side_encryption != want.server_side_encryption {
        let off = Encryption::default();
        let encryption = want.server_side_encryption.first().unwrap_or(&off);
        calls.push(empty().sse_specification(encryption.request()));
    }
    let class = given(&want.table_class).filter(|class| *class != have.table_class);
    if let Some(class) = class {
        calls.push(empty().table_class(TableClass::from(class.as_str())));
    }
    if have.deletion_protection_enabled != want.deletion_protection_enabled {
        calls.push(empty().deletion_protection_enabled(want.deletion_protection_enabled));
    }
    calls
}

/// A stream that shows something else is a new one: the old one ends first.
fn stream(have: &Table, want: &Table) -> Vec<UpdateTableInputBuilder> {
    let off = || {
        let stream = StreamSpecification::builder().stream_enabled(false).build();
        UpdateTableInputBuilder::default().stream_specification(stream.expect("whether it is enabled is given"))
    };
    let on = || UpdateTableInputBuilder::default().set_stream_specification(want.stream());
    match (have.stream_enabled, want.stream_enabled) {
        (false, false) => Vec::new(),
        (false, true) => vec![on()],
        (true, false) => vec![off()],
        (true, true) if have.stream_view_type == want.stream_view_type => Vec::new(),
        (true, true) => vec![off(), on()],
    }
}

/// Makes a call, and makes it again while the table, or too many others, are busy.
pub async fn in_turn<T, F: Future<Output = Result<T, ProviderError>> + Send>(
    patience: Duration,
    call: impl Fn() -> F + Send + Sync,
) -> Result<T, ProviderError> {
    let start = Instant::now();
    let mut pause = PAUSE_MIN;
    loop {
        match call().await {
            Err(error) if is_busy(&error) && start.elapsed() < patience => {}
            ended => return ended,
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

/// Whether a call fails because of what goes on at the moment; a table of the same name is no such reason.
fn is_busy(error: &ProviderError) -> bool {
    let says = |parts: &[&str]| parts.iter().any(|part| error.message.contains(part));
    match error.code.as_deref() {
        Some("LimitExceededException") => says(&["can be created, updated, or deleted simultaneously", "indexed"]),
        Some("ResourceInUseException") => says(&["being updated", "being created", "being modified"]),
        Some("ContinuousBackupsUnavailableException") => true,
        Some("ValidationException") => says(&["Time to live has been modified multiple times", "is being enabled"]),
        Some(_) | None => false,
    }
}

/// Polls until the table and everything of it are active.
pub async fn until_active(aws: &Aws, name: &str, patience: Duration) -> Result<TableDescription, ProviderError> {
    settling::until_settled(Table::TYPE, patience, || async {
        Ok(match describe::table(aws, name).await? {
            Some(live) => match describe::under_way(&live) {
                what if what.is_empty() => Look::Settled(live),
                what => Look::Pending(what),
            },
            None => Look::Pending("it to become visible".into()),
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_asked_for_where_nothing_differs() {
        let table = Table { name: "a".into(), read_capacity: 5, write_capacity: 5, ..Table::default() };
        assert!(changes(&table, &table).is_empty());
        let on_demand = Table { billing_mode: "PAY_PER_REQUEST".into(), ..Table::default() };
        let with_left_over_capacity = Table { read_capacity: 5, ..on_demand.clone() };
        assert!(changes(&on_demand, &with_left_over_capacity).is_empty());
    }

    #[test]
    fn a_stream_that_shows_something_else_ends_before_it_begins_again() {
        let of = |kind: &str| Table { stream_enabled: true, stream_view_type: kind.into(), ..Table::default() };
        let calls = changes(&of("NEW_IMAGE"), &of("KEYS_ONLY"));
        let enabled: Vec<Option<bool>> = calls
            .iter()
            .map(|call| call.get_stream_specification().as_ref().map(|stream| stream.stream_enabled))
            .collect();
        assert_eq!(enabled, [Some(false), Some(true)]);
    }
}
