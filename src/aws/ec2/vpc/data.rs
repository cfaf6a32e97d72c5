//! `data.aws_vpc` and `data.aws_vpcs`: networks by what they are.

use aws_sdk_ec2::types::{Filter, Vpc as Live};
use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use super::{Defaults, switches};
use crate::clients::Aws;
use crate::ec2::listed::{Kind, Listed};
use crate::ec2::{query, tags};
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "ec2:DescribeVpcs";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VpcData {
    arn: String,
    cidr_block: String,
    cidr_block_associations: Vec<Association>,
    default: bool,
    dhcp_options_id: String,
    enable_dns_hostnames: bool,
    enable_dns_support: bool,
    enable_network_address_usage_metrics: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    instance_tenancy: String,
    ipv6_association_id: String,
    ipv6_cidr_block: String,
    main_route_table_id: String,
    owner_id: String,
    /// As asked for.
    state: Option<String>,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Association {
    association_id: String,
    cidr_block: String,
    state: String,
}

impl DataSource for VpcData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_vpc";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let attributes = [
            ("cidr", want.cidr_block.as_str()),
            ("dhcp-options-id", want.dhcp_options_id.as_str()),
            // `false` can't be told from what is left out, and asks for nothing.
            ("isDefault", if want.default { "true" } else { "" }),
            ("state", want.state.as_deref().unwrap_or_default()),
        ];
        let filters = query::filters(attributes, &want.tags, &want.filter);
        let live = found::only_one(describe(aws, query::ids(&want.id), filters).await?, OPERATION, "a VPC")?;
        let ids = [live.vpc_id.clone().unwrap_or_default()];
        let (defaults, switches) = futures::try_join!(Defaults::of(aws, &ids), switches(aws, &ids))?;
        let [id] = ids;
        let [support, hostnames, metrics] = switches.get(&id).copied().unwrap_or_default();
        let owner_id = live.owner_id.unwrap_or_default();
        let association = |association: aws_sdk_ec2::types::VpcCidrBlockAssociation| Association {
            association_id: association.association_id.unwrap_or_default(),
            cidr_block: association.cidr_block.unwrap_or_default(),
            state: association
                .cidr_block_state
                .and_then(|state| state.state)
                .map(|state| state.as_str().to_string())
                .unwrap_or_default(),
        };
        let ipv6 = live.ipv6_cidr_block_association_set.unwrap_or_default().into_iter().next();
        Ok(VpcData {
            arn: aws.ec2_arn("vpc", &owner_id, &id),
            cidr_block: live.cidr_block.unwrap_or_default(),
            cidr_block_associations: live
                .cidr_block_association_set
                .unwrap_or_default()
                .into_iter()
                .map(association)
                .collect(),
            default: live.is_default.unwrap_or(false),
            dhcp_options_id: live.dhcp_options_id.unwrap_or_default(),
            enable_dns_hostnames: hostnames,
            enable_dns_support: support,
            enable_network_address_usage_metrics: metrics,
            instance_tenancy: live.instance_tenancy.map(|tenancy| tenancy.as_str().to_string()).unwrap_or_default(),
            ipv6_association_id: ipv6.as_ref().and_then(|ipv6| ipv6.association_id.clone()).unwrap_or_default(),
            ipv6_cidr_block: ipv6.and_then(|ipv6| ipv6.ipv6_cidr_block).unwrap_or_default(),
            main_route_table_id: defaults.route_tables.get(&id).cloned().unwrap_or_default(),
            owner_id,
            tags: shown(aws, tags::live(live.tags)),
            id,
            ..want.clone()
        })
    }
}

/// All networks that are as asked.
pub type VpcsData = Listed<Vpcs>;

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Vpcs {}

impl Kind for Vpcs {
    const TYPE: &'static str = "aws_vpcs";

    async fn ids(aws: &Aws, filters: Option<Vec<Filter>>) -> Result<Vec<String>, ProviderError> {
        let live = describe(aws, None, filters).await?;
        Ok(live.into_iter().filter_map(|live| live.vpc_id).collect())
    }
}

async fn describe(
    aws: &Aws,
    ids: Option<Vec<String>>,
    filters: Option<Vec<Filter>>,
) -> Result<Vec<Live>, ProviderError> {
    let pages = aws.ec2().describe_vpcs().set_vpc_ids(ids).set_filters(filters).into_paginator().items().send();
    pages.collect::<Result<Vec<_>, _>>().await.operation(OPERATION)
}
