//! `data.aws_eip` and `data.aws_eips`: public addresses of the account by what they are.

use aws_sdk_ec2::types::{Address as Live, Filter};
use provider::data_source::DataSource;
use provider::error::ProviderError;
use provider::resource::Tags;
use serde::{Deserialize, Serialize};

use super::Eip;
use crate::clients::Aws;
use crate::ec2::query;
use crate::failure::Operation;
use crate::found;
use crate::tags::shown;

const OPERATION: &str = "ec2:DescribeAddresses";

#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EipData {
    arn: String,
    association_id: String,
    carrier_ip: String,
    customer_owned_ip: String,
    customer_owned_ipv4_pool: String,
    domain: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    instance_id: String,
    ipam_pool_id: Option<String>,
    network_interface_id: String,
    network_interface_owner_id: String,
    /// Null where it is of no interface.
    private_dns: Option<String>,
    private_ip: String,
    ptr_record: String,
    public_dns: String,
    public_ip: String,
    public_ipv4_pool: String,
    tags: Tags,
    timeouts: Option<found::Timeouts>,
}

impl DataSource for EipData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_eip";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let filters = query::filters([], &want.tags, &want.filter);
        let found = describe(aws, query::ids(&want.id), query::ids(&want.public_ip), filters).await?;
        let live = found::only_one(found, OPERATION, "an address")?;
        let network_interface_owner_id = live.network_interface_owner_id.clone().unwrap_or_default();
        let address = Eip::default().with_live(aws, aws.account().await?, live);
        Ok(EipData {
            arn: address.arn,
            association_id: address.association_id,
            carrier_ip: address.carrier_ip,
            customer_owned_ip: address.customer_owned_ip,
            customer_owned_ipv4_pool: address.customer_owned_ipv4_pool,
            domain: address.domain,
            id: address.id,
            instance_id: address.instance,
            network_interface_id: address.network_interface,
            network_interface_owner_id,
            private_dns: address.private_dns,
            private_ip: address.private_ip,
            ptr_record: address.ptr_record,
            public_dns: address.public_dns,
            public_ip: address.public_ip,
            public_ipv4_pool: address.public_ipv4_pool,
            tags: shown(aws, address.tags_all),
            ..want.clone()
        })
    }
}

/// All addresses that are as asked; the lists are in the same order.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EipsData {
    allocation_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    filter: Vec<query::Written>,
    id: String,
    public_ips: Vec<String>,
    /// As asked for.
    #[serde(skip_serializing_if = "Tags::is_empty")]
    tags: Tags,
    timeouts: Option<found::Timeouts>,
}

impl DataSource for EipsData {
    type Cloud = Aws;

    const TYPE: &'static str = "aws_eips";

    async fn read(aws: &Aws, want: &Self) -> Result<Self, ProviderError> {
        let live = describe(aws, None, None, query::filters([], &want.tags, &want.filter)).await?;
        Ok(EipsData {
            allocation_ids: live.iter().map(|live| live.allocation_id.clone().unwrap_or_default()).collect(),
            id: aws.region().to_string(),
            public_ips: live.iter().map(|live| live.public_ip.clone().unwrap_or_default()).collect(),
            ..want.clone()
        })
    }
}

async fn describe(
    aws: &Aws,
    ids: Option<Vec<String>>,
    addresses: Option<Vec<String>>,
    filters: Option<Vec<Filter>>,
) -> Result<Vec<Live>, ProviderError> {
    let call = aws.ec2().describe_addresses().set_allocation_ids(ids).set_public_ips(addresses).set_filters(filters);
    Ok(call.send().await.operation(OPERATION)?.addresses.unwrap_or_default())
}
