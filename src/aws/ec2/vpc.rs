//! `aws_vpc`: a virtual network.
//!
//! AWS makes a route table, a network ACL and a security group with it; their identifiers are read beside it.

pub mod data;
pub mod default;

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_ec2::types::{
    AttributeBooleanValue, ResourceType, RouteTable, Tenancy, Vpc as Live, VpcAttributeName, VpcCidrBlockStateCode,
};
use model::path::{Path, Step};
use model::value::Value;
use provider::Token;
use provider::error::{ErrorKind, ProviderError};
use provider::resource::{Creation, Readiness, Refine, Refusal, Resource, Tags};
use serde::{Deserialize, Serialize};

use crate::clients::Aws;
use crate::ec2::cidr::{self, Family};
use crate::ec2::{filter, given, tags};
use crate::failure::Operation;
use crate::retry;

/// How long what is in a network may need to be gone: there may be no reference to tell that it goes first.
const RELEASE: Duration = Duration::from_secs(300);

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Vpc {
    arn: String,
    assign_generated_ipv6_cidr_block: bool,
    cidr_block: String,
    default_network_acl_id: String,
    default_route_table_id: String,
    default_security_group_id: String,
    dhcp_options_id: String,
    enable_dns_hostnames: Option<bool>,
    enable_dns_support: Option<bool>,
    enable_network_address_usage_metrics: Option<bool>,
    id: String,
    instance_tenancy: String,
    ipv4_ipam_pool_id: Option<String>,
    ipv4_netmask_length: Option<i32>,
    ipv6_association_id: String,
    ipv6_cidr_block: String,
    ipv6_cidr_block_network_border_group: String,
    ipv6_ipam_pool_id: String,
    ipv6_netmask_length: i32,
    main_route_table_id: String,
    owner_id: String,
    tags: Tags,
    tags_all: Tags,
    #[serde(skip)]
    state: String,
}

/// The switches of a VPC, each behind a call of its own.
type Switch = (VpcAttributeName, fn(&Vpc) -> Option<bool>, bool);

/// With their defaults for a new VPC.
const SWITCHES: [Switch; 3] = [
    (VpcAttributeName::EnableDnsSupport, |vpc| vpc.enable_dns_support, true),
    (VpcAttributeName::EnableDnsHostnames, |vpc| vpc.enable_dns_hostnames, false),
    (VpcAttributeName::EnableNetworkAddressUsageMetrics, |vpc| vpc.enable_network_address_usage_metrics, false),
];

impl Resource for Vpc {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc";
    const READ_BATCH: usize = 100;

    fn id(&self) -> &str {
        &self.id
    }

    async fn create(aws: &Aws, want: &Self, creation: &Creation<'_, Self>) -> Result<Self, ProviderError> {
        let created = aws
            .ec2()
            .create_vpc()
            .set_cidr_block(given(&want.cidr_block))
            .set_instance_tenancy(given(&want.instance_tenancy).map(|tenancy| Tenancy::from(tenancy.as_str())))
            .amazon_provided_ipv6_cidr_block(want.assign_generated_ipv6_cidr_block)
            .set_ipv4_ipam_pool_id(want.ipv4_ipam_pool_id.clone())
            .set_ipv4_netmask_length(want.ipv4_netmask_length)
            .set_ipv6_cidr_block(given(&want.ipv6_cidr_block))
            .set_ipv6_cidr_block_network_border_group(given(&want.ipv6_cidr_block_network_border_group))
            .set_ipv6_ipam_pool_id(given(&want.ipv6_ipam_pool_id))
            .set_ipv6_netmask_length((want.ipv6_netmask_length != 0).then_some(want.ipv6_netmask_length))
            .tag_specifications(tags::of_new(ResourceType::Vpc, &want.tags_all, creation.token))
            .send()
            .await
            .operation("ec2:CreateVpc")?;
        let id = created.vpc.and_then(|vpc| vpc.vpc_id).unwrap_or_default();
        let vpc = Vpc { id, ..want.clone() };
        tags::settle_new(aws, creation, &vpc, &vpc.id).await?;
        for (name, wanted, default) in SWITCHES {
            if let Some(wanted) = wanted(want).filter(|wanted| *wanted != default) {
                switch(aws, &vpc.id, &name, wanted).await?;
            }
        }
        Ok(vpc)
    }

    async fn read(aws: &Aws, have: &[Self]) -> Result<Vec<Option<Self>>, ProviderError> {
        let live = describe(aws, filter("vpc-id", have.iter().map(|vpc| vpc.id.clone()))).await?;
        let ids: Vec<String> = live.iter().filter_map(|vpc| vpc.vpc_id.clone()).collect();
        if ids.is_empty() {
            return Ok(vec![None; have.len()]);
        }
        let (defaults, switches) = futures::try_join!(Defaults::of(aws, &ids), switches(aws, &ids))?;
        let find = |have: &Self| {
            let live = live.iter().find(|live| live.vpc_id.as_deref() == Some(&have.id))?;
            let mut vpc = have.with_live(aws, live.clone(), &defaults);
            let [support, hostnames, metrics] = switches.get(&vpc.id).copied().unwrap_or_default();
            vpc.enable_dns_support = Some(support);
            vpc.enable_dns_hostnames = Some(hostnames);
            vpc.enable_network_address_usage_metrics = Some(metrics);
            Some(vpc)
        };
        Ok(have.iter().map(find).collect())
    }

    async fn update(aws: &Aws, have: &Self, want: &Self) -> Result<(), ProviderError> {
        for (name, value, _) in SWITCHES {
            if let Some(wanted) = value(want).filter(|wanted| Some(*wanted) != value(have)) {
                switch(aws, &have.id, &name, wanted).await?;
            }
        }
        if have.instance_tenancy != want.instance_tenancy {
            let modify = aws.ec2().modify_vpc_tenancy().vpc_id(&have.id).instance_tenancy("default".into());
            modify.send().await.operation("ec2:ModifyVpcTenancy")?;
        }
        update_ipv6(aws, have, want).await?;
        tags::update(aws, &have.id, &have.tags_all, &want.tags_all).await
    }

    async fn delete(aws: &Aws, have: &Self) -> Result<(), ProviderError> {
        let is_in_use = |error: &ProviderError| error.kind == ErrorKind::Conflict;
        retry::while_passing(RELEASE, is_in_use, || async {
            aws.ec2().delete_vpc().vpc_id(&have.id).send().await.operation("ec2:DeleteVpc").map(drop)
        })
        .await
    }

    fn readiness(&self, _want: &Self) -> Readiness {
        if self.state == "available" { Readiness::Settled } else { Readiness::Pending(format!("state {}", self.state)) }
    }

    async fn find(aws: &Aws, want: &Self, token: &Token) -> Result<Option<Self>, ProviderError> {
        let Some(id) = describe(aws, tags::marked(token)).await?.pop().and_then(|live| live.vpc_id) else {
            return Ok(None);
        };
        tags::unmark(aws, &id).await?;
        Ok(Self::read(aws, &[Vpc { id, ..want.clone() }]).await?.pop().flatten())
    }

    fn import(id: &str) -> Result<Self, ProviderError> {
        Ok(Vpc { id: id.to_string(), ..Vpc::default() })
    }

    fn refine(refine: Refine<'_>) {
        // A tenancy of `default` can be set in place; any other needs a new VPC.
        let is_default =
            refine.planned.get("instance_tenancy").is_some_and(|tenancy| tenancy.reveal().as_str() == Some("default"));
        if is_default {
            refine.replace.retain(|path| path.steps.first() != Some(&Step::Attribute("instance_tenancy".into())));
        }
    }

    fn validate(config: &Value) -> Vec<Refusal> {
        let netmask = config.get("ipv4_netmask_length").filter(|length| !length.is_null());
        let pool = config.get("ipv4_ipam_pool_id");
        let alone = netmask.filter(|_| pool.is_some_and(|pool| pool.is_null())).map(|_| Refusal {
            attribute: Path::attribute("ipv4_netmask_length"),
            summary: "Missing required argument".into(),
            detail: "`ipv4_netmask_length` needs an `ipv4_ipam_pool_id`.".into(),
        });
        let v4 = cidr::check(config, "cidr_block", Family::V4(16..=28));
        let v6 = cidr::check(config, "ipv6_cidr_block", Family::V6(44..=60));
        [alone, v4, v6].into_iter().flatten().collect()
    }
}

impl Vpc {
    fn with_live(&self, aws: &Aws, live: Live, defaults: &Defaults) -> Vpc {
        let id = live.vpc_id.unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let ipv6 = live.ipv6_cidr_block_association_set.unwrap_or_default().into_iter().find(|association| {
            let state = association.ipv6_cidr_block_state.as_ref().and_then(|state| state.state.as_ref());
            matches!(state, Some(VpcCidrBlockStateCode::Associated | VpcCidrBlockStateCode::Associating))
        });
        let is_amazons = ipv6.as_ref().is_some_and(|ipv6| ipv6.ipv6_pool.as_deref() == Some("Amazon"));
        let named = |ids: &BTreeMap<String, String>| ids.get(&id).cloned().unwrap_or_default();
        let mut vpc = Vpc {
            arn: aws.ec2_arn("vpc", &owner_id, &id),
            assign_generated_ipv6_cidr_block: is_amazons,
            cidr_block: live.cidr_block.unwrap_or_default(),
            default_network_acl_id: named(&defaults.network_acls),
            default_route_table_id: named(&defaults.route_tables),
            default_security_group_id: named(&defaults.security_groups),
            dhcp_options_id: live.dhcp_options_id.unwrap_or_default(),
            instance_tenancy: live.instance_tenancy.map(|tenancy| tenancy.as_str().to_string()).unwrap_or_default(),
            ipv6_association_id: String::new(),
            ipv6_cidr_block: String::new(),
            ipv6_cidr_block_network_border_group: String::new(),
            main_route_table_id: named(&defaults.route_tables),
            owner_id,
            tags_all: tags::live(live.tags),
            state: live.state.map(|state| state.as_str().to_string()).unwrap_or_default(),
            ..self.clone()
        };
        if let Some(ipv6) = ipv6 {
            vpc.ipv6_association_id = ipv6.association_id.unwrap_or_default();
            vpc.ipv6_cidr_block = ipv6.ipv6_cidr_block.unwrap_or_default();
            vpc.ipv6_cidr_block_network_border_group = ipv6.network_border_group.unwrap_or_default();
        }
        vpc.id = id;
        vpc
    }
}

async fn describe(aws: &Aws, filter: aws_sdk_ec2::types::Filter) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_vpcs().filters(filter).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation("ec2:DescribeVpcs")
}

/// What AWS made with each VPC, by VPC: three calls for any number of them.
struct Defaults {
    network_acls: BTreeMap<String, String>,
    route_tables: BTreeMap<String, String>,
    security_groups: BTreeMap<String, String>,
}

impl Defaults {
    async fn of(aws: &Aws, vpcs: &[String]) -> Result<Defaults, ProviderError> {
        let of_vpcs = || filter("vpc-id", vpcs.iter().cloned());
        let acls = async {
            let pages = aws.ec2().describe_network_acls().filters(of_vpcs()).filters(filter("default", ["true"]));
            let pages = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
            pages.operation("ec2:DescribeNetworkAcls")
        };
        let tables = async {
            let pages =
                aws.ec2().describe_route_tables().filters(of_vpcs()).filters(filter("association.main", ["true"]));
            let pages = pages.into_paginator().items().send().collect::<Result<Vec<RouteTable>, _>>().await;
            pages.operation("ec2:DescribeRouteTables")
        };
        let groups = async {
            let pages =
                aws.ec2().describe_security_groups().filters(of_vpcs()).filters(filter("group-name", ["default"]));
            let pages = pages.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await;
            pages.operation("ec2:DescribeSecurityGroups")
        };
        let (acls, tables, groups) = futures::try_join!(acls, tables, groups)?;
        Ok(Defaults {
            network_acls: acls.into_iter().filter_map(|acl| Some((acl.vpc_id?, acl.network_acl_id?))).collect(),
            route_tables: tables.into_iter().filter_map(|table| Some((table.vpc_id?, table.route_table_id?))).collect(),
            security_groups: groups.into_iter().filter_map(|group| Some((group.vpc_id?, group.group_id?))).collect(),
        })
    }
}

/// The switches of each VPC in the order of [`SWITCHES`]. The API has no batch for them.
async fn switches(aws: &Aws, vpcs: &[String]) -> Result<BTreeMap<String, [bool; 3]>, ProviderError> {
    let reads = vpcs.iter().map(|vpc| async move {
        let read = async |name: VpcAttributeName| {
            let answer = aws.ec2().describe_vpc_attribute().vpc_id(vpc).attribute(name).send().await;
            let answer = answer.operation("ec2:DescribeVpcAttribute")?;
            let values =
                [answer.enable_dns_support, answer.enable_dns_hostnames, answer.enable_network_address_usage_metrics];
            Ok::<bool, ProviderError>(values.into_iter().flatten().any(|value| value.value.unwrap_or(false)))
        };
        let [support, hostnames, metrics] = SWITCHES.map(|(name, _, _)| name);
        let (support, hostnames, metrics) = futures::try_join!(read(support), read(hostnames), read(metrics))?;
        Ok::<_, ProviderError>((vpc.clone(), [support, hostnames, metrics]))
    });
    Ok(futures::future::try_join_all(reads).await?.into_iter().collect())
}

async fn switch(aws: &Aws, vpc: &str, name: &VpcAttributeName, value: bool) -> Result<(), ProviderError> {
    let value = AttributeBooleanValue::builder().value(value).build();
    let modify = aws.ec2().modify_vpc_attribute().vpc_id(vpc);
    let modify = match name {
        VpcAttributeName::EnableDnsSupport => modify.enable_dns_support(value),
        VpcAttributeName::EnableDnsHostnames => modify.enable_dns_hostnames(value),
        _ => modify.enable_network_address_usage_metrics(value),
    };
    modify.send().await.operation("ec2:ModifyVpcAttribute")?;
    Ok(())
}

/// Exchanges the IPv6 block: the old one is taken off before the new one is put on.
async fn update_ipv6(aws: &Aws, have: &Vpc, want: &Vpc) -> Result<(), ProviderError> {
    let is_same = have.assign_generated_ipv6_cidr_block == want.assign_generated_ipv6_cidr_block
        && (have.ipv6_cidr_block == want.ipv6_cidr_block || want.assign_generated_ipv6_cidr_block)
        && have.ipv6_ipam_pool_id == want.ipv6_ipam_pool_id;
    if is_same {
        return Ok(());
    }
    if let Some(association) = given(&have.ipv6_association_id) {
        let disassociate = aws.ec2().disassociate_vpc_cidr_block().association_id(association);
        disassociate.send().await.operation("ec2:DisassociateVpcCidrBlock")?;
    }
    let has_pool = !want.ipv6_ipam_pool_id.is_empty();
    if !want.assign_generated_ipv6_cidr_block && !has_pool {
        return Ok(());
    }
    let associate = aws.ec2().associate_vpc_cidr_block().vpc_id(&have.id);
    let associate = if has_pool {
        associate
            .ipv6_ipam_pool_id(&want.ipv6_ipam_pool_id)
            .set_ipv6_cidr_block(given(&want.ipv6_cidr_block))
            .set_ipv6_netmask_length((want.ipv6_netmask_length != 0).then_some(want.ipv6_netmask_length))
    } else {
        associate
            .amazon_provided_ipv6_cidr_block(true)
            .set_ipv6_cidr_block_network_border_group(given(&want.ipv6_cidr_block_network_border_group))
    };
    associate.send().await.operation("ec2:AssociateVpcCidrBlock")?;
    Ok(())
}
