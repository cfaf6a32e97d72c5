//! `aws_route53_zone`: a domain's records, for everybody or for some VPCs.
//!
//! Names of zones need not be unique. A create is known by its caller reference, which no two zones have.

use std::time::Duration;

use aws_sdk_route53::operation::get_hosted_zone::GetHostedZoneOutput;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, HostedZoneConfig, RrType, Vpc as LiveVpc, VpcRegion};
use provider::Token;
use provider::error::ProviderError;
use provider::resource::{Creation, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::failure::Operation;
use crate::route53::change::{in_turn, until_in_sync};
use crate::route53::{bare, given, names, tags};
use crate::tags::TagChange;

/// How many records one call changes at most (Amazon Route 53 API Reference, `ChangeResourceRecordSets`).
const CHANGES_MAX: usize = 500;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Zone {
    arn: String,
    comment: String,
    delegation_set_id: String,
    force_destroy: Option<bool>,
    id: String,
    name: String,
    name_servers: Vec<String>,
    primary_name_server: String,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc: Vec<Vpc>,
    zone_id: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Vpc {
    vpc_id: String,
    vpc_region: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

impl Resource for Zone {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_route53_zone";
    const READ_BATCH: usize = 10;
    const TIMEOUTS: Timeouts = Timeouts::minutes(30, 30, 30);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let config = HostedZoneConfig::builder().set_comment(given(&want.comment));
        let config = config.private_zone(!want.vpc.is_empty()).build();
        let made = in_turn(|| async {
            let create = aws
                .route53()
                .create_hosted_zone()
                .name(&want.name)
                .caller_reference(reference(creation.token))
                .hosted_zone_config(config.clone())
                .set_delegation_set_id(given(&want.delegation_set_id))
                .set_vpc(want.vpc.first().map(|vpc| vpc.request(aws)));
            create.send().await.operation("route53:CreateHostedZone")
        })
        .await?;
        let id = made.hosted_zone.as_ref().map(|zone| bare(&zone.id).to_string()).unwrap_or_default();
        let zone = Zone { zone_id: id.clone(), id, ..want.clone() };
        let _durable = creation.born(&zone).await;
        creation.waiting("the name servers to know the zone");
        let patience = zone.patience(Timed::Create);
        until_in_sync(aws, made.change_info, patience).await?;
        for vpc in zone.vpc.iter().skip(1) {
            associate(aws, &zone.id, vpc, patience).await?;
        }
        let change = TagChange { set: zone.tags_all.clone(), remove: Vec::new() };
        tags::update(aws, &zone.id, &change).await?;
        Ok(zone)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let zones = futures::future::try_join_all(have.iter().map(|have| read_one(aws, have))).await?;
        with_tags(aws, zones).await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        if have.comment != want.comment {
            in_turn(|| async {
                let update = aws.route53().update_hosted_zone_comment().id(&have.id).comment(&want.comment);
                update.send().await.operation("route53:UpdateHostedZoneComment").map(drop)
            })
            .await?;
        }
        let patience = want.patience(Timed::Update);
        // A private zone is never without a VPC: new ones come first.
        for vpc in want.vpc.iter().filter(|vpc| !have.has_vpc(vpc)) {
            associate(aws, &have.id, vpc, patience).await?;
        }
        for vpc in have.vpc.iter().filter(|vpc| !want.has_vpc(vpc)) {
            dissociate(aws, &have.id, vpc, patience).await?;
        }
        tags::update(aws, &have.id, &TagChange::between(&have.tags_all, &want.tags_all)).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let patience = have.patience(Timed::Delete);
        if have.force_destroy == Some(true) {
            empty(aws, &have.id, &have.name, patience).await?;
        }
        let deleted = in_turn(|| async {
            let delete = aws.route53().delete_hosted_zone().id(&have.id);
            delete.send().await.operation("route53:DeleteHostedZone")
        })
        .await;
        match deleted {
            Ok(deleted) => until_in_sync(aws, deleted.change_info, patience).await,
            Err(error) if error.code.as_deref() == Some("HostedZoneNotEmpty") => Err(error.hint(
                "delete the zone's records, or set `force_destroy = true` and apply that, then destroy it with all of them",
            )),
            Err(error) => Err(error),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let reference = reference(token);
        let zones = named(aws, &want.name).await?;
        let Some(found) = zones.into_iter().find(|zone| zone.caller_reference == reference) else { return Ok(None) };
        let id = bare(&found.id).to_string();
        let zone = read_one(aws, &Zone { zone_id: id.clone(), id, ..want.clone() }).await?;
        Ok(with_tags(aws, vec![zone]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        let id = bare(id).to_string();
        Ok(Zone { zone_id: id.clone(), id, ..Zone::default() })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Timed {
    Create,
    Update,
    Delete,
}

impl Zone {
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

    fn has_vpc(&self, vpc: &Vpc) -> bool {
        self.vpc.iter().any(|own| own.vpc_id == vpc.vpc_id)
    }
}

impl Vpc {
    fn request(&self, aws: &Aws) -> LiveVpc {
        let region = given(&self.vpc_region).unwrap_or_else(|| aws.region().to_string());
        LiveVpc::builder().vpc_id(&self.vpc_id).vpc_region(VpcRegion::from(region.as_str())).build()
    }
}

/// What a create is known by.
fn reference(token: &Token) -> String {
    format!("infra-{}", token.id)
}

/// The zone without its tags; `None` when it is gone.
async fn read_one(aws: &Aws, have: &Zone) -> Result<Option<Zone>, ProviderError> {
    let live = match aws.route53().get_hosted_zone().id(&have.id).send().await.operation("route53:GetHostedZone") {
        Ok(live) => live,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(zone) = &live.hosted_zone else { return Ok(None) };
    let config = zone.config.as_ref();
    let servers = name_servers(aws, &live).await?;
    let vpc = |vpc: &LiveVpc| Vpc {
        vpc_id: vpc.vpc_id.clone().unwrap_or_default(),
        vpc_region: vpc.vpc_region.as_ref().map(|region| region.as_str().to_string()).unwrap_or_default(),
    };
    let delegation = live.delegation_set.as_ref().and_then(|set| set.id.as_deref());
    let mut sorted = servers.clone();
    sorted.sort();
    Ok(Some(Zone {
        arn: format!("arn:{}:route53:::hostedzone/{}", aws.partition(), have.id),
        comment: config.and_then(|config| config.comment.clone()).unwrap_or_default(),
        delegation_set_id: delegation.map(|id| bare(id).to_string()).unwrap_or_default(),
        name: names::plain(&zone.name),
        primary_name_server: servers.into_iter().next().unwrap_or_default(),
        name_servers: sorted,
        vpc: live.vpcs.iter().flatten().map(vpc).collect(),
        ..have.clone()
    }))
}

/// The servers that answer for a zone, the primary one first; those of a private zone are told by its own record.
pub async fn name_servers(aws: &Aws, live: &GetHostedZoneOutput) -> Result<Vec<String>, ProviderError> {
    let Some(zone) = &live.hosted_zone else { return Ok(Vec::new()) };
    let is_private = zone.config.as_ref().is_some_and(|config| config.private_zone);
    if let Some(set) = live.delegation_set.as_ref().filter(|_| !is_private) {
        return Ok(set.name_servers.clone());
    }
    let list = aws.route53().list_resource_record_sets().hosted_zone_id(bare(&zone.id));
    let list = list.start_record_name(&zone.name).start_record_type(RrType::Ns);
    let answer = list.send().await.operation("route53:ListResourceRecordSets")?;
    let is_own = |name: &str| names::plain(name) == names::plain(&zone.name);
    let record = answer.resource_record_sets.into_iter().find(|set| set.r#type == RrType::Ns && is_own(&set.name));
    let records = record.and_then(|record| record.resource_records).unwrap_or_default();
    Ok(records.into_iter().map(|record| names::plain(&record.value)).collect())
}

async fn with_tags(aws: &Aws, zones: Vec<Option<Zone>>) -> Result<Vec<Option<Zone>>, ProviderError> {
    let ids: Vec<&str> = zones.iter().flatten().map(|zone| zone.id.as_str()).collect();
    let mut tags = tags::read(aws, &ids).await?.into_iter();
    let mut tagged = |zone: Zone| Zone { tags_all: tags.next().unwrap_or_default(), ..zone };
    Ok(zones.into_iter().map(|zone| zone.map(&mut tagged)).collect())
}

/// All zones of a name.
pub async fn named(aws: &Aws, name: &str) -> Result<Vec<aws_sdk_route53::types::HostedZone>, ProviderError> {
    let wanted = names::plain(name);
    let (mut next_name, mut next_id) = (Some(wanted.clone()), None);
    let mut zones = Vec::new();
    loop {
        let list = aws.route53().list_hosted_zones_by_name();
        let list = list.set_dns_name(next_name.clone()).set_hosted_zone_id(next_id.clone());
        let page = list.send().await.operation("route53:ListHostedZonesByName")?;
        let is_past = page.hosted_zones.iter().any(|zone| names::plain(&zone.name) != wanted);
        zones.extend(page.hosted_zones.into_iter().filter(|zone| names::plain(&zone.name) == wanted));
        // Zones are answered in order, those of the name asked for first.
        if is_past || !page.is_truncated {
            return Ok(zones);
        }
        (next_name, next_id) = (page.next_dns_name, page.next_hosted_zone_id);
    }
}

async fn associate(aws: &Aws, zone: &str, vpc: &Vpc, patience: Duration) -> Result<(), ProviderError> {
    let made = in_turn(|| async {
        let associate = aws.route53().associate_vpc_with_hosted_zone().hosted_zone_id(zone).vpc(vpc.request(aws));
        associate.send().await.operation("route53:AssociateVPCWithHostedZone")
    })
    .await?;
    until_in_sync(aws, made.change_info, patience).await
}

async fn dissociate(aws: &Aws, zone: &str, vpc: &Vpc, patience: Duration) -> Result<(), ProviderError> {
    let made = in_turn(|| async {
        let leave = aws.route53().disassociate_vpc_from_hosted_zone().hosted_zone_id(zone).vpc(vpc.request(aws));
        leave.send().await.operation("route53:DisassociateVPCFromHostedZone")
    })
    .await?;
    until_in_sync(aws, made.change_info, patience).await
}

/// Deletes all records of a zone but the two that it is made with.
async fn empty(aws: &Aws, id: &str, name: &str, patience: Duration) -> Result<(), ProviderError> {
    let records = super::record::all(aws, id).await?;
    let is_own =
        |kind: &RrType, of: &str| matches!(kind, RrType::Ns | RrType::Soa) && names::plain(of) == names::plain(name);
    let changes: Vec<Change> = records
        .into_iter()
        .filter(|record| !is_own(&record.r#type, &record.name))
        .map(|record| {
            let change = Change::builder().action(ChangeAction::Delete).resource_record_set(record);
            change.build().expect("action and record are given")
        })
        .collect();
    for changes in changes.chunks(CHANGES_MAX) {
        let batch = ChangeBatch::builder().set_changes(Some(changes.to_vec())).build().expect("there are changes");
        let made = in_turn(|| async {
            let change = aws.route53().change_resource_record_sets().hosted_zone_id(id).change_batch(batch.clone());
            change.send().await.operation("route53:ChangeResourceRecordSets")
        })
        .await?;
        until_in_sync(aws, made.change_info, patience).await?;
    }
    Ok(())
}
