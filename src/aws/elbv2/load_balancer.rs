//! `aws_lb`: an application, network or gateway load balancer.
//!
//! CreateLoadBalancer answers with a load balancer of the same name and settings that is there already, so `create` looks
//! first. Most arguments are attributes that are set by a call of its own right after the create; which ones there are
//! depends on the kind of load balancer.

pub mod data;
mod rules;
mod settings;

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types::{
    self as elb, CapacityReservationStateEnum, EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum, IpAddressType,
    LoadBalancer as Live, LoadBalancerSchemeEnum, LoadBalancerTypeEnum, RemoveIpamPoolEnum,
};
use futures::{StreamExt, TryStreamExt};
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refine, Refusal, Resource, Tags, Timeouts};
use serde::{Deserialize, Serialize};

use crate::batch;
use crate::clients::Aws;
use crate::elbv2::attributes::Attributes;
use crate::elbv2::{BATCH, behind, given, import_arn, tags, taken};
use crate::failure::Operation;
use crate::names;
use crate::retry;

/// How many objects' attributes are read at a time: all Describe calls of the service share one quota.
const CONCURRENT_READS: usize = 8;
/// What the names of load balancers that are given none begin with, as `hashicorp/aws` has it.
const PREFIX: &str = "tf-lb-";
/// A capacity can be reserved only once the load balancer is active, which takes some minutes.
const ACTIVATION: Duration = Duration::from_secs(600);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct LoadBalancer {
    access_logs: Vec<Logs>,
    arn: String,
    arn_suffix: String,
    client_keep_alive: Option<i32>,
    connection_logs: Vec<Logs>,
    customer_owned_ipv4_pool: String,
    desync_mitigation_mode: Option<String>,
    dns_name: String,
    dns_record_client_routing_policy: Option<String>,
    drop_invalid_header_fields: Option<bool>,
    enable_cross_zone_load_balancing: Option<bool>,
    enable_deletion_protection: Option<bool>,
    enable_http2: Option<bool>,
    enable_tls_version_and_cipher_suite_headers: Option<bool>,
    enable_waf_fail_open: Option<bool>,
    enable_xff_client_port: Option<bool>,
    enable_zonal_shift: Option<bool>,
    enforce_security_group_inbound_rules_on_private_link_traffic: String,
    id: String,
    idle_timeout: Option<i32>,
    internal: bool,
    ip_address_type: String,
    ipam_pools: Vec<IpamPools>,
    load_balancer_type: String,
    minimum_load_balancer_capacity: Vec<Capacity>,
    name: String,
    name_prefix: String,
    preserve_host_header: Option<bool>,
    security_groups: Vec<String>,
    subnet_mapping: Vec<SubnetMapping>,
    subnets: Vec<String>,
    tags: Tags,
    tags_all: Tags,
    timeouts: Option<WrittenTimeouts>,
    vpc_id: String,
    xff_header_processing_mode: Option<String>,
    zone_id: String,
    #[serde(skip)]
    state: State,
}

/// Where logs go. Without any attribute where the kind of load balancer has no such logs.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Logs {
    bucket: Option<String>,
    enabled: Option<bool>,
    prefix: Option<String>,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct IpamPools {
    ipv4_ipam_pool_id: String,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Capacity {
    capacity_units: i32,
}

#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct SubnetMapping {
    allocation_id: String,
    ipv6_address: String,
    outpost_id: String,
    private_ipv4_address: String,
    subnet_id: String,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct WrittenTimeouts {
    create: Option<String>,
    delete: Option<String>,
    update: Option<String>,
}

/// How the load balancer and its reserved capacity stand.
#[derive(Clone, Default)]
struct State {
    code: String,
    reason: String,
    capacity: Option<CapacityReservationStateEnum>,
    capacity_reason: String,
}

/// What the attributes depend on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum LoadBalancerKind {
    Application,
    Network,
    Gateway,
}

impl LoadBalancerKind {
    /// Of `load_balancer_type`; application where it is not given.
    fn of(load_balancer_type: &str) -> LoadBalancerKind {
        match load_balancer_type {
            "network" => LoadBalancerKind::Network,
            "gateway" => LoadBalancerKind::Gateway,
            _ => LoadBalancerKind::Application,
        }
    }
}

impl Resource for LoadBalancer {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_lb";
    const READ_BATCH: usize = BATCH;
    const TIMEOUTS: Timeouts = Timeouts::minutes(10, 10, 10);

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let name = want.name_of_new(creation.token);
        if named(aws, &name).await?.is_some() {
            return Err(taken("elasticloadbalancing:CreateLoadBalancer", &format!("a load balancer named `{name}`")));
        }
        let created = aws
            .elbv2()
            .create_load_balancer()
            .name(&name)
            .r#type(LoadBalancerTypeEnum::from(want.load_balancer_type.as_str()))
            .set_scheme(want.internal.then_some(LoadBalancerSchemeEnum::Internal))
            .set_ip_address_type(given(&want.ip_address_type).map(|kind| IpAddressType::from(kind.as_str())))
            .set_customer_owned_ipv4_pool(given(&want.customer_owned_ipv4_pool))
            .set_ipam_pools(want.ipam_pools())
            .set_security_groups(not_empty(&want.security_groups))
            .set_subnets(not_empty(&want.subnets))
            .set_subnet_mappings(want.subnet_mappings())
            .set_tags(tags::request(&want.tags_all))
            .send()
            .await
            .operation("elasticloadbalancing:CreateLoadBalancer")?;
        let arn = created
            .load_balancers
            .and_then(|mut created| created.pop())
            .and_then(|created| created.load_balancer_arn)
            .unwrap_or_default();
        let balancer = LoadBalancer { id: arn.clone(), arn: arn.clone(), name, ..want.clone() };
        let _durable = creation.born(&balancer).await;
        modify_attributes(aws, &arn, want.attributes().beyond(&settings::defaults(want.kind()))).await?;
        // New network load balancers enforce the rules.
        if want.enforce_security_group_inbound_rules_on_private_link_traffic == "off" {
            balancer.set_security_groups(aws).await?;
        }
        if let Some(capacity) = want.minimum_load_balancer_capacity.first() {
            let is_early = |error: &ProviderError| error.code.as_deref() == Some("InvalidConfigurationRequest");
            retry::while_passing(ACTIVATION, is_early, || reserve(aws, &arn, Some(capacity))).await?;
        }
        Ok(balancer)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let arns: Vec<String> = have.iter().map(|balancer| balancer.id.clone()).collect();
        let described = batch::known(&arns, |arns| async move {
            let answer = aws.elbv2().describe_load_balancers().set_load_balancer_arns(Some(arns)).send().await;
            let answer = answer.operation("elasticloadbalancing:DescribeLoadBalancers")?;
            Ok(answer.load_balancers.unwrap_or_default())
        });
        let live = described.await?;
        let found: Vec<String> = live.iter().filter_map(|live| live.load_balancer_arn.clone()).collect();
        let mut tags = tags::read(aws, &found).await?;
        let balancers = have.iter().map(|have| {
            let live = live.iter().find(|live| live.load_balancer_arn.as_deref() == Some(&have.id));
            let with_tags = live.map(|live| LoadBalancer {
                tags_all: tags.remove(&have.id).unwrap_or_default(),
                ..have.with_live(live.clone())
            });
            // While it is being made, only its state is of interest.
            let is_partial = with_tags.as_ref().is_some_and(|live| live.state.code == "provisioning");
            let is_known = !have.arn.is_empty();
            async move {
                match with_tags {
                    Some(balancer) if !(is_partial && is_known) => balancer.with_settings(aws, is_known).await,
                    other => Ok(other),
                }
            }
        });
        let balancers: Vec<_> = balancers.collect();
        futures::stream::iter(balancers).buffered(CONCURRENT_READS).try_collect().await
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        let elbv2 = aws.elbv2();
        modify_attributes(aws, &have.id, want.attributes().beyond(&have.attributes())).await?;
        let enforcement =
            |balancer: &Self| balancer.enforce_security_group_inbound_rules_on_private_link_traffic.clone();
        if have.security_groups != want.security_groups || enforcement(have) != enforcement(want) {
            LoadBalancer { id: have.id.clone(), ..want.clone() }.set_security_groups(aws).await?;
        }
        // Whichever of the two is not configured is the prior one here.
        let (subnets, mappings) = (have.subnets != want.subnets, have.subnet_mapping != want.subnet_mapping);
        if subnets || mappings {
            elbv2
                .set_subnets()
                .load_balancer_arn(&have.id)
                .set_subnets(Some(want.subnets.clone()).filter(|_| !mappings))
                .set_subnet_mappings(want.subnet_mappings().filter(|_| mappings))
                .send()
                .await
                .operation("elasticloadbalancing:SetSubnets")?;
        }
        if have.ip_address_type != want.ip_address_type && !want.ip_address_type.is_empty() {
            let kind = IpAddressType::from(want.ip_address_type.as_str());
            let call = elbv2.set_ip_address_type().load_balancer_arn(&have.id).ip_address_type(kind);
            call.send().await.operation("elasticloadbalancing:SetIpAddressType")?;
        }
        if have.ipam_pools != want.ipam_pools {
            let call = elbv2.modify_ip_pools().load_balancer_arn(&have.id).set_ipam_pools(want.ipam_pools());
            let removed = want.ipam_pools.is_empty().then(|| vec![RemoveIpamPoolEnum::Ipv4]);
            call.set_remove_ipam_pools(removed).send().await.operation("elasticloadbalancing:ModifyIpPools")?;
        }
        if have.minimum_load_balancer_capacity != want.minimum_load_balancer_capacity {
            reserve(aws, &have.id, want.minimum_load_balancer_capacity.first()).await?;
        }
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let call = aws.elbv2().delete_load_balancer().load_balancer_arn(&have.id);
        match call.send().await.operation("elasticloadbalancing:DeleteLoadBalancer") {
            Err(error) if error.code.as_deref() == Some("OperationNotPermitted") => Err(error.hint(
                "if it is protected, set `enable_deletion_protection = false` and apply that before deleting it",
            )),
            ended => ended.map(drop),
        }
    }

    fn readiness(&self, want: &Self) -> Readiness {
        match self.state.code.as_str() {
            "active" | "active_impaired" => {}
            "failed" => return Readiness::Failed(format!("the load balancer failed: {}", self.state.reason)),
            code => return Readiness::Pending(format!("state {code}")),
        }
        if want.minimum_load_balancer_capacity.is_empty() {
            return Readiness::Settled;
        }
        match &self.state.capacity {
            None | Some(CapacityReservationStateEnum::Provisioned) => Readiness::Settled,
            Some(CapacityReservationStateEnum::Failed) => {
                Readiness::Failed(format!("the capacity could not be reserved: {}", self.state.capacity_reason))
            }
            Some(state) => Readiness::Pending(format!("capacity {}", state.as_str())),
        }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let name = want.name_of_new(token);
        let Some(live) = named(aws, &name).await? else { return Ok(None) };
        let created = live.created_time.map(|at| at.secs());
        if created.is_some_and(|created| created < token.at.as_second() - 60) {
            let what = format!("a load balancer named `{name}` that is older than this create");
            return Err(taken("elasticloadbalancing:CreateLoadBalancer", &what));
        }
        let id = live.load_balancer_arn.unwrap_or_default();
        let found = LoadBalancer { id: id.clone(), arn: id, ..want.clone() };
        Ok(LoadBalancer::read(aws, &[found]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(LoadBalancer { id: import_arn(Self::TYPE, ":loadbalancer/", id)?, ..LoadBalancer::default() })
    }

    fn refine(refine: Refine<'_>) {
        rules::refine(refine);
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        rules::validate(config)
    }
}

/// The load balancer of a name.
async fn named(aws: &Aws, name: &str) -> Result<Option<Live>, ProviderError> {
    let answer = aws.elbv2().describe_load_balancers().names(name).send().await;
    match answer.operation("elasticloadbalancing:DescribeLoadBalancers") {
        Ok(answer) => Ok(answer.load_balancers.and_then(|mut live| live.pop())),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

async fn modify_attributes(aws: &Aws, arn: &str, attributes: Attributes) -> Result<(), ProviderError> {
    if attributes.is_empty() {
        return Ok(());
    }
    let attribute = |(key, value)| elb::LoadBalancerAttribute::builder().key(key).value(value).build();
    let attributes = attributes.pairs().map(attribute).collect();
    let call = aws.elbv2().modify_load_balancer_attributes().load_balancer_arn(arn).set_attributes(Some(attributes));
    call.send().await.operation("elasticloadbalancing:ModifyLoadBalancerAttributes")?;
    Ok(())
}

/// Reserves a capacity, or gives the reservation up.
async fn reserve(aws: &Aws, arn: &str, capacity: Option<&Capacity>) -> Result<(), ProviderError> {
    let wanted = capacity
        .map(|wanted| elb::MinimumLoadBalancerCapacity::builder().capacity_units(wanted.capacity_units).build());
    let call = aws.elbv2().modify_capacity_reservation().load_balancer_arn(arn);
    let call = call.set_reset_capacity_reservation(wanted.is_none().then_some(true));
    let call = call.set_minimum_load_balancer_capacity(wanted);
    call.send().await.operation("elasticloadbalancing:ModifyCapacityReservation")?;
    Ok(())
}

impl LoadBalancer {
    fn kind(&self) -> LoadBalancerKind {
        LoadBalancerKind::of(&self.load_balancer_type)
    }

    /// The given name, or one made up from the prefix.
    fn name_of_new(&self, token: &Token) -> String {
        match (given(&self.name), given(&self.name_prefix)) {
            (Some(name), _) => name,
            (None, prefix) => names::unique(prefix.as_deref().unwrap_or(PREFIX), token),
        }
    }

    fn ipam_pools(&self) -> Option<elb::IpamPools> {
        let pools = self.ipam_pools.first()?;
        Some(elb::IpamPools::builder().ipv4_ipam_pool_id(&pools.ipv4_ipam_pool_id).build())
    }

    fn subnet_mappings(&self) -> Option<Vec<elb::SubnetMapping>> {
        let mapping = |mapping: &SubnetMapping| {
            elb::SubnetMapping::builder()
                .subnet_id(&mapping.subnet_id)
                .set_allocation_id(given(&mapping.allocation_id))
                .set_ipv6_address(given(&mapping.ipv6_address))
                .set_private_ipv4_address(given(&mapping.private_ipv4_address))
                .build()
        };
        not_empty(&self.subnet_mapping).map(|mappings| mappings.iter().map(mapping).collect())
    }

    async fn set_security_groups(&self, aws: &Aws) -> Result<(), ProviderError> {
        let enforcement = given(&self.enforce_security_group_inbound_rules_on_private_link_traffic)
            .filter(|_| self.kind() == LoadBalancerKind::Network)
            .map(|text| EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum::from(text.as_str()));
        aws.elbv2()
            .set_security_groups()
            .load_balancer_arn(&self.id)
            .set_security_groups(Some(self.security_groups.clone()))
            .set_enforce_security_group_inbound_rules_on_private_link_traffic(enforcement)
            .send()
            .await
            .operation("elasticloadbalancing:SetSecurityGroups")?;
        Ok(())
    }

    /// With what DescribeLoadBalancers says; all else stays as it is.
    fn with_live(&self, live: Live) -> LoadBalancer {
        let arn = live.load_balancer_arn.unwrap_or_default();
        let name = live.load_balancer_name.unwrap_or_default();
        let zones = live.availability_zones.unwrap_or_default();
        let state = live.state.map(|state| State {
            code: state.code.map(|code| code.as_str().to_string()).unwrap_or_default(),
            reason: state.reason.unwrap_or_default(),
            ..State::default()
        });
        LoadBalancer {
            arn_suffix: behind(&arn, ":loadbalancer/"),
            id: arn.clone(),
            arn,
            customer_owned_ipv4_pool: live.customer_owned_ipv4_pool.unwrap_or_default(),
            dns_name: live.dns_name.unwrap_or_default(),
            enforce_security_group_inbound_rules_on_private_link_traffic: live
                .enforce_security_group_inbound_rules_on_private_link_traffic
                .unwrap_or_default(),
            internal: live.scheme == Some(LoadBalancerSchemeEnum::Internal),
            ip_address_type: live.ip_address_type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            ipam_pools: live
                .ipam_pools
                .and_then(|pools| pools.ipv4_ipam_pool_id)
                .map(|ipv4_ipam_pool_id| IpamPools { ipv4_ipam_pool_id })
                .into_iter()
                .collect(),
            load_balancer_type: live.r#type.map(|kind| kind.as_str().to_string()).unwrap_or_default(),
            name_prefix: names::prefix_of(&name).unwrap_or_default().to_string(),
            name,
            security_groups: live.security_groups.unwrap_or_default(),
            subnets: zones.iter().filter_map(|zone| zone.subnet_id.clone()).collect(),
            subnet_mapping: zones.into_iter().map(SubnetMapping::from).collect(),
            vpc_id: live.vpc_id.unwrap_or_default(),
            zone_id: live.canonical_hosted_zone_id.unwrap_or_default(),
            state: state.unwrap_or_default(),
            ..self.clone()
        }
    }

    /// With its attributes and reserved capacity; `None` when it went away in the meantime.
    ///
    /// Not every region has every attribute: of those that are missing, what is known stays; defaults where nothing is.
    async fn with_settings(mut self, aws: &Aws, is_known: bool) -> Result<Option<LoadBalancer>, ProviderError> {
        let answer = aws.elbv2().describe_load_balancer_attributes().load_balancer_arn(&self.id).send().await;
        let live = match answer.operation("elasticloadbalancing:DescribeLoadBalancerAttributes") {
            Ok(answer) => answer.attributes.unwrap_or_default(),
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let live = Attributes::live(live.into_iter().map(|attribute| (attribute.key, attribute.value)));
        let defaults = if is_known { Attributes::default() } else { settings::defaults(self.kind()) };
        self.set_attributes(&live.or(defaults));
        if self.kind() == LoadBalancerKind::Gateway {
            return Ok(Some(self));
        }
        let answer = aws.elbv2().describe_capacity_reservation().load_balancer_arn(&self.id).send().await;
        let reservation = match answer.operation("elasticloadbalancing:DescribeCapacityReservation") {
            Ok(answer) => answer,
            Err(error) if error.is_not_found() => return Ok(None),
            // Reservations are not everywhere, and few who use none allow their roles to look for them.
            Err(error) if error.kind == ErrorKind::Denied || error.code.as_deref() == Some("InvalidAction") => {
                return Ok(Some(LoadBalancer { minimum_load_balancer_capacity: Vec::new(), ..self }));
            }
            Err(error) => return Err(error),
        };
        let units = reservation.minimum_load_balancer_capacity.and_then(|capacity| capacity.capacity_units);
        self.minimum_load_balancer_capacity =
            units.map(|capacity_units| Capacity { capacity_units }).into_iter().collect();
        let zones = reservation.capacity_reservation_state.unwrap_or_default();
        for state in zones.into_iter().filter_map(|zone| zone.state) {
            if self.state.capacity.is_none() || state.code != Some(CapacityReservationStateEnum::Provisioned) {
                self.state.capacity = state.code;
                self.state.capacity_reason = state.reason.unwrap_or_default();
            }
        }
        Ok(Some(self))
    }
}

impl From<elb::AvailabilityZone> for SubnetMapping {
    fn from(zone: elb::AvailabilityZone) -> SubnetMapping {
        let address = zone.load_balancer_addresses.unwrap_or_default().into_iter().next();
        let mut mapping = SubnetMapping {
            outpost_id: zone.outpost_id.unwrap_or_default(),
            subnet_id: zone.subnet_id.unwrap_or_default(),
            ..SubnetMapping::default()
        };
        if let Some(address) = address {
            mapping.allocation_id = address.allocation_id.unwrap_or_default();
            mapping.ipv6_address = address.ipv6_address.unwrap_or_default();
            mapping.private_ipv4_address = address.private_ipv4_address.unwrap_or_default();
        }
        mapping
    }
}

fn not_empty<T: Clone>(items: &[T]) -> Option<Vec<T>> {
    (!items.is_empty()).then(|| items.to_vec())
}
