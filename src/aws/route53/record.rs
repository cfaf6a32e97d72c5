//! `aws_route53_record`: the answers that a zone gives for a name and a type, or for one of several policies of them.
//!
//! A record is known by its zone, name, type and set identifier alone, and the API tells nothing of who made it: what an
//! interrupted create left behind is taken for its own only if it is exactly what was wanted.

mod policy;
mod refusals;
mod set;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecordSet, RrType};
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Refusal, Resource, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::{Operation, advise_where_taken, taken};
use crate::route53::change::{in_turn, until_in_sync};
use crate::route53::{bare, given, names};

/// Up to so many records of a zone are read one by one; more are read with the whole zone.
const SINGLE_READS_MAX: usize = 2;

/// How many records a page of a zone has.
const PAGE: i64 = 300;

/// A zone of so many pages is read as a whole only where as many records are asked for.
const PAGES_PER_RECORD: i64 = 1;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    alias: Vec<policy::Alias>,
    allow_overwrite: Option<bool>,
    cidr_routing_policy: Vec<policy::Cidr>,
    failover_routing_policy: Vec<policy::Failover>,
    fqdn: String,
    geolocation_routing_policy: Vec<policy::Geolocation>,
    geoproximity_routing_policy: Vec<policy::Geoproximity>,
    health_check_id: String,
    id: String,
    latency_routing_policy: Vec<policy::Latency>,
    multivalue_answer_routing_policy: bool,
    name: String,
    records: Vec<String>,
    set_identifier: String,
    timeouts: Option<WrittenTimeouts>,
    ttl: i64,
    r#type: String,
    weighted_routing_policy: Vec<policy::Weighted>,
    zone_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

/// A zone as far as its records need it.
#[derive(Clone)]
struct ZoneFacts {
    name: String,
    records: i64,
}

impl Resource for Record {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_route53_record";
    const READ_BATCH: usize = 1000;
    const TIMEOUTS: Timeouts = Timeouts::minutes(30, 30, 30);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let zone = existing_zone(aws, &want.zone_id).await?;
        let action = if want.allow_overwrite == Some(true) { ChangeAction::Upsert } else { ChangeAction::Create };
        let patience = want.patience(|written| written.create.as_deref());
        let record = Record { id: want.identifier(), fqdn: names::full(&want.name, &zone.name), ..want.clone() };
        let changes = vec![(action, record.request(&zone.name))];
        change_and(aws, &want.zone_id, changes, patience, || async {
            let _durable = creation.born(&record).await;
            creation.waiting("the name servers to know the record");
        })
        .await
        .map_err(explained)?;
        Ok(record)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let mut by_zone: BTreeMap<&str, Vec<&Record>> = BTreeMap::new();
        for record in have {
            by_zone.entry(bare(&record.zone_id)).or_default().push(record);
        }
        let reads = by_zone.iter().map(|(zone, records)| read_zone(aws, zone, records));
        let zones = futures::future::try_join_all(reads).await?;
        let live: BTreeMap<&str, (ZoneFacts, Vec<ResourceRecordSet>)> =
            by_zone.keys().copied().zip(zones).filter_map(|(id, zone)| Some((id, zone?))).collect();
        let find = |record: &Record| {
            let (zone, sets) = live.get(bare(&record.zone_id))?;
            let set = sets.iter().find(|set| record.is(set, &zone.name))?;
            Some(record.with_live(set.clone()))
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let zone = existing_zone(aws, &have.zone_id).await?;
        let patience = want.patience(|written| written.update.as_deref());
        let is_same_set = have.r#type == want.r#type
            && have.set_identifier == want.set_identifier
            && have.routing() == want.routing();
        let wanted = want.request(&zone.name);
        let changes = if is_same_set {
            vec![(ChangeAction::Upsert, wanted)]
        } else {
            // What a record is known by can't be changed: both happen at once, or neither.
            let live = find_set(aws, have, &zone.name).await?;
            let delete = live.map(|live| (ChangeAction::Delete, live));
            delete.into_iter().chain([(ChangeAction::Create, wanted)]).collect()
        };
        change_and(aws, &have.zone_id, changes, patience, || async {}).await.map_err(explained)
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let Some(zone) = zone(aws, &have.zone_id).await? else { return Ok(()) };
        let Some(live) = find_set(aws, have, &zone.name).await? else { return Ok(()) };
        let patience = have.patience(|written| written.delete.as_deref());
        let changes = vec![(ChangeAction::Delete, live)];
        match change_and(aws, &have.zone_id, changes, patience, || async {}).await {
            Err(error) if error.message.contains("but it was not found") => Ok(()),
            ended => ended,
        }
    }

    async fn find(aws: &Aws, want: &Self, _token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(zone) = zone(aws, &want.zone_id).await? else { return Ok(None) };
        let Some(live) = find_set(aws, want, &zone.name).await? else { return Ok(None) };
        let record = Record { id: want.identifier(), fqdn: names::full(&want.name, &zone.name), ..want.clone() };
        if record.with_live(live.clone()).is_same_as(&record) {
            return Ok(Some(record.with_live(live)));
        }
        if want.allow_overwrite == Some(true) {
            return Ok(None);
        }
        Err(taken(
            "route53:ChangeResourceRecordSets",
            format!("there is a record `{}` of type {} that this create did not make", record.fqdn, want.r#type),
        ))
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        parse(id).ok_or_else(|| {
            let message = format!(
                "`{id}` is no identifier of a record: it has the form `ZONE_NAME_TYPE` or `ZONE_NAME_TYPE_SET`"
            );
            ProviderError::invalid(format!("import {}", Self::TYPE), message)
        })
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        refusals::validate(config)
    }
}

impl Record {
    /// How long to wait for the name servers: what `timeouts` says, else the type's own time.
    fn patience(&self, written: impl Fn(&WrittenTimeouts) -> Option<&str>) -> Duration {
        let written = self.timeouts.as_ref().and_then(written);
        written.and_then(provider::adapter::parse_duration).unwrap_or(Self::TIMEOUTS.create)
    }

    /// `Z123_www.example.com_A`, and the set identifier after that, if there is one.
    fn identifier(&self) -> String {
        let id = format!("{}_{}_{}", bare(&self.zone_id), self.name.to_lowercase(), self.r#type);
        if self.set_identifier.is_empty() { id } else { format!("{id}_{}", self.set_identifier) }
    }

    /// Whether the live set is this record.
    fn is(&self, live: &ResourceRecordSet, zone: &str) -> bool {
        names::plain(&live.name) == names::full(&self.name, zone)
            && live.r#type.as_str() == self.r#type
            && live.set_identifier.as_deref().unwrap_or_default() == self.set_identifier
    }
}

/// The parts of an identifier: the type is the first part after a name that is one.
fn parse(id: &str) -> Option<Record> {
    let parts: Vec<&str> = id.split('_').collect();
    let place = parts.iter().skip(2).position(|part| RrType::values().contains(part))? + 2;
    let name = parts[1..place].join("_");
    Some(Record {
        id: id.to_string(),
        zone_id: parts[0].to_string(),
        name: name.strip_suffix('.').unwrap_or(&name).to_string(),
        r#type: parts[place].to_string(),
        set_identifier: parts[place + 1..].join("_"),
        ..Record::default()
    })
}

/// The zone of records, or an error that says that there is none.
async fn existing_zone(aws: &Aws, id: &str) -> Result<ZoneFacts, ProviderError> {
    zone(aws, id).await?.ok_or_else(|| {
        let message = format!("there is no hosted zone with the id `{}`", bare(id));
        ProviderError::new(ErrorKind::NotFound, "route53:GetHostedZone", message)
            .attribute(model::path::Path::attribute("zone_id"))
    })
}

async fn zone(aws: &Aws, id: &str) -> Result<Option<ZoneFacts>, ProviderError> {
    let answer = aws.route53().get_hosted_zone().id(bare(id)).send().await.operation("route53:GetHostedZone");
    match answer {
        Ok(answer) => Ok(answer.hosted_zone.map(|zone| ZoneFacts {
            name: names::plain(&zone.name),
            records: zone.resource_record_set_count.unwrap_or_default(),
        })),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The sets that these records of a zone may be; `None` when the zone is gone.
///
/// Few records are asked for one by one, many come with the whole zone: 300 a call.
async fn read_zone(
    aws: &Aws,
    id: &str,
    records: &[&Record],
) -> Result<Option<(ZoneFacts, Vec<ResourceRecordSet>)>, ProviderError> {
    let Some(zone) = zone(aws, id).await? else { return Ok(None) };
    let pages = zone.records / PAGE + 1;
    let asked = i64::try_from(records.len()).unwrap_or(i64::MAX);
    if records.len() > SINGLE_READS_MAX && pages <= asked * PAGES_PER_RECORD {
        return Ok(Some((zone, all(aws, id).await?)));
    }
    let mut sets = Vec::new();
    for record in records {
        sets.extend(find_set(aws, record, &zone.name).await?);
    }
    Ok(Some((zone, sets)))
}

/// All records of a zone.
pub async fn all(aws: &Aws, zone: &str) -> Result<Vec<ResourceRecordSet>, ProviderError> {
    let mut sets = Vec::new();
    let mut from = (None, None, None);
    loop {
        let (name, kind, identifier) = from;
        let list = aws.route53().list_resource_record_sets().hosted_zone_id(bare(zone));
        let list = list.set_start_record_name(name).set_start_record_type(kind).set_start_record_identifier(identifier);
        let page = list.send().await.operation("route53:ListResourceRecordSets")?;
        sets.extend(page.resource_record_sets);
        if !page.is_truncated {
            return Ok(sets);
        }
        from = (page.next_record_name, page.next_record_type, page.next_record_identifier);
    }
}

/// One record as it is live.
async fn find_set(aws: &Aws, record: &Record, zone: &str) -> Result<Option<ResourceRecordSet>, ProviderError> {
    let list = aws
        .route53()
        .list_resource_record_sets()
        .hosted_zone_id(bare(&record.zone_id))
        .start_record_name(names::wire(&names::full(&record.name, zone)))
        .start_record_type(RrType::from(record.r#type.as_str()))
        .set_start_record_identifier(given(&record.set_identifier));
    let answer = match list.send().await.operation("route53:ListResourceRecordSets") {
        Ok(answer) => answer,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(answer.resource_record_sets.into_iter().find(|set| record.is(set, zone)))
}

/// Makes changes of a zone, all or none of them, and waits until the name servers know.
async fn change_and<F: Future<Output = ()> + Send>(
    aws: &Aws,
    zone: &str,
    changes: Vec<(ChangeAction, ResourceRecordSet)>,
    patience: Duration,
    accepted: impl Fn() -> F + Send,
) -> Result<(), ProviderError> {
    let change = |(action, set)| {
        Change::builder().action(action).resource_record_set(set).build().expect("action and record are given")
    };
    let changes = changes.into_iter().map(change).collect();
    let batch = ChangeBatch::builder().set_changes(Some(changes)).build().expect("there are changes");
    let made = in_turn(|| async {
        let change = aws.route53().change_resource_record_sets().hosted_zone_id(bare(zone));
        change.change_batch(batch.clone()).send().await.operation("route53:ChangeResourceRecordSets")
    })
    .await?;
    accepted().await;
    until_in_sync(aws, made.change_info, patience).await
}

/// The error of a change, which the API calls invalid whatever is wrong.
fn explained(mut error: ProviderError) -> ProviderError {
    if error.message.contains("but it already exists") {
        error.kind = ErrorKind::AlreadyExists;
    }
    advise_where_taken(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_come_back() {
        for id in ["Z1_www.example.com_A", "Z1_a_b.example.com_CNAME_one_two", "Z1__MX"] {
            let record = parse(id).unwrap_or_else(|| panic!("{id}"));
            assert_eq!(record.identifier(), id);
        }
        assert_eq!(parse("Z1_a_b.example.com_CNAME_one_two").map(|record| record.name), Some("a_b.example.com".into()));
        assert!(parse("Z1_www.example.com").is_none());
    }
}
